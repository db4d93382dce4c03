import { setImmediate } from 'node:timers/promises';

const longestStretchMs = 10;

/**
 * Keeps a long calculation from holding up the server it shares a process with: asked between steps, it lets others go
 * first whenever the calculation has had its stretch. Throws when the run was stopped.
 */
export class Yielding {
  readonly #signal: AbortSignal;
  #sinceMs = performance.now();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async yieldIfDue(): Promise<void> {
    this.#signal.throwIfAborted();
    if (performance.now() - this.#sinceMs < longestStretchMs) return;
    await setImmediate();
    this.#sinceMs = performance.now();
    this.#signal.throwIfAborted();
  }
}
