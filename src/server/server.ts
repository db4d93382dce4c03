import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { callerShareOf, type LimitsConfig } from '../config/config.ts';
import type { GatewayError } from '../errors.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { SharedBudgets } from '../shared/budgets.ts';
import { createLog, type Logger } from '../telemetry/log.ts';
import { createAdminServer, createProbes } from './admin.ts';
import { answerError, answerOddRequests, type AfterAnswers } from './answers.ts';
import { TrustedProxies } from './clientAddress.ts';
import { Connections } from './connections.ts';
import type { EdgeOptions } from './edge.ts';
import { FailedAuthentications } from './failedAuthentications.ts';
import { listen } from './listen.ts';
import { Routes } from './routes.ts';
import type { Permit, Shedding } from './shedding.ts';
import { cutStalled } from './slowClients.ts';
import { takeUpgrades } from './upgrades.ts';
import { createSockets, defaultSocketLimits, type SocketLimits, type Sockets } from './webSockets.ts';

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
export type AddressLimits = Pick<
  LimitsConfig,
  'connectionsPerAddress' | 'failedAuthenticationsPerMinute' | 'subscriptions'
>;

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

const defaultLimits: AddressLimits = {
  connectionsPerAddress: 2_000,
  failedAuthenticationsPerMinute: 60,
  subscriptions: 20_000,
};

/** The permit where operations are not limited. */
const unlimited: Permit = { countFor: () => undefined, streams: () => undefined, release: () => undefined };

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

interface Drained {
  readonly gateway: Served;
  readonly server: Server | TlsServer;
  readonly connections: Connections;
  readonly sockets: Sockets;
}

/**
 * Lets what is under way end, and closes all connections.
 *
 * @param noticeMs - new connections are still accepted for this long
 * @param onClosing - called when no new ones are accepted any more
 */
async function drain(
  { gateway, server, connections, sockets }: Drained,
  noticeMs: number,
  onClosing: () => void,
): Promise<void> {
  const answering = setTimeout(() => gateway.cutOperations(), answerWithinMs);
  const cut = setTimeout(() => {
    sockets.cut();
    server.closeAllConnections();
  }, drainTimeoutMs);
  connections.drain();
  await new Promise((resolve) => setTimeout(resolve, noticeMs));
  onClosing();
  await connections.stopAccepting(noticeMs > 0);
  // Subscriptions have no end of their own. Sockets first: their clients then connect again by themselves.
  sockets.drain();
  gateway.endStreams();
  await connections.close(noticeMs > 0);
  clearTimeout(answering);
  clearTimeout(cut);
  sockets.cut();
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
  const routes = new Routes({
    gateway,
    bi: options.bi,
    hasGraphiql: options.graphiql !== false,
    hasAdmin: options.admin !== undefined,
    edge,
    probes,
    failures,
    log,
    admit,
  });
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
    exemptPerCaller: () => callerShareOf(addressLimits().subscriptions),
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
    onAuthenticated: (request, caller) => connections.exempt(request, caller),
  });
  takeUpgrades(server, { sockets, edge, afterAnswers, isClosing: () => isClosing });
  const endCutting = cutStalled(server, stalledMs);
  const adminServer = options.admin && createAdminServer(probes, fail);
  const urls = await listenAll(server, adminServer, options);

  const close = async (noticeMs = 0): Promise<void> => {
    isDraining = true;
    await drain({ gateway, server, connections, sockets }, noticeMs, () => {
      isClosing = true;
    });
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
