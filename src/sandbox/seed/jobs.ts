import type { Random } from '../model/random.ts';
import { algorithms, approvalStatuses } from '../model/world.ts';
import type {
  Agent,
  ApprovalStatus,
  Dataset,
  FeatureChoice,
  HorizontalJob,
  Instance,
  Job,
  Partner,
  PredictionJob,
  SqlJob,
  VerticalJob,
} from '../model/world.ts';
import { modelParamOf } from '../learning/modelParam.ts';
import { seedApprovals } from './approvals.ts';
import { dayMs, userIdOf, usersOf } from './leagues.ts';
import { descriptions, jobPurposes } from './names.ts';
import { joinQuery, lookupQuery } from './statements.ts';

/** Jobs per league at scale 1. */
export const jobsPerLeague = { SQL: 12, HFL: 6, VFL: 9, PREDICT: 3 } as const;

export interface JobContext {
  readonly root: Random;
  /** All agents of the league. */
  readonly agents: readonly Agent[];
  /** Published datasets of the league. */
  readonly datasets: readonly Dataset[];
  readonly partnerOf: (id: string) => Partner | undefined;
  /** Identifiers for private lookups. */
  readonly lookupKeys: readonly string[];
  /** Rotates the approval statuses between leagues. */
  readonly turn: number;
  /** Days of history. */
  readonly days: number;
  readonly nowMs: number;
}

/** Every second job is approved; the others rotate through the statuses. */
function statusOf(index: number, turn: number): ApprovalStatus {
  return index % 2 === 0 ? 'APPROVED' : (approvalStatuses[((index - 1) / 2 + turn) % approvalStatuses.length] ?? 'NEW');
}

/** Fields shared by all job types. */
function seedBase(context: JobContext, random: Random, index: number, datasets: readonly Dataset[]) {
  const { root, agents, partnerOf, days, nowMs } = context;
  // The creating agent owns one of the datasets.
  const owners = agents.filter(({ id }) => datasets.some(({ agentId }) => agentId === id));
  const ours = owners.filter(({ isOwn }) => isOwn);
  const agent = random.pick(ours.length > 0 && random.chance(0.4) ? ours : owners);
  const partner = partnerOf(agent.partnerId);
  if (!partner) throw new Error('an agent belongs to a partner');
  const creatorName = random.pick(usersOf(partner.domainName));
  const updaterName = random.pick(usersOf(partner.domainName));
  const createdAtMs = nowMs - random.int(1, days + 9) * dayMs - random.int(0, dayMs);
  const approvalStatus = statusOf(index, context.turn);
  return {
    id: random.id(),
    leagueId: agent.leagueId,
    agentId: agent.id,
    partnerId: partner.id,
    description: random.pick(descriptions),
    approvalStatus,
    approvals: seedApprovals(random, approvalStatus, datasets, { creatorPartnerId: partner.id, partnerOf }),
    creatorId: userIdOf(root, partner.domainName, creatorName),
    creatorName,
    createdAtMs,
    updaterId: userIdOf(root, partner.domainName, updaterName),
    updaterName,
    updatedAtMs: createdAtMs + Math.floor(random.next() * 0.5 * (nowMs - createdAtMs)),
    datasetIds: datasets.map(({ id }) => id),
  };
}

export function seedSqlJob(context: JobContext, random: Random, index: number): SqlJob {
  const tables = context.datasets.filter(({ table }) => table !== undefined);
  const aliasOf = ({ partnerId }: Dataset): string => context.partnerOf(partnerId)?.alias ?? '';
  const left = random.pick(tables);
  const others = tables.filter(({ partnerId }) => partnerId !== left.partnerId);
  const right = random.pick(others.length > 0 ? others : tables);
  const isPrivateLookup = index % 6 === 4;
  const datasets = left === right ? [left] : [left, right];
  const base = seedBase(context, random, index, datasets);
  const name = `${random.pick(isPrivateLookup ? jobPurposes.PIR : jobPurposes.SQL)}_${index + 1}`;
  const query = isPrivateLookup
    ? lookupQuery({ dataset: right, alias: aliasOf(right) }, random.pick(context.lookupKeys))
    : joinQuery({ dataset: left, alias: aliasOf(left) }, { dataset: right, alias: aliasOf(right) });
  return {
    ...base,
    type: 'SQL',
    name,
    sql: query.sql,
    seededQuery: query,
    isPrivateLookup,
    ext:
      index % 3 === 0 ? '{}' : JSON.stringify({ 'agg.count': 1, 'user.task.memory.size': '4096', 'stream.count': 2 }),
  };
}

export function seedHorizontalJob(context: JobContext, random: Random, index: number): HorizontalJob {
  const alike = context.datasets.filter(({ name }) => name.startsWith('iris'));
  const datasets = alike.slice(0, Math.max(2, Math.min(alike.length, random.int(2, 3))));
  const phase = index % 4 === 3 ? 'EVALUATE' : 'TRAIN';
  const base = seedBase(context, random, index, datasets);
  const isCloud = index % 5 === 2;
  return {
    ...base,
    type: 'HFL',
    name: `${random.pick(jobPurposes.HFL)}_${index + 1}`,
    phase,
    platform: isCloud ? 'MODEL_ARTS' : 'LOCAL',
    learningTask: 'CLASSIFICATION',
    rounds: phase === 'TRAIN' ? random.int(2, 6) : 1,
    epochs: random.int(1, 5),
    bootFileUrl: '/uploadfiles/iris_train.py',
    modelFileUrl: '/uploadfiles/iris_model.h5',
    initialWeightUrl: phase === 'EVALUATE' ? `/uploadfiles/weights_${index + 1}.h5` : undefined,
    engineId: isCloud ? 'TF-1.13.1-python3.6' : undefined,
    specId: isCloud ? 'modelarts.vm.cpu.2u' : undefined,
    evaluationDatasetName: datasets[0]?.name,
    ext: index % 2 === 0 ? JSON.stringify({ early_stop: true, seed: random.int(1, 99) }) : undefined,
  };
}

