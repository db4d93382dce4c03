import { createAgentWatcher } from './agentWatcher.ts';
import { systemClock } from '../time.ts';
import { LeagueWatcher, type LeagueWatcherOptions } from './leagueWatcher.ts';
import { createPoller } from './polling/poller.ts';
import { createRateLimiter } from './polling/rateLimiter.ts';
import { defaultIntervals, type IntervalRange } from './polling/schedule.ts';
import { createRegistry, type Polling } from './registry.ts';
import { createEpochs } from './streams/cursor.ts';
import type { Entry } from './streams/history.ts';
import type {
  AgentState,
  InstanceState,
  Polls,
  WatchedAgent,
  WatchedInstance,
  Watches,
  WatchesOptions,
  WatchObserver,
  WatchScope,
} from './types.ts';
import { createWatch, type Watch, type WatchTools } from './watch.ts';

/** Changes kept of one instance or agent, for subscribers that resume. */
const historySize = 100;
/** A league's history holds the changes of all its instances. */
const leagueHistorySize = 500;

/** Recently ended runs at the start of a league's stream: a client that was away may still show them as running. */
const endedAtFirst = 20;

/** The runs of a league that have not ended, and those that ended since then, or last. */
function leagueSnapshot(
  entries: readonly Entry<InstanceState>[],
  since: string | null,
): readonly Entry<InstanceState>[] {
  const endOf = ({ event }: Entry<InstanceState>): string => event.state.endedAt ?? event.observedAt;
  const ended = entries.filter(({ event }) => event.isFinal);
  const told = new Set(
    since === null
      ? [...ended].sort((one, other) => endOf(other).localeCompare(endOf(one))).slice(0, endedAtFirst)
      : ended.filter((entry) => endOf(entry) >= since),
  );
  return entries.filter((entry) => !entry.event.isFinal || told.has(entry));
}

function keyOf({ upstreamScope, language }: WatchScope, ...parts: readonly string[]): string {
  return JSON.stringify([upstreamScope, language, ...parts]);
}

const spacePlane = 'space';

/** The upstreams that a poll is sent to. `agentOf` names the agent that is asked about a league, once it is known. */
export function upstreamsByAgent(
  agentOf: (leagueId: string) => string | undefined,
): NonNullable<WatchesOptions['upstreamsOf']> {
  return (target) => {
    if (target.kind === 'LEAGUE') return [spacePlane];
    const ofAgent = (agentId: string): string => `agent ${agentId}`;
    if (target.kind === 'AGENT') return [ofAgent(target.agentId)];
    if (target.kind === 'DEPLOYMENT') return [ofAgent(target.agentId), spacePlane];
    const agentId = agentOf(target.leagueId);
    const agent = agentId === undefined ? `league ${target.leagueId}` : ofAgent(agentId);
    return target.kind === 'PROGRESS' ? [agent, spacePlane] : [agent];
  };
}

function rangeOf(quickMs: number, slowestMs: number): IntervalRange {
  return { quickMs, slowestMs: Math.max(quickMs, slowestMs) };
}

const unknown = { status: 'UNKNOWN', statusText: null, fingerprint: '' };

/** Makes the watches of each kind. */
function watchFactories(tools: WatchTools) {
  const { quickMs, slowestMs, agentQuickMs, agentSlowestMs } = tools.intervals;
  const interval = rangeOf(quickMs, slowestMs);
  const agentInterval = rangeOf(agentQuickMs, agentSlowestMs);
  return {
    instance: (
      scope: WatchScope,
      { leagueId, instanceId, withProgress = false }: WatchedInstance,
      instanceTools = tools,
    ): Watch<InstanceState> =>
      createWatch<InstanceState>(
        {
          kind: withProgress ? 'PROGRESS' : 'INSTANCE',
          interval,
          historySize,
          snapshotOf: (entries) => entries,
          unknownState: { leagueId, instanceId, ...unknown, isTerminal: false, progress: null },
        },
        keyOf(scope),
        instanceTools,
      ),
    league: (scope: WatchScope): Watch<InstanceState> =>
      createWatch(
        { kind: 'LEAGUE', interval, historySize: leagueHistorySize, snapshotOf: leagueSnapshot },
        keyOf(scope),
        tools,
      ),
    agent: (scope: WatchScope, { agentId }: WatchedAgent): Watch<AgentState> =>
      createWatch<AgentState>(
        {
          kind: 'AGENT',
          interval: agentInterval,
          historySize,
          snapshotOf: (entries) => entries,
          unknownState: { agentId, ...unknown, online: null, trusted: null, trustError: null, deployStatus: null },
        },
        keyOf(scope),
        tools,
      ),
  };
}

