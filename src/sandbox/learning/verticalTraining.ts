import type { DesignMatrix } from './designMatrix.ts';
import { predict, shuffled, trainEpoch, initialModel } from './logisticRegression.ts';
import type { LinearModel } from './logisticRegression.ts';
import type { Yielding } from '../model/yielding.ts';
import type { LaplaceMechanism } from './privacy.ts';
import {
  withinBudget,
  cappedBatchSize,
  measureModel,
  cappedLearningRate,
  requireConverging,
  requireFinite,
} from './training.ts';
import type { TrainingResult, TrainingOptions } from './training.ts';

/** Aligned rows: the n-th row of every party is about the same record. */
export interface VerticalData {
  /** One per party. */
  readonly designs: readonly DesignMatrix[];
  readonly labels: Float64Array;
  readonly training: readonly number[];
  readonly heldOut: readonly number[];
  /** One per party; undefined for the label party. */
  readonly mechanisms?: readonly (LaplaceMechanism | undefined)[] | undefined;
}

/** Trains one model over columns of several parties. Epochs are spread over the rounds. */
export async function trainVertically(
  data: VerticalData,
  training: TrainingOptions,
  yielding: Yielding,
): Promise<TrainingResult> {
  const { designs, labels, mechanisms: mechanisms } = data;
  const widths = designs.map(({ width }) => width);
  const cost = 2 * data.training.length * widths.reduce((sum, width) => sum + width, 1);
  const { epochs, share } = withinBudget(training.epochs, cost);
  const descent = {
    ...training,
    learningRate: cappedLearningRate(training.learningRate, designs),
    batchSize: cappedBatchSize(training.batchSize, data.training.length),
    disclose: (party: number, outputs: Float64Array) => mechanisms?.[party]?.inTraining(outputs) ?? outputs,
  };
  let model: LinearModel = initialModel(widths, training.random.fork('weights'));
  const metrics = [];
  const order = training.random.fork('order');
  for (let round = 1; round <= training.rounds; round++) {
    const until = Math.max(round === 1 ? 1 : 0, Math.floor((epochs * round) / training.rounds));
    for (let epoch = Math.floor((epochs * (round - 1)) / training.rounds); epoch < until; epoch++) {
      const rows = shuffled(data.training, order).slice(0, Math.ceil(share * data.training.length));
      model = await trainEpoch(model, designs, labels, rows, descent, yielding);
      requireConverging(model, round);
    }
    if (training.link === 'logistic') {
      const probabilities = predict(model, designs, data.heldOut, {
        link: training.link,
        disclose: (party, outputs) => mechanisms?.[party]?.inUse(outputs) ?? outputs,
      });
      const truth = Float64Array.from(data.heldOut, (row) => labels[row] ?? 0);
      metrics.push(measureModel([truth], [requireFinite(probabilities)], training.threshold));
    }
    await yielding.yieldIfDue();
  }
  return { models: [model], metrics };
}
