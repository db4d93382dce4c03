import { GatewayError, type ErrorCode } from '../errors.ts';
import { Freshness } from './streams/freshness.ts';
import { SubscriberStream, type Ending, type StreamStart } from './streams/subscriberStream.ts';
import type { LogPosition } from '../shared/watches.ts';
import type { Clock } from '../time.ts';
import { createHistory, type Entry, type History, type HistoryLog } from './streams/history.ts';
import { moveTo } from './streams/moved.ts';
import { PollSchedule } from './polling/pollSchedule.ts';
import type { IntervalRange, Intervals } from './polling/schedule.ts';
import type { Pause } from './polling/rateLimiter.ts';
import type { AnyState, PollAnswer, PollTarget, Staleness } from './types.ts';

/** What came of a poll, as subscribers are told of it. */
export interface Change<State> {
  readonly entries: readonly Entry<State>[];
  /** When it was polled; left out where the poll did not return all subjects. */
  readonly knownAt?: string;
  /** Polls fail. */
  readonly stale?: Staleness;
  /** It ends with these entries. */
  readonly ending?: Ending;
}

/** One watched object: its history, its subscribers, and when it is polled next. */
export interface Watch<State extends AnyState> {
  readonly kind: PollTarget['kind'];
  /** What polls have found. Subscribers may be told of it later. */
  readonly history: History<State>;
  readonly subscribers: ReadonlySet<SubscriberStream<State>>;
  readonly join: (from: StreamStart, onLeave: () => void) => SubscriberStream<State>;
  /** Starts, or resumes after a time without polls: the state known before is not current any more. */
  readonly start: () => void;
  /** Records the states of a poll and wakes the subscribers. `isWhole`: the poll returned all subjects. */
  readonly record: (
    states: readonly (readonly [subject: string, state: State])[],
    by: PollAnswer,
    isWhole?: boolean,
  ) => void;
  /** Schedules the next poll after an interval. */
  readonly pollSucceeded: (by: PollAnswer) => void;
  /** Schedules the next poll after a growing pause. */
  readonly pollFailed: (error: unknown) => void;
  /** A poll waits because its upstream is paused. That counts as one that failed. */
  readonly pollHeld: (pause: Pause) => void;
  /** Schedules a poll now, after a write. */
  readonly pollNow: () => void;
  /** Schedules the next poll. */
  readonly pollIn: (ms: number) => void;
  /** Schedules the next poll sooner where what is known is not fresh. */
  readonly pollForSubscriber: () => void;
  readonly dueAtMs: () => number;
  /** Ends the streams once they are read. */
  readonly end: (error?: Error) => void;
  readonly ending: () => Ending | undefined;
  /** Calls back when it has ended. */
  readonly onEnd: (listener: (error?: Error) => void) => void;
  /** What replicas share of it. */
  readonly shared: SharedWatch<State>;
}

/** A watch whose polls are another replica's, or are told to other replicas before subscribers here are told. */
export interface SharedWatch<State extends AnyState> {
  readonly position: () => LogPosition;
  /** What subscribers were told, or may be told by now. */
  readonly log: () => HistoryLog<State>;
  readonly isKnown: () => boolean;
  /** Nothing is known before it is polled, or told by another replica. */
  readonly wait: () => void;
  /** Tells subscribers. */
  readonly tell: (change: Change<State>) => void;
  /** Goes on from what replicas share. */
  readonly adopt: (log: HistoryLog<State>, status: Omit<Change<State>, 'entries'>) => void;
  /** Polls go on from what was told. */
  readonly rewind: () => void;
  /** What comes of polls goes to `publish`. Without it, subscribers are told at once. */
  readonly publishTo: (publish: ((change: Change<State>) => void) | undefined) => void;
  /** Its next changes are not those of other replicas. */
  readonly fork: () => void;
}

/** Options shared by all watches. */
export interface WatchTools {
  readonly clock: Clock;
  readonly intervals: Intervals;
  readonly random: () => number;
  readonly newEpoch: (scope: string) => string;
  /** Counts recorded changes. */
  readonly onChanges: (kind: PollTarget['kind'], count: number, subscriberCount: number) => void;
}

/** Options of one kind of watch. */
export interface WatchKind<State> {
  readonly kind: PollTarget['kind'];
  readonly interval: IntervalRange;
  /** Changes kept, for subscribers that resume. */
  readonly historySize: number;
  readonly snapshotOf: (entries: readonly Entry<State>[], since: string | null) => readonly Entry<State>[];
  /** The state to emit when polls fail before any has succeeded; of a league, also where it has no runs. */
  readonly unknownState: State;
  /** A snapshot without states is told too: it is known that there are none. */
  readonly mayBeEmpty?: boolean;
}

/** The side of a watch that its subscribers read. */
class Telling<State extends AnyState> {
  readonly history: History<State>;
  readonly freshness: Freshness<State>;
  readonly subscribers = new Set<SubscriberStream<State>>();
  readonly #kind: WatchKind<State>;
  isKnown = false;
  ending: Ending | undefined;
  onEnd: ((error?: Error) => void) | undefined;

  constructor(kind: WatchKind<State>, epoch: string, clock: Clock) {
    this.#kind = kind;
    this.history = createHistory<State>(epoch, kind.historySize);
    this.freshness = new Freshness(this.history, clock, kind.unknownState);
  }

