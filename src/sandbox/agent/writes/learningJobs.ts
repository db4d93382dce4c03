import { resetApproval } from '../../lifecycle/approval.ts';
import type { Handlers, SandboxAnswer, SandboxRequest } from '../../contract/handler.ts';
import { pathOf } from '../../results/result.ts';
import type {
  Algorithm,
  FeatureChoice,
  HorizontalJob,
  HorizontalPhase,
  Instance,
  LearningPlatform,
  LearningTask,
  VerticalJob,
  WorkStep,
  World,
} from '../../model/world.ts';
import { editableJob, emptyAnswer, agentError } from './caller.ts';
import { addJob, checkExt, deleteJob, newJob, refuseTakenName, touch } from './jobs.ts';
import { datasetsByAgent, datasetsByAlias } from './datasetReferences.ts';

interface LearningJobInput {
  readonly job_type: 'HFL' | 'VFL';
  readonly hfl_type?: HorizontalPhase;
  readonly hfl_platform_type?: LearningPlatform;
  readonly algorithm_type?: Algorithm;
  readonly learning_task_type?: LearningTask;
  readonly job_instance_id?: string;
  readonly train_label_agent?: string;
}

interface HorizontalInput {
  readonly job_name: string;
  readonly description?: string;
  readonly hfl_type: HorizontalPhase;
  readonly hfl_platform_type: LearningPlatform;
  readonly round: number;
  readonly epoch: number;
  readonly datasets: string;
  readonly boot_file_url: string;
  readonly model_file_url: string;
  readonly initial_weight_url?: string;
  readonly engine_id?: string;
  readonly spec_id?: string;
  readonly eval_dataset_name?: string;
  readonly ext?: string;
}

export interface FeatureInput {
  readonly agent_id: string;
  readonly dataset_name: string;
  readonly features: readonly string[];
}

interface VerticalInput {
  readonly job_name: string;
  readonly description?: string;
  readonly algorithm_type: Algorithm;
  readonly learning_task_type?: LearningTask;
  readonly work_step?: WorkStep;
  readonly datasets?: string;
  readonly features?: readonly FeatureInput[];
  readonly label?: string;
  readonly label_dataset?: string;
  readonly label_agent?: string;
  readonly learning_rate?: string;
  readonly predict_threshold?: string;
  readonly epoch?: number;
  readonly batch_size?: number;
  readonly grad_epsilon?: string | null;
  readonly tree_num?: number;
  readonly tree_depth?: number;
  readonly split_num?: number;
  readonly is_single_predict?: boolean;
}

export function readFeatures(input: readonly FeatureInput[]): FeatureChoice[] {
  return input.map(({ agent_id: agentId, dataset_name: datasetName, features }) => ({
    agentId,
    datasetName,
    features,
  }));
}

export const learningJobWrites: Handlers = {
  /** §7.9.1: `job_instance_id` starts from a model; a vertical job also copies the settings it was trained with. */
  createFlJob(request, world) {
    const input = request.body as LearningJobInput;
    const model = requestedModel(request, world, input);
    return input.job_type === 'HFL'
      ? createHorizontalJob(request, world, input, model)
      : createVerticalJob(request, world, input, model);
  },

  /** §7.9.5 */
  updateHorizontalJob(request, world) {
    const job = editableJob(request, world, 'HFL');
    const input = request.body as HorizontalInput;
    refuseTakenName(request, world, input.job_name, job);
    checkExt(request, input.ext);
    const datasets = datasetsByAlias(request, world, input.datasets);
    if (datasets.length === 0) throw agentError(request, 'requestInvalid', 'datasets must not be empty');
    const settings: Partial<HorizontalJob> = {
      name: input.job_name,
      description: input.description ?? '',
      phase: input.hfl_type,
      platform: input.hfl_platform_type,
      rounds: input.round,
      epochs: input.epoch,
      datasetIds: datasets.map(({ id }) => id),
      bootFileUrl: input.boot_file_url,
      modelFileUrl: input.model_file_url,
      initialWeightUrl: input.initial_weight_url,
      engineId: input.engine_id,
      specId: input.spec_id,
      evaluationDatasetName: input.eval_dataset_name,
      ext: input.ext,
    };
    Object.assign(job, settings);
    resetApproval(world, job, 'NEW');
    touch(request, world, job);
    return emptyAnswer;
  },

  /** §7.9.4: answers an empty JSON string. */
  updateVerticalJob(request, world) {
    const job = editableJob(request, world, 'VFL');
    const input = request.body as VerticalInput;
    refuseTakenName(request, world, input.job_name, job);
    const settings: Partial<VerticalJob> = {
      name: input.job_name,
      description: input.description ?? '',
      algorithm: input.algorithm_type,
      learningTask: input.learning_task_type,
      workStep: input.work_step ?? job.workStep,
      datasetIds: datasetsByAgent(request, world, input.datasets ?? '').map(({ id }) => id),
      features: readFeatures(input.features ?? []),
      label: input.label,
      labelDatasetName: input.label_dataset,
      labelAgentId: input.label_agent,
      learningRate: input.learning_rate,
      predictThreshold: input.predict_threshold,
      epochs: input.epoch,
      batchSize: input.batch_size,
      gradientEpsilon: input.grad_epsilon ?? undefined,
      treeCount: input.tree_num,
      treeDepth: input.tree_depth,
      splitCount: input.split_num,
      isSinglePredict: input.is_single_predict,
    };
    Object.assign(job, settings);
    resetApproval(world, job, 'NEW');
    touch(request, world, job);
    return { status: 200, body: '' };
  },

  /** §7.9.8: serves prediction jobs too. */
  deleteFlJob(request, world) {
    deleteJob(request, world, editableJob(request, world, 'HFL', 'VFL', 'PREDICT'));
    return emptyAnswer;
  },
};

