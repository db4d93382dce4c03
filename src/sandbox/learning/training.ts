import type { Metrics } from '../model/execution.ts';
import type { Random } from '../model/random.ts';
import type { DesignMatrix } from './designMatrix.ts';
import { LearningFailure } from './failure.ts';
import type { LinearModel } from './logisticRegression.ts';
import { measure, measureClasses } from './metrics.ts';
import type { Parameters } from './parameters.ts';

/** How a training goes on, whoever holds the data. */
export interface TrainingOptions extends Pick<
  Parameters,
  'learningRate' | 'batchSize' | 'regularisation' | 'threshold' | 'privacy'
> {
  readonly link: 'logistic' | 'identity';
  readonly rounds: number;
  readonly epochs: number;
  readonly random: Random;
}

export interface TrainingResult {
  /** One for each thing to find out. */
  readonly models: readonly LinearModel[];
  /** On rows that were held out, after each round; none where a quantity is learned. */
  readonly metrics: readonly Metrics[];
}

/** Multiplications a run may take: about a second. */
const budget = 60_000_000;

/**
 * As many of the epochs as are worth their time, for a run of a thousand rounds takes hours at the service; where even one
 * is too much, it goes over a share of the rows only, each time over others.
 */
export function withinBudget(
  epochs: number,
  multiplicationsAnEpoch: number,
): { readonly epochs: number; readonly share: number } {
  const most = budget / Math.max(1, multiplicationsAnEpoch);
  return { epochs: Math.max(1, Math.min(epochs, Math.floor(most))), share: Math.min(1, most) };
}

const leastSteps = 8;

/** A batch leaves at least a few steps to an epoch: there are fewer rows here than the datasets say. */
export function cappedBatchSize(batchSize: number, rows: number): number {
  return Math.max(1, Math.min(batchSize, Math.floor(rows / leastSteps)));
}

/** What is found on rows that were held out. */
export function measureModel(
  labels: readonly Float64Array[],
  probabilities: readonly Float64Array[],
  threshold: number,
): Metrics {
  const [first, ...others] = labels;
  return first && others.length === 0
    ? measure(first, probabilities[0] ?? new Float64Array(), threshold)
    : measureClasses(labels, probabilities);
}

/**
 * The learning rate, or less of it where steps of that size would overshoot: the longer rows are, the steeper the descent.
 * Parties tell each other the mean length of their rows for it.
 */
export function cappedLearningRate(learningRate: number, designs: readonly DesignMatrix[]): number {
  const squaredLength = designs.reduce(
    (sum, { rows, values }) => sum + values.reduce((total, value) => total + value ** 2, 0) / Math.max(1, rows),
    1,
  );
  return Math.min(learningRate, 4 / squaredLength);
}

/** Features are standardised and clamped to ±4, so a weight of this size is no longer a model. */
const maxWeight = 1e9;

/** @throws {LearningFailure} when descent has left the range of usable numbers. */
export function requireConverging({ weights, bias }: LinearModel, round: number): void {
  const isUsable = (value: number): boolean => Math.abs(value) <= maxWeight;
  if (isUsable(bias) && weights.every((own) => own.every(isUsable))) return;
  throw new LearningFailure(
    `the training diverged in round ${round}: its weights grew beyond all bounds; try a smaller learning_rate, a ` +
      'regularisation (l2) between 0 and 1, or a greater dp.epsilon',
  );
}

/** @throws {LearningFailure} when a model predicts anything but finite numbers. */
export function requireFinite(predictions: Float64Array): Float64Array {
  if (predictions.every(Number.isFinite)) return predictions;
  throw new LearningFailure('the calculation diverged: its predictions are not finite numbers');
}
