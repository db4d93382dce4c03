import { createHash } from 'node:crypto';
import type { Clients } from '../../src/shared/redis/connect.ts';
import { SimulatedRedis, type Reply } from './simulatedRedis.ts';

/** A process that can be stopped, as by SIGSTOP, or killed. */
export class Host {
  isDead = false;
  isStopped = false;
  /** What was due while it was stopped. */
  readonly held: Due[] = [];
}

interface Due {
  atMs: number;
  readonly host: Host;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Numbers between 0 and 1 that a seed decides (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Lets everything happen that waits for nothing but its turn. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The time of several hosts within this process. It passes only when a test says so. */
export class SimulatedTime {
  nowMs = 1_000_000;
  #due: Due[] = [];
  /** Whose code runs. */
  host = new Host();

  /** Simulates timers and clocks of this process, until the returned function is called. */
  install(): () => void {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
    const now = performance.now.bind(performance);
    const set = (run: () => void, ms = 0) => {
      const due = this.after(ms, this.host, run);
      const timer = { due, unref: () => timer };
      return timer;
    };
    const clear = (timer?: { due: Due }) => {
      if (timer) timer.due.isCancelled = true;
    };
    const repeat = (run: () => void, ms: number) => {
      const again = (): void => {
        timer.due = this.after(ms, timer.due.host, again);
        run();
      };
      const timer = set(again, ms);
      return timer;
    };
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear, setInterval: repeat, clearInterval: clear });
    performance.now = () => this.nowMs;
    return () => {
      Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
      performance.now = now;
    };
  }

  after(ms: number, host: Host, run: () => void): Due {
    return this.at(this.nowMs + ms, host, run);
  }

  at(atMs: number, host: Host, run: () => void): Due {
    return this.#insert({ atMs, host, run, isCancelled: false });
  }

  /** Runs code of a host, and what follows from it at once. */
  async as(host: Host, run: () => unknown): Promise<void> {
    const before = this.host;
    this.host = host;
    run();
    await settle();
    this.host = before;
  }

