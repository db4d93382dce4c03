import { randomBytes } from 'node:crypto';
import type { RedisConnection } from './connection.ts';
import { nowInLua, script } from './connection.ts';

/** How often a replica says that it is alive. */
export const heartbeatMs = 300;

/** A replica that has said nothing for so long is dead: its leases are anyone's. */
export const aliveMs = 1_000;

/** Not within the time that a message takes: its leases end for itself before they end for others. */
const marginMs = 100;

/** So many heartbeats are answered and not heard before messages count as lost. */
const mostUnheard = 5;

const beat = script(`${nowInLua}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', nowMs)
local isNew = redis.call('ZADD', KEYS[1], nowMs + tonumber(ARGV[2]), ARGV[1])
redis.call('PEXPIRE', KEYS[1], 60000)
redis.call('PUBLISH', ARGV[3], '')
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {isNew, first[2] - nowMs, unpack(redis.call('ZRANGE', KEYS[1], 0, -1))}
`);

/** The replicas that are alive, this one among them. */
export class Replicas {
  readonly #connection: RedisConnection;
  readonly #assumed: number;
  readonly #timer: NodeJS.Timeout;
  readonly #onLost = new Set<() => void>();
  readonly #onBeat = new Set<() => void>();
  /** Only this replica hears it. */
  readonly #echo: string;
  #unheard = 0;
  #id = newId();
  #ids: readonly string[] = [];
  #aliveUntilMs = -Infinity;
  #early: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;

  /** @param assumed - how many there are before they could be counted */
  constructor(connection: RedisConnection, assumed: number) {
    this.#connection = connection;
    this.#assumed = assumed;
    this.#echo = connection.key('replicas', newId());
    connection.subscribe(this.#echo, () => {
      this.#unheard = 0;
    });
    this.#timer = setInterval(() => void this.beat(), heartbeatMs).unref();
  }

  /** Names this replica. Another one after it was taken for dead. */
  get id(): string {
    return this.#id;
  }

  /** Where this replica's entry is kept. */
  get key(): string {
    return this.#connection.key('replicas');
  }

  /** Nobody can have taken it for dead. */
  get isAlive(): boolean {
    return performance.now() < this.#aliveUntilMs;
  }

  isDead(id: string): boolean {
    return !this.#ids.includes(id);
  }

  /** How many there are, as far as is known, and the place of this one among them. */
  get share(): { readonly replicas: number; readonly rank: number } {
    const place = this.#ids.indexOf(this.#id);
    if (place >= 0) return { replicas: this.#ids.length, rank: place };
    const replicas = Math.max(this.#assumed, this.#ids.length);
    return { replicas, rank: parseInt(this.#id.slice(0, 8), 16) % replicas };
  }

  /** Names of those that were alive at the last heartbeat. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  get count(): number {
    return Math.max(1, this.#ids.length);
  }

  /** Calls back when this replica may have been taken for dead, or when all that was shared is gone. */
  onLost(listener: () => void): void {
    this.#onLost.add(listener);
  }

  onBeat(listener: () => void): void {
    this.#onBeat.add(listener);
  }

  /** Says that it is alive. One at a time. */
  beat(): Promise<void> {
    this.#beating ??= this.#beat().finally(() => {
      this.#beating = undefined;
    });
    return this.#beating;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#early);
    await this.#connection.run((client) => client.zrem(this.key, this.#id));
  }

  #beatEarly(): void {
    this.#early = undefined;
    void this.beat();
  }

  async #beat(): Promise<void> {
    if (this.#aliveUntilMs > 0 && !this.isAlive) this.#lose();
    const sentAtMs = performance.now();
    const reply = await this.#connection.probe(beat, [this.key], [this.#id, aliveMs, this.#echo]);
    if (!Array.isArray(reply)) return;
    this.#listen();
    const [isNew, firstLeftMs, ...ids] = reply as [number, number, ...string[]];
    // A replica is silent, and its leases will be anyone's before the next heartbeat: they are not to wait for that.
    if (firstLeftMs < heartbeatMs) this.#early ??= setTimeout(() => this.#beatEarly(), firstLeftMs + 1).unref();
    // Its entry was gone, though it was sent in time: it was late on its way, or the server has lost all it had.
    if (isNew === 1 && this.#aliveUntilMs > 0) return this.#lose();
    this.#ids = ids.sort();
    this.#aliveUntilMs = sentAtMs + aliveMs - marginMs;
    this.#onBeat.forEach((listener) => listener());
  }

  /** A connection that only looks alive hears nothing: a node may have left its cluster, or a network its packets. */
  #listen(): void {
    this.#unheard += 1;
    if (this.#unheard <= mostUnheard) return;
    this.#unheard = 0;
    this.#connection.renewMessages();
  }

  #lose(): void {
    this.#id = newId();
    this.#aliveUntilMs = -Infinity;
    this.#onLost.forEach((listener) => listener());
  }
}

function newId(): string {
  return randomBytes(8).toString('hex');
}
