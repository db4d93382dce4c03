import { refillEveryMs } from '../../src/callers/replicaBudgets.ts';
import { parseConfig } from '../../src/config/config.ts';
import { heartbeatMs } from '../../src/shared/redis/replicas.ts';
import { checkMs } from '../../src/shared/redis/watchGroup.ts';
import { probeEveryMs } from '../../src/upstream/health.ts';

/** A deployment, and what is asked of it. */
export interface Deployment {
  readonly replicas: number;
  readonly subscribers: number;
  readonly agents: number;
  /** Watches that several subscribers share: leagues, and agents. */
  readonly watches: number;
  /** Changes of all that is watched, a second. */
  readonly changes: number;
  /** Operations of callers with a budget, a second; each from a caller that is new to its replica: none is lent from a portion. */
  readonly operations: number;
  readonly writes: number;
}

/** What a part is asked for, in a second, and what it bears. */
export interface Demand {
  readonly part: string;
  readonly asked: string;
  readonly mean: number;
  /** The busiest of the seconds that were simulated. */
  readonly worst: number;
  readonly bears: number;
}

/** Something that happens again and again. */
interface Source {
  /** So many do it, each at its own moment. */
  readonly count: number;
  readonly everyMs: number;
  /** Calls or commands each time. */
  readonly weight: number;
}

const { limits, watching } = parseConfig('', {}, 'none');

/** What is not the gateway's: measured values of others are larger on good machines. */
export const assumed = {
  valkeyCommands: 80_000,
  valkeyMessages: 300_000,
  valkeyConnections: 10_000,
  /** Upstream calls of one replica, on one core. */
  replicaCalls: 1_000,
} as const;

/** Commands of a replica's heartbeat: that it is alive, whether the keys changed, which writes it has heard of. */
const commandsPerHeartbeat = 3;

/** Commands of an operation whose caller the replica has no portion of: it takes the calls. What comes back goes with the interval. */
const commandsPerOperation = 1;

/** Commands of a replica that is asked whether it is ready: what others found, and what it found itself. */
const commandsPerReadiness = 2;

/** Commands by which a replica that polls finds out who watches, besides the one of each replica that watches. */
const commandsPerLeaderCheck = 2;

/** Connections of a replica: one for commands, one for messages. */
const connectionsPerReplica = 2;

const simulatedSeconds = 60;

/** Numbers from 0 to 1, always the same. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Lets a minute pass, and counts what happens in each second. */
function simulate(sources: readonly Source[]): { readonly mean: number; readonly worst: number } {
  const random = numbers(1);
  const seconds = new Array<number>(simulatedSeconds).fill(0);
  for (const { count, everyMs, weight } of sources)
    for (let one = 0; one < count; one += 1)
      for (let atMs = random() * everyMs; atMs < simulatedSeconds * 1000; atMs += everyMs) {
        const second = Math.floor(atMs / 1000);
        seconds[second] = (seconds[second] ?? 0) + weight;
      }
  const mean = seconds.reduce((sum, count) => sum + count, 0) / simulatedSeconds;
  return { mean, worst: Math.max(...seconds) };
}

/** Spread over each second. */
function aSecond(count: number, weight = 1): Source {
  return { count, everyMs: 1_000, weight };
}

/** What a deployment asks of Valkey, of TICS and of its replicas. */
export function demandsOf(deployment: Deployment): readonly Demand[] {
  const { replicas, subscribers, agents, watches, changes, operations, writes } = deployment;
  const pollsOfAgents: Source = { count: agents, everyMs: watching.agentSlowestMs, weight: 1 };
  const probes = (count: number, weight: number): Source => ({ count, everyMs: probeEveryMs, weight });
  const watchesPerReplica = Math.min(watches, subscribers / replicas);
  const row = (part: string, asked: string, bears: number, sources: readonly Source[]): Demand => ({
    part,
    asked,
    bears,
    ...simulate(sources),
  });
  const fixed = (part: string, asked: string, bears: number, count: number): Demand => ({
    part,
    asked,
    bears,
    mean: count,
    worst: count,
  });
  return [
    row('Valkey', 'commands: heartbeats, budgets, watches, writes, readiness', assumed.valkeyCommands, [
      { count: replicas, everyMs: heartbeatMs, weight: commandsPerHeartbeat },
      { count: replicas, everyMs: refillEveryMs, weight: 1 },
      probes(replicas, commandsPerReadiness),
      { count: replicas * watchesPerReplica, everyMs: checkMs, weight: 1 },
      { count: watches, everyMs: checkMs, weight: commandsPerLeaderCheck },
      aSecond(operations, commandsPerOperation),
      aSecond(changes),
      aSecond(writes, replicas + 2),
    ]),
    row('Valkey', 'messages to replicas: changes, writes', assumed.valkeyMessages, [
      aSecond(changes, Math.min(replicas, subscribers / watches)),
      aSecond(writes, 2 * replicas),
    ]),
    fixed('Valkey', 'connections', assumed.valkeyConnections, replicas * connectionsPerReplica),
    row('TICS, one agent', 'polls, by one replica at a time', watching.pollsPerSecond, [
      { count: 1, everyMs: watching.agentSlowestMs, weight: 1 },
    ]),
    row('TICS, one agent', 'readiness probes, by one replica at a time', watching.pollsPerSecond, [probes(1, 1)]),
    row('TICS, all agents', 'polls', agents * watching.pollsPerSecond, [pollsOfAgents]),
    row('a replica', 'upstream calls: its share of polls', assumed.replicaCalls, [
      { ...pollsOfAgents, count: agents / replicas },
    ]),
    row('a replica', 'upstream calls: its share of readiness probes', assumed.replicaCalls, [
      probes(agents / replicas, 1),
    ]),
    fixed('a replica', 'subscribers', limits.subscriptions, subscribers / replicas),
  ];
}

/** The share of what a part bears that is asked of it in the busiest second. */
export function shareOf({ worst, bears }: Demand): number {
  return worst / bears;
}

/** What breaks first. */
export function tightest(demands: readonly Demand[]): Demand {
  return demands.reduce((most, one) => (shareOf(one) > shareOf(most) ? one : most));
}

/** The deployment that docs/scaling.md speaks of. */
export const largest: Deployment = {
  replicas: 100,
  subscribers: 100_000,
  agents: 10_000,
  watches: 20_000,
  changes: 2_000,
  operations: 10_000,
  writes: 50,
};
