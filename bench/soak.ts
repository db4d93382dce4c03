/**
 * Mixed load for a while: queries, mutations, subscribers that come and go over WebSocket and server-sent events, and agents
 * that fail. From time to time all is quiet, garbage is collected, and heap and descriptors are read. Fails when the heap of
 * the last third is larger than that of the first third after the warm-up, or when descriptors are lost.
 *
 * usage: npm run bench:soak [-- --minutes 20] [--rate 50] [--rests 6] [--entry dist/main.js]
 *
 *   --rate   operations a second
 *   --rests  how often all is quiet
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runsToWatch } from './liveMeasures.ts';
import { setUpLive, type Figures, type LiveStage } from './liveStage.ts';
import { connect, type Connection } from './liveTransports.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    rate: { type: 'string', default: '50' },
    rests: { type: 'string', default: '6' },
    entry: { type: 'string', default: 'dist/main.js' },
  },
});

const goals = { heapGrowth: 0.05, descriptorsLost: 4 };

/** Connections are kept for 65 s by either end; the timers of polls and calls go on to their limits. */
const quietMs = 70_000;

const subscription = 'subscription ($id: ID!) { instanceStatus(id: $id) { status cursor kind staleSince } }';

const queries = [
  '{ leagues(first: 3) { totalCount nodes { id name agents { nodes { id name deployStatus } } } } }',
  '{ leagues(first: 1) { nodes { jobs(first: 10) { totalCount nodes { id name type } } } } }',
  '{ leagues(first: 1) { nodes { instances(first: 5) { nodes { id jobName listedStatus error { message } } } } } }',
  '{ viewer { agents { agentId reachable code } } }',
  '{ nothing }',
];

/** Agents that fail answer these with 503. */
const failing = ['getInstanceStatus', 'getAgentRuntime', 'listJobInstances'].map((operationId) => ({
  operationId,
  fault: { kind: 'status' as const, status: 503 },
}));

async function ask(url: string, query: string, variables: object = {}): Promise<void> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  await response.arrayBuffer();
}

/** Subscribes to a run, and leaves some time later: by a message, or by closing the connection. */
async function comeAndGo(url: string, id: string, index: number): Promise<void> {
  const connection: Connection = await connect(index % 2 === 0 ? 'WebSocket' : 'SSE', url, subscription);
  const leave = connection.subscribe({ id }, () => undefined);
  await wait(200 + ((index * 37) % 3_000));
  if (index % 3 > 0) leave();
  connection.close();
}

/** Loads the gateway at the rate, until the time is over and all has ended. */
async function load({ url, tics }: LiveStage, ids: readonly string[], seconds: number): Promise<number> {
  const rate = Number(values.rate);
  const running = new Set<Promise<unknown>>();
  const begin = (work: Promise<unknown>): void => {
    const ended = work.catch(() => undefined).finally(() => running.delete(ended));
    running.add(ended);
  };
  const idOf = (index: number): string => ids[index % ids.length] ?? '';
  const ticsIdOf = (index: number): string => idOf(index).slice(idOf(index).lastIndexOf('/') + 1);
  const operation = async (index: number): Promise<void> => {
    if (index % 10 < 5) return ask(url, queries[index % queries.length] ?? '');
    if (index % 10 < 8) return comeAndGo(url, idOf(index), index);
    if (index % 10 === 8) return tics.setInstanceStatus(ticsIdOf(index), index % 20 < 10 ? 'RUNNING' : 'DEPLOYING');
    return ask(url, 'mutation ($id: ID!) { stopInstance(input: { id: $id }) { userErrors { code } } }', {
      id: idOf(index),
    });
  };
  const endsAtMs = performance.now() + seconds * 1_000;
  let begun = 0;
  for (; performance.now() < endsAtMs; begun += 1) {
    if (begun % (rate * 10) === rate * 2) await tics.setRules(failing);
    if (begun % (rate * 10) === rate * 4) await tics.clearRules();
    begin(operation(begun));
    await wait(1_000 / rate);
  }
  await tics.clearRules();
  await Promise.all(running);
  return begun;
}

async function rest({ figures, collectGarbage }: LiveStage): Promise<Figures> {
  await wait(quietMs);
  for (let round = 0; round < 3; round += 1) await collectGarbage();
  return figures();
}

function print(figures: object): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? NaN;
}

const rests = Number(values.rests);
const seconds = Math.max(1, (Number(values.minutes) * 60 - rests * (quietMs / 1_000)) / rests);
const stage = await setUpLive(values.entry);
const ids = await runsToWatch(stage, 50);
await load(stage, ids, seconds);
const seen: Figures[] = [];
let operations = 0;
for (let round = 0; round < rests; round += 1) {
  operations += await load(stage, ids, seconds);
  const now = await rest(stage);
  seen.push(now);
  const { heapBytes, openDescriptors, subscribers, sockets, watches } = now;
  print({ operations, heapBytes, openDescriptors, subscribers, sockets, watches });
}
await stage.close();

const third = Math.max(1, Math.floor(seen.length / 3));
const [first, last] = [seen.slice(0, third), seen.slice(-third)];
const heapGrowth = median(last.map(({ heapBytes }) => heapBytes)) / median(first.map(({ heapBytes }) => heapBytes)) - 1;
const descriptorsLost =
  median(last.map(({ openDescriptors }) => openDescriptors)) -
  median(first.map(({ openDescriptors }) => openDescriptors));
const left = seen.reduce((sum, { subscribers, sockets, watches }) => sum + subscribers + sockets + watches, 0);
const isKept = heapGrowth <= goals.heapGrowth && descriptorsLost <= goals.descriptorsLost && left === 0;
print({ operations, heapGrowth, descriptorsLost, left, goals, isKept });
process.exitCode = isKept ? 0 : 1;
