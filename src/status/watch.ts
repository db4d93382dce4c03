import { Freshness } from './streams/freshness.ts';
import { SubscriberStream, type Ending, type StreamStart } from './streams/subscriberStream.ts';
import type { Clock } from '../time.ts';
import { createHistory, type Entry, type History } from './streams/history.ts';
import { PollSchedule } from './polling/pollSchedule.ts';
import type { IntervalRange, Intervals } from './polling/schedule.ts';
import type { AnyState, PollAnswer, PollTarget } from './types.ts';

/** One watched object: its history, its subscribers, and when it is polled next. */
export interface Watch<State extends AnyState> {
  readonly kind: PollTarget['kind'];
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
  /** Schedules a poll now, after a write. */
  readonly pollNow: () => void;
  /** Schedules the next poll. */
  readonly pollIn: (ms: number) => void;
  readonly dueAtMs: () => number;
  /** Ends the streams once they are read. */
  readonly end: (error?: Error) => void;
  readonly ending: () => Ending | undefined;
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
  /** The state to emit when polls fail before any has succeeded. */
  readonly unknownState?: State;
}

/**
 * A watch without subscribers.
 *
 * @param scope - whose token polls it, and in which language
 */
export function createWatch<State extends AnyState>(
  { kind, interval, historySize, snapshotOf, unknownState }: WatchKind<State>,
  scope: string,
  { clock, intervals, random, newEpoch, onChanges }: WatchTools,
): Watch<State> {
  const history = createHistory<State>(newEpoch(scope), historySize);
  const freshness = new Freshness(history, clock, unknownState);
  const schedule = new PollSchedule(clock, interval, intervals, random);
  const subscribers = new Set<SubscriberStream<State>>();
  let isKnown = false;
  let ending: Ending | undefined;
  const watched = {
    kind,
    history,
    isKnown: () => isKnown,
    ending: () => ending,
    snapshotOf,
    notice: () => freshness.notice,
  };
  const wake = (): void => subscribers.forEach((stream) => stream.wake());

  return {
    kind,
    history,
    subscribers,
    join: (from, onLeave) => {
      const stream = new SubscriberStream<State>(watched, from, () => {
        subscribers.delete(stream);
        onLeave();
      });
      subscribers.add(stream);
      schedule.subscribed();
      return stream;
    },
    start: () => {
      isKnown = false;
      freshness.started();
      schedule.start();
    },
    record: (states, { pollNumber, observedAt }, isWhole = true) => {
      const count = states.filter(([subject, state]) =>
        history.record(subject, state, { pollNumber, observedAt }),
      ).length;
      const wasStale = freshness.notice?.kind === 'STALE';
      const isFirst = !isKnown && isWhole;
      if (isWhole) {
        isKnown = true;
        freshness.succeeded(observedAt);
      }
      if (count > 0) {
        schedule.changed();
        onChanges(kind, count, subscribers.size);
      }
      if (count > 0 || isFirst || wasStale) wake();
    },
    pollSucceeded: ({ begunAtMs }) => schedule.succeeded(begunAtMs),
    pollFailed: (error) => {
      schedule.failed(error);
      if (freshness.failed()) wake();
    },
    pollNow: () => schedule.written(),
    pollIn: (ms) => schedule.pollIn(ms),
    dueAtMs: () => schedule.dueAtMs(),
    end: (error) => {
      ending ??= error === undefined ? {} : { error };
      wake();
    },
    ending: () => ending,
  };
}
