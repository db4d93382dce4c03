import { createConnection, type Socket } from 'node:net';
import { connect as connectOverTls } from 'node:tls';
import type { AbstractConnector, Cluster, Redis, RedisOptions } from 'ioredis';
import type { RedisConfig } from '../../config/config.ts';

/** Answers commands. */
export type CommandClient = Redis | Cluster;

/** The two connections of a replica. Both come back by themselves. */
export interface Clients {
  readonly commands: CommandClient;
  /** Says `ready` each time it is connected: what was published before may not have come. */
  readonly messages: Redis;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

const longestReconnectMs = 1_000;

/** Long enough for a handshake over TLS. */
const connectTimeoutMs = 2_000;

/** A server that sends nothing for so long is connected to anew: another one may have taken its place. */
const silentMs = 3_000;

/** A server that is left has so long to say goodbye. */
const disconnectTimeoutMs = 250;

function reconnectAfter(attempt: number): number {
  return Math.min(50 * attempt, longestReconnectMs);
}

function addressOf(url: string): Address {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
}

function optionsOf({ url, tls }: RedisConfig): RedisOptions {
  const { username, password, pathname, protocol } = new URL(typeof url === 'string' ? url : (url[0] ?? ''));
  return {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectTimeoutMs,
    socketTimeout: silentMs,
    disconnectTimeout: disconnectTimeoutMs,
    retryStrategy: reconnectAfter,
    // After a failover the master is another one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(/^\/\d+$/.test(pathname) && { db: Number(pathname.slice(1)) }),
    ...(protocol === 'rediss:' && { tls: { ca: tls?.ca, cert: tls?.certificate, key: tls?.key } }),
  };
}

/**
 * A connection to one node of a cluster, each time to another one. That of `Cluster` moves without a word: nobody would know what
 * it has missed.
 */
function connectToNodes(
  library: { readonly Redis: typeof Redis; readonly AbstractConnector: typeof AbstractConnector },
  options: RedisOptions,
  nodes: () => readonly Address[],
): Redis {
  class NodeConnector extends library.AbstractConnector {
    connect(): Promise<Socket> {
      const known = nodes();
      const address = known[Math.floor(Math.random() * known.length)] as Address;
      const stream = options.tls ? connectOverTls({ ...options.tls, ...address }) : createConnection(address);
      stream.once('error', (error: Error) => {
        this.firstError = error;
      });
      this.connecting = true;
      this.stream = stream;
      return Promise.resolve(stream);
    }
  }
  return new library.Redis({
    ...options,
    Connector: NodeConnector as unknown as NonNullable<RedisOptions['Connector']>,
  });
}

/** Makes the connections of one replica, to a server, a master that sentinels name, or a cluster. */
export async function connect(config: RedisConfig): Promise<Clients> {
  const library = await import('ioredis');
  const addresses = (typeof config.url === 'string' ? [config.url] : config.url).map(addressOf);
  const options = optionsOf(config);
  const { sentinel, sentinelPassword, cluster } = config;
  if (cluster) {
    const commands = new library.Cluster([...addresses], {
      lazyConnect: true,
      enableOfflineQueue: false,
      redisOptions: options,
      clusterRetryStrategy: reconnectAfter,
    });
    const nodes = (): readonly Address[] => {
      const known = commands.nodes().map(({ options: { host = '', port = 0 } }) => ({ host, port }));
      return known.length > 0 ? known : addresses;
    };
    return { commands, messages: connectToNodes(library, options, nodes) };
  }
  const all: RedisOptions =
    sentinel === undefined
      ? { ...options, ...addresses[0] }
      : {
          ...options,
          name: sentinel,
          sentinels: [...addresses],
          sentinelRetryStrategy: reconnectAfter,
          sentinelCommandTimeout: connectTimeoutMs,
          ...(sentinelPassword !== undefined && { sentinelPassword }),
          ...(options.tls && { sentinelTLS: options.tls, enableTLSForSentinelMode: true }),
        };
  return { commands: new library.Redis(all), messages: new library.Redis(all) };
}
