import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisConnection, script } from '../../src/shared/redis/connection.ts';
import { createEncryption } from '../../src/shared/redis/encryption.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { Replicas } from '../../src/shared/redis/replicas.ts';
import { createWrites } from '../../src/shared/redis/writes.ts';
import {
  encryptionKeys,
  isRedisInstalled,
  redisConfig,
  startRedis,
  withoutRedis,
  type RedisServer,
} from '../support/redis.ts';

/** The same connection with other methods. */
function withMethods(connection: RedisConnection, methods: Partial<RedisConnection>): RedisConnection {
  return new Proxy(connection, {
    get: (target, name) => {
      const own: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name, target);
      return typeof own === 'function' ? (own.bind(target) as unknown) : own;
    },
  });
}

/** Replies come by one connection and messages by another: either may be late. */
describe.skipIf(!isRedisInstalled)(`what overtakes${withoutRedis}`, () => {
  let redis: RedisServer;
  const ends: (() => unknown)[] = [];

  beforeAll(async () => {
    redis = await startRedis();
  });
  beforeEach(async () => {
    await redis.client.flushall();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(async () => {
    await redis.close();
  });

  const connect = async (): Promise<RedisConnection> => {
    const connection = await RedisConnection.open(redisConfig(redis.url, { timeoutMs: 5_000 }));
    ends.push(() => connection.close());
    await connection.connected(5_000);
    return connection;
  };

  const startWrites = async (methods: Partial<RedisConnection> = {}) => {
    const connection = await connect();
    const replicas = new Replicas(connection, 2);
    ends.push(() => replicas.close());
    const writes = createWrites(withMethods(connection, methods), replicas);
    await connection.subscribed(connection.key('writes'));
    await replicas.beat();
    return { replicas, writes };
  };

  test('an own write before the message of another one’s: that one is not taken for heard', async () => {
    const messages: string[] = [];
    const writing = await startWrites();
    // A replica to which no message comes.
    const deaf = await startWrites({
      subscribe: (channel) => {
        messages.push(channel);
        return () => undefined;
      },
    });
    expect(messages).toContain('{test}:writes');
    await writing.replicas.beat();
    await writing.writes.announce();
    const before = deaf.writes.heard();
    let dropped = 0;
    deaf.writes.onWrite(() => (dropped += 1));
    const number = await redis.client.get('{test}:writes');
    const first = writing.writes.announce();
    await expect.poll(() => redis.client.get('{test}:writes')).not.toBe(number);
    const own = deaf.writes.announce();
    await first;
    expect(dropped).toBeGreaterThan(0);
    expect(deaf.writes.heard()).toBeGreaterThan(before);
    await own;
  });

  test('a poll that began before the keys were replaced: who replaced them reads what it wrote', async () => {
    const connection = await connect();
    await connection.probe(script('return 1'), [], []);
    const held = { isHolding: false, release: (): void => undefined };
    const encryption = createEncryption([encryptionKeys[0]]);
    const keys = createKeys({
      connection: withMethods(connection, {
        run: async (command) => {
          const reply = await connection.run(command);
          if (!held.isHolding) return reply;
          held.isHolding = false;
          await new Promise<void>((resolve) => (held.release = resolve));
          return reply;
        },
      }),
      encryption,
      onUnreadable: () => undefined,
    });
    await keys.poll();
    expect(await keys.replace('one')).toBe('REPLACED');
    held.isHolding = true;
    const poll = keys.poll();
    await expect.poll(() => held.isHolding).toBe(false);
    const kept = await redis.client.get('{test}:keys');
    const replaced = keys.replace('two').then((outcome) => [outcome, keys.latest()]);
    await expect.poll(() => redis.client.get('{test}:keys')).not.toBe(kept);
    // The reply to the same connection comes after that of the replacement.
    await connection.run((client) => client.get('any'));
    held.release();
    expect(await replaced).toEqual(['REPLACED', 'two']);
    await poll;
  });
});
