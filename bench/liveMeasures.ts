import { setTimeout as wait } from 'node:timers/promises';
import type { Subscribers } from './liveClients.ts';
import type { Figures, LiveStage } from './liveStage.ts';
import type { Transport } from './liveTransports.ts';

/** What is measured of one transport. */
export interface MeasureOptions {
  readonly transport: Transport;
  readonly connections: number;
  readonly subscriptionsAConnection: number;
  readonly query: string;
  /** The runs that are watched, by the ids of the API. */
  readonly ids: readonly string[];
  readonly cycles: number;
  /** For so long runs are changed, so many a second. */
  readonly seconds: number;
  readonly changesASecond: number;
}

/** What was measured; times are those of each change. */
export interface Measured {
  readonly subscribedInMs: number;
  readonly changes: number;
  /** From before a run was changed at the service to the event of its last subscriber. */
  readonly sinceChangeMs: readonly number[];
  /** From the answer of the look that saw it, `observedAt`, to the same. */
  readonly sinceObservedMs: readonly number[];
  readonly subscriptionsLost: number;
  /** That arrived at the service while runs were changed. */
  readonly callsASecond: number;
  /** Of one processor, meanwhile. */
  readonly processorShare: number;
  readonly heapBytesASubscriber: number;
  readonly residentBytesASubscriber: number;
  readonly idleHeapBytes: number;
  /** What the cycles left behind, as a share of it. */
  readonly heapGrowth: number;
  /** When all have left. */
  readonly left: Figures;
}

/** Each look at the service has a time limit, whose timer goes on to its end. */
const looksHeldMs = 31_000;

/** Waits until it is so, for a time. */
async function until(isSo: () => boolean | Promise<boolean>, forMs: number): Promise<void> {
  const endsAtMs = performance.now() + forMs;
  while (!(await isSo()) && performance.now() < endsAtMs) await wait(100);
}

function isDeserted({ subscribers, sockets, watches }: Figures): boolean {
  return subscribers + sockets + watches === 0;
}

/** The service's own id of a run. */
function ticsIdOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** The newest runs of each league in turn. */
export async function runsToWatch({ url }: LiveStage, count: number): Promise<readonly string[]> {
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
  if (ids.length < count) throw new Error(`the leagues have only ${ids.length} runs among their newest`);
  return ids.slice(0, count);
}

/** Figures once the garbage is collected. */
async function settled({ collectGarbage, figures }: LiveStage): Promise<Figures> {
  for (let round = 0; round < 3; round += 1) {
    await wait(100);
    await collectGarbage();
  }
  return figures();
}

/** Changes runs, which are RUNNING, and measures until all who watch them have been told. */
async function changeRuns(stage: LiveStage, { ids, seconds, changesASecond }: MeasureOptions) {
  const changedAtMs = new Map<string, number>();
  const running = new Map(ids.map((id) => [id, true]));
  const sinceChangeMs: number[] = [];
  const sinceObservedMs: number[] = [];
  const forget = stage.onTold((told) => {
    if (told.kind !== 'toldToAll') return;
    sinceChangeMs.push(told.lastAtMs - (changedAtMs.get(told.id) ?? NaN));
    sinceObservedMs.push(told.lastAtMs - Date.parse(told.observedAt));
    changedAtMs.delete(told.id);
  });
  const endsAtMs = performance.now() + seconds * 1_000;
  let changes = 0;
  while (performance.now() < endsAtMs) {
    const still = ids.filter((id) => !changedAtMs.has(id));
    const id = still[Math.floor(Math.random() * still.length)];
    if (id !== undefined) {
      const isRunning = running.get(id) === true;
      running.set(id, !isRunning);
      changedAtMs.set(id, Date.now());
      await stage.tics.setInstanceStatus(ticsIdOf(id), isRunning ? 'DEPLOYING' : 'RUNNING');
      changes += 1;
    }
    await wait(1_000 / changesASecond);
  }
  await until(() => changedAtMs.size === 0, 20_000);
  forget();
  return { changes, sinceChangeMs, sinceObservedMs };
}

/** Measures everything of one transport. */
export async function measure(stage: LiveStage, options: MeasureOptions): Promise<Measured> {
  const { transport, connections, subscriptionsAConnection, query, ids, cycles } = options;
  const count = connections * subscriptionsAConnection;
  // Neighbours on a connection watch different runs, and each run is watched from many connections.
  const subscribers = (howMany: number): Subscribers => ({
    transport,
    url: stage.url,
    query,
    ids: Array.from({ length: howMany }, (_, index) => ids[index % ids.length] ?? ''),
    aConnection: subscriptionsAConnection,
  });
  const deserted = () => until(async () => isDeserted(await stage.figures()), 10_000);
  const comeAndGo = async (times: number): Promise<Figures> => {
    await stage.ask({ kind: 'comeAndGo', ...subscribers(times) });
    await deserted();
    await wait(looksHeldMs);
    return settled(stage);
  };
  let subscriptionsLost = 0;
  const forget = stage.onTold(({ kind }) => {
    if (kind === 'lost') subscriptionsLost += 1;
  });
  for (const id of ids) await stage.tics.setInstanceStatus(ticsIdOf(id), 'RUNNING');

  const idle = await comeAndGo(3_000);
  const after = await comeAndGo(cycles);

  const beganAtMs = performance.now();
  await stage.ask({ kind: 'subscribe', ...subscribers(count) });
  const subscribedInMs = performance.now() - beganAtMs;
  const watching = await settled(stage);

  await stage.tics.clearCalls();
  const watchedFromMs = performance.now();
  const changed = await changeRuns(stage, options);
  const seconds = (performance.now() - watchedFromMs) / 1_000;
  const calls = Object.values(await stage.tics.countCalls()).reduce((sum, number) => sum + number, 0);
  const { cpuSeconds } = await stage.figures();

  await stage.ask({ kind: 'leave' });
  await deserted();
  forget();
  return {
    ...changed,
    subscribedInMs,
    subscriptionsLost,
    callsASecond: calls / seconds,
    processorShare: (cpuSeconds - watching.cpuSeconds) / seconds,
    heapBytesASubscriber: (watching.heapBytes - after.heapBytes) / count,
    residentBytesASubscriber: (watching.residentBytes - after.residentBytes) / count,
    idleHeapBytes: idle.heapBytes,
    heapGrowth: after.heapBytes / idle.heapBytes - 1,
    left: await stage.figures(),
  };
}
