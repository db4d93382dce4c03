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
  // The server answered: what was asked for was refused.
  return error.name === 'ReplyError' && !/^(LOADING|CLUSTERDOWN|MASTERDOWN|NOAUTH)\b/.test(error.message)
    ? undefined
    : 'UNREACHABLE';
}

/**
 * A connection for commands and one for messages. A command has one deadline. After one that fails nothing is sent but the
 * probes of {@link RedisConnection.probe}, until one of them succeeds: whoever asks meanwhile knows at once that there is no answer.
 */
export class RedisConnection {
  readonly #client: CommandClient;
  readonly #subscriber: Redis;
  readonly #timeoutMs: number;
  readonly #tag: string;
  /** False where messages of the channel don't come. */
  readonly #subscriptions = new Map<string, Promise<boolean>>();
  readonly #listeners = new Map<string, Set<(message: string) => void>>();
  readonly #onReturn = new Set<() => void>();
  readonly #onHealth = new Set<() => void>();
  #awayReason: AwayReason | undefined = 'UNREACHABLE';
  #commands = 0;
  #failures = 0;

  private constructor({ commands: client, messages: subscriber }: Clients, { timeoutMs, prefix }: RedisConfig) {
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

  /** The reply, or undefined where there is none within the deadline. */
  async run<Reply>(command: (client: CommandClient) => Promise<Reply>): Promise<Reply | undefined> {
    return this.#awayReason === undefined ? this.#attempt(command) : undefined;
  }

  /** Runs a script; see {@link run}. */
  async eval(of: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.run((client) => evaluate(client, of, keys, args));
  }

  /** Runs a script, whether there was an answer to the last command or not. */
  async probe(of: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const wasAway = this.#awayReason !== undefined;
    const reply = await this.#attempt((client) => evaluate(client, of, keys, args), 'UNREACHABLE');
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

  /** Resolves once both are connected, or after so long. */
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

  /** True once messages of a channel come; false where they don't, by the deadline. */
  async subscribed(channel: string): Promise<boolean> {
    return within(this.#subscriptions.get(channel) ?? Promise.resolve(false), this.#timeoutMs, () => false);
  }

  /** Connects anew for messages, where they don't come though the connection stands. */
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

  /** @param refused - what it means when the command itself was refused */
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
