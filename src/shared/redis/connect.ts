import { createConnection, type Socket } from 'node:net';
import { connect as connectOverTls } from 'node:tls';
import type { AbstractConnector, Cluster, Redis, RedisOptions } from 'ioredis';
import type { RedisConfig } from '../../config/config.ts';

/** A client that sends commands. */
export type CommandClient = Redis | Cluster;

/** The two connections of a replica. Both reconnect by themselves. */
export interface Clients {
  readonly commands: CommandClient;
  /** Emits `ready` on each (re)connection: messages published before may be lost. */
  readonly messages: Redis;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

const maxReconnectMs = 1_000;

/** Long enough for a handshake over TLS. */
const connectTimeoutMs = 2_000;

/** A silent server is reconnected after this time: a failover may have replaced it. */
const silentMs = 3_000;

/** Longest wait for a connection to close. */
const disconnectTimeoutMs = 250;

function reconnectAfter(attempt: number): number {
  return Math.min(50 * attempt, maxReconnectMs);
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
    // It would leave a rejection unhandled, which ends the process, where the connection is gone again: we subscribe ourselves.
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectTimeoutMs,
    socketTimeout: silentMs,
    disconnectTimeout: disconnectTimeoutMs,
    retryStrategy: reconnectAfter,
    // The master may have changed.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(/^\/\d+$/.test(pathname) && { db: Number(pathname.slice(1)) }),
    ...(protocol === 'rediss:' && { tls: { ca: tls?.ca, cert: tls?.certificate, key: tls?.key } }),
  };
}

/**
 * Connects to one node of a cluster, to another one each time. `Cluster`'s own subscriber moves between nodes without an event, so
 * that missed messages would go unnoticed.
 */
function connectToNodes(
  library: { readonly Redis: typeof Redis; readonly AbstractConnector: typeof AbstractConnector },
  options: RedisOptions,
  nodes: () => readonly Address[],
): Redis {
  class NodeConnector extends library.AbstractConnector {
    constructor() {
      super(disconnectTimeoutMs);
    }

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
    Connector: NodeConnector,
  });
}

/** Opens the connections of one replica: to a server, a master named by sentinels, or a cluster. */
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
