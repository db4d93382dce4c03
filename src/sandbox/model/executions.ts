/** Running executions. */
export class Executions {
  readonly #running = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();

  /** Starts an execution, replacing an earlier one of the instance. It must not reject. */
  start(instanceId: string, execute: (signal: AbortSignal) => Promise<void>): void {
    this.abort(instanceId);
    const abort = new AbortController();
    const done = execute(abort.signal).finally(() => {
      if (this.#running.get(instanceId)?.abort === abort) this.#running.delete(instanceId);
    });
    this.#running.set(instanceId, { abort, done });
  }

  /** Aborts an execution and drops its result. */
  abort(instanceId: string): void {
    this.#running.get(instanceId)?.abort.abort();
    this.#running.delete(instanceId);
  }

  abortAll(): void {
    for (const instanceId of [...this.#running.keys()]) this.abort(instanceId);
  }

  /** Resolves when nothing is executing. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running.values()].map(({ done }) => done));
  }
}
