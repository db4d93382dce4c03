import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { readBody, maskSecrets, type ParsedBody } from './body.ts';
import type { CallLog, ReceivedCall } from './callLog.ts';
import type { Contract } from '../contract/contract.ts';
import type { Operation, Plane } from '../contract/document.ts';
import type { Route } from '../contract/router.ts';
import { errorBody, errorCode, serviceError } from '../contract/errors.ts';
import { reset, send, type Fault, type WireAnswer } from '../faults/faults.ts';
import { ServiceError, type Handlers, type SandboxAnswer } from '../contract/handler.ts';
import type { Rules, CallEffects } from '../faults/rules.ts';
import type { World } from '../model/world.ts';
import { tokenFingerprint, tokenAudience, type Tokens } from '../iam/tokens.ts';
import type { Variant } from '../faults/variants.ts';
import type { Language } from '../model/text.ts';

/** An answer that violates the contract: a bug of the embedded TICS. */
export interface ContractFault {
  readonly operationId: string;
  readonly agentId: string | undefined;
  readonly path: string;
  readonly message: string;
}

export interface PlaneOptions {
  readonly contract: Contract;
  readonly handlers: Handlers;
  readonly world: () => World;
  readonly tokens: Tokens;
  readonly rules: Rules;
  readonly calls: CallLog;
  readonly variants: ReadonlyMap<string, Variant>;
  readonly contractFaults: ContractFault[];
}

function languageOf(request: IncomingMessage): Language {
  return request.headers['x-language'] === 'en_us' ? 'en_us' : 'zh-cn';
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

const secretHeaders: ReadonlySet<string> = new Set(['x-auth-token', 'authorization', 'cookie']);

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

let connections = 0;
const connectionNumbers = new WeakMap<Socket, number>();
function connectionNumber(socket: Socket): number {
  const known = connectionNumbers.get(socket);
  if (known !== undefined) return known;
  connections += 1;
  connectionNumbers.set(socket, connections);
  return connections;
}

/** One request and what is known of it before it is answered. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly headers: Readonly<Record<string, string>>;
  readonly language: Language;
  readonly method: string;
  readonly url: URL;
  readonly body: ParsedBody;
  readonly route: Route;
}

function operationOf({ route }: Pick<Exchange, 'route'>): Operation | undefined {
  return typeof route === 'string' ? undefined : route.operation;
}

/** One server: its plane and, on the agent plane, its agent. */
interface Server extends PlaneOptions {
  readonly plane: Plane;
  readonly agentId: string | undefined;
}

/** The listener of one server: the space plane, IAM, or one agent. */
export function createPlaneListener(plane: Plane, agentId: string | undefined, options: PlaneOptions): RequestListener {
  const server: Server = { ...options, plane, agentId };
  return (request, response) => {
    serve(server, request, response).catch(() => {
      // The client disconnected while its body was read.
      response.destroy();
    });
  };
}

/** Reads the request, logs the call, and answers it as the rules say. */
async function serve(server: Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const exchange = await readExchange(server, request);
  const operationId = operationOf(exchange)?.id;
  const { url } = exchange;
  const end = server.calls.begin(receivedCall(server, exchange));
  let isReset = false;
  response.once('close', () => {
    const isComplete = response.writableFinished;
    end(isComplete ? response.statusCode : undefined, !isComplete && !isReset);
  });
  const effects = server.rules.effectsOf({
    operationId,
    agentId: server.agentId,
    path: url.pathname,
    query: url.searchParams,
  });
  await answerWith(server, exchange, response, effects, () => {
    isReset = true;
  });
}

async function readExchange({ contract, plane }: Server, request: IncomingMessage): Promise<Exchange> {
  const target = `http://sandbox${request.url ?? '/'}`;
  const url = new URL(URL.canParse(target) ? target : 'http://sandbox/');
  const method = request.method ?? 'GET';
  const route = contract.route(plane, method, url.pathname);
  const body = await readBody(request, operationOf({ route })?.bodyMediaType);
  return { request, headers: headersOf(request), language: languageOf(request), method, url, body, route };
}

function receivedCall({ plane, agentId }: Server, exchange: Exchange): ReceivedCall {
  const { request, headers, method, url, body } = exchange;
  const token = headers['x-auth-token'];
  return {
    plane,
    agentId,
    operationId: operationOf(exchange)?.id,
    method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !secretHeaders.has(name))),
    body: maskSecrets(body.checked),
    bodySha256: body.bytes.byteLength === 0 ? undefined : createHash('sha256').update(body.bytes).digest('hex'),
    token: token === undefined ? undefined : tokenFingerprint(token),
    connection: connectionNumber(request.socket),
  };
}

