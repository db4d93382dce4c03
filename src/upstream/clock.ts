import { setTimeout as wait } from 'node:timers/promises';

/** Time, for whoever waits for the service; tests have their own, which waits for nothing. */
export interface Clock {
  /** Milliseconds since some moment; they only grow. */
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<unknown>;
}

/** The time of this machine. */
export const systemClock: Clock = { nowMs: () => performance.now(), wait: (ms) => wait(ms) };
