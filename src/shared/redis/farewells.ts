import type { Replicas } from './replicas.ts';

/**
 * Commands that give something back. Each is sent again after a heartbeat until it is answered: while this replica lives, nobody else
 * would take it.
 */
export class Farewells {
  readonly #unanswered = new Map<string, () => Promise<unknown>>();

  constructor(replicas: Replicas) {
    replicas.onBeat(() => this.#unanswered.forEach((send, name) => void this.#send(name, send)));
  }

  /** @param send - resolves to undefined without an answer. Must not fail */
  async say(name: string, send: () => Promise<unknown>): Promise<void> {
    this.#unanswered.set(name, send);
    await this.#send(name, send);
  }

  /** Sends it now, before what is sent next. */
  repeat(name: string): void {
    const send = this.#unanswered.get(name);
    if (send) void this.#send(name, send);
  }

  cancel(name: string): void {
    this.#unanswered.delete(name);
  }

  async #send(name: string, send: () => Promise<unknown>): Promise<void> {
    if ((await send()) !== undefined && this.#unanswered.get(name) === send) this.#unanswered.delete(name);
  }
}