async function answerWith(
  server: Server,
  exchange: Exchange,
  response: ServerResponse,
  { latencyMs, fault, variants }: CallEffects,
  onReset: () => void,
): Promise<void> {
  if (latencyMs > 0) await wait(latencyMs);
  if (response.destroyed || fault?.kind === 'hang') return;
  if (fault?.kind === 'reset') onReset();
  if (fault?.kind === 'reset' && fault.at === 'before') return reset(response);
  if (fault?.kind === 'status') return send(response, encode(faultAnswer(server, fault)), fault);
  const answer = await checkedAnswer(server, exchange);
  if (response.destroyed) return;
  send(response, encode(withVariants(server, operationOf(exchange), answer, variants)), fault);
}

/** The handler's answer, checked against the contract. A mismatch is recorded and answered as 500. */
async function checkedAnswer(server: Server, exchange: Exchange): Promise<SandboxAnswer> {
  const operation = operationOf(exchange);
  let answer: SandboxAnswer;
  try {
    answer = await handle(server, exchange);
  } catch (error) {
    if (!(error instanceof ServiceError)) {
      return ownFault(server, exchange, 'SANDBOX.FAILED', error instanceof Error ? (error.stack ?? '') : '');
    }
    answer = { status: error.status, body: errorBody(server.plane, error) };
  }
  if (operation === undefined) return answer;
  const disagreement = server.contract.checkAnswer(operation, answer.status, answer.body);
  return disagreement === undefined ? answer : ownFault(server, exchange, 'SANDBOX.CONTRACT', disagreement);
}

/** @throws {ServiceError} whatever the service refuses. */
async function handle(server: Server, exchange: Exchange): Promise<SandboxAnswer> {
  const { plane, agentId, contract, tokens } = server;
  const { language, headers, url, body, route } = exchange;
  if (route === 'unknown path') throw serviceError(plane, language, 'unknownPath');
  if (route === 'unknown method') throw serviceError(plane, language, 'unknownMethod');
  const { operation, path } = route;
  if (!operation.isPublic && !tokens.isValid(tokenAudience(plane, agentId), headers['x-auth-token'] ?? '')) {
    throw serviceError(plane, language, 'tokenInvalid');
  }
  if (body.error !== undefined) throw serviceError(plane, language, body.error, body.detail);
  const check = contract.checkRequest(operation, { path, query: url.searchParams, headers, body: body.checked });
  if (!check.isValid) throw serviceError(plane, language, 'requestInvalid', check.fault);
  const world = server.world();
  if (path.project_id !== undefined && path.project_id !== world.tenant.projectId) {
    throw serviceError(plane, language, 'notPermitted', `project_id ${path.project_id}`);
  }
  const handler = server.handlers[operation.id];
  if (handler === undefined)
    throw serviceError(
      plane,
      language,
      'notImplemented',
      `${operation.id} has no handler in src/sandbox/: add one of this name to the ${plane} plane`,
    );
  const { query } = check;
  return handler({ operationId: operation.id, path, query, headers, body: body.value, language, agentId }, world);
}

function ownFault(server: Server, exchange: Exchange, code: string, message: string): SandboxAnswer {
  const { pathname, search } = exchange.url;
  server.contractFaults.push({
    operationId: operationOf(exchange)?.id ?? 'unknown',
    agentId: server.agentId,
    path: pathname + search,
    message,
  });
  return { status: 500, body: errorBody(server.plane, new ServiceError(500, code, message)) };
}

function withVariants(
  { variants }: Server,
  operation: Operation | undefined,
  answer: SandboxAnswer,
  names: readonly string[],
): SandboxAnswer {
  if (operation === undefined || answer.body === undefined) return answer;
  const body = names.reduce<unknown>(
    (current, name) => variants.get(name)?.apply(operation.id, answer.status, current) ?? current,
    answer.body,
  );
  return { ...answer, body };
}

function faultAnswer({ plane }: Server, fault: Extract<Fault, { kind: 'status' }>): SandboxAnswer {
  const { status, retryAfter, code = errorCode(plane, 'failed'), message = `status ${status} by a rule` } = fault;
  return {
    status,
    body: fault.body ?? errorBody(plane, new ServiceError(status, code, message)),
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  };
}

function encode({ status, body, headers }: SandboxAnswer): WireAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=utf8', ...headers },
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
  };
}
