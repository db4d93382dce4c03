import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { logRefusal, requestIdOf } from '../gateway/operationLog.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Probes } from './admin.ts';
import { answerError, answerRead, type AnswerRead, type ErrorExtensions } from './answers.ts';
import { isLocal } from './clientAddress.ts';
import { compressAnswer } from './compression.ts';
import {
  answerPreflight,
  hasOneHost,
  isAllowedHost,
  isHost,
  isOfForeignPage,
  isPlainlyFramed,
  refusedHost,
  refusedOrigin,
  repeatedHeader,
  writeEdgeHeaders,
  type EdgeOptions,
} from './edge.ts';
import { hasCredential, type FailedAuthentications } from './failedAuthentications.ts';
import { isPageRequest, servePage } from './graphiql.ts';
import type { Permit } from './shedding.ts';
import { pathOf, toOriginForm } from './targets.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What stands at the paths. */
export interface Routing {
  readonly gateway: Pick<Gateway, 'handle' | 'metrics'>;
  /** Serves `/bi` and `/odata`. */
  readonly bi: Answer | undefined;
  readonly hasGraphiql: boolean;
  /** `/metrics` has a listener of its own. */
  readonly hasAdmin: boolean;
  readonly edge: EdgeOptions;
  readonly probes: Probes;
  readonly failures: FailedAuthentications;
  readonly log: Logger;
  readonly admit: () => Permit | GatewayError;
}

/** Said to requests of other paths. */
const whereToSend = 'Send GraphQL operations to /graphql, by POST.';
const withoutBi = 'The tables for BI tools are switched off here: an operator can change `bi.storage`.';

function isBi(path: string): boolean {
  return /^\/(bi|odata)(\/|$)/.test(path);
}

/** Routes requests by path. */
export class Routes {
  readonly #routing: Routing;

  constructor(routing: Routing) {
    this.#routing = routing;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { edge, bi } = this.#routing;
    toOriginForm(request);
    writeEdgeHeaders(request, response, edge);
    compressAnswer(request, response);
    if (!hasOneHost(request))
      return this.#refuse(request, response, 400, 'A request has one Host header. Send one.', { code: 'BAD_REQUEST' });
    const repeated = repeatedHeader(request);
    if (repeated !== undefined)
      return this.#refuse(request, response, 400, `The header ${repeated} was sent more than once.`, {
        code: 'BAD_REQUEST',
      });
    const path = pathOf(request);
    if (path === '/graphql') return this.#graphql(request, response);
    if (bi !== undefined && isBi(path)) return this.#tables(request, response, bi);
    return answerRead(request, response, this.#readOf(path, request), isBi(path) ? withoutBi : whereToSend);
  }

  /** The handler of a path that has GET and HEAD only. */
  #readOf(path: string, request: IncomingMessage): AnswerRead | undefined {
    const { probes } = this.#routing;
    const isForOperators = this.#isForOperators(request);
    if (path === '/healthz') return probes.answerHealth;
    if (path === '/readyz') return (response) => probes.answerReadiness(response, isForOperators);
    if (path === '/metrics' && isForOperators) return probes.answerMetrics;
    if (path === '/') return (response) => void response.writeHead(302, { location: '/graphql' }).end();
    return undefined;
  }

  #isForOperators(request: IncomingMessage): boolean {
    const { edge, hasAdmin } = this.#routing;
    return !hasAdmin && isLocal(request) && isAllowedHost(request, edge);
  }

  async #tables(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
    const { edge } = this.#routing;
    if (!isAllowedHost(request, edge)) return this.#refuseHost(request, response);
    // Links of other pages may lead here.
    const isLink = request.headers['sec-fetch-mode'] === 'navigate';
    if (!isLink && isOfForeignPage(request, edge)) return this.#refuseOrigin(request, response);
    return this.#identified(request, response, answer);
  }

  async #graphql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { edge, hasGraphiql } = this.#routing;
    // Yoga makes a URL of it, and answers with a stack trace where it can't.
    if (!isHost(request.headers.host))
      return this.#refuse(request, response, 400, 'The Host header is not a valid host.', { code: 'BAD_REQUEST' });
    if (!isAllowedHost(request, edge)) return this.#refuseHost(request, response);
    if (!isPlainlyFramed(request))
      return this.#refuse(request, response, 400, 'Transfer-Encoding: chunked alone, in HTTP/1.1.', {
        code: 'BAD_REQUEST',
      });
    if (request.method === 'OPTIONS') return answerPreflight(request, response, edge);
    if (hasGraphiql && isPageRequest(request)) return servePage(request, response);
    if (isOfForeignPage(request, edge)) return this.#refuseOrigin(request, response);
    return this.#identified(request, response, (...both) => this.#execute(...both));
  }

  async #execute(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { admit, gateway, failures } = this.#routing;
    const permit = admit();
    if (permit instanceof GatewayError) {
      const { code, message, details } = permit;
      return this.#refuse(request, response, 503, message, { code, ...details });
    }
    response.once('close', permit.release);
    await gateway.handle(request, response, { permit, address: failures.addressOf(request) });
  }

  /** Looks at credentials only while the address has not tried too many that are not valid. */
  async #identified(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
    if (!hasCredential(request)) return answer(request, response);
    const { failures } = this.#routing;
    const retryAfter = failures.waitSeconds(request);
    if (retryAfter !== undefined) {
      const message = `Too many failed authentications from this address: more than ${failures.perMinute} a minute. Nothing was executed.`;
      return this.#refuse(request, response, 429, message, { code: 'THROTTLED', retryAfter });
    }
    response.once('finish', () => {
      if (response.statusCode === 401) failures.count(request);
    });
    return answer(request, response);
  }

  #refuseHost(request: IncomingMessage, response: ServerResponse): void {
    this.#refuse(request, response, 421, refusedHost, { code: 'BAD_REQUEST' });
  }

  #refuseOrigin(request: IncomingMessage, response: ServerResponse): void {
    this.#refuse(request, response, 403, refusedOrigin, { code: 'BAD_REQUEST' });
  }

  /** Refuses an operation before its body is read. */
  #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    message: string,
    extensions: ErrorExtensions,
  ): void {
    const { log, gateway } = this.#routing;
    const requestId = requestIdOf(request.headers['x-request-id']);
    response.setHeader('x-request-id', requestId);
    answerError(request, response, status, message, extensions);
    logRefusal({ requestId }, status, [extensions.code], { log, metrics: gateway.metrics });
  }
}
