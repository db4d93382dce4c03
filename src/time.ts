/** Time and timers, for whoever waits for the service. Tests bring their own. */
export interface Clock {
  /** Milliseconds since some moment; they only grow. */
  readonly nowMs: () => number;
  /** The time of day, by `Date.now()`'s measure. */
  readonly timeOfDayMs: () => number;
  /** Calls `run` once, after so many milliseconds, unless what it returns is called before. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** The time of this machine. Its timers keep no process alive. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  timeOfDayMs: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after so many milliseconds. */
export function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

/**
 * The value of `work`, or of `late` when it takes longer. The work goes on. Where this process itself was busy for so long, what
 * has come meanwhile is read first: it was in time.
 */
export async function within<Value, Late>(work: Promise<Value>, ms: number, late: () => Late): Promise<Value | Late> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(() => setImmediate(resolve), ms)));
  try {
    return await Promise.race([work, limit.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
