import { lifecycleOf, drawRunMs, roundsOf, runningAtOf } from '../lifecycle/lifecycle.ts';
import type { Random } from '../model/random.ts';
import type { Agent, Dataset, Instance, InstanceType, Job, RunStatus } from '../model/world.ts';
import { dayMs, usersOf } from './leagues.ts';

/** Runs per league at scale 1, unfinished ones included. */
export const instancesPerLeague = 300;
/** Latest start of a finished run. */
const settledMs = 30 * 60_000;

export interface InstanceContext {
  readonly agentOf: (id: string) => Agent | undefined;
  readonly domainNameOf: (partnerId: string) => string;
  readonly datasetOf: (id: string) => Dataset | undefined;
  /** Days of history. */
  readonly days: number;
  readonly nowMs: number;
}

const pipeline: readonly InstanceType[] = [
  'VFL_ID_TRUNCATION',
  'VFL_SAMPLE_ALIGNMENT',
  'VFL_FEATURE_SELECTION',
  'VFL_TRAIN',
  'VFL_EVALUATE',
];

/** Type of a job's n-th run. Vertical jobs cycle through their steps. */
function typeOf(job: Job, run: number): InstanceType {
  switch (job.type) {
    case 'SQL':
      return 'SQL';
    case 'HFL':
      return 'HFL';
    case 'VFL':
      return pipeline[run % pipeline.length] ?? 'VFL_TRAIN';
    case 'PREDICT':
      return 'VFL_PREDICT';
  }
}

/** Finished runs, spread over the days of history. */
export function seedPastInstances(
  root: Random,
  jobs: readonly Job[],
  count: number,
  context: InstanceContext,
): Instance[] {
  if (jobs.length === 0) return [];
  const startsOf = new Map<Job, number[]>(jobs.map((job) => [job, []]));
  const latestMs = context.nowMs - settledMs;
  for (let index = 0; index < count; index++) {
    const job = root.pick(jobs);
    const earliestMs = Math.max(job.createdAtMs + 60_000, context.nowMs - context.days * dayMs);
    startsOf.get(job)?.push(Math.floor(earliestMs + root.next() * (latestMs - earliestMs)));
  }
  return [...startsOf].flatMap(([job, starts]) =>
    starts
      .sort((a, b) => a - b)
      .map((startedAtMs, run) => end(seedRun(root, job, typeOf(job, run), startedAtMs, context), root)),
  );
}

/** A run that has just started. */
function seedRun(
  root: Random,
  job: Job,
  type: InstanceType,
  startedAtMs: number,
  { agentOf, domainNameOf, datasetOf }: InstanceContext,
): Instance {
  const owners = job.datasetIds.map((id) => datasetOf(id)?.agentId).filter((id) => id !== undefined);
  const agentId = root.chance(0.85) ? job.agentId : root.pick([job.agentId, ...owners]);
  const partnerId = agentOf(agentId)?.partnerId ?? job.partnerId;
  const rounds = roundsOf(job, type);
  return {
    id: root.id(),
    leagueId: job.leagueId,
    jobId: job.id,
    jobName: job.name,
    type,
    status: 'NEW',
    statusSinceMs: startedAtMs,
    startedAtMs,
    runningAtMs: undefined,
    endedAtMs: undefined,
    rounds,
    runMs: drawRunMs(root, type, rounds),
    finalStatus: 'SUCCEEDED',
    intercepted: false,
    agentId,
    partnerId,
    executorName: root.pick(usersOf(domainNameOf(partnerId))),
    agentIds: [...new Set([agentId, ...owners])],
    datasetIds: job.datasetIds,
    isSinglePredict: job.type === 'PREDICT' || job.type === 'VFL' ? job.isSinglePredict : undefined,
    ext: type === 'VFL_TRAIN' || type === 'VFL_PREDICT' || type === 'HFL' ? job.ext : undefined,
    jobSnapshot: undefined,
    seededQuery: job.type === 'SQL' ? job.seededQuery : undefined,
    results: undefined,
    failure: undefined,
  };
}

