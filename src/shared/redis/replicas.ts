import { randomBytes } from 'node:crypto';
import type { RedisConnection } from './connection.ts';
import { nowInLua, script } from './connection.ts';

/** Interval of heartbeats. */
export const heartbeatMs = 300;

/** A replica without a heartbeat for this long is dead: its leases are free. */
export const aliveMs = 1_000;

/** More than a message takes: a replica's leases end for itself before they end for others. */
const marginMs = 100;

/** Heartbeats in a row that succeed without their echo before messages count as lost. */
const maxMissedEchoes = 5;

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
  /** A channel that only this replica subscribes to. */
  readonly #echo: string;
  #missedEchoes = 0;
  #id = newId();
  #ids: readonly string[] = [];
  #aliveUntilMs = -Infinity;
  #early: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;

  /** @param assumed - the number of replicas until they have been counted */
  constructor(connection: RedisConnection, assumed: number) {
    this.#connection = connection;
    this.#assumed = assumed;
    this.#echo = connection.key('replicas', newId());
    connection.subscribe(this.#echo, () => {
      this.#missedEchoes = 0;
    });
    this.#timer = setInterval(() => void this.beat(), heartbeatMs).unref();
  }

  /** Name of this replica. It changes after the replica was taken for dead. */
  get id(): string {
    return this.#id;
  }

  /** Key of the set of live replicas. */
  get key(): string {
    return this.#connection.key('replicas');
  }

  /** No other replica can have taken it for dead. */
  get isAlive(): boolean {
    return performance.now() < this.#aliveUntilMs;
  }

  isDead(id: string): boolean {
    return !this.#ids.includes(id);
  }

  /** The known number of replicas, and the rank of this one. */
  get share(): { readonly replicas: number; readonly rank: number } {
    const place = this.#ids.indexOf(this.#id);
    if (place >= 0) return { replicas: this.#ids.length, rank: place };
    const replicas = Math.max(this.#assumed, this.#ids.length);
    return { replicas, rank: parseInt(this.#id.slice(0, 8), 16) % replicas };
  }

  /** Names of the replicas that were alive at the last heartbeat. */
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

  /** Sends a heartbeat. One at a time. */
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
    this.#checkEcho();
    const [isNew, firstLeftMs, ...ids] = reply as [number, number, ...string[]];
    // A replica is silent, and its leases will be anyone's before the next heartbeat: they are not to wait for that.
    if (firstLeftMs < heartbeatMs) this.#early ??= setTimeout(() => this.#beatEarly(), firstLeftMs + 1).unref();
    // Its entry was gone, though it was sent in time: it was late on its way, or the server has lost all it had.
    if (isNew === 1 && this.#aliveUntilMs > 0) return this.#lose();
    this.#ids = ids.sort();
    this.#aliveUntilMs = sentAtMs + aliveMs - marginMs;
    this.#onBeat.forEach((listener) => listener());
  }

  /** A connection that seems alive may receive nothing: its node has left the cluster, or the network drops packets. */
  #checkEcho(): void {
    this.#missedEchoes += 1;
    if (this.#missedEchoes <= maxMissedEchoes) return;
    this.#missedEchoes = 0;
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
