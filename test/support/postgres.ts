import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { makeDirectory } from './directory.ts';
import { freePort } from '../../ops/freePort.ts';

const root = '/usr/lib/postgresql';

/** Where Debian's packages put the server; undefined where it is not installed. */
export const postgresBin = existsSync(root)
  ? readdirSync(root)
      .map((version) => join(root, version, 'bin'))
      .find((bin) => existsSync(join(bin, 'initdb')))
  : undefined;

/** A server of its own, which ends with the test. */
export interface PostgresServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** The server refuses to run as root. */
function serverUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

async function untilAnswers(url: string): Promise<void> {
  for (const endAt = Date.now() + 30_000; ;) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (Date.now() > endAt) throw error;
      await new Promise((later) => setTimeout(later, 100));
    }
  }
}

/** Starts a Postgres with an empty database. */
export async function startPostgres(bin: string): Promise<PostgresServer> {
  const directory = makeDirectory();
  const user = serverUser();
  if (user.uid !== undefined && user.gid !== undefined) chownSync(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'owner', '-A', 'trust', '-N', '-E', 'UTF8', '--locale=C'], {
    ...user,
    cwd: directory,
  });
  // The owner comes in as it is; all others show their password.
  const hosts = ['owner', 'all'].map(
    (name) => `host all ${name} 127.0.0.1/32 ${name === 'all' ? 'scram-sha-256' : 'trust'}`,
  );
  writeFileSync(join(data, 'pg_hba.conf'), `${hosts.join('\n')}\n`);
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${directory}`, 'fsync=off'];
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
    ...user,
    cwd: directory,
    stdio: 'ignore',
  });
  const ended = once(server, 'exit');
  const url = `postgres://owner@127.0.0.1:${port}/postgres`;
  await untilAnswers(url);
  return {
    url,
    close: async () => {
      server.kill('SIGINT');
      await ended;
      rmSync(directory, { recursive: true });
    },
  };
}
