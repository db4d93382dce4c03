import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/errors.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/start.ts';
import type { Shared } from '../../src/shared/shared.ts';
import { createHealth, probeEveryMs, type Health } from '../../src/upstream/health.ts';
import { nowMs } from '../support/gateway.ts';
import {
  encryptionKeys,
  isRedisInstalled,
  openReplica,
  redisConfig,
  startRedis,
  withoutRedis,
  type RedisServer,
} from '../support/redis.ts';
import { Replicas, within } from '../support/replicas.ts';

describe.skipIf(!isRedisInstalled)(`readiness probes of replicas${withoutRedis}`, { timeout: 60_000 }, () => {
  let redis: RedisServer;
  let sandbox: Sandbox;
  let replicas: Replicas;

  beforeAll(async () => {
    redis = await startRedis();
    sandbox = await startSandbox({ nowMs, speed: 0 });
    replicas = new Replicas(sandbox);
  });
  beforeEach(async () => {
    await redis.reset();
    await sandbox.client.clearRules();
    await sandbox.client.clearCalls();
  });
  afterEach(() => replicas.close());
  afterAll(async () => {
    await sandbox.close();
    await redis.close();
  });

  /** Asked again and again, as an orchestrator does. */
  const countProbes = async (count: number): Promise<number> => {
    await redis.client.flushall();
    await replicas.start(redisConfig(redis.url, { timeoutMs: 5_000 }), count);
    await sandbox.client.clearCalls();
    const areKnown = async (): Promise<boolean> => {
      const all = await Promise.all(replicas.all.map(({ gateway }) => gateway.readiness()));
      return all.every(({ space, agents }) =>
        [space, ...Object.values(agents)].every(({ answers }) => answers !== null),
      );
    };
    const beganMs = performance.now();
    await expect.poll(areKnown, { ...within, interval: 300 }).toBe(true);
    const intervals = 1 + Math.floor((performance.now() - beganMs) / probeEveryMs);
    const { getAgentRuntime = 0 } = await sandbox.client.countCalls();
    await replicas.close();
    return getAgentRuntime / intervals;
  };

  test('three of them probe each agent as often as one does, and each knows of all', async () => {
    const byOne = await countProbes(1);
    expect(byOne).toBeGreaterThan(3);
    expect(await countProbes(3)).toBeLessThanOrEqual(byOne);
  });

  describe('on a clock of their own', () => {
    const agentIds = Array.from({ length: 30 }, (_, index) => `agent ${index}`);
    const upstreams = ['', ...agentIds];
    let clockMs = 0;
    let probed: string[][] = [];
    const down = new Set<string>();
    const opened: Shared[] = [];

    afterEach(async () => {
      for (const shared of opened.splice(0)) await shared.close();
    });

    const startHealths = async (count: number, ...changes: Partial<Parameters<typeof openReplica>[1]>[]) => {
      clockMs = 0;
      probed = Array.from({ length: count }, () => []);
      down.clear();
      for (let index = 0; index < count; index += 1)
        opened.push(await openReplica(redis.url, { timeoutMs: 5_000, ...changes[index] }));
      await expect.poll(() => opened.map(({ health }) => health().replicas), within).toEqual(opened.map(() => count));
      return opened.map((shared, index) =>
        createHealth({
          agentIds,
          shared: shared.probes,
          now: () => clockMs,
          probe: (agentId = '') => {
            probed[index]?.push(agentId);
            if (down.has(agentId))
              return Promise.reject(new GatewayError('UPSTREAM_UNREACHABLE', 'x', { plane: 'AGENT' }));
            healths[index]?.observer.requestEnd(
              { plane: agentId === '' ? 'SPACE' : 'AGENT', agentId, call: 'x', method: 'GET', traceHeaders: {} },
              { outcome: 'OK', durationMs: 1, status: 200 },
            );
            return Promise.resolve();
          },
        }),
      );
    };
    let healths: readonly Health[] = [];

    /** All are asked, and have told one another. */
    const askAll = async () => {
      const all = [];
      for (const { readiness } of healths) all.push(await readiness());
      clockMs += 1_000;
      await Promise.all(opened.map(({ probes }) => probes.found(0)));
      return all;
    };

    const downAt = async () => {
      const all = await askAll();
      return all.map(({ agents }) => Object.keys(agents).filter((id) => agents[id]?.answers === false));
    };

    const probesIn = async (asks: number): Promise<readonly string[]> => {
      probed.forEach((names) => names.splice(0));
      for (let count = 0; count < asks; count += 1) await askAll();
      return probed.flat().sort();
    };

    /** Who probes what: it changes when one of them was taken for dead, as on a machine that is busy. */
    const owners = () => upstreams.map((name) => opened.findIndex(({ probes }) => probes.isOwn(name))).join();

    /** Those of a time in which nobody came or went, nor shortly before. */
    const steadyProbesIn = async (asks: number): Promise<readonly string[]> => {
      for (;;) {
        const before = owners();
        await probesIn(11);
        const found = await probesIn(asks);
        if (owners() === before) return found;
      }
    };

    test('one probe of each agent in an interval, dealt out among all', async () => {
      healths = await startHealths(3);
      await probesIn(5);
      for (let interval = 0; interval < 3; interval += 1) {
        expect(await steadyProbesIn(5)).toEqual([...upstreams].sort());
        expect(Math.max(...probed.map(({ length }) => length))).toBeLessThan(upstreams.length / 2);
      }
    });

    test('an agent that one of them finds down is down for all, and up again', async () => {
      healths = await startHealths(3);
      await probesIn(5);
      down.add('agent 3');
      await probesIn(7);
      expect(await downAt()).toEqual(healths.map(() => ['agent 3']));
      const again = await steadyProbesIn(10);
      expect(again.filter((name) => name === 'agent 3')).toHaveLength(2);
      down.clear();
      await probesIn(7);
      expect(await downAt()).toEqual(healths.map(() => []));
    });

    test('one whose operations fail there probes it itself', async () => {
      healths = await startHealths(3);
      await probesIn(5);
      const fail = () =>
        healths.forEach(({ observer }) =>
          observer.requestEnd(
            { plane: 'AGENT', agentId: 'agent 3', call: 'x', method: 'GET', traceHeaders: {} },
            { outcome: 'UPSTREAM_TIMEOUT', durationMs: 1, status: undefined },
          ),
        );
      fail();
      expect((await probesIn(5)).filter((name) => name === 'agent 3')).toHaveLength(3);
    });

    test('one that is not asked leaves its part to the others after two intervals', async () => {
      healths = (await startHealths(3)).slice(0, 1);
      const [all] = await askAll();
      expect(Object.values(all?.agents ?? {}).some(({ answers }) => answers === null)).toBe(true);
      await probesIn(11);
      expect(Object.values((await askAll())[0]?.agents ?? {}).every(({ answers }) => answers === true)).toBe(true);
    });

    test('each probes all of them while the server is away', async () => {
      healths = await startHealths(2);
      await redis.kill();
      await expect.poll(() => opened.map(({ health }) => health().answers), within).toEqual([false, false]);
      expect(await probesIn(5)).toEqual([...upstreams, ...upstreams].sort());
      await redis.restart();
    });

    test('nothing of them can be read there, and what is encrypted by another key is told and left alone', async () => {
      healths = await startHealths(2, {}, { encryptionKeys: [encryptionKeys[1]] });
      await probesIn(5);
      const kept = JSON.stringify(await redis.client.hgetall('{test}:probes'));
      expect(kept).not.toContain('agent');
      expect(kept.length).toBeGreaterThan(100);
      expect(opened.map(({ figures }) => figures().unreadable)).toEqual([1, 1]);
      await probesIn(11);
      for (const { agents } of await askAll()) expect(Object.values(agents).every(({ answers }) => answers)).toBe(true);
    });
  });
});
