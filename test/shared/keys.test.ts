import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runKeyCommand } from '../../src/callers/keyCommand.ts';
import { mergeKeys } from '../../src/callers/replicaKeys.ts';
import { createKey } from '../../src/callers/keys.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/start.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import type { Shared } from '../../src/shared/shared.ts';
import { openSharedKeys } from '../../src/shared/redis/open.ts';
import { makeKeys, type Keys } from '../support/callers.ts';
import { configFor, gatewayFor, nowMs } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';
import {
  encryptionKeys,
  isRedisInstalled,
  openReplica,
  redisConfig,
  startRedis,
  withoutRedis,
  type RedisServer,
} from '../support/redis.ts';
import { overEvents, overWebSocket, quick, toEnd } from '../support/subscribe.ts';

/** The bound is a second; the rest is for a machine that is busy. */
const soon = { timeout: 3_000, interval: 20 };

/** A path may have 4,095 bytes: `keys.json` fits into this directory, the file that would replace it does not. Rights hold no root. */
function unwritableIn(directory: string): string {
  const length = 4_095 - '/keys.json'.length;
  let path = directory;
  while (path.length + 1 < length) path = join(path, 'd'.repeat(Math.min(200, length - path.length - 1)));
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

/** For what takes as long as a server takes to come or go. */
const inTheEnd = { timeout: 20_000, interval: 20 };

describe.skipIf(!isRedisInstalled)(`keys of replicas${withoutRedis}`, { timeout: 60_000 }, () => {
  let redis: RedisServer;
  let sandbox: Sandbox;
  const replicas: { readonly server: GatewayServer; readonly shared: Shared; readonly keys: Keys }[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    sandbox = await startSandbox({ nowMs });
  });
  beforeEach(async () => {
    await redis.reset();
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

  /** Each has a data directory of its own. */
  const startReplica = async (keys?: Keys, changes: Parameters<typeof openReplica>[1] = {}) => {
    const own = keys ?? makeKeys();
    const shared = await openReplica(redis.url, { timeoutMs: 1_500, ...changes });
    const gateway = gatewayFor(
      configFor(sandbox),
      { watching: quick, shared, log: logTo([]) },
      { callers: { keys: {} }, dataDirectory: own.dataDirectory },
    );
    const server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
    const replica = { server, shared, keys: own };
    replicas.push(replica);
    return replica;
  };

  const statusAt = async ({ server }: { readonly server: GatewayServer }, key: string): Promise<number> => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify({ query: '{ viewer { name } }' }),
    });
    await response.arrayBuffer();
    return response.status;
  };

  const statuses = (key: string) => Promise.all(replicas.map((replica) => statusAt(replica, key)));

  /** The command, in the data directory of one replica. */
  const run = async ({ keys: { dataDirectory } }: { readonly keys: Keys }, ...args: readonly string[]) => {
    const { keys, close } = await openSharedKeys(redisConfig(redis.url, { timeoutMs: 1_500 }), {
      onUnreadable: () => undefined,
    });
    const written: string[] = [];
    const code = await runKeyCommand(args, {
      directory: dataDirectory,
      write: (text) => written.push(text),
      shared: keys,
    });
    close();
    return { code, text: written.join('') };
  };

  test('made by the command, or by a file, holds on all replicas; revoked at another one, it ends', async () => {
    for (let count = 0; count < 3; count += 1) await startReplica();
    const [first, second, third] = replicas as [(typeof replicas)[0], (typeof replicas)[0], (typeof replicas)[0]];
    const [made] = (await run(first, 'create', '--name', 'superset', '--role', 'viewer')).text.split('\n');
    const written = second.keys.add('written', ['VIEWER']);
    for (const key of [made ?? '', written.text]) await expect.poll(() => statuses(key), soon).toEqual([200, 200, 200]);
    const [id = ''] = /^\w+(?= {2}superset)/m.exec((await run(third, 'list')).text) ?? [];
    expect((await run(third, 'revoke', id)).code).toBe(0);
    await expect.poll(() => statuses(made ?? ''), soon).toEqual([401, 401, 401]);
    expect(await statuses(written.text)).toEqual([200, 200, 200]);
    // Each has all of them on its own disk, and Redis has neither texts nor hashes.
    const kept = replicas.map(({ keys }) => readFileSync(join(keys.dataDirectory, 'keys.json'), 'utf8'));
    expect(new Set(kept).size).toBe(1);
    const shared = (await redis.client.get('{test}:keys')) ?? '';
    expect(shared).toMatch(/^1\.[0-9a-f]{8}\./);
    for (const secret of ['superset', ...(kept[0]?.match(/[0-9a-f]{64}/g) ?? [])]) expect(shared).not.toContain(secret);
  });

  test('whose key is revoked at another replica, streams end everywhere', async () => {
    const [one, other] = [await startReplica(), await startReplica()];
    const { text, id } = one.keys.add('watcher', ['VIEWER']);
    await expect.poll(() => statuses(text), soon).toEqual([200, 200]);
    const query = 'subscription ($id: ID!) { agentStatus(id: $id) { status } }';
    const clients = [
      overEvents(one.server.url, { 'x-api-key': text }),
      overWebSocket(other.server.url, { 'x-api-key': text }),
    ];
    const streams = clients.map((client) => client.ask({ query, variables: { id: sandbox.agents[0]?.id } }));
    await Promise.all(streams.map((stream) => stream.next()));
    const revokedAtMs = performance.now();
    await run(other, 'revoke', id);
    for (const answers of await Promise.all(streams.map(toEnd)))
      expect(answers.at(-1)?.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    expect(performance.now() - revokedAtMs).toBeLessThan(3_000);
    clients.forEach((client) => client.close());
  });

  test('known keys hold while the server is away and after it has lost them; a revoked one stays so', async () => {
    const [one, other] = [await startReplica(), await startReplica()];
    const [good, bad] = [one.keys.add('good', ['VIEWER']), one.keys.add('bad', ['VIEWER'])];
    const short = one.keys.add('short', ['VIEWER'], { expiresAt: new Date(Date.now() + 4_000).toISOString() });
    for (const { text } of [short, good, bad]) await expect.poll(() => statuses(text), soon).toEqual([200, 200]);
    other.keys.revoke(bad.id);
    await expect.poll(() => statuses(bad.text), soon).toEqual([401, 401]);
    await redis.kill();
    await expect.poll(() => one.shared.health().answers, inTheEnd).toBe(false);
    expect(await statuses(good.text)).toEqual([200, 200]);
    expect(await statuses(bad.text)).toEqual([401, 401]);
    // Revoked meanwhile: at once where the file is, everywhere when it is back.
    const later = one.keys.add('later', ['VIEWER']);
    await expect.poll(() => statusAt(one, later.text), soon).toBe(200);
    await expect.poll(() => statuses(short.text), inTheEnd).toEqual([401, 401]);
    await redis.restart();
    await expect.poll(() => statuses(later.text), inTheEnd).toEqual([200, 200]);
    expect(await statuses(bad.text)).toEqual([401, 401]);
    // A replica that has none of it on its disk learns it.
    await startReplica();
    await expect.poll(() => statuses(good.text), soon).toEqual([200, 200, 200]);
    expect(await statuses(bad.text)).toEqual([401, 401, 401]);
  });

  test('of another version or another encryption key are left alone', async () => {
    const one = await startReplica();
    const { text } = one.keys.add('first', ['VIEWER']);
    await expect.poll(() => redis.client.exists('{test}:keys'), soon).toBe(1);
    const kept = await redis.client.get('{test}:keys');
    const other = await startReplica(undefined, { encryptionKeys: [encryptionKeys[1]] });
    const own = other.keys.add('own', ['VIEWER']);
    await expect.poll(() => statusAt(other, own.text), soon).toBe(200);
    expect(await statusAt(other, text)).toBe(401);
    expect(await redis.client.get('{test}:keys')).toBe(kept);
    expect(other.shared.figures().unreadable).toBeGreaterThan(0);
  });

  test('hold where the data directory can not be written', async () => {
    const one = await startReplica();
    const keys = makeKeys();
    const own = keys.add('mounted', ['VIEWER']);
    const dataDirectory = unwritableIn(keys.dataDirectory);
    copyFileSync(join(keys.dataDirectory, 'keys.json'), join(dataDirectory, 'keys.json'));
    await startReplica({ ...keys, dataDirectory });
    const { text } = one.keys.add('told', ['VIEWER']);
    for (const key of [text, own.text]) await expect.poll(() => statuses(key), soon).toEqual([200, 200]);
    expect(readFileSync(join(dataDirectory, 'keys.json'), 'utf8')).not.toContain('told');
  });
});

