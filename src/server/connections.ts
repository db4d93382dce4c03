import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server as TlsServer, TLSSocket } from 'node:tls';

/** Which connections are taken. */
export interface ConnectionOptions {
  /** Connections of one address at once. WebSockets whose caller was let in do not count. */
  readonly perAddress: () => number;
  /** An address that the limit is not for: a proxy, which carries the connections of many. */
  readonly isProxy: (address: string) => boolean;
}

/** Without a new connection or request for so long, no client is on its way. */
const quietMs = 50;

/** The server waits so long for such a moment. */
const quietWithinMs = 1_000;

/** Connections that the system holds are accepted for so long. */
const acceptWithinMs = 3_000;

/** Iterations of the event loop without a new connection, after which the system holds none. */
const emptyIterations = 5;

/** Idle connections stay open for so long after the last one was accepted: their clients may have sent a request. */
const idleGraceMs = 500;

/** The event by which HTTP gets a connection: with TLS that is after the handshake. */
export function connectionEvent(server: NetServer): 'connection' | 'secureConnection' {
  return server instanceof TlsServer ? 'secureConnection' : 'connection';
}

/** The connections of a server, from their limits to their end. */
export class Connections {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #byAddress = new Map<string, number>();
  readonly #letInByAddress = new Map<string, number>();
  readonly #unfinished = new Set<ServerResponse>();
  #lastSeenMs = performance.now();
  readonly #counted = new WeakSet<Socket>();
  readonly #used = new WeakSet<Socket>();
  #closed: Promise<void> | undefined;
  #isDraining = false;
  #isClosingIdle = false;

  constructor(server: Server, { perAddress, isProxy }: ConnectionOptions) {
    this.#server = server;
    // The plain event comes before TLS has begun.
    server.prependListener('connection', (connection: Socket) => {
      // A request that is read once more comes on the connection that it came on.
      if (this.#counted.has(connection)) return;
      this.#counted.add(connection);
      const { remoteAddress: address = '' } = connection;
      const others = (this.#byAddress.get(address) ?? 0) - (this.#letInByAddress.get(address) ?? 0);
      if (others >= perAddress() && !isProxy(address)) return void connection.destroy();
      this.#lastSeenMs = performance.now();
      countIn(this.#byAddress, address, connection);
    });
    server.on(connectionEvent(server), (connection: Socket) => {
      if (this.#open.has(connection)) return;
      this.#open.add(connection);
      connection.once('close', () => this.#open.delete(connection));
    });
  }

  /** A WebSocket whose caller was let in has limits of its own, and is counted no more. */
  letIn({ socket }: IncomingMessage): void {
    countIn(this.#letInByAddress, socket.remoteAddress ?? '', socket);
  }

  /** Keeps account of a request until it is answered. While the server drains its answer ends the connection. */
  answering({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#lastSeenMs = performance.now();
    this.#used.add(socket);
    this.#unfinished.add(response);
    response.once('close', () => {
      this.#unfinished.delete(response);
      // A connection whose answer had begun before the drain is idle from now on, and would be waited for.
      if (this.#isClosingIdle) setImmediate(() => this.#server.closeIdleConnections());
    });
    if (this.#isDraining) endConnectionAfter(response);
  }

  /** Has each answer end its connection. New connections are still taken. */
  drain(): void {
    this.#isDraining = true;
    this.#unfinished.forEach(endConnectionAfter);
  }

  /**
   * Accepts no more connections; resolves once that is so. Those that are open go on.
   *
   * @param isGraceful - from a moment on in which no client seems to be on its way: the system resets connections that it has
   *   taken and the process has not
   */
  async stopAccepting(isGraceful: boolean): Promise<void> {
    if (isGraceful) await this.#untilQuiet();
    this.#closed = new Promise<void>((resolve) => {
      // Of HTTP's server it would close idle connections at once.
      NetServer.prototype.close.call(this.#server, () => resolve());
    });
  }

  /**
   * Closes idle connections, and resolves once all are closed.
   *
   * @param isGraceful - after a while: their clients may have sent a request
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
    // libuv accepts one connection an iteration of the event loop: several without one show that none waits.
    for (let empty = 0; empty < emptyIterations && performance.now() < endMs + acceptWithinMs;) {
      const seenMs = this.#lastSeenMs;
      await new Promise(setImmediate);
      empty = this.#lastSeenMs === seenMs ? empty + 1 : 0;
    }
  }

  /** Node takes only those for idle that had a request. Clients open some ahead. */
  #closeUnused(): void {
    for (const connection of this.#open)
      if (!this.#used.has(connection) && (connection.bytesRead === 0 || connection instanceof TLSSocket))
        connection.destroy();
  }
}

/** Counts a connection of an address until it is closed. */
function countIn(counts: Map<string, number>, address: string, connection: Socket): void {
  counts.set(address, (counts.get(address) ?? 0) + 1);
  connection.once('close', () => {
    const left = (counts.get(address) ?? 1) - 1;
    if (left === 0) counts.delete(address);
    else counts.set(address, left);
  });
}

/**
 * Has the system let in no connection that the process has not accepted: their clients try again, and are refused once the
 * server is closed, in place of being reset. It is the same call of the system that opened the socket, with no queue; Node
 * has no other way to it.
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
