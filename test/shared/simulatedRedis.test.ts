import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Clients } from '../../src/shared/redis/connect.ts';
import { RedisConnection } from '../../src/shared/redis/connection.ts';
import { shareThrough } from '../../src/shared/redis/open.ts';
import { read, touch } from '../../src/shared/redis/watchScripts.ts';
import type { Shared } from '../../src/shared/shared.ts';
import type { SharedGroup } from '../../src/shared/watches.ts';
import { isRedisInstalled, redisConfig, startRedis, withoutRedis, type RedisServer } from '../support/redis.ts';
import { plainCommands, type Word } from '../support/simulatedHosts.ts';
import { SimulatedRedis } from '../support/simulatedRedis.ts';

const none = { epoch: '', sequence: 0 };

/** Sends each command to a server and to the simulated one, in the same order and at the same time of day. */
class Mirror {
  nowMs = 1_700_000_000_000;
  readonly differences: unknown[] = [];
  readonly published: string[] = [];
  readonly scripts = new Set<string>();
  readonly #simulated = new SimulatedRedis(
    () => this.nowMs,
    (channel, message) => this.published.push(`${channel} ${message}`),
  );
  #last: Promise<unknown> = Promise.resolve();

  /** The commands that replicas send. */
  clientOf(real: Redis): Clients['commands'] {
    const commands = {
      ...plainCommands((name, words) =>
        this.#both(
          name,
          () => real.call(name, ...words),
          () => this.#simulated.call(name, ...words),
        ),
      ),
      evalsha: () => Promise.reject(new Error('NOSCRIPT')),
      eval: (lua: string, keyCount: number, ...words: Word[]) => {
        this.scripts.add(lua);
        return this.#both(
          lua,
          () => real.eval(this.#atNow(lua), keyCount, ...words),
          () => this.#simulated.eval(lua, words.slice(0, keyCount).map(String), words.slice(keyCount)),
        );
      },
    };
    return new Proxy(real, {
      get: (target, name) => {
        const value: unknown = name in commands ? commands[name as 'get'] : Reflect.get(target, name);
        return typeof value === 'function' && !(name in commands) ? (value.bind(target) as unknown) : value;
      },
    });
  }

  #atNow(lua: string): string {
    return lua.replace(
      "redis.call('TIME')",
      `{'${Math.floor(this.nowMs / 1_000)}', '${(this.nowMs % 1_000) * 1_000}'}`,
    );
  }

  #both(name: string, real: () => Promise<unknown>, simulated: () => unknown): Promise<unknown> {
    const run = async (): Promise<unknown> => {
      const [reply, other] = [await real(), simulated()];
      // The simulated server does not count who receives a message.
      if (name !== 'PUBLISH' && JSON.stringify(reply) !== JSON.stringify(other))
        this.differences.push({ name, reply, other });
      return reply;
    };
    const sent = this.#last.then(run);
    this.#last = sent.catch(() => undefined);
    return sent;
  }
}

function changeOf(sequence: number, after: number) {
  const entries = Array.from({ length: sequence - after }, (_, index) => ({
    subject: `run ${index}`,
    body: `state ${after + index}`,
  }));
  return { epoch: 'e1', sequence, after, isKnown: true, status: `status ${sequence}`, entries };
}

