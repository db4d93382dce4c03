/**
 * The same watchers spread over 1, 2 and 4 replicas, which share through a redis-server of this command's own; upstream is
 * simulated. Prints polls a second, how long a change takes from its poll to the last subscriber at each replica, commands of
 * Redis a second and an event, and what a pause of the server does. Fails when the polls of several replicas are not those
 * of one, or when a subscriber misses an end.
 *
 * usage: npm run bench:replicas [-- --subscribers 1000] [--instances 200] [--leagues 10] [--changes 20] [--seconds 20] [--pause 30]
 */
import { spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openShared } from '../src/shared/redis/open.ts';
import type { Shared } from '../src/shared/shared.ts';
import type { InstanceState, Polls, Watches } from '../src/status/types.ts';
import { createWatches } from '../src/status/watches.ts';
import { freePort } from '../ops/freePort.ts';

const { values } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '1000' },
    instances: { type: 'string', default: '200' },
    leagues: { type: 'string', default: '10' },
    changes: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '20' },
    pause: { type: 'string', default: '30' },
  },
});
const [subscribers, instances, leagues, changesASecond, seconds, pauseS] = [
  values.subscribers,
  values.instances,
  values.leagues,
  values.changes,
  values.seconds,
  values.pause,
].map(Number) as [number, number, number, number, number, number];

const port = await freePort();
const redis = spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''], { stdio: 'ignore' });

function leagueOf(instance: number): string {
  return `league${instance % leagues}`;
}

const ids = Array.from({ length: instances }, (_, index) => ({ leagueId: leagueOf(index), instanceId: `run${index}` }));

/** A service whose runs change when they are told to. */
function createService() {
  const versions = new Map(ids.map(({ instanceId }) => [instanceId, 1]));
  const ended = new Set<string>();
  let calls = 0;
  const stateOf = (leagueId: string, instanceId: string): InstanceState => ({
    leagueId,
    instanceId,
    progress: null,
    statusText: null,
    fingerprint: '',
    status: ended.has(instanceId) ? 'SUCCEEDED' : (versions.get(instanceId) ?? 0) % 2 === 0 ? 'PENDING' : 'RUNNING',
    isTerminal: ended.has(instanceId),
  });
  const polls: Polls = {
    instance: (_, { leagueId, instanceId }) => {
      calls += 1;
      return Promise.resolve(stateOf(leagueId, instanceId));
    },
    progress: () => Promise.reject(new Error('nobody asks for progress')),
    league: (_, { leagueId }) => {
      calls += 1;
      return Promise.resolve(
        ids.filter((one) => one.leagueId === leagueId).map(({ instanceId }) => stateOf(leagueId, instanceId)),
      );
    },
    agent: () => Promise.reject(new Error('nobody watches an agent')),
  };
  return {
    polls,
    calls: () => calls,
    change: (instanceId: string) => versions.set(instanceId, (versions.get(instanceId) ?? 0) + 1),
    endAll: () => ids.forEach(({ instanceId }) => ended.add(instanceId)),
  };
}

function percentile(numbers: readonly number[], share: number): number {
  return [...numbers].sort((one, other) => one - other)[Math.ceil(numbers.length * share) - 1] ?? NaN;
}

/** Waits until it is so, at most so long. */
async function until(isSo: () => boolean, ms: number): Promise<boolean> {
  for (const endMs = performance.now() + ms; performance.now() < endMs; await sleep(20)) if (isSo()) return true;
  return isSo();
}

interface Measured {
  readonly replicas: number;
  readonly pollsASecond: number;
  readonly eventDelayMs: { readonly p50: number; readonly p99: number };
  readonly commandsASecond: number;
  readonly commandsAnEvent: number;
  readonly pollsASecondWhilePaused: number;
  readonly sharedAgainAfterMs: number;
  readonly endsMissed: number;
}

