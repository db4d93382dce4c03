import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import { reset, send, type Fault, type WireAnswer } from '../src/sandbox/faults/faults.ts';
import { Random } from '../src/sandbox/model/random.ts';

const loopback = '127.0.0.1';

/** How likely each fault of an HTTP request is; together they are at most 1. */
export interface HttpFaults {
  /** The connection breaks before the request reaches the service. */
  readonly resetBefore: number;
  /** It breaks after the service has answered, with nothing of the answer sent. */
  readonly resetAfter: number;
  /** It breaks in the middle of the answer. */
  readonly resetMidAnswer: number;
  readonly status503: number;
  readonly status429: number;
  /** The answer is complete HTTP, and half of its JSON. */
  readonly truncated: number;
  /** The answer comes late. */
  readonly slow: number;
}

/** The names of the faults, with none of them happening. */
export const noHttpFaults: HttpFaults = {
  resetBefore: 0,
  resetAfter: 0,
  resetMidAnswer: 0,
  status503: 0,
  status429: 0,
  truncated: 0,
  slow: 0,
};

/** How long the way to the service takes: at least this, and mostly not much more. */
export interface Latency {
  readonly leastMs: number;
  /** Of what comes on top of it, which is spread exponentially. */
  readonly meanMoreMs: number;
}

/** What a proxy is made of. */
export interface ProxyOptions {
  /** All that is random is drawn from it: the nth request of the same path has the same lot in each run. */
  readonly seed: string;
  readonly latency: Latency;
}

/** Answers slowed down take so much longer. */
const slowMs = 200;

/** Of the answers 503 and 429, so many say how long to wait: a second, the least that `Retry-After` can say. */
const shareOfRetryAfter = 0.05;

function draw(random: Random, { leastMs, meanMoreMs }: Latency): number {
  return leastMs - Math.log(1 - random.next()) * meanMoreMs;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, loopback, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Connections of a server, so that all of them can be broken at once. */
function trackSockets(server: Server): { readonly breakAll: () => void } {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A broken connection is what this is for.
    socket.on('error', () => undefined);
  });
  return { breakAll: () => sockets.forEach((socket) => socket.resetAndDestroy()) };
}

function stop(server: Server, breakAll: () => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    breakAll();
  });
}

/** Stands before a plain HTTP service. */
export interface HttpProxy {
  readonly url: string;
  /** Requests that arrived here. */
  readonly requests: () => number;
  /** Faults that happened, by name. */
  readonly faults: () => Readonly<Record<string, number>>;
  readonly setFaults: (faults: Partial<HttpFaults>) => void;
  /** Refuses connections and breaks those there are, until it is back at the same port. */
  readonly setAway: (isAway: boolean) => Promise<void>;
  readonly close: () => Promise<void>;
}

const hopHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host', 'date']);

function endToEnd(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      hopHeaders.has(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  );
}

function refusalOf(status: 503 | 429, isToWait: boolean): WireAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...(isToWait && { 'retry-after': '1' }) },
    body: Buffer.from(JSON.stringify({ error_code: `PROXY.${status}`, error_msg: 'Not now.' })),
  };
}

const wireFaults: Readonly<Record<string, Fault>> = {
  resetMidAnswer: { kind: 'reset', at: 'midAnswer' },
  truncated: { kind: 'truncated' },
};

/**
 * Starts a proxy before a plain HTTP service.
 *
 * @param rewrite - changes answers on their way: the space plane names addresses of agents, which have proxies too
 */
export async function startHttpProxy(
  target: string,
  { seed, latency }: ProxyOptions,
  rewrite: (body: string) => string = (body) => body,
): Promise<HttpProxy> {
  const service = new Pool(target, { connections: 64 });
  const seen = new Map<string, number>();
  const happened: Record<string, number> = {};
  let faults = noHttpFaults;
  let requests = 0;

  const lotOf = (key: string): Random => {
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return new Random(`${seed} ${key} ${count}`);
  };

  const faultOf = (random: Random): keyof HttpFaults | 'none' => {
    const none = 1 - Object.values(faults).reduce<number>((sum, chance) => sum + (chance as number), 0);
    const fault = random.weighted<keyof HttpFaults | 'none'>({ none, ...faults });
    if (fault !== 'none') happened[fault] = (happened[fault] ?? 0) + 1;
    return fault;
  };

  const forward = async (request: IncomingMessage, body: Buffer): Promise<WireAnswer> => {
    const { statusCode, headers, ...answer } = await service.request({
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: endToEnd(request.headers),
      ...(body.byteLength > 0 && { body }),
    });
    return { status: statusCode, headers: endToEnd(headers), body: Buffer.from(rewrite(await answer.body.text())) };
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    const random = lotOf(`${request.method} ${request.url}`);
    const fault = faultOf(random);
    const body = await buffer(request);
    await wait(draw(random, latency));
    if (fault === 'resetBefore') return reset(response);
    if (fault === 'status503' || fault === 'status429')
      return send(response, refusalOf(fault === 'status503' ? 503 : 429, random.chance(shareOfRetryAfter)), undefined);
    const answer = await forward(request, body);
    if (fault === 'resetAfter') return reset(response);
    if (fault === 'slow') await wait(slowMs);
    if (!response.destroyed) send(response, answer, wireFaults[fault]);
  };

  const server = createHttpServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    // The caller went away, or the service did: the connection breaks here too.
    handle(request, response).catch(() => response.destroy());
  });
  const { breakAll } = trackSockets(server);
  const port = await listen(server, 0);

  return {
    url: `http://${loopback}:${port}`,
    requests: () => requests,
    faults: () => happened,
    setFaults: (changed) => void (faults = { ...noHttpFaults, ...changed }),
    setAway: async (isAway) => {
      if (isAway && server.listening) await stop(server, breakAll);
      else if (!isAway && !server.listening) await listen(server, port);
    },
    close: async () => {
      await stop(server, breakAll);
      await service.destroy();
    },
  };
}

