import type { Metrics } from '../model/execution.ts';
import { Random } from '../model/random.ts';
import type { Instance, World } from '../model/world.ts';
import { isSynthetic } from './synthetic.ts';

/** Where a metric starts, and how far above it the best run can end. */
const ranges: Readonly<Record<keyof Metrics, { from: number; span: number }>> = {
  accuracy: { from: 0.52, span: 0.43 },
  auc: { from: 0.5, span: 0.46 },
  f1: { from: 0.38, span: 0.52 },
  ks: { from: 0.06, span: 0.68 },
  recall: { from: 0.34, span: 0.56 },
  precision: { from: 0.44, span: 0.5 },
};

/** How good a model is after so many rounds: better with each, by less and less. */
function syntheticMetrics(instance: Instance, round: number): Metrics {
  const random = new Random(`${instance.id}/metrics`);
  const quality = 0.55 + 0.45 * random.next();
  const progress = 1 - Math.exp(-1.1 * round);
  const draw = (name: keyof Metrics): number => {
    const { from, span } = ranges[name];
    const reach = span * quality * (0.9 + 0.1 * random.next());
    return Number((from + reach * progress).toFixed(6));
  };
  return {
    accuracy: draw('accuracy'),
    auc: draw('auc'),
    f1: draw('f1'),
    ks: draw('ks'),
    recall: draw('recall'),
    precision: draw('precision'),
  };
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
