import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server as TlsServer, TLSSocket } from 'node:tls';
import { clientNetworkOf } from './clientAddress.ts';

/** Options of {@link Connections}. */
export interface ConnectionOptions {
  /** Concurrent connections per client address, or /64 of IPv6. WebSockets do not count once their caller is authenticated. */
  readonly perAddress: () => number;
  /** WebSockets of one caller that do not count for their address. */
  readonly exemptPerCaller: () => number;
  /** True for addresses without a limit, such as a proxy with the connections of many clients. */
  readonly isProxy: (address: string) => boolean;
}

/** Without a new connection or request for this long, the listener counts as quiet. */
const quietMs = 50;

/** Waits at most this long for a quiet moment. */
const quietWithinMs = 1_000;

/** Connections in the system's backlog are accepted for at most this long. */
const acceptWithinMs = 3_000;

/** The backlog counts as empty after this many iterations of the event loop without a new connection. */
const emptyIterations = 5;

/** Idle connections stay open for this long after the last one was accepted: a request may be on its way. */
const idleGraceMs = 500;

/** The event with which the HTTP server takes over a connection: with TLS, after the handshake. */
export function connectionEvent(server: NetServer): 'connection' | 'secureConnection' {
  return server instanceof TlsServer ? 'secureConnection' : 'connection';
}

/** Limits the connections of a server, and closes them when it drains. */
export class Connections {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #byAddress = new Map<string, number>();
  readonly #exemptByAddress = new Map<string, number>();
  readonly #exemptByCaller = new Map<string, number>();
  readonly #exemptPerCaller: () => number;
  readonly #unfinished = new Set<ServerResponse>();
  #lastSeenMs = performance.now();
  readonly #counted = new WeakSet<Socket>();
  readonly #used = new WeakSet<Socket>();
  readonly #awaited = new WeakSet<Duplex>();
  #closed: Promise<void> | undefined;
  #isDraining = false;
  #isClosingIdle = false;

  constructor(server: Server, { perAddress, exemptPerCaller, isProxy }: ConnectionOptions) {
    this.#server = server;
    this.#exemptPerCaller = exemptPerCaller;
    // `connection` is emitted before the TLS handshake.
    server.prependListener('connection', (connection: Socket) => {
      // `readWithoutOffer` emits the same connection again.
      if (this.#counted.has(connection)) return;
      this.#counted.add(connection);
      const { remoteAddress = '' } = connection;
      const address = clientNetworkOf(remoteAddress);
      const others = (this.#byAddress.get(address) ?? 0) - (this.#exemptByAddress.get(address) ?? 0);
      if (others >= perAddress() && !isProxy(remoteAddress)) return void connection.destroy();
      this.#lastSeenMs = performance.now();
      countIn(this.#byAddress, address, connection);
    });
    server.on(connectionEvent(server), (connection: Socket) => {
      if (this.#open.has(connection)) return;
      this.#open.add(connection);
      connection.once('close', () => this.#open.delete(connection));
    });
  }

  /** Stops counting a WebSocket, which has limits of its own once its caller is authenticated; but for those beyond its share. */
  exempt({ socket }: IncomingMessage, caller: string): void {
    if ((this.#exemptByCaller.get(caller) ?? 0) >= this.#exemptPerCaller()) return;
    countIn(this.#exemptByCaller, caller, socket);
    countIn(this.#exemptByAddress, clientNetworkOf(socket.remoteAddress ?? ''), socket);
  }

  /** Tracks a request until it is answered. While the server drains, its answer closes the connection. */
  answering({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#lastSeenMs = performance.now();
    this.#used.add(socket);
    this.#unfinished.add(response);
    response.once('close', () => {
      this.#unfinished.delete(response);
      // An answer that began before the drain did not say `Connection: close`: its connection would stay idle.
      if (this.#isClosingIdle) setImmediate(() => this.#server.closeIdleConnections());
    });
    if (this.#isDraining) endConnectionAfter(response);
  }

  /**
   * Calls back once the answers under way on a connection are sent: they keep the order of their requests (RFC 9112, 9.3.2). While
   * one waits, others are not called.
   */
  afterAnswers(connection: Duplex, next: () => void): void {
    if (this.#awaited.has(connection)) return;
    const underWay = [...this.#unfinished].filter(({ req }) => req.socket === connection && req.complete);
    const last = underWay.at(-1);
    if (last === undefined) return next();
    this.#awaited.add(connection);
    last.once('close', () => {
      this.#awaited.delete(connection);
      next();
    });
  }

  /** From now on each answer closes its connection. New connections are still accepted. */
  drain(): void {
    this.#isDraining = true;
    this.#unfinished.forEach(endConnectionAfter);
  }

  /**
   * Stops accepting connections. Open ones stay open.
   *
   * @param isGraceful - waits for a quiet moment first: the system resets connections that are still in its backlog
   */
  async stopAccepting(isGraceful: boolean): Promise<void> {
    if (isGraceful) await this.#untilQuiet();
    this.#closed = new Promise<void>((resolve) => {
      // `http.Server.close` would also close idle connections at once.
      NetServer.prototype.close.call(this.#server, () => resolve());
    });
  }

  /**
   * Closes idle connections. Resolves once all connections are closed.
   *
   * @param isGraceful - waits a moment first: a request may be on its way
   */
  async close(isGraceful: boolean): Promise<void> {
    if (isGraceful) await sleep(idleGraceMs);
    this.#isClosingIdle = true;
    this.#server.closeIdleConnections();
    setTimeout(() => this.#closeUnused(), isGraceful ? 0 : idleGraceMs).unref();
    await this.#closed;
  }

  async #untilQuiet(): Promise<void> {
    const endMs = performance.now() + quietWithinMs;
    while (performance.now() < endMs && performance.now() - this.#lastSeenMs < quietMs) await sleep(quietMs / 5);
    holdNewConnections(this.#server);
    // libuv accepts one connection per iteration of the event loop: several iterations without one mean an empty backlog.
    for (let empty = 0; empty < emptyIterations && performance.now() < endMs + acceptWithinMs;) {
      const seenMs = this.#lastSeenMs;
      await new Promise(setImmediate);
      empty = this.#lastSeenMs === seenMs ? empty + 1 : 0;
    }
  }

  /** `closeIdleConnections` skips connections that never had a request. Clients open some in advance. */
  #closeUnused(): void {
    for (const connection of this.#open)
      if (!this.#used.has(connection) && (connection.bytesRead === 0 || connection instanceof TLSSocket))
        connection.destroy();
  }
}

/** Counts a connection until it is closed. */
function countIn(counts: Map<string, number>, address: string, connection: Socket): void {
  counts.set(address, (counts.get(address) ?? 0) + 1);
  connection.once('close', () => {
    const left = (counts.get(address) ?? 1) - 1;
    if (left === 0) counts.delete(address);
    else counts.set(address, left);
  });
}

/**
 * Calls `listen(2)` again with a backlog of 0: the system then drops new SYNs instead of completing handshakes that would be
 * reset. Their clients retry, and are refused once the socket is closed. Node has no public API for it.
 */
function holdNewConnections(server: NetServer): void {
  const { _handle: handle } = server as NetServer & {
    readonly _handle?: { readonly listen?: (queue: number) => number };
  };
  handle?.listen?.(0);
}

function endConnectionAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
