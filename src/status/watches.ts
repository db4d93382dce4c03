import { randomUUID } from 'node:crypto';
import { createAgentWatcher, type AgentWatcherOptions } from './agentWatcher.ts';
import { systemClock } from '../time.ts';
import { LeagueWatcher, type LeagueWatcherOptions } from './leagueWatcher.ts';
import { createPoller } from './polling/poller.ts';
import { createRateLimiter } from './polling/rateLimiter.ts';
import { defaultIntervals } from './polling/schedule.ts';
import { createRegistry, type Polling, type WatchSpec } from './registry.ts';
import { SharedPolling } from './sharing/sharedPolling.ts';
import { createEpochs } from './streams/cursor.ts';
import type {
  AgentState,
  AnyState,
  InstanceState,
  LeagueKey,
  Polls,
  WatchedAgent,
  WatchedInstance,
  Watches,
  WatchesOptions,
  WatchObserver,
  WatchScope,
} from './types.ts';
import type { Watch, WatchTools } from './watch.ts';
import { keyOf, watchFactories } from './watchFactories.ts';

const spacePlane = 'space';

/** The upstreams that a poll is sent to. `agentOf` names the agent that answers for a league, once known. */
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

function countEvents({ onEvent }: WatchObserver) {
  let total = 0;
  const onChanges: WatchTools['onChanges'] = (kind, count, subscribers) => {
    total += count;
    for (let index = 0; index < count; index += 1) onEvent?.({ kind, subscribers });
  };
  return { onChanges, count: () => total };
}

/** The objects that a write has changed. */
interface Written {
  readonly leagueId: string;
  readonly instanceId?: string;
}

/** One LeagueWatcher per league and scope, while anything of the league is watched. */
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

  pollNow({ leagueId, instanceId }: Written): void {
    for (const { watcher } of this.#byKey.values()) if (watcher.leagueId === leagueId) watcher.pollNow(instanceId);
  }
}

/** Begins polling, here or at another replica. */
type Begin = <State extends AnyState>(
  scope: WatchScope,
  group: readonly string[],
  watch: Watch<State>,
  key: string,
  begin: () => Polling,
) => Polling;

/** The watchable objects. Every replica derives the same watch from a key. */
function watchSpecs(create: ReturnType<typeof watchFactories>, leagues: LeagueWatchers, watchers: AgentWatcherOptions) {
  return (begin: Begin) => ({
    instance: (
      scope: WatchScope,
      { leagueId, instanceId, withProgress = false }: WatchedInstance,
    ): WatchSpec<InstanceState> => {
      const key = keyOf(scope, withProgress ? 'progress' : 'instance', leagueId, instanceId);
      return {
        key,
        isForgotten: scope.tokens !== undefined,
        make: () => create.instance(scope, { leagueId, instanceId, withProgress }),
        start: (watch) =>
          begin(scope, ['league', leagueId], watch, key, () =>
            leagues.start(scope, leagueId, watch, (watcher) =>
              watcher.watchInstance({ instanceId, withProgress }, watch),
            ),
          ),
      };
    },
    league: (scope: WatchScope, { leagueId, jobId }: LeagueKey): WatchSpec<InstanceState> => {
      const key = keyOf(scope, 'league', leagueId, ...(jobId === undefined ? [] : [jobId]));
      return {
        key,
        isForgotten: scope.tokens !== undefined,
        make: () => create.league(scope, leagueId),
        start: (watch) =>
          begin(scope, ['league', leagueId], watch, key, () =>
            leagues.start(scope, leagueId, watch, (watcher) => watcher.watchRuns(jobId, watch)),
          ),
      };
    },
    agent: (scope: WatchScope, agent: WatchedAgent): WatchSpec<AgentState> => {
      const kind = agent.withDeployment === true ? 'deployment' : 'agent';
      const key = keyOf(scope, kind, agent.agentId);
      return {
        key,
        isForgotten: scope.tokens !== undefined,
        make: () => create.agent(scope, agent),
        start: (watch) =>
          begin(scope, [kind, agent.agentId], watch, key, () => createAgentWatcher(scope, agent, watch, watchers)),
      };
    },
  });
}

/** The parts of a watch's key. */
function partsOfKey(key: string) {
  const [upstreamScope = '', language = '', kind = '', id = '', other] = JSON.parse(key) as string[];
  return { scope: { upstreamScope, language }, kind, id, other };
}

/**
 * Shares polls among all subscribers of an object: one poll per interval for any number of subscribers.
 *
 * @param polls - polls by kind of object
 */
export function createWatches(polls: Polls, options: WatchesOptions = {}): Watches {
  const {
    clock = systemClock,
    observer = {},
    upstreamsOf = upstreamsByAgent(() => undefined),
    random = Math.random,
    sharing,
  } = options;
  const intervals = { ...defaultIntervals, ...options.intervals };
  const { rememberMs } = intervals;
  const rateLimiter = createRateLimiter(clock, intervals.pollsPerSecond, sharing?.watches.pollingReplicas);
  const poller = createPoller(clock, rateLimiter, upstreamsOf, observer);
  const instances = createRegistry<InstanceState>(clock, rememberMs);
  const agents = createRegistry<AgentState>(clock, rememberMs);
  const events = countEvents(observer);
  const tools: WatchTools = {
    clock,
    intervals,
    random,
    onChanges: events.onChanges,
    // Replicas on one host must differ too.
    newEpoch: createEpochs(sharing && randomUUID()),
  };
  const create = watchFactories(tools, sharing !== undefined);
  const leagues = new LeagueWatchers({
    polls,
    poller,
    clock,
    createUnsubscribedWatch: (scope, key) => create.instance(scope, key, false),
  });
  const watchRemote = (key: string): (() => void) => {
    const { scope, kind, id, other } = partsOfKey(key);
    if (kind === 'league')
      return instances.hold(specs.league(scope, { leagueId: id, ...(other !== undefined && { jobId: other }) }));
    if (kind === 'agent' || kind === 'deployment')
      return agents.hold(specs.agent(scope, { agentId: id, withDeployment: kind === 'deployment' }));
    const instance = { leagueId: id, instanceId: other ?? '', withProgress: kind === 'progress' };
    return instances.hold(specs.instance(scope, instance));
  };
  const shared = sharing && new SharedPolling({ sharing, clock, rememberMs, watchRemote });
  const specs = watchSpecs(create, leagues, { polls, poller, clock })((scope, group, watch, key, begin) =>
    shared === undefined || scope.tokens !== undefined
      ? begin()
      : shared.start(keyOf(scope, ...group), key, watch, begin),
  );
  const stopListening = sharing?.watches.onWrite((text) => leagues.pollNow(JSON.parse(text) as Written));

  return {
    instance: (scope, instance, watchOptions) => instances.stream(specs.instance(scope, instance), watchOptions),
    league: (scope, key, watchOptions) => instances.stream(specs.league(scope, key), watchOptions),
    agent: (scope, agent, watchOptions) => agents.stream(specs.agent(scope, agent), watchOptions),
    pollNow: (key) => {
      leagues.pollNow(key);
      sharing?.watches.publishWrite(JSON.stringify(key));
    },
    close: () => {
      stopListening?.();
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
