import type { WatchClock } from './clock.ts';

/** Rings at the earliest time it was set to, then has to be set anew. */
export interface Alarm {
  /** Sets it, in place of whatever it was set to; Infinity: not at all. */
  readonly set: (atMs: number) => void;
  readonly stop: () => void;
}

/** What comes up within so many milliseconds is dealt with together. */
const togetherMs = 5;

/** An alarm that calls. */
export function createAlarm(clock: WatchClock, ring: () => void): Alarm {
  let cancel: (() => void) | undefined;
  let setToMs = Number.POSITIVE_INFINITY;

  const stop = (): void => {
    cancel?.();
    cancel = undefined;
    setToMs = Number.POSITIVE_INFINITY;
  };
  return {
    stop,
    set: (atMs) => {
      if (atMs === setToMs) return;
      stop();
      if (atMs === Number.POSITIVE_INFINITY) return;
      setToMs = atMs;
      cancel = clock.after(Math.max(atMs - clock.nowMs(), togetherMs), () => {
        stop();
        ring();
      });
    },
  };
}
