import { parseLosslessJson } from '../../upstream/json.ts';
import {
  commaList,
  decimal,
  flag,
  integer,
  jsonText,
  record,
  text,
  type Decimal,
  type JsonText,
} from '../../upstream/wire.ts';
import type { OpenEnum } from '../../upstream/openEnum.ts';
import {
  alignmentColumns,
  featuresOf,
  verticalDatasets,
  type AlignmentColumns,
  type JobDataset,
  type JobFeatures,
} from './datasets.ts';
import { binning, learningTask, type binnings, type learningTasks } from './enums.ts';

/** Execution parameters of an SQL job (`SqlExternalParamDto`, 7.12.3). */
export interface SqlParameters {
  readonly aggregatorCount: number | null;
  readonly agentTaskMemory: string | null;
  readonly aggregatorTaskMemory: string | null;
  readonly streamCount: number | null;
  readonly homomorphicDictionary: boolean | null;
  readonly saveBatchCount: number | null;
  readonly maxResultFileSize: string | null;
  readonly aggregatorTaskConcurrency: number | null;
  readonly agentTaskConcurrency: number | null;
  readonly pushComplexSqlDown: boolean | null;
}

/** Training parameters of a vertical model. */
export interface LearningParameters {
  readonly leagueId: string;
  readonly learningTask: OpenEnum<typeof learningTasks>;
  readonly binning: OpenEnum<typeof binnings>;
  readonly datasets: readonly JobDataset[];
  readonly datasetsText: string | null;
  readonly features: readonly JobFeatures[];
  readonly featuresText: string | null;
  readonly alignmentColumns: readonly AlignmentColumns[];
  readonly label: string | null;
  readonly labelDatasetName: string | null;
  readonly labelAgentId: string | null;
  readonly creatorAgentId: string | null;
  readonly modelInstanceId: string | null;
  readonly predictsAlone: boolean | null;
  readonly predictionThreshold: Decimal | null;
  readonly learningRate: Decimal | null;
  readonly epochs: number | null;
  readonly batchSize: number | null;
  readonly gradientEpsilon: Decimal | null;
  readonly treeCount: number | null;
  readonly treeDepth: number | null;
  readonly splitCount: number | null;
  readonly discreteEmbeddingSize: number | null;
  readonly multihotEmbeddingSize: number | null;
  readonly layerSizes: readonly number[];
  readonly reductionRatio: number | null;
  readonly saveFormat: string | null;
  readonly lossFunction: string | null;
  readonly lossParameters: JsonText;
}

/** Reads the dotted keys in `ext` of an SQL job. Null unless it is a JSON object. */
export function toSqlParameters({ value }: JsonText): SqlParameters | null {
  if (typeof value !== 'object' || value === null) return null;
  const wire = record(value);
  return {
    aggregatorCount: integer(wire['agg.count']),
    agentTaskMemory: text(wire['user.task.memory.size']),
    aggregatorTaskMemory: text(wire['tics.task.memory.size']),
    streamCount: integer(wire['stream.count']),
    homomorphicDictionary: flag(wire['he.dict.enable']),
    saveBatchCount: integer(wire['save.batch.count']),
    maxResultFileSize: text(wire['max.result.file.size']),
    aggregatorTaskConcurrency: integer(wire['tics.task.concurrency']),
    agentTaskConcurrency: integer(wire['user.task.concurrency']),
    pushComplexSqlDown: flag(wire['complex.sql.push.connector']),
  };
}

function writtenText(raw: unknown): string | null {
  return jsonText(raw).text;
}

/** Reads `ext` of a learning job, a prediction or a model. Null unless it is a JSON object. */
export function toLearningParameters(leagueId: string, document: JsonText): LearningParameters | null {
  const { value } = jsonText(document.text, parseLosslessJson);
  if (typeof value !== 'object' || value === null) return null;
  const wire = record(value);
  const features = wire['features'] ?? wire['featuresList'];
  return {
    leagueId,
    learningTask: learningTask(wire['learning_task_type']),
    binning: binning(wire['binning_type']),
    datasets: verticalDatasets(wire['datasets']),
    datasetsText: writtenText(wire['datasets']),
    features: featuresOf(leagueId, features),
    featuresText: writtenText(features),
    alignmentColumns: alignmentColumns(wire['align_ids']),
    label: text(wire['label']),
    labelDatasetName: text(wire['label_dataset']),
    labelAgentId: text(wire['label_agent']),
    creatorAgentId: text(wire['job_creation_agent']),
    modelInstanceId: text(wire['instance_id']),
    predictsAlone: flag(wire['is_single_predict']),
    predictionThreshold: decimal(wire['predict_threshold']),
    learningRate: decimal(wire['learning_rate']),
    epochs: integer(wire['epoch']),
    batchSize: integer(wire['batch_size']),
    gradientEpsilon: decimal(wire['grad_epsilon']),
    treeCount: integer(wire['tree_num']),
    treeDepth: integer(wire['tree_depth']),
    splitCount: integer(wire['split_num']),
    discreteEmbeddingSize: integer(wire['discrete_embedding_size']),
    multihotEmbeddingSize: integer(wire['multihot_embedding_size']),
    layerSizes: commaList(wire['mlp_dims']).flatMap((size) => integer(size) ?? []),
    reductionRatio: integer(wire['reduction_ratio']),
    saveFormat: text(wire['save_format']),
    lossFunction: text(wire['loss_function']),
    // An open map: its numbers stay numbers.
    lossParameters: jsonText(record(document.value)['loss_param']),
  };
}
