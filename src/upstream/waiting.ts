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
 * The value, or the signal's reason once the caller stops waiting. The shared work goes on for others. A signal that has
 * aborted already starts nothing.
 */
export async function whileWaitedFor<Value>(shared: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = onAbort(signal, () => reject(signal.reason as Error));
    void shared().finally(stop).then(resolve, reject);
  });
}
