import { Random } from '../model/random.ts';
import type { Instance, InstanceType, Job, RunStatus } from '../model/world.ts';

const secondMs = 1000;

/** Range of the time in each status before RUNNING. */
const stateDurationsMs = [
  ['NEW', 400, 1200],
  ['SUBMITING', 500, 1500],
  ['ACCEPTED', 500, 1500],
  ['DEPLOYING', 2000, 6000],
  ['PENDING', 800, 4000],
] as const;

export interface Milestone {
  readonly status: RunStatus;
  readonly atMs: number;
}

/** The schedule of a run that nobody stops. Derived from its id, so it is stable. */
export function lifecycleOf({
  id,
  startedAtMs,
  runMs,
  finalStatus: finalStatus,
}: Pick<Instance, 'id' | 'startedAtMs' | 'runMs' | 'finalStatus'>): Milestone[] {
  const random = new Random(`${id}/course`);
  const milestones: Milestone[] = [];
  let atMs = startedAtMs;
  for (const [status, minMs, maxMs] of stateDurationsMs) {
    milestones.push({ status, atMs });
    atMs += random.int(minMs, maxMs);
  }
  return [...milestones, { status: 'RUNNING', atMs }, { status: finalStatus, atMs: atMs + runMs }];
}

export function runningAtOf(instance: Parameters<typeof lifecycleOf>[0]): number {
  return lifecycleOf(instance).find(({ status }) => status === 'RUNNING')?.atMs ?? instance.startedAtMs;
}

/** Range of the seconds per round. */
const roundSeconds: Readonly<Record<InstanceType, readonly [number, number]>> = {
  SQL: [3, 60],
  HFL: [20, 90],
  VFL_ID_TRUNCATION: [4, 20],
  VFL_SAMPLE_ALIGNMENT: [5, 60],
  VFL_FEATURE_SELECTION: [10, 90],
  VFL_TRAIN: [30, 120],
  VFL_EVALUATE: [8, 40],
  VFL_PREDICT: [8, 60],
};

export function drawRunMs(random: Random, type: InstanceType, rounds: number): number {
  const [min, max] = roundSeconds[type];
  return random.int(min * secondMs, max * secondMs) * rounds;
}

const maxVerticalRounds = 5;

/** Number of rounds of a run. */
export function roundsOf(job: Job, type: InstanceType): number {
  if (job.type === 'HFL') return job.rounds ?? 1;
  if (job.type !== 'VFL' || type !== 'VFL_TRAIN') return 1;
  return Math.min(maxVerticalRounds, job.epochs ?? job.treeCount ?? 1);
}
