/**
 * Many subscribers of many runs over real sockets. The embedded TICS, the gateway and the subscribers are processes of their
 * own; runs are changed at the embedded TICS. Measures how long a change takes to reach the last subscriber of its run, calls a
 * second that arrive at the service meanwhile, memory a subscriber, and what 10,000 that come and go leave behind: over
 * WebSockets, then over server-sent events. Fails when a goal is missed.
 *
 * usage: npm run bench:live [-- --sockets 200] [--subscriptions 50] [--streams 1000] [--instances 200] [--cycles 10000]
 *        [--seconds 60] [--changes 2] [--objects] [--entry src/main.ts]
 *
 *   --subscriptions  on each socket
 *   --streams        of server-sent events
 *   --changes        a second
 *   --objects        subscribers ask for the run itself as well, which is read for each event
 *   --entry          the gateway's, dist/main.js (what `npm run build` makes) unless given
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Subscribers, Told } from './liveClients.ts';
import { setUpLive, type Figures, type LiveStage } from './liveStage.ts';
import type { Transport } from './liveTransports.ts';

const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '200' },
    subscriptions: { type: 'string', default: '50' },
    streams: { type: 'string', default: '1000' },
    instances: { type: 'string', default: '200' },
    cycles: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '60' },
    changes: { type: 'string', default: '2' },
    objects: { type: 'boolean', default: false },
    entry: { type: 'string', default: 'dist/main.js' },
  },
});
const sizes = {
  sockets: Number(values.sockets),
  subscriptions: Number(values.subscriptions),
  streams: Number(values.streams),
  instances: Number(values.instances),
  cycles: Number(values.cycles),
  seconds: Number(values.seconds),
  changesASecond: Number(values.changes),
};

/** Of as many subscribers of a run as the issue names, and what was reached; more of them take longer. */
const goals = {
  lastEventMs: 50,
  subscribersOfARun: 50,
  heapGrowth: 0.05,
  heapBytesASubscriber: { WebSocket: 8_192, SSE: 65_536 },
};

const query = `subscription Watch($id: ID!) { instanceStatus(id: $id) { status previousStatus sequence cursor observedAt final gap ${values.objects ? 'instance { id jobName status }' : ''} } }`;

const percentile = (numbers: readonly number[], share: number): number =>
  [...numbers].sort((one, other) => one - other)[Math.ceil(numbers.length * share) - 1] ?? NaN;

const spread = (numbers: readonly number[]) => ({ p50: percentile(numbers, 0.5), p99: percentile(numbers, 0.99) });

/** The newest runs of each league in turn, all RUNNING, by the ids of the API. */
const runsToWatch = async ({ url, tics }: LiveStage): Promise<readonly string[]> => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ leagues(first: 100) { nodes { instances(first: 100) { nodes { id } } } } }' }),
  });
  const { data } = (await response.json()) as {
    data: { leagues: { nodes: readonly { instances: { nodes: readonly { id: string }[] } }[] } };
  };
  const leagues = data.leagues.nodes.map(({ instances }) => instances.nodes.map(({ id }) => id));
  const ids = Array.from({ length: 100 }, (_, index) => leagues.flatMap((league) => league[index] ?? [])).flat();
  if (ids.length < sizes.instances) throw new Error(`only ${ids.length} runs are in the leagues' newest`);
  const chosen = ids.slice(0, sizes.instances);
  for (const id of chosen) await tics.setInstanceStatus(bare(id), 'RUNNING');
  return chosen;
};

/** The service's own id of a run. */
const bare = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** Figures once nothing more happens and the garbage is collected. */
const settled = async ({ collectGarbage, figures }: LiveStage): Promise<Figures> => {
  for (let round = 0; round < 3; round += 1) {
    await wait(100);
    await collectGarbage();
  }
  return figures();
};

/** Waits until everybody has left, for 10 s at most. */
const deserted = async (stage: LiveStage): Promise<void> => {
  for (let round = 0; round < 100; round += 1) {
    const { subscribers, sockets, watches } = await stage.figures();
    if (subscribers + sockets + watches === 0) return;
    await wait(100);
  }
};

