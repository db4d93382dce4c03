import { QueryError } from '../query/expression.ts';

/** Limits of the queries of readers. What the gateway asks for itself has none. */
export interface QueryLimits {
  /** Time that the engine may work on one query. What its reader takes to read does not count. */
  readonly timeoutMs: number;
  /** Queries that the engine works on at a time; the others wait. */
  readonly atOnce: number;
  /** Tells readers what an error of the engine means. */
  readonly errorOf?: (error: unknown) => unknown;
}

/** The work of the engine on one query, step by step. */
export interface Work {
  /**
   * Runs a step when fewer than `atOnce` others run, and cancels it when its reader leaves or its time is up.
   *
   * @throws QueryError LIMIT when the steps took too long; the reason of the signal when the reader left
   */
  readonly step: <Answer>(run: () => Promise<Answer>) => Promise<Answer>;
}

function tooLong(timeoutMs: number): QueryError {
  return new QueryError(
    `The query took longer than ${timeoutMs / 1000} s (bi.queryTimeoutMs). Ask for fewer rows or days, or for columns in place of expressions.`,
    'LIMIT',
  );
}

/** A cancellation is asked for again until the step ends: the engine forgets one that comes before the query has begun. */
const cancelAgainMs = 100;

/** Lets so many through at a time, in the order in which they came. */
function createSemaphore(atOnce: number) {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  return {
    acquire: async (signal: AbortSignal | undefined): Promise<void> => {
      signal?.throwIfAborted();
      if (free > 0) return void (free -= 1);
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          waiting.splice(waiting.indexOf(admit), 1);
          reject(signal?.reason as Error);
        };
        const admit = (): void => {
          signal?.removeEventListener('abort', leave);
          resolve();
        };
        signal?.addEventListener('abort', leave, { once: true });
        waiting.push(admit);
      });
    },
    release: (): void => {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}

/** Limits the queries of one engine. */
export function createQueryLimits({ timeoutMs, atOnce, errorOf = (error) => error }: QueryLimits) {
  const semaphore = createSemaphore(atOnce);
  /**
   * Begins a query.
   *
   * @param cancel - makes the engine end the step that runs
   */
  return (signal: AbortSignal | undefined, cancel: () => void): Work => {
    let leftMs = timeoutMs;
    return {
      step: async (run) => {
        await semaphore.acquire(signal);
        const startedMs = performance.now();
        let isLate = leftMs <= 0;
        let again: NodeJS.Timeout | undefined;
        const end = (): void => {
          cancel();
          again ??= setInterval(cancel, cancelAgainMs);
        };
        const timer = setTimeout(() => {
          isLate = true;
          end();
        }, leftMs);
        signal?.addEventListener('abort', end, { once: true });
        try {
          if (isLate) throw tooLong(timeoutMs);
          const answer = await run();
          signal?.throwIfAborted();
          if (isLate) throw tooLong(timeoutMs);
          return answer;
        } catch (error) {
          // What the engine says of a query that was cancelled says nothing.
          signal?.throwIfAborted();
          throw isLate ? tooLong(timeoutMs) : errorOf(error);
        } finally {
          clearTimeout(timer);
          clearInterval(again);
          signal?.removeEventListener('abort', end);
          leftMs -= performance.now() - startedMs;
          semaphore.release();
        }
      },
    };
  };
}
