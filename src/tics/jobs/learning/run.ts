import type { components } from '../../../upstream/generated/agent.d.ts';
import { jsonInDigits } from '../../../upstream/json.ts';
import type { EnumValueOf } from '../../../upstream/openEnum.ts';
import type { Decimal } from '../../../upstream/wire.ts';
import type { instanceTypes } from '../../instances/enums.ts';
import {
  writeFeatures,
  writeVerticalDatasets,
  type FeatureChoice,
  type Maybe,
  type NamedAgent,
  type VerticalDataset,
} from './settings.ts';
import { writeSqlParameters, type SqlParametersChoice } from '../sql/parametersWrites.ts';
import type { binnings, learningTasks } from '../enums.ts';

type Schemas = components['schemas'];

/** Parameters of training and prediction (`ModelParamVo`). */
export interface ModelParameters {
  readonly predictionThreshold?: Maybe<Decimal>;
  readonly learningRate?: Maybe<Decimal>;
  readonly epochs?: Maybe<number>;
  readonly batchSize?: Maybe<number>;
  readonly treeCount?: Maybe<number>;
  readonly treeDepth?: Maybe<number>;
  readonly splitCount?: Maybe<number>;
  readonly discreteEmbeddingSize?: Maybe<number>;
  readonly multihotEmbeddingSize?: Maybe<number>;
  readonly layerSizes?: Maybe<readonly number[]>;
  readonly reductionRatio?: Maybe<number>;
  readonly saveFormat?: Maybe<string>;
  readonly lossFunction?: Maybe<string>;
  /** An open map. */
  readonly lossParameters?: Maybe<object>;
}

/** Where the partner with the label stores the results that are filled back, as the service's numbers. */
const fillBackStores = { NONE: '0', MEMORY: '1', DISK: '2' } as const;

/** Differential privacy of a run (`VerticalFlExternalParam`). */
export interface DifferentialPrivacy {
  readonly enabled: boolean;
  readonly epsilon?: Maybe<Decimal>;
  readonly upperThresholdMin?: Maybe<Decimal>;
  readonly upperThresholdMax?: Maybe<Decimal>;
  readonly lowerThresholdMin?: Maybe<Decimal>;
  readonly lowerThresholdMax?: Maybe<Decimal>;
  readonly originalOutputCount?: Maybe<number>;
  readonly thresholdAdjustmentCount?: Maybe<number>;
  readonly fillBackStore?: Maybe<keyof typeof fillBackStores>;
}

/** A run of a vertical job. Its settings override the job's. */
export interface VerticalRun {
  readonly type: EnumValueOf<typeof instanceTypes>;
  readonly jobName?: Maybe<string>;
  readonly modelInstanceId?: Maybe<string>;
  readonly datasets?: Maybe<readonly VerticalDataset[]>;
  readonly features?: Maybe<readonly FeatureChoice[]>;
  readonly label?: Maybe<string>;
  readonly labelDatasetName?: Maybe<string>;
  readonly labelAgentId?: Maybe<string>;
  readonly binning?: Maybe<EnumValueOf<typeof binnings>>;
  readonly learningTask?: Maybe<EnumValueOf<typeof learningTasks>>;
  readonly creatorAgentId?: Maybe<string>;
  readonly modelParameters?: Maybe<ModelParameters>;
  readonly differentialPrivacy?: Maybe<DifferentialPrivacy>;
}

/** Protection of data while ids are truncated. */
export type DataProtection = NonNullable<Schemas['TruncateIdsRequest']['data_protection_type']>;

/** A coarse screening of samples by the beginnings of their ids. */
export interface IdTruncation {
  readonly jobName?: Maybe<string>;
  readonly instanceId?: Maybe<string>;
  readonly datasetNames?: Maybe<readonly string[]>;
  readonly labelDatasetName?: Maybe<string>;
  readonly labelAgentId?: Maybe<string>;
  readonly labelAgentName?: Maybe<string>;
  readonly host?: Maybe<NamedAgent>;
  readonly dataProtection?: Maybe<DataProtection>;
  readonly idColumn?: Maybe<string>;
  readonly prefixLength?: Maybe<number>;
  readonly filterColumns?: Maybe<readonly string[]>;
}

/** Methods of sample alignment. */
export type AlignmentAlgorithm = NonNullable<Schemas['AlignSamplesRequest']['algorithm']>;

/** One agent's part in an alignment. */
export interface AlignmentParty {
  readonly agentId: string;
  readonly agentName?: Maybe<string>;
  readonly datasetName: string;
  readonly datasetId?: Maybe<string>;
  readonly idColumn: string;
}

