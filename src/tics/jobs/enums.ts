import { openEnumReader } from '../../upstream/openEnum.ts';
import { algorithms } from '../instances/enums.ts';

/** Types of jobs. */
export const jobTypes = {
  SQL: 'Federated analysis: SQL over the datasets of several partners.',
  HFL: 'Horizontal federated learning: the partners have the same columns of different samples.',
  VFL: 'Vertical federated learning: the partners have different columns of the same samples.',
  PREDICT: 'Federated prediction with a trained model.',
  DATA_EXCHANGE: 'Exchange of data.',
} as const;

/** States of a job's approval. */
export const jobApprovalStatuses = {
  NEW: 'Not submitted yet.',
  APPROVING: 'Waits for the partners whose datasets it uses.',
  APPROVED: 'All partners agreed: it may run.',
  REJECTED: 'A partner refused.',
  REVOKED: 'Withdrawn by who submitted it.',
} as const;

/** Where a learning job runs. */
export const learningPlatforms = { LOCAL: 'On the agents.', MODEL_ARTS: 'On ModelArts.' } as const;

/** Learning tasks of models. */
export const learningTasks = { CLASSIFICATION: 'Sorts into classes.', REGRESSION: 'Fits numbers.' } as const;

/** Steps of a vertical job. */
export const workSteps = {
  DATA_SELECTION: 'The datasets are chosen.',
  SAMPLE_ALIGNMENT: 'The samples that the partners have in common are found.',
  FEATURE_SELECTION: 'The features are chosen.',
  MODEL_TRAIN: 'The model is trained.',
  MODEL_EVALUATION: 'The model is evaluated.',
  MODEL_PREDICT: 'The model predicts.',
} as const;

/** Ways to put values into bins. */
export const binnings = { DISTANCE: 'Bins of equal width.', FREQUENCY: 'Bins of equal count.' } as const;

/** Reads the type of a job. */
export const jobType = openEnumReader(jobTypes);
/** Reads the state of a job's approval. */
export const jobApprovalStatus = openEnumReader(jobApprovalStatuses);
/** Reads where a learning job runs. */
export const learningPlatform = openEnumReader(learningPlatforms);
/** Reads an algorithm. The wire has LIGHT_BGM, the reference's tables LightGBM (7.10.1). */
export const algorithm = openEnumReader(algorithms, {
  LIGHT_GBM: 'LIGHT_BGM',
  LIGHTGBM: 'LIGHT_BGM',
  XGBOOST: 'XG_BOOST',
});
/** Reads a learning task. The reference has both names and numbers. */
export const learningTask = openEnumReader(learningTasks, { 1: 'CLASSIFICATION', 2: 'REGRESSION' });
/** Reads the step of a vertical job. */
export const workStep = openEnumReader(workSteps);
/** Reads a method of binning. */
export const binning = openEnumReader(binnings);
