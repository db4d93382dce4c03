import { setMaxListeners } from 'node:events';
import { GatewayError } from '../errors.ts';

/** `setTimeout` waits no longer than this. */
const maxTimerMs = 2_147_483_647;

/** The error of what ends with its caller's session. */
export function sessionEnded(): GatewayError {
  return new GatewayError('UNAUTHENTICATED', 'The session has ended. Send a valid key or token.');
}

/** A right to call. It ends at its time, or when it is ended; streams and sockets end with its signal. */
export class Session {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** @param endsAtMs - milliseconds since 1970; Infinity: never by itself */
  constructor(endsAtMs: number) {
    // Every stream and socket of the caller listens to it.
    setMaxListeners(0, this.#controller.signal);
    this.#endAt(endsAtMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  #endAt(endsAtMs: number): void {
    if (endsAtMs === Infinity) return;
    const leftMs = endsAtMs - Date.now();
    if (leftMs <= 0) return this.end();
    this.#timer = setTimeout(() => this.#endAt(endsAtMs), Math.min(leftMs, maxTimerMs)).unref();
  }
}
