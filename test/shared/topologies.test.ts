import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Caller, CallerRequest } from '../../src/callers/caller.ts';
import { parseConfig } from '../../src/config/config.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/start.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { openShared } from '../../src/shared/redis/open.ts';
import type { Shared } from '../../src/shared/shared.ts';
import { askGateway, configFor, gatewayFor, nowMs } from '../support/gateway.ts';
import { isRedisInstalled, withoutRedis } from '../support/redis.ts';
import {
  makeCertificate,
  startCluster,
  startSentinel,
  startSingle,
  type Certificate,
  type RedisNode,
  type RedisTopology,
} from '../support/redisTopologies.ts';
import { overWebSocket, quick, type Client } from '../support/subscribe.ts';

const callerCallsPerMinute = 60;
const { limits } = parseConfig('', {}, 'none');
const within = { timeout: 20_000, interval: 20 };

function byKey({ headers }: CallerRequest): Caller {
  const name = headers.get('x-api-key') ?? '';
  return { upstreamScope: 'account', name, roles: ['ADMINISTRATOR'], leagues: 'ALL' };
}

interface Replica {
  readonly shared: Shared;
  readonly gateway: Gateway;
  readonly server: GatewayServer;
  readonly client: Client;
}

interface Event {
  readonly status: string;
  readonly gap: boolean;
  readonly final: boolean;
}

interface Stream {
  readonly events: Event[];
  readonly errors: unknown[];
  readonly ended: Promise<void>;
}