/** Decides the end of a run. */
function end(instance: Instance, random: Random): Instance {
  const status = random.weighted({ SUCCEEDED: 78, FAILED: 14, TERMINATED: 8 });
  if (status === 'FAILED') fail(instance, random);
  instance.status = status;
  const runningAtMs = runningAtOf(instance);
  if (status === 'TERMINATED' && random.chance(0.2)) {
    // Stopped before RUNNING.
    return endAt(instance, instance.startedAtMs + Math.floor(random.next() * (runningAtMs - instance.startedAtMs)));
  }
  instance.runningAtMs = runningAtMs;
  const part = status === 'TERMINATED' ? 0.1 + 0.8 * random.next() : 1;
  return endAt(instance, runningAtMs + Math.floor(instance.runMs * part));
}

function endAt(instance: Instance, atMs: number): Instance {
  instance.endedAtMs = atMs;
  instance.statusSinceMs = atMs;
  return instance;
}

/** Ends a run early; a refused one almost at once. */
function fail(instance: Instance, random: Random): void {
  const isAnalysis = instance.type === 'SQL';
  instance.finalStatus = 'FAILED';
  instance.intercepted = isAnalysis && random.chance(0.5);
  const reached = random.int(1, instance.rounds);
  const part = instance.intercepted ? 0.1 : reached / instance.rounds;
  instance.rounds = reached;
  instance.runMs = Math.ceil(instance.runMs * part);
}

/** An unfinished run. */
interface LiveRun {
  readonly status: RunStatus;
  readonly type: InstanceType;
  readonly fails?: boolean;
  /** Of a run that goes on for hours. */
  readonly rounds?: number;
}

const longRoundMs = 120_000;

/** Unfinished runs, dealt to the leagues in turn. */
const live: readonly LiveRun[] = [
  { status: 'RUNNING', type: 'VFL_TRAIN' },
  { status: 'RUNNING', type: 'HFL' },
  { status: 'RUNNING', type: 'SQL' },
  { status: 'TERMINATING', type: 'SQL' },
  { status: 'PENDING', type: 'SQL' },
  // An example of GraphiQL watches it, so it goes on for half a day.
  { status: 'NEW', type: 'HFL', rounds: 360 },
  { status: 'SUBMITING', type: 'SQL' },
  { status: 'ACCEPTED', type: 'VFL_TRAIN' },
  { status: 'DEPLOYING', type: 'HFL' },
  { status: 'RUNNING', type: 'VFL_TRAIN', fails: true },
];

/** The unfinished runs of one league. */
export function seedLiveInstances(
  root: Random,
  jobs: readonly Job[],
  { league, leagueCount }: { league: number; leagueCount: number },
  context: InstanceContext,
): Instance[] {
  return live
    .filter((_, index) => index % leagueCount === league)
    .flatMap(({ status, type, fails, rounds }) => {
      const suitable = jobs.filter((job) => pipeline.includes(type) === (job.type === 'VFL') && matches(job, type));
      if (suitable.length === 0) return [];
      const instance = seedRun(root, root.pick(suitable), type, 0, context);
      if (fails) fail(instance, root);
      // Long enough to be watched.
      instance.runMs = Math.max(instance.runMs * 3, 180_000);
      if (rounds !== undefined) Object.assign(instance, { rounds, runMs: rounds * longRoundMs });
      return [startSoThat(instance, status, 0.25 + 0.4 * root.next(), context.nowMs)];
    });
}

function matches(job: Job, type: InstanceType): boolean {
  return job.type === 'SQL' ? type === 'SQL' && !job.isPrivateLookup : type !== 'SQL';
}

/** Backdates a run so that it is part way through a status now. */
function startSoThat(instance: Instance, status: RunStatus, part: number, nowMs: number): Instance {
  const state = status === 'TERMINATING' ? 'RUNNING' : status;
  const milestones = lifecycleOf(instance);
  const index = milestones.findIndex((milestone) => milestone.status === state);
  const fromMs = milestones[index]?.atMs ?? 0;
  const untilMs = milestones[index + 1]?.atMs ?? fromMs;
  instance.startedAtMs = nowMs - Math.floor(fromMs + part * (untilMs - fromMs));
  instance.status = status;
  instance.statusSinceMs = status === state ? instance.startedAtMs + fromMs : nowMs;
  if (state === 'RUNNING') instance.runningAtMs = runningAtOf(instance);
  return instance;
}
