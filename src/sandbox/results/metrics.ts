import type { Metrics } from '../model/execution.ts';
import { Random } from '../model/random.ts';
import type { Instance, World } from '../model/world.ts';
import { isSynthetic } from './synthetic.ts';

/** Initial value, and the best improvement. */
const ranges = { recall: { from: 0.34, span: 0.56 }, precision: { from: 0.44, span: 0.5 } } as const;

/** Share of the records that are positive. */
const positiveShare = 0.3;

/**
 * Synthetic metrics that improve with the rounds, consistent with one classifier: recall and precision are drawn, the
 * others follow from them or are drawn within their bounds.
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
  // KS is at least the distance at the threshold.
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

function finishedRounds(world: World, instance: Instance): number {
  return instance.status === 'SUCCEEDED' ? instance.rounds : Math.max(0, world.roundOf(instance) - 1);
}

/** Metrics of the last finished round. */
export function metricsOf(world: World, instance: Instance): (Metrics & { readonly round: number }) | undefined {
  if (!hasMetrics(world, instance)) return undefined;
  const round = finishedRounds(world, instance);
  if (round === 0) return undefined;
  if (isSynthetic(instance)) return { round, ...syntheticMetrics(instance, round) };
  const measured = instance.results?.metrics ?? [];
  const metrics = measured[Math.min(round, measured.length) - 1];
  return metrics && { round, ...metrics };
}

/** The same as JSON text. */
export function metricsText(world: World, instance: Instance): string | undefined {
  const metrics = metricsOf(world, instance);
  return metrics && JSON.stringify(metrics);
}

/** Training and evaluation of classifiers have metrics. */
function hasMetrics(world: World, { type, jobId }: Instance): boolean {
  if (type !== 'HFL' && type !== 'VFL_TRAIN' && type !== 'VFL_EVALUATE') return false;
  const job = world.job(jobId);
  return job === undefined || job.type === 'SQL' || job.learningTask !== 'REGRESSION';
}
