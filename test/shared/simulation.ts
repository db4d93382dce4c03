import assert from 'node:assert/strict';
import { RedisConnection } from '../../src/shared/redis/connection.ts';
import { shareThrough } from '../../src/shared/redis/open.ts';
import type { Shared } from '../../src/shared/shared.ts';
import type { InstanceState, Polls, StatusEvent, Watches } from '../../src/status/types.ts';
import { createWatches } from '../../src/status/watches.ts';
import { encryptionKeys } from '../support/redis.ts';
import { Host, randomOf, SimulatedNetwork, SimulatedTime, type Links } from '../support/simulatedHosts.ts';

const scope = { upstreamScope: 'account', language: 'en_us' };
const leagueId = 'league';
const runIds = ['one', 'two', 'three'] as const;

/** A state, and how often the run had changed by then. */
type VersionedState = InstanceState & { readonly version: number };
type Event = StatusEvent<InstanceState>;

interface Replica {
  readonly host: Host;
  readonly links: Links;
  readonly shared: Shared;
  readonly watches: Watches;
}

interface Stream {
  readonly at: Replica;
  /** Left out: all runs of the league. */
  readonly runId: string | undefined;
  /** The stream that it goes on with. */
  readonly before: Stream | undefined;
  readonly events: Event[];
  readonly leaving: AbortController;
  /** OPEN, DONE, or its error. */
  end: string;
  hasLeft: boolean;
}

function versionOf({ state }: Event): number {
  return (state as VersionedState).version;
}

/** Replicas, the server that they share through, and the service that they poll: all of it as the seed has it. */
class World {
  readonly time = new SimulatedTime();
  readonly random: () => number;
  readonly network: SimulatedNetwork;
  readonly replicas: Replica[] = [];
  readonly streams: Stream[] = [];
  readonly runs = new Map(runIds.map((id) => [id as string, { version: 1, isEnded: false }]));
  readonly service = new Host();

  constructor(seed: number) {
    this.random = randomOf(seed);
    this.network = new SimulatedNetwork(this.time, this.random);
  }

  below(end: number): number {
    return Math.floor(this.random() * end);
  }

  one<Value>(of: readonly Value[]): Value | undefined {
    return of[this.below(of.length)];
  }

  /** Those that run. */
  running(): readonly Replica[] {
    return this.replicas.filter(({ host }) => !host.isDead && !host.isStopped);
  }

  alive(): readonly Replica[] {
    return this.replicas.filter(({ host }) => !host.isDead);
  }

  async start(): Promise<void> {
    const host = new Host();
    const links = this.network.connect(host);
    await this.time.as(host, () => {
      const config = {
        cluster: false,
        prefix: 'test',
        encryptionKeys: [encryptionKeys[0]],
        timeoutMs: 300,
        replicas: 2,
      };
      const connection = new RedisConnection(links.clients, config);
      const observer = { onHealth: () => undefined, onUnreadable: () => undefined };
      void shareThrough(connection, config, observer, { checkMs: 2_000 }).then((shared) => {
        const watches = createWatches(this.#polls(host), {
          intervals: { quickMs: 200, slowestMs: 400, pollsPerSecond: 1_000, rememberMs: 5_000 },
          random: this.random,
          sharing: { watches: shared.watches, upstream: 'tics' },
        });
        this.replicas.push({ host, links, shared, watches });
      });
    });
  }

  #polls(host: Host): Polls {
    const wait = () =>
      new Promise<void>((resolve) => {
        const ms = this.random() < 0.1 ? this.below(700) : this.below(20);
        this.time.after(ms, host, resolve);
      });
    const ask = async <Answer>(read: () => Answer): Promise<Answer> => {
      await wait();
      const answer = read();
      await wait();
      return answer;
    };
    return {
      instance: (_, { instanceId }) => ask(() => this.#stateOf(instanceId)),
      league: () => ask(() => runIds.map((id) => this.#stateOf(id))),
      progress: () => Promise.resolve(null),
      agent: () => Promise.resolve(null),
    };
  }

  #stateOf(instanceId: string): VersionedState {
    const { version = 0, isEnded = false } = this.runs.get(instanceId) ?? {};
    const status = isEnded ? 'SUCCEEDED' : `RUNNING ${version}`;
    return {
      leagueId,
      instanceId,
      status,
      version,
      isTerminal: isEnded,
      fingerprint: '',
      progress: null,
    };
  }

  async subscribe(at: Replica, runId: string | undefined, before?: Stream): Promise<void> {
    const leaving = new AbortController();
    const stream: Stream = { at, runId, before, events: [], leaving, end: 'OPEN', hasLeft: false };
    this.streams.push(stream);
    const options = { signal: leaving.signal, after: before?.events.at(-1)?.cursor ?? null };
    const readAll = async (): Promise<void> => {
      const events =
        runId === undefined
          ? at.watches.league(scope, { leagueId }, options)
          : at.watches.instance(scope, { leagueId, instanceId: runId }, options);
      for await (const event of events) stream.events.push(event);
      stream.end = 'DONE';
    };
    await this.time.as(at.host, () => readAll().catch((error: unknown) => void (stream.end = String(error))));
  }

  open(): readonly Stream[] {
    return this.streams.filter(({ at, hasLeft }) => !at.host.isDead && !hasLeft);
  }
}

