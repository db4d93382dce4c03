import type { GatewayError } from '../errors.ts';
import { isAwayStatus } from './refusals.ts';

/** Where one call of ten fails, three attempts would leave one read of a thousand without an answer. */
const maxAttempts = 4;

/**
 * The first pause is random up to this, each further one up to three times as long: with 10% faults, the slowest hundredth of
 * reads is sent twice, and must not take much longer than two calls.
 */
const firstPauseMs = 20;
const pauseGrowth = 3;

/** Nobody is kept waiting for longer than this, not even a caller without a deadline. */
const longestPauseMs = 10_000;

/** Each read earns this part of a further attempt: calls grow to 1.2 times at most. */
const earnedByRead = 0.2;

/** Attempts that a quiet upstream may get at once. */
const largestBudget = 20;

/** The server did not get the whole request in time (RFC 9110, 15.5.9): the client may repeat it. */
const requestTimeout = 408;

/**
 * A broken connection or answer, or a service that is busy or away for a moment. A refusal stays one however often it is
 * asked, and an answer that is too large, which has no status, would be as large again.
 */
function canHelp({ facts: { retry }, details: { status } }: GatewayError): boolean {
  return (
    retry === 'YES' ||
    (retry === 'ANSWERED' && status !== undefined) ||
    isAwayStatus(status) ||
    status === requestTimeout
  );
}

/** Decides which failed reads of one upstream are sent again, without ever adding more than a fifth to its calls. */
export class RetryBudget {
  readonly #random: () => number;
  #budget = largestBudget;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** A read begins. */
  earn(): void {
    this.#budget = Math.min(largestBudget, this.#budget + earnedByRead);
  }

  /**
   * Spends an attempt on a failed read. `Retry-After` is honoured; where it is longer than the caller waits, the caller gets an error
   * at once.
   *
   * @param attempt - the number of the attempt that failed, from 1
   * @returns milliseconds until the read is sent again, undefined when it is not
   */
  spend(error: GatewayError, attempt: number, remainingMs: number): number | undefined {
    if (!canHelp(error) || attempt >= maxAttempts || this.#budget < 1) return undefined;
    const { retryAfter } = error.details;
    const pauseMs =
      retryAfter === undefined ? this.#random() * firstPauseMs * pauseGrowth ** (attempt - 1) : retryAfter * 1000;
    if (pauseMs >= Math.min(remainingMs, longestPauseMs)) return undefined;
    this.#budget -= 1;
    return pauseMs;
  }
}
