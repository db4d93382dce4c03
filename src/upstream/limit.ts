/** Lets so many calls run at once; the others wait in the order in which they came. */
export interface Limit {
  /** Runs work when its turn comes. Who leaves the queue, by the signal, costs nobody a turn. */
  readonly run: <Answer>(signal: AbortSignal, work: () => Promise<Answer>) => Promise<Answer>;
}

/** A limit for one upstream. */
export function createLimit(atOnce: number): Limit {
  let running = 0;
  const waiting = new Set<() => void>();

  const turn = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.delete(enter);
        reject(signal.reason as Error);
      };
      const enter = (): void => {
        waiting.delete(enter);
        signal.removeEventListener('abort', leave);
        resolve();
      };
      waiting.add(enter);
      signal.addEventListener('abort', leave, { once: true });
    });

  return {
    run: async (signal, work) => {
      signal.throwIfAborted();
      if (running >= atOnce) await turn(signal);
      else running += 1;
      try {
        return await work();
      } finally {
        // The turn is handed on: whoever is first in the queue runs in this one's place.
        const [next] = waiting;
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