/** What a seed may have happen, and how often. */
const happenings: readonly (readonly [weight: number, (world: World) => Promise<void> | void])[] = [
  [
    6,
    (world) => {
      const at = world.one(world.running());
      return at && world.subscribe(at, world.one([...runIds, undefined]));
    },
  ],
  [
    2,
    async (world) => {
      const stream = world.one(world.open());
      if (stream === undefined || stream.at.host.isStopped) return;
      stream.hasLeft = true;
      await world.time.as(stream.at.host, () => stream.leaving.abort());
    },
  ],
  [
    3,
    (world) => {
      const stream = world.one(world.streams.filter(({ at, hasLeft }) => hasLeft || at.host.isDead));
      const at = world.one(world.running());
      return stream && at && stream.events.length > 0 ? world.subscribe(at, stream.runId, stream) : undefined;
    },
  ],
  [8, (world) => void change(world, world.one(runIds))],
  [1, (world) => void change(world, world.one(runIds), true)],
  [2, (world) => (world.alive().length < 4 ? world.start() : undefined)],
  [1, (world) => void (world.alive().length > 1 && kill(world.one(world.alive())))],
  [2, (world) => stop(world, world.one(world.running())?.host)],
  [1, (world) => stop(world, world.network.server)],
  [1, (world) => reset(world, 'commands')],
  [1, (world) => reset(world, 'messages')],
  [2, (world) => hold(world, 'commands')],
  [2, (world) => hold(world, 'messages')],
  [2, (world) => lose(world)],
  [1, (world) => world.network.restart(world.below(1_500))],
  [1, (world) => world.network.redis.flush()],
];

function change({ runs }: World, id: string | undefined, isEnd = false): void {
  const run = runs.get(id ?? '');
  if (run === undefined || run.isEnded) return;
  run.version += 1;
  run.isEnded = isEnd;
}

function kill(replica: Replica | undefined): void {
  if (replica === undefined) return;
  replica.host.isDead = true;
  replica.links.commands.reset();
  replica.links.messages.reset();
}

/** As by SIGSTOP. */
function stop(world: World, host: Host | undefined): void {
  if (host === undefined || host.isStopped) return;
  host.isStopped = true;
  world.time.after(world.below(2_500), world.service, () => world.time.resume(host));
}

function reset(world: World, which: 'commands' | 'messages'): void {
  const replica = world.one(world.running());
  if (replica) void world.time.as(replica.host, () => replica.links[which].reset());
}

function hold(world: World, which: 'commands' | 'messages'): void {
  const link = world.one(world.alive())?.links[which];
  if (link) link.heldUntilMs = world.time.nowMs + world.below(3_000);
}

function lose(world: World): void {
  const link = world.one(world.alive())?.links.messages;
  if (link === undefined) return;
  link.isLossy = true;
  world.time.after(world.below(3_000), world.service, () => {
    link.isLossy = false;
  });
}

async function happen(world: World): Promise<void> {
  let at = world.random() * happenings.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, run] of happenings) {
    at -= weight;
    if (at < 0) return run(world);
  }
}

