import { GatewayError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import type { Pause, RateLimiter } from './rateLimiter.ts';
import type { PollAnswer, PollTarget, WatchObserver, WatchScope } from '../types.ts';

/** One poll of upstream. */
export interface Poll<Answer> {
  readonly scope: WatchScope;
  readonly target: PollTarget;
  /** When it should begin. */
  readonly dueAtMs: number;
  /** Called when the rate limiter admits it. */
  readonly isWanted: () => boolean;
  readonly ask: () => Promise<Answer>;
  readonly onAnswer: (answer: Answer, by: PollAnswer) => void;
  readonly onFailure: (error: unknown) => void;
  /** It waits because its upstream is paused. */
  readonly onHeld: (pause: Pause) => void;
  /** It was no longer wanted when the rate limiter admitted it. */
  readonly onDropped: () => void;
}

/** Runs polls within the rate limits, and counts them. */
export interface Poller {
  readonly poll: <Answer>(poll: Poll<Answer>) => void;
  readonly figures: () => { readonly polls: number; readonly lagMs: number };
}

/** A failure that ends a watch. Others are retried after growing pauses. */
export function isFinalFailure(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.facts.poll === 'END';
}

/** A failure that only asks for fewer calls (429 and alike). */
export function isBusy(error: unknown): boolean {
  return error instanceof GatewayError && error.facts.poll === 'SLOW_DOWN';
}

/** Pause without a Retry-After header. */
const busyPauseMs = 1_000;

/** Polls within the rate limits of the upstreams that `upstreamsOf` names. */
export function createPoller(
  clock: Clock,
  rateLimiter: RateLimiter,
  upstreamsOf: (target: PollTarget) => readonly string[],
  observer: WatchObserver,
): Poller {
  let polls = 0;
  let lagMs = 0;

  const begin = async <Answer>({ target, dueAtMs, ask, onAnswer, onFailure }: Poll<Answer>): Promise<void> => {
    polls += 1;
    const begunAtMs = clock.nowMs();
    const lateMs = Math.max(0, begunAtMs - dueAtMs);
    lagMs = lateMs;
    const observe = (outcome: string): void =>
      observer.onPoll?.({ kind: target.kind, outcome, durationMs: clock.nowMs() - begunAtMs, lagMs: lateMs });
    let answer: Answer;
    try {
      answer = await ask();
    } catch (error) {
      observe(error instanceof GatewayError ? error.code : 'INTERNAL');
      if (error instanceof GatewayError && error.code === 'RATE_LIMITED')
        for (const upstream of upstreamsOf(target))
          rateLimiter.pause(upstream, (error.details.retryAfter ?? 0) * 1000 || busyPauseMs, error.code);
      onFailure(error);
      return;
    }
    observe('OK');
    const observedAt = new Date(clock.timeOfDayMs()).toISOString();
    onAnswer(answer, { begunAtMs, answeredAtMs: clock.nowMs(), observedAt });
  };

  /** Waits for one upstream after the other: waiting for all at once would hold up other polls. */
  const schedule = <Answer>(poll: Poll<Answer>, [upstream, ...others]: readonly string[]): void => {
    if (upstream === undefined) return void begin(poll);
    rateLimiter.schedule(upstream, poll.scope.upstreamScope, {
      run: () => {
        if (!poll.isWanted()) {
          poll.onDropped();
          return false;
        }
        schedule(poll, others);
        return true;
      },
      onPause: (pause) => {
        if (poll.isWanted()) poll.onHeld(pause);
      },
    });
  };

  return {
    poll: (poll) => schedule(poll, upstreamsOf(poll.target)),
    figures: () => ({ polls, lagMs }),
  };
}
