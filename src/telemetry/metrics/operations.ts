import { errorCodes } from '../../errors.ts';
import type { MetricMaker } from './maker.ts';

/** An operation that has ended, for metrics, log and span. */
export interface FinishedOperation {
  /** `unknown` when the document has no operation of the requested name. */
  readonly kind: 'query' | 'mutation' | 'subscription' | 'unknown';
  readonly name: string | null;
  /** `ERRORS`: the result has errors, maybe beside data. `ABORTED`: the client disconnected. */
  readonly outcome: 'OK' | 'ERRORS' | 'ABORTED';
  readonly errorCodes: readonly string[];
  /** Codes of `userErrors` in the payloads of its mutations. */
  readonly userErrorCodes: readonly string[];
  readonly durationMs: number;
  /** Requests sent upstream for it, including retries. */
  readonly cost: number;
  /** Joined an identical operation. */
  readonly shared: boolean;
}

/** Callers choose the names, and each is a time series of its own. */
const maxNames = 100;

const maxNameLength = 64;

/**
 * Bounds operation names as label values: the first `limit` that were executed without errors, `other` for all further ones.
 * Misspelt and probed names do not use up the limit, since they fail.
 */
export function boundNames(limit = maxNames): (name: string | null, mayEnter: boolean) => string {
  const known = new Set<string>();
  return (name, mayEnter) => {
    if (name === null) return 'unnamed';
    if (known.has(name)) return name;
    if (!mayEnter || known.size >= limit || name.length > maxNameLength) return 'other';
    known.add(name);
    return name;
  };
}

/** Operations by kind and outcome, and by name as far as names are bounded. */
export function countOperations({ counter, gauge, histogram }: MetricMaker) {
  const nameOf = boundNames();
  const running = gauge('tics_gateway_operations_running', 'Operations that are being executed.');
  const durations = histogram(
    'tics_gateway_operation_duration_seconds',
    'Time from the arrival of an operation to its whole answer. `outcome` is `OK`, `ERRORS` (maybe beside data) or `ABORTED` (the caller left).',
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    ['kind', 'outcome'],
  );
  const costs = histogram(
    'tics_gateway_operation_cost',
    'Requests that an operation sent upstream, repeated ones included.',
    [0, 1, 2, 5, 10, 20, 50, 100, 200],
    ['kind'],
  );
  const named = counter(
    'tics_gateway_operations_total',
    `Operations by name: the first ${maxNames} names that were answered without an error; all others are \`other\`, those without a name \`unnamed\`.`,
    ['operation', 'kind', 'outcome'],
  );
  const namedSeconds = counter(
    'tics_gateway_operation_seconds_total',
    'Time that operations took, by the same names; divided by their number it is the mean.',
    ['operation', 'kind'],
  );
  const sharedOperations = counter(
    'tics_gateway_operations_shared_total',
    'Operations that were answered with the result of an identical one under way.',
  );
  const errors = counter(
    'tics_gateway_operation_errors_total',
    'Operations whose answer has an error of this code; a code counts once an operation.',
    ['code'],
  );
  const refusals = counter(
    'tics_gateway_requests_refused_total',
    'Requests that were refused before anything was executed: not readable, no GraphQL, not in the schema, or one too many.',
    ['code'],
  );
  const userErrors = counter(
    'tics_gateway_user_errors_total',
    'Mutations that did not do all that was asked, by the code of their `userErrors`; a code counts once an operation.',
    ['code'],
  );

  // Starts series at 0: Prometheus' `increase` misses the first value of a new series.
  for (const code of Object.keys(errorCodes)) {
    errors.inc({ code }, 0);
    refusals.inc({ code }, 0);
    userErrors.inc({ code }, 0);
  }

  return {
    began: (): void => running.inc(),
    ended: ({ kind, name, outcome, errorCodes, userErrorCodes, durationMs, cost, shared }: FinishedOperation): void => {
      const operation = nameOf(name, outcome === 'OK');
      running.dec();
      durations.observe({ kind, outcome }, durationMs / 1000);
      costs.observe({ kind }, cost);
      named.inc({ operation, kind, outcome });
      namedSeconds.inc({ operation, kind }, durationMs / 1000);
      if (shared) sharedOperations.inc();
      for (const code of errorCodes) errors.inc({ code });
      for (const code of userErrorCodes) userErrors.inc({ code });
    },
    refused: (errorCodes: readonly string[]): void => {
      for (const code of errorCodes) refusals.inc({ code });
    },
  };
}
