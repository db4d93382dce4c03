import type { Metrics } from '../model/execution.ts';

/** Binary metrics. `threshold` separates positive predictions. */
export function measure(labels: Float64Array, probabilities: Float64Array, threshold: number): Metrics {
  const counts = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0 };
  labels.forEach((label, index) => {
    const isPredicted = (probabilities[index] ?? 0) >= threshold;
    if (label === 1) counts[isPredicted ? 'truePositive' : 'falseNegative']++;
    else counts[isPredicted ? 'falsePositive' : 'trueNegative']++;
  });
  const { truePositive, falsePositive, trueNegative, falseNegative } = counts;
  const precision = ratio(truePositive, truePositive + falsePositive);
  const recall = ratio(truePositive, truePositive + falseNegative);
  const { auc, ks } = ranking(labels, probabilities);
  return {
    accuracy: rounded(ratio(truePositive + trueNegative, labels.length)),
    auc: rounded(auc),
    f1: rounded(ratio(2 * precision * recall, precision + recall)),
    ks: rounded(ks),
    recall: rounded(recall),
    precision: rounded(precision),
  };
}

/** Multi-class metrics: means over the classes, one against the rest. The most probable class is predicted. */
export function measureClasses(labels: readonly Float64Array[], probabilities: readonly Float64Array[]): Metrics {
  const [first = new Float64Array()] = labels;
  const predicted = Array.from(first.keys(), (row) => indexOfGreatest(probabilities.map((own) => own[row] ?? 0)));
  const each = labels.map((own, index) => {
    const decisions = Float64Array.from(predicted, (choice) => (choice === index ? 1 : 0));
    return { ...measure(own, decisions, 1), ...ranking(own, probabilities[index] ?? new Float64Array()) };
  });
  const mean = (name: keyof Metrics): number => rounded(each.reduce((sum, own) => sum + own[name], 0) / each.length);
  const hits = predicted.filter((choice, row) => labels[choice]?.[row] === 1).length;
  return {
    accuracy: rounded(ratio(hits, predicted.length)),
    auc: mean('auc'),
    f1: mean('f1'),
    ks: mean('ks'),
    recall: mean('recall'),
    precision: mean('precision'),
  };
}

function indexOfGreatest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/**
 * `auc`: the chance that a positive ranks above a negative, ties count half. `ks`: the greatest distance between both
 * distributions. 0.5 and 0 for a single class.
 */
function ranking(labels: Float64Array, probabilities: Float64Array): { auc: number; ks: number } {
  const order = Array.from(labels.keys()).sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return { auc: 0.5, ks: 0 };
  let seenPositives = 0;
  let seenNegatives = 0;
  let area = 0;
  let ks = 0;
  for (let start = 0; start < order.length;) {
    let end = start;
    let tiedPositives = 0;
    do {
      tiedPositives += labels[order[end++] ?? 0] ?? 0;
    } while (end < order.length && probabilities[order[end] ?? 0] === probabilities[order[start] ?? 0]);
    const tiedNegatives = end - start - tiedPositives;
    area += tiedNegatives * (seenPositives + tiedPositives / 2);
    seenPositives += tiedPositives;
    seenNegatives += tiedNegatives;
    ks = Math.max(ks, Math.abs(seenPositives / positives - seenNegatives / negatives));
    start = end;
  }
  return { auc: area / (positives * negatives), ks };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
function rounded(value: number): number {
  return Number(value.toFixed(6));
}
