import { rowCountOf } from '../data/rows.ts';
import type { Dataset, Instance } from '../model/world.ts';

/**
 * Whether a run's results are drawn from its id: those of the seeded history are, and those of a run that was put into
 * its end by hand without having been executed.
 */
export function isSynthetic({ jobSnapshot: definition, results, status }: Instance): boolean {
  return definition === undefined || (status === 'SUCCEEDED' && results === undefined);
}

/** How many records of a dataset a run reads: a drawn one all that the dataset says it has, a real one those there are. */
export function recordsRead(instance: Instance, dataset: Dataset): number {
  return isSynthetic(instance) ? dataset.recordCount : rowCountOf(dataset);
}