/** The training run that `job_instance_id` names, of the matching kind. */
function requestedModel(request: SandboxRequest, world: World, input: LearningJobInput): Instance | undefined {
  const { job_instance_id: id, job_type: jobType } = input;
  if (id === undefined) return undefined;
  const { league_id: leagueId = '' } = request.path;
  const type = jobType === 'HFL' ? 'HFL' : 'VFL_TRAIN';
  const model = world.modelsOfLeague(leagueId).find((candidate) => candidate.id === id && candidate.type === type);
  if (model === undefined) throw agentError(request, 'notFound', `model ${id}`);
  return model;
}

function createHorizontalJob(
  request: SandboxRequest,
  world: World,
  input: LearningJobInput,
  model: Instance | undefined,
): SandboxAnswer {
  return addJob(request, world, {
    ...newJob(request, world),
    type: 'HFL',
    phase: input.hfl_type ?? 'TRAIN',
    platform: input.hfl_platform_type ?? 'LOCAL',
    learningTask: input.learning_task_type,
    rounds: undefined,
    epochs: undefined,
    bootFileUrl: undefined,
    modelFileUrl: undefined,
    initialWeightUrl: model && pathOf(model),
    engineId: undefined,
    specId: undefined,
    evaluationDatasetName: undefined,
  });
}

function createVerticalJob(
  request: SandboxRequest,
  world: World,
  input: LearningJobInput,
  model: Instance | undefined,
): SandboxAnswer {
  const trainingJob = model?.jobSnapshot ?? world.job(model?.jobId ?? '');
  const trained = trainingJob?.type === 'VFL' ? trainingJob : undefined;
  return addJob(request, world, {
    ...newJob(request, world),
    type: 'VFL',
    phase: input.hfl_type ?? 'TRAIN',
    platform: input.hfl_platform_type ?? 'LOCAL',
    algorithm: input.algorithm_type ?? trained?.algorithm ?? 'LOGISTIC_REGRESSION',
    learningTask: input.learning_task_type ?? trained?.learningTask,
    workStep: model === undefined ? 'DATA_SELECTION' : 'MODEL_EVALUATION',
    datasetIds: trained?.datasetIds ?? [],
    features: trained?.features ?? [],
    label: trained?.label,
    labelDatasetName: trained?.labelDatasetName,
    labelAgentId: input.train_label_agent ?? trained?.labelAgentId,
    learningRate: trained?.learningRate,
    predictThreshold: trained?.predictThreshold,
    epochs: trained?.epochs,
    batchSize: trained?.batchSize,
    gradientEpsilon: trained?.gradientEpsilon,
    treeCount: trained?.treeCount,
    treeDepth: trained?.treeDepth,
    splitCount: trained?.splitCount,
    isSinglePredict: trained?.isSinglePredict,
    modelInstanceId: model?.id,
    binning: trained?.binning,
  });
}
