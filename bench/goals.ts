/** One figure of the table in docs/performance.md: what it was, and what it is to become. */
export interface Goal {
  readonly figure: string;
  /** Measured at commit 4d7311b, where it was. */
  readonly then: string;
  /** A figure is met when it is at least, or at most, this. */
  readonly is: 'atLeast' | 'atMost';
  readonly firstStep: number;
  readonly goal: number;
  readonly unit?: 'ms' | 'MB' | '%';
}

/** Ratios are of processor time in one run: above 1 the gateway is cheaper than what it is compared with. */
export const goals = {
  q2Raw: {
    figure: 'Q2, nothing shared: raw ÷ ours',
    then: '0.11',
    is: 'atLeast',
    firstStep: 0.65,
    goal: 0.9,
  },
  q2NarrowRaw: {
    figure: 'Q2 with rows of datasets that have no columns: raw ÷ ours',
    then: '',
    is: 'atLeast',
    firstStep: 0.65,
    goal: 0.9,
  },
  q1Raw: { figure: 'Q1: raw ÷ ours', then: '0.10', is: 'atLeast', firstStep: 0.28, goal: 0.75 },
  identifiedQ1: {
    figure: 'Q1, anonymous ÷ with a key and a budget',
    then: '',
    is: 'atLeast',
    firstStep: 0.95,
    goal: 0.95,
  },
  identifiedQ2: {
    figure: 'Q2, anonymous ÷ with a key and a budget',
    then: '',
    is: 'atLeast',
    firstStep: 0.95,
    goal: 0.95,
  },
  sharedConstant: {
    figure: '32 identical Q2 in flight: constant ÷ ours',
    then: '0.001',
    is: 'atLeast',
    firstStep: 0.13,
    goal: 0.3,
  },
  sharedCalls: {
    figure: '32 identical Q2 in flight: upstream calls a query',
    then: '42.9',
    is: 'atMost',
    firstStep: 3,
    goal: 2,
  },
  q3Constant: {
    figure: 'Q3, the whole answer cached: constant ÷ ours',
    then: '0.003',
    is: 'atLeast',
    firstStep: 0.8,
    goal: 0.9,
  },
  q3Raw: {
    figure: 'Q3: raw with cached values ÷ ours',
    then: '0.035',
    is: 'atLeast',
    firstStep: 0.3,
    goal: 0.65,
  },
  rowsRaw: {
    figure: '10,000 rows of one list: ours ÷ raw',
    then: '7.9',
    is: 'atMost',
    firstStep: 4,
    goal: 2,
  },
  connections: {
    figure: 'Good answers a second, 512 connections ÷ 8',
    then: '0.5',
    is: 'atLeast',
    firstStep: 0.8,
    goal: 0.9,
  },
  burstRefused: {
    figure: 'Closed loop of 32 users after a burst: refused',
    then: '72%',
    is: 'atMost',
    firstStep: 5,
    goal: 0,
    unit: '%',
  },
  crowdRefused: {
    figure: 'Closed loop of 128 users: refused',
    then: '',
    is: 'atMost',
    firstStep: 5,
    goal: 0,
    unit: '%',
  },
  healthMs: {
    figure: '`/healthz` while 600 callers ask for Q2: p95',
    then: '145 ms',
    is: 'atMost',
    firstStep: 50,
    goal: 50,
    unit: 'ms',
  },
  refusalMs: {
    figure: 'Queries of 434 and 764 bytes that cost most: slowest refusal',
    then: '49,000 ms',
    is: 'atMost',
    firstStep: 50,
    goal: 50,
    unit: 'ms',
  },
  tail: { figure: 'Q2 at 32 connections: p99 ÷ p50', then: '2.7', is: 'atMost', firstStep: 2.3, goal: 2 },
  startMs: {
    figure: 'From start to the first answer',
    then: '824 ms',
    is: 'atMost',
    firstStep: 450,
    goal: 300,
    unit: 'ms',
  },
  startMemory: {
    figure: 'Resident memory after start',
    then: '123 MB',
    is: 'atMost',
    firstStep: 105,
    goal: 90,
    unit: 'MB',
  },
  busyMemory: {
    figure: 'Resident memory under Q2',
    then: '253–317 MB',
    is: 'atMost',
    firstStep: 230,
    goal: 200,
    unit: 'MB',
  },
  slowUpstream: {
    figure: 'Upstream that takes 50 ms, 32 Q2 at once: good answers a second, ours ÷ raw',
    then: '',
    is: 'atLeast',
    firstStep: 0.9,
    goal: 1,
  },
} as const satisfies Record<string, Goal>;

/** Names a figure. */
export type GoalName = keyof typeof goals;

/** Goals that other benches and tests measure. */
export const elsewhere: readonly string[] = [
  'One agent that takes 3 s among 40: the rest is there before it (a test of `@defer`).',
  'A thousand watchers of one instance: `npm run bench:live`.',
];
