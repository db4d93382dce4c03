/** What the load process is asked for. */
export interface LoadTask {
  readonly port: number;
  readonly method: 'GET' | 'POST';
  /** Each connection sends them in turn. */
  readonly path: readonly string[];
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** So many connections, each with one request at a time. */
  readonly connections: number;
  /** No request is begun after this long; those in flight are waited for. */
  readonly seconds: number;
  /** The `data` that every answer must have; left out where only the status counts. */
  readonly reference?: unknown;
  /** A refused connection waits as long as `Retry-After` says, instead of asking again at once. */
  readonly honorsRetryAfter?: boolean;
}

/** What became of it. */
export interface LoadResult {
  readonly good: number;
  /** Answered with 503 or 429. */
  readonly refused: number;
  /** Answered without all data, because the operation's time was up: the subject is too slow for so many. */
  readonly late: number;
  /** Answered, but not with the reference. */
  readonly wrong: number;
  /** The first of them. */
  readonly firstWrong?: string;
  /** Not answered: the connection was closed. */
  readonly failed: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the last good answer. */
  readonly bodyBytes: number;
}
