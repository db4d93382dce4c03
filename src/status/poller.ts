import { GatewayError } from '../errors.ts';
import type { WatchClock } from './clock.ts';
import type { Turns } from './rateLimiter.ts';
import type { Answered } from './watch.ts';
import type { LookTarget, WatchObserver, WatchScope } from './watches.ts';

/** One look at upstream. */
export interface Look<Answer> {
  readonly scope: WatchScope;
  readonly target: LookTarget;
  /** When it ought to be begun. */
  readonly dueAtMs: number;
  /** Asked when its turn comes. */
  readonly isWanted: () => boolean;
  readonly ask: () => Promise<Answer>;
  readonly answered: (answer: Answer, by: Answered) => void;
  readonly failed: (error: unknown) => void;
  /** Its turn came when nobody wanted it any more. */
  readonly dropped: () => void;
}

/** Looks, when it is their turn, and counts. */
export interface Looking {
  readonly look: <Answer>(look: Look<Answer>) => void;
  readonly figures: () => { readonly polls: number; readonly lagMs: number };
}

/** Whether a failure ends a watch. All others pass: upstream is asked again after growing pauses. */
export function isFinalFailure(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.facts.poll === 'END';
}

/** Whether upstream only says that it is asked too often, or is left alone. */
export function isBusy(error: unknown): boolean {
  return error instanceof GatewayError && error.facts.poll === 'SLOW_DOWN';
}

/** Where nothing says how long. */
const busyPauseMs = 1_000;

/** Looks through the turns of their upstreams. */
export function createLooking(
  clock: WatchClock,
  turns: Turns,
  upstreamsOf: (target: LookTarget) => readonly string[],
  observer: WatchObserver,
): Looking {
  let polls = 0;
  let lagMs = 0;

  const begin = async <Answer>({ target, dueAtMs, ask, answered, failed }: Look<Answer>): Promise<void> => {
    polls += 1;
    const lookNumber = polls;
    const begunAtMs = clock.nowMs();
    const late = Math.max(0, begunAtMs - dueAtMs);
    lagMs = late;
    const ended = (outcome: string): void =>
      observer.look?.({ kind: target.kind, outcome, durationMs: clock.nowMs() - begunAtMs, lagMs: late });
    let answer: Answer;
    try {
      answer = await ask();
    } catch (error) {
      ended(error instanceof GatewayError ? error.code : 'INTERNAL');
      if (error instanceof GatewayError && error.code === 'RATE_LIMITED')
        for (const upstream of upstreamsOf(target))
          turns.pause(upstream, (error.details.retryAfter ?? 0) * 1000 || busyPauseMs);
      failed(error);
      return;
    }
    ended('OK');
    answered(answer, { lookNumber, begunAtMs, observedAt: new Date(clock.timeOfDayMs()).toISOString() });
  };

  /** Takes a turn of each upstream in its order: who waits for all of them at once would hold up others. */
  const take = <Answer>(look: Look<Answer>, [upstream, ...others]: readonly string[]): void => {
    if (upstream === undefined) return void begin(look);
    turns.take(upstream, look.scope.upstreamScope, () => {
      if (!look.isWanted()) {
        look.dropped();
        return false;
      }
      take(look, others);
      return true;
    });
  };

  return {
    look: (look) => take(look, upstreamsOf(look.target)),
    figures: () => ({ polls, lagMs }),
  };
}
