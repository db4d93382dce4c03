import type { Language, Text } from '../model/text.ts';
import { Random } from '../model/random.ts';
import type { Dataset, Instance, InstanceType, Job, World } from '../model/world.ts';
import { metricsText } from './metrics.ts';
import { rowCountOfQuery } from './seededQuery.ts';
import { isSynthetic, recordsRead } from './synthetic.ts';

function datasetsOf(world: World, { datasetIds }: { readonly datasetIds: readonly string[] }): Dataset[] {
  return datasetIds.map((id) => world.dataset(id)).filter((dataset) => dataset !== undefined);
}

/** Synthetic number of records that the parties of a job have in common. */
export function alignedCount(world: World, job: Pick<Job, 'id' | 'datasetIds'>): number {
  const counts = datasetsOf(world, job).map(({ recordCount }) => recordCount);
  if (counts.length === 0) return 0;
  return Math.floor(Math.min(...counts) * (0.5 + 0.4 * new Random(`${job.id}/aligned`).next()));
}

/** Number of result records of a successful run. */
export function resultRecordCount(world: World, instance: Instance): number {
  if (!isSynthetic(instance)) return executedRecordCount(instance);
  const random = new Random(`${instance.id}/records`);
  const aligned = (): number => alignedCount(world, { id: instance.jobId, datasetIds: instance.datasetIds });
  switch (instance.type) {
    case 'SQL':
      return instance.seededQuery ? rowCountOfQuery(world, instance.seededQuery) : Math.ceil(random.next() ** 3 * 400);
    case 'HFL':
      return 0;
    case 'VFL_ID_TRUNCATION':
      return Math.floor(aligned() * 1.08);
    case 'VFL_SAMPLE_ALIGNMENT':
    case 'VFL_FEATURE_SELECTION':
    case 'VFL_TRAIN':
    case 'VFL_EVALUATE':
    case 'VFL_PREDICT':
      return aligned();
  }
}

function executedRecordCount({ results }: Instance): number {
  return results?.recordCount ?? results?.alignment?.recordCount ?? results?.sample?.rows.length ?? 0;
}

/** `result_ext`: a row count or metrics; undefined until known, empty when failed. */
export function resultExtText(world: World, instance: Instance): string | undefined {
  const metrics = metricsText(world, instance);
  if (metrics !== undefined) return metrics;
  if (instance.status === 'FAILED') return '';
  if (instance.status !== 'SUCCEEDED') return undefined;
  return instance.type === 'SQL' ? String(resultRecordCount(world, instance)) : undefined;
}

export interface InstanceResult {
  /** Metrics as JSON text. */
  readonly ext: string | undefined;
  readonly storageAgentIds: readonly string[];
  readonly storageAgentNames: readonly string[];
  readonly path: string;
  readonly counters: Readonly<Record<string, number>>;
}

/** Agents that store results: the starting one for SQL and prediction, all for learning. */
export function storageAgentsOf({ type, agentId, agentIds }: Instance): readonly string[] {
  return type === 'SQL' || type === 'VFL_PREDICT' ? [agentId] : agentIds;
}

const fileNames: Readonly<Record<InstanceType, string>> = {
  SQL: 'output.csv',
  HFL: 'model.h5',
  VFL_ID_TRUNCATION: 'truncatedIds.csv',
  VFL_SAMPLE_ALIGNMENT: 'alignedIds.csv',
  VFL_FEATURE_SELECTION: 'iv.csv',
  VFL_TRAIN: 'model.bin',
  VFL_EVALUATE: 'evaluation.csv',
  VFL_PREDICT: 'prediction.csv',
};

/** Path of the results on those agents. */
export function pathOf(instance: Instance): string {
  const isAnalysis = instance.type === 'SQL';
  const folder = isAnalysis ? `sql/${instance.agentId}` : `fl/${instance.jobId}`;
  return `/output/${folder}/${instance.id}/${fileNames[instance.type]}`;
}

/** Undefined unless it succeeded. */
export function resultOf(world: World, instance: Instance): InstanceResult | undefined {
  if (instance.status !== 'SUCCEEDED') return undefined;
  const storageAgentIds = storageAgentsOf(instance);
  const read = datasetsOf(world, instance).reduce((sum, dataset) => sum + recordsRead(instance, dataset), 0);
  return {
    ext: metricsText(world, instance),
    storageAgentIds,
    storageAgentNames: storageAgentIds.map((id) => world.agent(id)?.name ?? ''),
    path: pathOf(instance),
    counters: { JOB_IN_RECORD_CNT: read, JOB_OUT_RECORD_CNT: resultRecordCount(world, instance) },
  };
}

const interceptions: readonly Text[] = [
  {
    'zh-cn': '隐私规则检查不通过：敏感字段不允许直接出现在最终结果中',
    en_us: 'Refused by the privacy rules: a sensitive column must not appear in the final result',
  },
  {
    'zh-cn': '隐私规则检查不通过：唯一标识字段只能用于关联条件',
    en_us: 'Refused by the privacy rules: a unique identifier may be used in join conditions only',
  },
  {
    'zh-cn': '收敛检测不通过：分组结果的记录数小于隐私阈值',
    en_us: 'Refused by the convergence check: a group holds fewer records than the privacy threshold',
  },
];

const analysisFailures: readonly Text[] = [
  {
    'zh-cn': '执行SQL失败，详情：连接器连接超时，请检查数据源网络',
    en_us: 'The statement failed: the connector timed out, check the network of the data source',
  },
  {
    'zh-cn': '任务内存不足，请调大用户代理节点内存后重试',
    en_us: 'The task ran out of memory: give the agent more memory and try again',
  },
];

const learningFailures: readonly Text[] = [
  {
    'zh-cn': '通用异常，详情：tee get input encrypted model failed, ExecuteException: run job failed',
    en_us: 'General failure: tee get input encrypted model failed, ExecuteException: run job failed',
  },
  {
    'zh-cn': '样本对齐结果为空，请检查双方唯一标识字段是否一致',
    en_us: 'The aligned sample is empty: check that the unique identifiers of the parties match',
  },
  {
    'zh-cn': '合作方节点心跳丢失，作业已终止',
    en_us: "The partner's agent stopped answering, the job was ended",
  },
];

/** Why a run failed or was stopped; else empty. */
export function errorTextOf(instance: Instance, language: Language): string {
  const { id, type, status, intercepted, failure } = instance;
  if (status === 'TERMINATED') return language === 'zh-cn' ? '作业实例已被用户中止' : 'Stopped by a user';
  if (status !== 'FAILED') return '';
  if (failure) return failure[language];
  const isAnalysis = type === 'SQL';
  const texts = intercepted ? interceptions : isAnalysis ? analysisFailures : learningFailures;
  return new Random(`${id}/error`).pick(texts)[language];
}
