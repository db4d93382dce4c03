import type { BinningType, FeatureChoice, Instance, Job, LearningTask } from '../model/world.ts';
import { countIn, numberIn, objectIn, textIn, type WireParameters } from './wireParameters.ts';
import { readPrivacy, type DifferentialPrivacy } from './privacyParameters.ts';
import { surrogates } from './surrogates.ts';

/** Learning parameters: the run's own, else the job's, else defaults. */
export interface Parameters {
  readonly task: LearningTask | undefined;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly regularisation: number;
  /** Probability from which a prediction is positive. */
  readonly threshold: number;
  readonly crosses: boolean;
  readonly binning: BinningType;
  readonly bins: number;
  readonly privacy: DifferentialPrivacy | undefined;
  readonly label: string | undefined;
  readonly labelDatasetName: string | undefined;
  readonly labelAgentId: string | undefined;
  readonly features: readonly FeatureChoice[];
  /** Datasets that the run itself names. */
  readonly datasets: readonly DatasetName[];
  /** Id column by agent id. */
  readonly idColumns: Readonly<Record<string, string>>;
  /** Id column for all parties. */
  readonly idColumn: string | undefined;
  readonly filters: readonly string[];
  readonly prefixLength: number;
  /** The training run whose model is used. */
  readonly modelInstanceId: string | undefined;
  readonly isSinglePredict: boolean;
  /** The dataset for evaluation; all when undefined. */
  readonly evaluationDatasetName: string | undefined;
}

export type DatasetName = { readonly id: string } | { readonly agentId: string; readonly name: string };

/** Horizontal jobs have no learning rate. A low one makes rounds visible. */
const horizontalLearningRate = 0.03;
const defaults = { learningRate: 0.1, batchSize: 128, epochs: 5, regularisation: 0.01, threshold: 0.5 };

export function parametersOf(instance: Instance, job: Job | undefined): Parameters {
  const ext = objectIn(instance.ext);
  const given: WireParameters = { ...ext, ...objectIn(ext.model_param), ...objectIn(ext.vfl_external_param) };
  const loss = objectIn(given.loss_param);
  const vertical = job?.type === 'VFL' || job?.type === 'PREDICT' ? job : undefined;
  const surrogate = surrogates[vertical?.algorithm ?? 'NEURAL_NETWORK'];
  const epochs = countIn(given, 'epoch') ?? (job?.type === 'HFL' ? job.epochs : vertical?.epochs);
  const trees = countIn(given, 'tree_num') ?? vertical?.treeCount;
  const task = given.learning_task_type ?? (job?.type === 'SQL' ? undefined : job?.learningTask);
  const binning = given.binning_type ?? (job?.type === 'VFL' ? job.binning : undefined);
  const wantedInstanceId = textIn(given.instance_id);
  return {
    task: task === 'REGRESSION' || task === 'CLASSIFICATION' ? task : undefined,
    learningRate:
      numberIn(given, 'learning_rate') ??
      numberIn({ learning_rate: vertical?.learningRate }, 'learning_rate') ??
      (job?.type === 'HFL' ? horizontalLearningRate : defaults.learningRate),
    batchSize: countIn(given, 'batch_size') ?? vertical?.batchSize ?? defaults.batchSize,
    epochs: (surrogate.epochsFrom === 'treeCount' ? (trees ?? epochs) : epochs) ?? defaults.epochs,
    regularisation: numberIn(given, 'l2') ?? numberIn(loss, 'l2') ?? defaults.regularisation,
    threshold:
      numberIn(given, 'predict_threshold') ??
      numberIn({ predict_threshold: vertical?.predictThreshold }, 'predict_threshold') ??
      defaults.threshold,
    crosses: surrogate.crosses,
    binning: binning === 'DISTANCE' ? 'DISTANCE' : 'FREQUENCY',
    bins: countIn(given, 'split_num', 2) ?? vertical?.splitCount ?? 10,
    privacy: readPrivacy(given),
    label: textIn(given.label) ?? vertical?.label,
    labelDatasetName: textIn(given.label_dataset) ?? vertical?.labelDatasetName,
    labelAgentId: textIn(given.label_agent) ?? vertical?.labelAgentId,
    features: featuresIn(given) ?? vertical?.features ?? [],
    datasets: datasetsIn(given),
    idColumns: textsIn(given.align_ids),
    idColumn: textIn(given.id_column_name),
    filters: listIn(given.filters),
    prefixLength: countIn(given, 'prefix_count') ?? 6,
    // The reference's examples repeat the job's id here.
    modelInstanceId: (wantedInstanceId === instance.jobId ? undefined : wantedInstanceId) ?? vertical?.modelInstanceId,
    isSinglePredict:
      instance.isSinglePredict ?? (given.is_single_predict === true || vertical?.isSinglePredict === true),
    evaluationDatasetName: job?.type === 'HFL' ? job.evaluationDatasetName : undefined,
  };
}

/** `features`, or `featuresList` with keys `alias.agentId.datasetId.dataset`. */
function featuresIn(given: WireParameters): readonly FeatureChoice[] | undefined {
  if (typeof given.featuresList === 'object' && given.featuresList !== null) {
    return Object.entries(given.featuresList).map(([key, features]) => {
      const [, agentId = '', , ...name] = key.split('.');
      return { agentId, datasetName: name.join('.'), features: listIn(features) };
    });
  }
  if (!Array.isArray(given.features)) return undefined;
  return given.features.map(objectIn).map((choice) => ({
    agentId: textIn(choice.agent_id) ?? '',
    datasetName: textIn(choice.dataset_name) ?? '',
    features: listIn(choice.features),
  }));
}

/** `dataset_ids`, or `datasets`: a map by agent id, or `agentId.dataset.alias,…`. */
function datasetsIn(given: WireParameters): readonly DatasetName[] {
  const ids = listIn(given.dataset_ids);
  if (ids.length > 0) return ids.map((id) => ({ id }));
  if (typeof given.datasets !== 'string') {
    return Object.entries(textsIn(given.datasets)).map(([agentId, name]) => ({ agentId, name }));
  }
  return given.datasets
    .split(',')
    .map((item) => item.trim().split('.'))
    .filter((parts) => parts.length >= 3)
    .map(([agentId = '', ...rest]) => ({ agentId, name: rest.slice(0, -1).join('.') }));
}

function listIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(textIn).filter((text) => text !== undefined) : [];
}

function textsIn(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(objectIn(value)).flatMap(([key, text]) => (textIn(text) ? [[key, String(text)]] : [])),
  );
}
