import type { DesignMatrix } from './designMatrix.ts';
import { average } from './federatedAveraging.ts';
import { predict, shuffled, trainEpoch, initialModel } from './logisticRegression.ts';
import type { LinearModel } from './logisticRegression.ts';
import type { Yielding } from '../model/yielding.ts';
import { noisyUpdate } from './privacy.ts';
import {
  withinBudget,
  cappedBatchSize,
  measureModel,
  cappedLearningRate,
  requireConverging,
  requireFinite,
} from './training.ts';
import type { TrainingResult, TrainingOptions } from './training.ts';

/** Rows of one agent. */
export interface AgentRows {
  readonly design: DesignMatrix;
  /** Per target, the truth of each row. */
  readonly labels: readonly Float64Array[];
  readonly training: readonly number[];
}

/** Held-out rows of one agent. */
export interface HeldOutRows {
  readonly design: DesignMatrix;
  readonly labels: readonly Float64Array[];
  readonly rows: readonly number[];
}

/**
 * Federated averaging: each round, every agent trains the common model on its own rows; the models are averaged. Rows
 * never leave their agent.
 */
export async function trainHorizontally(
  agents: readonly AgentRows[],
  heldOut: readonly HeldOutRows[],
  training: TrainingOptions,
  yielding: Yielding,
  initial?: readonly LinearModel[],
): Promise<TrainingResult> {
  const [{ labels: targets, design } = { labels: [], design: { width: 0 } }] = agents;
  const { width } = design;
  const rows = agents.reduce((sum, own) => sum + own.training.length, 0);
  const cost = 2 * rows * (width + 1) * training.rounds * targets.length;
  const { epochs, share } = withinBudget(training.epochs, cost);
  let models = initial ?? targets.map((_, target) => initialModel([width], training.random.fork(`weights/${target}`)));
  const orders = agents.map((_, agent) => training.random.fork(`order/${agent}`));
  const noise = training.random.fork('noise');
  const descents = agents.map(({ design: own, training: rowsOfAgent }) => ({
    ...training,
    learningRate: cappedLearningRate(training.learningRate, [own]),
    batchSize: cappedBatchSize(training.batchSize, rowsOfAgent.length),
  }));
  const truth = targets.map((_, target) => truthOf(heldOut, target));
  const metrics = [];
  for (let round = 1; round <= training.rounds; round++) {
    const next: LinearModel[] = [];
    for (const [target, common] of models.entries()) {
      const learned: { model: LinearModel; rows: number }[] = [];
      for (const [agent, own] of agents.entries()) {
        let model = common;
        const labels = own.labels[target] ?? new Float64Array(own.design.rows);
        for (let epoch = 0; epoch < epochs; epoch++) {
          const order = shuffled(own.training, orders[agent] ?? training.random).slice(
            0,
            Math.ceil(share * own.training.length),
          );
          model = await trainEpoch(model, [own.design], labels, order, descents[agent] ?? training, yielding);
          requireConverging(model, round);
        }
        if (training.privacy) model = noisyUpdate(common, model, training.privacy.epsilon, noise);
        requireConverging(model, round);
        learned.push({ model, rows: own.training.length });
      }
      next.push(average(learned));
    }
    models = next;
    if (training.link === 'logistic') {
      const probabilities = models.map((model) => requireFinite(predictAll(model, heldOut)));
      metrics.push(measureModel(truth, probabilities, training.threshold));
    }
    await yielding.yieldIfDue();
  }
  return { models, metrics };
}

function truthOf(heldOut: readonly HeldOutRows[], target: number): Float64Array {
  return Float64Array.from(heldOut.flatMap(({ labels, rows }) => rows.map((row) => labels[target]?.[row] ?? 0)));
}

/** Predictions for all held-out rows. */
function predictAll(model: LinearModel, heldOut: readonly HeldOutRows[]): Float64Array {
  return Float64Array.from(
    heldOut.flatMap(({ design, rows }) => [...predict(model, [design], rows, { link: 'logistic' })]),
  );
}
