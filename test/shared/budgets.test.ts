import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Caller, CallerRequest } from '../../src/callers/caller.ts';
import { refillEveryMs } from '../../src/callers/replicaBudgets.ts';
import { parseConfig } from '../../src/config/config.ts';
import { GatewayError } from '../../src/errors.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/start.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import type { Shared } from '../../src/shared/shared.ts';
import { configFor, gatewayFor, nowMs } from '../support/gateway.ts';
import { isRedisInstalled, openReplica, startRedis, withoutRedis, type RedisServer } from '../support/redis.ts';
import { within } from '../support/replicas.ts';

/** One call of the space plane. */
const query = '{ leagues(first: 1) { nodes { id } } }';

interface Answer {
  readonly status: number;
  readonly code: unknown;
  readonly remaining: number | undefined;
  readonly available: number | undefined;
  readonly retryAfter: number | undefined;
  /** Upstream calls that it was charged. */
  readonly calls: number;
}

describe.skipIf(!isRedisInstalled)(`budgets of replicas${withoutRedis}`, { timeout: 60_000 }, () => {
  const { limits } = parseConfig('', {}, 'none');
  const callerCallsPerMinute = 60;
  const failedAuthenticationsPerMinute = 12;
  let redis: RedisServer;
  let sandbox: Sandbox;
  const replicas: { readonly gateway: Gateway; readonly server: GatewayServer; readonly shared: Shared }[] = [];

  const identify = ({ headers }: CallerRequest): Caller => {
    const name = headers.get('x-api-key') ?? '';
    if (name === 'wrong') throw new GatewayError('UNAUTHENTICATED', 'The key is not valid, or not any more.');
    return { upstreamScope: 'account', name, roles: ['VIEWER'], leagues: 'ALL' };
  };

  const startReplica = async () => {
    const shared = await openReplica(redis.url, { timeoutMs: 1_500 });
    const gateway = gatewayFor(
      configFor(sandbox),
      { shared, identify },
      { limits: { ...limits, callerCallsPerMinute } },
    );
    const server = await startServer(gateway, {
      host: '127.0.0.1',
      port: 0,
      budgets: shared.budgets,
      limits: () => ({ connectionsPerAddress: 2_000, failedAuthenticationsPerMinute, subscriptions: 2_000 }),
    });
    replicas.push({ gateway, server, shared });
  };

  beforeAll(async () => {
    redis = await startRedis();
    sandbox = await startSandbox({ nowMs, speed: 0 });
  });
  beforeEach(async () => {
    await redis.reset();
    for (let count = 0; count < 3; count += 1) await startReplica();
    await expect.poll(() => replicas.map(({ shared }) => shared.health().replicas), within).toEqual([3, 3, 3]);
  });
  afterEach(async () => {
    for (const { server, shared } of replicas.splice(0)) {
      await server.close();
      await shared.close();
    }
  });
  afterAll(async () => {
    await sandbox.close();
    await redis.close();
  });

  const ask = async (replica: number, key: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> => {
    const response = await fetch(`${replicas[replica]?.server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key, ...headers },
      body: JSON.stringify({ query }),
    });
    const { errors, extensions } = (await response.json()) as {
      readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
      readonly extensions?: {
        readonly cost?: {
          readonly actualQueryCost: number | null;
          readonly throttleStatus?: { readonly currentlyAvailable: number };
        };
      };
    };
    const retryAfter = response.headers.get('retry-after');
    const [, remaining] = /;r=(\d+)/.exec(response.headers.get('ratelimit') ?? '') ?? [];
    return {
      status: response.status,
      code: errors?.[0]?.extensions.code,
      remaining: remaining === undefined ? undefined : Number(remaining),
      calls: extensions?.cost?.actualQueryCost ?? 0,
      available: extensions?.cost?.throttleStatus?.currentlyAvailable,
      retryAfter: retryAfter === null ? undefined : Number(retryAfter),
    };
  };

  const callsOf = (answers: readonly Answer[]) => answers.reduce((sum, { calls }) => sum + calls, 0);

  const settled = () => new Promise((resolve) => setTimeout(resolve, refillEveryMs * 3));

  const availableIn = async (replica: number, key: string) =>
    (await ask(replica, key, { 'x-cost': 'dry-run' })).available;

  /** What comes back while a test runs. */
  const refilled = (sinceMs: number) => Math.ceil(((performance.now() - sinceMs) * callerCallsPerMinute) / 60_000) + 1;

  test('a caller has one budget, whichever replicas it asks, at once or in turn', async () => {
    for (const isAtOnce of [true, false]) {
      const key = isAtOnce ? 'at once' : 'in turn';
      const beganMs = performance.now();
      const asked = Array.from({ length: 60 }, (_, index) => () => ask(index % 3, key));
      const answers: Answer[] = [];
      if (isAtOnce) answers.push(...(await Promise.all(asked.map((one) => one()))));
      else for (const one of asked) answers.push(await one());
      const calls = callsOf(answers);
      expect(calls).toBeGreaterThan(callerCallsPerMinute * 0.8);
      expect(calls).toBeLessThanOrEqual(callerCallsPerMinute + refilled(beganMs));
      const refused = answers.filter(({ code }) => code !== undefined);
      expect(new Set(refused.map(({ code, status }) => `${status} ${String(code)}`))).toEqual(
        new Set(['429 THROTTLED']),
      );
      for (const { retryAfter } of refused) expect(retryAfter).toBeGreaterThan(0);
    }
  });

  test('what is told as left is what all of them have left, once an interval has passed', async () => {
    const beganMs = performance.now();
    const calls = callsOf(await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index % 3, 'told'))));
    expect(calls).toBeGreaterThanOrEqual(20);
    for (const replica of [0, 1, 2]) {
      await expect
        .poll(() => availableIn(replica, 'told'), within)
        .toBeGreaterThanOrEqual(callerCallsPerMinute - calls);
      expect(await availableIn(replica, 'told')).toBeLessThanOrEqual(callerCallsPerMinute - calls + refilled(beganMs));
    }
    const { remaining, available } = await ask(1, 'told');
    expect(remaining).toBeLessThanOrEqual((available ?? 0) + 1);
    expect(remaining).toBeLessThanOrEqual(callerCallsPerMinute - calls + refilled(beganMs));
    expect(await availableIn(2, 'another')).toBe(callerCallsPerMinute);
  });

  test('a budget that one replica spent is spent at a replica that starts later', async () => {
    await Promise.all(Array.from({ length: callerCallsPerMinute }, () => ask(0, 'spent')));
    await settled();
    await startReplica();
    expect(await availableIn(3, 'spent')).toBeLessThan(callerCallsPerMinute / 4);
  });

  test.each([
    ['are counted together', 3],
    ['are refused by the others where one replica has seen all of them', 1],
  ])('credentials that are not valid %s', async (_, asking) => {
    const beganMs = performance.now();
    const asked = Array.from({ length: failedAuthenticationsPerMinute }, (__, index) => ask(index % asking, 'wrong'));
    expect((await Promise.all(asked)).every(({ status }) => status === 401)).toBe(true);
    await settled();
    let more = 0;
    for (const replica of [1, 2, 0])
      await expect
        .poll(async () => {
          const { status } = await ask(replica, 'wrong');
          more += status === 401 ? 1 : 0;
          return status;
        }, within)
        .toBe(429);
    expect(more).toBeLessThanOrEqual(
      Math.ceil(((performance.now() - beganMs) * failedAuthenticationsPerMinute) / 60_000),
    );
  });

  test.each([
    ['killed', () => redis.kill(), () => redis.restart()],
    ['paused', () => Promise.resolve(redis.pause()), () => Promise.resolve(redis.resume())],
  ])(
    'a server that is %s fails no request: each replica gives its share, and tells it later',
    async (_, begin, end) => {
      const key = 'alone';
      await ask(0, key);
      await begin();
      await expect.poll(() => replicas.some(({ shared }) => shared.health().answers), within).toBe(false);
      const beganMs = performance.now();
      const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => ask(index % 3, key)));
      const calls = callsOf(answers);
      expect(calls).toBeGreaterThan(callerCallsPerMinute * 0.8);
      expect(calls).toBeLessThanOrEqual(callerCallsPerMinute + 3 * refilled(beganMs));
      expect(answers.every(({ code }) => code === undefined || code === 'THROTTLED')).toBe(true);
      await end();
      await expect.poll(() => replicas.every(({ shared }) => shared.health().answers), within).toBe(true);
      await settled();
      expect(await availableIn(0, key)).toBeLessThanOrEqual(callerCallsPerMinute - calls + 2 * refilled(beganMs));
    },
  );

  test('a budget of another version is left alone and told', async () => {
    const [replica] = replicas;
    await ask(0, 'versions');
    await ask(0, 'versions');
    const [name = ''] = await redis.client.keys('*:budget:upstreamCalls:*');
    await settled();
    await redis.client.set(name, '2 unknown');
    expect((await ask(1, 'versions')).code).toBeUndefined();
    await settled();
    expect(await redis.client.get(name)).toBe('2 unknown');
    expect(replicas[1]?.shared.figures().unreadable).toBe(1);
    expect(replica?.shared.health().answers).toBe(true);
    // Nobody is named there.
    expect((await redis.client.keys('*')).join('\n')).not.toContain('versions');
  });
});