/** A file with the label and one without, of two partners. */
function pairOf(datasets: readonly Dataset[], random: Random): { guest: Dataset; host: Dataset } {
  const topic = random.chance(0.6) ? 'credit' : 'ctr';
  const guests = datasets.filter(({ name }) => name.startsWith(`${topic}_guest`));
  const guest = random.pick(guests);
  const hosts = datasets.filter(
    ({ name, partnerId }) => name.startsWith(`${topic}_host`) && partnerId !== guest.partnerId,
  );
  return { guest, host: hosts.length > 0 ? random.pick(hosts) : guest };
}

function featuresOf(dataset: Dataset, random: Random): FeatureChoice {
  const names = dataset.columns.filter(({ labelType }) => labelType === 'FEATURE').map(({ name }) => name);
  return {
    agentId: dataset.agentId,
    datasetName: dataset.name,
    features: random.sample(names, Math.max(2, names.length - 2)),
  };
}

export function seedVerticalJob(context: JobContext, random: Random, index: number): VerticalJob {
  const { guest, host } = pairOf(context.datasets, random);
  const base = seedBase(context, random, index, [guest, host]);
  const isClicks = guest.name.startsWith('ctr');
  const algorithm = isClicks ? 'FIBINET' : (algorithms[index % 4] ?? 'XG_BOOST');
  const isTree = algorithm === 'XG_BOOST' || algorithm === 'LIGHT_BGM';
  const job: VerticalJob = {
    ...base,
    type: 'VFL',
    name: `${random.pick(jobPurposes.VFL)}_${index + 1}`,
    phase: 'TRAIN',
    platform: 'LOCAL',
    algorithm,
    learningTask: index % 7 === 5 ? 'REGRESSION' : 'CLASSIFICATION',
    learningRate: random.pick(['0.5', '0.1', '0.05', '0.01']),
    predictThreshold: random.pick(['0.5', '0.4', '0.6']),
    features: [featuresOf(guest, random), featuresOf(host, random)],
    label: guest.columns.find(({ labelType }) => labelType === 'LABEL')?.name,
    labelDatasetName: guest.name,
    labelAgentId: guest.agentId,
    epochs: isTree ? undefined : random.int(1, 10),
    batchSize: isTree ? undefined : random.pick([64, 256, 4000]),
    treeCount: isTree ? random.int(2, 20) : undefined,
    treeDepth: isTree ? random.int(3, 7) : undefined,
    splitCount: isTree ? random.int(5, 20) : undefined,
    gradientEpsilon: algorithm === 'LOGISTIC_REGRESSION' ? '0.001' : undefined,
    isSinglePredict: index % 3 === 0,
    workStep: 'DATA_SELECTION',
    binning: index % 2 === 0 ? 'FREQUENCY' : 'DISTANCE',
    modelInstanceId: undefined,
    ext: undefined,
  };
  job.ext = JSON.stringify(
    modelParamOf(job, [guest, host], ({ partnerId }) => context.partnerOf(partnerId)?.alias ?? ''),
  );
  return job;
}

/** A prediction job for a model of the league. */
export function seedPredictionJob(
  context: JobContext,
  random: Random,
  index: number,
  { model, trainingJob }: { model: Instance; trainingJob: VerticalJob },
): PredictionJob {
  const datasets = context.datasets.filter(({ id }) => trainingJob.datasetIds.includes(id));
  const base = seedBase(context, random, index, datasets);
  const earliestMs = model.endedAtMs ?? base.createdAtMs;
  const createdAtMs = Math.max(base.createdAtMs, earliestMs + 60_000);
  const { algorithm, learningTask, learningRate, predictThreshold, features, label, labelDatasetName } = trainingJob;
  const { labelAgentId, epochs, batchSize, treeCount, treeDepth, splitCount } = trainingJob;
  const isSinglePredict = index % 2 === 0;
  return {
    ...base,
    createdAtMs,
    updatedAtMs: createdAtMs,
    type: 'PREDICT',
    name: `${random.pick(jobPurposes.PREDICT)}_${index + 1}`,
    modelInstanceId: model.id,
    algorithm,
    learningTask,
    learningRate,
    predictThreshold,
    features,
    label,
    labelDatasetName,
    labelAgentId,
    epochs,
    batchSize,
    treeCount,
    treeDepth,
    splitCount,
    isSinglePredict,
    ext: JSON.stringify({
      instance_id: model.id,
      is_single_predict: isSinglePredict,
      predict_threshold: predictThreshold,
      job_creation_agent: base.agentId,
    }),
  };
}

export function mayRun({ approvalStatus }: Job): boolean {
  return approvalStatus === 'APPROVED';
}
