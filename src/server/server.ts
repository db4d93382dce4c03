import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { GatewayError, type ErrorCode } from '../errors.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { answerPreflight, isAllowedHost, writeEdgeHeaders, type EdgeOptions } from './edge.ts';
import { isPageRequest, servePage } from './graphiql.ts';
import { createLog, type Logger } from '../telemetry/log.ts';
import { requestIdOf, logRefusal } from '../gateway/operationLog.ts';
import { listen } from './listen.ts';
import type { Place, Shedding } from './shedding.ts';
import { createSockets, defaultSocketLimits, type SocketLimits } from './webSockets.ts';
import { cutStalled } from './slowClients.ts';

/** A listening gateway. */
export interface GatewayServer {
  /** Where it listens, for example `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Where `/metrics` is answered. */
  readonly metricsUrl: string;
  /**
   * Says that it is no longer ready, and closes: requests in flight may finish.
   *
   * @param noticeMs - so long it goes on taking new connections, for load balancers that have not asked `/readyz` yet
   */
  readonly close: (noticeMs?: number) => Promise<void>;
}

/** Where to listen. */
export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** `/metrics` is answered on this port, and then no longer where callers ask. */
  readonly metricsPort?: number | undefined;
  readonly log?: Logger;
  /** What refuses operations while there are too many; without it nothing is refused. */
  readonly shedding?: Shedding;
  /** Answers what is asked below `/bi` and `/odata`; without it nothing is there. */
  readonly bi?: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined;
  /** Origins of pages that may ask, besides the gateway's own. */
  readonly origins?: readonly string[];
  /** Names that callers know the gateway by, besides its address. */
  readonly hosts?: readonly string[];
  readonly isPublicTls?: boolean;
  /** GraphiQL is served, unless this is false. */
  readonly graphiql?: boolean;
  /** What one WebSocket may take, where it is not the usual. */
  readonly sockets?: Partial<SocketLimits>;
  /** A connection whose peer does not read is cut within this time. */
  readonly stalledMs?: number;
}

/** What is served: a gateway, or one whose configuration can be exchanged. */
export type Served = Pick<
  Gateway,
  'handle' | 'open' | 'identify' | 'planes' | 'endStreams' | 'cutOperations' | 'readiness' | 'metrics' | 'close'
>;

function answerJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
}

/** An error in the form of GraphQL, for clients that read nothing else. */
function answerError(
  { headers: { accept } }: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
  extensions: { readonly code: ErrorCode; readonly retryAfter?: number },
): void {
  return answerJson(
    response,
    status,
    { errors: [{ message, extensions }] },
    {
      ...(accept?.includes('application/graphql-response+json') && {
        'content-type': 'application/graphql-response+json',
      }),
      ...(extensions.retryAfter !== undefined && { 'retry-after': `${extensions.retryAfter}` }),
    },
  );
}

/** When a gateway stops, operations that are not finished after this long are answered with errors. */
const answerWithinMs = 8_500;

/** Connections that are still open after this long are cut. */
const drainTimeoutMs = 9_000;

/** A connection that was just opened may send its request, although the gateway takes no new ones any more. */
const firstRequestMs = 500;

const stalledWithinMs = 30_000;

/**
 * A connection is kept for longer than load balancers keep theirs (mostly 60 s): who closes first must be the one that asks, or
 * a request meets a connection that is just being closed.
 */
const keepAliveMs = 65_000;

/** Where nothing is shed. */
const unlimited: Place = { streams: () => undefined, leave: () => undefined };

const refusals = {
  403: 'Forbidden',
  421: 'Misdirected Request',
  404: 'Not Found',
  503: 'Service Unavailable',
} as const;

