import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/start.ts';
import { configFor, nowMs } from '../support/gateway.ts';
import { isRedisInstalled, redisConfig, startRedis, withoutRedis, type RedisServer } from '../support/redis.ts';
import { startRedisProxy, type RedisProxy } from '../support/redisProxy.ts';
import { callerCallsPerMinute, Replicas, startRun, statusesOf, within } from '../support/replicas.ts';

const three = [0, 1, 2];

/** An account has so many sign-ins a minute. */
const attemptsPerMinute = 3;

describe.skipIf(!isRedisInstalled)(`outages of what replicas share${withoutRedis}`, { timeout: 180_000 }, () => {
  let redis: RedisServer;
  let proxy: RedisProxy;
  let sandbox: Sandbox;
  let replicas: Replicas;
  let refused: Replicas;

  beforeAll(async () => {
    redis = await startRedis();
    proxy = await startRedisProxy(redis.port);
    sandbox = await startSandbox({ nowMs, speed: 0 });
    replicas = new Replicas(sandbox);
    refused = new Replicas(sandbox);
  });
  beforeEach(async () => {
    proxy.pass();
    await redis.reset();
    await sandbox.client.clearRules();
    await sandbox.client.clearCalls();
  });
  afterEach(async () => {
    await replicas.close();
    await refused.close();
  });
  afterAll(async () => {
    await proxy.close();
    await sandbox.close();
    await redis.close();
  });

  const reasons = () => replicas.all.map(({ shared }) => shared.health().reason);

  const askAll = async (at: Replicas, key: string) => {
    const query = '{ leagues(first: 1) { nodes { id } } }';
    const answers = await Promise.all(three.map((index) => at.ask(index, key, query)));
    return answers.map(({ errors }) => errors?.[0]?.extensions?.['code']);
  };

  test('the server is paused for 30 s: watches, budgets, writes and sign-ins go on, within their limits', async () => {
    await replicas.start(redisConfig(redis.url, { timeoutMs: 1_500 }), 3);
    const good = configFor(sandbox);
    await refused.start(redisConfig(redis.url, { timeoutMs: 1_500, prefix: 'refused' }), 3, {
      tics: { ...good, account: { ...good.account, password: 'not this one' } },
    });
    // Each of them has a token.
    expect(await askAll(replicas, 'caller')).toEqual([undefined, undefined, undefined]);
    const { id, globalId } = await startRun(sandbox);
    const streams = Array.from({ length: 60 }, (_, index) => replicas.watch(index, globalId));
    await expect.poll(() => statusesOf(streams), within).toEqual(streams.map(() => ['RUNNING']));
    await sandbox.client.clearCalls();

    redis.pause();
    const pausedAtMs = performance.now();
    await expect.poll(reasons, within).not.toContain(undefined);
    const isOver = () => performance.now() - pausedAtMs > 30_000;
    // No request fails, and each replica gives its share.
    const given = await replicas.spend('spender');
    const givenInMs = performance.now() - pausedAtMs;
    expect(given).toBeLessThanOrEqual(
      callerCallsPerMinute + Math.ceil((givenInMs / 60_000) * callerCallsPerMinute) + 3,
    );
    expect(given).toBeGreaterThan(0);
    const changes = ['TERMINATING', 'RUNNING', 'TERMINATING', 'RUNNING'] as const;
    for (const [turn, status] of changes.entries()) {
      await sandbox.client.setInstanceStatus(id, status);
      await expect
        .poll(() => streams.map(({ events }) => events.at(-1)?.status), within)
        .toEqual(streams.map(() => status));
      expect(await askAll(replicas, `caller ${turn}`)).toEqual([undefined, undefined, undefined]);
      expect(await askAll(refused, `caller ${turn}`)).toEqual(three.map(() => 'SIGN_IN_REFUSED'));
      await sleep(1_000);
    }
    while (!isOver()) await sleep(200);
    // Only those with the wrong password sign in.
    expect((await sandbox.client.countCalls())['createToken']).toBeLessThanOrEqual(attemptsPerMinute);
    redis.resume();

    await replicas.areAll(3);
    await expect.poll(() => replicas.leases(), within).toEqual([0, 0, 1]);
    await sandbox.client.setInstanceStatus(id, 'SUCCEEDED');
    await Promise.all(streams.map(({ ended }) => ended));
    for (const { events, errors } of streams) {
      expect(errors).toEqual([]);
      expect(events.filter(({ final }) => final).map(({ status }) => status)).toEqual(['SUCCEEDED']);
    }
  });

  test.each([
    ['READ_ONLY', "READONLY You can't write against a read only replica."],
    ['READ_ONLY', "OOM command not allowed when used memory > 'maxmemory'."],
    ['READ_ONLY', 'MISCONF Redis is configured to save RDB snapshots.'],
    ['UNREACHABLE', 'LOADING Redis is loading the dataset in memory'],
    ['UNREACHABLE', 'NOAUTH Authentication required.'],
    ['UNREACHABLE', "NOPERM User default has no permissions to run the 'evalsha' command"],
    ['UNREACHABLE', 'BUSY Redis is busy running a script.'],
    ['UNREACHABLE', 'CLUSTERDOWN The cluster is down'],
    ['UNREACHABLE', 'ERR something that nobody has heard of'],
  ])('it says %s by: %s', async (reason, error) => {
    await replicas.start(redisConfig(proxy.url), 3);
    const { id, globalId } = await startRun(sandbox);
    const streams = three.map((index) => replicas.watch(index, globalId));
    await expect.poll(() => statusesOf(streams), within).toEqual(streams.map(() => ['RUNNING']));
    proxy.refuse(error);
    await expect.poll(reasons, within).toEqual([reason, reason, reason]);
    expect(await askAll(replicas, 'caller')).toEqual([undefined, undefined, undefined]);
    await sandbox.client.setInstanceStatus(id, 'TERMINATING');
    await expect
      .poll(() => streams.map(({ events }) => events.at(-1)?.status), within)
      .toEqual(streams.map(() => 'TERMINATING'));
    proxy.pass();
    await replicas.areAll(3);
    await expect.poll(() => replicas.leases(), within).toEqual([0, 0, 1]);
    await sandbox.client.setInstanceStatus(id, 'TERMINATED');
    await Promise.all(streams.map(({ ended }) => ended));
    expect(statusesOf(streams)).toEqual(streams.map(() => ['RUNNING', 'TERMINATING', 'TERMINATED']));
  });

  test('each of its answers comes late: those in time count, those that are too late fail nothing', async () => {
    await replicas.start(redisConfig(proxy.url, { timeoutMs: 600 }), 3);
    const { id, globalId } = await startRun(sandbox);
    proxy.delay(100);
    const streams = three.map((index) => replicas.watch(index, globalId));
    await expect.poll(() => statusesOf(streams), within).toEqual(streams.map(() => ['RUNNING']));
    expect(await askAll(replicas, 'in time')).toEqual([undefined, undefined, undefined]);
    proxy.delay(1_500);
    await expect.poll(reasons, within).toEqual(['SLOW', 'SLOW', 'SLOW']);
    expect(await askAll(replicas, 'late')).toEqual([undefined, undefined, undefined]);
    await sandbox.client.setInstanceStatus(id, 'SUCCEEDED');
    await Promise.all(streams.map(({ ended }) => ended));
    expect(statusesOf(streams)).toEqual(streams.map(() => ['RUNNING', 'SUCCEEDED']));
    proxy.pass();
    await replicas.areAll(3);
  });
});