/** An alignment of the samples that the agents have in common. */
export interface Alignment {
  readonly jobName?: Maybe<string>;
  readonly instanceId?: Maybe<string>;
  readonly algorithm?: Maybe<AlignmentAlgorithm>;
  readonly parties?: Maybe<readonly AlignmentParty[]>;
  readonly largeDataAgentId?: Maybe<string>;
  readonly creatorAgentId?: Maybe<string>;
  readonly encryptsResult?: Maybe<boolean>;
  readonly runParameters?: Maybe<SqlParametersChoice>;
}

/** The features of one dataset to select from. */
export interface CandidateFeatures extends FeatureChoice {
  readonly partnerAlias: string;
  readonly datasetId: string;
}

/** A binning, and a calculation of the information values of features. */
export interface InformationValueRun {
  readonly jobName: string;
  readonly instanceId?: Maybe<string>;
  readonly binning: EnumValueOf<typeof binnings>;
  readonly datasets: readonly VerticalDataset[];
  readonly features: readonly CandidateFeatures[];
  readonly label: string;
  readonly labelDatasetName: string;
  readonly labelAgentId: string;
  readonly learningTask?: Maybe<EnumValueOf<typeof learningTasks>>;
  readonly creatorAgentId?: Maybe<string>;
  readonly predictsAlone?: Maybe<boolean>;
  readonly modelParameters?: Maybe<ModelParameters>;
  readonly differentialPrivacy?: Maybe<DifferentialPrivacy>;
}

/** The reference calls threshold and rate floats, but its example sends them as digits, as the job has them. */
function modelBody(model: ModelParameters): Schemas['VerticalModelParameters'] {
  return {
    predict_threshold: model.predictionThreshold ?? undefined,
    learning_rate: model.learningRate ?? undefined,
    epoch: model.epochs ?? undefined,
    batch_size: model.batchSize ?? undefined,
    tree_num: model.treeCount ?? undefined,
    tree_depth: model.treeDepth ?? undefined,
    split_num: model.splitCount ?? undefined,
    discrete_embedding_size: model.discreteEmbeddingSize ?? undefined,
    multihot_embedding_size: model.multihotEmbeddingSize ?? undefined,
    mlp_dims: model.layerSizes ? [...model.layerSizes] : undefined,
    reduction_ratio: model.reductionRatio ?? undefined,
    save_format: model.saveFormat ?? undefined,
    loss_function: model.lossFunction ?? undefined,
    loss_param: model.lossParameters ? jsonInDigits(model.lossParameters) : undefined,
  };
}

/** The service has a double here, which holds no more digits than a JavaScript number. */
function numberOf(value: Maybe<Decimal>): number | undefined {
  return typeof value === 'string' ? Number(value) : undefined;
}

function digitsOf(value: Maybe<number>): string | undefined {
  return typeof value === 'number' ? String(value) : undefined;
}

/** Budget and upper thresholds go as numbers, all else as digits: so the reference has it. */
function privacyBody(privacy: DifferentialPrivacy): Schemas['VerticalExternalParameters'] {
  return {
    'dp.enabled': privacy.enabled,
    'dp.epsilon': numberOf(privacy.epsilon),
    'dp.output.threshold.high.min': numberOf(privacy.upperThresholdMin),
    'dp.output.threshold.high.max': numberOf(privacy.upperThresholdMax),
    'dp.output.threshold.low.min': privacy.lowerThresholdMin ?? undefined,
    'dp.output.threshold.low.max': privacy.lowerThresholdMax ?? undefined,
    'dp.backpg.origin.num': digitsOf(privacy.originalOutputCount),
    'dp.output.threshold.adjust.num': digitsOf(privacy.thresholdAdjustmentCount),
    'dp.supply.store.policy': privacy.fillBackStore ? fillBackStores[privacy.fillBackStore] : undefined,
  };
}

/** The body of `executeVerticalJob` (7.9.10). */
export function verticalRunBody(run: VerticalRun): Schemas['ExecuteVerticalJobRequest'] {
  return {
    job_instance_type: run.type,
    job_name: run.jobName ?? undefined,
    instance_id: run.modelInstanceId ?? undefined,
    datasets: run.datasets ? writeVerticalDatasets(run.datasets) : undefined,
    features: run.features ? writeFeatures(run.features) : undefined,
    label: run.label ?? undefined,
    label_dataset: run.labelDatasetName ?? undefined,
    label_agent: run.labelAgentId ?? undefined,
    binning_type: run.binning ?? undefined,
    learning_task_type: run.learningTask ?? undefined,
    job_creation_agent: run.creatorAgentId ?? undefined,
    model_param: run.modelParameters ? modelBody(run.modelParameters) : undefined,
    vfl_external_param: run.differentialPrivacy ? privacyBody(run.differentialPrivacy) : undefined,
  };
}

