import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/start.ts';
import type { Shared } from '../../src/shared/shared.ts';
import { makeDirectory } from '../support/directory.ts';
import { configFor, gatewayFor, nowMs } from '../support/gateway.ts';
import { listening, spawnGateway, type GatewayProcess } from '../support/gatewayProcess.ts';
import { headersOf, signIn } from '../support/ownTokens.ts';
import {
  encryptionKeys,
  isRedisInstalled,
  openReplica,
  startRedis,
  withoutRedis,
  type RedisServer,
} from '../support/redis.ts';
import { overEvents, overWebSocket, quick, serve, type Answers, type Client } from '../support/subscribe.ts';

interface Event {
  readonly kind: string;
  readonly status: string;
  readonly previousStatus: string | null;
  readonly sequence: number;
  readonly cursor: string;
  readonly final: boolean;
  readonly gap: boolean;
  readonly gapReason: string | null;
}

const fields = 'kind status previousStatus sequence cursor final gap gapReason';
const ofInstance = `subscription ($id: ID!, $after: String) { event: instanceStatus(id: $id, after: $after) { ${fields} } }`;
const ofLeague = `subscription ($id: ID!, $after: String) { event: leagueInstances(leagueId: $id, after: $after) { ${fields} instanceId } }`;

/** One replica, and a client of it. */
interface Replica {
  readonly shared: Shared;
  readonly server: GatewayServer;
  readonly watch: (query: string, id: string, after?: string) => Stream;
  readonly close: () => Promise<void>;
}

/** Events of one subscription, in the order in which they come. */
interface Stream {
  readonly events: (Event & { readonly instanceId?: string })[];
  readonly errors: unknown[];
  readonly ended: Promise<void>;
  readonly isOver: () => boolean;
  readonly leave: () => Promise<unknown>;
}

function streamOf(answers: Answers<{ event: Event }>): Stream {
  const events: Event[] = [];
  const errors: unknown[] = [];
  let isOver = false;
  const readAll = async (): Promise<void> => {
    try {
      for (let answer = await answers.next(); answer !== undefined; answer = await answers.next()) {
        if (answer.errors) errors.push(...answer.errors);
        else events.push(answer.data.event);
      }
    } catch (error) {
      errors.push(error);
    }
    isOver = true;
  };
  return { events, errors, ended: readAll(), isOver: () => isOver, leave: answers.leave };
}

const within = { timeout: 10_000, interval: 20 };

