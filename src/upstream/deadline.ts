import { setMaxListeners } from 'node:events';
import { GatewayError } from '../errors.ts';

/** The part of AbortSignal that the gateway uses; {@link LightSignal} has it too. */
export interface Signal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A signal that aborts once, at a tenth of what an AbortController costs each operation. */
export class LightSignal implements Signal {
  readonly #listeners = new Set<() => void>();
  #aborted = false;
  #reason: unknown;

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  addEventListener(_: 'abort', listener: () => void): void {
    if (!this.#aborted) this.#listeners.add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  abort(reason: unknown = new DOMException('This operation was aborted', 'AbortError')): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    // A listener may remove another, which is then not called.
    for (const listener of [...this.#listeners]) if (this.#listeners.delete(listener)) listener();
  }
}

/** The same as an AbortSignal, for APIs that need one. */
export function toAbortSignal(signal: Signal): AbortSignal {
  const controller = new AbortController();
  onAbort(signal, () => controller.abort(signal.reason));
  if (signal.aborted) controller.abort(signal.reason);
  return controller.signal;
}

/** How long a caller waits. */
export interface Deadline {
  /** Aborts when the caller leaves, or when the time is up. */
  readonly signal: Signal;
  /** The time left. */
  readonly remainingMs: () => number;
}

/** The deadline of one operation. */
export interface OperationDeadline extends Deadline {
  /** Sets the time limit, counted from now. */
  readonly limit: (timeoutMs: number) => void;
  /**
   * Stops counting for so long from now, for a field whose argument asks it to wait. Fields that wait at the same time count
   * once. Without a limit it does nothing.
   */
  readonly extend: (ms: number) => void;
  /** Ends it now, with the error for all that is not answered yet. */
  readonly cut: (reason: Error) => void;
  /** The operation has ended: stops the timer. */
  readonly end: () => void;
}

/** Why a signal aborted, as an error. */
export function reasonOf({ reason }: Pick<Signal, 'reason'>): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** For work that no caller waits for. */
export const noDeadline: Deadline = {
  signal: new LightSignal(),
  remainingMs: () => Number.POSITIVE_INFINITY,
};

const unlimited = {
  remainingMs: noDeadline.remainingMs,
  limit: () => undefined,
  extend: () => undefined,
  cut: () => undefined,
  end: () => undefined,
};

/** The deadline of a subscription, which ends with the caller and has no time limit. */
export function withoutLimit(caller: Signal): OperationDeadline {
  return { signal: caller, ...unlimited };
}

/** Created only when the time is up: until its stack is read, an error holds all objects of the functions that created it. */
function timeIsUp(timeoutMs: number): GatewayError {
  return new GatewayError('UPSTREAM_TIMEOUT', `The operation took longer than ${timeoutMs} ms.`);
}

/** A deadline for work that several callers wait for: none of them ends it. */
export function deadlineIn(timeoutMs: number, now: () => number = Date.now): Deadline {
  const signal = new LightSignal();
  const endsAtMs = now() + timeoutMs;
  setTimeout(() => signal.abort(timeIsUp(timeoutMs)), timeoutMs).unref();
  return { signal, remainingMs: () => endsAtMs - now() };
}

/** A deadline that ends when the caller leaves, or at a time limit once one is set. */
export function createDeadline(caller: Signal, now: () => number = Date.now): OperationDeadline {
  const signal = new LightSignal();
  // Many operations listen to one signal: no leak, so no warning.
  if (caller instanceof AbortSignal) setMaxListeners(0, caller);
  const leave = (): void => signal.abort(caller.reason);
  if (caller.aborted) leave();
  else caller.addEventListener('abort', leave, { once: true });
  let endsAtMs = Number.POSITIVE_INFINITY;
  let limitMs = 0;
  let uncountedUntilMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let hasEnded = false;

  const start = (): void => {
    clearTimeout(timer);
    if (hasEnded) return;
    timer = setTimeout(() => signal.abort(timeIsUp(limitMs)), endsAtMs - now());
  };

  return {
    signal,
    remainingMs: () => endsAtMs - now(),
    limit: (timeoutMs) => {
      limitMs = timeoutMs;
      endsAtMs = now() + timeoutMs;
      start();
    },
    extend: (ms) => {
      const untilMs = now() + ms;
      const moreMs = untilMs - Math.max(now(), uncountedUntilMs);
      if (timer === undefined || moreMs <= 0) return;
      uncountedUntilMs = untilMs;
      limitMs += moreMs;
      endsAtMs += moreMs;
      start();
    },
    cut: (reason) => signal.abort(reason),
    end: () => {
      hasEnded = true;
      clearTimeout(timer);
      caller.removeEventListener('abort', leave);
    },
  };
}

interface Listeners {
  readonly calls: Set<() => void>;
  readonly onEvent: () => void;
}

const listenersOf = new WeakMap<Signal, Listeners>();

function listenTo(signal: Signal): Listeners {
  const calls = new Set<() => void>();
  const listeners = { calls, onEvent: () => [...calls].forEach((call) => call()) };
  listenersOf.set(signal, listeners);
  signal.addEventListener('abort', listeners.onEvent, { once: true });
  return listeners;
}

/**
 * Calls `listener` once when the signal aborts. All listeners of an AbortSignal share one event listener, which is the expensive
 * part.
 *
 * @returns removes the listener
 */
export function onAbort(signal: Signal, listener: () => void): () => void {
  if (signal instanceof LightSignal) {
    signal.addEventListener('abort', listener);
    return () => signal.removeEventListener('abort', listener);
  }
  const { calls, onEvent } = listenersOf.get(signal) ?? listenTo(signal);
  calls.add(listener);
  return () => {
    if (!calls.delete(listener) || calls.size > 0) return;
    signal.removeEventListener('abort', onEvent);
    listenersOf.delete(signal);
  };
}

/**
 * Waits for work that others share. Rejects with the signal's reason when the caller stops waiting; the work goes on for the
 * others. Starts nothing when the signal has aborted already.
 */
export async function whileWaitedFor<Value>(shared: () => Promise<Value>, signal: Signal): Promise<Value> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = onAbort(signal, () => reject(reasonOf(signal)));
    void shared().finally(stop).then(resolve, reject);
  });
}