describe.skipIf(!isRedisInstalled)(`the simulated Redis${withoutRedis}`, { timeout: 60_000 }, () => {
  let redis: RedisServer;
  const mirror = new Mirror();
  const replicas: Shared[] = [];
  const received: string[] = [];
  let listener: Redis;

  beforeAll(async () => {
    redis = await startRedis();
    listener = new Redis(redis.url);
    listener.on('pmessage', (_, channel: string, message: string) => received.push(`${channel} ${message}`));
    await listener.psubscribe('*');
    for (const config of [redisConfig(redis.url), redisConfig(redis.url)]) {
      const { commands, messages } = await connect(config);
      const connection = new RedisConnection({ commands: mirror.clientOf(commands as Redis), messages }, config);
      replicas.push(
        await shareThrough(
          connection,
          config,
          { onHealth: () => undefined, onUnreadable: () => undefined },
          { checkMs: 100 },
        ),
      );
    }
  });
  afterAll(async () => {
    listener.disconnect();
    await redis.close();
  });

  async function budgets(shared: Shared): Promise<void> {
    const limit = { maximum: 10, perMs: 0.001 };
    const take = (calls: number, ahead = 0, rest = {}) =>
      shared.budgets.exchange('cost', limit, [
        { name: 'one', calls, ahead, ...rest },
        { name: 'two', calls: 1.5, ahead: 2 },
      ]);
    await take(3, 2);
    await take(4, 9);
    await take(5);
    await take(-2.25);
    await take(30, 0, { isSpent: true });
    await take(1, 0, { knownUsed: 7 });
    await take(-100);
  }

  async function signIns(shared: Shared, other: Shared): Promise<void> {
    const account = { upstreamScope: 'tics', name: 'ann', fingerprint: 'f' };
    await shared.signIns.read(account);
    const lock = await shared.signIns.lock(account);
    expect(await other.signIns.lock(account)).toBe('BUSY');
    if (lock === undefined || lock === 'BUSY') throw new Error('not locked');
    await lock.write({ fingerprint: 'f', answeredAtMs: [1] });
    await lock.release();
    await lock.write({ fingerprint: 'f', answeredAtMs: [2] });
    expect(await other.signIns.read(account)).toEqual({ fingerprint: 'f', answeredAtMs: [1] });
  }

  async function rest(shared: Shared, other: Shared): Promise<void> {
    expect(await shared.keys.replace('keys')).toBe('REPLACED');
    await expect.poll(() => other.keys.latest()).toBe('keys');
    expect([await shared.claim('bi'), await other.claim('bi')]).toEqual([true, false]);
    await shared.probes.publish({ agent: { answers: true } });
    expect(await other.probes.found(1_000)).toEqual({ agent: { answers: true } });
    await Promise.all([shared.writes.announce(), other.writes.announce()]);
  }

  function groupOf({ watches }: Shared): SharedGroup {
    const ignore = (): void => undefined;
    return watches.open('group', 60_000, {
      onChange: ignore,
      onFree: ignore,
      onRemoteWatches: ignore,
      onPollRequest: ignore,
      onAway: ignore,
      onReset: ignore,
    });
  }

  async function watches(shared: Shared, other: Shared): Promise<void> {
    const [leader, follower] = [groupOf(shared), groupOf(other)];
    expect(await leader.join('watch', none)).toMatchObject({ isLeader: true, log: null });
    expect(await follower.join('watch', none)).toMatchObject({ isLeader: false });
    expect(await leader.publish('watch', changeOf(2, 0))).toBe('EXPIRED');
    const { entries, ...whole } = changeOf(3, 0);
    expect(await leader.write('watch', { ...whole, entries, latest: entries })).toBe('PUBLISHED');
    expect(await leader.publish('watch', changeOf(5, 3))).toBe('PUBLISHED');
    expect(await leader.publish('watch', changeOf(9, 8))).toBe('UNREADABLE');
    for (const sequence of [0, 4, 5, 6]) await follower.join('watch', { epoch: 'e1', sequence });
    await follower.join('watch', { epoch: 'e2', sequence: 4 });
    await follower.join('another', none);
    expect(await leader.remoteWatches()).toEqual(['watch', 'another']);
    follower.requestPoll('watch');
    // Heartbeats check the lease and the logs.
    await expect
      .poll(() => [touch, read].filter(({ lua }) => mirror.scripts.has(lua)), { timeout: 10_000 })
      .toHaveLength(2);
    await follower.leave('another');
    await leader.leave('watch');
    await leader.release();
    expect(await follower.join('watch', { epoch: 'e1', sequence: 5 })).toMatchObject({ isLeader: true });
    await Promise.all([leader.close(), follower.close()]);
  }

  test('replies to every command and script of replicas as a server does, and publishes the same', async () => {
    const [shared, other] = replicas as [Shared, Shared];
    await budgets(shared);
    await signIns(shared, other);
    await rest(shared, other);
    await watches(shared, other);
    // All replicas are taken for dead.
    mirror.nowMs += 2_500;
    await budgets(other);
    await groupOf(other).join('watch', none);
    for (const replica of replicas) await replica.close();
    expect(mirror.differences).toEqual([]);
    await expect.poll(() => received.length).toBe(mirror.published.length);
    expect(received).toEqual(mirror.published);
  });
});
