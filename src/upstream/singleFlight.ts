import type { Deadline } from './deadline.ts';
import { onAbort } from './waiting.ts';

/** Makes identical reads that are under way one. */
export interface SingleFlight {
  /**
   * Joins the read with this key, or starts it. A caller that leaves stops waiting and touches nobody else; the read is
   * aborted when the last one has left, and has as much time as the most patient of them.
   *
   * @param onJoin - called when it joined a read of another caller
   */
  readonly run: <Answer>(
    key: string,
    caller: Deadline,
    start: (shared: Deadline) => Promise<Answer>,
    onJoin: () => void,
  ) => Promise<Answer>;
  /** Reads under way are joined no more: after a write of ours they may be out of date. */
  readonly clear: () => void;
}

/** One read under way, and those who wait for it. */
class SharedRead<Answer> {
  readonly #controller = new AbortController();
  readonly #waiting = new Set<Deadline>();
  readonly #answer: Promise<Answer>;

  constructor(first: Deadline, start: (shared: Deadline) => Promise<Answer>) {
    this.#waiting.add(first);
    const { signal } = this.#controller;
    this.#answer = start({ signal, remainingMs: () => this.#remainingMs() });
  }

  /** Waits for the answer as long as the caller does. */
  wait(caller: Deadline): Promise<Answer> {
    this.#waiting.add(caller);
    return new Promise((resolve, reject) => {
      const stop = onAbort(caller.signal, () => {
        reject(caller.signal.reason as Error);
        this.#leave(caller);
      });
      this.#answer.finally(stop).then(resolve, reject);
    });
  }

  /** True once all have left: its answer is an abortion. */
  get isAbandoned(): boolean {
    return this.#controller.signal.aborted;
  }

  #leave(caller: Deadline): void {
    this.#waiting.delete(caller);
    if (this.#waiting.size === 0) this.#controller.abort(caller.signal.reason);
  }

  #remainingMs(): number {
    return Math.max(0, ...[...this.#waiting].map(({ remainingMs }) => remainingMs()));
  }
}

/** Shares reads by key: the caller says in the key whose token is used, in which language, and what is asked. */
export function createSingleFlight(): SingleFlight {
  const reads = new Map<string, SharedRead<unknown>>();

  return {
    clear: () => reads.clear(),
    run: async <Answer>(
      key: string,
      caller: Deadline,
      start: (shared: Deadline) => Promise<Answer>,
      onJoin: () => void,
    ): Promise<Answer> => {
      caller.signal.throwIfAborted();
      const known = reads.get(key) as SharedRead<Answer> | undefined;
      if (known !== undefined && !known.isAbandoned) {
        onJoin();
        return known.wait(caller);
      }
      const read = new SharedRead(caller, (shared) =>
        start(shared).finally(() => {
          if (reads.get(key) === read) reads.delete(key);
        }),
      );
      reads.set(key, read);
      return read.wait(caller);
    },
  };
}

/** Shares nothing. */
export const noSharing: SingleFlight = {
  clear: () => undefined,
  run: (_, caller, start) => start(caller),
};
