import { setMaxListeners } from 'node:events';
import { GatewayError } from '../errors.ts';

/** How long a caller waits. */
export interface Deadline {
  /** Ends with the caller, or with its time. */
  readonly signal: AbortSignal;
  /** How much of its time is left. */
  readonly remainingMs: () => number;
}

/** The deadline of one operation. */
export interface OperationDeadline extends Deadline {
  /** Sets the time limit, counted from now. */
  readonly limit: (timeoutMs: number) => void;
  /**
   * Does not count the time from now on, for a field that is asked to wait so long. Fields that wait side by side do not add up;
   * without a limit there is nothing to add to.
   */
  readonly extend: (ms: number) => void;
  /** Ends it before its time, with an error in place of what has not come. */
  readonly cut: (reason: Error) => void;
  /** The operation has ended: nothing is to be kept for it. */
  readonly end: () => void;
}

/** Why a signal aborted, as an error. */
export function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** Nobody in particular waits. */
export const noDeadline: Deadline = {
  signal: new AbortController().signal,
  remainingMs: () => Number.POSITIVE_INFINITY,
};
setMaxListeners(0, noDeadline.signal);

const unlimited = {
  remainingMs: noDeadline.remainingMs,
  limit: () => undefined,
  extend: () => undefined,
  cut: () => undefined,
  end: () => undefined,
};

/** The deadline of a subscription, which ends with the caller and has no time limit. */
export function withoutLimit(caller: AbortSignal): OperationDeadline {
  return { signal: caller, ...unlimited };
}

/** Made when the time is up, not before: until its stack is read, an error keeps all that was at work when it was made. */
function timeIsUp(timeoutMs: number): GatewayError {
  return new GatewayError('UPSTREAM_TIMEOUT', `The operation took longer than ${timeoutMs} ms.`);
}

/** A deadline of its own, for what several wait for: none of them ends it. */
export function deadlineIn(timeoutMs: number, now: () => number = Date.now): Deadline {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const endsAtMs = now() + timeoutMs;
  setTimeout(() => controller.abort(timeIsUp(timeoutMs)), timeoutMs).unref();
  return { signal: controller.signal, remainingMs: () => endsAtMs - now() };
}

/** A deadline that ends with the caller, and with a time limit once one is set. */
export function createDeadline(caller: AbortSignal, now: () => number = Date.now): OperationDeadline {
  const controller = new AbortController();
  // Every upstream call of the operation listens to it: many are no leak.
  setMaxListeners(0, controller.signal, caller);
  const leave = (): void => controller.abort(caller.reason);
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
    timer = setTimeout(() => controller.abort(timeIsUp(limitMs)), endsAtMs - now());
  };

  return {
    signal: controller.signal,
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
    cut: (reason) => controller.abort(reason),
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

const listenersOf = new WeakMap<AbortSignal, Listeners>();

function listenTo(signal: AbortSignal): Listeners {
  const calls = new Set<() => void>();
  const listeners = { calls, onEvent: () => [...calls].forEach((call) => call()) };
  listenersOf.set(signal, listeners);
  signal.addEventListener('abort', listeners.onEvent, { once: true });
  return listeners;
}

/**
 * Calls `listener` once when the signal aborts. All listeners of one signal share one event listener: an operation has many
 * upstream calls, and an event listener for each is most of what waiting costs.
 *
 * @returns removes the listener
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const { calls, onEvent } = listenersOf.get(signal) ?? listenTo(signal);
  calls.add(listener);
  return () => {
    if (!calls.delete(listener) || calls.size > 0) return;
    signal.removeEventListener('abort', onEvent);
    listenersOf.delete(signal);
  };
}

/**
 * Waits for work that others share: the value, or the signal's reason once the caller stops waiting. The shared work goes on for others. A signal that has
 * aborted already starts nothing.
 */
export async function whileWaitedFor<Value>(shared: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = onAbort(signal, () => reject(reasonOf(signal)));
    void shared().finally(stop).then(resolve, reject);
  });
}
