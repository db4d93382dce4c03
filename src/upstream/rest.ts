import type { Dispatcher } from 'undici';
import { GatewayError, type Plane } from '../errors.ts';
import { isRefusal, refusal, send, type Answer, type Exchange } from './exchange.ts';
import type { operations as AgentOperations } from './generated/agent.d.ts';
import type { agentCalls, spaceCalls } from './generated/calls.ts';
import type { operations as SpaceOperations } from './generated/space.d.ts';
import type { CallerCache, Loaded } from './cache.ts';
import type { Deadline } from './deadline.ts';
import { encodeForm, type Form } from './form.ts';
import type { Guard } from './guard.ts';
import { writeJson } from './json.ts';
import { watchRequest, type Observer } from './observer.ts';
import { integer, record } from './wire.ts';
import type { Source, TokenSource } from './tokens.ts';
import { whileWaitedFor } from './waiting.ts';

/** One call of a contract, with its attributes. */
export interface CallFacts {
  readonly method: string;
  readonly path: string;
  readonly cacheable?: boolean;
  /** Whether it starts or stops runs. */
  readonly run?: 'STARTS' | 'STOPS';
  /** The path parameter that names the league, and the one that names the instance. */
  readonly league?: string;
  readonly instance?: string;
}

type CallTable = Readonly<Record<string, CallFacts>>;

/** The reading calls (GET) of a table of calls. */
type ReadingCall<Calls extends CallTable> = {
  [Call in keyof Calls]: Calls[Call]['method'] extends 'GET' ? Call : never;
}[keyof Calls];

type Parameters<Operation> = Operation extends { parameters: infer Given } ? Given : never;
type PathOf<Operation> = Parameters<Operation> extends { path: infer Path } ? Omit<Path, 'project_id'> : object;
type QueryOf<Operation> =
  Parameters<Operation> extends { query: infer Query }
    ? { readonly query: Query }
    : Parameters<Operation> extends { query?: infer Query }
      ? { readonly query?: Query }
      : object;
/** What a call needs besides the project, the token and the language, which the client adds. */
type RequestOf<Operation> = (keyof PathOf<Operation> extends never ? object : { readonly path: PathOf<Operation> }) &
  QueryOf<Operation>;

type SuccessOf<Operation> = Operation extends { responses: infer Responses }
  ? Responses[keyof Responses & (200 | 201)]
  : never;
type AnswerOf<Operation> =
  SuccessOf<Operation> extends { content: { 'application/json': infer Body } } ? Body : unknown;

type BodyOf<Operation> = Operation extends { requestBody: { content: { 'application/json': infer Body } } }
  ? { readonly body: Body }
  : Operation extends { requestBody?: { content: { 'application/json': infer Body } } }
    ? { readonly body?: Body }
    : Operation extends { requestBody: { content: { 'multipart/form-data': unknown } } }
      ? { readonly form: Form }
      : object;

/** The calls of a table that change something. */
type WritingCall<Calls extends CallTable> = Exclude<keyof Calls, ReadingCall<Calls>>;

/** Calls of one plane at one upstream, typed by its contract. */
export interface RestClient<Operations, Calls extends CallTable> {
  /**
   * Sends a reading call and answers its body.
   *
   * @throws GatewayError, always with plane and call; see `errorCodes`.
   */
  readonly read: <Call extends ReadingCall<Calls> & keyof Operations>(
    call: Call,
    ...request: object extends RequestOf<Operations[Call]>
      ? [RequestOf<Operations[Call]>?]
      : [RequestOf<Operations[Call]>]
  ) => Promise<AnswerOf<Operations[Call]>>;
  /**
   * Sends a writing call, once, and answers its body (undefined when that is empty, as many writes' are).
   *
   * @throws GatewayError, always with plane and call. OUTCOME_UNKNOWN when it may have been carried out all the same;
   *   with any other code nothing was changed.
   */
  readonly write: <Call extends WritingCall<Calls> & keyof Operations>(
    call: Call,
    ...request: object extends RequestOf<Operations[Call]> & BodyOf<Operations[Call]>
      ? [(RequestOf<Operations[Call]> & BodyOf<Operations[Call]>)?]
      : [RequestOf<Operations[Call]> & BodyOf<Operations[Call]>]
  ) => Promise<AnswerOf<Operations[Call]>>;
}

/** The space plane (and IAM's `listProjects`). */
export type SpaceClient = RestClient<SpaceOperations, typeof spaceCalls>;

