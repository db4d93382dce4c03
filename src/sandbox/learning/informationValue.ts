import type { BinningType } from '../model/world.ts';

/** Undefined when missing. */
export type FeatureValue = string | number | undefined;

export interface BinCount {
  positives: number;
  negatives: number;
}

const defaultBins = 10;

/**
 * Counts classes per bin: equal width (DISTANCE) or equal count (FREQUENCY). Text and few distinct numbers get a bin
 * per value; missing values share one.
 */
export function binCounts(
  values: readonly FeatureValue[],
  labels: Float64Array,
  binning: BinningType,
  bins = defaultBins,
): BinCount[] {
  const binOf = binningOf(values, binning, bins);
  const counts = new Map<string | number, BinCount>();
  values.forEach((value, index) => {
    const bin = binOf(value);
    const count = counts.get(bin) ?? { positives: 0, negatives: 0 };
    counts.set(bin, count);
    if (labels[index] === 1) count.positives++;
    else count.negatives++;
  });
  return [...counts.values()];
}

/** Σ (share of positives − share of negatives) · ln of their ratio, with half a record added per bin. */
export function informationValue(counts: readonly BinCount[]): number {
  const positives = counts.reduce((sum, bin) => sum + bin.positives + smoothing, 0);
  const negatives = counts.reduce((sum, bin) => sum + bin.negatives + smoothing, 0);
  return counts.reduce((sum, bin) => {
    const positive = (bin.positives + smoothing) / positives;
    const negative = (bin.negatives + smoothing) / negatives;
    return sum + (positive - negative) * Math.log(positive / negative);
  }, 0);
}
/** Keeps the value of one-sided bins finite. */
const smoothing = 0.5;

const missing = 'missing';

function binningOf(
  values: readonly FeatureValue[],
  binning: BinningType,
  bins: number,
): (value: FeatureValue) => string | number {
  const present = values.filter((value) => value !== undefined);
  const distinct = new Set(present);
  const areNumbers = present.every((value) => typeof value === 'number');
  if (!areNumbers) {
    const frequent = new Set(mostFrequent(present, bins));
    return (value) => (value === undefined ? missing : frequent.has(value) ? value : 'others');
  }
  if (distinct.size <= bins) return (value) => value ?? missing;
  const sorted = present.sort((a, b) => a - b);
  const [low = 0] = sorted;
  const high = sorted.at(-1) ?? 0;
  const edges = Array.from({ length: bins - 1 }, (_, index) =>
    binning === 'DISTANCE'
      ? low + ((high - low) * (index + 1)) / bins
      : (sorted[Math.floor((sorted.length * (index + 1)) / bins)] ?? high),
  );
  return (value) => (typeof value === 'number' ? edges.filter((edge) => edge <= value).length : missing);
}

/** The most frequent values. */
export function mostFrequent<T>(values: readonly T[], count: number): T[] {
  const times = new Map<T, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([value]) => value);
}
