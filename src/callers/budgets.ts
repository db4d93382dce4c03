/** State of a caller's budget. */
export interface BudgetState {
  readonly maximumAvailable: number;
  readonly currentlyAvailable: number;
  /** Calls that come back in a second. */
  readonly restoreRate: number;
}

/** Budgets of upstream calls, one a caller. An operation takes its estimate first, and what it did not use comes back at its end. */
export interface CallBudgets {
  /**
   * Takes calls out of a budget. Answers the seconds to wait where they are not there, and takes nothing then. A promise only
   * where other replicas must be asked.
   */
  readonly take: (caller: string, calls: number) => number | undefined | Promise<number | undefined>;
  /** Replaces an estimate by the actual cost: gives back, or takes more. */
  readonly correct: (caller: string, calls: number) => void;
  readonly stateOf: (caller: string) => BudgetState;
  readonly close: () => void;
}

/** Full budgets are forgotten once there are so many. */
const sweepAbove = 10_000;

/** Seconds to wait until calls that are missing have come back. */
export function secondsFor(missing: number, perMs: number): number {
  return Math.max(1, Math.ceil(missing / perMs / 1000));
}

export function stateOf(used: number, maximum: number, perMs: number): BudgetState {
  return {
    maximumAvailable: Math.floor(maximum),
    currentlyAvailable: Math.max(0, Math.floor(maximum - used)),
    restoreRate: Math.round(perMs * 1000 * 10) / 10,
  };
}

/** Budgets of one process: leaky buckets, which refill all the time. */
export class Budgets implements CallBudgets {
  readonly #maximum: number;
  readonly #perMs: number;
  readonly #now: () => number;
  readonly #used = new Map<string, { used: number; atMs: number }>();

  constructor(callsPerMinute: number, now: () => number = () => performance.now()) {
    this.#maximum = callsPerMinute;
    this.#perMs = callsPerMinute / 60_000;
    this.#now = now;
  }

  take(caller: string, calls: number): number | undefined {
    const bucket = this.#bucketOf(caller);
    const missing = bucket.used + calls - this.#maximum;
    if (missing > 0) return secondsFor(missing, this.#perMs);
    bucket.used += calls;
    return undefined;
  }

  correct(caller: string, calls: number): void {
    const bucket = this.#bucketOf(caller);
    bucket.used = Math.max(0, bucket.used + calls);
  }

  stateOf(caller: string): BudgetState {
    return stateOf(this.#bucketOf(caller).used, this.#maximum, this.#perMs);
  }

  close(): void {
    this.#used.clear();
  }

  #bucketOf(caller: string): { used: number; atMs: number } {
    const nowMs = this.#now();
    const bucket = this.#used.get(caller) ?? { used: 0, atMs: nowMs };
    bucket.used = Math.max(0, bucket.used - (nowMs - bucket.atMs) * this.#perMs);
    bucket.atMs = nowMs;
    if (this.#used.size > sweepAbove) this.#forgetFull(nowMs);
    this.#used.set(caller, bucket);
    return bucket;
  }

  #forgetFull(nowMs: number): void {
    for (const [caller, { used, atMs }] of this.#used)
      if (used - (nowMs - atMs) * this.#perMs <= 0) this.#used.delete(caller);
  }
}
