import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionArgs, GraphQLError } from 'graphql';
import { handleProtocols, makeServer, type Context as SocketContext } from 'graphql-ws';
import { WebSocket, WebSocketServer } from 'ws';
import { GatewayError } from '../errors.ts';
import { credentialHeaders } from '../callers/callers.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { isPersistedQuery } from '../gateway/documentStore.ts';
import type { FailedAuthentications } from './failedAuthentications.ts';
import type { Permit } from './shedding.ts';
import { withoutHttp } from '../gateway/refusal.ts';
import type { OpenedOperation, SocketAnswer } from '../gateway/webSocketOperations.ts';

/** What one WebSocket may take. */
export interface SocketLimits {
  /** Operations at once, subscriptions among them. */
  readonly operations: number;
  /** Largest frame that is read. */
  readonly frameBytes: number;
  /** Within this time it must say `connection_init`. */
  readonly initWithinMs: number;
  /** It is pinged this often; one that has not answered by the next time is cut. */
  readonly pingEveryMs: number;
}

/** The limits of a gateway that is told of no others. A peer that is gone is noticed within 24 s. */
export const defaultSocketLimits: SocketLimits = {
  operations: 50,
  frameBytes: 64_000,
  initWithinMs: 3_000,
  pingEveryMs: 12_000,
};

/** All WebSockets of a server, which speak graphql-ws (`graphql-transport-ws`). */
export interface Sockets {
  /** Takes over the connection of a request for a WebSocket, which must have been checked. */
  readonly upgrade: (request: IncomingMessage, connection: Duplex, head: Buffer) => void;
  /** Closes each with 1001 as soon as its queries and mutations are answered; subscriptions are not waited for. */
  readonly drain: () => void;
  /** Ends all at once. */
  readonly cut: () => void;
}

/** What sockets are made of. */
export interface SocketsOptions {
  readonly gateway: Pick<Gateway, 'open' | 'identify' | 'metrics'>;
  readonly limits: SocketLimits;
  /** Lets one more operation in, or says why not. */
  readonly admit: () => Permit | GatewayError;
  readonly failures: FailedAuthentications;
  /** The caller of a socket was let in. */
  readonly onLetIn: (request: IncomingMessage) => void;
}

type Operation = Extract<OpenedOperation, { readonly args: ExecutionArgs }>;

/** One socket. */
interface Peer {
  readonly socket: WebSocket;
  /** The request by which it was opened. */
  readonly request: IncomingMessage;
  readonly headers: Headers;
  /** Operations under way, by their ids. */
  readonly running: Map<string, Operation>;
  /** Those that it waits for, by their ids, as graphql-ws has them. */
  wanted: () => Readonly<Record<string, unknown>>;
  /** Messages that are being carried out. */
  messages: number;
  isAlive: boolean;
}

/** `Going Away`: clients of graphql-ws connect and subscribe again by themselves. */
const goingAway = 1001;

/** Streams of an ended session say so before their socket is closed. */
const lastWordsMs = 100;

const neverAborted = new AbortController().signal;

/** So long a peer has to answer that the connection is closed. */
const closeWithinMs = 1_000;

function headersOf({ headers }: IncomingMessage): Headers {
  return new Headers(
    Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined || /^(connection|upgrade|last-event-id|sec-websocket-.*)$/.test(name)
        ? []
        : [[name, String(value)]],
    ),
  );
}

/** Credentials among the fields of `connection_init` take the place of the headers with which the socket was opened. */
function takeCredentials(headers: Headers, fields: Readonly<Record<string, unknown>> = {}): void {
  for (const [name, value] of Object.entries(fields)) {
    const header = credentialHeaders.find((known) => known === name.toLowerCase());
    // Several `X-Agent-Token` may come as a list.
    const text = Array.isArray(value) ? value.join(',') : value;
    if (header !== undefined && typeof text === 'string' && /^[\x20-\x7e]*$/.test(text)) headers.set(header, text);
  }
}

/** `Unauthorized` of graphql-ws: its clients do not try again by themselves. */
const unauthorized = 4401;

/** `Try Again Later`: it can't be found out at the moment who calls. */
const tryAgainLater = 1013;

/** What a peer does not want any more is not worked for: graphql-ws ends its streams, but lets all else be carried out. */
function leaveUnwanted({ running, wanted }: Peer): void {
  for (const [id, { leave }] of running) {
    if (id in wanted()) continue;
    running.delete(id);
    leave();
  }
}

/**
 * A hash in place of a document is no message of graphql-ws, which would close the socket: with an empty document it comes to the
 * guard that tells the client to send the text.
 */
function withDocument(text: string): string {
  if (!text.includes('"persistedQuery"') && !text.includes('"documentId"')) return text;
  try {
    const message = JSON.parse(text) as { readonly payload?: { readonly query?: unknown } };
    const { payload } = message;
    return payload === undefined || payload === null || !isPersistedQuery(payload)
      ? text
      : JSON.stringify({ ...message, payload: { ...payload, query: '' } });
  } catch {
    return text;
  }
}

