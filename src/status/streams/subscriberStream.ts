import { gapReasonOf, parseCursor } from './cursor.ts';
import type { Entry, History } from './history.ts';
import type { Moved } from './moved.ts';
import type { EventKind, Gap, GapReason, PollTarget, StatusEvent } from '../types.ts';

/** End of a watch. Subscribers receive the error, if any. */
export interface Ending {
  readonly error?: Error;
}

/** The part of a watch that its subscribers read. */
export interface Watched<State> {
  readonly kind: PollTarget['kind'];
  readonly history: History<State>;
  /** The current state is known: it was polled since polling started. */
  readonly isKnown: () => boolean;
  readonly ending: () => Ending | undefined;
  /** The states that a new subscriber receives. */
  readonly snapshotOf: (entries: readonly Entry<State>[], since: string | null) => readonly Entry<State>[];
  /** STALE while polls fail, then FRESH. Undefined while none has failed. */
  readonly notice: () => StatusEvent<State> | undefined;
  /** The event of a snapshot without states. Undefined where there is always one. */
  readonly emptySnapshot: (() => StatusEvent<State>) | undefined;
}

/** Where a subscriber begins. */
export interface StreamStart {
  readonly after?: string | null | undefined;
  readonly since?: string | null | undefined;
  readonly withFreshness?: boolean;
}

/** Skipped changes of a subject: the status emitted before them, and whether the subscriber misses them. */
interface Skipped {
  readonly emittedStatus: string | null;
  readonly isGap: boolean;
}

type Result<State> = IteratorResult<StatusEvent<State>, undefined>;

interface PendingNext<State> {
  readonly resolve: (result: Result<State>) => void;
  readonly reject: (error: Error) => void;
}

/** Events as they differ from the history's, each made once however many subscribers receive it. */
const variants = new WeakMap<object, Map<string, object>>();

function variantOf<Event extends StatusEvent<unknown>>(
  event: Event,
  kind: EventKind,
  previousStatus: string | null,
  gap: Gap | null,
): Event {
  if (kind === event.kind && previousStatus === event.previousStatus && gap === event.gap) return event;
  const key = JSON.stringify([kind, previousStatus, gap?.reason]);
  const known = variants.get(event) ?? new Map<string, object>();
  const variant = (known.get(key) as Event | undefined) ?? { ...event, kind, previousStatus, gap };
  variants.set(event, known.set(key, variant));
  return variant;
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };
const none: readonly never[] = [];

/**
 * One subscriber's stream: a reader of a history. It holds no queue, only the position up to which it has read. A slow reader
 * gets the latest state of each subject; a reader that resumes gets every kept change since its cursor. A class, because there
 * are thousands of streams and closures would be most of the memory of each.
 */
export class SubscriberStream<State extends { readonly status: string }> implements AsyncIterator<
  StatusEvent<State>,
  undefined
