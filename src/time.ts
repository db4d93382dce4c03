/** Time and timers. Tests pass their own. */
export interface Clock {
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** Wall clock time, as `Date.now()`. */
  readonly timeOfDayMs: () => number;
  /** Calls `run` once after `ms`. The returned function cancels it. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** The system's clock. Its timers keep no process alive. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  timeOfDayMs: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`. */
export function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

/**
 * Resolves to `work`, or to `late` when it takes longer; the work continues. After a blocked event loop, pending results
 * are processed first: they were in time.
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
