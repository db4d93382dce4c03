import { openEnumReader } from '../../upstream/openEnum.ts';

/** States of instances and of their tasks. */
export const instanceStatuses = {
  NEW: 'Created, and not yet submitted.',
  SUBMITTING: 'Being submitted.',
  ACCEPTED: 'Accepted by the service.',
  DEPLOYING: 'Being deployed to the agents that take part.',
  PENDING: 'Waiting for its turn.',
  RUNNING: 'Running.',
  TERMINATING: 'Being stopped.',
  SUCCEEDED: 'Ended with a result.',
  FAILED: 'Ended by an error.',
  TERMINATED: 'Stopped before its end.',
} as const;

/** Types of instances: a job, or one step of a vertical learning job. */
export const instanceTypes = {
  SQL: 'Analysis over the datasets of several partners.',
  HFL: 'Training or evaluation of a horizontal learning job.',
  VFL_TRAIN: 'Training of a vertical model.',
  VFL_EVALUATE: 'Evaluation of a vertical model.',
  VFL_PREDICT: 'Prediction with a vertical model.',
  VFL_ID_TRUNCATION: 'Coarse selection of samples by the beginnings of their ids.',
  VFL_FEATURE_SELECTION: 'Feature selection by information value.',
  VFL_SAMPLE_ALIGNMENT: 'Alignment of the samples that all partners have.',
  PIR_SQL: 'Private query: the partner asked does not learn what was asked for.',
} as const;

/** Algorithms of vertical learning. */
export const algorithms = {
  XG_BOOST: 'XGBoost: boosted trees.',
  LIGHT_BGM: 'LightGBM: boosted trees over histograms; the service spells it so.',
  LOGISTIC_REGRESSION: 'Logistic regression.',
  NEURAL_NETWORK: 'Neural network.',
  FIBINET: 'FiBiNET: a neural network that weighs features and their pairs.',
} as const;

/** Kinds of jobs, as the sample of a result names them. */
export const resultKinds = {
  SQL: 'Result of an analysis.',
  HFL: 'Result of horizontal learning.',
  VFL: 'Result of vertical learning.',
} as const;

/** Modes of horizontal learning jobs. */
export const horizontalPhases = { TRAIN: 'Trains a model.', EVALUATE: 'Evaluates a model.' } as const;

/** Reads the state of a run or of a task. The wire spells SUBMITING, the reference both. */
export const instanceStatus = openEnumReader(instanceStatuses, { SUBMITING: 'SUBMITTING' });
/** Reads a type of instances. */
export const instanceType = openEnumReader(instanceTypes);
/** Reads the kind of job that a result comes from. */
export const resultKind = openEnumReader(resultKinds, { FL: 'HFL', FL_VERTICAL: 'VFL' });
/** Reads the mode of a horizontal learning job. */
export const horizontalPhase = openEnumReader(horizontalPhases);

const terminal: readonly string[] = ['SUCCEEDED', 'FAILED', 'TERMINATED'];

/** True when this state of a run or task is final. Unknown states are not. */
export function isTerminal({ value }: { readonly value: string }): boolean {
  return terminal.includes(value);
}