/** Changes one run after another, and measures until all who watch it were told. */
const changeRuns = async (stage: LiveStage, ids: readonly string[]) => {
  const changed = new Map<string, { readonly atMs: number }>();
  const isPending = new Map(ids.map((id) => [id, false]));
  const sinceChange: number[] = [];
  const sinceSeen: number[] = [];
  stage.onTold((told: Told) => {
    if (told.kind !== 'toldToAll') return;
    const change = changed.get(told.id);
    if (change === undefined) return;
    changed.delete(told.id);
    sinceChange.push(told.lastAtMs - change.atMs);
    sinceSeen.push(told.lastAtMs - Date.parse(told.observedAt));
  });
  const endsAtMs = performance.now() + sizes.seconds * 1_000;
  let changes = 0;
  while (performance.now() < endsAtMs) {
    const nextAtMs = performance.now() + 1_000 / sizes.changesASecond;
    const still = ids.filter((id) => !changed.has(id));
    const id = still[Math.floor(Math.random() * still.length)];
    if (id !== undefined) {
      changed.set(id, { atMs: Date.now() });
      isPending.set(id, isPending.get(id) !== true);
      await stage.tics.setInstanceStatus(bare(id), isPending.get(id) === true ? 'DEPLOYING' : 'RUNNING');
      changes += 1;
    }
    await wait(Math.max(0, nextAtMs - performance.now()));
  }
  // As long as what stands still may go without a look, and more.
  for (let round = 0; round < 200 && changed.size > 0; round += 1) await wait(100);
  return { changes, toldToAll: sinceChange.length, sinceChange, sinceSeen };
};

/** Everything about one transport, and whether the goals were met. */
const measure = async (
  stage: LiveStage,
  ids: readonly string[],
  transport: Transport,
  connections: number,
  aConnection: number,
) => {
  let lost = 0;
  stage.onTold((told) => {
    if (told.kind === 'lost') lost += 1;
  });
  // Neighbours on a connection watch different runs, and each run is watched from many connections.
  const subscribers = (count: number): Subscribers => ({
    transport,
    url: stage.url,
    query,
    ids: Array.from({ length: count }, (_, index) => ids[index % ids.length] ?? ''),
    aConnection,
  });
  const count = connections * aConnection;
  const comeAndGo = async (cycles: number): Promise<Figures> => {
    await stage.ask({ kind: 'comeAndGo', ...subscribers(cycles) });
    await deserted(stage);
    return settled(stage);
  };
  const idle = await comeAndGo(2_000);
  const after = await comeAndGo(sizes.cycles);
  const heapGrowth = after.heapBytes / idle.heapBytes - 1;

  const beganAtMs = performance.now();
  await stage.ask({ kind: 'subscribe', ...subscribers(count) });
  const subscribedInMs = performance.now() - beganAtMs;
  const watching = await settled(stage);
  const heapBytesASubscriber = Math.round((watching.heapBytes - after.heapBytes) / count);

  await stage.tics.clearCalls();
  const watchedFromMs = performance.now();
  const { changes, toldToAll, sinceChange, sinceSeen } = await changeRuns(stage, ids);
  const seconds = (performance.now() - watchedFromMs) / 1_000;
  const calls = Object.values(await stage.tics.countCalls()).reduce((sum, number) => sum + number, 0);
  const { cpuSeconds } = await stage.figures();
  await stage.ask({ kind: 'leave' });
  await deserted(stage);
  const left = await stage.figures();

  const ofARun = count / ids.length;
  const missed = [
    [heapBytesASubscriber > goals.heapBytesASubscriber[transport], 'memory a subscriber'],
    [heapGrowth > goals.heapGrowth, 'heap growth'],
    [left.watches + left.subscribers + left.sockets > 0, 'nothing left'],
    [toldToAll < changes || lost > 0, 'everybody told'],
    [ofARun <= goals.subscribersOfARun && percentile(sinceSeen, 0.99) > goals.lastEventMs, 'last event in time'],
  ].flatMap(([isMissed, goal]) => (isMissed === true ? [goal] : []));
  return {
    transport,
    subscribers: count,
    connections,
    instances: ids.length,
    subscribedInMs: Math.round(subscribedInMs),
    changes,
    changesToldToAll: toldToAll,
    subscriptionsLost: lost,
    fromChangeToLastEventMs: spread(sinceChange),
    fromObservedAtToLastEventMs: spread(sinceSeen),
    upstreamCallsASecond: +(calls / seconds).toFixed(2),
    processorShare: +((cpuSeconds - watching.cpuSeconds) / seconds).toFixed(3),
    heapBytesASubscriber,
    residentBytesASubscriber: Math.round((watching.residentBytes - after.residentBytes) / count),
    cycles: sizes.cycles,
    idleHeapBytes: idle.heapBytes,
    heapGrowthAfterCycles: `${(heapGrowth * 100).toFixed(2)}%`,
    watchesLeft: left.watches,
    subscribersLeft: left.subscribers,
    missed,
  };
};

const stage = await setUpLive(values.entry);
try {
  const ids = await runsToWatch(stage);
  for (const [transport, connections, aConnection] of [
    ['WebSocket', sizes.sockets, sizes.subscriptions],
    ['SSE', sizes.streams, 1],
  ] as const) {
    if (connections === 0) continue;
    const report = await measure(stage, ids, transport, connections, aConnection);
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    if (report.missed.length > 0) process.exitCode = 1;
  }
} finally {
  await stage.close();
}
