import { SubscriberStream, type Ending } from './streams/subscriberStream.ts';
import type { WatchClock } from './clock.ts';
import { createHistory, type History } from './streams/history.ts';
import { PollSchedule } from './polling/pollSchedule.ts';
import type { IntervalRange, Intervals } from './polling/schedule.ts';
import type { AnyState, PollAnswer, PollTarget, StatusEvent } from './types.ts';

/** One watched object: its history, its subscribers, and when it is polled next. */
export interface Watch<State extends AnyState> {
  readonly kind: PollTarget['kind'];
  readonly history: History<State>;
  readonly subscribers: ReadonlySet<SubscriberStream<State>>;
  readonly join: (after: string | null | undefined, onLeave: () => void) => SubscriberStream<State>;
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
  readonly clock: WatchClock;
  readonly intervals: Intervals;
  readonly random: () => number;
  readonly newEpoch: () => string;
  /** Counts recorded changes. */
  readonly onChanges: (kind: PollTarget['kind'], count: number, subscriberCount: number) => void;
}

/** Options of one kind of watch. */
export interface WatchKind<State> {
  readonly kind: PollTarget['kind'];
  readonly interval: IntervalRange;
  /** Changes kept, for subscribers that resume. */
  readonly historySize: number;
  readonly isInSnapshot: (event: StatusEvent<State>) => boolean;
}

/** A watch without subscribers. */
export function createWatch<State extends AnyState>(
  { kind, interval, historySize, isInSnapshot }: WatchKind<State>,
  { clock, intervals, random, newEpoch, onChanges }: WatchTools,
): Watch<State> {
  const history = createHistory<State>(newEpoch(), historySize);
  const schedule = new PollSchedule(clock, interval, intervals, random);
  const subscribers = new Set<SubscriberStream<State>>();
  let isKnown = false;
  let ending: Ending | undefined;
  const watched = { history, isKnown: () => isKnown, ending: () => ending, isInSnapshot };
  const wake = (): void => subscribers.forEach((stream) => stream.wake());

  return {
    kind,
    history,
    subscribers,
    join: (after, onLeave) => {
      const stream = new SubscriberStream<State>(watched, after, () => {
        subscribers.delete(stream);
        onLeave();
      });
      subscribers.add(stream);
      schedule.subscribed();
      return stream;
    },
    start: () => {
      isKnown = false;
      schedule.start();
    },
    record: (states, { pollNumber, observedAt }, isWhole = true) => {
      const count = states.filter(([subject, state]) =>
        history.record(subject, state, { pollNumber, observedAt }),
      ).length;
      const isFirst = !isKnown && isWhole;
      if (isWhole) isKnown = true;
      if (count > 0) {
        schedule.changed();
        onChanges(kind, count, subscribers.size);
      }
      if (count > 0 || isFirst) wake();
    },
    pollSucceeded: ({ begunAtMs }) => schedule.succeeded(begunAtMs),
    pollFailed: (error) => schedule.failed(error),
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
