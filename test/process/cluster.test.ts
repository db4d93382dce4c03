import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startBalancer } from '../../ops/cluster/balancer.ts';
import { installedServer } from '../../ops/cluster/redisServer.ts';
import { inheritedEnvironment } from '../support/gatewayProcess.ts';
import { isRedisInstalled, withoutRedis } from '../support/redis.ts';
import { overEvents, overWebSocket } from '../support/subscribe.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

let child: ChildProcess | undefined;

afterEach(async () => {
  if (child === undefined || child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function started(...args: readonly string[]) {
  child = spawn(process.execPath, ['--import', 'tsx', 'ops/cluster/cluster.ts', ...args], {
    cwd: repository,
    env: { ...inheritedEnvironment(), PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const url = () => /^\d+ replicas: (http:\/\/127\.0\.0\.1:\d+)/m.exec(lines.join('\n'))?.[1];
  await expect.poll(url, { timeout: 60_000 }).toBeDefined();
  const pids = lines.flatMap((line) => /process (\d+)$/.exec(line)?.[1] ?? []).map(Number);
  return { url: url() ?? '', pids, lines, process: child };
}

test.skipIf(!isRedisInstalled)(
  `a cluster is one gateway, and ends as one${withoutRedis}`,
  { timeout: 120_000 },
  async () => {
    const { url, pids, process: cluster } = await started('2');
    expect(pids).toHaveLength(3);
    const ask = async (path: string, init: RequestInit = {}) =>
      (await (
        await fetch(`${url}${path}`, {
          ...init,
          signal: AbortSignal.timeout(10_000),
          headers: { ...init.headers, connection: 'close' },
        })
      ).json()) as {
        readonly data?: { readonly agents: { readonly nodes: readonly { readonly id: string }[] } };
        readonly redis?: object;
      };
    const query = '{ agents(first: 1) { nodes { id } } }';
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) };
    const answers = await Promise.all([ask('/graphql', post), ask('/graphql', post)]);
    const id = answers[0]?.data?.agents.nodes[0]?.id;
    expect(id).toBeDefined();
    expect(answers[1]).toEqual(answers[0]);
    await expect.poll(async () => (await ask('/readyz')).redis).toMatchObject({ answers: true, replicas: 2 });

    const subscription = { query: 'subscription ($id: ID!) { agentStatus(id: $id) { status } }', variables: { id } };
    for (const connect of [overWebSocket, overEvents]) {
      const client = connect(url);
      const answer = client.ask(subscription);
      expect((await answer.next())?.errors).toBeUndefined();
      await answer.leave();
      client.close();
    }

    // One of them dies without a word.
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await expect.poll(async () => (await ask('/readyz')).redis, { timeout: 5_000 }).toMatchObject({ replicas: 1 });
    expect((await ask('/graphql', post)).data?.agents.nodes).toHaveLength(1);

    const ended = once(cluster, 'exit');
    cluster.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(pids.filter(isAlive)).toEqual([]);
  },
);

test('a number of replicas that can not be is refused', async () => {
  const refused = spawn(process.execPath, ['--import', 'tsx', 'ops/cluster/cluster.ts', 'many'], { cwd: repository });
  let text = '';
  refused.stderr.on('data', (chunk) => (text += String(chunk)));
  expect(await once(refused, 'exit')).toEqual([1, null]);
  expect(text).toMatch(/^usage: npm run cluster/);
});

test('a server is found where it is installed', () => {
  expect(installedServer('')).toBe(isRedisInstalled ? installedServer() : undefined);
});

test('connections go to replicas in turn, and past those that refuse', async () => {
  const servers = await Promise.all(
    ['one', 'other'].map(async (name) => {
      const server = createServer((_, response) => response.end(name)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      return { server, port: (server.address() as AddressInfo).port };
    }),
  );
  const balancer = await startBalancer(0, () => servers.map(({ port }) => ({ host: '127.0.0.1', port })));
  const ask = async () =>
    (await fetch(`http://127.0.0.1:${balancer.port}`, { headers: { connection: 'close' } })).text();
  expect(new Set([await ask(), await ask()])).toEqual(new Set(['one', 'other']));
  servers[0]?.server.close();
  expect([await ask(), await ask()]).toEqual(['other', 'other']);
  servers[1]?.server.close();
  await expect(ask()).rejects.toThrow();
  balancer.close();
});
