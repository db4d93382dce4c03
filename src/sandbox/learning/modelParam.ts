import type { Dataset, PredictionJob, VerticalJob } from '../model/world.ts';

/** A vertical job's settings as `model_param`, by wire names. */
export function modelParamOf(
  job: VerticalJob | PredictionJob,
  datasets: readonly Dataset[],
  aliasOf: (dataset: Dataset) => string,
): Readonly<Record<string, unknown>> {
  return {
    learning_task_type: job.learningTask,
    datasets: datasets.map((dataset) => `${dataset.agentId}.${dataset.name}.${aliasOf(dataset)}`).join(','),
    label: job.label,
    label_dataset: job.labelDatasetName,
    label_agent: job.labelAgentId,
    learning_rate: job.learningRate === undefined ? undefined : Number(job.learningRate),
    predict_threshold: job.predictThreshold,
    epoch: job.epochs,
    batch_size: job.batchSize,
    tree_num: job.treeCount,
    tree_depth: job.treeDepth,
    split_num: job.splitCount,
    job_creation_agent: job.agentId,
  };
}
