import { sessionEnded } from '../callers/session.ts';
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
  readonly #sessions = new Map<OperationDeadline, AbortSignal | undefined>();
  readonly #watched = new WeakSet<AbortSignal>();

  /**
   * @param session - the operation ends with it
   * @returns a function that removes the operation at its end
   */
  add(deadline: OperationDeadline, session: AbortSignal | undefined): () => void {
    this.#sessions.set(deadline, session);
    if (session?.aborted) deadline.cut(sessionEnded());
    else if (session !== undefined) this.#watch(session);
    return () => this.#sessions.delete(deadline);
  }

  /** Ends all of them at once: writes already sent with OUTCOME_UNKNOWN, all else with SHUTTING_DOWN. */
  cut(): void {
    for (const deadline of this.#sessions.keys()) deadline.cut(shuttingDown());
  }

  /** One listener for all operations of a session: most end before it. */
  #watch(session: AbortSignal): void {
    if (this.#watched.has(session)) return;
    this.#watched.add(session);
    const end = (): void => {
      for (const [deadline, of] of this.#sessions) if (of === session) deadline.cut(sessionEnded());
    };
    session.addEventListener('abort', end, { once: true });
  }
}