async function measure(replicas: number): Promise<Measured> {
  const service = createService();
  const shared: Shared[] = [];
  const watches: Watches[] = [];
  for (let index = 0; index < replicas; index += 1) {
    const one = await openShared(
      {
        url: `redis://127.0.0.1:${port}`,
        cluster: false,
        prefix: `bench${replicas}`,
        timeoutMs: 250,
        replicas,
        encryptionKeys: [Buffer.alloc(32, 1).toString('base64')],
      },
      { onHealth: () => undefined, onUnreadable: () => undefined },
    );
    shared.push(one);
    watches.push(
      createWatches(service.polls, {
        intervals: { slowestMs: 1_000, pollsPerSecond: 1_000 },
        sharing: { watches: one.watches, upstream: 'bench' },
      }),
    );
  }
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const delaysMs: number[] = [];
  let [events, ends, first] = [0, 0, 0];
  const read = async (stream: ReturnType<Watches['instance']>): Promise<void> => {
    let isFirst = true;
    for await (const { observedAt, isFinal, kind } of stream) {
      events += 1;
      if (isFirst) first += 1;
      isFirst = false;
      if (isFinal) ends += 1;
      else if (kind === 'CHANGE') delaysMs.push(Date.now() - Date.parse(observedAt));
    }
  };
  for (let index = 0; index < subscribers; index += 1) {
    const instance = ids[index % ids.length];
    const at = watches[Math.floor(Math.random() * replicas)];
    if (instance && at) void read(at.instance({ upstreamScope: 'account', language: 'en_us' }, instance, controller));
  }
  await until(() => first === subscribers, 30_000);
  const commands = (): number => shared.reduce((sum, one) => sum + one.figures().commands, 0);
  const before = { calls: service.calls(), events, commands: commands(), atMs: performance.now() };
  delaysMs.length = 0;
  for (let change = 0; change < changesASecond * seconds; change += 1) {
    service.change(ids[change % ids.length]?.instanceId ?? '');
    await sleep(1_000 / changesASecond);
  }
  const tookS = (performance.now() - before.atMs) / 1_000;
  const pollsASecond = (service.calls() - before.calls) / tookS;
  const commandsSent = commands() - before.commands;
  const eventsTold = events - before.events;

  redis.kill('SIGSTOP');
  const pausedFrom = service.calls();
  await sleep(pauseS * 1_000);
  const pollsASecondWhilePaused = (service.calls() - pausedFrom) / pauseS;
  redis.kill('SIGCONT');
  const resumedAtMs = performance.now();
  const leases = (): number => shared.reduce((sum, one) => sum + one.figures().watches.leases, 0);
  await until(() => leases() === leagues, 30_000);
  const sharedAgainAfterMs = Math.round(performance.now() - resumedAtMs);
  service.endAll();
  await until(() => ends === subscribers, 30_000);
  controller.abort();
  for (const one of watches) one.close();
  for (const one of shared) await one.close();
  return {
    replicas,
    pollsASecond: +pollsASecond.toFixed(2),
    eventDelayMs: { p50: percentile(delaysMs, 0.5), p99: percentile(delaysMs, 0.99) },
    commandsASecond: +(commandsSent / tookS).toFixed(1),
    commandsAnEvent: +(commandsSent / eventsTold).toFixed(3),
    pollsASecondWhilePaused: +pollsASecondWhilePaused.toFixed(2),
    sharedAgainAfterMs,
    endsMissed: subscribers - ends,
  };
}

try {
  const measured: Measured[] = [];
  for (const replicas of [1, 2, 4]) measured.push(await measure(replicas));
  const [alone] = measured;
  /** Polls come a little sooner while replicas join. */
  const isFlat = measured.every(({ pollsASecond }) => pollsASecond <= (alone?.pollsASecond ?? 0) * 1.1);
  const missed = [...(isFlat ? [] : ['flat']), ...(measured.some(({ endsMissed }) => endsMissed > 0) ? ['ends'] : [])];
  process.stdout.write(`${JSON.stringify({ subscribers, instances, leagues, measured, missed }, null, 2)}\n`);
  if (missed.length > 0) process.exitCode = 1;
} finally {
  redis.kill('SIGCONT');
  redis.kill();
}
