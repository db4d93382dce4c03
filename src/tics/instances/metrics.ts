import type { Wire } from '../../upstream/json.ts';
import { exactNumber, integer, jsonText, number, record, type Decimal } from '../../upstream/wire.ts';

/** Metrics of a trained or evaluated model. */
export interface Metrics {
  /** The round after which they were measured. */
  readonly round: number | null;
  readonly accuracy: number | null;
  readonly auc: number | null;
  readonly f1: number | null;
  readonly ks: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  /** All of them, by their wire names. Digits for numbers that JavaScript can't hold. */
  readonly all: Readonly<Record<string, number | Decimal>>;
}

/** Reads metrics from an object or its JSON text. Null for anything else, such as `"7"`. */
export function toMetrics(raw: Wire): Metrics | null {
  const all = Object.fromEntries(
    Object.entries(record(jsonText(raw).value)).flatMap(([name, written]): [string, number | Decimal][] => {
      const value = exactNumber(written);
      return value === null ? [] : [[name, value]];
    }),
  );
  if (Object.keys(all).length === 0) return null;
  return {
    round: integer(all['round']),
    accuracy: number(all['accuracy']),
    auc: number(all['auc']),
    f1: number(all['f1']),
    ks: number(all['ks']),
    precision: number(all['precision']),
    recall: number(all['recall']),
    all,
  };
}
