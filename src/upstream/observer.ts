import type { ErrorCode, Plane } from '../errors.ts';

/** `OK`, the code of the failure, or `ABORTED` when the caller left before. */
export type Outcome = ErrorCode | 'OK' | 'ABORTED';

/** An upstream: a plane, and on the agent plane which agent. */
export interface UpstreamName {
  readonly plane: Plane;
  /** The id of one of the configured agents; only on the agent plane. */
  readonly agentId?: string;
}

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One request that is sent. The same object when it starts and when it ends. */
export interface OutgoingRequest extends UpstreamName {
  /** The contract's operation id. */
  readonly call: string;
  readonly method: HttpMethod;
  /** Headers that an observer adds: the trace that the request belongs to. */
  readonly traceHeaders: Record<string, string>;
}

/** The end of a request. */
export interface RequestEnd {
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** Of the answer, where one came. */
  readonly status?: number | undefined;
  /** The service's own error code. */
  readonly upstreamCode?: string | undefined;
  /** The service's own id of the request. */
  readonly upstreamRequestId?: string | undefined;
  /** Why connecting failed or the connection broke: a code of Node.js or OpenSSL, such as ECONNREFUSED. */
  readonly reason?: string | undefined;
}

/** The end of an operation's call, whether answered by its own requests, from the cache, or by another's call. */
export interface CallEnd {
  readonly plane: Plane;
  readonly call: string;
  readonly durationMs: number;
  readonly outcome: Outcome;
}

/** A read that looked in the cache. */
export interface CacheRead {
  readonly plane: Plane;
  readonly call: string;
  /** SHARED: it joined an identical read under way. */
  readonly outcome: 'FRESH' | 'STALE' | 'STALE_IF_ERROR' | 'MISS' | 'SHARED';
  /** Age of an answer that was not read just now. */
  readonly ageMs?: number;
}

/** A write that was sent, and the objects that its path names. */
export interface SentWrite {
  readonly call: string;
  /** Whether it starts or stops runs. */
  readonly run: 'STARTS' | 'STOPS' | undefined;
  readonly leagueId: string | undefined;
  readonly instanceId: string | undefined;
}

/**
 * Observes everything between the gateway and its upstreams, for metrics, traces and logs. Never receives a token, a password or
 * a body. Its methods do not throw.
 */
export interface Observer {
  /** A request goes out: each attempt and each sign-in is one. */
  readonly requestStart: (request: OutgoingRequest) => void;
  readonly requestEnd: (request: OutgoingRequest, end: RequestEnd) => void;
  /** A read is about to be sent again. */
  readonly retry: (retry: UpstreamName & { readonly reason: string }) => void;
  /** A breaker changed its state; called once at the beginning too. */
  readonly breakerState: (change: UpstreamName & { readonly state: 'CLOSED' | 'OPEN' | 'HALF_OPEN' }) => void;
  readonly cache: (read: CacheRead) => void;
  /** An account signed in, or failed to. */
  readonly signIn: (signIn: UpstreamName & { readonly outcome: Outcome; readonly durationMs: number }) => void;
  readonly callEnd: (end: CallEnd) => void;
  /** A write has ended, by success or failure. */
  readonly write: (write: SentWrite) => void;
  /** An agent answered in place of the space plane, which failed with this code. */
  readonly failover: (code: ErrorCode) => void;
}

/** Several observers as one; each may leave methods out. */
export class Observers implements Observer {
  readonly #observers: readonly Partial<Observer>[];

  constructor(observers: readonly Partial<Observer>[]) {
    this.#observers = observers;
  }

  requestStart(request: OutgoingRequest): void {
    for (const observer of this.#observers) observer.requestStart?.(request);
  }

  requestEnd(request: OutgoingRequest, end: RequestEnd): void {
    for (const observer of this.#observers) observer.requestEnd?.(request, end);
  }

  retry(retry: Parameters<Observer['retry']>[0]): void {
    for (const observer of this.#observers) observer.retry?.(retry);
  }

  breakerState(change: Parameters<Observer['breakerState']>[0]): void {
    for (const observer of this.#observers) observer.breakerState?.(change);
  }

  cache(read: CacheRead): void {
    for (const observer of this.#observers) observer.cache?.(read);
  }

  signIn(signIn: Parameters<Observer['signIn']>[0]): void {
    for (const observer of this.#observers) observer.signIn?.(signIn);
  }

  callEnd(end: CallEnd): void {
    for (const observer of this.#observers) observer.callEnd?.(end);
  }

  write(write: SentWrite): void {
    for (const observer of this.#observers) observer.write?.(write);
  }

  failover(code: ErrorCode): void {
    for (const observer of this.#observers) observer.failover?.(code);
  }
}

/** Does nothing. */
export const silentObserver: Observer = new Observers([]);
