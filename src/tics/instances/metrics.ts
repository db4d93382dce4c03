import type { Wire } from '../../upstream/json.ts';
import { integer, jsonText, number, record } from '../../upstream/wire.ts';

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
  /** All of them, by their names on the wire. */
  readonly all: Readonly<Record<string, number>>;
}

/** Reads metrics, which are numbers, from an object or from its JSON text; null where there is none, such as in `"7"`. */
export function toMetrics(raw: Wire): Metrics | null {
  const all = Object.fromEntries(
    Object.entries(record(jsonText(raw).value)).flatMap(([name, written]): [string, number][] => {
      const value = number(written);
      return value === null ? [] : [[name, value]];
    }),
  );
  if (Object.keys(all).length === 0) return null;
  return {
    round: integer(all['round']),
    accuracy: all['accuracy'] ?? null,
    auc: all['auc'] ?? null,
    f1: all['f1'] ?? null,
    ks: all['ks'] ?? null,
    precision: all['precision'] ?? null,
    recall: all['recall'] ?? null,
    all,
  };
}
