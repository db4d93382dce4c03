import type { Handlers, SandboxAnswer, SandboxRequest } from '../../contract/handler.ts';
import { LearningFailure } from '../../learning/failure.ts';
import { modelParamOf } from '../../learning/modelParam.ts';
import { readPrivacy } from '../../learning/privacyParameters.ts';
import type {
  BinningType,
  FeatureChoice,
  InstanceType,
  LearningTask,
  PredictionJob,
  VerticalJob,
  World,
} from '../../model/world.ts';
import { editableJob, agentError } from './caller.ts';
import { readFeatures, type FeatureInput } from './learningJobs.ts';
import { datasetsByAgent, datasetsById, datasetsOfAgents } from './datasetReferences.ts';
import { refuseUnlessApproved, startRequestedRun } from './startRun.ts';

/** Overrides of the job's settings for one run. */
interface RunInput {
  readonly job_instance_type?: InstanceType;
  readonly instance_id?: string;
  readonly datasets?: string | Readonly<Record<string, string>>;
  readonly dataset_ids?: readonly string[];
  readonly features?: readonly FeatureInput[];
  readonly featuresList?: Readonly<Record<string, readonly string[]>>;
  readonly label?: string;
  readonly label_dataset?: string;
  readonly label_agent?: string;
  readonly binning_type?: BinningType;
  readonly learning_task_type?: LearningTask;
  readonly is_single_predict?: boolean;
  readonly model_param?: Readonly<Record<string, unknown>>;
  readonly vfl_external_param?: Readonly<Record<string, unknown>>;
}

export const learningRunWrites: Handlers = {
  /** §7.9.9 */
  executeHorizontalJob(request, world) {
    const job = editableJob(request, world, 'HFL');
    if (job.datasetIds.length === 0) throw agentError(request, 'jobIncomplete', job.name);
    refuseUnlessApproved(request, world, job);
    return startRequestedRun(request, world, { job, type: 'HFL' });
  },

  /** §7.9.10 */
  executeVerticalJob(request, world) {
    const job = editableJob(request, world, 'VFL', 'PREDICT');
    const { job_instance_type: type } = request.body as RunInput;
    const allowed: readonly unknown[] =
      job.type === 'PREDICT' ? ['VFL_PREDICT'] : ['VFL_TRAIN', 'VFL_EVALUATE', 'VFL_PREDICT'];
    if (type === undefined || !allowed.includes(type)) {
      throw agentError(request, 'requestInvalid', `job_instance_type must be one of ${allowed.join(', ')}`);
    }
    return start(request, world, job, type);
  },

  /** §7.12.1 */
  truncateIds: (request, world) => prepare(request, world, 'VFL_ID_TRUNCATION'),

  /** §7.12.3 */
  alignSamples: (request, world) => prepare(request, world, 'VFL_SAMPLE_ALIGNMENT'),

  /** §7.12.2: the job keeps the binning type. */
  calculateInformationValue(request, world) {
    const answer = prepare(request, world, 'VFL_FEATURE_SELECTION');
    const job = editableJob(request, world, 'VFL');
    job.binning = (request.body as RunInput).binning_type ?? job.binning;
    return answer;
  },
};

/** Starts a preparation step. `job_instance_type` must match the path. */
function prepare(request: SandboxRequest, world: World, type: InstanceType): SandboxAnswer {
  const job = editableJob(request, world, 'VFL');
  const { job_instance_type: asked = type } = request.body as RunInput;
  if (asked !== type) throw agentError(request, 'requestInvalid', `job_instance_type must be ${type}`);
  return start(request, world, job, type);
}

/** Starts a run with the request's overrides; the saved job does not change. */
function start(
  request: SandboxRequest,
  world: World,
  job: VerticalJob | PredictionJob,
  type: InstanceType,
): SandboxAnswer {
  checkPrivacy(request);
  const definition = withOverrides(request, world, job);
  if (definition.datasetIds.length === 0) throw agentError(request, 'jobIncomplete', job.name);
  const isLabelled = definition.label !== undefined && definition.labelDatasetName !== undefined;
  if (type === 'VFL_TRAIN' && !isLabelled) throw agentError(request, 'jobIncomplete', `${job.name}: label`);
  refuseUnlessApproved(request, world, job);
  const usesModel = type === 'VFL_EVALUATE' || type === 'VFL_PREDICT';
  return startRequestedRun(request, world, {
    job: definition,
    type,
    isSinglePredict: definition.isSinglePredict,
    ext: parametersText(request, world, definition, usesModel ? modelOf(request, world, job) : undefined),
  });
}

