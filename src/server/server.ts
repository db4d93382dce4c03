import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { LimitsConfig } from '../config/config.ts';
import { GatewayError } from '../errors.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { requestIdOf, logRefusal } from '../gateway/operationLog.ts';
import type { SharedBudgets } from '../shared/budgets.ts';
import { createLog, type Logger } from '../telemetry/log.ts';
import { createAdminServer, createProbes, type Probes } from './admin.ts';
import {
  answerError,
  answerOddRequests,
  answerRead,
  type AfterAnswers,
  type AnswerRead,
  type ErrorExtensions,
} from './answers.ts';
import { isLocal, TrustedProxies } from './clientAddress.ts';
import { Connections } from './connections.ts';
import {
  answerPreflight,
  hasOneHost,
  isAllowedHost,
  isHost,
  isPlainlyFramed,
  repeatedHeader,
  refusedHost,
  writeEdgeHeaders,
  type EdgeOptions,
} from './edge.ts';
import { FailedAuthentications, hasCredential } from './failedAuthentications.ts';
import { isPageRequest, servePage } from './graphiql.ts';
import { listen } from './listen.ts';
import type { Permit, Shedding } from './shedding.ts';
import { cutStalled } from './slowClients.ts';
import { pathOf, toOriginForm } from './targets.ts';
import { takeUpgrades } from './upgrades.ts';
import { createSockets, defaultSocketLimits, type SocketLimits } from './webSockets.ts';

/** Certificate chain and private key, as PEM. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

/** A listening gateway. */
export interface GatewayServer {
  /** Where it listens, for example `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Where `/metrics` is answered. */
  readonly metricsUrl: string;
  /** Uses this certificate for new connections. */
  readonly setTls: (tls: TlsFiles) => void;
  /**
   * Reports not ready, then closes. Requests in flight may finish.
   *
   * @param noticeMs - new connections are still accepted for this long, until load balancers have polled `/readyz`
   */
  readonly close: (noticeMs?: number) => Promise<void>;
}

/** Options of {@link startServer}. */
export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** Without it connections are plain HTTP. */
  readonly tls?: TlsFiles | undefined;
  /** The listener for operators, which then serves `/metrics` in place of the public one. Default: `/metrics` on the public listener, for loopback clients. */
  readonly admin?: { readonly host: string; readonly port: number } | undefined;
  readonly log?: Logger;
  /** Limits concurrent operations. Default: no limit. */
  readonly shedding?: Shedding;
  /** Serves `/bi` and `/odata`. Without it both are 404. */
  readonly bi?: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined;
  /** Origins allowed by CORS, besides the gateway's own. */
  readonly origins?: readonly string[];
  /** Allowed `Host` names, besides the gateway's own address. */
  readonly hosts?: readonly string[];
  readonly isPublicTls?: boolean;
  /** Proxies whose `X-Forwarded-For` is trusted: addresses and networks. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Serves GraphiQL. Default: true. */
  readonly graphiql?: boolean;
  /** Limits of one WebSocket, where they differ from the defaults. */
  readonly sockets?: Partial<SocketLimits>;
  /** A connection whose peer reads nothing for this long is destroyed. */
  readonly stalledMs?: number;
  /** Limits per client address at the moment; a reload can change them. */
  readonly limits?: () => AddressLimits;
  /** Budgets that all replicas share. Without them this process counts alone. */
  readonly budgets?: SharedBudgets | undefined;
}

/** Limits per client address. */
export type AddressLimits = Pick<LimitsConfig, 'connectionsPerAddress' | 'failedAuthenticationsPerMinute'>;

/** A gateway, or one whose configuration can be exchanged. */
export type Served = Pick<
  Gateway,
  'handle' | 'open' | 'identify' | 'planes' | 'endStreams' | 'cutOperations' | 'readiness' | 'metrics' | 'close'
>;

