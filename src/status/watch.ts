import { GatewayError, type ErrorCode } from '../errors.ts';
import type { Clock } from '../time.ts';
import { Broadcast, type WatchKind } from './broadcast.ts';
import { PollSchedule } from './polling/pollSchedule.ts';
import type { Pause } from './polling/rateLimiter.ts';
import type { Intervals } from './polling/schedule.ts';
import { shareWatch, type SharedWatch } from './sharing/sharedWatch.ts';
import { createHistory, type History } from './streams/history.ts';
import type { Ending, StreamStart, SubscriberStream } from './streams/subscriberStream.ts';
import type { AnyState, PollAnswer, PollTarget } from './types.ts';

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

/** Options shared by all watches. */
export interface WatchTools {
  readonly clock: Clock;
  readonly intervals: Intervals;
  readonly random: () => number;
  readonly newEpoch: (scope: string) => string;
  /** Counts recorded changes. */
  readonly onChanges: (kind: PollTarget['kind'], count: number, subscriberCount: number) => void;
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof GatewayError ? error.code : 'INTERNAL';
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
  const { shared, emit } = shareWatch(broadcast, polled, { clock, newEpoch: () => newEpoch(scope) });

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
    record: (states, by, isWhole = true) => {
      const { observedAt } = by;
      const recorded = states.map(([subject, state]) => polled.record(subject, state, by));
      const entries = recorded.filter((entry) => entry !== undefined && entry !== 'UNORDERED');
      const wasStale = freshness.notice?.kind === 'STALE';
      const isFirst = !isPolled && isWhole;
      if (isWhole) {
        isPolled = true;
        freshness.succeeded(observedAt);
      }
      // What could not be ordered is polled again soon.
      if (entries.length > 0 || recorded.includes('UNORDERED')) schedule.changed();
      if (entries.length > 0) {
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