/** Events come in order and once, none follows a final one, and only after a gap may a state be older than the one before. */
function checkOrder({ events, before, runId }: Stream): void {
  const told = before === undefined ? events : [...before.events.slice(-1), ...events];
  for (const [index, event] of told.entries()) {
    const last = told.slice(0, index).findLast(({ state }) => state.instanceId === event.state.instanceId);
    if (last === undefined) continue;
    const what = `${last.cursor} ${versionOf(last)}, ${event.cursor} ${versionOf(event)}`;
    // A cursor that is not known any more leads to what is known.
    assert(!last.isFinal || (event.gap !== null && !events.includes(last)), `after the end: ${what}`);
    if (runId !== undefined && event.gap === null)
      assert(versionOf(event) > versionOf(last), `back without a gap: ${what}`);
  }
}

/** A cursor names one event, whichever replica tells it. */
function checkCursors(streams: readonly Stream[]): void {
  const told = new Map<string, string>();
  for (const { events, runId } of streams)
    for (const event of events) {
      const cursor = `${runId ?? leagueId} ${event.cursor}`;
      const what = `${event.state.instanceId} ${versionOf(event)}`;
      assert.equal(what, told.get(cursor) ?? what, `one cursor, two events: ${cursor}`);
      told.set(cursor, what);
    }
}

/** The last event of a run that it, or the stream that it goes on with, was told. */
function lastOf(stream: Stream | undefined, id: string): Event | undefined {
  return stream && (stream.events.findLast(({ state }) => state.instanceId === id) ?? lastOf(stream.before, id));
}

/** Whoever stayed knows the last state of each run. */
function isUpToDate({ runs }: World, stream: Stream): boolean {
  const { runId, end } = stream;
  return (runId === undefined ? runIds : [runId]).every((id) => {
    const { version, isEnded } = runs.get(id) ?? {};
    const last = lastOf(stream, id);
    return last && versionOf(last) === version && (runId === undefined || !isEnded || end === 'DONE');
  });
}

function isAtRest(world: World): boolean {
  const leases = world.alive().reduce((sum, { shared }) => sum + shared.figures().watches.leases, 0);
  const watching = world.open().some(({ end }) => end === 'OPEN');
  return leases === (watching ? 1 : 0) && world.open().every((stream) => isUpToDate(world, stream));
}

async function heal(world: World): Promise<void> {
  if (world.network.server.isStopped) world.time.resume(world.network.server);
  for (const { host, links } of world.alive()) {
    if (host.isStopped) world.time.resume(host);
    for (const link of [links.commands, links.messages]) {
      link.isLossy = false;
      link.heldUntilMs = 0;
    }
  }
  await world.time.advance(1);
}

/** Plays what a seed has happen, lets everything come to rest, and checks what streams were told. */
export async function play(seed: number): Promise<void> {
  const world = new World(seed);
  const restore = world.time.install();
  try {
    await world.start();
    await world.start();
    await world.time.advance(300);
    for (let count = 20 + world.below(40); count > 0; count -= 1) {
      await happen(world);
      await world.time.advance(world.random() < 0.2 ? world.below(1_500) : world.below(200));
    }
    await heal(world);
    if (world.random() < 0.7) for (const id of runIds) change(world, id, world.random() < 0.7);
    await world.time.advance(40_000, () => isAtRest(world));
    const left = world.open().filter((stream) => !isUpToDate(world, stream));
    assert.deepEqual(
      left.map(({ runId, before, end, events }) => [
        runId,
        before?.events.at(-1)?.cursor,
        end,
        ...events.slice(-2).map(versionOf),
      ]),
      [],
      'not told the last state',
    );
    assert(
      isAtRest(world),
      `not one lease: ${world
        .alive()
        .map(({ shared }) => shared.figures().watches.leases)
        .join(' ')}, ${world
        .open()
        .map(({ at, runId, end }) => `${world.alive().indexOf(at)} ${runId} ${end}`)
        .join(', ')}`,
    );
    world.streams.forEach(checkOrder);
    checkCursors(world.streams);
  } finally {
    restore();
  }
}
