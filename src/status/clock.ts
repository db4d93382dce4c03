/** Time and timers of the watches. Tests bring their own. */
export interface WatchClock {
  /** Milliseconds since some moment; they only grow. */
  readonly nowMs: () => number;
  /** Calls once, after that many milliseconds, unless what it returns is called before. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** The time of day, by `Date.now()`'s measure. */
  readonly timeOfDayMs: () => number;
}

/** The time of this machine. Its timers keep no process alive. */
export const systemWatchClock: WatchClock = {
  nowMs: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
  timeOfDayMs: () => Date.now(),
};
