import type { components } from '../../../upstream/generated/agent.d.ts';
import { jsonInDigits } from '../../../upstream/json.ts';
import type { EnumValueOf } from '../../../upstream/openEnum.ts';
import type { Decimal } from '../../../upstream/wire.ts';
import type { algorithms, horizontalPhases } from '../../instances/enums.ts';
import type { learningPlatforms, learningTasks, workSteps } from '../enums.ts';

type Schemas = components['schemas'];

/** Properties that may be left out. */
export type Maybe<Value> = Value | null | undefined;

/** An agent by its raw TICS id, and its name. */
export interface NamedAgent {
  readonly agentId: string;
  readonly name: string;
}

/** A dataset of a horizontal job. */
export interface HorizontalDataset {
  readonly partnerAlias: string;
  readonly name: string;
}

/** A dataset of a vertical job. */
export interface VerticalDataset extends HorizontalDataset {
  readonly agentId: string;
}

/** Features that are taken from one dataset. */
export interface FeatureChoice {
  readonly agentId: string;
  readonly datasetName: string;
  readonly features: readonly string[];
}

/** A learning job to create. */
export interface NewLearningJob {
  readonly name: string;
  readonly description?: Maybe<string>;
  readonly type: 'HFL' | 'VFL';
  readonly phase?: Maybe<EnumValueOf<typeof horizontalPhases>>;
  readonly platform?: Maybe<EnumValueOf<typeof learningPlatforms>>;
  readonly algorithm?: Maybe<EnumValueOf<typeof algorithms>>;
  readonly learningTask?: Maybe<EnumValueOf<typeof learningTasks>>;
  readonly modelInstanceId?: Maybe<string>;
  readonly labelAgentId?: Maybe<string>;
}

/** Settings of a horizontal job. */
export interface HorizontalSettings {
  readonly name: string;
  readonly description?: Maybe<string>;
  readonly phase: EnumValueOf<typeof horizontalPhases>;
  readonly platform: EnumValueOf<typeof learningPlatforms>;
  readonly roundCount: number;
  readonly epochs: number;
  readonly datasets: readonly HorizontalDataset[];
  readonly evaluationDatasetName?: Maybe<string>;
  readonly host: NamedAgent;
  readonly scriptPath: string;
  readonly modelPath: string;
  readonly initialWeightsPath?: Maybe<string>;
  readonly engineTicsId?: Maybe<string>;
  readonly resourceSpecTicsId?: Maybe<string>;
  /** An open map. */
  readonly parameters?: Maybe<object>;
}

/** Settings of a vertical job. */
export interface VerticalSettings {
  readonly name: string;
  readonly description?: Maybe<string>;
  readonly algorithm: EnumValueOf<typeof algorithms>;
  readonly learningTask?: Maybe<EnumValueOf<typeof learningTasks>>;
  readonly workStep?: Maybe<EnumValueOf<typeof workSteps>>;
  readonly datasets?: Maybe<readonly VerticalDataset[]>;
  readonly hosts?: Maybe<readonly NamedAgent[]>;
  readonly features?: Maybe<readonly FeatureChoice[]>;
  readonly label?: Maybe<string>;
  readonly labelDatasetName?: Maybe<string>;
  readonly labelAgentId?: Maybe<string>;
  readonly creatorAgentId?: Maybe<string>;
  readonly predictsAlone?: Maybe<boolean>;
  readonly predictionThreshold?: Maybe<Decimal>;
  readonly learningRate?: Maybe<Decimal>;
  readonly epochs?: Maybe<number>;
  readonly batchSize?: Maybe<number>;
  readonly gradientEpsilon?: Maybe<Decimal>;
  readonly treeCount?: Maybe<number>;
  readonly treeDepth?: Maybe<number>;
  readonly splitCount?: Maybe<number>;
}

/** `alias.dataset,alias.dataset`. */
export function writeHorizontalDatasets(datasets: readonly HorizontalDataset[]): string {
  return datasets.map(({ partnerAlias, name }) => `${partnerAlias}.${name}`).join(',');
}

