import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisConnection, script } from '../../src/shared/redis/connection.ts';
import { createEncryption } from '../../src/shared/redis/encryption.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { Replicas } from '../../src/shared/redis/replicas.ts';
import { createWatches as createSharedWatches } from '../../src/shared/redis/watches.ts';
import { join } from '../../src/shared/redis/watchScripts.ts';
import { createWrites } from '../../src/shared/redis/writes.ts';
import type { InstanceState } from '../../src/status/types.ts';
import { createWatches } from '../../src/status/watches.ts';
import {
  encryptionKeys,
  isRedisInstalled,
  redisConfig,
  startRedis,
  withoutRedis,
  type RedisServer,
} from '../support/redis.ts';
import { quick } from '../support/subscribe.ts';

const within = { timeout: 10_000, interval: 10 };

/** Holds back what passes it while it is shut. */
class Gate {
  isShut = false;
  passed = 0;
  readonly #waiting: (() => void)[] = [];

  get waiting(): number {
    return this.#waiting.length;
  }

  async pass<Value>(value: Value): Promise<Value> {
    if (this.isShut) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.passed += 1;
    return value;
  }

  open(): void {
    this.isShut = false;
    this.#waiting.splice(0).forEach((letGo) => letGo());
  }
}

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
describe.skipIf(!isRedisInstalled)(`what overtakes${withoutRedis}`, { timeout: 60_000 }, () => {
  let redis: RedisServer;
  const ends: (() => unknown)[] = [];

  beforeAll(async () => {
    redis = await startRedis();
  });
  beforeEach(async () => {
    await redis.reset();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(async () => {
    await redis.close();
  });

  const connect = async (timeoutMs = 5_000): Promise<RedisConnection> => {
    const connection = await RedisConnection.open(redisConfig(redis.url, { timeoutMs }));
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
    const before = deaf.writes.epoch();
    let dropped = 0;
    deaf.writes.onWrite(() => (dropped += 1));
    const number = await redis.client.get('{test}:writes');
    const first = writing.writes.announce();
    await expect.poll(() => redis.client.get('{test}:writes')).not.toBe(number);
    const own = deaf.writes.announce();
    await first;
    expect(dropped).toBeGreaterThan(0);
    expect(deaf.writes.epoch()).toBeGreaterThan(before);
    await own;
  });

  test('a deadline that passes while this process is busy: the server answered in time', async () => {
    const connection = await connect(100);
    await expect.poll(() => connection.probe(script('return 1'), [], []), within).toBe(1);
    const answer = connection.run((client) => client.ping());
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    expect(await answer).toBe('PONG');
    expect(connection.awayReason).toBeUndefined();
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

  test('a heartbeat that comes after its replica was taken for dead: it takes another name', async () => {
    const connection = await connect();
    const gate = new Gate();
    const replicas = new Replicas(
      withMethods(connection, {
        probe: async (...args) => {
          const isHeld = gate.isShut;
          if (isHeld) await redis.client.zrem('{test}:replicas', replicas.id);
          return gate.pass(await connection.probe(...args));
        },
      }),
      1,
    );
    ends.push(() => replicas.close());
    let beats = 0;
    replicas.onBeat(() => (beats += 1));
    await expect.poll(() => beats, within).toBeGreaterThan(0);
    const { id } = replicas;
    gate.isShut = true;
    await expect.poll(() => gate.waiting, within).toBe(1);
    await expect.poll(() => replicas.isAlive, within).toBe(false);
    gate.open();
    await expect.poll(() => replicas.isAlive, within).toBe(true);
    expect(replicas.id).not.toBe(id);
  });

  describe('watches', () => {
    const scope = { upstreamScope: 'account', language: 'en_us' };
    const statuses = new Map<string, string>();

    beforeEach(() => statuses.clear());

    const stateOf = (leagueId: string, instanceId: string): InstanceState | null => {
      const status = statuses.get(instanceId);
      const isTerminal = status === 'SUCCEEDED';
      const untold = { fingerprint: '', progress: null };
      return status === undefined ? null : { ...untold, isTerminal, leagueId, instanceId, status };
    };

    /** A replica whose polls, replies to joins and reads of remote watches can be held back, and messages to it lost. */
    const startReplica = async (checkMs?: number) => {
      const connection = await connect();
      const [polls, joins, reads] = [new Gate(), new Gate(), new Gate()];
      const messages: string[] = [];
      const lost = new Set<string>();
      let joined = 0;
      const listeners: Record<'health' | 'return', () => void> = { health: () => undefined, return: () => undefined };
      const methods: { -readonly [Name in keyof RedisConnection]?: RedisConnection[Name] } = {
        eval: async (of, ...args) => {
          if (of === join) joined += 1;
          const reply = await connection.eval(of, ...args);
          return of === join ? joins.pass(reply) : reply;
        },
        run: async (command) => reads.pass(await connection.run(command)),
        subscribe: (channel, listener) =>
          connection.subscribe(channel, (message) => {
            if (![...lost].some((type) => message.includes(`"${type}"`))) listener(message);
            messages.push(message);
          }),
        onHealth: (listener) => void (listeners.health = listener),
        onReturn: (listener) => void (listeners.return = listener),
      };
      const replicas = new Replicas(connection, 2);
      ends.push(() => replicas.close());
      const shared = createSharedWatches({
        connection: withMethods(connection, methods),
        replicas,
        encryption: createEncryption([encryptionKeys[0]]),
        onUnreadable: () => undefined,
        ...(checkMs !== undefined && { checkMs }),
      });
      await replicas.beat();
      let polled = 0;
      const poll = async (leagueId: string, ids: readonly string[]) => {
        polled += 1;
        await polls.pass(undefined);
        return ids.map((id) => stateOf(leagueId, id));
      };
      const watches = createWatches(
        {
          instance: async (_, { leagueId, instanceId }) => (await poll(leagueId, [instanceId]))[0] ?? null,
          progress: () => Promise.resolve(null),
          league: async (_, { leagueId }) =>
            (await poll(leagueId, [...statuses.keys()])).filter((state) => state !== null),
          agent: () => Promise.resolve(null),
        },
        { intervals: quick.intervals, sharing: { watches: shared, upstream: 'tics' } },
      );
      ends.push(() => watches.close());

      /** What a subscriber was told. */
      const watch = (instanceId = 'run') => {
        const leaving = new AbortController();
        const told: string[] = [];
        const readAll = async (): Promise<void> => {
          for await (const { state } of watches.instance(
            scope,
            { leagueId: 'league', instanceId },
            { signal: leaving.signal },
          ))
            told.push(state.status);
        };
        const ended = readAll().catch((error: unknown) => void told.push((error as Error).name));
        return { told, ended, leave: () => leaving.abort() };
      };
      return {
        polls,
        joins,
        reads,
        messages,
        lost,
        watch,
        figures: shared.figures,
        joined: () => joined,
        /** Ends all of its streams. */
        close: () => watches.close(),
        polled: () => polled,
        /** As when a command failed. */
        leaveOthers: () => {
          methods.awayReason = 'SLOW';
          listeners.health();
        },
        return: () => {
          delete methods.awayReason;
          listeners.return();
        },
      };
    };
    type Replica = Awaited<ReturnType<typeof startReplica>>;

    const isTold = ({ messages }: Replica, type: string): boolean =>
      messages.some((message) => message.includes(`"${type}"`));

    /** The first of them polls for both. */
    const startTwo = async (checkMs?: number): Promise<readonly [Replica, Replica]> => {
      statuses.set('run', 'RUNNING');
      const two = [await startReplica(checkMs), await startReplica(checkMs)] as const;
      two[0].polls.isShut = true;
      two[1].joins.isShut = true;
      return two;
    };

    test('the first state of a run before the reply to a join', async () => {
      const [leader, other] = await startTwo();
      const streams = [leader.watch()];
      await expect.poll(leader.polled, within).toBe(1);
      streams.push(other.watch());
      await expect.poll(() => other.joins.waiting, within).toBe(1);
      leader.polls.open();
      await expect.poll(() => isTold(other, 'WHOLE'), within).toBe(true);
      other.joins.open();
      await expect.poll(() => streams.map(({ told }) => told), within).toEqual([['RUNNING'], ['RUNNING']]);
      expect([leader, other].map(({ figures }) => figures().leases)).toEqual([1, 0]);
    });

    test('the lease that is given back before the reply to a join names who had it', async () => {
      const [leader, other] = await startTwo();
      leader.reads.isShut = true;
      const first = leader.watch();
      await expect.poll(leader.polled, within).toBe(1);
      // It does not know yet that it polls for the other.
      const second = other.watch();
      await expect.poll(() => other.joins.waiting, within).toBe(1);
      first.leave();
      await expect.poll(() => isTold(other, 'FREE'), within).toBe(true);
      other.joins.open();
      await expect.poll(() => second.told, within).toEqual(['RUNNING']);
      expect(other.figures().leases).toBe(1);
    });

    test('a subscriber that leaves before the reply to its join takes the lease: it is given back', async () => {
      const [leader, other] = await startTwo();
      leader.polls.open();
      leader.joins.isShut = true;
      const first = leader.watch();
      await expect.poll(() => leader.joins.waiting, within).toBe(1);
      first.leave();
      await first.ended;
      other.joins.open();
      const second = other.watch();
      leader.joins.open();
      await expect.poll(() => second.told, within).toEqual(['RUNNING']);
      await expect.poll(() => [leader, other].map(({ figures }) => figures().leases), within).toEqual([0, 1]);
    });

    test('a run that is gone is watched anew before the other replica reads who watches', async () => {
      const [leader, other] = await startTwo();
      leader.polls.open();
      other.joins.open();
      const first = leader.watch();
      await expect.poll(() => first.told, within).toEqual(['RUNNING']);
      leader.polls.isShut = true;
      const gone = other.watch('other run');
      await expect.poll(() => leader.joins.passed, within).toBe(2);
      leader.reads.isShut = true;
      leader.polls.open();
      await expect.poll(() => gone.told, within).toEqual(['GatewayError']);
      await expect.poll(() => leader.reads.waiting, within).toBeGreaterThan(0);
      statuses.set('other run', 'RUNNING');
      const known = leader.messages.length;
      const again = other.watch('other run');
      await expect.poll(() => leader.messages.length, within).toBeGreaterThan(known);
      leader.reads.open();
      await expect.poll(() => again.told, within).toEqual(['RUNNING']);
    });

    test('a replica that is back finds a change before the reply to its join', async () => {
      const [leader, other] = await startTwo();
      leader.polls.open();
      other.joins.open();
      const streams = [leader.watch()];
      await expect.poll(() => streams[0]?.told, within).toEqual(['RUNNING']);
      streams.push(other.watch());
      await expect.poll(() => streams[1]?.told, within).toEqual(['RUNNING']);
      other.leaveOthers();
      other.joins.isShut = true;
      other.return();
      await expect.poll(() => other.joins.waiting, within).toBe(1);
      leader.polls.isShut = true;
      await expect.poll(() => leader.polls.waiting, within).toBe(1);
      statuses.set('run', 'TERMINATING');
      await expect.poll(() => streams[1]?.told, within).toEqual(['RUNNING', 'TERMINATING']);
      other.joins.open();
      await expect.poll(() => streams[1]?.told, within).toEqual(['RUNNING', 'TERMINATING', 'RUNNING']);
      const late = other.watch();
      await expect.poll(() => late.told, within).toEqual(['RUNNING']);
      leader.polls.open();
      await expect.poll(() => late.told, within).toEqual(['RUNNING', 'TERMINATING']);
    });

    test('replies to joins from before it left the others: it takes no lease by them, and keeps the one that it takes later', async () => {
      const [leader, other] = await startTwo();
      statuses.set('other run', 'RUNNING');
      leader.polls.open();
      other.joins.open();
      const first = leader.watch();
      await expect.poll(() => first.told, within).toEqual(['RUNNING']);
      const streams = [other.watch(), other.watch('other run')];
      await expect.poll(() => streams.map(({ told }) => told), within).toEqual([['RUNNING'], ['RUNNING']]);
      other.leaveOthers();
      other.joins.isShut = true;
      other.return();
      await expect.poll(() => other.joins.waiting, within).toBe(2);
      const joined = other.joined();
      other.leaveOthers();
      leader.close();
      await first.ended;
      await expect.poll(() => isTold(other, 'FREE'), within).toBe(true);
      other.return();
      // Those of its return, none by the message.
      await expect.poll(() => other.joins.waiting, within).toBe(4);
      expect(other.joined()).toBe(joined + 2);
      other.joins.open();
      await expect.poll(() => other.figures().leases, within).toBe(1);
      const late = other.watch();
      await expect.poll(() => late.told, within).toEqual(['RUNNING']);
      expect(other.figures().leases).toBe(1);
    });

    /** Two replicas that check soon whether messages were lost. */
    const startChecking = async (): Promise<readonly [Replica, Replica]> => {
      const two = await startTwo(100);
      two[0].polls.open();
      two[1].joins.open();
      return two;
    };

    test('a message about the first state, the last one or the end is lost: it is told nevertheless', async () => {
      const [leader, other] = await startChecking();
      const first = leader.watch();
      await expect.poll(() => first.told, within).toEqual(['RUNNING']);
      for (const type of ['NEXT', 'WHOLE', 'FREE', 'POLL']) other.lost.add(type);
      const streams = [other.watch(), other.watch('gone')];
      await expect.poll(() => streams.map(({ told }) => told), within).toEqual([['RUNNING'], ['GatewayError']]);
      statuses.set('run', 'SUCCEEDED');
      await first.ended;
      await streams[0]?.ended;
      expect(first.told).toEqual(['RUNNING', 'SUCCEEDED']);
      expect(streams[0]?.told).toEqual(['RUNNING', 'SUCCEEDED']);
      expect(isTold(other, 'NEXT')).toBe(true);
    });

    test('the message that the lease is free is lost: it is taken nevertheless', async () => {
      const [leader, other] = await startChecking();
      const first = leader.watch();
      await expect.poll(() => first.told, within).toEqual(['RUNNING']);
      const second = other.watch();
      await expect.poll(() => second.told, within).toEqual(['RUNNING']);
      other.lost.add('FREE');
      leader.close();
      await first.ended;
      await expect.poll(() => other.figures().leases, within).toBe(1);
      statuses.set('run', 'SUCCEEDED');
      await second.ended;
      expect(second.told).toEqual(['RUNNING', 'SUCCEEDED']);
    });

    test('the message that another replica watches is lost: its run is polled nevertheless', async () => {
      const [leader, other] = await startChecking();
      statuses.set('other run', 'RUNNING');
      const first = leader.watch();
      await expect.poll(() => first.told, within).toEqual(['RUNNING']);
      leader.lost.add('WATCHES');
      leader.lost.add('POLL');
      const second = other.watch('other run');
      await expect.poll(() => second.told, within).toEqual(['RUNNING']);
      expect([leader, other].map(({ figures }) => figures().leases)).toEqual([1, 0]);
    });
  });
});
