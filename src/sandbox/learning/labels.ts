import type { LearningTask } from '../model/world.ts';
import type { FeatureColumn } from './encoding.ts';
import { LearningFailure } from './failure.ts';
import type { FeatureValue } from './informationValue.ts';

/** What a model tells apart, the least value first; empty where it learns a quantity. */
export type Classes = readonly Exclude<FeatureValue, undefined>[];

const maxClasses = 10;

/** The values a label takes; more than two are too many unless `mayBeMany`. */
export function classesOf(
  { column: { name }, values }: FeatureColumn,
  datasetName: string,
  { task, mayBeMany = false }: { readonly task: LearningTask | undefined; readonly mayBeMany?: boolean },
): Classes {
  const distinct = [...new Set(values)].filter((value) => value !== undefined);
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

/** 1 for the class, 0 for every other; the number itself where a quantity is learned. */
export function labelsFor({ values }: FeatureColumn, positive: FeatureValue): Float64Array {
  return Float64Array.from(values, (value) => (positive === undefined ? Number(value) : Number(value === positive)));
}

/** What the models are to find out, one for each: of two classes the greater, of more every one, or the quantity. */
export function targetsOf(classes: Classes): readonly FeatureValue[] {
  return classes.length === 0 ? [undefined] : classes.length === 2 ? classes.slice(1) : classes;
}