function checkPrivacy(request: SandboxRequest): void {
  try {
    readPrivacy((request.body as RunInput).vfl_external_param ?? {});
  } catch (error) {
    if (error instanceof LearningFailure) throw agentError(request, 'requestInvalid', error.message);
    throw error;
  }
}

/** The job with the request's overrides applied. */
function withOverrides<T extends VerticalJob | PredictionJob>(request: SandboxRequest, world: World, job: T): T {
  const input = request.body as RunInput;
  const parameters = input.model_param ?? {};
  const number = (name: string): number | undefined => {
    const value = parameters[name];
    return value === undefined ? undefined : Number(value);
  };
  const digits = (name: string): string | undefined => {
    const value = parameters[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  return {
    ...job,
    datasetIds: requestedDatasetIds(request, world, input) ?? job.datasetIds,
    features: requestedFeatures(input) ?? job.features,
    label: input.label ?? job.label,
    labelDatasetName: input.label_dataset ?? job.labelDatasetName,
    labelAgentId: input.label_agent ?? job.labelAgentId,
    learningTask: input.learning_task_type ?? job.learningTask,
    learningRate: digits('learning_rate') ?? job.learningRate,
    predictThreshold: digits('predict_threshold') ?? job.predictThreshold,
    epochs: number('epoch') ?? job.epochs,
    batchSize: number('batch_size') ?? job.batchSize,
    treeCount: number('tree_num') ?? job.treeCount,
    treeDepth: number('tree_depth') ?? job.treeDepth,
    splitCount: number('split_num') ?? job.splitCount,
    isSinglePredict: input.is_single_predict ?? job.isSinglePredict,
    ...(job.type === 'VFL' && { binning: input.binning_type ?? job.binning }),
  };
}

/** By id, else by agent and name. The plain names of idTruncation mean the job's own datasets. */
function requestedDatasetIds(
  request: SandboxRequest,
  world: World,
  { datasets, dataset_ids: ids = [] }: RunInput,
): string[] | undefined {
  const found =
    ids.length > 0
      ? datasetsById(request, world, ids)
      : typeof datasets === 'object'
        ? datasetsOfAgents(request, world, datasets)
        : request.operationId !== 'truncateIds' && datasets !== undefined
          ? datasetsByAgent(request, world, datasets)
          : [];
  return found.length === 0 ? undefined : found.map(({ id }) => id);
}

/** `features`, or `featuresList` with keys `alias.agentId.datasetId.dataset`. */
function requestedFeatures({ features, featuresList }: RunInput): FeatureChoice[] | undefined {
  if (featuresList === undefined) return features && readFeatures(features);
  return Object.entries(featuresList).map(([key, names]) => {
    const [, agentId = '', , ...rest] = key.split('.');
    return { agentId, datasetName: rest.join('.'), features: names };
  });
}

/** The model to use: the one named, the job's own, or the latest that the job has trained. */
function modelOf(request: SandboxRequest, world: World, job: VerticalJob | PredictionJob): string {
  const { instance_id: asked } = request.body as RunInput;
  // The reference's example repeats the job's id here.
  const named = asked === undefined || asked === job.id ? job.modelInstanceId : asked;
  const [latest] = world.modelsOfJob(job.id);
  const id = named ?? latest?.id;
  if (id === undefined) throw agentError(request, 'noModel', job.name);
  const isModel = world.modelsOfLeague(job.leagueId).some((model) => model.id === id && model.type === 'VFL_TRAIN');
  if (!isModel) throw agentError(request, 'notFound', `model ${id}`);
  return id;
}

/** All parameters of the run as JSON text. The request's override the job's. */
function parametersText(
  request: SandboxRequest,
  world: World,
  definition: VerticalJob | PredictionJob,
  modelInstanceId: string | undefined,
): string {
  const { model_param: parameters = {}, ...rest } = request.body as RunInput;
  const datasets = definition.datasetIds.map((id) => world.dataset(id)).filter((dataset) => dataset !== undefined);
  return JSON.stringify({
    ...modelParamOf(definition, datasets, ({ partnerId }) => world.partner(partnerId)?.alias ?? ''),
    ...rest,
    ...parameters,
    instance_id: modelInstanceId ?? rest.instance_id,
  });
}
