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

/** The result of a poll, as it is delivered to subscribers. */
export interface Change<State> {
  readonly entries: readonly Entry<State>[];
  /** Time of the poll. Left out when the poll did not return all subjects. */
  readonly knownAt?: string;
  /** Polls fail. */
  readonly stale?: Staleness;
  /** The watch ends with these entries. */
  readonly ending?: Ending;
}

/** One watched object: its history, its subscribers and its poll schedule. */
export interface Watch<State extends AnyState> {
  readonly kind: PollTarget['kind'];
  /** The polled states. Subscribers may receive them later. */
  readonly history: History<State>;
  readonly subscribers: ReadonlySet<SubscriberStream<State>>;
  readonly join: (from: StreamStart, onLeave: () => void) => SubscriberStream<State>;
  /** Starts, or resumes after a time without polls. The earlier state is no longer current. */
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
  /** Schedules the next poll sooner if the known state is not fresh. */
  readonly pollForSubscriber: () => void;
  readonly dueAtMs: () => number;
  /** Ends the streams once they are read. */
  readonly end: (error?: Error) => void;
  readonly ending: () => Ending | undefined;
  /** Calls back when it has ended. */
  readonly onEnd: (listener: (error?: Error) => void) => void;
  /** The part of it that replicas share. */
  readonly shared: SharedWatch<State>;
}

/** A watch that another replica polls, or whose polls are published to other replicas before they are delivered here. */
export interface SharedWatch<State extends AnyState> {
  readonly position: () => LogPosition;
  /** The delivered changes. */
  readonly log: () => HistoryLog<State>;
  readonly isKnown: () => boolean;
  /** Makes subscribers wait until the next poll, or the next change from another replica. */
  readonly wait: () => void;
  /** Delivers a change to the subscribers. */
  readonly deliver: (change: Change<State>) => void;
  /** Replaces the delivered changes with the shared log. */
  readonly adopt: (log: HistoryLog<State>, status: Omit<Change<State>, 'entries'>) => void;
  /** Continues polling from the delivered changes. */
  readonly rewind: () => void;
  /** Sends the results of polls to `publish`. Without it, they are delivered at once. */
  readonly publishTo: (publish: ((change: Change<State>) => void) | undefined) => void;
  /** Starts a new epoch: the next changes differ from those of other replicas. */
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
  /** Kept changes, for subscribers that resume. */
  readonly historySize: number;
  readonly snapshotOf: (entries: readonly Entry<State>[], since: string | null) => readonly Entry<State>[];
  /** The state to emit when polls fail before any has succeeded, and for a league without runs. */
  readonly unknownState: State;
  /** Emits empty snapshots too: having no states is a known state of its own. */
  readonly mayBeEmpty?: boolean;
}

/** The delivered changes of a watch, and the subscribers that read them. */
class Broadcast<State extends AnyState> {
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

  /** Wakes the subscribers. The entries must be in the history already. */
  publish({ knownAt, stale, ending }: Omit<Change<State>, 'entries'>): void {
    if (knownAt !== undefined) {
      this.isKnown = true;
      this.freshness.markFresh(knownAt);
    }
    if (stale !== undefined) this.freshness.markStale(stale);
    const isEnd = this.ending === undefined && ending !== undefined;
    if (isEnd) this.ending = ending;
    this.subscribers.forEach((stream) => stream.wake());
    if (isEnd) this.onEnd?.(ending.error);
  }
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof GatewayError ? error.code : 'INTERNAL';
}

/** The shared part of a watch. Polls have a history of their own: changes are delivered once they are published to all replicas. */
function shareWatch<State extends AnyState>(
  broadcast: Broadcast<State>,
  polled: History<State>,
  newEpoch: () => string,
  setPublish: (publish: ((change: Change<State>) => void) | undefined) => void,
): SharedWatch<State> {
  const { history: delivered, subscribers } = broadcast;
  return {
    position: () => ({ epoch: delivered.epoch, sequence: delivered.sequence() }),
    log: delivered.log,
    isKnown: () => broadcast.isKnown,
    wait: () => {
      broadcast.isKnown = false;
      broadcast.freshness.started();
    },
    deliver: ({ entries, ...status }) => {
      for (const entry of entries) if (entry.event.sequence > delivered.sequence()) delivered.append(entry);
      broadcast.publish(status);
    },
    adopt: (log, status) => {
      const missing = log.entries.filter(({ event }) => event.sequence > delivered.sequence());
      if (log.epoch === delivered.epoch && missing.length === log.sequence - delivered.sequence())
        missing.forEach(delivered.append);
      else if (log.epoch === delivered.epoch && log.sequence > delivered.sequence()) delivered.load(log);
      else {
        const moved = moveTo(delivered, log);
        subscribers.forEach((stream) => stream.moved(moved));
      }
      broadcast.publish(status);
    },
    rewind: () => polled.load(delivered.log()),
    publishTo: setPublish,
    fork: () => {
      const epoch = newEpoch();
      delivered.fork(epoch);
      polled.fork(epoch);
    },
  };
}

/**
 * A watch without subscribers.
 *
 * @param scope - the token it is polled with, and the language
 * @param isShared - with other replicas
 */
export function createWatch<State extends AnyState>(
  watchKind: WatchKind<State>,
  scope: string,
  { clock, intervals, random, newEpoch, onChanges }: WatchTools,
  isShared = false,
): Watch<State> {
  const { kind, interval, historySize } = watchKind;
  const broadcast = new Broadcast(watchKind, newEpoch(scope), clock);
  const { freshness, subscribers, history: delivered } = broadcast;
  const polled = isShared ? createHistory<State>(delivered.epoch, historySize) : delivered;
  const schedule = new PollSchedule(clock, interval, intervals, random);
  let isPolled = false;
  let publish: ((change: Change<State>) => void) | undefined;
  const shared = shareWatch(
    broadcast,
    polled,
    () => newEpoch(scope),
    (next) => (publish = next),
  );
  const emit = (change: Change<State>): void => {
    if (publish !== undefined) publish(change);
    else if (isShared) shared.deliver(change);
    else broadcast.publish(change);
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
      const stream = broadcast.join(from, onLeave);
      schedule.subscribed();
      return stream;
    },
    start: () => {
      isPolled = false;
      if (!isShared) {
        broadcast.isKnown = false;
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
    ending: () => broadcast.ending,
    onEnd: (listener) => {
      broadcast.onEnd = listener;
    },
  };
}
