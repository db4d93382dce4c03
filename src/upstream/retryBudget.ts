import type { GatewayError } from '../errors.ts';
import { isAwayStatus } from './refusals.ts';

/** With 10% faults, three attempts would leave one read of a thousand unanswered. */
const maxAttempts = 4;

/**
 * The first pause is random up to this, each further one up to three times as long. With 10% faults the slowest hundredth of
 * reads is sent twice, and should take little more than two calls.
 */
const firstPauseMs = 20;
const pauseGrowth = 3;

/** Also for callers without a deadline. */
const maxPauseMs = 10_000;

/** Each read earns this share of an attempt: retries add a fifth to the calls at most. */
const earnedByRead = 0.2;

/** Attempts that can be saved up while an upstream is quiet. */
const maxBudget = 20;

/** The server did not get the whole request in time (RFC 9110, 15.5.9): the client may repeat it. */
const requestTimeout = 408;

/**
 * True for a broken connection or answer, and for a service that is busy or away. Not for refusals, nor for an answer that is too
 * large (it has no status): both would come again.
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
  #budget = maxBudget;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** A read begins. */
  earn(): void {
    this.#budget = Math.min(maxBudget, this.#budget + earnedByRead);
  }

  /**
   * Spends an attempt on a failed read. Honours `Retry-After`; when that is longer than the caller waits, there is no retry.
   *
   * @param attempt - the number of the attempt that failed, from 1
   * @returns milliseconds until the read is sent again, undefined when it is not
   */
  spend(error: GatewayError, attempt: number, remainingMs: number): number | undefined {
    if (!canHelp(error) || attempt >= maxAttempts || this.#budget < 1) return undefined;
    const { retryAfter } = error.details;
    const pauseMs =
      retryAfter === undefined ? this.#random() * firstPauseMs * pauseGrowth ** (attempt - 1) : retryAfter * 1000;
    if (pauseMs >= Math.min(remainingMs, maxPauseMs)) return undefined;
    this.#budget -= 1;
    return pauseMs;
  }
}
