import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TicsConfig } from '../../src/config/config.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/start.ts';
import type { Shared } from '../../src/shared/shared.ts';
import { askGateway, configFor, gatewayFor, nowMs } from '../support/gateway.ts';
import {
  encryptionKeys,
  isRedisInstalled,
  openReplica,
  startRedis,
  withoutRedis,
  type RedisServer,
} from '../support/redis.ts';
import { within } from '../support/replicas.ts';

const query = '{ leagues(first: 1) { nodes { id } } agents(first: 5) { nodes { id runtime { status } } } }';

describe.skipIf(!isRedisInstalled)(`sign-ins of replicas${withoutRedis}`, { timeout: 60_000 }, () => {
  let redis: RedisServer;
  let sandbox: Sandbox;
  const opened: { gateway: Gateway; shared: Shared }[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    sandbox = await startSandbox({ nowMs });
  });
  beforeEach(async () => {
    await redis.reset();
    await sandbox.client.clearRules();
    await sandbox.client.expireTokens();
    await sandbox.client.clearCalls();
  });
  afterEach(async () => {
    for (const { gateway, shared } of opened.splice(0)) {
      await gateway.close();
      await shared.close();
    }
  });
  afterAll(async () => {
    await sandbox.close();
    await redis.close();
  });

  const startReplica = async (
    tics: TicsConfig = configFor(sandbox),
    ...options: Parameters<typeof openReplica> extends [string, ...infer Rest] ? Rest : never
  ) => {
    const shared = await openReplica(redis.url, ...options);
    const gateway = gatewayFor(tics, { shared });
    opened.push({ gateway, shared });
    return { gateway, shared, ask: () => askGateway(gateway, query) };
  };
  const signIns = async () => {
    const { createToken = 0, createAgentToken = 0 } = await sandbox.client.countCalls();
    return { createToken, createAgentToken };
  };

  test('one for each account, however many replicas ask at once', async () => {
    const replicas = await Promise.all([startReplica(), startReplica(), startReplica()]);
    const answers = await Promise.all(replicas.flatMap(({ ask }) => Array.from({ length: 10 }, ask)));
    expect(answers.map(({ errors }) => errors)).toEqual(answers.map(() => undefined));
    const { createToken, createAgentToken } = await signIns();
    expect(createToken).toBe(1);
    expect(createAgentToken).toBeGreaterThan(0);
    expect(createAgentToken).toBeLessThanOrEqual(sandbox.agents.length);
  });

  test('a replica that starts later signs in no more', async () => {
    await (await startReplica()).ask();
    const before = await signIns();
    const { errors } = await (await startReplica()).ask();
    expect(errors).toBeUndefined();
    expect(await signIns()).toEqual(before);
  });

  test('a token that died is replaced once for all', async () => {
    const replicas = await Promise.all([startReplica(), startReplica(), startReplica()]);
    for (const { ask } of replicas) await ask();
    await sandbox.client.clearCalls();
    await sandbox.client.expireTokens({ plane: 'iam' });
    const answers = await Promise.all(replicas.flatMap(({ ask }) => [ask(), ask()]));
    expect(answers.map(({ errors }) => errors)).toEqual(answers.map(() => undefined));
    expect((await signIns()).createToken).toBe(1);
  });

  test('a refused password is tried once by all replicas together', async () => {
    const good = configFor(sandbox);
    const wrong = { ...good, account: { ...good.account, password: 'not this one' } };
    const replicas = await Promise.all([startReplica(wrong), startReplica(wrong), startReplica(wrong)]);
    const answers = await Promise.all(
      replicas.flatMap(({ gateway }) =>
        Array.from({ length: 3 }, () => askGateway(gateway, '{ leagues(first: 1) { nodes { id } } }')),
      ),
    );
    for (const { errors } of answers) expect(errors?.[0]?.extensions).toMatchObject({ code: 'SIGN_IN_REFUSED' });
    expect((await signIns()).createToken).toBe(1);
    // Another password is another account: its refusal is not the right one's.
    const { errors } = await askGateway((await startReplica()).gateway, '{ leagues(first: 1) { nodes { id } } }');
    expect(errors).toBeUndefined();
    expect((await signIns()).createToken).toBe(2);
  });

  test('a replica that is taken for dead while it signs in is waited for, not for long', async () => {
    const [one, other] = await Promise.all([openReplica(redis.url), openReplica(redis.url)]);
    const account = { upstreamScope: 'account', name: 'name', fingerprint: 'fingerprint' };
    expect(await one.signIns.lock(account)).toHaveProperty('write');
    await one.close();
    expect(await other.signIns.lock(account)).toBe('BUSY');
    const [lock = ''] = await redis.client.keys('*:lock');
    // As after a while.
    await redis.client.pexpire(lock, 24_000);
    expect(await other.signIns.lock(account)).toHaveProperty('write');
    await other.close();
  });

  test('nothing confidential can be read there', async () => {
    const { ask } = await startReplica();
    await ask();
    const names = await redis.client.keys('*');
    const values = await Promise.all(
      names.map(async (name) => ((await redis.client.type(name)) === 'string' ? await redis.client.get(name) : '')),
    );
    const accounts = names.filter((name) => name.includes(':account:'));
    expect(accounts.length).toBeGreaterThan(1);
    const all = [...names, ...values].join('\n');
    for (const secret of [sandbox.account.password, ...sandbox.agents.map(({ password }) => password)])
      expect(all).not.toContain(secret);
    for (const name of accounts) expect(await redis.client.get(name)).toMatch(/^1\.[0-9a-f]{8}\.[0-9A-Za-z+/=]+$/);
  });

  test('keys are rotated without a sign-in', async () => {
    const [one, other] = encryptionKeys;
    await (await startReplica()).ask();
    const before = await signIns();
    const { errors } = await (await startReplica(configFor(sandbox), { encryptionKeys: [other, one] })).ask();
    expect(errors).toBeUndefined();
    expect(await signIns()).toEqual(before);
  });

  test('what was encrypted by another key, or is of another version, is told and left alone', async () => {
    await (await startReplica()).ask();
    const names = (await redis.client.keys('*:account:*')).filter((name) => !name.endsWith(':lock'));
    const [changed = ''] = names;
    await redis.client.set(changed, '2.unknown');
    const kept = await redis.client.mget(names);
    const told: string[] = [];
    const { ask, shared } = await startReplica(
      configFor(sandbox),
      { encryptionKeys: [encryptionKeys[1]] },
      { onUnreadable: (what) => told.push(what) },
    );
    expect((await ask()).errors).toBeUndefined();
    expect(told.length).toBeGreaterThan(1);
    expect(shared.figures().unreadable).toBe(told.length);
    expect(await redis.client.mget(names)).toEqual(kept);
  });

  test('a server that is away, paused or read-only fails no request, and is returned to', async () => {
    const { ask, shared, gateway } = await startReplica();
    const states: [string, () => unknown, () => unknown][] = [
      ['UNREACHABLE', redis.kill, redis.restart],
      ['SLOW', redis.pause, redis.resume],
      [
        'READ_ONLY',
        () => redis.client.config('SET', 'min-replicas-to-write', '1'),
        () => redis.client.config('SET', 'min-replicas-to-write', '0'),
      ],
    ];
    for (const [reason, begin, end] of states) {
      await begin();
      if (reason === 'UNREACHABLE') await sandbox.client.expireTokens();
      await expect.poll(() => shared.health().reason, within).toBe(reason);
      expect((await gateway.readiness()).redis).toMatchObject({ answers: false, reason });
      expect((await ask()).errors).toBeUndefined();
      await end();
      await expect.poll(() => shared.health().answers, within).toBe(true);
      expect((await ask()).errors).toBeUndefined();
    }
  });
});
