import { read, write } from './call.ts';
import type { CallRequest } from './callRequest.ts';
import type { CallScope } from './callScope.ts';
import type { Form } from './form.ts';
import type { operations as AgentOperations } from './generated/agent.d.ts';
import type { agentCalls, spaceCalls } from './generated/calls.ts';
import type { operations as SpaceOperations } from './generated/space.d.ts';
import type { SharedReads } from './sharedReads.ts';
import type { CallTable, Upstream } from './upstream.ts';

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

/** The space plane, and IAM. */
export type SpaceClient = RestClient<SpaceOperations, typeof spaceCalls>;

/** The API of one agent. */
export type AgentClient = RestClient<AgentOperations, typeof agentCalls>;

/** The calls of one upstream, for one operation. */
export function createRestClient<Operations, Calls extends CallTable>(
  upstream: Upstream,
  scope: CallScope,
  shared: SharedReads,
): RestClient<Operations, Calls> {
  const admitted = (call: string, send: () => Promise<unknown>) => scope.admit?.(call)?.then(send) ?? send();
  const reader = (call: string, request: CallRequest = {}) =>
    admitted(call, () => read(upstream, call, request, scope, shared));
  const writer = (call: string, request: CallRequest = {}) =>
    admitted(call, () => write(upstream, call, request, scope, shared));
  // JSON enters here: the contract says of what type it is.
  return { read: reader, write: writer } as RestClient<Operations, Calls>;
}