/** Answers a request for a WebSocket that is not opened. */
function refuseUpgrade(connection: Duplex, status: keyof typeof refusals): void {
  connection.end(`HTTP/1.1 ${status} ${refusals[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  // Whoever does not close its side, or goes on sending, is not waited for.
  connection.once('finish', () => connection.destroy());
}

/**
 * Clients may offer to go on in another protocol, as Java's do with their first request (h2c), and may be answered as if they
 * had not. But Node leaves a request with an offer to whoever takes WebSockets: it is read once more, without it.
 */
function readWithoutOffer(server: Server, request: IncomingMessage, connection: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const headers = rawHeaders.flatMap((name, index) =>
    // An offer counts only where `Connection` names it.
    index % 2 === 1 || name.toLowerCase() === 'connection' ? [] : `${name}: ${rawHeaders[index + 1]}`,
  );
  const lines = [`${method} ${url} HTTP/${httpVersion}`, ...headers, '', ''];
  connection.unshift(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), head]));
  server.emit('connection', connection);
}

/** Browsers send the origin of the page; whatever else opens WebSockets needs none. */
function isAllowedOrigin({ headers: { origin, host } }: IncomingMessage, origins: readonly string[]): boolean {
  if (origin === undefined || origins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (origins.includes(page.origin)) return true;
  // Case and default ports make no difference.
  const own = `${page.protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === page.host;
}

/** A target in absolute form (RFC 9112, 3.2.2), as clients send it to proxies; its host is the one that counts. */
function toOriginForm(request: IncomingMessage): void {
  if (!/^https?:\/\//i.test(request.url ?? '') || !URL.canParse(request.url ?? '')) return;
  const { host, pathname, search } = new URL(request.url ?? '');
  request.url = `${pathname}${search}`;
  request.headers.host = host;
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}

function answerNothing(response: ServerResponse, message: string): void {
  return answerJson(response, 404, { errors: [{ message }] });
}

/** Listens for HTTP: `/graphql`, GraphiQL at `/`, the probes `/healthz` and `/readyz`, and `/metrics`, there or on a port of its own. */
export async function startServer(gateway: Served, options: ServerOptions): Promise<GatewayServer> {
  const { host, port, metricsPort, shedding, origins = [], stalledMs = stalledWithinMs } = options;
  const { log = createLog('silent'), graphiql = true } = options;
  const edge: EdgeOptions = { origins, hosts: options.hosts ?? [], isPublicTls: options.isPublicTls === true };
  const { metrics } = gateway;
  const unfinished = new Set<ServerResponse>();
  /** It says that it is not ready any more; what comes all the same is still served. */
  let draining = false;
  let isClosing = false;

  const answerReadiness = async (response: ServerResponse): Promise<void> => {
    // Without a look at the upstreams, which may take a while.
    if (draining) return answerJson(response, 503, { status: 'draining' });
    const { status, ...upstreams } = await gateway.readiness();
    const isReady = !draining && (status === 'ready' || status === 'degraded');
    answerJson(response, isReady ? 200 : 503, { status: draining ? 'draining' : status, ...upstreams });
  };

  const answerMetrics = async (response: ServerResponse): Promise<void> => {
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' }).end(text);
  };

  /** Refuses an operation before anything of it is read. */
  const refuse = (
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    message: string,
    extensions: { readonly code: ErrorCode; readonly retryAfter?: number },
  ): void => {
    const requestId = requestIdOf(request.headers['x-request-id']);
    response.setHeader('x-request-id', requestId);
    answerError(request, response, status, message, extensions);
    logRefusal({ requestId }, status, [extensions.code], { log, metrics });
  };

  const enter = (): Place | GatewayError => shedding?.enter() ?? unlimited;

  const execute = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const place = enter();
    if (place instanceof GatewayError) {
      const { code, message, details } = place;
      return refuse(request, response, 503, message, { code, ...details });
    }
    response.once('close', place.leave);
    await gateway.handle(request, response, { streams: place.streams });
  };

  const sockets = createSockets({ gateway, limits: { ...defaultSocketLimits, ...options.sockets }, enter });

  const upgrade = (request: IncomingMessage, connection: Duplex, head: Buffer): void => {
    connection.on('error', () => connection.destroy());
    toOriginForm(request);
    if (request.headers.upgrade?.toLowerCase() !== 'websocket')
      return readWithoutOffer(server, request, connection, head);
    if (pathOf(request) !== '/graphql') return refuseUpgrade(connection, 404);
    if (isClosing) return refuseUpgrade(connection, 503);
    if (!isAllowedHost(request, edge)) return refuseUpgrade(connection, 421);
    if (!isAllowedOrigin(request, origins)) return refuseUpgrade(connection, 403);
    sockets.upgrade(request, connection, head);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    toOriginForm(request);
    writeEdgeHeaders(request, response, edge);
    const path = pathOf(request);
    if (path === '/healthz') return answerJson(response, 200, { status: 'alive' });
    if (path === '/readyz') return answerReadiness(response);
    if (path === '/metrics' && metricsServer === undefined) return answerMetrics(response);
    if (path === '/graphql') {
      // Yoga makes a URL of it, and answers with a stack trace where it can't.
      if (!URL.canParse(`http://${request.headers.host ?? ''}`))
        return refuse(request, response, 400, 'The Host header is no host.', { code: 'BAD_REQUEST' });
      if (!isAllowedHost(request, edge))
        return refuse(request, response, 421, 'The gateway is not known by this host.', { code: 'BAD_REQUEST' });
      if (request.method === 'OPTIONS') return answerPreflight(request, response, edge);
      if (graphiql && isPageRequest(request)) return servePage(request, response);
      return execute(request, response);
    }
    if (options.bi !== undefined && /^\/(bi|odata)(\/|$)/.test(path)) return options.bi(request, response);
    if (path === '/') return void response.writeHead(302, { location: '/graphql' }).end();
    answerNothing(response, 'Nothing is here. The API is at /graphql.');
  };

  const fail = (error: unknown, response: ServerResponse): void => {
    log.error({ err: error }, 'internal error');
    if (!response.headersSent) answerJson(response, 500, { errors: [{ message: 'The gateway failed.' }] });
    else response.destroy();
  };

  const endConnectionAfter = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader('connection', 'close');
  };

  const metricsServer =
    metricsPort === undefined
      ? undefined
      : createServer((request, response) => {
          if (pathOf(request) !== '/metrics') answerNothing(response, 'Nothing is here but /metrics.');
          else answerMetrics(response).catch((error: unknown) => fail(error, response));
        });
  const server = createServer({ keepAliveTimeout: keepAliveMs }, (request, response) => {
    unfinished.add(response);
    response.once('close', () => {
      unfinished.delete(response);
      // A connection whose answer had begun before the gateway stops is idle from now on, and would be waited for.
      if (draining) setImmediate(() => server.closeIdleConnections());
    });
    if (draining) endConnectionAfter(response);
    answer(request, response).catch((error: unknown) => fail(error, response));
  });
  server.on('upgrade', upgrade);
  const connections = new Set<Socket>();
  server.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  const endCutting = cutStalled(server, stalledMs);
  const metricsUrl = metricsServer && (await listen(metricsServer, host, metricsPort ?? 0));
  const url = await listen(server, host, port).catch((error: unknown) => {
    metricsServer?.close();
    throw error;
  });

  const close = async (noticeMs = 0): Promise<void> => {
    draining = true;
    const answering = setTimeout(() => gateway.cutOperations(), answerWithinMs);
    const cut = setTimeout(() => {
      sockets.cut();
      server.closeAllConnections();
    }, drainTimeoutMs);
    unfinished.forEach(endConnectionAfter);
    await new Promise((resolve) => setTimeout(resolve, noticeMs));
    isClosing = true;
    // Subscriptions have no end of their own. Sockets first: their clients then connect again by themselves.
    sockets.drain();
    gateway.endStreams();
    await new Promise<void>((resolve) => {
      // Closes idle connections too.
      server.close(() => resolve());
      // Node takes those for idle only that had a request. Clients open some ahead, which would be waited for.
      setTimeout(() => {
        for (const connection of connections) if (connection.bytesRead === 0) connection.destroy();
      }, firstRequestMs).unref();
    });
    clearTimeout(answering);
    clearTimeout(cut);
    sockets.cut();
    endCutting();
    metricsServer?.close();
    await gateway.close();
  };
  return { url, metricsUrl: `${metricsUrl ?? url}/metrics`, close };
}