/** Serves WebSockets: each operation has the guards that a request has. */
export function createSockets({ gateway, limits, admit, failures, onLetIn }: SocketsOptions): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.frameBytes,
    handleProtocols,
    perMessageDeflate: false,
  });
  const peers = new Set<Peer>();
  let isDraining = false;

  const goAway = ({ socket }: Peer): void => {
    socket.close(goingAway, 'The gateway is shutting down. Reconnect.');
    setTimeout(() => socket.terminate(), closeWithinMs).unref();
  };

  const goAwayWhenDone = (peer: Peer): void => {
    if (!isDraining || peer.socket.readyState !== WebSocket.OPEN) return;
    const streams = [...peer.running.values()].filter(({ isSubscription }) => isSubscription);
    if (peer.messages <= streams.length) goAway(peer);
  };

  const closeUnauthorized = ({ socket }: Peer): void => socket.close(unauthorized, 'Unauthorized');

  /** Lets a peer in, or closes its socket; closes it too when the caller's session ends, once its streams have told so. */
  const authenticate = async (peer: Peer, fields: Readonly<Record<string, unknown>> | undefined): Promise<boolean> => {
    takeCredentials(peer.headers, fields);
    const isNamed = credentialHeaders.some((name) => peer.headers.has(name));
    if (isNamed && failures.waitSeconds(peer.request) !== undefined) {
      peer.socket.close(tryAgainLater, 'Too many failed authentications from this address.');
      return false;
    }
    try {
      const { sessionSignal } = await gateway.identify({ headers: peer.headers, signal: neverAborted });
      const close = (): void => void setTimeout(closeUnauthorized, lastWordsMs, peer).unref();
      sessionSignal?.addEventListener('abort', close, { once: true });
      peer.socket.once('close', () => sessionSignal?.removeEventListener('abort', close));
      onLetIn(peer.request);
      return true;
    } catch (error) {
      if (isNamed) failures.count(peer.request);
      if (error instanceof GatewayError && error.code !== 'UNAUTHENTICATED') peer.socket.close(tryAgainLater);
      else closeUnauthorized(peer);
      return false;
    }
  };

  const runs = new WeakMap<ExecutionArgs, () => Promise<SocketAnswer>>();
  const run = (args: ExecutionArgs): Promise<SocketAnswer> =>
    runs.get(args)?.() ?? Promise.reject(new Error('an operation that was not opened'));

  const refuse = (error: GatewayError): readonly GraphQLError[] => {
    gateway.metrics.refused([error.code]);
    return [withoutHttp(error)];
  };

  const protocol = makeServer<Record<string, unknown> | undefined, Peer>({
    connectionInitWaitTimeout: limits.initWithinMs,
    execute: run,
    subscribe: run,
    onConnect: (context: SocketContext<Record<string, unknown> | undefined, Peer>) => {
      context.extra.wanted = () => context.subscriptions;
      return authenticate(context.extra, context.connectionParams);
    },
    onSubscribe: async ({ extra: peer }, id, payload) => {
      if (isDraining) return refuse(new GatewayError('RECONNECT', 'The gateway is shutting down. Reconnect.'));
      // The one that is asked for is among them.
      if (Object.keys(peer.wanted()).length > limits.operations)
        return refuse(
          new GatewayError(
            'BAD_REQUEST',
            `A socket carries at most ${limits.operations} operations at once. Open another one.`,
          ),
        );
      const permit = admit();
      if (permit instanceof GatewayError) return refuse(permit);
      const { streams, release } = permit;
      const opened = await gateway.open({ ...payload, headers: peer.headers, streams }, release);
      if ('errors' in opened) return opened.errors;
      runs.set(opened.args, opened.run);
      peer.running.set(id, opened);
      leaveUnwanted(peer);
      return opened.args;
    },
  });

  const serve = (socket: WebSocket, request: IncomingMessage): void => {
    const peer: Peer = {
      socket,
      request,
      headers: headersOf(request),
      running: new Map(),
      wanted: () => ({}),
      messages: 0,
      isAlive: true,
    };
    peers.add(peer);
    gateway.metrics.socketOpened();
    // What is wrong with a frame closes the socket, which is all there is to do.
    socket.on('error', () => undefined);
    socket.on('pong', () => {
      peer.isAlive = true;
    });

    /** What is sent in one go is written in one go: a system call takes longer than most answers. */
    const gather = ({ socket: connection }: IncomingMessage): void => {
      if (connection.writableCorked > 0) return;
      connection.cork();
      process.nextTick(() => connection.uncork());
    };

    const carryOut = async (handle: (text: string) => Promise<void>, text: string): Promise<void> => {
      peer.messages += 1;
      try {
        const handled = handle(text);
        leaveUnwanted(peer);
        await handled;
      } catch {
        // A message of no known kind, or an answer that could not be written.
        socket.close(4400, 'Invalid message received');
      } finally {
        peer.messages -= 1;
        leaveUnwanted(peer);
        goAwayWhenDone(peer);
      }
    };

    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) =>
          new Promise((resolve) => {
            // One that is closing takes nothing any more. Its reader sets the pace: what is not written is not followed by more.
            if (socket.readyState !== WebSocket.OPEN) return resolve();
            gather(request);
            socket.send(text, () => resolve());
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) => {
          socket.on('message', (data: Buffer) => void carryOut(handle, withDocument(data.toString())));
        },
      },
      peer,
    );
    socket.once('close', (code, reason) => {
      peers.delete(peer);
      gateway.metrics.socketClosed();
      void closed(code, reason.toString()).catch(() => undefined);
      leaveUnwanted(peer);
    });
  };

  const pinging = setInterval(() => {
    for (const peer of peers) {
      if (!peer.isAlive) peer.socket.terminate();
      peer.isAlive = false;
      if (peer.socket.readyState === WebSocket.OPEN) peer.socket.ping();
    }
  }, limits.pingEveryMs).unref();

  return {
    upgrade: (request, connection, head) => server.handleUpgrade(request, connection, head, serve),
    drain: () => {
      isDraining = true;
      peers.forEach(goAwayWhenDone);
    },
    cut: () => {
      clearInterval(pinging);
      for (const { socket } of peers) socket.terminate();
    },
  };
}
