import { GatewayError } from '../errors.ts';
import { SubscriberStream, type Ending } from './streams/subscriberStream.ts';
import type { WatchClock } from './clock.ts';
import { createHistory, type History } from './streams/history.ts';
import { intervalMs, jittered, backoffMs, type Intervals, type IntervalRange } from './polling/schedule.ts';
import type { AnyState, PollAnswer, PollTarget, StatusEvent } from './types.ts';

/** One watched object: its history, its subscribers, and when it is polled next. */
export interface Watch<State extends AnyState> {
  readonly kind: PollTarget['kind'];
  readonly history: History<State>;
  readonly channels: ReadonlySet<SubscriberStream<State>>;
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

/** What all watches share. */
export interface WatchTools {
  readonly clock: WatchClock;
  readonly intervals: Intervals;
  readonly random: () => number;
  readonly newEpoch: () => string;
  /** Counts recorded changes. */
  readonly onChanges: (kind: PollTarget['kind'], count: number, subscribers: number) => void;
}

/** What differs between kinds of watches. */
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
  const channels = new Set<SubscriberStream<State>>();
  let isKnown = false;
  let ending: Ending | undefined;
  let changedAtMs = 0;
  let writtenAtMs = Number.NEGATIVE_INFINITY;
  let polledAtMs = Number.NEGATIVE_INFINITY;
  let notBeforeMs = 0;
  let failures = 0;
  let dueAtMs = 0;
  const watched = { history, isKnown: () => isKnown, ending: () => ending, isInSnapshot };

  const usualMs = (): number =>
    jittered(intervalMs(interval, intervals.slowing, clock.nowMs() - changedAtMs), intervals.jitter, random);
  const wake = (): void => channels.forEach((channel) => channel.wake());

  return {
    kind,
    history,
    channels,
    join: (after, left) => {
      const channel = new SubscriberStream<State>(watched, after, () => {
        channels.delete(channel);
        left();
      });
      channels.add(channel);
      // A new subscriber receives the known state. Where that is not fresh, the next poll comes sooner.
      if (failures === 0) dueAtMs = Math.min(dueAtMs, Math.max(polledAtMs + interval.quickMs, notBeforeMs));
      return channel;
    },
    start: () => {
      isKnown = false;
      failures = 0;
      changedAtMs = clock.nowMs();
      dueAtMs = Math.max(clock.nowMs(), notBeforeMs);
    },
    record: (states, { pollNumber, observedAt }, isWhole = true) => {
      const count = states.filter(([subject, state]) =>
        history.record(subject, state, { pollNumber, observedAt }),
      ).length;
      const isFirst = !isKnown && isWhole;
      if (isWhole) isKnown = true;
      if (count > 0) {
        changedAtMs = clock.nowMs();
        onChanges(kind, count, channels.size);
      }
      if (count > 0 || isFirst) wake();
    },
    pollSucceeded: ({ begunAtMs }) => {
      failures = 0;
      polledAtMs = clock.nowMs();
      // A write during the poll: the answer may be older than the write.
      dueAtMs = writtenAtMs >= begunAtMs ? polledAtMs : polledAtMs + usualMs();
    },
    pollFailed: (error) => {
      const retryAfter = error instanceof GatewayError ? error.details.retryAfter : undefined;
      const nowMs = clock.nowMs();
      failures += 1;
      if (retryAfter !== undefined) notBeforeMs = nowMs + retryAfter * 1000;
      dueAtMs = nowMs + backoffMs(usualMs(), failures, intervals.longestPauseMs, retryAfter);
    },
    pollNow: () => {
      writtenAtMs = clock.nowMs();
      changedAtMs = writtenAtMs;
      dueAtMs = Math.max(writtenAtMs, notBeforeMs);
    },
    pollIn: (ms) => {
      dueAtMs = Math.max(clock.nowMs() + ms, notBeforeMs);
    },
    dueAtMs: () => dueAtMs,
    end: (error) => {
      ending ??= error === undefined ? {} : { error };
      wake();
    },
    ending: () => ending,
  };
}
