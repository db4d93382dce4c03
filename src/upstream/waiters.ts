import { GatewayError, type Plane } from '../errors.ts';
import type { CallScope } from './callScope.ts';
import { onAbort } from './deadline.ts';
import type { CacheRead, Outcome } from './observer.ts';

/** A call with waiters. */
export interface AwaitedCall {
  readonly plane: Plane;
  readonly call: string;
  /**
   * Called when the last waiter leaves.
   *
   * @returns the error for that waiter
   */
  readonly onAbandoned: (reason: unknown) => unknown;
}

/** Where an answer comes from, for observers. */
export type AnswerOrigin = Pick<CacheRead, 'outcome' | 'ageMs'>;

interface Waiter {
  readonly scope: CallScope;
  readonly startedAtMs: number;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly stopListening: () => void;
}

/**
 * The operations that wait for one call. Each leaves at its own deadline, without affecting the others. Reports the end of the call
 * to the observer of each.
 */
export class Waiters {
  readonly #call: AwaitedCall;
  readonly #waiters = new Set<Waiter>();

  constructor(call: AwaitedCall) {
    this.#call = call;
  }

  /** Waits for the answer. Rejects with the reason of the scope's deadline. */
  join(scope: CallScope): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { signal } = scope.deadline;
      const stopListening = onAbort(signal, () => this.#leave(waiter, signal.reason));
      const waiter: Waiter = { scope, resolve, reject, stopListening, startedAtMs: performance.now() };
      this.#waiters.add(waiter);
      if (signal.aborted) this.#leave(waiter, signal.reason);
    });
  }

  /** The longest remaining time of the waiters. Infinity without waiters: a refresh in the background. */
  remainingMs(): number {
    let maxMs = this.#waiters.size === 0 ? Infinity : 0;
    for (const { scope } of this.#waiters) maxMs = Math.max(maxMs, scope.deadline.remainingMs());
    return maxMs;
  }

  /** @param origin - left out for calls that are not cached */
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
    this.#reject(waiter, this.#waiters.size === 0 ? this.#call.onAbandoned(reason) : reason);
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
