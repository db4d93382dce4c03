import { rowCountOf } from '../data/rows.ts';
import type { Dataset, Instance } from '../model/world.ts';

/** True when results are derived from ids: seeded runs, and runs set to SUCCEEDED by hand. */
export function isSynthetic({ jobSnapshot, results, status }: Instance): boolean {
  return jobSnapshot === undefined || (status === 'SUCCEEDED' && results === undefined);
}

/** Records that a run reads: the declared count for synthetic runs, else the rows that exist. */
export function recordsRead(instance: Instance, dataset: Dataset): number {
  return isSynthetic(instance) ? dataset.recordCount : rowCountOf(dataset);
}