/** The API of one agent. */
export type AgentClient = RestClient<AgentOperations, typeof agentCalls>;

/** One upstream call that was answered or failed, for logs and metrics. */
export interface CallRecord {
  readonly plane: Plane;
  readonly call: string;
  readonly durationMs: number;
  /** The HTTP status, or the code of the failure. */
  readonly outcome: string;
}

/** What one client of one upstream is made of. */
export interface RestOptions<Calls extends CallTable> {
  readonly plane: Plane;
  readonly calls: Calls;
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  readonly tokens: TokenSource;
  /** Fills `{project_id}`; asked for only when a path needs it. */
  readonly project: Source<string>;
  /** `X-Language`: required on the agent plane, optional on the space plane. */
  readonly language: string;
  /** Time limit of one attempt; a caller with less time left ends it by its signal, which is no failure of the upstream. */
  readonly timeoutMs: number;
  /** How long the caller waits. */
  readonly deadline: Deadline;
  /** Breaker, concurrency limit and retries of this upstream. */
  readonly guard: Guard;
  readonly cache: CallerCache;
  /** Told of every call that failed, also where an older answer stands in for it. */
  readonly onFailure?: (error: GatewayError) => void;
  readonly onCall: (record: CallRecord) => void;
  readonly observer: Observer;
  /** Which agent it is, for the observer. */
  readonly agentId?: string;
}

interface AnyRequest {
  readonly body?: object;
  readonly form?: Form;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
}

function fillPath(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}

