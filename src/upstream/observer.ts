import { GatewayError, type ErrorCode, type Plane } from '../errors.ts';

/** `OK`, the code of the failure, or that the caller left before it was known. */
export type Outcome = ErrorCode | 'OK' | 'ABORTED';

/** Which upstream something is said of: a plane, and on the agent plane which agent. */
export interface UpstreamName {
  readonly plane: Plane;
  /** The id of one of the configured agents; only on the agent plane. */
  readonly agentId?: string;
}

/** One request that is about to be sent. */
export interface OutgoingRequest extends UpstreamName {
  /** The contract's operation id. */
  readonly call: string;
  readonly method: string;
}

/** How a request ended. */
export interface RequestEnd {
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** Of the answer, where one came. */
  readonly status?: number;
  /** The service's own error code. */
  readonly upstreamCode?: string;
  /** The service's own id of the request. */
  readonly upstreamRequestId?: string;
}

/** A request that is being watched. */
export interface RequestUnderWay {
  /** Headers to send along: the trace that the request belongs to. */
  readonly headers: Readonly<Record<string, string>>;
  /** Called once. */
  readonly end: (end: RequestEnd) => void;
}

/**
 * Told of everything that happens between the gateway and its upstreams, for metrics, traces and logs. Nothing of it holds a
 * token, a password or a body. Its methods do not throw.
 */
export interface Observer {
  /** A request goes out: each attempt and each sign-in is one. */
  readonly upstreamCall: (request: OutgoingRequest) => RequestUnderWay;
  /** A read is about to be sent again. */
  readonly retry: (retry: UpstreamName & { readonly reason: string }) => void;
  /** A breaker changed its state; told once at the beginning too. */
  readonly breakerState: (change: UpstreamName & { readonly state: 'CLOSED' | 'OPEN' | 'HALF_OPEN' }) => void;
  /** A read came to the cache. */
  readonly cache: (read: {
    readonly plane: Plane;
    readonly call: string;
    readonly outcome: 'FRESH' | 'STALE' | 'STALE_IF_ERROR' | 'MISS' | 'SHARED';
  }) => void;
  /** An account signed in, or tried to. */
  readonly signIn: (signIn: UpstreamName & { readonly outcome: Outcome; readonly durationMs: number }) => void;
}

const unwatched: RequestUnderWay = { headers: {}, end: () => undefined };

/** Tells nobody. */
export const silentObserver: Observer = {
  upstreamCall: () => unwatched,
  retry: () => undefined,
  breakerState: () => undefined,
  cache: () => undefined,
  signIn: () => undefined,
};

/** Tells each of several observers; what one leaves out it is not told. */
export function observeAll(observers: readonly Partial<Observer>[]): Observer {
  return {
    upstreamCall: (request) => {
      const watching = observers.flatMap(({ upstreamCall }) => upstreamCall?.(request) ?? []);
      return {
        headers: Object.assign({}, ...watching.map(({ headers }) => headers)) as Record<string, string>,
        end: (end) => watching.forEach((request) => request.end(end)),
      };
    },
    retry: (retry) => observers.forEach((observer) => observer.retry?.(retry)),
    breakerState: (change) => observers.forEach((observer) => observer.breakerState?.(change)),
    cache: (read) => observers.forEach((observer) => observer.cache?.(read)),
    signIn: (signIn) => observers.forEach((observer) => observer.signIn?.(signIn)),
  };
}

/** What an observer is told of a failure. */
function failureOf(error: unknown): Omit<RequestEnd, 'durationMs'> {
  if (!(error instanceof GatewayError)) return { outcome: 'ABORTED' };
  const { status, upstreamCode, upstreamRequestId } = error.details;
  return {
    outcome: error.code,
    ...(status !== undefined && { status }),
    ...(upstreamCode !== undefined && { upstreamCode }),
    ...(upstreamRequestId !== undefined && { upstreamRequestId }),
  };
}

/**
 * Sends one request while it is being watched.
 *
 * @param send - is given the headers to send along
 * @param check - throws what the answer is a refusal of; only the observer is told
 */
export async function watchRequest<Answer extends { readonly status: number }>(
  observer: Observer,
  request: OutgoingRequest,
  send: (headers: Readonly<Record<string, string>>) => Promise<Answer>,
  check: (answer: Answer) => void,
): Promise<Answer> {
  const startedAt = performance.now();
  const { headers, end } = observer.upstreamCall(request);
  const ended = (how: Omit<RequestEnd, 'durationMs'>): void =>
    end({ ...how, durationMs: performance.now() - startedAt });
  let answer: Answer;
  try {
    answer = await send(headers);
  } catch (error) {
    ended(failureOf(error));
    throw error;
  }
  try {
    check(answer);
    ended({ outcome: 'OK', status: answer.status });
  } catch (error) {
    ended({ status: answer.status, ...failureOf(error) });
  }
  return answer;
}

/** Signs in while it is being watched. */
export async function watchSignIn<Token>(
  observer: Observer,
  name: UpstreamName,
  signIn: () => Promise<Token>,
): Promise<Token> {
  const startedAt = performance.now();
  const ended = (outcome: Outcome): void =>
    observer.signIn({ ...name, outcome, durationMs: performance.now() - startedAt });
  try {
    const token = await signIn();
    ended('OK');
    return token;
  } catch (error) {
    ended(failureOf(error).outcome);
    throw error;
  }
}
