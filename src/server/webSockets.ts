import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import { answerOnConnection } from './answers.ts';
import { SocketPeer, type PeerOptions, type SocketLimits } from './socketPeer.ts';

export type { SocketLimits } from './socketPeer.ts';

/** Limits unless others are given. A peer that is gone is noticed within 24 s. */
export const defaultSocketLimits: SocketLimits = {
  operations: 50,
  frameBytes: 64_000,
  initWithinMs: 3_000,
  pingEveryMs: 12_000,
};

/** All WebSockets of a server. */
export interface Sockets {
  /** Takes over the connection of an upgrade request, which must have been checked. */
  readonly upgrade: (request: IncomingMessage, connection: Duplex, head: Buffer) => void;
  /** Closes each with 1001 once its queries and mutations are answered. Subscriptions are not waited for. */
  readonly drain: () => void;
  /** Ends all at once. */
  readonly cut: () => void;
}

/** Serves WebSockets. Each operation passes the guards that a request passes. */
export function createSockets(options: PeerOptions): Sockets {
  const { frameBytes, pingEveryMs } = options.limits;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: frameBytes,
    handleProtocols,
    perMessageDeflate: false,
  });
  server.on('wsClientError', (error, connection) =>
    answerOnConnection(connection, {
      status: '400 Bad Request',
      message: `Not a WebSocket handshake: ${error.message}.`,
      extensions: { code: 'BAD_REQUEST' },
    }),
  );
  const peers = new Set<SocketPeer>();
  let isDraining = false;
  const pinging = setInterval(() => peers.forEach((peer) => peer.ping()), pingEveryMs).unref();

  return {
    upgrade: (request, connection, head) =>
      server.handleUpgrade(request, connection, head, (socket) => {
        const peer = new SocketPeer(socket, request, options);
        peers.add(peer);
        if (socket.protocol === '' && request.headers['sec-websocket-protocol'] !== undefined) peer.refuseProtocol();
        socket.once('close', () => peers.delete(peer));
        if (isDraining) peer.drain();
      }),
    drain: () => {
      isDraining = true;
      peers.forEach((peer) => peer.drain());
    },
    cut: () => {
      clearInterval(pinging);
      peers.forEach((peer) => peer.cut());
    },
  };
}
