import type { Random } from '../model/random.ts';
import { linearOutputs } from './designMatrix.ts';
import type { Yielding } from '../model/yielding.ts';
import type { DesignMatrix } from './designMatrix.ts';

/** A linear model. In a vertical model each party holds its own weights, and the outputs are summed. */
export interface LinearModel {
  readonly weights: readonly Float64Array[];
  readonly bias: number;
}

export interface DescentOptions {
  readonly learningRate: number;
  readonly batchSize: number;
  /** L2 penalty. */
  readonly regularisation: number;
  /** `identity` for least squares, `logistic` for probabilities. */
  readonly link: 'logistic' | 'identity';
  /** Transforms a party's outputs before the label party sees them. */
  readonly disclose?: ((party: number, outputs: Float64Array) => Float64Array) | undefined;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Small random weights, so that progress is visible from round to round. */
export function initialModel(widths: readonly number[], random: Random): LinearModel {
  return {
    weights: widths.map((width) => Float64Array.from({ length: width }, () => 0.4 * (random.next() - 0.5))),
    bias: 0,
  };
}

/** Probabilities or quantities for the given rows. */
export function predict(
  model: LinearModel,
  designs: readonly DesignMatrix[],
  rows: readonly number[],
  { link, disclose }: Pick<DescentOptions, 'link' | 'disclose'>,
): Float64Array {
  const total = new Float64Array(rows.length).fill(model.bias);
  designs.forEach((design, party) => {
    const outputs = linearOutputs(design, model.weights[party] ?? new Float64Array(design.width), rows);
    const disclosed = disclose?.(party, outputs) ?? outputs;
    for (let index = 0; index < total.length; index++) total[index] = (total[index] ?? 0) + (disclosed[index] ?? 0);
  });
  return link === 'identity' ? total : total.map(sigmoid);
}

/**
 * One epoch of mini-batch descent in the given order. Parties exchange outputs and residuals only; each updates its own
 * weights.
 */
export async function trainEpoch(
  model: LinearModel,
  designs: readonly DesignMatrix[],
  labels: Float64Array,
  order: readonly number[],
  descent: DescentOptions,
  yielding: Yielding,
): Promise<LinearModel> {
  const weights = model.weights.map((own) => own.slice());
  let bias = model.bias;
  for (let start = 0; start < order.length; start += descent.batchSize) {
    const batch = order.slice(start, start + descent.batchSize);
    const predictions = predict({ weights, bias }, designs, batch, descent);
    const residuals = predictions.map((prediction, index) => prediction - (labels[batch[index] ?? 0] ?? 0));
    const rate = descent.learningRate / batch.length;
    designs.forEach((design, party) => {
      const own = weights[party];
      if (own) moveAgainst(design, own, batch, residuals, rate, descent.learningRate * descent.regularisation);
    });
    bias -= rate * residuals.reduce((sum, residual) => sum + residual, 0);
    await yielding.yieldIfDue();
  }
  return { weights, bias };
}

function moveAgainst(
  { width, values }: DesignMatrix,
  weights: Float64Array,
  batch: readonly number[],
  residuals: Float64Array,
  rate: number,
  decay: number,
): void {
  for (let column = 0; column < width; column++) weights[column] = (weights[column] ?? 0) * (1 - decay);
  for (let index = 0; index < batch.length; index++) {
    const start = (batch[index] ?? 0) * width;
    const step = rate * (residuals[index] ?? 0);
    for (let column = 0; column < width; column++) {
      weights[column] = (weights[column] ?? 0) - step * (values[start + column] ?? 0);
    }
  }
}

/** A random permutation. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.int(0, last);
    const item = order[last] as T;
    order[last] = order[other] as T;
    order[other] = item;
  }
  return order;
}
