/**
 * Many subscribers over many instances, watched in this process with simulated answers of upstream: how long a change takes to
 * reach the last subscriber, looks a second, memory a subscriber, and what 10,000 that come and go leave behind. Fails when a
 * goal is missed.
 *
 * usage: npm run bench:watchers [-- --subscribers 10000] [--instances 200] [--leagues 10] [--cycles 10000] [--seconds 20]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { InstanceState, StatusEvent } from '../src/status/types.ts';
import { createWatches } from '../src/status/watches.ts';

const { values } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '10000' },
    instances: { type: 'string', default: '200' },
    leagues: { type: 'string', default: '10' },
    cycles: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '20' },
  },
});
const [subscribers, instances, leagues, cycles, seconds] = [
  values.subscribers,
  values.instances,
  values.leagues,
  values.cycles,
  values.seconds,
].map(Number) as [number, number, number, number, number];
const goals = { bytesASubscriber: 4_096, heapGrowth: 0.05, lastEventMs: 50 };

if (globalThis.gc === undefined) throw new Error('run with --expose-gc, as npm run bench:watchers does');
function collect(): void {
  void globalThis.gc?.();
}

async function heap(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await sleep(20);
    collect();
  }
  return process.memoryUsage().heapUsed;
}

interface Run {
  readonly leagueId: string;
  version: number;
  changedAtMs: number;
  /** When a look first brought its version. */
  lookedAtMs: number;
  told: number;
}
const runs = new Map<string, Run>();
for (let index = 0; index < instances; index += 1)
  runs.set(`i${index}`, { leagueId: `l${index % leagues}`, version: 1, changedAtMs: 0, lookedAtMs: 0, told: 0 });

function stateOf(instanceId: string): InstanceState | null {
  const run = runs.get(instanceId);
  if (run === undefined) return null;
  run.lookedAtMs ||= performance.now();
  const { leagueId, version } = run;
  return { leagueId, instanceId, status: `RUNNING ${version}`, isTerminal: false, progress: null, fingerprint: '' };
}
const right = { upstreamScope: 'bench', language: 'en_us' };
const watches = createWatches({
  instance: (_, { instanceId }) => Promise.resolve(stateOf(instanceId)),
  progress: (_, { instanceId }) => Promise.resolve(stateOf(instanceId)),
  league: (_, key) =>
    Promise.resolve(
      [...runs].flatMap(([instanceId, { leagueId }]) => (leagueId === key.leagueId ? (stateOf(instanceId) ?? []) : [])),
    ),
  agent: () => Promise.resolve(null),
});

function percentile(numbers: readonly number[], share: number): number {
  return [...numbers].sort((one, other) => one - other)[Math.ceil(numbers.length * share) - 1] ?? 0;
}

/** From a change at the service, and from the look that saw it, to the last of its subscribers. */
const sinceChange: number[] = [];
const sincePoll: number[] = [];
let told = 0;

function subscribe(instanceId: string, signal: AbortSignal): AsyncIterator<StatusEvent<InstanceState>> {
  const key = { leagueId: runs.get(instanceId)?.leagueId ?? '', instanceId };
  return watches.instance(right, key, { signal })[Symbol.asyncIterator]();
}

function follow(index: number): AbortController {
  const instanceId = `i${index % instances}`;
  const ofInstance = Math.floor(subscribers / instances) + (index % instances < subscribers % instances ? 1 : 0);
  const controller = new AbortController();
  const iterator = subscribe(instanceId, controller.signal);
  const next = ({ done, value }: IteratorResult<StatusEvent<InstanceState>>): void => {
    if (done === true) return;
    told += 1;
    const run = runs.get(value.state.instanceId);
    if (run !== undefined && run.changedAtMs > 0 && value.state.status === `RUNNING ${run.version}`) {
      run.told += 1;
      if (run.told === ofInstance) {
        sinceChange.push(performance.now() - run.changedAtMs);
        sincePoll.push(performance.now() - run.lookedAtMs);
        run.changedAtMs = 0;
      }
    }
    void iterator.next().then(next);
  };
  void iterator.next().then(next);
  return controller;
}

// The watches' own timers keep no process alive.
const alive = setInterval(() => undefined, 1_000);
const idle = await heap();
const controllers = Array.from({ length: subscribers }, (_, index) => follow(index));
while (told < subscribers) await sleep(10);
const bytesASubscriber = ((await heap()) - idle) / subscribers;

const pollsBefore = watches.figures().polls;
const beganAtMs = performance.now();
let changes = 0;
while (performance.now() - beganAtMs < seconds * 1_000) {
  for (const run of runs.values())
    // About one change a second, of one after another.
    if (run.changedAtMs === 0 && Math.random() < 0.0003) {
      run.version += 1;
      run.told = 0;
      run.lookedAtMs = 0;
      run.changedAtMs = performance.now();
      changes += 1;
    }
  await sleep(20);
}
const looksASecond = (watches.figures().polls - pollsBefore) / ((performance.now() - beganAtMs) / 1_000);
await sleep(16_000);

controllers.forEach((controller) => controller.abort());
controllers.length = 0;
async function cycle(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const controller = new AbortController();
    const iterator = subscribe(`i${index % instances}`, controller.signal);
    const first = iterator.next();
    if (index % 100 === 0) await first;
    controller.abort();
    await first;
  }
}
await cycle(1_000);
const before = await heap();
await cycle(cycles);
const heapGrowth = (await heap()) / before - 1;
const figures = watches.figures();
watches.close();
clearInterval(alive);

const report = {
  subscribers,
  instances,
  leagues,
  changes,
  changesToldToAll: sinceChange.length,
  fromChangeToLastEventMs: {
    p50: Math.round(percentile(sinceChange, 0.5)),
    p99: Math.round(percentile(sinceChange, 0.99)),
  },
  fromLookToLastEventMs: { p50: +percentile(sincePoll, 0.5).toFixed(2), p99: +percentile(sincePoll, 0.99).toFixed(2) },
  looksASecond: +looksASecond.toFixed(2),
  bytesASubscriber: Math.round(bytesASubscriber),
  heapGrowthAfterCycles: `${(heapGrowth * 100).toFixed(2)}%`,
  watchesLeft: figures.watches,
  subscribersLeft: figures.subscribers,
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
const missed =
  bytesASubscriber > goals.bytesASubscriber ||
  heapGrowth > goals.heapGrowth ||
  percentile(sincePoll, 0.99) > goals.lastEventMs ||
  sinceChange.length < changes ||
  figures.watches + figures.subscribers > 0;
process.exitCode = missed ? 1 : 0;
