import { Clock } from '../model/clock.ts';
import { Random } from '../model/random.ts';
import { scheduleNextStatus } from '../lifecycle/runner.ts';
import { seedAgents } from './agents.ts';
import { seedApprovalNotices } from './approvals.ts';
import { seedAuditEvents } from './audit.ts';
import { datasetsPerLeague, seedDatasets } from './datasets.ts';
import { instancesPerLeague, seedLiveInstances, seedPastInstances } from './instances.ts';
import type { InstanceContext } from './instances.ts';
import { jobsPerLeague, mayRun, seedHorizontalJob, seedPredictionJob, seedSqlJob, seedVerticalJob } from './jobs.ts';
import type { JobContext } from './jobs.ts';
import { dayMs, seedLeagues, seedTenant } from './leagues.ts';
import { wellKnownIdentifiers } from '../data/population.ts';
import { isTerminal, stepAfter, World } from '../model/world.ts';
import type { Agent, Dataset, Instance, Job, PredictionJob, VerticalJob } from '../model/world.ts';

export interface WorldOptions {
  /** Determines everything else. */
  readonly seed?: number;
  /** Multiplies datasets, jobs and instances. */
  readonly scale?: number;
  /** Days of history. */
  readonly days?: number;
  /** Start of the clock; the history lies before it. Same seed and start, same world. */
  readonly nowMs: number;
  /** Speed of the clock; 0 stands still. */
  readonly speed?: number;
  readonly ownedLeagues?: number;
  readonly joinedLeagues?: number;
  /** Own agents, at least one per league. */
  readonly agents?: number;
  /** Runs that an agent may have started and that are not over. */
  readonly queueLength?: number;
  /** Longest time in RUNNING before TICS.SRV.90000010, in sandbox time. */
  readonly runTimeoutMs?: number;
  /** Time after which other tenants' partners approve a job, in sandbox time; 0 = never. */
  readonly partnerReviewMs?: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const maxSize = { scale: 1000, days: 3650, leagues: 1000 };
/** `scale` times `leagues`: a million and a half instances, which take about 2 GB. */
const maxProduct = 5000;

/** @throws {RangeError} */
function checkSize(size: typeof maxSize): void {
  for (const [name, most] of Object.entries(maxSize)) {
    const value = size[name as keyof typeof maxSize];
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new RangeError(`${name} must be a whole number from 1 to ${most}, not ${value}`);
    }
  }
  const product = size.scale * size.leagues;
  if (product > maxProduct) {
    throw new RangeError(`scale times leagues must be ${maxProduct} at most, not ${product}`);
  }
}

/**
 * Creates a world from a seed and schedules its unfinished runs.
 *
 * @throws {RangeError} for a size that no world can have.
 */
export function createWorld({
  seed = 1,
  scale = 1,
  days = 90,
  nowMs,
  speed = 1,
  ownedLeagues = 3,
  joinedLeagues = 2,
  agents: agentCount = 8,
  queueLength = 10,
  runTimeoutMs = 2 * hourMs,
  partnerReviewMs = 3 * minuteMs,
}: WorldOptions): World {
  checkSize({ scale, days, leagues: ownedLeagues + joinedLeagues });
  const root = new Random(seed);
  const tenant = seedTenant(root);
  const counts = { ownedLeagues, joinedLeagues };
  const { leagues, partners, nodes, membershipNotices } = seedLeagues(root, tenant, { ...counts, days, nowMs });
  const { agents, partnerAgents, standbys, connectors } = seedAgents(root, tenant, { leagues, partners, agentCount });
  const partnerOf = lookUp(partners);
  const worldRandom = root.fork('run time');
  const lookupKeys = wellKnownIdentifiers(worldRandom);

  const datasets: Dataset[] = [];
  const jobs: Job[] = [];
  const instances: Instance[] = [];
  for (const [index, league] of leagues.entries()) {
    const random = root.fork(`contents/${index}`);
    const inLeague = ({ leagueId }: Agent): boolean => leagueId === league.id;
    const leagueAgents = interleave(agents.filter(inLeague), partnerAgents.filter(inLeague));
    const leagueDatasets = seedDatasets(random.fork('datasets'), leagueAgents, connectors, {
      count: datasetsPerLeague * scale,
      days,
      nowMs,
    });
    datasets.push(...leagueDatasets);
    const contents = seedRuns(
      random,
      {
        root,
        agents: leagueAgents,
        datasets: leagueDatasets.filter(({ publication }) => publication !== 'UNPUBLISHED'),
        partnerOf,
        lookupKeys,
        turn: index,
        days,
        nowMs,
      },
      { scale, league: index, leagueCount: leagues.length },
    );
    jobs.push(...contents.jobs);
    instances.push(...contents.instances);
  }

  const world = new World({
    clock: new Clock(nowMs, speed),
    random: worldRandom,
    limits: { queueLength, runTimeoutMs, partnerReviewMs },
    tenant,
    leagues,
    partners,
    agents,
    partnerAgents,
    nodes: [...nodes, ...standbys],
    connectors,
    datasets,
    jobs,
    instances,
    membershipNotices,
    approvalNotices: seedApprovalNotices(root.fork('approval notices'), jobs, {
      agents,
      datasetOf: lookUp(datasets),
      partnerOf,
      nowMs,
    }),
    auditEvents: seedAuditEvents({ partners, datasets, instances }),
  });
  for (const instance of instances) if (!isTerminal(instance.status)) scheduleNextStatus(world, instance);
  return world;
}

