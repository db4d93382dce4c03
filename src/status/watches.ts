import type { WatchClock } from './clock.ts';
import type { Intervals } from './pace.ts';

/** Whose rights a watch has: equal keys share polls, different ones never. */
export interface WatchRight {
  readonly rightKey: string;
  readonly language: string;
}

/** What an instance was seen to be. */
export interface InstanceState {
  readonly leagueId: string;
  readonly instanceId: string;
  /** The word, such as RUNNING. */
  readonly status: string;
  readonly round: number | null;
  readonly isTerminal: boolean;
  /** Anything whose change counts: progress, metrics. */
  readonly fingerprint: string;
}

/** What an agent was seen to be. */
export interface AgentState {
  readonly agentId: string;
  readonly status: string;
  readonly fingerprint: string;
}

/** One state that was seen, as a subscriber is told of it. */
export interface StatusEvent<State> {
  /** `<epoch>.<sequence>`: resumes after this event. */
  readonly cursor: string;
  /** Grows by one with each change of the watched thing; a jump is what the subscriber was too slow for. */
  readonly sequence: number;
  readonly observedAt: string;
  /** The status that this subscriber was told last; null at its first event of the thing. */
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

/** Names the runs of a league, or of one of its jobs. */
export interface LeagueKey {
  readonly leagueId: string;
  readonly jobId?: string;
}

/** How the watcher looks at upstream; each is one upstream call, made with the gateway's own deadline. */
export interface Looks {
  readonly instance: (right: WatchRight, key: InstanceKey) => Promise<InstanceState | null>;
  /** The newest 100. */
  readonly league: (right: WatchRight, key: LeagueKey) => Promise<readonly InstanceState[]>;
  readonly agent: (right: WatchRight, agentId: string) => Promise<AgentState | null>;
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
  readonly kind: 'INSTANCE' | 'LEAGUE' | 'AGENT';
  /** `OK`, or the code of the failure. */
  readonly outcome: string;
  readonly durationMs: number;
  readonly lagMs: number;
}

/** Told of what the watches do; does not throw. */
export interface WatchObserver {
  readonly look?: (end: LookEnd) => void;
  /** A change was seen; `subscribers` are told. */
  readonly event?: (event: { readonly kind: 'INSTANCE' | 'LEAGUE' | 'AGENT'; readonly subscribers: number }) => void;
}

/** A look that is about to be made. */
export type LookTarget =
  | { readonly kind: 'INSTANCE' | 'LEAGUE'; readonly leagueId: string }
  | { readonly kind: 'AGENT'; readonly agentId: string };

/** What the watches are set to. */
export interface WatchesOptions {
  readonly clock?: WatchClock;
  readonly intervals?: Partial<Intervals>;
  readonly observer?: WatchObserver;
  /** The upstream whose ceiling of calls a look counts for; unless given, the league's for instances, the space plane's else. */
  readonly upstreamOf?: (target: LookTarget) => string;
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
    right: WatchRight,
    key: InstanceKey,
    options: WatchOptions,
  ) => AsyncIterable<StatusEvent<InstanceState>>;
  readonly league: (
    right: WatchRight,
    key: LeagueKey,
    options: WatchOptions,
  ) => AsyncIterable<StatusEvent<InstanceState>>;
  readonly agent: (right: WatchRight, agentId: string, options: WatchOptions) => AsyncIterable<StatusEvent<AgentState>>;
  /** An immediate look after a write of ours (execute, stop), for whoever watches what it changes. */
  readonly touch: (key: { readonly leagueId: string; readonly instanceId?: string }) => void;
  /** Ends all streams; their consumers are told to reconnect (GatewayError RECONNECT). */
  readonly close: () => void;
  readonly figures: () => WatchFigures;
}

/** Watches over the given looks. */
export const createWatches = (_looks: Looks, _options: WatchesOptions): Watches => {
  throw new Error('not there yet');
};
