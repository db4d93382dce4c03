import type { Metrics } from '../model/execution.ts';
import { Random } from '../model/random.ts';
import type { Instance, World } from '../model/world.ts';
import { isSynthetic } from './synthetic.ts';

/** Where recall and precision start, and how far above that the best run can end. */
const ranges = { recall: { from: 0.34, span: 0.56 }, precision: { from: 0.44, span: 0.5 } } as const;

/** Share of the records that are positive. */
const positiveShare = 0.3;

/**
 * How good a model is after so many rounds: better with each, by less and less. All metrics are those of one classifier:
 * recall and precision are drawn, the others follow from them or are drawn within what they allow.
 */
function syntheticMetrics(instance: Instance, round: number): Metrics {
  const random = new Random(`${instance.id}/metrics`);
  const quality = 0.55 + 0.45 * random.next();
  const progress = 1 - Math.exp(-1.1 * round);
  const draw = ({ from, span }: (typeof ranges)[keyof typeof ranges]): number =>
    rounded(from + span * quality * (0.9 + 0.1 * random.next()) * progress);
  const recall = draw(ranges.recall);
  const precision = draw(ranges.precision);
  const falsePositiveRate = (positiveShare * recall * (1 / precision - 1)) / (1 - positiveShare);
  // The greatest distance of the two distributions is no less than that at the threshold.
  const distance = recall - falsePositiveRate;
  const ks = distance + (1 - distance) * 0.1 * random.next();
  return {
    accuracy: rounded(1 - positiveShare * (1 - recall) - (1 - positiveShare) * falsePositiveRate),
    auc: rounded((1 + ks) / 2 + ((1 - ks) / 2) * (0.3 + 0.4 * random.next())),
    f1: rounded((2 * precision * recall) / (precision + recall)),
    ks: rounded(ks),
    recall,
    precision,
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(6));
}

/** How many rounds a run has finished. */
function finishedRounds(world: World, instance: Instance): number {
  return instance.status === 'SUCCEEDED' ? instance.rounds : Math.max(0, world.roundOf(instance) - 1);
}

/** The metrics of a run's last finished round; undefined when it measures none or has not got that far. */
export function metricsOf(world: World, instance: Instance): (Metrics & { readonly round: number }) | undefined {
  if (!hasMetrics(world, instance)) return undefined;
  const round = finishedRounds(world, instance);
  if (round === 0) return undefined;
  if (isSynthetic(instance)) return { round, ...syntheticMetrics(instance, round) };
  const measured = instance.results?.metrics ?? [];
  const metrics = measured[Math.min(round, measured.length) - 1];
  return metrics && { round, ...metrics };
}

/** The same as JSON text, as rows carry it. */
export function metricsText(world: World, instance: Instance): string | undefined {
  const metrics = metricsOf(world, instance);
  return metrics && JSON.stringify(metrics);
}

/** Training and evaluation are measured; the metrics are those of classification. */
function hasMetrics(world: World, { type, jobId }: Instance): boolean {
  if (type !== 'HFL' && type !== 'VFL_TRAIN' && type !== 'VFL_EVALUATE') return false;
  const job = world.job(jobId);
  return job === undefined || job.type === 'SQL' || job.learningTask !== 'REGRESSION';
}
