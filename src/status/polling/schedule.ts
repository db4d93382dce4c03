/** Polling intervals. */
export interface Intervals {
  /** For an instance or a league that has just started, changed, or been written to. */
  readonly quickMs: number;
  /** For one that has not changed for long. */
  readonly slowestMs: number;
  /** For agents, which change less often. */
  readonly agentQuickMs: number;
  readonly agentSlowestMs: number;
  /** In between, the interval is this share of the time since the last change. */
  readonly slowing: number;
  /** Intervals vary by up to this share, so that polls spread. */
  readonly jitter: number;
  /** The longest pause after failed polls. */
  readonly longestPauseMs: number;
  /** Limit of polls a second of one upstream. */
  readonly pollsPerSecond: number;
  /** How long history is kept after the last subscriber has left, so that subscribers can resume. */
  readonly rememberMs: number;
}

/** Default intervals. */
export const defaultIntervals: Intervals = {
  quickMs: 1_000,
  slowestMs: 15_000,
  agentQuickMs: 5_000,
  agentSlowestMs: 60_000,
  slowing: 0.1,
  jitter: 0.1,
  longestPauseMs: 60_000,
  pollsPerSecond: 20,
  rememberMs: 60_000,
};

/** The shortest and longest interval of one kind of object. */
export interface IntervalRange {
  readonly quickMs: number;
  readonly slowestMs: number;
}

/** Interval of an object that last changed `sinceChangeMs` ago. */
export function intervalMs({ quickMs, slowestMs }: IntervalRange, slowing: number, sinceChangeMs: number): number {
  return Math.min(Math.max(sinceChangeMs * slowing, quickMs), slowestMs);
}

/** Pause after `failures` failed polls in a row, never shorter than the service's Retry-After. */
export function backoffMs(usualMs: number, failures: number, maxMs: number, retryAfterS = 0): number {
  return Math.max(Math.min(usualMs * 2 ** Math.min(failures, 16), maxMs), retryAfterS * 1000);
}

/** Varies an interval randomly by up to the share `jitter`. */
export function jittered(ms: number, jitter: number, random: () => number): number {
  return ms * (1 + jitter * (2 * random() - 1));
}