  /** Lets time pass, and everything happen that happens in it, until it is so. */
  async advance(ms: number, isOver: () => boolean = () => false): Promise<void> {
    const endMs = this.nowMs + ms;
    while ((this.#due[0]?.atMs ?? Infinity) <= endMs) {
      const due = this.#due.shift() as Due;
      if (due.isCancelled || due.host.isDead) continue;
      if (due.host.isStopped) {
        due.host.held.push(due);
        continue;
      }
      this.nowMs = Math.max(this.nowMs, due.atMs);
      await this.as(due.host, due.run);
      if (isOver()) return;
    }
    this.nowMs = endMs;
  }

  resume(host: Host): void {
    host.isStopped = false;
    for (const due of host.held.splice(0)) this.#insert(Object.assign(due, { atMs: this.nowMs }));
  }

  #insert(due: Due): Due {
    // Of those at the same time, the first comes first.
    let place = this.#due.length;
    while (place > 0 && (this.#due[place - 1]?.atMs ?? 0) > due.atMs) place -= 1;
    this.#due.splice(place, 0, due);
    return due;
  }
}

export type Word = string | number;

/** The commands that replicas send besides scripts, as methods of ioredis. */
export function plainCommands(call: (name: string, words: readonly Word[]) => Promise<unknown>) {
  const send =
    (name: string) =>
    (...words: Word[]) =>
      call(name, words);
  return {
    get: send('GET'),
    getrange: send('GETRANGE'),
    hdel: send('HDEL'),
    publish: send('PUBLISH'),
    zrange: send('ZRANGE'),
    zrem: send('ZREM'),
    hgetall: async (key: string) => {
      const flat = (await send('HGETALL')(key)) as string[];
      return Object.fromEntries(flat.flatMap((field, index) => (index % 2 === 0 ? [[field, flat[index + 1]]] : [])));
    },
  };
}

class ReplyError extends Error {
  override readonly name = 'ReplyError';
}

/** One connection between a client and the server. What is sent arrives in order, or not at all. */
class Link {
  status: 'ready' | 'reconnecting' = 'reconnecting';
  isLossy = false;
  heldUntilMs = 0;
  readonly channels = new Set<string>();
  readonly #network: SimulatedNetwork;
  readonly #host: Host;
  readonly #onReady: (() => void)[] = [];
  readonly #onMessage: ((channel: string, message: string) => void)[] = [];
  readonly #pending = new Set<(error: Error) => void>();
  /** What was sent before the last loss of the connection is not listened to. */
  #life = 0;
  #sentUntilMs = 0;
  #receivedUntilMs = 0;

  constructor(network: SimulatedNetwork, host: Host) {
    this.#network = network;
    this.#host = host;
  }

  on(event: string, listener: (...values: string[]) => void): void {
    if (event === 'ready') this.#onReady.push(listener);
    if (event === 'message') this.#onMessage.push(listener);
  }

  once(event: string, listener: () => void): void {
    let isFirst = true;
    this.on(event, () => {
      if (isFirst) listener();
      isFirst = false;
    });
  }

  connect(): Promise<void> {
    const { time, random, server } = this.#network;
    const life = this.#life;
    time.after(20 + Math.floor(random() * 100), this.#host, () => {
      if (life !== this.#life) return;
      if (server.isDead) return void this.connect();
      this.status = 'ready';
      this.#onReady.forEach((listener) => listener());
    });
    return Promise.resolve();
  }

  /** What is on its way may be lost. */
  reset(): void {
    if (this.status !== 'ready') return;
    this.status = 'reconnecting';
    this.#life += 1;
    this.channels.clear();
    for (const reject of this.#pending) reject(new Error('Connection is closed.'));
    this.#pending.clear();
    void this.connect();
  }

  disconnect(): void {
    this.reset();
  }

  send(run: () => Reply): Promise<Reply> {
    if (this.status !== 'ready') return Promise.reject(new Error("Stream isn't writeable"));
    const { time, random, server } = this.#network;
    const life = this.#life;
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      const finish = (end: () => void): void =>
        this.#receive(() => {
          if (life !== this.#life || !this.#pending.delete(reject)) return;
          end();
        });
      this.#sentUntilMs = Math.max(this.#sentUntilMs, this.heldUntilMs, time.nowMs + this.#network.delayMs());
      time.at(this.#sentUntilMs, server, () => {
        if (life !== this.#life && random() < 0.5) return;
        try {
          const reply = run();
          finish(() => resolve(reply));
        } catch (error) {
          finish(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
      });
    });
  }

  receiveMessage(channel: string, message: string): void {
    if (!this.channels.has(channel) || (this.isLossy && this.#network.random() < 0.3)) return;
    const life = this.#life;
    this.#receive(() => {
      if (life === this.#life) this.#onMessage.forEach((listener) => listener(channel, message));
    });
  }

  #receive(run: () => void): void {
    const { time } = this.#network;
    this.#receivedUntilMs = Math.max(this.#receivedUntilMs, this.heldUntilMs, time.nowMs + this.#network.delayMs());
    time.at(this.#receivedUntilMs, this.#host, run);
  }
}

/** The two connections of a replica. */
export interface Links {
  readonly commands: Link;
  readonly messages: Link;
  /** As the client of Redis offers them. */
  readonly clients: Clients;
}

/** A server, and connections to it. */
export class SimulatedNetwork {
  readonly time: SimulatedTime;
  readonly random: () => number;
  readonly redis: SimulatedRedis;
  server = new Host();
  readonly #links: Link[] = [];
  readonly #scripts = new Map<string, string>();

  constructor(time: SimulatedTime, random: () => number) {
    this.time = time;
    this.random = random;
    this.redis = new SimulatedRedis(
      () => 1_700_000_000_000 + this.time.nowMs,
      (channel, message) => this.#links.forEach((link) => link.receiveMessage(channel, message)),
    );
  }

  delayMs(): number {
    return this.random() < 0.03 ? Math.floor(this.random() * 300) : 1 + Math.floor(this.random() * 4);
  }

  /** The server is gone, with all that it had; another one takes its place. */
  async restart(afterMs: number): Promise<void> {
    this.server.isDead = true;
    this.redis.flush();
    this.#scripts.clear();
    this.#links.forEach((link) => link.reset());
    await this.time.advance(afterMs);
    this.server = new Host();
  }

  connect(host: Host): Links {
    const [commands, messages] = [new Link(this, host), new Link(this, host)];
    this.#links.push(commands, messages);
    const clients = {
      commands: Object.assign(commands, this.#commandsOf(commands)),
      messages: Object.assign(messages, {
        subscribe: (...channels: string[]) =>
          messages.send(() => {
            channels.forEach((channel) => messages.channels.add(channel));
            return channels.length;
          }),
        unsubscribe: (channel: string) => messages.send(() => (messages.channels.delete(channel) ? 1 : 0)),
      }),
    };
    return { commands, messages, clients: clients as unknown as Clients };
  }

  #commandsOf(link: Link) {
    const { redis } = this;
    const run = (lua: string, keyCount: number, words: readonly Word[]): Reply =>
      redis.eval(lua, words.slice(0, keyCount).map(String), words.slice(keyCount));
    return {
      ...plainCommands((name, words) => link.send(() => redis.call(name, ...words))),
      eval: (lua: string, keyCount: number, ...words: Word[]) =>
        link.send(() => {
          this.#scripts.set(createHash('sha1').update(lua).digest('hex'), lua);
          return run(lua, keyCount, words);
        }),
      evalsha: (sha1: string, keyCount: number, ...words: Word[]) =>
        link.send(() => {
          const lua = this.#scripts.get(sha1);
          if (lua === undefined) throw new ReplyError('NOSCRIPT No matching script.');
          return run(lua, keyCount, words);
        }),
    };
  }
}
