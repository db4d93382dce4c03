import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerOnConnection, type AfterAnswers, type ConnectionAnswer } from './answers.ts';
import { connectionEvent } from './connections.ts';
import {
  hasOneHost,
  isAllowedHost,
  isOfForeignPage,
  refusedHost,
  refusedOrigin,
  repeatedHeader,
  type EdgeOptions,
} from './edge.ts';
import { pathOf, toOriginForm } from './targets.ts';
import type { Sockets } from './webSockets.ts';

/** Refusals of a WebSocket handshake. */
const refusals = {
  repeated: {
    status: '400 Bad Request',
    message: 'A header was sent more than once that may be sent once.',
    extensions: { code: 'BAD_REQUEST' },
  },
  path: {
    status: '404 Not Found',
    message: 'No WebSocket is at this path. Open it at /graphql.',
    extensions: { code: 'NOT_FOUND' },
  },
  closing: {
    status: '503 Service Unavailable',
    message: 'The gateway shuts down. Connect again.',
    extensions: { code: 'SHUTTING_DOWN' },
  },
  hosts: {
    status: '400 Bad Request',
    message: 'A request has one Host header. Send one.',
    extensions: { code: 'BAD_REQUEST' },
  },
  host: { status: '421 Misdirected Request', message: refusedHost, extensions: { code: 'BAD_REQUEST' } },
  origin: { status: '403 Forbidden', message: refusedOrigin, extensions: { code: 'BAD_REQUEST' } },
  method: {
    status: '405 Method Not Allowed',
    message: 'A WebSocket is opened by GET.',
    extensions: { code: 'BAD_REQUEST' },
    headers: { allow: 'GET' },
  },
  // RFC 6455, 4.4; RFC 9110, 15.5.22 asks for `Upgrade`.
  version: {
    status: '426 Upgrade Required',
    message: 'Only version 13 of the WebSocket protocol is spoken. Set Sec-WebSocket-Version to it.',
    extensions: { code: 'BAD_REQUEST' },
    headers: { connection: 'upgrade, close', upgrade: 'websocket', 'sec-websocket-version': '13' },
  },
} as const satisfies Readonly<Record<string, ConnectionAnswer>>;

/**
 * Ignores an upgrade to another protocol, such as the h2c that Java's client offers with its first request (RFC 9110, 7.8). Node
 * emits `upgrade` for any of them, so the request is parsed again without the header.
 */
function readWithoutOffer(server: Server, request: IncomingMessage, connection: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const headers = rawHeaders.flatMap((name, index) =>
    index % 2 === 1 || name.toLowerCase() === 'upgrade' ? [] : `${name}: ${rawHeaders[index + 1]}`,
  );
  const lines = [`${method} ${url} HTTP/${httpVersion}`, ...headers, '', ''];
  connection.unshift(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), head]));
  server.emit(connectionEvent(server), connection);
}

/** Options of {@link takeUpgrades}. */
export interface UpgradeOptions {
  readonly sockets: Sockets;
  readonly edge: EdgeOptions;
  readonly afterAnswers: AfterAnswers;
  /** True while the gateway shuts down: new WebSockets are refused. */
  readonly isClosing: () => boolean;
}

/** Why a handshake is refused. What it says beside, `ws` checks. */
function refusalOf(request: IncomingMessage, { edge, isClosing }: UpgradeOptions): ConnectionAnswer | undefined {
  if (pathOf(request) !== '/graphql') return refusals.path;
  if (isClosing()) return refusals.closing;
  if (!hasOneHost(request)) return refusals.hosts;
  if (repeatedHeader(request) !== undefined) return refusals.repeated;
  if (!isAllowedHost(request, edge)) return refusals.host;
  if (isOfForeignPage(request, edge)) return refusals.origin;
  if (request.method !== 'GET') return refusals.method;
  if (request.headers['sec-websocket-version'] !== '13') return refusals.version;
  return undefined;
}

/** True if the request offers to speak WebSocket. HTTP/1.0 has no upgrades (RFC 9110, 7.8). */
function isHandshake({ headers, httpVersion }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && httpVersion !== '1.0';
}

function takeUpgrade(
  server: Server,
  [request, connection, head]: readonly [IncomingMessage, Duplex, Buffer],
  options: UpgradeOptions,
): void {
  if (connection.destroyed) return;
  if (!isHandshake(request)) return readWithoutOffer(server, request, connection, head);
  const refusal = refusalOf(request, options);
  if (refusal === undefined) return options.sockets.upgrade(request, connection, head);
  answerOnConnection(connection, { ...refusal, isHead: request.method === 'HEAD' });
}

/** Accepts WebSockets on `/graphql`. A connection that fails meanwhile is destroyed. */
export function takeUpgrades(server: Server, options: UpgradeOptions): void {
  server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    connection.on('error', () => connection.destroy());
    toOriginForm(request);
    options.afterAnswers(connection, () => takeUpgrade(server, [request, connection, head], options));
  });
}
