/** When things that are watched are looked at again. */
export interface Intervals {
  /** Between looks at an instance or a league that has just been started, written to, or seen to change. */
  readonly quickMs: number;
  /** Between looks at one that has not changed for long. */
  readonly slowestMs: number;
  /** The same for agents, which change less often. */
  readonly agentQuickMs: number;
  readonly agentSlowestMs: number;
  /** In between, the next look comes after this share of the time since the last change. */
  readonly slowing: number;
  /** Intervals differ by up to this share, so that looks do not come all at once. */
  readonly jitter: number;
  /** The longest pause after looks that failed. */
  readonly longestPauseMs: number;
  /** Looks a second at one upstream, at most. */
  readonly looksPerSecond: number;
  /** How long what was seen is kept after the last subscriber has left, so that it can resume. */
  readonly rememberMs: number;
}

/** The intervals, where nothing else is configured. */
export const defaultIntervals: Intervals = {
  quickMs: 1_000,
  slowestMs: 15_000,
  agentQuickMs: 5_000,
  agentSlowestMs: 60_000,
  slowing: 0.1,
  jitter: 0.1,
  longestPauseMs: 60_000,
  looksPerSecond: 20,
  rememberMs: 60_000,
};

/** How quickly one kind of thing is looked at. */
export interface Pace {
  readonly quickMs: number;
  readonly slowestMs: number;
}

/** Until the next look at a thing that last changed so long ago. */
export function intervalMs({ quickMs, slowestMs }: Pace, slowing: number, sinceChangeMs: number): number {
  return Math.min(Math.max(sinceChangeMs * slowing, quickMs), slowestMs);
}

/** Until the next look after so many that failed in a row; never sooner than the service has asked for. */
export function pauseMs(usualMs: number, failures: number, longestMs: number, retryAfterS = 0): number {
  return Math.max(Math.min(usualMs * 2 ** Math.min(failures, 16), longestMs), retryAfterS * 1000);
}

/** The interval, made a little longer or shorter. */
export function jittered(ms: number, jitter: number, random: () => number): number {
  return ms * (1 + jitter * (2 * random() - 1));
}
