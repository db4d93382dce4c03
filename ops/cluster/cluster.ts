import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { startEmbeddedTics, ticsConfig } from '../../src/process/embeddedTics.ts';
import { startBalancer, type Replica } from './balancer.ts';
import { installedServer, startRedisServer } from './redisServer.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

const defaultReplicas = 4;
const mostReplicas = 16;
const defaultPort = 4000;

/** Replicas have so long to finish what they do. */
const stopWithinMs = 10_000;

const install = `No valkey-server and no redis-server is installed, and replicas share through one. On Debian:

  sudo apt-get install redis-server

One replica starts without it.
`;

/** A replica in a process of its own. */
interface RunningReplica {
  readonly name: number;
  readonly child: ChildProcess;
  /** Where it listens; undefined when it ended before. */
  readonly listening: Promise<Replica | undefined>;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** @throws Error that says how it is used */
function countOf(text = `${defaultReplicas}`): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= mostReplicas) return count;
  throw new Error(`usage: npm run cluster -- <replicas>   1 to ${mostReplicas}, by default ${defaultReplicas}`);
}

/** Starts a replica by a configuration of its own: each has its data directory. */
function startReplica(name: number, directory: string, config: object): RunningReplica {
  const own = join(directory, `replica${name}`);
  mkdirSync(own);
  const path = join(own, 'gateway.config.yaml');
  writeFileSync(path, stringify({ ...config, dataDirectory: join(own, 'data') }), { mode: 0o600 });
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd: repository,
    env: { ...process.env, GATEWAY_CONFIG: path, HOST: '127.0.0.1', PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const listening = new Promise<Replica | undefined>((resolve) => {
    child.once('exit', () => resolve(undefined));
    createInterface({ input: child.stdout }).on('line', (line) => {
      say(`${name} | ${line}`);
      const [, port] = /"url":"http:\/\/127\.0\.0\.1:(\d+)".*"msg":"listening"/.exec(line) ?? [];
      if (port !== undefined) resolve({ host: '127.0.0.1', port: Number(port) });
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line !== '') say(`${name} | ${line}`);
    });
  });
  return { name, child, listening };
}

async function stopReplica({ child }: RunningReplica): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  const kill = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  await ended;
  clearTimeout(kill);
}

/** Starts replicas behind one port, with an embedded TICS and a Redis; all of it ends with the first signal. */
async function run(): Promise<void> {
  const asked = countOf(process.argv[2]);
  const port = Number(process.env['PORT'] ?? defaultPort);
  const directory = mkdtempSync(join(tmpdir(), 'tics-gateway-cluster-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const server = installedServer();
  if (server === undefined) say(install);
  const redis = server === undefined ? undefined : await startRedisServer(server, directory);
  const tics = await startEmbeddedTics();
  const config = {
    tics: ticsConfig(tics),
    callers: 'anonymous',
    graphiql: 'on',
    introspection: 'on',
    bi: 'off',
    // The balancer: all connections come from it.
    trustedProxies: ['127.0.0.1'],
    ...(redis && { redis: { url: redis.url, encryptionKeys: [randomBytes(32).toString('base64')] } }),
  };
  const count = redis === undefined ? 1 : asked;
  const replicas = Array.from({ length: count }, (_, index) => startReplica(index + 1, directory, config));
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    say('stopping');
    void Promise.all(replicas.map(stopReplica))
      .then(() => redis?.close())
      .then(() => process.exit(0));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);

  const running = new Map<RunningReplica, Replica>();
  for (const replica of replicas) {
    replica.child.once('exit', () => {
      running.delete(replica);
      if (!isStopping) say(`replica ${replica.name} has ended; the others go on`);
    });
    const place = await replica.listening;
    if (place !== undefined) running.set(replica, place);
  }
  const balancer = await startBalancer(port, () => [...running.values()]);
  for (const { name, child } of replicas) say(`replica ${name}: process ${child.pid}`);
  if (redis !== undefined) say(`redis: ${redis.url}, process ${redis.pid}`);
  say(`${running.size} replicas: http://127.0.0.1:${balancer.port}/graphql   Ctrl-C ends all of them`);
}

await run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
