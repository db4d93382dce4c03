import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { RedisConfig } from '../../config/config.ts';
import { within } from '../../time.ts';
import type { AwayReason } from '../health.ts';
import { connect, type Clients, type CommandClient } from './connect.ts';

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

type Argument = string | number;

class Late extends Error {}

function reasonOf(error: unknown): AwayReason | undefined {
  if (error instanceof Late) return 'SLOW';
  if (!(error instanceof Error)) return 'UNREACHABLE';
  if (/^(READONLY|MISCONF|NOREPLICAS|OOM)\b/.test(error.message)) return 'READ_ONLY';
  // The server answered: it refused the command.
  return error.name === 'ReplyError' && !/^(LOADING|CLUSTERDOWN|MASTERDOWN|NOAUTH)\b/.test(error.message)
    ? undefined
    : 'UNREACHABLE';
}

/**
 * One connection for commands and one for messages. Each command has a deadline. After a failure only the probes of
 * {@link RedisConnection.probe} are sent until one succeeds; other commands fail at once meanwhile.
 */
export class RedisConnection {
  readonly #client: CommandClient;
  readonly #subscriber: Redis;
  readonly #timeoutMs: number;
  readonly #tag: string;
  /** False for channels whose messages do not arrive. */
  readonly #subscriptions = new Map<string, Promise<boolean>>();
  readonly #listeners = new Map<string, Set<(message: string) => void>>();
  readonly #onReturn = new Set<() => void>();
  readonly #onHealth = new Set<() => void>();
  #awayReason: AwayReason | undefined = 'UNREACHABLE';
  #commands = 0;
  #failures = 0;

  constructor(
    { commands: client, messages: subscriber }: Clients,
    { timeoutMs, prefix }: Pick<RedisConfig, 'timeoutMs' | 'prefix'>,
  ) {
    this.#client = client;
    this.#subscriber = subscriber;
    this.#timeoutMs = timeoutMs;
    // The braces put all keys into one slot of a cluster: scripts take several keys.
    this.#tag = `{${prefix}}`;
    for (const one of [client, subscriber]) {
      // Failures are reported by each command. Without a listener the process would exit.
      one.on('error', () => undefined);
      void one.connect().catch(() => undefined);
    }
    subscriber.on('message', (channel: string, message: string) =>
      this.#listeners.get(channel)?.forEach((listener) => listener(message)),
    );
    // Messages published meanwhile were missed.
    subscriber.on('ready', () => this.#returned());
  }

  static async open(config: RedisConfig): Promise<RedisConnection> {
    return new RedisConnection(await connect(config), config);
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

  /** Sends a command. Undefined without a reply within the deadline. */
  async run<Reply>(command: (client: CommandClient) => Promise<Reply>): Promise<Reply | undefined> {
    return this.#awayReason === undefined ? this.#attempt(command) : undefined;
  }

  /** Runs a script; see {@link run}. */
  async eval(of: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.run((client) => evaluate(client, of, keys, args));
  }

  /** Runs a script even while the server counts as unreachable. */
  async probe(of: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const reply = await this.#attempt((client) => evaluate(client, of, keys, args), 'UNREACHABLE');
    if (reply === undefined) return undefined;
    // Another command may have failed meanwhile.
    const wasAway = this.#awayReason !== undefined;
    this.#setAway(undefined);
    if (wasAway) this.#returned();
    return reply;
  }

  /** Calls back when the server answers again, or messages may have been missed. */
  onReturn(listener: () => void): void {
    this.#onReturn.add(listener);
  }

  /** Calls back when the server stops answering, and when it answers again. */
  onHealth(listener: () => void): void {
    this.#onHealth.add(listener);
  }

  /** Resolves once both are connected, or after a time. */
  async connected(withinMs: number): Promise<void> {
    const ready = [this.#client, this.#subscriber]
      .filter(({ status }) => status !== 'ready')
      .map((one) => new Promise<void>((resolve) => one.once('ready', resolve)));
    await within(Promise.all(ready), withinMs, () => undefined);
  }

  /** Calls back with each message of a channel, until the returned function is called. */
  subscribe(channel: string, listener: (message: string) => void): () => void {
    const listeners = this.#listeners.get(channel) ?? new Set();
    if (listeners.size === 0) void this.#subscribe([channel]);
    this.#listeners.set(channel, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || !this.#listeners.delete(channel)) return;
      this.#subscriptions.delete(channel);
      void this.#subscriber.unsubscribe(channel).catch(() => undefined);
    };
  }

  /** Resolves to true once the channel is subscribed, to false at the deadline. */
  async subscribed(channel: string): Promise<boolean> {
    return within(this.#subscriptions.get(channel) ?? Promise.resolve(false), this.#timeoutMs, () => false);
  }

  /** Reconnects the connection for messages when they stop arriving though it is open. */
  renewMessages(): void {
    if (this.#subscriber.status === 'ready') this.#subscriber.disconnect(true);
  }

  close(): void {
    this.#onReturn.clear();
    this.#onHealth.clear();
    this.#awayReason = 'UNREACHABLE';
    this.#client.disconnect();
    this.#subscriber.disconnect();
  }

  /** @param refused - the result when the server refuses the command itself */
  async #attempt<Reply>(
    command: (client: CommandClient) => Promise<Reply>,
    refused?: AwayReason,
  ): Promise<Reply | undefined> {
    this.#commands += 1;
    try {
      return await within(command(this.#client), this.#timeoutMs, () => {
        throw new Late();
      });
    } catch (error) {
      this.#failures += 1;
      this.#setAway(reasonOf(error) ?? refused ?? this.#awayReason);
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
    const subscribed = channels.length === 0 ? Promise.resolve(true) : this.#subscribe(channels);
    void subscribed.then(() => this.#onReturn.forEach((listener) => listener()));
  }

  #subscribe(channels: readonly string[]): Promise<boolean> {
    const subscribed = this.#subscriber.subscribe(...channels).then(
      () => true,
      () => false,
    );
    for (const channel of channels) this.#subscriptions.set(channel, subscribed);
    return subscribed;
  }
}

async function evaluate(
  client: CommandClient,
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
