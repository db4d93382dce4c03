import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from '../errors.ts';
import type { Deadline } from './deadline.ts';
import { isAwayStatus } from './refusals.ts';

/** Sends reads again where that can help, without ever adding more than a fifth to the calls of an upstream. */
export interface Retrying {
  /** Runs a read until it answers, at most four times, as long as budget and time allow. */
  readonly run: <Answer>(caller: Deadline, work: () => Promise<Answer>) => Promise<Answer>;
}

/** What sending again is set to. */
export interface RetryOptions {
  readonly observe: (reason: string) => void;
  readonly random?: () => number;
}

/** Where one call of ten fails, three attempts would leave one read of a thousand without an answer. */
const maxAttempts = 4;

/** The first pause is random up to this; each further one up to twice as long. */
const firstPauseMs = 60;

/** Nobody is kept waiting for longer than this, not even who has no deadline. */
const longestPauseMs = 10_000;

/** Each call earns so much of a further one: calls grow to 1.2 times at most. */
const earnedByCall = 0.2;

/** What a quiet upstream may spend at once. */
const largestBudget = 20;

/** The server did not get the whole request in time (RFC 9110, 15.5.9): the client may repeat it. */
const requestTimeout = 408;

/**
 * A broken connection or answer, a service that is busy or away for a moment. A refusal stays one however often it is asked,
 * and an answer that is too large, which has no status, would be as large again.
 */
function canHelp({ facts: { retry }, details: { status } }: GatewayError): boolean {
  return (
    retry === 'YES' ||
    (retry === 'ANSWERED' && status !== undefined) ||
    isAwayStatus(status) ||
    status === requestTimeout
  );
}

/** Retries for one upstream. */
export function createRetrying({ observe, random = Math.random }: RetryOptions): Retrying {
  let budget = largestBudget;

  return {
    run: async ({ signal, remainingMs }, work) => {
      budget = Math.min(largestBudget, budget + earnedByCall);
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await work();
        } catch (error) {
          if (!(error instanceof GatewayError && canHelp(error)) || attempt === maxAttempts || budget < 1) throw error;
          const { retryAfter } = error.details;
          const pauseMs = retryAfter === undefined ? random() * firstPauseMs * 2 ** (attempt - 1) : retryAfter * 1000;
          // Longer than the caller waits: it is told at once how long to wait.
          if (pauseMs >= Math.min(remainingMs(), longestPauseMs)) throw error;
          budget -= 1;
          observe(error.code);
          await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
        }
      }
    },
  };
}