describe.skipIf(!isRedisInstalled)(`replicas act as one${withoutRedis}`, { timeout: 120_000 }, () => {
  let sandbox: Sandbox;
  let certificate: Certificate;
  let topology: RedisTopology | undefined;
  const replicas: Replica[] = [];

  beforeAll(async () => {
    sandbox = await startSandbox({ nowMs, speed: 0 });
    certificate = await makeCertificate();
  });
  beforeEach(async () => {
    await sandbox.client.clearRules();
    await sandbox.client.expireTokens();
    await sandbox.client.clearCalls();
  });
  afterEach(async () => {
    for (const { client, server, shared } of replicas.splice(0)) {
      client.close();
      await server.close();
      await shared.close();
    }
    await topology?.close();
    topology = undefined;
  });
  afterAll(() => sandbox.close());

  /** @param freshMs - answers are kept for so long: only a write ends them sooner */
  const startThree = async ({ config }: RedisTopology, freshMs = 0): Promise<void> => {
    for (let count = 0; count < 3; count += 1) {
      const shared = await openShared(
        { ...config, timeoutMs: 1_500 },
        { onHealth: () => undefined, onUnreadable: () => undefined },
      );
      const gateway = gatewayFor(
        configFor(sandbox),
        {
          ...{ shared, identify: byKey, watching: quick },
          resilience: { sharing: freshMs > 0, cache: { freshMs, staleMs: freshMs, staleIfErrorMs: 0 } },
        },
        { limits: { ...limits, callerCallsPerMinute } },
      );
      const server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
      replicas.push({ shared, gateway, server, client: overWebSocket(server.url, { 'x-api-key': 'watcher' }) });
    }
    await expect.poll(() => replicas.map(({ shared }) => shared.health().replicas), within).toEqual([3, 3, 3]);
  };

  const ask = <Data>(index: number, key: string, query: string, variables = {}) =>
    askGateway<Data>((replicas[index % 3] as Replica).gateway, query, variables, { 'x-api-key': key });

  /** Calls of a budget that were given, to callers who ask all replicas at once. */
  const spend = async (key: string): Promise<number> => {
    const answers = await Promise.all(
      Array.from({ length: 90 }, (_, index) => ask(index, key, `{ leagues(first: ${index + 1}) { nodes { id } } }`)),
    );
    const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions?.['code']) ?? []);
    expect(new Set(codes)).toEqual(new Set(['THROTTLED']));
    return answers.length - codes.length;
  };

  const watchAll = (id: string): readonly Stream[] =>
    replicas.map(({ client }) => {
      const query = 'subscription ($id: ID!) { event: instanceStatus(id: $id) { status gap final } }';
      const answers = client.ask<{ event: Event }>({ query, variables: { id } });
      const [events, errors]: [Event[], unknown[]] = [[], []];
      const readAll = async (): Promise<void> => {
        for (let next = await answers.next(); next !== undefined; next = await answers.next()) {
          if (next.errors) errors.push(...next.errors);
          else events.push(next.data.event);
        }
      };
      return { events, errors, ended: readAll() };
    });

  const statuses = (streams: readonly Stream[]) =>
    streams.map(({ events }) => [...new Set(events.map(({ status }) => status))]);

  const run = async () => {
    const { id, leagueId } = sandbox.world.instances[0] ?? { id: '', leagueId: '' };
    await sandbox.client.setInstanceStatus(id, 'RUNNING');
    return { id, globalId: `Instance:${leagueId}/${id}` };
  };

  const describeAt = async (index: number, id: string) =>
    (
      await ask<{ league: { settings: { description: string } } }>(
        index,
        'reader',
        'query ($id: ID!) { league(id: $id) { settings { description } } }',
        { id },
      )
    ).data.league.settings.description;

  const starts: readonly [string, (tls: Certificate) => Promise<RedisTopology>][] = [
    ['a master that a sentinel names', () => startSentinel()],
    ['a cluster of three', () => startCluster()],
    ['one server over TLS that asks for a certificate', (tls) => startSingle(tls)],
    ['a master that a sentinel names, over TLS', (tls) => startSentinel(tls)],
    ['a cluster of three, over TLS', (tls) => startCluster(tls)],
  ];

  test.each(starts)('through %s', async (_, start) => {
    topology = await start(certificate);
    await startThree(topology, 600_000);

    // One sign-in, one budget.
    const beganMs = performance.now();
    const given = await spend('spender');
    expect(given).toBeGreaterThan(callerCallsPerMinute / 3);
    const refilled = ((performance.now() - beganMs) * callerCallsPerMinute) / 60_000;
    const calls = await sandbox.client.countCalls();
    expect(calls['createToken']).toBe(1);
    expect(given).toBeLessThanOrEqual(callerCallsPerMinute + Math.ceil(refilled) + 1);

    // A write is heard before it is answered.
    const { data } = await ask<{ leagues: { nodes: { id: string }[] } }>(
      0,
      'reader',
      '{ leagues(role: OWNER, first: 1) { nodes { id } } }',
    );
    const league = data.leagues.nodes[0]?.id ?? '';
    for (let count = 0; count < 3; count += 1) {
      await Promise.all([0, 1, 2].map((index) => describeAt(index, league)));
      const { errors } = await ask(
        count,
        'writer',
        'mutation ($id: ID!, $text: String) { updateLeague(input: { id: $id, description: $text }) { userErrors { code } } }',
        { id: league, text: `text ${count}` },
      );
      expect(errors).toBeUndefined();
      expect(await Promise.all([0, 1, 2].map((index) => describeAt(index, league)))).toEqual(
        Array.from({ length: 3 }, () => `text ${count}`),
      );
    }

    // One poll, one log.
    const { id, globalId } = await run();
    const streams = watchAll(globalId);
    await expect.poll(() => statuses(streams), within).toEqual([['RUNNING'], ['RUNNING'], ['RUNNING']]);
    expect(replicas.map(({ shared }) => shared.figures().watches.leases).sort()).toEqual([0, 0, 1]);
    await sandbox.client.setInstanceStatus(id, 'SUCCEEDED');
    await Promise.all(streams.map(({ ended }) => ended));
    for (const { events, errors } of streams) {
      expect(errors).toEqual([]);
      expect(events.map(({ status, gap }) => [status, gap])).toEqual([
        ['RUNNING', false],
        ['SUCCEEDED', false],
      ]);
    }

    const keys = await topology.keys();
    expect(keys.length).toBeGreaterThan(5);
    expect(keys.filter((key) => !key.startsWith('{test}:'))).toEqual([]);
  });

  test.each([
    ['a master that a sentinel names is killed', startSentinel, 'kill'],
    ['a master that a sentinel names hangs', startSentinel, 'pause'],
    ['the node of a cluster that has the keys is killed', startCluster, 'kill'],
    ['the node of a cluster that has the keys hangs', startCluster, 'pause'],
  ] as const)('again when %s, in mid-watch and with budgets in use', async (_, start, how) => {
    topology = await start();
    await startThree(topology);
    const { id, globalId } = await run();
    const streams = watchAll(globalId);
    await expect.poll(() => statuses(streams), within).toEqual([['RUNNING'], ['RUNNING'], ['RUNNING']]);
    const beganMs = performance.now();
    const before = await spend('spender');
    const primary = await topology.primary();
    await primary[how]();
    // Each replica gives its share at most, and no request fails for another reason.
    const meanwhile = await spend('spender');
    await expect.poll(async () => (await topology?.primary())?.port, within).not.toBe(primary.port);
    await expect
      .poll(() => replicas.map(({ shared }) => shared.health()), within)
      .toEqual(replicas.map(() => ({ answers: true, replicas: 3 })));
    const after = await spend('spender');
    const refilled = ((performance.now() - beganMs) * callerCallsPerMinute) / 60_000;
    expect(before + meanwhile + after).toBeLessThanOrEqual(2 * callerCallsPerMinute + Math.ceil(refilled) + 3);

    await expect
      .poll(() => replicas.map(({ shared }) => shared.figures().watches.leases).sort(), within)
      .toEqual([0, 0, 1]);
    await sandbox.client.setInstanceStatus(id, 'SUCCEEDED');
    await Promise.all(streams.map(({ ended }) => ended));
    for (const { events, errors } of streams) {
      expect(errors).toEqual([]);
      expect(events.filter(({ final }) => final)).toHaveLength(1);
      expect(events.at(-1)?.status).toBe('SUCCEEDED');
    }
    primary.resume();
  });

  test('again when a node of a cluster hangs that one of them has its messages from', async () => {
    topology = await startCluster();
    await startThree(topology);
    const { id, globalId } = await run();
    const streams = watchAll(globalId);
    await expect.poll(() => statuses(streams), within).toEqual([['RUNNING'], ['RUNNING'], ['RUNNING']]);
    const primary = await topology.primary();
    const others = topology.nodes.filter((node) => node !== primary);
    const listeningTo = async (): Promise<RedisNode | undefined> => {
      for (const node of others)
        if (((await node.client.call('client', 'list', 'type', 'pubsub')) as string) !== '') return node;
      // Each connects to another one, in the end.
      await primary.client.call('client', 'kill', 'type', 'pubsub');
      return undefined;
    };
    await expect.poll(listeningTo, within).toBeDefined();
    const hung = await listeningTo();
    hung?.pause();
    await sandbox.client.setInstanceStatus(id, 'SUCCEEDED');
    await Promise.all(streams.map(({ ended }) => ended));
    expect(statuses(streams)).toEqual(streams.map(() => ['RUNNING', 'SUCCEEDED']));
    expect(streams.flatMap(({ errors }) => errors)).toEqual([]);
    hung?.resume();
  });
});
