import { GatewayError, type Plane } from '../errors.ts';
import type { CallScope } from './callScope.ts';
import { onAbort } from './deadline.ts';
import type { CacheRead, Outcome } from './observer.ts';

/** The call that is waited for. */
export interface AwaitedCall {
  readonly plane: Plane;
  readonly call: string;
  /**
   * The last one stops waiting, for this reason.
   *
   * @returns the error that it gets
   */
  readonly onDeserted: (reason: unknown) => unknown;
}

/** Where an answer comes from, as an observer sees it. */
export type AnswerOrigin = Pick<CacheRead, 'outcome' | 'ageMs'>;

interface Waiter {
  readonly scope: CallScope;
  readonly startedAtMs: number;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly stopListening: () => void;
}

/**
 * The operations that wait for one call. Each waits until its own deadline; what the others wait for goes on. The observer of each
 * sees the call end.
 */
export class Waiters {
  readonly #call: AwaitedCall;
  readonly #waiters = new Set<Waiter>();

  constructor(call: AwaitedCall) {
    this.#call = call;
  }

  /** The answer, or the reason of the scope's deadline. */
  join(scope: CallScope): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { signal } = scope.deadline;
      const stopListening = onAbort(signal, () => this.#leave(waiter, signal.reason));
      const waiter: Waiter = { scope, resolve, reject, stopListening, startedAtMs: performance.now() };
      this.#waiters.add(waiter);
      if (signal.aborted) this.#leave(waiter, signal.reason);
    });
  }

  /** The time of the most patient. A read that nobody waits for, behind the callers' backs, has time without end. */
  remainingMs(): number {
    let longestMs = this.#waiters.size === 0 ? Infinity : 0;
    for (const { scope } of this.#waiters) longestMs = Math.max(longestMs, scope.deadline.remainingMs());
    return longestMs;
  }

  /** @param origin - left out for an answer that no cache has to do with */
  resolve(answer: unknown, origin?: AnswerOrigin): void {
    const { plane, call } = this.#call;
    for (const waiter of this.#waiters) {
      if (origin !== undefined) waiter.scope.observer.cache({ plane, call, ...origin });
      this.#end(waiter, 'OK');
      waiter.resolve(answer);
    }
  }

  reject(error: unknown): void {
    for (const waiter of this.#waiters) this.#reject(waiter, error);
  }

  #leave(waiter: Waiter, reason: unknown): void {
    this.#waiters.delete(waiter);
    this.#reject(waiter, this.#waiters.size === 0 ? this.#call.onDeserted(reason) : reason);
  }

  #reject(waiter: Waiter, error: unknown): void {
    this.#end(waiter, error instanceof GatewayError ? error.code : 'ABORTED');
    waiter.reject(error);
  }

  #end({ scope: { observer }, startedAtMs, stopListening }: Waiter, outcome: Outcome): void {
    const { plane, call } = this.#call;
    stopListening();
    observer.callEnd({ plane, call, outcome, durationMs: performance.now() - startedAtMs });
  }
}
