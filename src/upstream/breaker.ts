import { GatewayError, type Plane } from '../errors.ts';
import { isAwayStatus } from './refusals.ts';

/** Whether calls go through. HALF_OPEN: one call tries whether the upstream is back. */
export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/** Stops calls to an upstream that does not answer, so that nobody waits for it in vain. */
export interface Breaker {
  /**
   * Runs a call, unless the upstream has failed too often.
   *
   * @throws GatewayError UPSTREAM_PAUSED at once, with `retryAfter`, while the upstream is left alone.
   */
  readonly run: <Answer>(call: string, work: () => Promise<Answer>) => Promise<Answer>;
  readonly state: () => BreakerState;
}

/** What a breaker is set to. */
export interface BreakerOptions {
  readonly plane: Plane;
  readonly observe: (state: BreakerState) => void;
  readonly now?: () => number;
}

/**
 * So many failures in a row, with no answer between them, and the upstream is left alone; more of them while more calls are
 * under way, since failures often come sooner than answers.
 */
const failuresToOpen = 8;

/** How long it is left alone first; twice as long after each trial that fails. */
const firstPauseMs = 2_000;
const longestPauseMs = 30_000;

/** The upstream itself did not answer. What it answers, refusals included, shows that it is there. */
function isOutage({ facts, details }: GatewayError): boolean {
  return facts.breaker === 'FAILURE' || isAwayStatus(details.status);
}

/** A breaker for one upstream. */
export function createBreaker({ plane, observe, now = Date.now }: BreakerOptions): Breaker {
  let failures = 0;
  let running = 0;
  let pauseMs = firstPauseMs;
  let openUntilMs = 0;
  let state: BreakerState = 'CLOSED';

  const become = (next: BreakerState): void => {
    if (next !== state) observe(next);
    state = next;
  };

  const refuse = (call: string): GatewayError => {
    const retryAfter = Math.max(1, Math.ceil((openUntilMs - now()) / 1000));
    const message = `${call} was not sent: its server has not answered lately and is tried again in ${retryAfter} s.`;
    return new GatewayError('UPSTREAM_PAUSED', message, { plane, call, retryAfter });
  };

  const succeeded = (): void => {
    failures = 0;
    pauseMs = firstPauseMs;
    become('CLOSED');
  };

  const failed = (isTrial: boolean): void => {
    failures += 1;
    if (!isTrial && failures < Math.max(failuresToOpen, running / 2)) return;
    if (isTrial) pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    openUntilMs = now() + pauseMs;
    become('OPEN');
  };

  return {
    state: () => state,
    run: async (call, work) => {
      if (state === 'HALF_OPEN' || (state === 'OPEN' && now() < openUntilMs)) throw refuse(call);
      const isTrial = state === 'OPEN';
      if (isTrial) become('HALF_OPEN');
      running += 1;
      try {
        const answer = await work().finally(() => (running -= 1));
        succeeded();
        return answer;
      } catch (error) {
        // Neither the caller's leaving nor IAM's failing says anything of this upstream.
        const isItsOwn = error instanceof GatewayError && error.details.plane === plane;
        if (isItsOwn && isOutage(error)) failed(isTrial);
        else if (isItsOwn) succeeded();
        else if (isTrial) become('OPEN');
        throw error;
      }
    },
  };
}