> {
  readonly #watched: Watched<State>;
  /** The sequence up to which everything was read. Null until the snapshot is taken. */
  #position: number | null = null;
  /** Up to here, changes are emitted one by one. */
  #replayUntil = 0;
  /** States of the snapshot still to be emitted. */
  #snapshot: readonly Entry<State>[] = none;
  #gap: GapReason | null = null;
  readonly #since: string | null;
  /** True until the snapshot, or all missed changes, have been emitted. */
  #isCatchingUp = true;
  readonly #withFreshness: boolean;
  #hasSentStale = false;
  /** Changes skipped since the last event, by subject. */
  #skipped: Map<string, Skipped> | undefined;
  /** Subjects whose end it received from the former history. */
  #ended: ReadonlySet<string> | undefined;
  /** Unanswered calls of next(). */
  #pending: PendingNext<State>[] | undefined;
  #onLeave: (() => void) | undefined;

  /** @param onLeave - called once, when the subscriber has left or has read everything */
  constructor(
    watched: Watched<State>,
    { after = null, since = null, withFreshness = false }: StreamStart,
    onLeave: () => void,
  ) {
    this.#watched = watched;
    this.#since = since;
    this.#withFreshness = withFreshness;
    this.#onLeave = onLeave;
    if (after !== null) {
      const { history } = watched;
      const from = parseCursor(after);
      if (from?.epoch === history.epoch && from.sequence <= history.sequence()) {
        this.#position = from.sequence;
        this.#replayUntil = history.sequence();
        this.#isCatchingUp = from.sequence < this.#replayUntil;
      } else this.#gap = gapReasonOf(after, history.epoch);
    }
    this.#takeSnapshotOnceKnown();
  }

  /** Called when there may be something to read, or when the watch has ended. */
  wake(): void {
    this.#takeSnapshotOnceKnown();
    while (this.#pending !== undefined) {
      const [first, ...rest] = this.#pending;
      if (first === undefined) return;
      try {
        const result = this.#tryNext();
        if (result === undefined) return;
        this.#pending = rest.length > 0 ? rest : undefined;
        first.resolve(result);
      } catch (error) {
        this.#pending = rest.length > 0 ? rest : undefined;
        first.reject(error as Error);
      }
    }
  }

  /** Continues in a replaced history. The differing states follow, as after a gap. */
  moved({ differing, ended, endedAt }: Moved<State>): void {
    if (this.#position === null) return;
    const { history } = this.#watched;
    const hasReadAll = this.#position === endedAt && this.#snapshot.length === 0;
    this.#snapshot = this.#withoutEnded(hasReadAll ? differing : history.latest());
    if (hasReadAll && ended.size > 0) this.#ended = new Set([...(this.#ended ?? none), ...ended]);
    this.#position = history.sequence();
    this.#replayUntil = 0;
    this.#skipped = undefined;
    if (this.#snapshot.length === 0) return;
    this.#gap = 'FAILOVER';
    this.#isCatchingUp = true;
  }

  next(): Promise<Result<State>> {
    return new Promise((resolve, reject) => {
      this.#pending = [...(this.#pending ?? none), { resolve, reject }];
      this.wake();
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#leave();
    this.wake();
    return Promise.resolve(done);
  }

  /** Takes the current state of all subjects that changed since the position. */
  #takeSnapshot(): void {
    const from = this.#position ?? 0;
    const { history, snapshotOf } = this.#watched;
    const entries = this.#withoutEnded(history.latest()).filter(({ event }) => event.sequence > from);
    this.#snapshot = this.#gap === null ? snapshotOf(entries, this.#since) : entries;
    this.#position = history.sequence();
    this.#replayUntil = 0;
    this.#isCatchingUp = true;
  }

  #withoutEnded(entries: readonly Entry<State>[]): readonly Entry<State>[] {
    const ended = this.#ended;
    return ended === undefined ? entries : entries.filter(({ subject }) => !ended.has(subject));
  }

  #takeSnapshotOnceKnown(): void {
    if (this.#position === null && this.#watched.isKnown()) this.#takeSnapshot();
  }

  #skip(subject: string, leftOut: Skipped): void {
    this.#skipped ??= new Map();
    if (!this.#skipped.has(subject)) this.#skipped.set(subject, leftOut);
  }

  #emit({ subject, event }: Entry<State>, previous: string | null): StatusEvent<State> {
    const leftOut = this.#skipped?.get(subject);
    if (leftOut !== undefined) this.#skipped?.delete(subject);
    if (this.#skipped?.size === 0) this.#skipped = undefined;
    const previousStatus = leftOut === undefined ? previous : leftOut.emittedStatus;
    const reason = this.#gap ?? (leftOut?.isGap === true ? 'OVERFLOW' : null);
    const { kind: watched, notice } = this.#watched;
    if (notice()?.kind !== 'STALE') this.#hasSentStale = false;
    return variantOf(event, this.#nextKind(), previousStatus, reason && { reason, watched });
  }

  /** The kind of the event that is being emitted. */
  #nextKind(): EventKind {
    if (!this.#isCatchingUp) return 'CHANGE';
    const isLast = this.#snapshot.length === 0 && (this.#position ?? 0) >= this.#replayUntil;
    this.#isCatchingUp = !isLast;
    return isLast ? 'SNAPSHOT_END' : 'SNAPSHOT';
  }

  #isSuperseded({ subject, event }: Entry<State>): boolean {
    return (this.#watched.history.latestOf(subject)?.sequence ?? 0) > event.sequence;
  }

  #readSnapshot(): StatusEvent<State> | undefined {
    for (;;) {
      const [entry] = this.#snapshot;
      if (entry === undefined) return undefined;
      this.#snapshot = this.#snapshot.length === 1 ? none : this.#snapshot.slice(1);
      if (this.#isSuperseded(entry)) {
        this.#skip(entry.subject, { emittedStatus: null, isGap: this.#gap !== null });
        continue;
      }
      const event = this.#emit(entry, null);
      if (this.#snapshot.length === 0) this.#gap = null;
      return event;
    }
  }

  #read(): StatusEvent<State> | undefined {
    const { history } = this.#watched;
    this.#takeSnapshotOnceKnown();
    const first = this.#readSnapshot();
    if (first !== undefined) return first;
    while (this.#position !== null && this.#position < history.sequence()) {
      const entry = history.at(this.#position + 1);
      if (entry === undefined) {
        // Too slow for the kept history: start over with a snapshot.
        this.#gap = 'OVERFLOW';
        this.#takeSnapshot();
        const present = this.#readSnapshot();
        if (present !== undefined) return present;
        continue;
      }
      this.#position += 1;
      if (this.#ended?.has(entry.subject) === true) continue;
      if (this.#position <= this.#replayUntil || !this.#isSuperseded(entry)) {
        const event = this.#emit(entry, entry.event.previousStatus);
        this.#gap = null;
        return event;
      }
      this.#skip(entry.subject, { emittedStatus: entry.event.previousStatus, isGap: true });
    }
    return undefined;
  }

  /** The end of an empty snapshot. Emitted only to subscribers that asked for freshness: others would take it for a change. */
  #readEmptySnapshot(): StatusEvent<State> | undefined {
    const { kind: watched, emptySnapshot, notice } = this.#watched;
    if (emptySnapshot === undefined || !this.#withFreshness || !this.#isCatchingUp || this.#position === null)
      return undefined;
    const gap = this.#gap && { reason: this.#gap, watched };
    this.#isCatchingUp = false;
    this.#gap = null;
    if (notice()?.kind !== 'STALE') this.#hasSentStale = false;
    return { ...emptySnapshot(), gap };
  }

  #readNotice(): StatusEvent<State> | undefined {
    const notice = this.#withFreshness ? this.#watched.notice() : undefined;
    if (notice === undefined || (notice.kind === 'STALE') === this.#hasSentStale) return undefined;
    this.#hasSentStale = !this.#hasSentStale;
    return notice;
  }

  #leave(): void {
    const left = this.#onLeave;
    this.#onLeave = undefined;
    this.#snapshot = none;
    left?.();
  }

  /** The result of next(), or undefined while there is none. */
  #tryNext(): Result<State> | undefined {
    if (this.#onLeave === undefined) return done;
    const value = this.#read() ?? this.#readEmptySnapshot() ?? this.#readNotice();
    if (value !== undefined) return { done: false, value };
    const ending = this.#watched.ending();
    if (ending === undefined) return undefined;
    this.#leave();
    if (ending.error !== undefined) throw ending.error;
    return done;
  }
}