/** Stands before an agent. It reads nothing: TLS goes from the gateway to the agent. */
export interface TcpProxy {
  /** Where it listens; moving changes it. */
  readonly port: () => number;
  readonly connections: () => number;
  /** Connections that were broken with a request on its way to the agent, which did not arrive. */
  readonly cutRequests: () => number;
  /** Connections that were broken with an answer on its way back. */
  readonly cutAnswers: () => number;
  /** Bytes from the gateway that were not passed on. */
  readonly swallowedBytes: () => number;
  /** How likely each piece of what passes is to break its connection. */
  readonly setResets: (chance: number) => void;
  /**
   * Takes connections and everything that comes, and answers nothing. At its end connections that hung are broken, or, with
   * `areLeft`, never answered.
   */
  readonly setHanging: (isHanging: boolean, areLeft?: boolean) => void;
  /** Refuses connections and breaks those there are, until it is back at the same port. */
  readonly setAway: (isAway: boolean) => Promise<void>;
  /** Listens at another port from now on, as after a failover. */
  readonly move: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What a client sends to agree on TLS comes in this many pieces; the requests come after them. */
const handshakePieces = 2;

/** Starts a proxy before an agent, wherever that listens at the moment. */
export async function startTcpProxy(targetPort: () => number, { seed, latency }: ProxyOptions): Promise<TcpProxy> {
  let resets = 0;
  let isHanging = false;
  let connections = 0;
  let cutRequests = 0;
  let cutAnswers = 0;
  let swallowedBytes = 0;

  const relay = (client: Socket): void => {
    connections += 1;
    const random = new Random(`${seed} ${connections}`);
    const agent = connect(targetPort(), loopback);
    const cut = (): void => {
      client.resetAndDestroy();
      agent.destroy();
    };
    let pieces = 0;
    let lastAt = 0;
    let isStuck = false;
    client.setNoDelay(true);
    agent.setNoDelay(true);
    client.on('data', (piece) => {
      isStuck ||= isHanging;
      if (isStuck) return void (swallowedBytes += piece.byteLength);
      pieces += 1;
      if (random.chance(resets)) {
        cutRequests += 1;
        return cut();
      }
      agent.write(piece);
    });
    agent.on('data', (piece) => {
      const isAnswer = pieces > handshakePieces;
      if (isAnswer && random.chance(resets)) {
        cutAnswers += 1;
        client.write(piece.subarray(0, Math.floor(piece.byteLength / 2)), cut);
        return;
      }
      // Pieces take their time, and none overtakes another.
      lastAt = Math.max(lastAt, performance.now() + (isAnswer ? draw(random, latency) : 0));
      setTimeout(() => {
        if (!isHanging && !client.destroyed) client.write(piece);
      }, lastAt - performance.now());
    });
    client.on('close', () => agent.destroy());
    agent.on('close', () => setTimeout(() => client.destroy(), Math.max(0, lastAt - performance.now())));
    agent.on('error', cut);
  };

  const open = async (asked: number) => {
    const server = createServer(relay);
    const { breakAll } = trackSockets(server);
    const port = await listen(server, asked);
    return { port, breakAll, server, stop: () => stop(server, breakAll) };
  };
  let listening = await open(0);

  return {
    port: () => listening.port,
    connections: () => connections,
    cutRequests: () => cutRequests,
    cutAnswers: () => cutAnswers,
    swallowedBytes: () => swallowedBytes,
    setResets: (chance) => void (resets = chance),
    setHanging: (asked, areLeft = false) => {
      // What was swallowed is lost: connections that hung can't go on.
      if (isHanging && !asked && !areLeft) listening.breakAll();
      isHanging = asked;
    },
    setAway: async (isAway) => {
      if (isAway && listening.server.listening) await listening.stop();
      else if (!isAway && !listening.server.listening) listening = await open(listening.port);
    },
    move: async () => {
      const before = listening;
      listening = await open(0);
      await before.stop();
    },
    close: () => listening.stop(),
  };
}