  join(from: StreamStart, onLeave: () => void): SubscriberStream<State> {
    const { kind, snapshotOf, mayBeEmpty = false } = this.#kind;
    const watched = {
      kind,
      history: this.history,
      isKnown: () => this.isKnown,
      ending: () => this.ending,
      snapshotOf,
      notice: () => this.freshness.notice,
      emptySnapshot: mayBeEmpty ? () => this.freshness.unknownEvent('SNAPSHOT_END') : undefined,
    };
    const stream = new SubscriberStream<State>(watched, from, () => {
      this.subscribers.delete(stream);
      onLeave();
    });
    this.subscribers.add(stream);
    return stream;
  }

  /** The entries are in the history. */
  tell({ knownAt, stale, ending }: Omit<Change<State>, 'entries'>): void {
    if (knownAt !== undefined) {
      this.isKnown = true;
      this.freshness.tellFresh(knownAt);
    }
    if (stale !== undefined) this.freshness.tellStale(stale);
    const isEnd = this.ending === undefined && ending !== undefined;
    if (isEnd) this.ending = ending;
    this.subscribers.forEach((stream) => stream.wake());
    if (isEnd) this.onEnd?.(ending.error);
  }
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof GatewayError ? error.code : 'INTERNAL';
}

/** What replicas share of a watch. Polls have a history of their own: subscribers are told once all replicas are. */
function shareWatch<State extends AnyState>(
  telling: Telling<State>,
  polled: History<State>,
  newEpoch: () => string,
  setPublish: (publish: ((change: Change<State>) => void) | undefined) => void,
): SharedWatch<State> {
  const { history: told, subscribers } = telling;
  return {
    position: () => ({ epoch: told.epoch, sequence: told.sequence() }),
    log: told.log,
    isKnown: () => telling.isKnown,
    wait: () => {
      telling.isKnown = false;
      telling.freshness.started();
    },
    tell: ({ entries, ...status }) => {
      for (const entry of entries) if (entry.event.sequence > told.sequence()) told.append(entry);
      telling.tell(status);
    },
    adopt: (log, status) => {
      const missing = log.entries.filter(({ event }) => event.sequence > told.sequence());
      if (log.epoch === told.epoch && missing.length === log.sequence - told.sequence()) missing.forEach(told.append);
      else if (log.epoch === told.epoch && log.sequence > told.sequence()) told.load(log);
      else {
        const moved = moveTo(told, log);
        subscribers.forEach((stream) => stream.moved(moved));
      }
      telling.tell(status);
    },
    rewind: () => polled.load(told.log()),
    publishTo: setPublish,
    fork: () => {
      const epoch = newEpoch();
      told.fork(epoch);
      polled.fork(epoch);
    },
  };
}

/**
 * A watch without subscribers.
 *
 * @param scope - whose token polls it, and in which language
 * @param isShared - with other replicas
 */
export function createWatch<State extends AnyState>(
  watchKind: WatchKind<State>,
  scope: string,
  { clock, intervals, random, newEpoch, onChanges }: WatchTools,
  isShared = false,
): Watch<State> {
  const { kind, interval, historySize } = watchKind;
  const telling = new Telling(watchKind, newEpoch(scope), clock);
  const { freshness, subscribers, history: told } = telling;
  const polled = isShared ? createHistory<State>(told.epoch, historySize) : told;
  const schedule = new PollSchedule(clock, interval, intervals, random);
  let isPolled = false;
  let publish: ((change: Change<State>) => void) | undefined;
  const shared = shareWatch(
    telling,
    polled,
    () => newEpoch(scope),
    (next) => (publish = next),
  );
  const emit = (change: Change<State>): void => {
    if (publish !== undefined) publish(change);
    else if (isShared) shared.tell(change);
    else telling.tell(change);
  };

  const failed = (isAskedToWait: boolean, reason: ErrorCode): void => {
    const since = freshness.failed(isAskedToWait);
    if (since !== undefined) emit({ entries: [], stale: { since, reason } });
  };

  return {
    kind,
    history: polled,
    subscribers,
    shared,
    join: (from, onLeave) => {
      const stream = telling.join(from, onLeave);
      schedule.subscribed();
      return stream;
    },
    start: () => {
      isPolled = false;
      if (!isShared) {
        telling.isKnown = false;
        freshness.started();
      }
      schedule.start();
    },
    record: (states, { pollNumber, observedAt }, isWhole = true) => {
      const entries = states
        .map(([subject, state]) => polled.record(subject, state, { pollNumber, observedAt }))
        .filter((entry) => entry !== undefined);
      const wasStale = freshness.notice?.kind === 'STALE';
      const isFirst = !isPolled && isWhole;
      if (isWhole) {
        isPolled = true;
        freshness.succeeded(observedAt);
      }
      if (entries.length > 0) {
        schedule.changed();
        onChanges(kind, entries.length, subscribers.size);
      }
      if (entries.length > 0 || isFirst || wasStale) emit({ entries, ...(isWhole && { knownAt: observedAt }) });
    },
    pollSucceeded: ({ begunAtMs }) => schedule.succeeded(begunAtMs),
    pollFailed: (error) => failed(schedule.failed(error).isAskedToWait, codeOf(error)),
    pollHeld: ({ begunAtMs, untilMs, reason }) => {
      const isAskedToWait = untilMs - clock.nowMs() > interval.slowestMs;
      if (freshness.held(begunAtMs) || isAskedToWait) failed(isAskedToWait, reason);
    },
    pollNow: () => schedule.written(),
    pollIn: (ms) => schedule.pollIn(ms),
    pollForSubscriber: () => schedule.subscribed(),
    dueAtMs: () => schedule.dueAtMs(),
    end: (error) => emit({ entries: [], ending: error === undefined ? {} : { error } }),
    ending: () => telling.ending,
    onEnd: (listener) => {
      telling.onEnd = listener;
    },
  };
}
