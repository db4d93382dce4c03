import { createHash } from 'node:crypto';
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import type { RedisConfig } from '../../config/config.ts';
import { within } from '../../time.ts';
import type { AwayReason } from '../health.ts';

/** A Lua script, which runs as one step. */
export interface Script {
  readonly lua: string;
  readonly sha1: string;
}

export function script(lua: string): Script {
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

/** Milliseconds since 1970 by the clock of the server: replicas' clocks differ. */
export const nowInLua = `
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
`;

type Client = Redis | Cluster;
type Argument = string | number;

const longestReconnectMs = 1_000;

/** Long enough for a handshake over TLS. */
const connectTimeoutMs = 2_000;

class Late extends Error {}

function reasonOf(error: unknown): AwayReason | undefined {
  if (error instanceof Late) return 'SLOW';
  if (!(error instanceof Error)) return 'UNREACHABLE';
  if (/^(READONLY|MISCONF|NOREPLICAS|OOM)\b/.test(error.message)) return 'READ_ONLY';
  // The server answered: what was asked for was refused.
  return error.name === 'ReplyError' && !/^(LOADING|CLUSTERDOWN|MASTERDOWN|NOAUTH)\b/.test(error.message)
    ? undefined
    : 'UNREACHABLE';
}

function hostOf(url: string) {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
}

/** Connects, for commands or for messages. */
async function connect({ url, sentinel, cluster }: RedisConfig): Promise<Client> {
  const library = await import('ioredis');
  const urls = typeof url === 'string' ? [url] : url;
  const [first = ''] = urls;
  const { username, password, pathname, protocol, hostname } = new URL(first);
  const options: RedisOptions = {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectTimeoutMs,
    retryStrategy: (attempt) => Math.min(50 * attempt, longestReconnectMs),
    // After a failover the master is another one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(/^\/\d+$/.test(pathname) && { db: Number(pathname.slice(1)) }),
    ...(protocol === 'rediss:' && { tls: sentinel === undefined && !cluster ? { servername: hostname } : {} }),
  };
  if (cluster)
    return new library.Cluster(urls.map(hostOf), {
      lazyConnect: true,
      enableOfflineQueue: false,
      redisOptions: options,
      clusterRetryStrategy: (attempt) => Math.min(50 * attempt, longestReconnectMs),
    });
  if (sentinel === undefined) return new library.Redis({ ...options, ...hostOf(first) });
  return new library.Redis({
    ...options,
    name: sentinel,
    sentinels: urls.map(hostOf),
    sentinelRetryStrategy: (attempt) => Math.min(50 * attempt, longestReconnectMs),
    ...(options.tls && { sentinelTLS: options.tls, enableTLSForSentinelMode: true }),
  });
}

/**
 * A connection for commands and one for messages. A command has one deadline. After one that fails nothing is sent but the
 * probes of {@link RedisConnection.probe}, until one of them succeeds: whoever asks meanwhile knows at once that there is no answer.
 */
export class RedisConnection {
  readonly #client: Client;
  readonly #subscriber: Client;
  readonly #timeoutMs: number;
  readonly #tag: string;
  readonly #subscriptions = new Map<string, Promise<unknown>>();
  readonly #listeners = new Map<string, Set<(message: string) => void>>();
  readonly #onReturn = new Set<() => void>();
  readonly #onHealth = new Set<() => void>();
  #awayReason: AwayReason | undefined = 'UNREACHABLE';
  #commands = 0;
  #failures = 0;

  private constructor(client: Client, subscriber: Client, { timeoutMs, prefix }: RedisConfig) {
    this.#client = client;
    this.#subscriber = subscriber;
    this.#timeoutMs = timeoutMs;
    // One slot of a cluster: scripts take several keys.
    this.#tag = `{${prefix}}`;
    for (const one of [client, subscriber]) {
      // What fails is told by the command. Without a listener the process would end.
      one.on('error', () => undefined);
      void one.connect().catch(() => undefined);
    }
    subscriber.on('message', (channel: string, message: string) =>
      this.#listeners.get(channel)?.forEach((listener) => listener(message)),
    );
    // What was published meanwhile did not come.
    subscriber.on('ready', () => this.#returned());
  }

  static async open(config: RedisConfig): Promise<RedisConnection> {
    return new RedisConnection(await connect(config), await connect(config), config);
  }

  get awayReason(): AwayReason | undefined {
    return this.#awayReason;
  }

  get figures(): { readonly commands: number; readonly failures: number } {
    return { commands: this.#commands, failures: this.#failures };
  }

  /** The name of a key or channel. */
  key(...parts: readonly string[]): string {
    return [this.#tag, ...parts].join(':');
  }

  /** The reply, or undefined where there is none within the deadline. */
  async run<Reply>(command: (client: Client) => Promise<Reply>): Promise<Reply | undefined> {
    return this.#awayReason === undefined ? this.#attempt(command) : undefined;
  }

  /** Runs a script; see {@link run}. */
  async eval(of: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.run((client) => evaluate(client, of, keys, args));
  }

  /** Runs a script, whether there was an answer to the last command or not. */
  async probe(of: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const wasAway = this.#awayReason !== undefined;
    const reply = await this.#attempt((client) => evaluate(client, of, keys, args));
    if (reply === undefined) return undefined;
    this.#setAway(undefined);
    if (wasAway) this.#returned();
    return reply;
  }

  /** Calls back when commands are answered again, or messages may have been missed. */
  onReturn(listener: () => void): void {
    this.#onReturn.add(listener);
  }

  /** Calls back when commands are answered no more, and when they are again. */
  onHealth(listener: () => void): void {
    this.#onHealth.add(listener);
  }

  /** Resolves once it is connected, or after so long. */
  async connected(withinMs: number): Promise<void> {
    if (this.#client.status === 'ready') return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#client.once('ready', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Calls back with each message of a channel, until the returned function is called. */
  subscribe(channel: string, listener: (message: string) => void): () => void {
    const listeners = this.#listeners.get(channel) ?? new Set();
    if (listeners.size === 0)
      this.#subscriptions.set(
        channel,
        this.#subscriber.subscribe(channel).catch(() => undefined),
      );
    this.#listeners.set(channel, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || !this.#listeners.delete(channel)) return;
      this.#subscriptions.delete(channel);
      void this.#subscriber.unsubscribe(channel).catch(() => undefined);
    };
  }

  /** Resolves when messages of a channel come, or after the deadline. */
  async subscribed(channel: string): Promise<void> {
    await within(Promise.resolve(this.#subscriptions.get(channel)), this.#timeoutMs, () => undefined);
  }

  close(): void {
    this.#onReturn.clear();
    this.#onHealth.clear();
    this.#awayReason = 'UNREACHABLE';
    this.#client.disconnect();
    this.#subscriber.disconnect();
  }

  async #attempt<Reply>(command: (client: Client) => Promise<Reply>): Promise<Reply | undefined> {
    this.#commands += 1;
    try {
      return await within(command(this.#client), this.#timeoutMs, () => {
        throw new Late();
      });
    } catch (error) {
      this.#failures += 1;
      this.#setAway(reasonOf(error) ?? this.#awayReason);
      return undefined;
    }
  }

  #setAway(reason: AwayReason | undefined): void {
    const before = this.#awayReason;
    this.#awayReason = reason;
    if (before !== reason) this.#onHealth.forEach((listener) => listener());
  }

  #returned(): void {
    const channels = [...this.#listeners.keys()];
    const subscribed = channels.length === 0 ? undefined : this.#subscriber.subscribe(...channels);
    void Promise.resolve(subscribed)
      .catch(() => undefined)
      .then(() => this.#onReturn.forEach((listener) => listener()));
  }
}

async function evaluate(
  client: Client,
  { lua, sha1 }: Script,
  keys: readonly string[],
  args: readonly Argument[],
): Promise<unknown> {
  try {
    return await client.evalsha(sha1, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return client.eval(lua, keys.length, ...keys, ...args);
  }
}
