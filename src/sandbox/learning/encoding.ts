import type { DatasetColumn } from '../model/world.ts';
import type { Yielding } from '../model/yielding.ts';
import type { DesignMatrix } from './designMatrix.ts';
import { LearningFailure } from './failure.ts';
import { mostFrequent } from './informationValue.ts';
import type { FeatureValue } from './informationValue.ts';

/** Values of a column, one per record. */
export interface FeatureColumn {
  readonly column: DatasetColumn;
  readonly values: readonly FeatureValue[];
}

/** Maps columns to numbers, as fitted to the training rows. */
export interface Encoding {
  readonly width: number;
  encode(columns: readonly FeatureColumn[], rowCount: number, yielding: Yielding): Promise<DesignMatrix>;
}

type Encode = (value: FeatureValue) => readonly number[];

const maxCategories = 24;
/** Per party: 64 MB. */
const maxNumbers = 8_000_000;
/** Continuous columns that are crossed with each other. */
const maxCrossed = 6;

/**
 * Fits an encoding to the training rows: standardises continuous columns, one-hot encodes discrete and multi-hot ones.
 * `crosses` adds squares and products of a party's own continuous columns.
 */
export async function fitEncoding(
  columns: readonly FeatureColumn[],
  rows: readonly number[],
  crosses: boolean,
  yielding: Yielding,
): Promise<Encoding> {
  const encodes: Encode[] = [];
  for (const { column, values } of columns) {
    const known = rows.map((row) => values[row]).filter((value) => value !== undefined);
    encodes.push(encodeOf(column, known));
    await yielding.yieldIfDue();
  }
  const crossed = crosses
    ? columns.flatMap(({ column }, index) => (isContinuous(column) ? [index] : [])).slice(0, maxCrossed)
    : [];
  const encodeRow = (record: readonly FeatureValue[]): number[] => {
    const parts = encodes.map((encode, index) => encode(record[index]));
    const basis = crossed.map((index) => parts[index]?.[0] ?? 0);
    const products = basis.flatMap((a, index) =>
      basis.slice(index).map((b, apart) => (apart === 0 ? a * a - 1 : a * b)),
    );
    return [...parts.flat(), ...products];
  };
  const { length: width } = encodeRow(columns.map(() => undefined));
  return {
    width,
    async encode(table, count, progress) {
      if (count * width > maxNumbers) {
        throw new LearningFailure(`the features are too many: they make ${width} numbers of each of ${count} records`);
      }
      const values = new Float64Array(count * width);
      for (let row = 0; row < count; row++) {
        values.set(encodeRow(table.map((own) => own.values[row])), row * width);
        await progress.yieldIfDue();
      }
      return { rows: count, width, values };
    },
  };
}

function isContinuous({ featureType, dataType }: DatasetColumn): boolean {
  return featureType === 'CONTINUOUS' || (featureType === undefined && /FLOAT|DOUBLE|DECIMAL|INT|NUM/i.test(dataType));
}

function encodeOf(column: DatasetColumn, known: readonly Exclude<FeatureValue, undefined>[]): Encode {
  if (isContinuous(column)) return standardised(known.map(numberOf).filter(Number.isFinite));
  if (column.featureType === 'MULTIHOT') {
    const members = mostFrequent(known.flatMap(membersOf), maxCategories);
    return (value) => {
      const own = new Set(value === undefined ? [] : membersOf(value));
      return members.map((member) => (own.has(member) ? 1 : 0));
    };
  }
  const categories = mostFrequent(known, maxCategories);
  const oneHot: Encode = (value) => categories.map((category) => (category === value ? 1 : 0));
  const numbers = known.filter((value) => typeof value === 'number');
  if (numbers.length < known.length || numbers.length === 0) return oneHot;
  // With too many values to one-hot encode, magnitude still tells them apart.
  const size = standardised(numbers);
  return (value) => [...oneHot(value), ...size(value)];
}

function membersOf(value: string | number): string[] {
  return String(value)
    .split(/[|,;\s]+/)
    .filter((member) => member !== '');
}

const maxDeviations = 4;

/** A number, numeric text, or a date in days. */
function numberOf(value: string | number): number {
  const number = Number(value);
  return Number.isNaN(number) ? Date.parse(String(value)) / 86_400_000 : number;
}

/** Standardises and clamps. Missing values become the mean. */
function standardised(known: readonly number[]): Encode {
  const mean = known.reduce((sum, value) => sum + value, 0) / (known.length || 1);
  const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (known.length || 1)) || 1;
  return (value) => {
    const scaled = value === undefined ? 0 : (numberOf(value) - mean) / deviation;
    return [Number.isFinite(scaled) ? Math.max(-maxDeviations, Math.min(maxDeviations, scaled)) : 0];
  };
}
