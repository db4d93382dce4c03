import { errorCodes, GatewayError } from '../errors.ts';
import type { OperationDeadline } from '../upstream/deadline.ts';

/** Another replica, or the successor of this one, answers by then. */
const retryAfter = 1;

function shuttingDown(): GatewayError {
  const error = new GatewayError('SHUTTING_DOWN', 'The gateway stopped before this was answered.', { retryAfter });
  error.extensions['http'] = {
    status: errorCodes.SHUTTING_DOWN.httpStatus,
    headers: { 'retry-after': `${retryAfter}` },
  };
  return error;
}

/** Queries and mutations under way. */
export class RunningOperations {
  readonly #deadlines = new Set<OperationDeadline>();

  /** @returns a function that removes the operation at its end */
  add(deadline: OperationDeadline): () => void {
    this.#deadlines.add(deadline);
    return () => this.#deadlines.delete(deadline);
  }

  /** Ends all of them at once: writes already sent with OUTCOME_UNKNOWN, all else with SHUTTING_DOWN. */
  cut(): void {
    for (const deadline of this.#deadlines) deadline.cut(shuttingDown());
  }
}
