import type { LearningTask } from '../model/world.ts';
import type { FeatureColumn } from './encoding.ts';
import { LearningFailure } from './failure.ts';
import type { FeatureValue } from './informationValue.ts';

/** The classes of a model, in ascending order; empty for regression. */
export type Classes = readonly Exclude<FeatureValue, undefined>[];

const maxClasses = 10;

/** The distinct labels. More than two need `mayBeMany`. */
export function classesOf(
  { column: { name }, values }: FeatureColumn,
  datasetName: string,
  { task, mayBeMany = false }: { readonly task: LearningTask | undefined; readonly mayBeMany?: boolean },
): Classes {
  const distinct = distinctLabels(values);
  const what = `label ${name} of dataset ${datasetName}`;
  if (task === 'REGRESSION') {
    if (!distinct.every((value) => Number.isFinite(Number(value)))) throw new LearningFailure(`${what} is no number`);
    return [];
  }
  const classes = distinct.sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b)),
  );
  if (classes.length < 2) throw new LearningFailure(`${what} has one value only, there is nothing to learn`);
  if (mayBeMany ? classes.length > maxClasses : classes.length > 2) {
    throw new LearningFailure(
      mayBeMany
        ? `${what} has ${classes.length} values, at most ${maxClasses} classes can be learned`
        : `${what} is not binary: it has ${classes.length} values`,
    );
  }
  return classes;
}

/** 1 for the class and 0 for others; the number itself for regression. */
export function labelsFor({ values }: FeatureColumn, positive: FeatureValue): Float64Array {
  if (positive === undefined) return Float64Array.from(values, Number);
  const key = labelKey(positive);
  return Float64Array.from(values, (value) => Number(value !== undefined && labelKey(value) === key));
}

/** Equal for labels that are equal across types: one party stores numbers, another text. */
function labelKey(label: string | number): string {
  const text = String(label).trim();
  const number = text === '' ? NaN : Number(text);
  return Number.isFinite(number) ? String(number) : text;
}

/** Distinct labels; as numbers where any party stores numbers. */
function distinctLabels(values: readonly FeatureValue[]): Exclude<FeatureValue, undefined>[] {
  const labels = new Map<string, string | number>();
  for (const value of new Set(values)) {
    if (value === undefined) continue;
    const key = labelKey(value);
    if (typeof labels.get(key) !== 'number') labels.set(key, value);
  }
  return [...labels.values()];
}

/** The targets to train a model for: the greater of two classes, each of several, or the quantity. */
export function targetsOf(classes: Classes): readonly FeatureValue[] {
  return classes.length === 0 ? [undefined] : classes.length === 2 ? classes.slice(1) : classes;
}
