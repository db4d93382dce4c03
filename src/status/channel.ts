import { parseCursor } from './cursor.ts';
import type { Entry, History } from './history.ts';
import type { StatusEvent } from './watches.ts';

/** How a watch ended: with an error that its subscribers are given, or well. */
export interface Ending {
  readonly error?: Error;
}

/** What a channel reads of its watch. */
export interface Watched<State> {
  readonly history: History<State>;
  /** Whether its present state is known, and no older than the last look. */
  readonly isKnown: () => boolean;
  readonly ending: () => Ending | undefined;
  /** Whether a subject's present state is told to who has just come. */
  readonly isToldFirst: (event: StatusEvent<State>) => boolean;
}

/** A reader that left out changes of a subject: the status told before them, and whether the subscriber misses them. */
interface LeftOut {
  readonly told: string | null;
  readonly isGap: boolean;
}

type Result<State> = IteratorResult<StatusEvent<State>, undefined>;

interface Waiting<State> {
  readonly resolve: (result: Result<State>) => void;
  readonly reject: (error: Error) => void;
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };
const none: readonly never[] = [];

/**
 * One subscriber's stream: a reader of a history. It holds no queue, only the place up to which it has read: whoever reads
 * slowly finds the latest state of each subject, and whoever resumes finds every change since its cursor that the history has
 * kept. There are thousands of them, so it is a class: functions of their own would be most of what each weighs.
 */
export class Channel<State extends { readonly status: string }> implements AsyncIterator<
  StatusEvent<State>,
  undefined
> {
  readonly #watched: Watched<State>;
  /** The sequence up to which everything was read; null while the present state is to be told first. */
  #place: number | null = null;
  /** Up to here, changes are told one by one. */
  #toldSinglyUntil = 0;
  /** Present states that are still to be told. */
  #present: readonly Entry<State>[] = none;
  #hasGap = false;
  /** Of the subjects whose changes were left out since they were told last. */
  #leftOut: Map<string, LeftOut> | undefined;
  /** Calls of next() that are not answered yet. */
  #waiting: Waiting<State>[] | undefined;
  #left: (() => void) | undefined;

  /** @param left - called once, when the subscriber has gone or has read everything */
  constructor(watched: Watched<State>, after: string | null | undefined, left: () => void) {
    this.#watched = watched;
    this.#left = left;
    if (after !== null && after !== undefined) {
      const { history } = watched;
      const from = parseCursor(after);
      if (from?.epoch === history.epoch && from.sequence > 0 && from.sequence <= history.sequence()) {
        this.#place = from.sequence;
        this.#toldSinglyUntil = history.sequence();
      } else this.#hasGap = true;
    }
    this.#beginOnceKnown();
  }

  /** There may be something new to read, or the watch has ended. */
  wake(): void {
    this.#beginOnceKnown();
    while (this.#waiting !== undefined) {
      const [first, ...rest] = this.#waiting;
      if (first === undefined) return;
      try {
        const result = this.#attempt();
        if (result === undefined) return;
        this.#waiting = rest.length > 0 ? rest : undefined;
        first.resolve(result);
      } catch (error) {
        this.#waiting = rest.length > 0 ? rest : undefined;
        first.reject(error as Error);
      }
    }
  }

  next(): Promise<Result<State>> {
    return new Promise((resolve, reject) => {
      this.#waiting = [...(this.#waiting ?? none), { resolve, reject }];
      this.wake();
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#goAway();
    this.wake();
    return Promise.resolve(done);
  }

  /** Puts the present state before the reader: of all subjects that it is to know, which have changed since its place. */
  #begin(): void {
    const from = this.#place ?? 0;
    const { history, isToldFirst } = this.#watched;
    this.#present = history
      .latest()
      .filter(({ event }) => event.sequence > from && (this.#hasGap || isToldFirst(event)));
    this.#place = history.sequence();
    this.#toldSinglyUntil = 0;
  }

  #beginOnceKnown(): void {
    if (this.#place === null && this.#watched.isKnown()) this.#begin();
  }

  #leaveOut(subject: string, leftOut: LeftOut): void {
    this.#leftOut ??= new Map();
    if (!this.#leftOut.has(subject)) this.#leftOut.set(subject, leftOut);
  }

  #tell({ subject, event }: Entry<State>, told: string | null): StatusEvent<State> {
    const leftOut = this.#leftOut?.get(subject);
    if (leftOut !== undefined) this.#leftOut?.delete(subject);
    if (this.#leftOut?.size === 0) this.#leftOut = undefined;
    const previousStatus = leftOut === undefined ? told : leftOut.told;
    const hasGap = this.#hasGap || leftOut?.isGap === true;
    return !hasGap && previousStatus === event.previousStatus ? event : { ...event, previousStatus, hasGap };
  }

  #isSuperseded({ subject, event }: Entry<State>): boolean {
    return (this.#watched.history.latestOf(subject)?.sequence ?? 0) > event.sequence;
  }

  #readPresent(): StatusEvent<State> | undefined {
    for (;;) {
      const [entry] = this.#present;
      if (entry === undefined) return undefined;
      this.#present = this.#present.length === 1 ? none : this.#present.slice(1);
      if (this.#isSuperseded(entry)) {
        this.#leaveOut(entry.subject, { told: null, isGap: this.#hasGap });
        continue;
      }
      const event = this.#tell(entry, null);
      if (this.#present.length === 0) this.#hasGap = false;
      return event;
    }
  }

  #read(): StatusEvent<State> | undefined {
    const { history } = this.#watched;
    this.#beginOnceKnown();
    const first = this.#readPresent();
    if (first !== undefined) return first;
    while (this.#place !== null && this.#place < history.sequence()) {
      const entry = history.at(this.#place + 1);
      if (entry === undefined) {
        // Too slow for what the history keeps: begin again with the present.
        this.#hasGap = true;
        this.#begin();
        const present = this.#readPresent();
        if (present !== undefined) return present;
        continue;
      }
      this.#place += 1;
      if (this.#place <= this.#toldSinglyUntil || !this.#isSuperseded(entry)) {
        const event = this.#tell(entry, entry.event.previousStatus);
        this.#hasGap = false;
        return event;
      }
      this.#leaveOut(entry.subject, { told: entry.event.previousStatus, isGap: true });
    }
    return undefined;
  }

  #goAway(): void {
    const left = this.#left;
    this.#left = undefined;
    this.#present = none;
    left?.();
  }

  /** What next() answers now, or undefined when there is nothing yet. */
  #attempt(): Result<State> | undefined {
    if (this.#left === undefined) return done;
    const value = this.#read();
    if (value !== undefined) return { done: false, value };
    const ending = this.#watched.ending();
    if (ending === undefined) return undefined;
    this.#goAway();
    if (ending.error !== undefined) throw ending.error;
    return done;
  }
}
