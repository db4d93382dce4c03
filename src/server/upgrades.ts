import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../errors.ts';
import { answerOnConnection } from './answers.ts';
import { connectionEvent } from './connections.ts';
import { isAllowedHost, refusedHost, type EdgeOptions } from './edge.ts';
import { pathOf, toOriginForm } from './targets.ts';
import type { Sockets } from './webSockets.ts';

/** Refusals of a WebSocket handshake. */
const refusals = {
  path: ['404 Not Found', 'No WebSocket is at this path. Open it at /graphql.', 'NOT_FOUND'],
  closing: ['503 Service Unavailable', 'The gateway shuts down. Connect again.', 'SHUTTING_DOWN'],
  host: ['421 Misdirected Request', refusedHost, 'BAD_REQUEST'],
  origin: [
    '403 Forbidden',
    'Pages of this origin may not connect. An operator can allow it by `origins`.',
    'BAD_REQUEST',
  ],
} as const satisfies Readonly<Record<string, readonly [status: string, message: string, code: ErrorCode]>>;

function refuse(connection: Duplex, reason: keyof typeof refusals): void {
  const [status, message, code] = refusals[reason];
  answerOnConnection(connection, status, message, { code });
}

/**
 * Ignores an upgrade to another protocol, such as the h2c that Java's client offers with its first request (RFC 9110, 7.8). Node
 * emits `upgrade` for any of them, so the request is parsed again without the header.
 */
function readWithoutOffer(server: Server, request: IncomingMessage, connection: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const headers = rawHeaders.flatMap((name, index) =>
    // `Upgrade` only counts when `Connection` names it.
    index % 2 === 1 || name.toLowerCase() === 'connection' ? [] : `${name}: ${rawHeaders[index + 1]}`,
  );
  const lines = [`${method} ${url} HTTP/${httpVersion}`, ...headers, '', ''];
  connection.unshift(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), head]));
  server.emit(connectionEvent(server), connection);
}

/** Browsers always send `Origin`; other clients need none. */
function isAllowedOrigin({ headers: { origin, host } }: IncomingMessage, origins: readonly string[]): boolean {
  if (origin === undefined || origins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (origins.includes(page.origin)) return true;
  // Parsed, so that case and default ports do not matter.
  const own = `${page.protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === page.host;
}

/** Options of {@link takeUpgrades}. */
export interface UpgradeOptions {
  readonly sockets: Sockets;
  readonly edge: EdgeOptions;
  /** True while the gateway shuts down: new WebSockets are refused. */
  readonly isClosing: () => boolean;
}

/** Accepts WebSockets on `/graphql`. A connection that fails meanwhile is destroyed. */
export function takeUpgrades(server: Server, { sockets, edge, isClosing }: UpgradeOptions): void {
  server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    connection.on('error', () => connection.destroy());
    toOriginForm(request);
    if (request.headers.upgrade?.toLowerCase() !== 'websocket')
      return readWithoutOffer(server, request, connection, head);
    if (pathOf(request) !== '/graphql') return refuse(connection, 'path');
    if (isClosing()) return refuse(connection, 'closing');
    if (!isAllowedHost(request, edge)) return refuse(connection, 'host');
    if (!isAllowedOrigin(request, edge.origins)) return refuse(connection, 'origin');
    sockets.upgrade(request, connection, head);
  });
}
