import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { generate } from 'selfsigned';
import { expect } from 'vitest';
import type { RedisConfig } from '../../src/config/config.ts';
import { makeDirectory } from './directory.ts';
import { freePort } from '../../ops/freePort.ts';
import { bin, redisConfig } from './redis.ts';

const host = '127.0.0.1';
const password = 'secret of the servers';

const soon = { timeout: 15_000, interval: 50 };

/** Servers that are one Redis to a replica. */
export interface RedisTopology {
  readonly config: RedisConfig;
  /** The server that takes writes of the gateways at the moment. */
  readonly primary: () => Promise<RedisNode>;
  readonly nodes: readonly RedisNode[];
  /** All keys, whichever server has them. */
  readonly keys: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** One server of several. */
export interface RedisNode {
  readonly port: number;
  readonly client: Redis;
  readonly kill: () => Promise<void>;
  readonly pause: () => void;
  readonly resume: () => void;
}

/** A certificate that stands for its own authority, for servers and clients on loopback. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

export async function makeCertificate(): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: 'redis' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: host }] },
    ],
  });
  return { certificate: made.cert, key: made.private };
}

/** Starts servers of one test, and ends them. */
class Servers {
  readonly #directory = makeDirectory();
  readonly #nodes: (RedisNode & { readonly child: ChildProcess })[] = [];
  readonly #tls: Certificate | undefined;
  readonly #files: readonly string[];

  constructor(tls: Certificate | undefined) {
    this.#tls = tls;
    this.#files = tls === undefined ? [] : [this.#write('cert.pem', tls.certificate), this.#write('key.pem', tls.key)];
  }

  get scheme(): string {
    return this.#tls === undefined ? 'redis' : 'rediss';
  }

  /** What a client has to know of the certificate. */
  get tls(): Pick<RedisConfig, 'tls'> {
    return this.#tls === undefined ? {} : { tls: { ca: this.#tls.certificate, ...this.#tls } };
  }