describe.skipIf(!isRedisInstalled)(`watches of replicas${withoutRedis}`, { timeout: 120_000 }, () => {
  let redis: RedisServer;
  let sandbox: Sandbox;
  const replicas: Replica[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    sandbox = await startSandbox({ nowMs });
    await sandbox.client.setSpeed(0);
  });
  beforeEach(async () => {
    await redis.reset();
    await sandbox.client.clearRules();
    await sandbox.client.clearCalls();
  });
  afterEach(async () => {
    await Promise.all(replicas.splice(0).map(({ close }) => close()));
  });
  afterAll(async () => {
    await sandbox.close();
    await redis.close();
  }, 120_000);

  /** A command may take long on a busy machine: that must not pass for a server that is away. */
  const start = async (timeoutMs = 2_000, watching = quick): Promise<Replica> => {
    const shared = await openReplica(redis.url, { timeoutMs });
    const server = await serve(sandbox, { shared, watching });
    const clients: Client[] = [];
    let subscriptions = 0;
    const replica: Replica = {
      shared,
      server,
      watch: (query, id, after) => {
        // A socket has fifty at most.
        if (subscriptions % 40 === 0) clients.push(overWebSocket(server.url));
        subscriptions += 1;
        const client = clients.at(-1) as Client;
        return streamOf(client.ask({ query, variables: { id, after: after ?? null } }));
      },
      close: async () => {
        clients.forEach((client) => client.close());
        await server.close();
        await shared.close();
      },
    };
    replicas.push(replica);
    return replica;
  };
  const startThree = async (...options: Parameters<typeof start>) => [
    await start(...options),
    await start(...options),
    await start(...options),
  ];
  /** A run under way; it changes when a test says so. */
  const run = async (place = 0) => {
    const { id, leagueId } = sandbox.world.instances[place] ?? { id: '', leagueId: '' };
    await sandbox.client.setInstanceStatus(id, 'RUNNING');
    return { id, leagueId, globalId: `Instance:${leagueId}/${id}` };
  };
  const dump = async (): Promise<string> => {
    const names = await redis.client.keys('*');
    const valueOf = async (name: string): Promise<unknown> => {
      const type = await redis.client.type(name);
      if (type === 'hash') return redis.client.hgetall(name);
      if (type === 'list') return redis.client.lrange(name, 0, -1);
      return type === 'string' ? redis.client.get(name) : '';
    };
    return JSON.stringify([names, await Promise.all(names.map(valueOf))]);
  };
  const told = (stream: Stream): readonly string[] => stream.events.map(({ status }) => status);
  const leases = (): number[] => replicas.map(({ shared }) => shared.figures().watches.leases);

  test('one replica polls, and all tell the same events', async () => {
    const all = await startThree();
    const { id, globalId } = await run();
    const streams = all.map(({ watch }) => watch(ofInstance, globalId));
    await expect.poll(() => streams.map(told), within).toEqual([['RUNNING'], ['RUNNING'], ['RUNNING']]);
    await expect.poll(() => leases().sort(), within).toEqual([0, 0, 1]);
    await sandbox.client.setInstanceStatus(id, 'SUCCEEDED');
    await Promise.all(streams.map(({ ended }) => ended));
    for (const { events, errors } of streams) {
      expect(errors).toEqual([]);
      expect(events.map(({ status, gap, final }) => [status, gap, final])).toEqual([
        ['RUNNING', false, false],
        ['SUCCEEDED', false, true],
      ]);
      expect(events).toEqual(streams[0]?.events);
    }
    // Who comes later is told of the end, at whichever replica, and nobody polls for that.
    await sandbox.client.clearCalls();
    const late = [...all, await start()].map(({ watch }) => watch(ofInstance, globalId));
    await Promise.all(late.map(({ ended }) => ended));
    expect(late.map(told)).toEqual(late.map(() => ['SUCCEEDED']));
    expect(await sandbox.client.countCalls()).toEqual({});
  });

  test('one poll an interval, whatever each replica watches of a league', async () => {
    const slower = { intervals: { ...quick.intervals, quickMs: 300, slowestMs: 300 } };
    const all = await startThree(2_000, slower);
    const { leagueId } = await run();
    const runs = sandbox.world.instances.filter((instance) => instance.leagueId === leagueId).slice(0, 6);
    for (const { id } of runs) await sandbox.client.setInstanceStatus(id, 'RUNNING');
    const streams = runs.map(({ id }, index) => all[index % 3]?.watch(ofInstance, `Instance:${leagueId}/${id}`));
    await expect
      .poll(() => streams.map((stream) => stream && told(stream)), within)
      .toEqual(runs.map(() => ['RUNNING']));
    await sandbox.client.clearCalls();
    const calls = await sandbox.client.waitForCalls(5, {}, 10_000);
    expect(new Set(calls.map(({ operationId }) => operationId))).toEqual(new Set(['listLeagueInstances']));
    const gaps = calls.slice(1).map(({ receivedAtMs }, index) => receivedAtMs - (calls[index]?.receivedAtMs ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(250);
  });

  test('1,000 subscribers at three replicas are told each event, in one order', async () => {
    const all = await startThree();
    const { leagueId } = await run();
    const runs = sandbox.world.instances.filter((instance) => instance.leagueId === leagueId).slice(0, 12);
    for (const { id } of runs) await sandbox.client.setInstanceStatus(id, 'RUNNING');
    const streams = Array.from({ length: 1_000 }, (_, index) =>
      (all[index % 3] as Replica).watch(ofLeague, `League:${leagueId}`),
    );
    const isBegun = ({ events }: Stream): boolean => events.some(({ kind }) => kind === 'SNAPSHOT_END');
    await expect.poll(() => streams.every(isBegun), { timeout: 30_000 }).toBe(true);
    for (const { id } of runs) await sandbox.client.setInstanceStatus(id, 'FAILED');
    const changesOf = ({ events }: Stream) => events.filter(({ kind }) => kind === 'CHANGE');
    await expect
      .poll(() => streams.every((stream) => changesOf(stream).length >= runs.length), { timeout: 30_000 })
      .toBe(true);
    const first = changesOf(streams[0] as Stream).map(({ cursor, instanceId }) => [cursor, instanceId]);
    expect(new Set(first.map(([, instanceId]) => instanceId)).size).toBe(runs.length);
    for (const stream of streams) {
      expect(stream.errors).toEqual([]);
      expect(changesOf(stream).map(({ cursor, instanceId }) => [cursor, instanceId])).toEqual(first);
      expect(stream.events.some(({ gap }) => gap)).toBe(false);
    }
    await expect.poll(() => leases().sort(), within).toEqual([0, 0, 1]);
  });

  test('a cursor that one replica gave is resumed at another, watched meanwhile or not', async () => {
    const [one, other] = (await startThree()) as [Replica, Replica, Replica];
    const { id, leagueId } = await run();
    const next = await run(sandbox.world.instances.findIndex((at) => at.leagueId === leagueId && at.id !== id));
    const before = one.watch(ofLeague, `League:${leagueId}`);
    await expect.poll(() => before.events.at(-1)?.kind, within).toBe('SNAPSHOT_END');
    await sandbox.client.setInstanceStatus(id, 'FAILED');
    await expect.poll(() => before.events.at(-1)?.status, within).toBe('FAILED');
    const keeping = other.watch(ofLeague, `League:${leagueId}`);
    await expect.poll(() => keeping.events.at(-1)?.kind, within).toBe('SNAPSHOT_END');
    await before.leave();
    await sandbox.client.setInstanceStatus(next.id, 'FAILED');
    await expect.poll(() => keeping.events.at(-1)?.status, within).toBe('FAILED');
    const cursor = before.events.at(-1)?.cursor;
    const after = other.watch(ofLeague, `League:${leagueId}`, cursor);
    await expect.poll(() => after.events.length, within).toBe(1);
    expect(after.events).toMatchObject([{ status: 'FAILED', gap: false, instanceId: next.globalId }]);
    // Nobody watches for a moment.
    await Promise.all([keeping.leave(), after.leave()]);
    await expect.poll(leases, within).toEqual([0, 0, 0]);
    await sandbox.client.setInstanceStatus(id, 'RUNNING');
    const again = one.watch(ofLeague, `League:${leagueId}`, cursor);
    await expect.poll(() => again.events.length, within).toBeGreaterThan(0);
    expect(again.events[0]).toMatchObject({ status: 'FAILED', gap: false, instanceId: next.globalId });
  });

  test('a replica that stops hands over: no stream elsewhere ends or is told of a gap', async () => {
    const all = await startThree();
    const { id, globalId } = await run();
    const streams: Stream[] = [];
    for (const { watch } of all) {
      streams.push(watch(ofInstance, globalId));
      await expect.poll(() => streams.at(-1)?.events.length, within).toBe(1);
    }
    await expect.poll(() => leases().sort(), within).toEqual([0, 0, 1]);
    const leader = leases().indexOf(1);
    const [stopped] = replicas.splice(leader, 1) as [Replica];
    const [left] = streams.splice(leader, 1) as [Stream];
    await stopped.close();
    await left.ended;
    await expect.poll(() => leases().sort(), within).toEqual([0, 1]);
    await sandbox.client.setInstanceStatus(id, 'SUCCEEDED');
    await Promise.all(streams.map(({ ended }) => ended));
    for (const { events } of streams)
      expect(events.map(({ status, gap }) => [status, gap])).toEqual([
        ['RUNNING', false],
        ['SUCCEEDED', false],
      ]);
  });

  describe('one of them in a process of its own', () => {
    let directory: string;
    let child: GatewayProcess;
    let client: Client;

    beforeEach(async () => {
      directory = makeDirectory();
      const settings = {
        callers: 'anonymous',
        bi: 'off',
        tics: configFor(sandbox),
        redis: { url: redis.url, prefix: 'test', encryptionKeys: [encryptionKeys[0]], timeoutMs: 2_000 },
        watching: { quickMs: 500, slowestMs: 500 },
      };
      writeFileSync(join(directory, 'gateway.yaml'), JSON.stringify(settings));
      child = spawnGateway({ env: { GATEWAY_CONFIG: join(directory, 'gateway.yaml') } });
      client = overWebSocket(await listening(child));
    });
    afterEach(async () => {
      client.close();
      child.child.kill('SIGKILL');
      await child.exited;
    });

    /** It polls for all, since it is the first that watches. */
    const watchAll = async (globalId: string) => {
      const slower = { intervals: { ...quick.intervals, quickMs: 500, slowestMs: 500 } };
      const others = [await start(2_000, slower), await start(2_000, slower)];
      const first = streamOf(client.ask({ query: ofInstance, variables: { id: globalId } }));
      await expect.poll(() => told(first), within).toEqual(['RUNNING']);
      const streams = others.map(({ watch }) => watch(ofInstance, globalId));
      await expect.poll(() => streams.map(told), within).toEqual([['RUNNING'], ['RUNNING']]);
      return { first, streams };
    };
    const failovers = (): number => replicas.reduce((sum, { shared }) => sum + shared.figures().watches.failovers, 0);

    test('killed in mid-watch with a third of 1,000 subscribers: another takes the lease, the others miss nothing, and its own resume elsewhere', async () => {
      const { id, globalId } = await run();
      const { first, streams } = await watchAll(globalId);
      const url = await listening(child);
      const clients = Array.from({ length: 9 }, () => overWebSocket(url));
      const own = Array.from({ length: 333 }, (_, index) =>
        streamOf((clients[index % clients.length] as Client).ask({ query: ofInstance, variables: { id: globalId } })),
      );
      const others = Array.from({ length: 664 }, (_, index) =>
        (replicas[index % 2] as Replica).watch(ofInstance, globalId),
      );
      const all = [first, ...own, ...streams, ...others];
      const begun = (of: readonly Stream[]) => of.filter(({ events }) => events.length > 0).length;
      await expect.poll(() => begun(all), { timeout: 50_000 }).toBe(1_000);
      child.child.kill('SIGKILL');
      await child.exited;
      await sandbox.client.setInstanceStatus(id, 'SUCCEEDED');
      await Promise.all([...streams, ...others].map(({ ended }) => ended));
      expect(failovers()).toBeGreaterThan(0);
      for (const { events, errors } of [...streams, ...others]) {
        expect(errors).toEqual([]);
        expect(events.map(({ status, sequence, gap }) => [status, sequence, gap])).toEqual([
          ['RUNNING', 1, false],
          ['SUCCEEDED', 2, false],
        ]);
      }
      await Promise.all([first, ...own].map(({ ended }) => ended));
      const moved = [first, ...own].map(({ events }, index) =>
        (replicas[index % 2] as Replica).watch(ofInstance, globalId, events.at(-1)?.cursor),
      );
      await Promise.all(moved.map(({ ended }) => ended));
      for (const { events, errors } of moved) {
        expect(errors).toEqual([]);
        expect(events.map(({ status, gap, final }) => [status, gap, final])).toEqual([['SUCCEEDED', false, true]]);
      }
      clients.forEach((one) => one.close());
    });

    test('stopped for longer than its lease: it publishes nothing that is old by then', async () => {
      const { id, globalId } = await run();
      const { first, streams } = await watchAll(globalId);
      child.child.kill('SIGSTOP');
      await expect.poll(() => leases().sort(), within).toEqual([0, 1]);
      await sandbox.client.setInstanceStatus(id, 'TERMINATING');
      await expect
        .poll(() => streams.map(told), within)
        .toEqual([
          ['RUNNING', 'TERMINATING'],
          ['RUNNING', 'TERMINATING'],
        ]);
      child.child.kill('SIGCONT');
      await expect.poll(() => told(first), within).toEqual(['RUNNING', 'TERMINATING']);
      await sandbox.client.setInstanceStatus(id, 'TERMINATED');
      await Promise.all([first, ...streams].map(({ ended }) => ended));
      for (const { events } of [first, ...streams]) {
        expect(events.map(({ status, sequence, gap }) => [status, sequence, gap])).toEqual([
          ['RUNNING', 1, false],
          ['TERMINATING', 2, false],
          ['TERMINATED', 3, false],
        ]);
        expect(events.map(({ cursor }) => cursor)).toEqual(first.events.map(({ cursor }) => cursor));
      }
      await expect.poll(leases, within).toEqual([0, 0]);
      expect(failovers()).toBeGreaterThan(0);
    });
  });

  test('while the server is away, slow or read-only each replica polls, and they share again without a word', async () => {
    const all = await startThree(250);
    const { id, leagueId, globalId } = await run();
    const others = sandbox.world.instances.filter((instance) => instance.leagueId === leagueId && instance.id !== id);
    // A run that has ended is not told of again.
    for (const other of others.slice(0, 6)) await sandbox.client.setInstanceStatus(other.id, 'RUNNING');
    const streams = all.flatMap(({ watch }) => [watch(ofInstance, globalId), watch(ofLeague, `League:${leagueId}`)]);
    await expect.poll(() => streams.every(({ events }) => events.length > 0), within).toBe(true);
    const ofLeagues = streams.filter((_, index) => index % 2 === 1);
    const states: [string, () => unknown, () => unknown][] = [
      ['UNREACHABLE', redis.kill, redis.restart],
      ['SLOW', redis.pause, redis.resume],
      [
        'READ_ONLY',
        () => redis.client.config('SET', 'min-replicas-to-write', '1'),
        () => redis.client.config('SET', 'min-replicas-to-write', '0'),
      ],
    ];
    const ended: string[] = [];
    const endOne = async (): Promise<void> => {
      const { id: next = '' } = others[ended.length] ?? {};
      ended.push(`Instance:${leagueId}/${next}`);
      await sandbox.client.setInstanceStatus(next, 'TERMINATED');
    };
    const toldAll = () =>
      ofLeagues.map(({ events }) =>
        ended.filter((one) => events.some(({ instanceId, status }) => instanceId === one && status === 'TERMINATED')),
      );
    for (const [reason, begin, end] of states) {
      await begin();
      await expect
        .poll(() => all.map(({ shared }) => shared.health().reason), within)
        .toEqual([reason, reason, reason]);
      await endOne();
      await expect.poll(toldAll, within).toEqual([ended, ended, ended]);
      await end();
      await expect.poll(() => leases().sort(), within).toEqual([0, 0, 1]);
      await endOne();
      await expect.poll(toldAll, within).toEqual([ended, ended, ended]);
      // The next outage begins when all are back from this one.
      await expect
        .poll(() => all.map(({ shared }) => shared.health().reason), within)
        .toEqual([undefined, undefined, undefined]);
    }
    await sandbox.client.setInstanceStatus(id, 'SUCCEEDED');
    await expect.poll(() => streams.filter((stream) => stream.isOver()).length, within).toBe(3);
    for (const { events, errors } of streams) {
      expect(errors).toEqual([]);
      // Nobody is told twice that a run has ended.
      for (const one of ended)
        expect(events.filter(({ instanceId, final }) => instanceId === one && final).length).toBeLessThan(2);
      for (const { gap, gapReason } of events) if (gap) expect(gapReason).toBe('FAILOVER');
    }
    for (const { events } of streams.filter((_, index) => index % 2 === 0))
      expect(events.map(({ status }) => status)).toEqual(['RUNNING', 'SUCCEEDED']);
  });

  test('a server that was restarted empty is taken along', async () => {
    const all = await startThree();
    const { id, globalId } = await run();
    const streams = all.map(({ watch }) => watch(ofInstance, globalId));
    await expect.poll(() => streams.map(told), within).toEqual([['RUNNING'], ['RUNNING'], ['RUNNING']]);
    await redis.client.flushall();
    await expect.poll(async () => (await redis.client.keys('*:lease')).length, within).toBe(1);
    await expect.poll(() => leases().sort(), within).toEqual([0, 0, 1]);
    await sandbox.client.setInstanceStatus(id, 'SUCCEEDED');
    await Promise.all(streams.map(({ ended }) => ended));
    expect(streams.map(told)).toEqual(streams.map(() => ['RUNNING', 'SUCCEEDED']));
  });

  test('what was encrypted by another key is told and left alone', async () => {
    const one = await start();
    const { id, globalId } = await run();
    const stream = one.watch(ofInstance, globalId);
    await expect.poll(() => told(stream), within).toEqual(['RUNNING']);
    const unreadable: string[] = [];
    const shared = await openReplica(
      redis.url,
      { timeoutMs: 2_000, encryptionKeys: [encryptionKeys[1]] },
      { onUnreadable: (what) => unreadable.push(what) },
    );
    const server = await serve(sandbox, { shared });
    const client = overWebSocket(server.url);
    const other = streamOf(client.ask({ query: ofInstance, variables: { id: globalId } }));
    await expect.poll(() => told(other), within).toEqual(['RUNNING']);
    expect(unreadable).toContain('watch');
    expect([shared, one.shared].map(({ figures }) => figures().watches.leases)).toEqual([0, 1]);
    await sandbox.client.setInstanceStatus(id, 'FAILED');
    await Promise.all([stream.ended, other.ended]);
    expect([stream, other].map(told)).toEqual([
      ['RUNNING', 'FAILED'],
      ['RUNNING', 'FAILED'],
    ]);
    client.close();
    await server.close();
    await shared.close();
  });

  test('nothing of a run can be read there, and nothing stands there of callers with tokens of their own', async () => {
    const one = await start();
    const { id, leagueId, globalId } = await run();
    const stream = one.watch(ofInstance, globalId);
    await expect.poll(() => told(stream), within).toEqual(['RUNNING']);
    const all = await dump();
    expect(all).toContain(':watches:');
    for (const secret of [id, leagueId, 'RUNNING']) expect(all).not.toContain(secret);
    await stream.leave();
    await redis.client.flushall();
    const shared = await openReplica(redis.url, { timeoutMs: 2_000 });
    const gateway = gatewayFor(configFor(sandbox), { shared, watching: quick }, { callers: { passThrough: {} } });
    const server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
    const tokens = await signIn(sandbox, sandbox.world.agents.map(({ id: agent }) => agent).slice(0, 1));
    const client = overEvents(server.url, headersOf(tokens));
    const own = streamOf(client.ask({ query: ofLeague, variables: { id: `League:${leagueId}` } }));
    await expect.poll(() => own.events.length, within).toBeGreaterThan(0);
    expect(await redis.client.keys('*:watches:*')).toEqual([]);
    client.close();
    await server.close();
    await shared.close();
  });
});
