import type { AgentRuntime } from '../tics/agents/runtime.ts';
import type { Agent } from '../tics/agents/loaders.ts';
import type { InstanceProgress } from '../tics/instances/progress.ts';
import { createAgentWatcher } from './agentWatcher.ts';
import { systemWatchClock, type WatchClock } from './clock.ts';
import { createEpochs } from './cursor.ts';
import { createLeagueWatcher, type LeagueWatcher } from './leagueWatcher.ts';
import { createLooking } from './poller.ts';
import { defaultIntervals, type Intervals, type Pace } from './schedule.ts';
import { createRegistry, type Steering } from './registry.ts';
import { createTurns } from './rateLimiter.ts';
import { createWatch, type Watch, type WatchTools } from './watch.ts';

/** Whose rights a watch has: equal keys share polls, different ones never. */
export interface WatchScope {
  readonly upstreamScope: string;
  readonly language: string;
}

/** What an instance was seen to be. */
export interface InstanceState {
  readonly leagueId: string;
  readonly instanceId: string;
  /** The word, such as RUNNING. */
  readonly status: string;
  /** As the plane spelt it that was looked at: another spelling is no change. */
  readonly statusText?: string | null;
  readonly isTerminal: boolean;
  /** Where it was looked at. */
  readonly progress: InstanceProgress | null;
  /** Whatever else counts as a change: of the progress, or of the metrics that a list tells. */
  readonly fingerprint: string;
}

/** What an agent was seen to be. */
export interface AgentState extends Pick<AgentRuntime, 'online' | 'trusted' | 'trustError'> {
  readonly agentId: string;
  readonly status: string;
  /** As the plane spelt it that was looked at: another spelling is no change. */
  readonly statusText?: string | null;
  /** Where it was looked at. */
  readonly deployStatus: Agent['deployStatus'] | null;
  /** Whatever else counts as a change. */
  readonly fingerprint: string;
}

/** One state that was seen, as a subscriber is told of it. */
export interface StatusEvent<State> {
  /** `<epoch>.<sequence>`: resumes after this event. */
  readonly cursor: string;
  /** Grows by one with each change of the watched thing; a jump is what the subscriber was too slow for. */
  readonly sequence: number;
  readonly observedAt: string;
  /** The status that this subscriber was told last; null at its first event of the thing, or after a gap. */
  readonly previousStatus: string | null;
  readonly state: State;
  /** Nothing more will be told of this instance. */
  readonly isFinal: boolean;
  /** There may have been changes since the subscriber's last event, or its cursor, that it is not told. */
  readonly hasGap: boolean;
}

/** Names an instance. */
export interface InstanceKey {
  readonly leagueId: string;
  readonly instanceId: string;
}

/** An instance, and whether its progress is watched too, which takes more than its state alone. */
export interface WatchedInstance extends InstanceKey {
  readonly withProgress?: boolean;
}

/** An agent, and whether its deployment is watched too, which only the space plane tells. */
export interface WatchedAgent {
  readonly agentId: string;
  readonly withDeployment?: boolean;
}

/** Names the runs of a league, or of one of its jobs. */
export interface LeagueKey {
  readonly leagueId: string;
  readonly jobId?: string;
}

/** How the watcher looks at upstream, with the gateway's own deadline: one upstream call each, for progress two. */
export interface Looks {
  readonly instance: (scope: WatchScope, key: InstanceKey) => Promise<InstanceState | null>;
  /** `known`: what the last look brought. */
  readonly progress: (
    scope: WatchScope,
    key: InstanceKey,
    known: InstanceProgress | null,
  ) => Promise<InstanceState | null>;
  /** The newest 100. */
  readonly league: (scope: WatchScope, key: LeagueKey) => Promise<readonly InstanceState[]>;
  /** One upstream call, with its deployment two; `known`: what the last look brought. */
  readonly agent: (scope: WatchScope, agent: WatchedAgent, known: AgentState | null) => Promise<AgentState | null>;
}

/** How one subscriber watches. */
export interface WatchOptions {
  /** The cursor of the last event it was told. */
  readonly after?: string | null;
  /** Ends the stream. */
  readonly signal: AbortSignal;
}