/** `agentId.dataset.alias,agentId.dataset.alias`. */
export function writeVerticalDatasets(datasets: readonly VerticalDataset[]): string {
  return datasets.map(({ agentId, name, partnerAlias }) => `${agentId}.${name}.${partnerAlias}`).join(',');
}

/** Features as objects, one for each dataset. */
export function writeFeatures(choices: readonly FeatureChoice[]): Schemas['DatasetFeaturesInput'][] {
  return choices.map(({ agentId, datasetName, features }) => ({
    agent_id: agentId,
    dataset_name: datasetName,
    features: [...features],
  }));
}

/** Further settings of a horizontal job, as its `ext`. */
export function writeParameters(parameters: object): string {
  return jsonInDigits(parameters);
}

/** The body of `createFlJob` (7.9.1). */
export function newJobBody(job: NewLearningJob, agentId: string): Schemas['CreateFlJobRequest'] {
  return {
    name: job.name,
    description: job.description ?? undefined,
    job_type: job.type,
    agent_id: agentId,
    hfl_type: job.phase ?? undefined,
    hfl_platform_type: job.platform ?? undefined,
    algorithm_type: job.algorithm ?? undefined,
    learning_task_type: job.learningTask ?? undefined,
    job_instance_id: job.modelInstanceId ?? undefined,
    train_label_agent: job.labelAgentId ?? undefined,
  };
}

/** The body of `updateHorizontalJob` (7.9.5). */
export function horizontalBody(settings: HorizontalSettings): Schemas['UpdateHorizontalJobRequest'] {
  return {
    job_name: settings.name,
    description: settings.description ?? undefined,
    hfl_type: settings.phase,
    hfl_platform_type: settings.platform,
    round: settings.roundCount,
    epoch: settings.epochs,
    datasets: writeHorizontalDatasets(settings.datasets),
    eval_dataset_name: settings.evaluationDatasetName ?? undefined,
    host_agent_id: settings.host.agentId,
    host_agent_name: settings.host.name,
    boot_file_url: settings.scriptPath,
    model_file_url: settings.modelPath,
    initial_weight_url: settings.initialWeightsPath ?? undefined,
    engine_id: settings.engineTicsId ?? undefined,
    spec_id: settings.resourceSpecTicsId ?? undefined,
    ext: settings.parameters ? writeParameters(settings.parameters) : undefined,
  };
}

/** The body of `updateVerticalJob` (7.9.4): decimals go as digits. */
export function verticalBody(settings: VerticalSettings): Schemas['UpdateVerticalJobRequest'] {
  return {
    job_name: settings.name,
    description: settings.description ?? undefined,
    algorithm_type: settings.algorithm,
    learning_task_type: settings.learningTask ?? undefined,
    work_step: settings.workStep ?? undefined,
    datasets: settings.datasets ? writeVerticalDatasets(settings.datasets) : undefined,
    host_agent_id: settings.hosts?.map(({ agentId }) => agentId).join(','),
    host_agent_name: settings.hosts?.map(({ name }) => name).join(','),
    features: settings.features ? writeFeatures(settings.features) : undefined,
    label: settings.label ?? undefined,
    label_dataset: settings.labelDatasetName ?? undefined,
    label_agent: settings.labelAgentId ?? undefined,
    current_agent_id: settings.creatorAgentId ?? undefined,
    is_single_predict: settings.predictsAlone ?? undefined,
    predict_threshold: settings.predictionThreshold ?? undefined,
    learning_rate: settings.learningRate ?? undefined,
    epoch: settings.epochs ?? undefined,
    batch_size: settings.batchSize ?? undefined,
    grad_epsilon: settings.gradientEpsilon ?? undefined,
    tree_num: settings.treeCount ?? undefined,
    tree_depth: settings.treeDepth ?? undefined,
    split_num: settings.splitCount ?? undefined,
  };
}