/** Jobs and runs of one league. Predictions come last: they need models. */
function seedRuns(
  random: Random,
  context: JobContext,
  { scale, league, leagueCount }: { scale: number; league: number; leagueCount: number },
): { jobs: Job[]; instances: Instance[] } {
  const { days, nowMs, partnerOf } = context;
  const runs: InstanceContext = {
    agentOf: lookUp(context.agents),
    domainNameOf: (partnerId) => partnerOf(partnerId)?.domainName ?? '',
    datasetOf: lookUp(context.datasets),
    days,
    nowMs,
  };
  const make = <T>(kind: keyof typeof jobsPerLeague, seedJob: (own: Random, index: number) => T): T[] =>
    Array.from({ length: jobsPerLeague[kind] * scale }, (_, index) => seedJob(random.fork(`${kind}/${index}`), index));

  const vertical = make('VFL', (own, index) => seedVerticalJob(context, own, index));
  const jobs: Job[] = [
    ...make('SQL', (own, index) => seedSqlJob(context, own, index)),
    ...make('HFL', (own, index) => seedHorizontalJob(context, own, index)),
    ...vertical,
  ];
  const runnable = jobs.filter(mayRun);
  const live = seedLiveInstances(random.fork('live'), runnable, { league, leagueCount }, runs);
  const total = instancesPerLeague * scale;
  const predictionCount = Math.floor(total / 10);
  const past = seedPastInstances(random.fork('past'), runnable, total - predictionCount - live.length, runs);
  setWorkSteps(vertical, past);
  setRounds(jobs, live);

  const trainingJobOf = lookUp(vertical);
  // Old enough for runs of predictions that follow.
  const latestModelMs = nowMs - Math.min(2, days / 3) * dayMs;
  const models = past.filter(
    ({ type, status, startedAtMs }) => type === 'VFL_TRAIN' && status === 'SUCCEEDED' && startedAtMs < latestModelMs,
  );
  const predictions = make('PREDICT', (own, index): PredictionJob => {
    const model = own.pick(models);
    const trainingJob = trainingJobOf(model.jobId);
    if (!trainingJob) throw new Error('a model comes from a vertical job');
    return seedPredictionJob(context, own, index, { model, trainingJob });
  });
  const predicted = seedPastInstances(random.fork('predicted'), predictions.filter(mayRun), predictionCount, runs);
  return { jobs: [...jobs, ...predictions], instances: [...past, ...predicted, ...live] };
}

/** Sets the step of vertical jobs to that of their latest run. */
function setWorkSteps(jobs: readonly VerticalJob[], instances: readonly Instance[]): void {
  const latest = new Map<string, Instance>();
  for (const instance of instances) {
    if (instance.startedAtMs >= (latest.get(instance.jobId)?.startedAtMs ?? 0)) latest.set(instance.jobId, instance);
  }
  for (const job of jobs) {
    const instance = latest.get(job.id);
    if (instance) job.workStep = stepAfter[instance.type] ?? job.workStep;
  }
}

/** A job was edited before the run that has other rounds than those before it. */
function setRounds(jobs: readonly Job[], live: readonly Instance[]): void {
  const jobOf = lookUp(jobs);
  for (const { jobId, rounds, startedAtMs } of live) {
    const job = jobOf(jobId);
    if (job?.type !== 'HFL' || (job.rounds ?? 0) >= rounds) continue;
    job.rounds = rounds;
    job.updatedAtMs = startedAtMs - dayMs;
  }
}

function lookUp<T extends { readonly id: string }>(items: readonly T[]): (id: string) => T | undefined {
  const byId = new Map(items.map((item) => [item.id, item]));
  return (id) => byId.get(id);
}

/** Alternates own and other agents, so that neighbours belong to different partners. */
function interleave(ours: readonly Agent[], others: readonly Agent[]): Agent[] {
  const length = Math.max(ours.length, others.length);
  return Array.from({ length }, (_, index) => [ours[index], others[index]])
    .flat()
    .filter((agent) => agent !== undefined);
}
