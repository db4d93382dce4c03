import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { readBody, maskSecrets, type ParsedBody } from './body.ts';
import type { CallLog } from './callLog.ts';
import type { Contract, Operation, Plane } from '../contract/contract.ts';
import { errorBody, errorCode, serviceError } from '../contract/errors.ts';
import { reset, send, type Fault, type WireAnswer } from '../faults/faults.ts';
import { ServiceError, type Handlers, type SandboxAnswer } from '../contract/handler.ts';
import type { Rules, CallEffects } from '../faults/rules.ts';
import type { World } from '../model/world.ts';
import { tokenFingerprint, tokenAudience, type Tokens } from '../iam/tokens.ts';
import type { Variant } from '../faults/variants.ts';
import type { Language } from '../model/text.ts';

/** An answer of the embedded TICS that it must not have given: a fault of its own. */
export interface ContractFault {
  readonly operationId: string;
  readonly agentId: string | undefined;
  readonly path: string;
  readonly message: string;
}

/** What every server of the embedded TICS works with. */
export interface PlaneOptions {
  readonly contract: Contract;
  readonly handlers: Handlers;
  readonly world: () => World;
  readonly tokens: Tokens;
  readonly rules: Rules;
  readonly calls: CallLog;
  readonly variants: ReadonlyMap<string, Variant>;
  /** Collects what went wrong here. */
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

/** A request on its way through the server. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly headers: Readonly<Record<string, string>>;
  readonly language: Language;
  readonly method: string;
  readonly url: URL;
  readonly body: ParsedBody;
}

/** The listener of one server: the space plane, IAM, or one agent. */
export function createPlaneListener(plane: Plane, agentId: string | undefined, parts: PlaneOptions): RequestListener {
  const { contract, handlers, tokens, rules, calls, variants, contractFaults } = parts;

  /** The handler's answer; throws the service's refusals. */
  const answer = async (exchange: Exchange, route: ReturnType<Contract['route']>): Promise<SandboxAnswer> => {
    const { language, headers, url, body } = exchange;
    if (route === 'unknown path') throw serviceError(plane, language, 'unknownPath');
    if (route === 'unknown method') throw serviceError(plane, language, 'unknownMethod');
    const { operation, path } = route;
    if (!operation.isPublic && !tokens.isValid(tokenAudience(plane, agentId), headers['x-auth-token'] ?? '')) {
      throw serviceError(plane, language, 'tokenInvalid');
    }
    if (body.error !== undefined) throw serviceError(plane, language, body.error, body.detail);
    const check = contract.checkRequest(operation, { path, query: url.searchParams, headers, body: body.checked });
    if (!check.isValid) throw serviceError(plane, language, 'requestInvalid', check.fault);
    const world = parts.world();
    if (path.project_id !== undefined && path.project_id !== world.tenant.projectId) {
      throw serviceError(plane, language, 'notPermitted', `project_id ${path.project_id}`);
    }
    const handler = handlers[operation.id];
    if (handler === undefined) throw serviceError(plane, language, 'notImplemented', operation.id);
    const request = {
      operationId: operation.id,
      path,
      query: check.query,
      headers,
      body: body.value,
      language,
      agentId,
    };
    return handler(request, world);
  };

  /** The answer checked against the contract, or the sandbox's own fault. */
  const checkedAnswer = async (exchange: Exchange, route: ReturnType<Contract['route']>): Promise<SandboxAnswer> => {
    const operation = typeof route === 'string' ? undefined : route.operation;
    let given: SandboxAnswer;
    try {
      given = await answer(exchange, route);
    } catch (error) {
      if (!(error instanceof ServiceError)) {
        return ownFault(exchange, operation, 'SANDBOX.FAILED', error instanceof Error ? (error.stack ?? '') : '');
      }
      given = { status: error.status, body: errorBody(plane, error) };
    }
    if (operation === undefined) return given;
    const disagreement = contract.checkAnswer(operation, given.status, given.body);
    return disagreement === undefined ? given : ownFault(exchange, operation, 'SANDBOX.CONTRACT', disagreement);
  };

  const ownFault = (
    { url }: Exchange,
    operation: Operation | undefined,
    code: string,
    message: string,
  ): SandboxAnswer => {
    contractFaults.push({ operationId: operation?.id ?? 'unknown', agentId, path: url.pathname + url.search, message });
    return { status: 500, body: errorBody(plane, new ServiceError(500, code, message)) };
  };

  const varied = (operation: Operation | undefined, given: SandboxAnswer, names: readonly string[]): SandboxAnswer => {
    if (operation === undefined || given.body === undefined) return given;
    const body = names.reduce<unknown>(
      (current, name) => variants.get(name)?.apply(operation.id, given.status, current) ?? current,
      given.body,
    );
    return { ...given, body };
  };

  const faultAnswer = (fault: Extract<Fault, { kind: 'status' }>): SandboxAnswer => {
    const { status, retryAfter, code = errorCode(plane, 'failed'), message = `status ${status} by a rule` } = fault;
    return {
      status,
      body: fault.body ?? errorBody(plane, new ServiceError(status, code, message)),
      headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    };
  };

  const wire = ({ status, body, headers }: SandboxAnswer): WireAnswer => ({
    status,
    headers: { 'content-type': 'application/json;charset=utf8', ...headers },
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
  });

  const treat = async (
    exchange: Exchange,
    response: ServerResponse,
    route: ReturnType<Contract['route']>,
    { latencyMs, fault, variants: names }: CallEffects,
    onReset: () => void,
  ): Promise<void> => {
    if (latencyMs > 0) await wait(latencyMs);
    if (response.destroyed || fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') onReset();
    if (fault?.kind === 'reset' && fault.at === 'before') return reset(response);
    if (fault?.kind === 'status') return send(response, wire(faultAnswer(fault)), fault);
    const given = await checkedAnswer(exchange, route);
    if (response.destroyed) return;
    send(response, wire(varied(typeof route === 'string' ? undefined : route.operation, given, names)), fault);
  };

  const listen = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = `http://sandbox${request.url ?? '/'}`;
    const url = new URL(URL.canParse(target) ? target : 'http://sandbox/');
    const method = request.method ?? 'GET';
    const headers = headersOf(request);
    const route = contract.route(plane, method, url.pathname);
    const operation = typeof route === 'string' ? undefined : route.operation;
    const body = await readBody(request, operation?.bodyMediaType);
    const token = headers['x-auth-token'];

    const end = calls.begin({
      plane,
      agentId,
      operationId: operation?.id,
      method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !secretHeaders.has(name))),
      body: maskSecrets(body.checked),
      bodySha256: body.bytes.byteLength === 0 ? undefined : createHash('sha256').update(body.bytes).digest('hex'),
      token: token === undefined ? undefined : tokenFingerprint(token),
      connection: connectionNumber(request.socket),
    });
    let isReset = false;
    response.once('close', () => {
      const isComplete = response.writableFinished;
      end(isComplete ? response.statusCode : undefined, !isComplete && !isReset);
    });

    const treatment = rules.effectsOf({
      operationId: operation?.id,
      agentId,
      path: url.pathname,
      query: url.searchParams,
    });
    await treat(
      { request, headers, language: languageOf(request), method, url, body },
      response,
      route,
      treatment,
      () => {
        isReset = true;
      },
    );
  };

  return (request, response) => {
    listen(request, response).catch(() => {
      // The caller went away while its body was read.
      response.destroy();
    });
  };
}
