import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/start.ts';
import { nowMs } from '../support/gateway.ts';
import { isRedisInstalled, withoutRedis } from '../support/redis.ts';
import {
  makeCertificate,
  startCluster,
  startSentinel,
  startSingle,
  type Certificate,
  type RedisNode,
  type RedisTopology,
} from '../support/redisTopologies.ts';
import { callerCallsPerMinute, Replicas, startRun, statusesOf, within, type WatchStream } from '../support/replicas.ts';

describe.skipIf(!isRedisInstalled)(`replicas act as one${withoutRedis}`, { timeout: 120_000 }, () => {
  let sandbox: Sandbox;
  let certificate: Certificate;
  let topology: RedisTopology | undefined;
  let replicas: Replicas;

  beforeAll(async () => {
    sandbox = await startSandbox({ nowMs, speed: 0 });
    certificate = await makeCertificate();
    replicas = new Replicas(sandbox);
  });
  beforeEach(async () => {
    await sandbox.client.clearRules();
    await sandbox.client.expireTokens();
    await sandbox.client.clearCalls();
  });
  afterEach(async () => {
    await replicas.close();
    await topology?.close();
    topology = undefined;
  });
  afterAll(() => sandbox.close());

  const watchAll = (id: string): readonly WatchStream[] => [0, 1, 2].map((index) => replicas.watch(index, id));

  const describeAt = async (index: number, id: string) =>
    (
      await replicas.ask<{ league: { settings: { description: string } } }>(
        index,
        'reader',
        'query ($id: ID!) { league(id: $id) { settings { description } } }',
        { id },
      )
    ).data.league.settings.description;

  const starts: readonly [string, (tls: Certificate) => Promise<RedisTopology>][] = [
    ['a master that a sentinel names', () => startSentinel()],
    ['a cluster of three', () => startCluster()],
    ['one server over TLS that asks for a certificate', (tls) => startSingle(tls)],
    ['a master that a sentinel names, over TLS', (tls) => startSentinel(tls)],
    ['a cluster of three, over TLS', (tls) => startCluster(tls)],
  ];

  test.each(starts)('through %s', async (_, start) => {
    topology = await start(certificate);
    await replicas.start({ ...topology.config, timeoutMs: 10_000 }, 3, { freshMs: 600_000 });

    // One sign-in, one budget.
    const beganMs = performance.now();
    const given = await replicas.spend('spender');
    expect(given).toBeGreaterThan(callerCallsPerMinute / 3);
    const refilled = ((performance.now() - beganMs) * callerCallsPerMinute) / 60_000;
    const calls = await sandbox.client.countCalls();
    expect(calls['createToken']).toBe(1);
    expect(given).toBeLessThanOrEqual(callerCallsPerMinute + Math.ceil(refilled) + 1);

    // A write is heard before it is answered.
    const { data } = await replicas.ask<{ leagues: { nodes: { id: string }[] } }>(
      0,
      'reader',
      '{ leagues(role: OWNER, first: 1) { nodes { id } } }',
    );
    const league = data.leagues.nodes[0]?.id ?? '';
    for (let count = 0; count < 3; count += 1) {
      await Promise.all([0, 1, 2].map((index) => describeAt(index, league)));
      const { errors } = await replicas.ask(
        count,
        'writer',
        'mutation ($id: ID!, $text: String) { updateLeague(input: { id: $id, description: $text }) { userErrors { code } } }',
        { id: league, text: `text ${count}` },
      );
      expect(errors).toBeUndefined();
      expect(await Promise.all([0, 1, 2].map((index) => describeAt(index, league)))).toEqual(
        Array.from({ length: 3 }, () => `text ${count}`),
      );
    }

    // One poll, one log.
    const { id, globalId } = await startRun(sandbox);
    const streams = watchAll(globalId);
    await expect.poll(() => statusesOf(streams), within).toEqual([['RUNNING'], ['RUNNING'], ['RUNNING']]);
    await expect.poll(() => replicas.leases(), within).toEqual([0, 0, 1]);
    await sandbox.client.setInstanceStatus(id, 'SUCCEEDED');
    await Promise.all(streams.map(({ ended }) => ended));
    for (const { events, errors } of streams) {
      expect(errors).toEqual([]);
      expect(events.map(({ status, gap }) => [status, gap])).toEqual([
        ['RUNNING', false],
        ['SUCCEEDED', false],
      ]);
    }

    const keys = await topology.keys();
    expect(keys.length).toBeGreaterThan(5);
    expect(keys.filter((key) => !key.startsWith('{test}:'))).toEqual([]);
  });

  test.each([
    ['a master that a sentinel names is killed', startSentinel, 'kill'],
    ['a master that a sentinel names hangs', startSentinel, 'pause'],
    ['the node of a cluster that has the keys is killed', startCluster, 'kill'],
    ['the node of a cluster that has the keys hangs', startCluster, 'pause'],
  ] as const)('again when %s, in mid-watch and with budgets in use', async (_, start, how) => {
    topology = await start();
    await replicas.start({ ...topology.config, timeoutMs: 1_500 }, 3);
    const { id, globalId } = await startRun(sandbox);
    const streams = watchAll(globalId);
    await expect.poll(() => statusesOf(streams), within).toEqual([['RUNNING'], ['RUNNING'], ['RUNNING']]);
    const beganMs = performance.now();
    const before = await replicas.spend('spender');
    const primary = await topology.primary();
    await primary[how]();
    // Each replica gives its share at most, and no request fails for another reason.
    const meanwhile = await replicas.spend('spender');
    await expect.poll(async () => (await topology?.primary())?.port, within).not.toBe(primary.port);
    await replicas.areAll(3);
    const after = await replicas.spend('spender');
    const refilled = ((performance.now() - beganMs) * callerCallsPerMinute) / 60_000;
    expect(before + meanwhile + after).toBeLessThanOrEqual(2 * callerCallsPerMinute + Math.ceil(refilled) + 3);

    await expect.poll(() => replicas.leases(), within).toEqual([0, 0, 1]);
    await sandbox.client.setInstanceStatus(id, 'SUCCEEDED');
    await Promise.all(streams.map(({ ended }) => ended));
    for (const { events, errors } of streams) {
      expect(errors).toEqual([]);
      expect(events.filter(({ final }) => final)).toHaveLength(1);
      expect(events.at(-1)?.status).toBe('SUCCEEDED');
    }
    primary.resume();
  });

  test('again when a node of a cluster hangs that one of them has its messages from', async () => {
    topology = await startCluster();
    await replicas.start({ ...topology.config, timeoutMs: 1_500 }, 3);
    const { id, globalId } = await startRun(sandbox);
    const streams = watchAll(globalId);
    await expect.poll(() => statusesOf(streams), within).toEqual([['RUNNING'], ['RUNNING'], ['RUNNING']]);
    const primary = await topology.primary();
    const others = topology.nodes.filter((node) => node !== primary);
    const listeningTo = async (): Promise<RedisNode | undefined> => {
      for (const node of others)
        if (((await node.client.call('client', 'list', 'type', 'pubsub')) as string) !== '') return node;
      // Each connects to another one, in the end.
      await primary.client.call('client', 'kill', 'type', 'pubsub');
      return undefined;
    };
    await expect.poll(listeningTo, within).toBeDefined();
    const hung = await listeningTo();
    hung?.pause();
    await sandbox.client.setInstanceStatus(id, 'SUCCEEDED');
    await Promise.all(streams.map(({ ended }) => ended));
    expect(statusesOf(streams)).toEqual(streams.map(() => ['RUNNING', 'SUCCEEDED']));
    expect(streams.flatMap(({ errors }) => errors)).toEqual([]);
    hung?.resume();
  });
});
