import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { freePort } from '../freePort.ts';

/** A Valkey or Redis of its own. */
export interface RedisServer {
  readonly url: string;
  readonly pid: number | undefined;
  readonly close: () => Promise<void>;
}

const names = ['valkey-server', 'redis-server'];

const startWithinMs = 5_000;

/** The path of an installed server; undefined where there is none. */
export function installedServer(path = process.env['PATH'] ?? ''): string | undefined {
  const folders = [...path.split(delimiter), '/usr/bin'];
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((file) => existsSync(file));
}

async function answers(port: number): Promise<void> {
  const untilMs = performance.now() + startWithinMs;
  for (;;) {
    const socket = connect({ port, host: '127.0.0.1' });
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (performance.now() > untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      socket.destroy();
    }
  }
}

/** Starts a server on loopback that keeps nothing on disk. */
export async function startRedisServer(file: string, directory: string): Promise<RedisServer> {
  const port = await freePort();
  const child = spawn(file, ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', directory], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  await Promise.race([answers(port), ended.then(() => Promise.reject(new Error(`${file} has ended.`)))]);
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
