import type { LoadLimits } from '../config/config.ts';
import { errorCodes, GatewayError } from '../errors.ts';

/** Held by an operation while it runs. */
export interface Permit {
  /** Counts the operation as a subscription, which has a limit of its own. Returns the error where that limit is reached. */
  readonly streams: () => GatewayError | undefined;
  /** The operation has ended. Further calls change nothing. */
  readonly release: () => void;
}

/** Limits the operations that run at once. */
export interface Shedding {
  /** Returns a permit, or the error where the limit is reached. */
  readonly admit: () => Permit | GatewayError;
}

const retryAfter = 2;

function refusal(why: string): GatewayError {
  const error = new GatewayError('OVERLOADED', `${why} Nothing was executed.`, { retryAfter });
  error.extensions['http'] = { status: errorCodes.OVERLOADED.httpStatus, headers: { 'retry-after': `${retryAfter}` } };
  return error;
}

/**
 * Refuses new operations above the limits. Admitted ones run to their end.
 *
 * @param limits - the limits at the moment; a reload can change them
 */
export function createShedding(limits: () => LoadLimits): Shedding {
  const taken = { operations: 0, subscriptions: 0 };

  const createPermit = (): Permit => {
    let kind: keyof typeof taken | undefined = 'operations';
    taken[kind] += 1;
    const release = (): void => {
      if (kind !== undefined) taken[kind] -= 1;
      kind = undefined;
    };
    return {
      release,
      streams: () => {
        // The client may have disconnected before the operation was parsed.
        if (kind === undefined) return undefined;
        if (taken.subscriptions >= limits().subscriptions)
          return refusal('The gateway has reached its limit of subscriptions.');
        release();
        kind = 'subscriptions';
        taken[kind] += 1;
        return undefined;
      },
    };
  };

  return {
    admit: () => {
      if (taken.operations >= limits().operations) return refusal('The gateway has reached its limit of operations.');
      return createPermit();
    },
  };
}