function countEvents({ onEvent }: WatchObserver) {
  let total = 0;
  const onChanges: WatchTools['onChanges'] = (kind, count, subscribers) => {
    total += count;
    for (let index = 0; index < count; index += 1) onEvent?.({ kind, subscribers });
  };
  return { onChanges, count: () => total };
}

/** One LeagueWatcher for each league and scope, for as long as something of the league is watched. */
class LeagueWatchers {
  readonly #options: LeagueWatcherOptions;
  readonly #byKey = new Map<string, { readonly watcher: LeagueWatcher; watches: number }>();

  constructor(options: LeagueWatcherOptions) {
    this.#options = options;
  }

  /** Adds a watch to the league's watcher. */
  start(
    scope: WatchScope,
    leagueId: string,
    watch: Watch<InstanceState>,
    add: (watcher: LeagueWatcher) => void,
  ): Polling {
    const key = keyOf(scope, leagueId);
    const league = this.#byKey.get(key) ?? { watcher: new LeagueWatcher(scope, leagueId, this.#options), watches: 0 };
    this.#byKey.set(key, league);
    league.watches += 1;
    add(league.watcher);
    return {
      reschedule: () => league.watcher.reschedule(),
      stop: () => {
        league.watches -= 1;
        if (league.watches > 0) return league.watcher.drop(watch);
        league.watcher.close();
        this.#byKey.delete(key);
      },
    };
  }

  pollNow({ leagueId, instanceId }: { readonly leagueId: string; readonly instanceId?: string }): void {
    for (const { watcher } of this.#byKey.values()) if (watcher.leagueId === leagueId) watcher.pollNow(instanceId);
  }
}

/**
 * Shares polls among all subscribers of an object: one poll an interval, however many watch.
 *
 * @param polls - polls by kind of object
 */
export function createWatches(polls: Polls, options: WatchesOptions = {}): Watches {
  const {
    clock = systemClock,
    observer = {},
    upstreamsOf = upstreamsByAgent(() => undefined),
    random = Math.random,
  } = options;
  const intervals = { ...defaultIntervals, ...options.intervals };
  const rateLimiter = createRateLimiter(clock, intervals.pollsPerSecond);
  const poller = createPoller(clock, rateLimiter, upstreamsOf, observer);
  const instances = createRegistry<InstanceState>(clock, intervals.rememberMs);
  const agents = createRegistry<AgentState>(clock, intervals.rememberMs);
  const events = countEvents(observer);
  const tools: WatchTools = { clock, intervals, random, newEpoch: createEpochs(), onChanges: events.onChanges };
  const create = watchFactories(tools);
  const leagues = new LeagueWatchers({
    polls,
    poller,
    clock,
    createUnsubscribedWatch: (scope, key) => create.instance(scope, key, { ...tools, onChanges: () => undefined }),
    onEnd: instances.onEnd,
  });

  return {
    instance: (scope, { leagueId, instanceId, withProgress = false }, watchOptions) =>
      instances.stream(
        {
          isForgotten: scope.tokens !== undefined,
          key: keyOf(scope, withProgress ? 'progress' : 'instance', leagueId, instanceId),
          make: () => create.instance(scope, { leagueId, instanceId, withProgress }),
          start: (watch) =>
            leagues.start(scope, leagueId, watch, (watcher) =>
              watcher.watchInstance({ instanceId, withProgress }, watch),
            ),
        },
        watchOptions,
      ),
    league: (scope, { leagueId, jobId }, watchOptions) =>
      instances.stream(
        {
          isForgotten: scope.tokens !== undefined,
          key: keyOf(scope, 'league', leagueId, ...(jobId === undefined ? [] : [jobId])),
          make: () => create.league(scope),
          start: (watch) => leagues.start(scope, leagueId, watch, (watcher) => watcher.watchRuns(jobId, watch)),
        },
        watchOptions,
      ),
    agent: (scope, agent, watchOptions) =>
      agents.stream(
        {
          isForgotten: scope.tokens !== undefined,
          key: keyOf(scope, agent.withDeployment === true ? 'deployment' : 'agent', agent.agentId),
          make: () => create.agent(scope, agent),
          start: (watch) =>
            createAgentWatcher(scope, agent, watch, {
              polls,
              poller,
              clock,
              onEnd: (error) => agents.onEnd(watch, error),
            }),
        },
        watchOptions,
      ),
    pollNow: (key) => leagues.pollNow(key),
    close: () => {
      instances.close();
      agents.close();
      rateLimiter.close();
    },
    figures: () => {
      const [ofInstances, ofAgents] = [instances.figures(), agents.figures()];
      return {
        watches: ofInstances.watches + ofAgents.watches,
        subscribers: ofInstances.subscribers + ofAgents.subscribers,
        events: events.count(),
        ...poller.figures(),
      };
    },
  };
}
