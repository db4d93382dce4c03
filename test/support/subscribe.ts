import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startServer, type GatewayServer, type ServerOptions } from '../../src/server/server.ts';
import type { GatewayDependencies } from '../../src/gateway/gateway.ts';
import type { Sandbox } from '../../src/sandbox/start.ts';
import { configFor, gatewayFor, type GraphQLAnswer } from './gateway.ts';

/** Short poll intervals, so that tests wait for events only. */
export const quick: NonNullable<GatewayDependencies['watching']> = {
  intervals: {
    quickMs: 40,
    slowestMs: 40,
    agentQuickMs: 40,
    agentSlowestMs: 40,
    jitter: 0,
    pollsPerSecond: 1_000,
    longestPauseMs: 40,
  },
};

/** Starts a gateway with short poll intervals before an embedded TICS. */
export function serve(
  sandbox: Sandbox,
  dependencies: Partial<GatewayDependencies> = {},
  options: Partial<ServerOptions> = {},
): Promise<GatewayServer> {
  return startServer(gatewayFor(configFor(sandbox), { watching: quick, ...dependencies }), {
    host: '127.0.0.1',
    port: 0,
    ...options,
  });
}

/** An operation as clients send it. */
export interface Operation {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Record<string, unknown>;
}

/** The answers to one operation as they come. */
export interface Answers<Data> {
  /** The next answer; undefined when the stream is complete. */
  readonly next: () => Promise<GraphQLAnswer<Data> | undefined>;
  /** Leaves. */
  readonly leave: () => Promise<unknown>;
}

/** One transport's own client. */
export interface Client {
  readonly ask: <Data>(operation: Operation) => Answers<Data>;
  readonly close: () => void;
}

function answersOf<Data>(results: AsyncIterableIterator<unknown>): Answers<Data> {
  return {
    next: async () => {
      const { done, value } = (await results.next()) as IteratorResult<GraphQLAnswer<Data>, unknown>;
      return done === true ? undefined : value;
    },
    leave: async () => results.return?.(),
  };
}

/** Headers of each request, or of a socket's upgrade. */
type Headers = Readonly<Record<string, string>>;

/** graphql-ws's own client. */
export function overWebSocket(url: string, headers: Headers = {}): Client {
  const client = createSocketClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: class extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { headers });
      }
    },
    retryAttempts: 0,
  });
  return { ask: (operation) => answersOf(client.iterate(operation)), close: () => void client.dispose() };
}

/** graphql-sse's own client, with a connection for each operation. */
export function overEvents(url: string, headers: Headers = {}): Client {
  const client = createSseClient({ url: `${url}/graphql`, headers, singleConnection: false, retryAttempts: 0 });
  return { ask: (operation) => answersOf(client.iterate(operation)), close: () => client.dispose() };
}

/** Both transports, for suites that run over each. */
export const transports = [
  ['WebSocket', overWebSocket],
  ['server-sent events', overEvents],
] as const;

/** All answers to the end of a stream. */
export async function toEnd<Data>({ next }: Answers<Data>): Promise<readonly GraphQLAnswer<Data>[]> {
  const answers: GraphQLAnswer<Data>[] = [];
  for (let answer = await next(); answer !== undefined; answer = await next()) answers.push(answer);
  return answers;
}