function queryString(query: AnyRequest['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.append(name, String(value));
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

/**
 * The agent plane's other envelope: a numeric `status` beside `data` or `message`. Any other `status` is a field of the
 * answer itself (`GET /v1/agents` has one).
 */
function isEnvelope(body: unknown): boolean {
  const { status, ...rest } = record(body);
  return integer(status) !== null && ('data' in rest || 'message' in rest);
}

function isSuccess(status: unknown): boolean {
  return [0, 200].includes(integer(status) ?? -1);
}

function unwrap(exchange: { readonly plane: Plane; readonly call: string }, answer: Answer): unknown {
  if (isRefusal(answer)) throw refusal(exchange, answer);
  if (!isEnvelope(answer.body)) return answer.body;
  const { status, data } = record(answer.body);
  if (!isSuccess(status)) throw refusal(exchange, answer);
  return data;
}

/** The answer to a read. An empty one, or a bare word, is no object and no list: read on, it would pass for an empty one. */
function readable(exchange: { readonly plane: Plane; readonly call: string }, answer: Answer): unknown {
  const body = unwrap(exchange, answer);
  if (typeof body === 'object' && body !== null) return body;
  const { plane, call } = exchange;
  throw new GatewayError('UPSTREAM_INVALID_ANSWER', `The answer of ${call} is neither an object nor a list.`, {
    plane,
    call,
    status: answer.status,
  });
}

/**
 * Whether a write that failed may have changed something, or shows that something has changed. One that reached nobody did
 * not: in an outage it must not take away the answers that are kept for it.
 */
function mayHaveChanged(call: string, error: unknown): boolean {
  return (
    error instanceof GatewayError &&
    error.details.call === call &&
    (error.code === 'OUTCOME_UNKNOWN' || ![undefined, 429, 503].includes(error.details.status))
  );
}

/** The upstream does not accept the token any more. */
function isDeadToken(exchange: { readonly plane: Plane; readonly call: string }, answer: Answer): boolean {
  return answer.status === 401 && refusal(exchange, answer).code === 'SIGN_IN_REFUSED';
}

/** A driver file takes longer than an answer. */
const uploadTimeoutMs = 120_000;

/**
 * A client for one upstream. A 401 in the middle of a token's life means that the token died: the account signs in once
 * more, and the request is sent once more. Writes too: a 401 was certainly not carried out. An upload can't be: its file is
 * a stream. Where tokens die again and again, the account must wait before it signs in once more: that is RATE_LIMITED, no
 * refusal of the account. A 401 that means a missing right (FORBIDDEN) keeps its token.
 */
export function createRestClient<Operations, Calls extends CallTable>(
  options: RestOptions<Calls>,
): RestClient<Operations, Calls> {
  const { plane, calls, origin, dispatcher, tokens, language, timeoutMs, deadline, guard, cache, observer, agentId } =
    options;
  const attempt = async (call: string, request: AnyRequest, { signal }: Deadline, isWrite = false) => {
    const { method, path: template } = calls[call] ?? { method: 'GET', path: '' };
    const path = {
      ...request.path,
      ...(template.includes('{project_id}') && {
        project_id: options.project.current() ?? (await whileWaitedFor(options.project.get, signal)),
      }),
    };
    const token = tokens.current() ?? (await whileWaitedFor(tokens.get, signal));
    const encoded = request.form === undefined ? undefined : encodeForm(request.form);
    const body = encoded?.body ?? (request.body === undefined ? undefined : writeJson(request.body));
    const exchange: Exchange = {
      plane,
      call,
      method: method as 'GET',
      path: fillPath(template, path) + queryString(request.query),
      headers: {
        accept: 'application/json',
        'content-type': encoded?.contentType ?? 'application/json',
        'x-auth-token': token,
        'x-language': language,
      },
      ...(body !== undefined && { body }),
      isWrite,
      timeoutMs: request.form === undefined ? timeoutMs : uploadTimeoutMs,
      signal,
    };
    const answer = await watchRequest(
      observer,
      { plane, call, method, ...(agentId !== undefined && { agentId }) },
      (trace) => send(dispatcher, origin, { ...exchange, headers: { ...trace, ...exchange.headers } }),
      (received) => void (isWrite ? unwrap : readable)(exchange, received),
    );
    const waitSeconds = isDeadToken(exchange, answer) ? tokens.drop(token) : undefined;
    if (waitSeconds !== undefined) {
      const { message, details } = refusal({ plane, call }, answer);
      throw new GatewayError('RATE_LIMITED', `${message} Its tokens are refused soon after they are given.`, {
        ...details,
        retryAfter: waitSeconds,
      });
    }
    return answer;
  };

  const fail = (error: unknown): never => {
    if (error instanceof GatewayError) options.onFailure?.(error);
    throw error;
  };

  const ask = async (call: string, request: AnyRequest, waits: Deadline): Promise<Loaded<unknown>> => {
    const first = await attempt(call, request, waits);
    const answer = isDeadToken({ plane, call }, first) ? await attempt(call, request, waits) : first;
    return { answer: readable({ plane, call }, answer), bytes: answer.bytes };
  };

  const read = (call: string, request: AnyRequest): Promise<unknown> =>
    cache.read({ plane, call, origin, request, cacheable: calls[call]?.cacheable ?? true }, (waits) =>
      guard.read(call, waits, () => ask(call, request, waits)).catch(fail),
    );

  const carryOut = async (call: string, request: AnyRequest): Promise<unknown> => {
    const first = await attempt(call, request, deadline, true);
    const canRepeat = request.form === undefined && isDeadToken({ plane, call }, first);
    const answer = canRepeat ? await attempt(call, request, deadline, true) : first;
    // A proxy that lost the service answers these: the service may have carried it out.
    if (answer.status === 502 || answer.status === 504) throw refusal({ plane, call }, answer, 'OUTCOME_UNKNOWN');
    try {
      return unwrap({ plane, call }, answer);
    } catch (error) {
      // The service's own parts lost one another: the same uncertainty, further behind.
      const lost = error instanceof GatewayError && error.code === 'UPSTREAM_TIMEOUT';
      throw lost ? refusal({ plane, call }, answer, 'OUTCOME_UNKNOWN') : error;
    }
  };

  /** After it, nothing that was read before is sure any more. */
  const write = async (call: string, request: AnyRequest): Promise<unknown> => {
    try {
      const answer = await guard.write(call, deadline, () => carryOut(call, request));
      cache.clear();
      return answer;
    } catch (error) {
      if (mayHaveChanged(call, error)) cache.clear();
      return fail(error);
    }
  };

  const observed =
    (exchange: (call: string, request: AnyRequest) => Promise<unknown>) =>
    async (call: string, request: AnyRequest = {}): Promise<unknown> => {
      const startedAt = performance.now();
      const observe = (outcome: string) =>
        options.onCall({ plane, call, outcome, durationMs: performance.now() - startedAt });
      try {
        const body = await exchange(call, request);
        observe('OK');
        return body;
      } catch (error) {
        observe(error instanceof GatewayError ? error.code : 'ABORTED');
        throw error;
      }
    };

  return {
    read: observed(read) as RestClient<Operations, Calls>['read'],
    write: observed(write) as RestClient<Operations, Calls>['write'],
  };
}
