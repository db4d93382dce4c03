import type { Wire } from '../../upstream/json.ts';
import { decimal, integer, jsonText, record } from '../../upstream/wire.ts';

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
  /** All of them, as they came. */
  readonly all: Readonly<Record<string, Wire>>;
}

/** Reads metrics from an object or from its JSON text; null where there is none, such as in `"7"`. */
export const toMetrics = (raw: Wire): Metrics | null => {
  const all = record(jsonText(raw).value);
  if (Object.keys(all).length === 0) return null;
  return {
    round: integer(all['round']),
    accuracy: decimal(all['accuracy']),
    auc: decimal(all['auc']),
    f1: decimal(all['f1']),
    ks: decimal(all['ks']),
    precision: decimal(all['precision']),
    recall: decimal(all['recall']),
    all,
  };
};
