import type { Instance } from '../state.ts';

/**
 * Whether a run's results are drawn from its id: those of the seeded history are, and those of a run that was put into
 * its end by hand without having been executed.
 */
export const isDrawn = ({ definition, results, status }: Instance): boolean =>
  definition === undefined || (status === 'SUCCEEDED' && results === undefined);
