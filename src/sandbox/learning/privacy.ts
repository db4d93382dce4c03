import type { Random } from '../model/random.ts';
import type { BinCount } from './informationValue.ts';
import type { LinearModel } from './logisticRegression.ts';
import type { DifferentialPrivacy } from './privacyParameters.ts';

function laplace(random: Random, scale: number): number {
  const uniform = random.next() - 0.5;
  return -scale * Math.sign(uniform) * Math.log(Math.max(Number.MIN_VALUE, 1 - 2 * Math.abs(uniform)));
}

function gaussian(random: Random, deviation: number): number {
  return deviation * Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

function clamp(value: number, [min, max]: readonly [number, number]): number {
  return Math.max(min, Math.min(max, value));
}

/**
 * Clips the outputs of a party without the label and adds Laplace noise of scale (upper − lower) / ε, in training,
 * evaluation and prediction. ε is spent per output: there is no accounting over batches and epochs, and residuals have
 * no noise.
 */
export class LaplaceMechanism {
  readonly #privacy: DifferentialPrivacy;
  readonly #random: Random;
  #low: number;
  #high: number;
  #seen = 0;
  #lowest = Infinity;
  #highest = -Infinity;

  constructor(privacy: DifferentialPrivacy, random: Random) {
    this.#privacy = privacy;
    this.#random = random;
    this.#low = privacy.low[0];
    this.#high = privacy.high[1];
  }

  /** Outputs as the label party sees them in training. */
  inTraining(outputs: Float64Array): Float64Array {
    return outputs.map((output) => {
      this.#observe(output);
      return this.#seen <= this.#privacy.originalCount ? output : this.#noisy(output, this.#random);
    });
  }

  /** The same in evaluation and prediction. */
  inUse(outputs: Float64Array, random = this.#random): Float64Array {
    return outputs.map((output) => this.#noisy(output, random));
  }

  #noisy(output: number, random: Random): number {
    const range = Math.max(0, this.#high - this.#low);
    return clamp(output, [this.#low, this.#high]) + laplace(random, range / this.#privacy.epsilon);
  }

  #observe(output: number): void {
    this.#lowest = Math.min(this.#lowest, output);
    this.#highest = Math.max(this.#highest, output);
    if (++this.#seen % this.#privacy.adjustCount !== 0) return;
    this.#low = clamp(this.#lowest, this.#privacy.low);
    this.#high = clamp(this.#highest, this.#privacy.high);
    this.#lowest = Infinity;
    this.#highest = -Infinity;
  }
}

const maxUpdateLength = 1;
const delta = 1e-5;

/**
 * An agent's update of a horizontal round, clipped to length 1, with Gaussian noise (δ = 1e-5). Protects one agent's
 * whole data, per round.
 */
export function noisyUpdate(before: LinearModel, after: LinearModel, epsilon: number, random: Random): LinearModel {
  const changes = after.weights.map((own, party) => own.map((value, i) => value - (before.weights[party]?.[i] ?? 0)));
  const biasChange = after.bias - before.bias;
  const length = Math.sqrt(
    changes.flatMap((own) => [...own]).reduce((sum, value) => sum + value ** 2, biasChange ** 2),
  );
  const shrink = Math.min(1, maxUpdateLength / (length || 1));
  const deviation = (maxUpdateLength * Math.sqrt(2 * Math.log(1.25 / delta))) / epsilon;
  return {
    weights: changes.map((own, party) =>
      own.map((value, i) => (before.weights[party]?.[i] ?? 0) + shrink * value + gaussian(random, deviation)),
    ),
    bias: before.bias + shrink * biasChange + gaussian(random, deviation),
  };
}

/** Bin counts with Laplace noise of scale 1 / ε, clipped at 0. */
export function noisyCounts(counts: readonly BinCount[], epsilon: number, random: Random): BinCount[] {
  return counts.map(({ positives, negatives }) => ({
    positives: Math.max(0, positives + laplace(random, 1 / epsilon)),
    negatives: Math.max(0, negatives + laplace(random, 1 / epsilon)),
  }));
}
