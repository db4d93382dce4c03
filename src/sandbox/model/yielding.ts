import { setImmediate } from 'node:timers/promises';

const maxStretchMs = 10;
const maxComputeMs = 20_000;

/** A calculation exceeded its time. */
export class ComputeTimeExceeded extends Error {
  override name = 'ComputeTimeExceeded';
  constructor() {
    super(`the calculation took more than ${maxComputeMs / 1000} s of computing time`);
  }
}

/**
 * Lets a long calculation share its process with the servers: call `yieldIfDue` between steps of a few milliseconds. It
 * yields to the event loop after 10 ms of computing, and ends the calculation after 20 s of it.
 */
export class Yielding {
  readonly #signal: AbortSignal;
  #sinceMs = performance.now();
  #computedMs = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /**
   * @throws {DOMException} `AbortError` when the run was stopped.
   * @throws {ComputeTimeExceeded}
   */
  async yieldIfDue(): Promise<void> {
    this.#signal.throwIfAborted();
    const stretchMs = performance.now() - this.#sinceMs;
    if (stretchMs < maxStretchMs) return;
    this.#computedMs += stretchMs;
    if (this.#computedMs > maxComputeMs) throw new ComputeTimeExceeded();
    await setImmediate();
    this.#sinceMs = performance.now();
    this.#signal.throwIfAborted();
  }
}