/** What the watches do at the moment, and did so far. */
export interface WatchFigures {
  /** Things that are being watched. */
  readonly watches: number;
  readonly subscribers: number;
  /** Looks so far. */
  readonly polls: number;
  /** Changes seen so far, each counted once however many watch. */
  readonly events: number;
  /** How long after its time the latest look was begun: more than a few ms when the ceilings of calls hold looks back. */
  readonly lagMs: number;
}

/** One look that has ended. */
export interface LookEnd {
  readonly kind: LookTarget['kind'];
  /** `OK`, or the code of the failure. */
  readonly outcome: string;
  readonly durationMs: number;
  readonly lagMs: number;
}

/** Told of what the watches do; does not throw. */
export interface WatchObserver {
  readonly look?: (end: LookEnd) => void;
  /** A change was seen; `subscribers` are told. */
  readonly event?: (event: { readonly kind: LookTarget['kind']; readonly subscribers: number }) => void;
}

/** A look that is about to be made. */
export type LookTarget =
  | { readonly kind: 'INSTANCE' | 'PROGRESS' | 'LEAGUE'; readonly leagueId: string }
  | { readonly kind: 'AGENT'; readonly agentId: string }
  | { readonly kind: 'DEPLOYMENT'; readonly agentId: string };

/** What the watches are set to. */
export interface WatchesOptions {
  readonly clock?: WatchClock;
  readonly intervals?: Partial<Intervals>;
  readonly observer?: WatchObserver;
  /** The upstreams whose ceilings of calls a look counts for; unless given, leagues stand for the agents that are asked. */
  readonly upstreamsOf?: (target: LookTarget) => readonly string[];
  /** From 0 to 1. */
  readonly random?: () => number;
}

/**
 * Streams of what is seen of upstream. A stream begins with the present state (of a league: of each of its runs that has not
 * ended), then tells each change, and ends after a terminal one. It throws GatewayError: NOT_FOUND when the thing is gone,
 * FORBIDDEN (or alike) when it may not be seen, RECONNECT when the gateway closes.
 */
export interface Watches {
  readonly instance: (
    scope: WatchScope,
    instance: WatchedInstance,
    options: WatchOptions,
  ) => AsyncIterable<StatusEvent<InstanceState>>;
  readonly league: (
    scope: WatchScope,
    key: LeagueKey,
    options: WatchOptions,
  ) => AsyncIterable<StatusEvent<InstanceState>>;
  readonly agent: (
    scope: WatchScope,
    agent: WatchedAgent,
    options: WatchOptions,
  ) => AsyncIterable<StatusEvent<AgentState>>;
  /** An immediate look after a write of ours (execute, stop), for whoever watches what it changes. */
  readonly touch: (key: { readonly leagueId: string; readonly instanceId?: string }) => void;
  /** Ends all streams; their consumers are told to reconnect (GatewayError RECONNECT). */
  readonly close: () => void;
  readonly figures: () => WatchFigures;
}

/** Changes of one thing that are kept, for those who resume. */
const keptChanges = 100;
/** Of a league more, since each of its runs changes. */
const keptLeagueChanges = 500;

function keyOf({ upstreamScope, language }: WatchScope, ...parts: readonly string[]): string {
  return JSON.stringify([upstreamScope, language, ...parts]);
}

const spacePlane = 'space';

/** The upstreams that looks go to; `agentOf` names the agent that is asked about a league, as far as it is known. */
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