/** The body of `truncateIds` (7.12.1), which repeats league and job as the reference's example does. */
export function idTruncationBody(
  run: IdTruncation,
  { leagueId, jobId }: { readonly leagueId: string; readonly jobId: string },
): Schemas['TruncateIdsRequest'] {
  return {
    league_id: leagueId,
    job_id: jobId,
    job_instance_type: 'VFL_ID_TRUNCATION',
    job_name: run.jobName ?? undefined,
    instance_id: run.instanceId ?? undefined,
    datasets: run.datasetNames?.join(','),
    label_dataset: run.labelDatasetName ?? undefined,
    label_agent: run.labelAgentId ?? undefined,
    label_agent_name: run.labelAgentName ?? undefined,
    host_agent_id: run.host?.agentId,
    host_agent_name: run.host?.name,
    data_protection_type: run.dataProtection ?? undefined,
    id_column_name: run.idColumn ?? undefined,
    prefix_count: run.prefixLength ?? undefined,
    filters: run.filterColumns ? [...run.filterColumns] : undefined,
  };
}

function byAgent(
  parties: readonly AlignmentParty[],
  valueOf: (party: AlignmentParty) => string,
): Record<string, string> {
  return Object.fromEntries(parties.map((party) => [party.agentId, valueOf(party)]));
}

/** Lists that go by the order of the agents: sent when every party has its element. */
function listOf(values: Maybe<string>[]): string[] | undefined {
  return values.every((value) => typeof value === 'string') ? values : undefined;
}

function partiesBody(parties: readonly AlignmentParty[]) {
  return {
    datasets: byAgent(parties, ({ datasetName }) => datasetName),
    align_ids: byAgent(parties, ({ idColumn }) => idColumn),
    agents: parties.map(({ agentId }) => agentId),
    agent_names: listOf(parties.map(({ agentName }) => agentName)),
    dataset_ids: listOf(parties.map(({ datasetId }) => datasetId)),
  };
}

/** The body of `alignSamples` (7.12.3), which repeats league and job as the reference's example does. */
export function alignmentBody(
  run: Alignment,
  { leagueId, jobId }: { readonly leagueId: string; readonly jobId: string },
): Schemas['AlignSamplesRequest'] {
  return {
    league_id: leagueId,
    job_id: jobId,
    job_instance_type: 'VFL_SAMPLE_ALIGNMENT',
    job_name: run.jobName ?? undefined,
    instance_id: run.instanceId ?? undefined,
    algorithm: run.algorithm ?? undefined,
    ...(run.parties && partiesBody(run.parties)),
    large_data_agent: run.largeDataAgentId ?? undefined,
    job_creation_agent: run.creatorAgentId ?? undefined,
    encrypted_res: run.encryptsResult ?? undefined,
    external_param: run.runParameters ? writeSqlParameters(run.runParameters) : undefined,
  };
}

/** The body of `calculateInformationValue` (7.12.2). */
export function informationValueBody(run: InformationValueRun): Schemas['CalculateInformationValueRequest'] {
  return {
    job_instance_type: 'VFL_FEATURE_SELECTION',
    job_name: run.jobName,
    instance_id: run.instanceId ?? undefined,
    binning_type: run.binning,
    datasets: writeVerticalDatasets(run.datasets),
    // The reference asks for the same under two names.
    features: writeFeatures(run.features),
    featuresList: Object.fromEntries(
      run.features.map(({ partnerAlias, agentId, datasetId, datasetName, features }) => [
        [partnerAlias, agentId, datasetId, datasetName].join('.'),
        [...features],
      ]),
    ),
    label: run.label,
    label_dataset: run.labelDatasetName,
    label_agent: run.labelAgentId,
    learning_task_type: run.learningTask ?? undefined,
    job_creation_agent: run.creatorAgentId ?? undefined,
    is_single_predict: run.predictsAlone ?? undefined,
    model_param: run.modelParameters ? modelBody(run.modelParameters) : undefined,
    // The input rules guarantee that all properties are present.
    vfl_external_param: run.differentialPrivacy
      ? (privacyBody(run.differentialPrivacy) as Schemas['RequiredVerticalExternalParameters'])
      : undefined,
  };
}
