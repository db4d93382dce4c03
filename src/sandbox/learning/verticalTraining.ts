import type { Design } from './designMatrix.ts';
import { predict, shuffled, trainEpoch, untrained } from './logisticRegression.ts';
import type { LinearModel } from './logisticRegression.ts';
import type { Pace } from './yielding.ts';
import type { OutputGuard } from './privacy.ts';
import { affordable, batchWithin, measureAll, steadyRate } from './training.ts';
import type { Trained, Training } from './training.ts';

/** Aligned rows: the n-th row of every party is of the same record. */
export interface VerticalData {
  /** Each party's columns. */
  readonly designs: readonly Design[];
  readonly labels: Float64Array;
  readonly training: readonly number[];
  readonly heldOut: readonly number[];
  /** By party; none for the one with the label, or when outputs go to it as they are. */
  readonly guards?: readonly (OutputGuard | undefined)[] | undefined;
}

/** Trains one model over columns that are split between parties; its epochs are spread over the rounds. */
export async function trainVertically(data: VerticalData, training: Training, pace: Pace): Promise<Trained> {
  const { designs, labels, guards } = data;
  const widths = designs.map(({ width }) => width);
  const cost = 2 * data.training.length * widths.reduce((sum, width) => sum + width, 1);
  const { epochs, share } = affordable(training.epochs, cost);
  const descent = {
    ...training,
    learningRate: steadyRate(training.learningRate, designs),
    batchSize: batchWithin(training.batchSize, data.training.length),
    disclose: (party: number, outputs: Float64Array) => guards?.[party]?.inTraining(outputs) ?? outputs,
  };
  let model: LinearModel = untrained(widths, training.random.fork('weights'));
  const metrics = [];
  const order = training.random.fork('order');
  for (let round = 1; round <= training.rounds; round++) {
    const until = Math.max(round === 1 ? 1 : 0, Math.floor((epochs * round) / training.rounds));
    for (let epoch = Math.floor((epochs * (round - 1)) / training.rounds); epoch < until; epoch++) {
      const rows = shuffled(data.training, order).slice(0, Math.ceil(share * data.training.length));
      model = trainEpoch(model, designs, labels, rows, descent);
      await pace.pause();
    }
    if (training.link === 'logistic') {
      const probabilities = predict(model, designs, data.heldOut, {
        link: training.link,
        disclose: (party, outputs) => guards?.[party]?.inUse(outputs) ?? outputs,
      });
      const truth = Float64Array.from(data.heldOut, (row) => labels[row] ?? 0);
      metrics.push(measureAll([truth], [probabilities], training.threshold));
    }
    await pace.pause();
  }
  return { models: [model], metrics };
}
