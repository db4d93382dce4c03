import type { LoadLimits } from '../config/config.ts';
import { errorCodes, GatewayError } from '../errors.ts';

/** An operation that was let in. */
export interface Place {
  /** It is a subscription, which waits more than it works, and is counted with its like; answers why it is not let in as one. */
  readonly streams: () => GatewayError | undefined;
  /** It has ended. */
  readonly leave: () => void;
}

/** Decides whether one more operation is begun. */
export interface Shedding {
  /** Lets an operation in, or says why not. */
  readonly enter: () => Place | GatewayError;
}

/** Overload passes in seconds, or not at all. */
const retryAfter = 2;

function refusal(why: string): GatewayError {
  const error = new GatewayError('OVERLOADED', `${why} Nothing was executed.`, { retryAfter });
  error.extensions['http'] = { status: errorCodes.OVERLOADED.httpStatus, headers: { 'retry-after': `${retryAfter}` } };
  return error;
}

/**
 * Sheds new work above the limits. What was let in is carried out.
 *
 * @param limits - as they are now
 */
export function createShedding(limits: () => LoadLimits): Shedding {
  const taken = { operations: 0, subscriptions: 0 };

  const takePlace = (): Place => {
    let kind: keyof typeof taken | undefined = 'operations';
    taken[kind] += 1;
    const leave = (): void => {
      if (kind !== undefined) taken[kind] -= 1;
      kind = undefined;
    };
    return {
      leave,
      streams: () => {
        // Its caller may have left before it was read.
        if (kind === undefined) return undefined;
        if (taken.subscriptions >= limits().subscriptions)
          return refusal('The gateway has reached its limit of subscriptions.');
        leave();
        kind = 'subscriptions';
        taken[kind] += 1;
        return undefined;
      },
    };
  };

  return {
    enter: () => {
      if (taken.operations >= limits().operations) return refusal('The gateway has reached its limit of operations.');
      return takePlace();
    },
  };
}
