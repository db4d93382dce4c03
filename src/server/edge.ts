import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';

/** What of a request's origin and host is let in. */
export interface EdgeOptions {
  /** Origins of pages, besides the gateway's own: they may ask over HTTP, server-sent events and WebSocket alike. */
  readonly origins: readonly string[];
  /** Names under which callers know the gateway, besides its address. */
  readonly hosts: readonly string[];
  /** Callers come over TLS, which ends here or before. */
  readonly isPublicTls: boolean;
}

const loopbackNames = ['localhost', '127.0.0.1', '::1'];

/** What pages may send besides the headers that are always allowed. */
const allowedHeaders = [
  ...['content-type', 'authorization', 'x-api-key', 'x-auth-token', 'x-agent-token', 'x-request-id', 'x-cost'],
  ...[
    'graphql-require-preflight',
    'apollo-require-preflight',
    'apollographql-client-name',
    'apollographql-client-version',
  ],
  ...['x-apollo-operation-name', 'x-graphql-event-stream-token', 'last-event-id', 'traceparent', 'tracestate'],
].join(', ');

/** What pages may read of an answer. */
const exposedHeaders = 'X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate';

const preflightSeconds = 7_200;

/** The name or address in a `Host` header, without port and brackets; undefined where it is no host, but more of a URL. */
function hostnameOf(host = ''): string | undefined {
  if (/[\s/\\?#@]/.test(host) || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

/** An IPv4 address, also where a socket of IPv6 tells it. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase();
}

/**
 * The `Host` is the gateway's: its own address, a loopback name, or a configured one. A page can make its own name lead to the
 * gateway (DNS rebinding), and would pass for one of its pages.
 */
export function isAllowedHost({ headers: { host }, socket }: IncomingMessage, { hosts }: EdgeOptions): boolean {
  const hostname = hostnameOf(host);
  if (hostname === undefined) return false;
  if (loopbackNames.includes(hostname) || hosts.includes(hostname)) return true;
  return isIP(hostname) !== 0 && hostname === plainAddress(socket.localAddress);
}

/** True for a page of another origin that is configured. */
function isForeignPage(origin: string | undefined, { origins }: EdgeOptions): origin is string {
  return origin !== undefined && origins.includes(origin);
}

/** Headers of every answer: browsers are told to show it in no frame, to guess no type, and to keep nothing. */
export function writeEdgeHeaders(request: IncomingMessage, response: ServerResponse, options: EdgeOptions): void {
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('referrer-policy', 'no-referrer');
  if (options.isPublicTls) response.setHeader('strict-transport-security', 'max-age=31536000');
  if (options.origins.length === 0) return;
  response.setHeader('vary', 'Origin');
  const { origin } = request.headers;
  if (!isForeignPage(origin, options)) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', exposedHeaders);
}

/** Answers what browsers ask before a page's request. A page of no configured origin is told nothing, and goes no further. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse, options: EdgeOptions): void {
  const isAllowed = isForeignPage(request.headers.origin, options);
  response.writeHead(204, {
    allow: 'GET, POST, OPTIONS',
    ...(isAllowed && {
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': allowedHeaders,
      'access-control-max-age': `${preflightSeconds}`,
    }),
  });
  response.end();
}