  /** Starts one, by lines of its configuration. */
  async start(lines: readonly string[], { mode = [] as readonly string[], auth = '' } = {}): Promise<RedisNode> {
    const port = await freePort();
    const [cert, key] = this.#files;
    const listening =
      this.#tls === undefined
        ? [`port ${port}`]
        : [
            ...['port 0', `tls-port ${port}`, 'tls-replication yes', ...(mode.length > 0 ? [] : ['tls-cluster yes'])],
            ...[`tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${cert}`, 'tls-auth-clients yes'],
          ];
    const file = this.#write(
      `${port}.conf`,
      [...listening, `bind ${host}`, `dir ${this.#directory}`, ...lines].join('\n'),
    );
    const child = spawn(bin, [file, ...mode], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    const client = new Redis({
      host,
      port,
      retryStrategy: () => 50,
      maxRetriesPerRequest: null,
      ...(auth && { password: auth }),
      ...(this.#tls && { tls: { ca: this.#tls.certificate, cert: this.#tls.certificate, key: this.#tls.key } }),
      enableReadyCheck: mode.length === 0,
    });
    client.on('error', () => undefined);
    const node = {
      port,
      client,
      child,
      kill: async () => {
        child.kill('SIGKILL');
        await ended;
      },
      pause: () => void child.kill('SIGSTOP'),
      resume: () => void child.kill('SIGCONT'),
    };
    this.#nodes.push(node);
    await Promise.race([client.ping(), ended.then(() => Promise.reject(new Error('redis-server has ended')))]);
    return node;
  }

  async close(): Promise<void> {
    for (const { client, kill } of this.#nodes) {
      client.disconnect();
      await kill();
    }
  }

  #write(name: string, text: string): string {
    const path = join(this.#directory, name);
    writeFileSync(path, text);
    return path;
  }
}

const inMemory = ['save ""', 'repl-diskless-sync-delay 0'];

/** One server. */
export async function startSingle(tls?: Certificate): Promise<RedisTopology> {
  const servers = new Servers(tls);
  const node = await servers.start(inMemory);
  return {
    config: redisConfig(`${servers.scheme}://${host}:${node.port}`, servers.tls),
    primary: () => Promise.resolve(node),
    nodes: [node],
    keys: () => node.client.keys('*'),
    close: () => servers.close(),
  };
}

/** A master and one that follows it, both with a password, and a sentinel. Another sentinel that is named has never been started. */
export async function startSentinel(tls?: Certificate): Promise<RedisTopology> {
  const servers = new Servers(tls);
  const secured = [...inMemory, `requirepass "${password}"`, `masterauth "${password}"`];
  const first = await servers.start(secured, { auth: password });
  const second = await servers.start([...secured, `replicaof ${host} ${first.port}`], { auth: password });
  await expect.poll(() => second.client.info('replication'), soon).toContain('master_link_status:up');
  const sentinel = await servers.start(
    [
      `sentinel monitor main ${host} ${first.port} 1`,
      `sentinel auth-pass main "${password}"`,
      'sentinel down-after-milliseconds main 700',
      'sentinel failover-timeout main 3000',
      `requirepass "sentinel's own"`,
    ],
    { mode: ['--sentinel'], auth: "sentinel's own" },
  );
  await expect.poll(() => sentinel.client.call('sentinel', 'replicas', 'main'), soon).toHaveLength(1);
  const primary = async (): Promise<RedisNode> => {
    const [, port] = (await sentinel.client.call('sentinel', 'get-master-addr-by-name', 'main')) as [string, string];
    return Number(port) === first.port ? first : second;
  };
  const at = (port: number): string => `${servers.scheme}://:${encodeURIComponent(password)}@${host}:${port}`;
  return {
    config: redisConfig('', {
      ...servers.tls,
      url: [at(await freePort()), at(sentinel.port)],
      sentinel: 'main',
      sentinelPassword: "sentinel's own",
    }),
    primary,
    nodes: [first, second],
    keys: async () => (await primary()).client.keys('*'),
    close: () => servers.close(),
  };
}

const slots = 16_384;

/** Three masters, and one that follows the one with the keys. */
export async function startCluster(tls?: Certificate): Promise<RedisTopology> {
  const servers = new Servers(tls);
  const nodes: RedisNode[] = [];
  const busPorts: number[] = [];
  for (let count = 0; count < 4; count += 1) {
    const busPort = await freePort();
    busPorts.push(busPort);
    nodes.push(
      await servers.start([
        ...inMemory,
        ...['cluster-enabled yes', `cluster-config-file nodes${count}`, `cluster-port ${busPort}`],
        ...['cluster-node-timeout 1000', 'cluster-require-full-coverage no'],
      ]),
    );
  }
  const [first, second, third, follower] = nodes as [RedisNode, RedisNode, RedisNode, RedisNode];
  const masters = [first, second, third];
  for (const [index, { client }] of masters.entries()) {
    const [from, to] = [Math.floor((slots * index) / 3), Math.floor((slots * (index + 1)) / 3) - 1];
    await client.call('cluster', 'addslotsrange', from, to);
  }
  for (const [index, { port }] of nodes.entries())
    if (index > 0) await first.client.call('cluster', 'meet', host, port, busPorts[index] ?? 0);
  const slot = (await first.client.call('cluster', 'keyslot', '{test}')) as number;
  const owner = masters[Math.floor((slot * 3) / slots)] as RedisNode;
  const id = (await owner.client.call('cluster', 'myid')) as string;
  for (const { client } of nodes)
    await expect.poll(() => client.call('cluster', 'info'), soon).toMatch(/cluster_state:ok[^]*cluster_known_nodes:4/);
  await expect.poll(() => follower.client.call('cluster', 'replicate', id).catch(() => 'not yet'), soon).toBe('OK');
  await expect.poll(() => follower.client.info('replication'), soon).toContain('master_link_status:up');
  await expect.poll(() => first.client.call('cluster', 'replicas', id), soon).toHaveLength(1);
  const primary = async (): Promise<RedisNode> => {
    const isMaster = /^role:master/m.test(await follower.client.info('replication'));
    return isMaster ? follower : owner;
  };
  const others = masters.filter((node) => node !== owner);
  const mastersNow = async () => [await primary(), ...others];
  return {
    config: redisConfig('', {
      ...servers.tls,
      url: others.map(({ port }) => `${servers.scheme}://${host}:${port}`),
      cluster: true,
    }),
    primary,
    nodes,
    keys: async () => (await Promise.all((await mastersNow()).map(({ client }) => client.keys('*')))).flat(),
    close: () => servers.close(),
  };
}
