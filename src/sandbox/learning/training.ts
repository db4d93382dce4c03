import type { Metrics } from '../model/execution.ts';
import type { Random } from '../model/random.ts';
import type { DesignMatrix } from './designMatrix.ts';
import { LearningFailure } from './failure.ts';
import type { LinearModel } from './logisticRegression.ts';
import { measure, measureClasses } from './metrics.ts';
import type { Parameters } from './parameters.ts';

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
  /** One per target. */
  readonly models: readonly LinearModel[];
  /** On held-out rows, per round; empty for regression. */
  readonly metrics: readonly Metrics[];
}

/** Multiplications per run: about a second. */
const budget = 60_000_000;

/**
 * Caps the epochs to the budget, since a long run takes hours at the service. If one epoch exceeds it, each covers
 * another share of the rows.
 */
export function withinBudget(
  epochs: number,
  multiplicationsAnEpoch: number,
): { readonly epochs: number; readonly share: number } {
  const most = budget / Math.max(1, multiplicationsAnEpoch);
  return { epochs: Math.max(1, Math.min(epochs, Math.floor(most))), share: Math.min(1, most) };
}

const minSteps = 8;

/** Leaves several steps per epoch: there are fewer rows here than datasets declare. */
export function cappedBatchSize(batchSize: number, rows: number): number {
  return Math.max(1, Math.min(batchSize, Math.floor(rows / minSteps)));
}

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

/** Lowers the learning rate to where descent is stable, by the mean squared length of rows. */
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
