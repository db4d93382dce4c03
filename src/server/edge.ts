import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { remembered } from '../gateway/recentTexts.ts';

/** Allowed origins and hosts. */
export interface EdgeOptions {
  /** Origins allowed over HTTP, server-sent events and WebSocket, besides the gateway's own. */
  readonly origins: readonly string[];
  /** Allowed `Host` names, besides the gateway's own address. */
  readonly hosts: readonly string[];
  /** Callers use TLS, terminated here or at a proxy. */
  readonly isPublicTls: boolean;
}

const loopbackNames = ['localhost', '127.0.0.1', '::1'];

/** `Access-Control-Allow-Headers`. */
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

/** `Access-Control-Expose-Headers`. */
const exposedHeaders = 'X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate';

const preflightSeconds = 7_200;

/** The host of a `Host` header, without port and brackets. Undefined where the header is more than a host. */
const hostnameOf = remembered((host): string | undefined => {
  if (/[\s/\\?#@]/.test(host) || !URL.canParse(`http://${host}`)) return undefined;
  const { hostname } = new URL(`http://${host}`);
  // `127.1`, `2130706433` and `127.0.0.1.` are names of an address that browsers never send.
  if (isIP(hostname) === 4 && host.replace(/:\d*$/, '') !== hostname) return undefined;
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
});

const canBeParsed = remembered((host) => URL.canParse(`http://${host}`));

/**
 * False where HTTP/1.1 has no `Host`, or any request several: a proxy in between may go by another one (RFC 9112, 3.2). Node
 * keeps the first.
 */
export function hasOneHost({ httpVersion, rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === 'host') hosts += 1;
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0');
}

/** False for a `Host` that no URL can be made of. */
export function isHost(host = ''): boolean {
  return canBeParsed(host);
}

/**
 * False for a body that a proxy in between may find another end of: chunks in HTTP/1.0, or chunks of something that is packed,
 * which Node.js hands over as it came (RFC 9112, 6.1).
 */
export function isPlainlyFramed({ httpVersion, headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  return coding === undefined || (httpVersion !== '1.0' && coding.trim().toLowerCase() === 'chunked');
}

/** Headers of which Node keeps the first line, where a proxy may keep the last one. */
const singleHeaders: ReadonlySet<string> = new Set(['authorization', 'content-type', 'origin']);

/** The name of a header that may stand once and was sent several times (RFC 9112, 3.2). */
export function repeatedHeader({ headers, rawHeaders }: IncomingMessage): string | undefined {
  // Nothing is repeated in nearly all requests.
  if (Object.keys(headers).length === rawHeaders.length / 2) return undefined;
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (seen.has(name) && singleHeaders.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}

/** An IPv4 address, also where a socket of IPv6 tells it. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase();
}

/**
 * True for the gateway's own address, a loopback name, or a configured host. Any other name could be a page's that resolves to
 * the gateway (DNS rebinding), and would pass for same-origin.
 */
export function isAllowedHost({ headers: { host }, socket }: IncomingMessage, { hosts }: EdgeOptions): boolean {
  const hostname = hostnameOf(host ?? '');
  if (hostname === undefined) return false;
  if (loopbackNames.includes(hostname) || hosts.includes(hostname)) return true;
  return isIP(hostname) !== 0 && hostname === plainAddress(socket.localAddress);
}

/** Said where {@link isAllowedHost} is false. */
export const refusedHost = 'The host is not one of the gateway’s. An operator can add its name to `hosts`.';

function isAllowedOrigin(origin: string, host: string | undefined, { origins }: EdgeOptions): boolean {
  if (origins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (origins.includes(page.origin)) return true;
  // Parsed, so that case and default ports do not matter.
  const own = `${page.protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === page.host;
}

/**
 * True for a request that a page of another origin made a browser send, unless the origin is configured. Without `Origin`, as
 * images and links are read, browsers tell it by `Sec-Fetch-Site`. Other clients send neither.
 */
export function isOfForeignPage({ headers }: IncomingMessage, edge: EdgeOptions): boolean {
  const { origin, host } = headers;
  if (origin !== undefined) return !isAllowedOrigin(origin, host, edge);
  return headers['sec-fetch-site'] === 'cross-site' || headers['sec-fetch-site'] === 'same-site';
}

/** Said where {@link isOfForeignPage} is true. */
export const refusedOrigin = 'Pages of this origin may not ask. An operator can allow it by `origins`.';

/** True for a configured origin other than the gateway's own. */
function isForeignPage(origin: string | undefined, { origins }: EdgeOptions): origin is string {
  return origin !== undefined && origins.includes(origin);
}

/** Writes the security headers of every answer: no framing, no sniffing, no caching. */
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

/** Answers a CORS preflight. Other origins get no CORS headers. */
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
