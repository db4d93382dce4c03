/** The runs that are being executed, so that they can be given up and waited for. */
export class Executions {
  readonly #running = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();

  /** Starts the execution of an instance in the place of an earlier one. It must not reject. */
  start(instanceId: string, execute: (signal: AbortSignal) => Promise<void>): void {
    this.abort(instanceId);
    const abort = new AbortController();
    const done = execute(abort.signal).finally(() => {
      if (this.#running.get(instanceId)?.abort === abort) this.#running.delete(instanceId);
    });
    this.#running.set(instanceId, { abort, done });
  }

  /** Whatever an instance's execution still comes to, nobody wants to know. */
  abort(instanceId: string): void {
    this.#running.get(instanceId)?.abort.abort();
    this.#running.delete(instanceId);
  }

  abortAll(): void {
    for (const instanceId of [...this.#running.keys()]) this.abort(instanceId);
  }

  /** Resolves as soon as nothing is being executed. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running.values()].map(({ done }) => done));
  }
}
