import type { Dispatcher } from 'undici';
import { GatewayError, type Plane } from '../errors.ts';
import { refusal, send, type Answer } from './exchange.ts';
import type { operations as AgentOperations } from './generated/agent.d.ts';
import type { agentCalls, spaceCalls } from './generated/calls.ts';
import type { operations as SpaceOperations } from './generated/space.d.ts';
import { record } from './wire.ts';
import type { TokenSource } from './tokens.ts';

type CallTable = Readonly<Record<string, { readonly method: string; readonly path: string }>>;

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

type AnswerOf<Operation> = Operation extends {
  responses: { 200: { content: { 'application/json': infer Body } } };
}
  ? Body
  : unknown;

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
  readonly projectId: () => Promise<string>;
  /** `X-Language`: required on the agent plane, optional on the space plane. */
  readonly language: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly observe: (record: CallRecord) => void;
}

interface AnyRequest {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
}

const fillPath = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));

const queryString = (query: AnyRequest['query'] = {}): string => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.append(name, String(value));
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
};

/**
 * The agent plane's other envelope: a numeric `status` beside `data` or `message`. Any other `status` is a field of the
 * answer itself (`GET /v1/agents` has one).
 */
const isEnvelope = (body: unknown): boolean => {
  const { status, ...rest } = record(body);
  return typeof status === 'number' && ('data' in rest || 'message' in rest);
};

const isSuccess = (status: unknown): boolean => status === 0 || status === 200;

const unwrap = (exchange: { readonly plane: Plane; readonly call: string }, answer: Answer): unknown => {
  if (answer.status >= 300) throw refusal(exchange, answer);
  if (exchange.plane !== 'AGENT' || !isEnvelope(answer.body)) return answer.body;
  const { status, data } = record(answer.body);
  if (!isSuccess(status)) throw refusal(exchange, answer, 'UPSTREAM_REFUSED');
  return data;
};

/** What is waited for, or the reason for which the caller stopped waiting; what is shared goes on for the others. */
const whileWaitedFor = async <Value>(shared: Promise<Value>, signal: AbortSignal): Promise<Value> => {
  signal.throwIfAborted();
  const listening = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: listening.signal });
  });
  try {
    return await Promise.race([shared, stopped]);
  } finally {
    listening.abort();
  }
};

/**
 * A client for one upstream. A 401 in the middle of a token's life means that the token died: the account signs in once
 * more and the call, a read, is sent once more.
 */
export const createRestClient = <Operations, Calls extends CallTable>(
  options: RestOptions<Calls>,
): RestClient<Operations, Calls> => {
  const { plane, calls, origin, dispatcher, tokens, language, timeoutMs, signal } = options;

  const exchange = async (call: string, request: AnyRequest): Promise<unknown> => {
    const { method, path: template } = calls[call] ?? { method: 'GET', path: '' };
    const path = {
      ...request.path,
      ...(template.includes('{project_id}') && { project_id: await options.projectId() }),
    };
    const attempt = async () => {
      const token = await whileWaitedFor(tokens.get(), signal);
      const answer = await send(dispatcher, origin, {
        plane,
        call,
        method: method as 'GET',
        path: fillPath(template, path) + queryString(request.query),
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          'x-auth-token': token,
          'x-language': language,
        },
        timeoutMs,
        signal,
      });
      return { token, answer };
    };
    const sent = await attempt();
    if (sent.answer.status !== 401) return unwrap({ plane, call }, sent.answer);
    tokens.drop(sent.token);
    return unwrap({ plane, call }, (await attempt()).answer);
  };

  return {
    read: (async (call: string, request: AnyRequest = {}) => {
      const startedAt = performance.now();
      const observe = (outcome: string) =>
        options.observe({ plane, call, outcome, durationMs: performance.now() - startedAt });
      try {
        const body = await exchange(call, request);
        observe('OK');
        return body;
      } catch (error) {
        observe(error instanceof GatewayError ? error.code : 'ABORTED');
        throw error;
      }
    }) as RestClient<Operations, Calls>['read'],
  };
};