/** Watches over the given looks. */
export function createWatches(looks: Looks, options: WatchesOptions = {}): Watches {
  const {
    clock = systemWatchClock,
    observer = {},
    upstreamsOf = upstreamsByAgent(() => undefined),
    random = Math.random,
  } = options;
  const intervals = { ...defaultIntervals, ...options.intervals };
  const turns = createTurns(clock, intervals.looksPerSecond);
  const looking = createLooking(clock, turns, upstreamsOf, observer);
  const instances = createRegistry<InstanceState>(clock, intervals.rememberMs);
  const agents = createRegistry<AgentState>(clock, intervals.rememberMs);
  const leagues = new Map<string, { readonly watcher: LeagueWatcher; watches: number }>();
  let events = 0;

  const tools: WatchTools = {
    clock,
    intervals,
    random,
    newEpoch: createEpochs(),
    changed: (kind, count, subscribers) => {
      events += count;
      for (let index = 0; index < count; index += 1) observer.event?.({ kind, subscribers });
    },
  };
  const paceOf = (quickMs: number, slowestMs: number): Pace => ({ quickMs, slowestMs: Math.max(quickMs, slowestMs) });
  const pace = paceOf(intervals.quickMs, intervals.slowestMs);
  const agentPace = paceOf(intervals.agentQuickMs, intervals.agentSlowestMs);

  const instanceWatch = (kind: 'INSTANCE' | 'PROGRESS', watchTools = tools): Watch<InstanceState> =>
    createWatch({ kind, pace, kept: keptChanges, isToldFirst: () => true }, watchTools);
  const leagueWatch = (): Watch<InstanceState> =>
    createWatch({ kind: 'LEAGUE', pace, kept: keptLeagueChanges, isToldFirst: ({ isFinal }) => !isFinal }, tools);
  const agentWatch = (): Watch<AgentState> =>
    createWatch({ kind: 'AGENT', pace: agentPace, kept: keptChanges, isToldFirst: () => true }, tools);

  const watcherTools = {
    looks,
    looking,
    clock,
    unsubscribed: () => instanceWatch('INSTANCE', { ...tools, changed: () => undefined }),
    finished: instances.finished,
  };

  /** Puts a watch under the league's watcher, which is there as long as it has any. */
  const inLeague = (
    scope: WatchScope,
    leagueId: string,
    watch: Watch<InstanceState>,
    add: (watcher: LeagueWatcher) => void,
  ): Steering => {
    const key = keyOf(scope, leagueId);
    const league = leagues.get(key) ?? {
      watcher: createLeagueWatcher(scope, leagueId, watcherTools),
      watches: 0,
    };
    leagues.set(key, league);
    league.watches += 1;
    add(league.watcher);
    return {
      hurry: league.watcher.hurry,
      stop: () => {
        league.watches -= 1;
        if (league.watches > 0) return league.watcher.drop(watch);
        league.watcher.close();
        leagues.delete(key);
      },
    };
  };

  return {
    instance: (scope, { leagueId, instanceId, withProgress = false }, watchOptions) =>
      instances.stream(
        {
          key: keyOf(scope, withProgress ? 'progress' : 'instance', leagueId, instanceId),
          make: () => instanceWatch(withProgress ? 'PROGRESS' : 'INSTANCE'),
          start: (watch) =>
            inLeague(scope, leagueId, watch, (watcher) => watcher.watchInstance({ instanceId, withProgress }, watch)),
        },
        watchOptions,
      ),
    league: (scope, { leagueId, jobId }, watchOptions) =>
      instances.stream(
        {
          key: keyOf(scope, 'league', leagueId, ...(jobId === undefined ? [] : [jobId])),
          make: leagueWatch,
          start: (watch) => inLeague(scope, leagueId, watch, (watcher) => watcher.watchRuns(jobId, watch)),
        },
        watchOptions,
      ),
    agent: (scope, agent, watchOptions) =>
      agents.stream(
        {
          key: keyOf(scope, agent.withDeployment === true ? 'deployment' : 'agent', agent.agentId),
          make: agentWatch,
          start: (watch) => {
            const { hurry, close } = createAgentWatcher(scope, agent, watch, {
              looks,
              looking,
              clock,
              finished: (error) => agents.finished(watch, error),
            });
            return { hurry, stop: close };
          },
        },
        watchOptions,
      ),
    touch: ({ leagueId, instanceId }) => {
      for (const { watcher } of leagues.values()) if (watcher.leagueId === leagueId) watcher.touch(instanceId);
    },
    close: () => {
      instances.close();
      agents.close();
      turns.close();
    },
    figures: () => {
      const [ofInstances, ofAgents] = [instances.figures(), agents.figures()];
      return {
        watches: ofInstances.watches + ofAgents.watches,
        subscribers: ofInstances.subscribers + ofAgents.subscribers,
        events,
        ...looking.figures(),
      };
    },
  };
}