/** While shutting down: operations that still run after this long are answered with errors. */
const answerWithinMs = 8_500;

/** While shutting down: connections that are still open after this long are destroyed. */
const drainTimeoutMs = 9_000;

const stalledWithinMs = 30_000;

/** Also for the first request of a connection. */
const headersWithinMs = 10_000;

/**
 * Longer than load balancers keep idle connections (mostly 60 s): the client must close first, or its next request meets a
 * connection that is being closed.
 */
const keepAliveMs = 65_000;

const httpOptions = {
  // Node would refuse without a body.
  requireHostHeader: false,
  keepAliveTimeout: keepAliveMs,
  headersTimeout: headersWithinMs,
  connectionsCheckingInterval: 1_000,
};

const defaultLimits: AddressLimits = { connectionsPerAddress: 2_000, failedAuthenticationsPerMinute: 60 };

/** The permit where operations are not limited. */
const unlimited: Permit = { streams: () => undefined, release: () => undefined };

interface Routing {
  readonly gateway: Served;
  readonly options: ServerOptions;
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
class Routes {
  readonly #routing: Routing;

  constructor(routing: Routing) {
    this.#routing = routing;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { edge, options } = this.#routing;
    toOriginForm(request);
    writeEdgeHeaders(request, response, edge);
    if (!hasOneHost(request))
      return this.#refuse(request, response, 400, 'A request has one Host header. Send one.', { code: 'BAD_REQUEST' });
    const repeated = repeatedHeader(request);
    if (repeated !== undefined)
      return this.#refuse(request, response, 400, `The header ${repeated} was sent more than once.`, {
        code: 'BAD_REQUEST',
      });
    const path = pathOf(request);
    if (path === '/graphql') return this.#graphql(request, response);
    if (options.bi !== undefined && isBi(path))
      return isAllowedHost(request, edge)
        ? this.#identified(request, response, options.bi)
        : this.#refuseHost(request, response);
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
    const { edge, options } = this.#routing;
    return options.admin === undefined && isLocal(request) && isAllowedHost(request, edge);
  }

  async #graphql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { edge, options } = this.#routing;
    // Yoga makes a URL of it, and answers with a stack trace where it can't.
    if (!isHost(request.headers.host))
      return this.#refuse(request, response, 400, 'The Host header is not a valid host.', { code: 'BAD_REQUEST' });
    if (!isAllowedHost(request, edge)) return this.#refuseHost(request, response);
    if (!isPlainlyFramed(request))
      return this.#refuse(request, response, 400, 'Transfer-Encoding: chunked alone, in HTTP/1.1.', {
        code: 'BAD_REQUEST',
      });
    if (request.method === 'OPTIONS') return answerPreflight(request, response, edge);
    if (options.graphiql !== false && isPageRequest(request)) return servePage(request, response);
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
    await gateway.handle(request, response, { streams: permit.streams, address: failures.addressOf(request) });
  }

  /** Looks at credentials only while the address has not tried too many that are not valid. */
  async #identified(
    request: IncomingMessage,
    response: ServerResponse,
    answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ): Promise<void> {
    if (!hasCredential(request)) return answer(request, response);
    const { failures } = this.#routing;
    const retryAfter = failures.waitSeconds(request);
    if (retryAfter !== undefined) {
      const message = 'Too many failed authentications from this address. Nothing was executed.';
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

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

function createServerFor(tls: TlsFiles | undefined, answer: Answer): Server | TlsServer {
  return tls === undefined
    ? createHttpServer(httpOptions, answer)
    : createTlsServer(
        { ...httpOptions, handshakeTimeout: headersWithinMs, cert: tls.certificate, key: tls.key },
        answer,
      );
}

/** Starts the public listener, and the one for operators where it is configured. */
async function listenAll(
  server: Server | TlsServer,
  adminServer: Server | undefined,
  { host, port, tls, admin }: ServerOptions,
): Promise<Pick<GatewayServer, 'url' | 'metricsUrl'>> {
  const adminUrl = adminServer && admin && (await listen(adminServer, admin.host, admin.port));
  const plainUrl = await listen(server, host, port).catch((error: unknown) => {
    adminServer?.close();
    throw error;
  });
  const url = tls === undefined ? plainUrl : plainUrl.replace('http:', 'https:');
  return { url, metricsUrl: `${adminUrl ?? url}/metrics` };
}

/**
 * Listens for callers: `/graphql`, GraphiQL, tables for BI tools, `/healthz` and `/readyz`. `/metrics` and what `/readyz` knows
 * are for operators: on a listener of their own, else for this machine alone.
 */
export async function startServer(gateway: Served, options: ServerOptions): Promise<GatewayServer> {
  const { shedding, stalledMs = stalledWithinMs, log = createLog('silent') } = options;
  const edge: EdgeOptions = {
    origins: options.origins ?? [],
    hosts: options.hosts ?? [],
    isPublicTls: options.isPublicTls === true || options.tls !== undefined,
  };
  let isDraining = false;
  let isClosing = false;
  const proxies = new TrustedProxies(options.trustedProxies);
  const addressLimits = options.limits ?? (() => defaultLimits);
  const failures = new FailedAuthentications(
    () => addressLimits().failedAuthenticationsPerMinute,
    proxies,
    options.budgets,
  );
  const probes = createProbes(gateway, () => isDraining);
  const admit = (): Permit | GatewayError => shedding?.admit() ?? unlimited;
  const routes = new Routes({ gateway, options, edge, probes, failures, log, admit });
  const fail = (error: unknown, response: ServerResponse): void => {
    log.error({ err: error }, 'internal error');
    if (response.headersSent) return void response.destroy();
    const message = 'The gateway failed. Its operator finds the reason in the log.';
    answerError(response.req, response, 500, message, { code: 'INTERNAL' });
  };
  const server = createServerFor(options.tls, (request, response) => {
    connections.answering(request, response);
    routes.answer(request, response).catch((error: unknown) => fail(error, response));
  });
  const connections = new Connections(server, {
    perAddress: () => addressLimits().connectionsPerAddress,
    isProxy: (address) => proxies.has(address),
  });
  const afterAnswers: AfterAnswers = (connection, next) => connections.afterAnswers(connection, next);
  answerOddRequests(server, afterAnswers);
  const limits = { ...defaultSocketLimits, ...options.sockets };
  const sockets = createSockets({
    gateway,
    limits,
    admit,
    failures,
    onLetIn: (request) => connections.letIn(request),
  });
  takeUpgrades(server, { sockets, edge, afterAnswers, isClosing: () => isClosing });
  const endCutting = cutStalled(server, stalledMs);
  const adminServer = options.admin && createAdminServer(probes, fail);
  const urls = await listenAll(server, adminServer, options);

  const close = async (noticeMs = 0): Promise<void> => {
    isDraining = true;
    const answering = setTimeout(() => gateway.cutOperations(), answerWithinMs);
    const cut = setTimeout(() => {
      sockets.cut();
      server.closeAllConnections();
    }, drainTimeoutMs);
    connections.drain();
    await new Promise((resolve) => setTimeout(resolve, noticeMs));
    isClosing = true;
    await connections.stopAccepting(noticeMs > 0);
    // Subscriptions have no end of their own. Sockets first: their clients then connect again by themselves.
    sockets.drain();
    gateway.endStreams();
    await connections.close(noticeMs > 0);
    clearTimeout(answering);
    clearTimeout(cut);
    sockets.cut();
    endCutting();
    adminServer?.close();
    failures.close();
    await gateway.close();
  };
  return {
    ...urls,
    setTls: ({ certificate, key }) => {
      if ('setSecureContext' in server) server.setSecureContext({ cert: certificate, key });
    },
    close,
  };
}
