import { callerShareOf, type LoadLimits } from '../config/config.ts';
import { errorCodes, GatewayError } from '../errors.ts';

/** Held by an operation while it runs. */
export interface Permit {
  /** Counts the operation for its caller. Returns the error where that one has its share of all operations already. */
  readonly countFor: (caller: string) => GatewayError | undefined;
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

function refusal(why: string, code: 'OVERLOADED' | 'THROTTLED' = 'OVERLOADED'): GatewayError {
  const error = new GatewayError(code, `${why} Nothing was executed.`, { retryAfter });
  error.extensions['http'] = { status: errorCodes[code].httpStatus, headers: { 'retry-after': `${retryAfter}` } };
  return error;
}

type Kind = keyof LoadLimits;

/** What is under way of one kind, in all and of each caller. */
class Taken {
  total = 0;
  readonly #byCaller = new Map<string, number>();

  of(caller: string): number {
    return this.#byCaller.get(caller) ?? 0;
  }

  /** @param caller - undefined while it is not known */
  count(caller: string | undefined, change: 1 | -1): void {
    this.total += change;
    if (caller !== undefined) this.countFor(caller, change);
  }

  countFor(caller: string, change: 1 | -1): void {
    const count = this.of(caller) + change;
    if (count > 0) this.#byCaller.set(caller, count);
    else this.#byCaller.delete(caller);
  }
}

/**
 * Refuses new operations above the limits. Admitted ones run to their end.
 *
 * @param limits - the limits at the moment; a reload can change them
 */
export function createShedding(limits: () => LoadLimits): Shedding {
  const taken = { operations: new Taken(), subscriptions: new Taken() };

  const shareTaken = (kind: Kind, caller: string): GatewayError | undefined => {
    const share = callerShareOf(limits()[kind]);
    if (taken[kind].of(caller) < share) return undefined;
    return refusal(`You have ${share} ${kind} under way, as many as one caller may.`, 'THROTTLED');
  };

  const createPermit = (): Permit => {
    let kind: Kind | undefined = 'operations';
    let caller: string | undefined;
    taken[kind].count(caller, 1);
    const release = (): void => {
      if (kind !== undefined) taken[kind].count(caller, -1);
      kind = undefined;
    };
    return {
      release,
      countFor: (id) => {
        if (kind === undefined || caller !== undefined) return undefined;
        const refused = shareTaken(kind, id);
        if (refused !== undefined) return refused;
        caller = id;
        taken[kind].countFor(id, 1);
        return undefined;
      },
      streams: () => {
        // The client may have disconnected before the operation was parsed.
        if (kind === undefined) return undefined;
        if (taken.subscriptions.total >= limits().subscriptions)
          return refusal('The gateway has reached its limit of subscriptions.');
        const refused = caller === undefined ? undefined : shareTaken('subscriptions', caller);
        if (refused !== undefined) return refused;
        release();
        kind = 'subscriptions';
        taken[kind].count(caller, 1);
        return undefined;
      },
    };
  };

  return {
    admit: () => {
      if (taken.operations.total >= limits().operations)
        return refusal('The gateway has reached its limit of operations.');
      return createPermit();
    },
  };
}
