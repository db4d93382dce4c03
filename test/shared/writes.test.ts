import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/start.ts';
import type { Shared } from '../../src/shared/shared.ts';
import { askGateway, configFor, gatewayFor, nowMs } from '../support/gateway.ts';
import { isRedisInstalled, openReplica, startRedis, withoutRedis, type RedisServer } from '../support/redis.ts';
import { within } from '../support/replicas.ts';

const read = 'query ($id: ID!) { league(id: $id) { settings { description } } }';
const write = `mutation ($id: ID!, $description: String) {
  updateLeague(input: { id: $id, description: $description }) { userErrors { code message } }
}`;

/** REPLICA_WRITES=10000 takes a minute and a half. */
const randomWrites = Number(process.env['REPLICA_WRITES'] ?? 200);

describe.skipIf(!isRedisInstalled)(`what replicas read before a write${withoutRedis}`, { timeout: 60_000 }, () => {
  let redis: RedisServer;
  let sandbox: Sandbox;
  let id: string;
  const replicas: { readonly gateway: Gateway; readonly shared: Shared }[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    sandbox = await startSandbox({ nowMs, speed: 0 });
    const gateway = gatewayFor(configFor(sandbox));
    const { data } = await askGateway<{ leagues: { nodes: { id: string }[] } }>(
      gateway,
      '{ leagues(role: OWNER, first: 1) { nodes { id } } }',
    );
    id = data.leagues.nodes[0]?.id ?? '';
    await gateway.close();
  });
  beforeEach(async () => {
    await redis.reset();
    await sandbox.client.clearRules();
    for (let count = 0; count < 3; count += 1) await startReplica();
    await expect.poll(() => replicas.map(({ shared }) => shared.health().replicas), within).toEqual([3, 3, 3]);
  });
  afterEach(async () => {
    for (const { gateway, shared } of replicas.splice(0)) {
      await gateway.close();
      await shared.close();
    }
  });
  afterAll(async () => {
    await sandbox.close();
    await redis.close();
  });

  /** Keeps answers for long: only a write ends them. */
  const startReplica = async () => {
    const shared = await openReplica(redis.url, { timeoutMs: 1_500 });
    const gateway = gatewayFor(configFor(sandbox), {
      shared,
      resilience: { sharing: true, cache: { freshMs: 600_000, staleMs: 600_000, staleIfErrorMs: 600_000 } },
    });
    replicas.push({ gateway, shared });
  };

  const gatewayAt = (index: number): Gateway => replicas[index % replicas.length]?.gateway as Gateway;

  const readAt = async (index: number, league = id): Promise<string> => {
    const { data, errors } = await askGateway<{ league: { settings: { description: string } } }>(
      gatewayAt(index),
      read,
      { id: league },
    );
    expect(errors).toBeUndefined();
    return data.league.settings.description;
  };

  const writeAt = async (index: number, description: string, league = id): Promise<void> => {
    const { data, errors } = await askGateway<{ updateLeague: { userErrors: unknown[] } }>(gatewayAt(index), write, {
      id: league,
      description,
    });
    expect(errors).toBeUndefined();
    expect(data.updateLeague.userErrors).toEqual([]);
  };

  const readAll = () => Promise.all(replicas.map((_, index) => readAt(index)));

  test('is kept, until one of them writes: then no replica answers by it', async () => {
    await readAll();
    await sandbox.client.clearCalls();
    await readAll();
    expect(await sandbox.client.countCalls()).toEqual({});
    for (let count = 0; count < 12; count += 1) {
      await writeAt(count, `description ${count}`);
      expect(await readAll()).toEqual(Array.from({ length: 3 }, () => `description ${count}`));
    }
  });

  test(
    'is not told to who wrote since, whichever replica is met',
    { timeout: 60_000 + 60 * randomWrites },
    async () => {
      const { data } = await askGateway<{ leagues: { nodes: { id: string }[] } }>(
        gatewayAt(0),
        '{ leagues(role: OWNER, first: 20) { nodes { id } } }',
      );
      const leagues = data.leagues.nodes;
      expect(leagues.length).toBeGreaterThan(1);
      const anywhere = (): number => Math.floor(Math.random() * replicas.length);
      const wrong: unknown[] = [];
      const writeAndRead = async (league: string): Promise<void> => {
        for (let count = 0; count < randomWrites / leagues.length; count += 1) {
          await readAt(anywhere(), league);
          await writeAt(anywhere(), `description ${count}`, league);
          const description = await readAt(anywhere(), league);
          if (description !== `description ${count}`) wrong.push([league, count, description]);
        }
      };
      await Promise.all(leagues.map((league) => writeAndRead(league.id)));
      expect(wrong).toEqual([]);
    },
  );

  test('is not joined after it: a read under way that began before', async () => {
    await writeAt(0, 'before');
    await sandbox.client.clearCalls();
    await sandbox.client.addRules([{ operationId: '*', latencyMs: 3_000 }]);
    let isSlowDone = false;
    const slow = readAt(1).then(() => (isSlowDone = true));
    await expect.poll(async () => Object.keys(await sandbox.client.countCalls()), within).not.toEqual([]);
    await sandbox.client.clearRules();
    await writeAt(0, 'after');
    expect(await readAt(1)).toBe('after');
    expect(isSlowDone).toBe(false);
    await slow;
  });

  test('is not used by a replica that hears nothing, and none waits for it longer than its lease', async () => {
    await writeAt(0, 'one');
    await readAll();
    const [, deaf] = replicas;
    expect(deaf?.shared.writes.isCurrent()).toBe(true);
    await redis.kill();
    await expect.poll(() => replicas.some(({ shared }) => shared.writes.isCurrent()), within).toBe(false);
    await writeAt(0, 'two');
    expect(await readAll()).toEqual(['two', 'two', 'two']);
    await redis.restart();
    await expect.poll(() => replicas.every(({ shared }) => shared.writes.isCurrent()), within).toBe(true);
    expect(await readAll()).toEqual(['two', 'two', 'two']);
    await writeAt(2, 'three');
    expect(await readAll()).toEqual(['three', 'three', 'three']);
  });

  test('one that died without a word holds up no write for longer than its lease', async () => {
    await readAll();
    const nowAtServerMs = async (): Promise<number> => {
      const [seconds, microseconds] = await redis.client.time();
      return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
    };
    // Of a replica that says nothing any more: its entry, which ends within a second.
    const endsAtMs = (await nowAtServerMs()) + 1_000;
    await redis.client.zadd('{test}:replicas', endsAtMs, 'ffffffffffffffff');
    await writeAt(0, 'after it');
    expect(await nowAtServerMs()).toBeGreaterThanOrEqual(endsAtMs);
    expect(await readAll()).toEqual(['after it', 'after it', 'after it']);
    // As no replica can say of itself.
    await redis.client.zadd('{test}:replicas', endsAtMs + 3_600_000, 'eeeeeeeeeeeeeeee');
    await writeAt(0, 'without it');
    expect(await readAll()).toEqual(['without it', 'without it', 'without it']);
  });
});
