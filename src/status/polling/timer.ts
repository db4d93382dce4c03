import type { Clock } from '../../time.ts';

/** Runs once at the time it is set to. */
export interface Timer {
  /** Replaces the time it was set to. Infinity: never. */
  readonly set: (atMs: number) => void;
  readonly stop: () => void;
}

/** Polls due within so many milliseconds begin together. */
const coalesceMs = 5;

/** A timer that calls `run`. */
export function createTimer(clock: Clock, run: () => void): Timer {
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
      cancel = clock.after(Math.max(atMs - clock.nowMs(), coalesceMs), () => {
        stop();
        run();
      });
    },
  };
}