describe('keys of a file and of all replicas', () => {
  const request = { roles: ['VIEWER' as const], leagues: 'ALL' as const, expiresAt: null };
  const [a, b] = [createKey({ name: 'a', ...request }).key, createKey({ name: 'b', ...request }).key];
  const revoked = { ...a, revokedAt: '2026-01-01T00:00:00.000Z' };
  const wider = { ...a, roles: ['ADMINISTRATOR' as const] };

  test.each([
    ['are those of both', undefined, [a], [b], [b, a]],
    ['stay where all that was shared is lost', [a], [a], [], [a]],
    ['are revoked where either side says so', undefined, [a], [revoked], [revoked]],
    ['stay revoked where the other side is out of date', [a], [revoked], [a], [revoked]],
    ['stay revoked where one side was changed', [revoked], [wider], [revoked], [revoked]],
    ['are as the file has them where only it was changed', [a], [wider], [a], [wider]],
    ['are as all have them where only these were changed', [wider], [wider], [a], [a]],
    ['are as all have them where nobody knows who changed', undefined, [wider], [a], [a]],
  ])('%s', (_, base, own, shared, merged) => {
    expect(mergeKeys(base, own, shared, 0)).toEqual(merged);
  });

  test('one that was taken out of the file is revoked', () => {
    expect(mergeKeys([a, b], [b], [a, b], 0)).toEqual([{ ...a, revokedAt: '1970-01-01T00:00:00.000Z' }, b]);
  });
});
