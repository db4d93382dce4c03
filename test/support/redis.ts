import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { Redis } from 'ioredis';
import type { RedisConfig } from '../../src/config/config.ts';
import { openShared, type SharedObserver } from '../../src/shared/redis/open.ts';
import type { Shared } from '../../src/shared/shared.ts';
import { makeDirectory } from './directory.ts';
import { freePort } from '../../ops/freePort.ts';

export const bin = '/usr/bin/redis-server';

/** Where Debian's package puts it. */
export const isRedisInstalled = existsSync(bin);

/** Why tests are skipped where there is no server. */
export const withoutRedis = isRedisInstalled ? '' : ' (skipped: no redis-server is installed)';

/** A server of its own, which ends with the test. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Asks it from outside of the gateways. */
  readonly client: Redis;
  /** Stops it without a word, as a crash does. */
  readonly kill: () => Promise<void>;
  /** Starts it anew, on the same port, without what it had. */
  readonly restart: () => Promise<void>;
  /** It takes connections and answers nothing. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Empties it for the next test, also after one that failed while it was killed, paused or read-only: a command would wait for ever. */
  readonly reset: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts a server that keeps nothing on disk. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const directory = makeDirectory();
  const client = new Redis({ port, retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  let server: ChildProcess;
  let ended: Promise<unknown>;
  const start = async (): Promise<void> => {
    server = spawn(bin, ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', directory], {
      stdio: 'ignore',
    });
    ended = once(server, 'exit');
    await client.ping();
  };
  const kill = async (): Promise<void> => {
    server.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    port,
    client,
    url: `redis://127.0.0.1:${port}`,
    kill,
    restart: async () => {
      await kill();
      await start();
    },
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    reset: async () => {
      server.kill('SIGCONT');
      if (server.exitCode !== null || server.signalCode !== null) await start();
      await client.config('SET', 'min-replicas-to-write', '0');
      await client.flushall();
    },
    close: async () => {
      client.disconnect();
      await kill();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Keys of tests: 32 bytes each. */
export const encryptionKeys = [Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(32, 2).toString('base64')] as const;

export function redisConfig(url: string, changes: Partial<RedisConfig> = {}): RedisConfig {
  return {
    url,
    cluster: false,
    prefix: 'test',
    encryptionKeys: [encryptionKeys[0]],
    timeoutMs: 1_000,
    replicas: 3,
    ...changes,
  };
}

const silent: SharedObserver = { onHealth: () => undefined, onUnreadable: () => undefined };

/** What one replica shares, through a server of the test. */
export function openReplica(
  url: string,
  changes: Partial<RedisConfig> = {},
  observer: Partial<SharedObserver> = {},
): Promise<Shared> {
  return openShared(redisConfig(url, changes), { ...silent, ...observer });
}
