import { GatewayError } from '../errors.ts';
import { Channel, type Ending } from './channel.ts';
import type { WatchClock } from './clock.ts';
import { createHistory, type AnyState, type History } from './history.ts';
import { intervalMs, jittered, pauseMs, type Intervals, type Pace } from './schedule.ts';
import type { LookTarget, StatusEvent } from './watches.ts';

/** One answer of upstream: the number of its look, and when it was begun and answered. */
export interface Answered {
  readonly lookNumber: number;
  readonly begunAtMs: number;
  readonly observedAt: string;
}

/** One thing that is watched, however many watch it: what was seen of it, who is told, and when it is looked at next. */
export interface Watch<State extends AnyState> {
  readonly kind: LookTarget['kind'];
  readonly history: History<State>;
  readonly channels: ReadonlySet<Channel<State>>;
  readonly join: (after: string | null | undefined, left: () => void) => Channel<State>;
  /** It is watched again, or for the first time: what was seen before is not the present state any more. */
  readonly start: () => void;
  /** Takes down what a look saw of it; `isWhole` when the look saw all of its subjects. Tells the subscribers. */
  readonly observe: (
    seen: readonly (readonly [subject: string, state: State])[],
    by: Answered,
    isWhole?: boolean,
  ) => void;
  /** A look at it has answered: the next one comes after an interval. */
  readonly looked: (by: Answered) => void;
  /** A look at it has failed: the next one comes after a pause. */
  readonly failed: (error: unknown) => void;
  /** It was written to: to be looked at now. */
  readonly touch: () => void;
  /** To be looked at again after so long. */
  readonly lookIn: (ms: number) => void;
  readonly dueAtMs: () => number;
  /** Ends the streams, once they are read. */
  readonly finish: (error?: Error) => void;
  readonly ending: () => Ending | undefined;
}

/** What watches are made with. */
export interface WatchTools {
  readonly clock: WatchClock;
  readonly intervals: Intervals;
  readonly random: () => number;
  readonly newEpoch: () => string;
  /** Changes were seen. */
  readonly changed: (kind: LookTarget['kind'], count: number, subscribers: number) => void;
}

/** How one kind of watch differs from others. */
export interface WatchKind<State> {
  readonly kind: LookTarget['kind'];
  readonly pace: Pace;
  /** So many of its latest changes are kept. */
  readonly kept: number;
  readonly isToldFirst: (event: StatusEvent<State>) => boolean;
}

/** A watch that nobody has joined yet. */
export function createWatch<State extends AnyState>(
  { kind, pace, kept, isToldFirst }: WatchKind<State>,
  { clock, intervals, random, newEpoch, changed }: WatchTools,
): Watch<State> {
  const history = createHistory<State>(newEpoch(), kept);
  const channels = new Set<Channel<State>>();
  let isKnown = false;
  let ending: Ending | undefined;
  let changedAtMs = 0;
  let touchedAtMs = Number.NEGATIVE_INFINITY;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let notBeforeMs = 0;
  let failures = 0;
  let dueAtMs = 0;
  const watched = { history, isKnown: () => isKnown, ending: () => ending, isToldFirst };

  const usualMs = (): number =>
    jittered(intervalMs(pace, intervals.slowing, clock.nowMs() - changedAtMs), intervals.jitter, random);
  const wake = (): void => channels.forEach((channel) => channel.wake());

  return {
    kind,
    history,
    channels,
    join: (after, left) => {
      const channel = new Channel<State>(watched, after, () => {
        channels.delete(channel);
        left();
      });
      channels.add(channel);
      // Whoever comes is told what is known; where that is no longer fresh, it is looked at sooner.
      if (failures === 0) dueAtMs = Math.min(dueAtMs, Math.max(lookedAtMs + pace.quickMs, notBeforeMs));
      return channel;
    },
    start: () => {
      isKnown = false;
      failures = 0;
      changedAtMs = clock.nowMs();
      dueAtMs = Math.max(clock.nowMs(), notBeforeMs);
    },
    observe: (seen, { lookNumber, observedAt }, isWhole = true) => {
      const count = seen.filter(([subject, state]) =>
        history.observe(subject, state, { lookNumber, observedAt }),
      ).length;
      const isFirst = !isKnown && isWhole;
      if (isWhole) isKnown = true;
      if (count > 0) {
        changedAtMs = clock.nowMs();
        changed(kind, count, channels.size);
      }
      if (count > 0 || isFirst) wake();
    },
    looked: ({ begunAtMs }) => {
      failures = 0;
      lookedAtMs = clock.nowMs();
      // Written to since the look was begun: it may not have seen what came of that.
      dueAtMs = touchedAtMs >= begunAtMs ? lookedAtMs : lookedAtMs + usualMs();
    },
    failed: (error) => {
      const retryAfter = error instanceof GatewayError ? error.details.retryAfter : undefined;
      const nowMs = clock.nowMs();
      failures += 1;
      if (retryAfter !== undefined) notBeforeMs = nowMs + retryAfter * 1000;
      dueAtMs = nowMs + pauseMs(usualMs(), failures, intervals.longestPauseMs, retryAfter);
    },
    touch: () => {
      touchedAtMs = clock.nowMs();
      changedAtMs = touchedAtMs;
      dueAtMs = Math.max(touchedAtMs, notBeforeMs);
    },
    lookIn: (ms) => {
      dueAtMs = Math.max(clock.nowMs() + ms, notBeforeMs);
    },
    dueAtMs: () => dueAtMs,
    finish: (error) => {
      ending ??= error === undefined ? {} : { error };
      wake();
    },
    ending: () => ending,
  };
}
