import type { ErrorCode } from '../errors.ts';
import type { Agent } from '../tics/agents/loaders.ts';
import type { AgentRuntime } from '../tics/agents/runtime.ts';
import type { InstanceProgress } from '../tics/instances/progress.ts';
import type { Clock } from '../time.ts';
import type { Signal } from '../upstream/deadline.ts';
import type { OwnTokens } from '../upstream/tokens.ts';
import type { SharedWatches } from '../shared/watches.ts';
import type { Intervals } from './polling/schedule.ts';

/** The token and language of polls. Equal scopes share polls; different ones never do. */
export interface WatchScope {
  readonly upstreamScope: string;
  readonly language: string;
  /** A caller's own tokens. Polls use them, and nothing is kept after the last subscriber has left. */
  readonly tokens?: OwnTokens | undefined;
}

/** The common part of all polled states. */
export interface AnyState {
  readonly status: string;
  /** Everything else that counts as a change. */
  readonly fingerprint: string;
  readonly isTerminal?: boolean;
}

/** State of an instance at one poll. */
export interface InstanceState extends AnyState {
  readonly leagueId: string;
  /** Empty in a league's event without a run: it has none, or none is known yet. */
  readonly instanceId: string;
  /** Normalized value, such as RUNNING. */
  readonly status: string;
  /** As the polled plane spells it. Another spelling is no change. */
  readonly statusText?: string | null;
  readonly isTerminal: boolean;
  /** As lists return it. */
  readonly endedAt?: string | null;
  /** Null where only the state was polled. */
  readonly progress: InstanceProgress | null;
}

/** State of an agent at one poll. */
export interface AgentState extends AnyState, Pick<AgentRuntime, 'online' | 'trusted' | 'trustError'> {
  readonly agentId: string;
  /** As the polled plane spells it. Another spelling is no change. */
  readonly statusText?: string | null;
  /** Null where the deployment was not polled. */
  readonly deployStatus: Agent['deployStatus'] | null;
}

/**
 * The kind of an event. A stream begins with a snapshot of the current states, or with the changes since its cursor;
 * SNAPSHOT_END is the last event of that, and the only one of a league without runs. STALE and FRESH repeat the last state when polls begin to fail, and when they succeed
 * again.
 */
export type EventKind = 'SNAPSHOT' | 'SNAPSHOT_END' | 'CHANGE' | 'STALE' | 'FRESH';

/** The reason why changes may be missing in a stream. */
export type GapReason = 'OVERFLOW' | 'EXPIRED_CURSOR' | 'RESTART' | 'FAILOVER' | 'RIGHT_CHANGED';

/** Changes may be missing, of any subject of the stream. */
export interface Gap {
  readonly reason: GapReason;
  readonly watched: PollTarget['kind'];
}

/** Polls fail. */
export interface Staleness {
  /** When the last one succeeded. */
  readonly since: string;
  /** The code with which they began to fail. */
  readonly reason: ErrorCode;
}

/** One change of state, as one subscriber receives it. */
export interface StatusEvent<State> {
  readonly kind: EventKind;
  /** `<epoch>.<sequence>`: a subscription resumes after this event. */
  readonly cursor: string;
  /** Grows by one with each change of the watched object. A jump means that the subscriber was too slow. */
  readonly sequence: number;
  readonly observedAt: string;
  /** The status that this subscriber received last. Null at its first event of the object, and after a gap. */
  readonly previousStatus: string | null;
  readonly state: State;
  /** No more events follow for this instance. */
  readonly isFinal: boolean;
  /** Changes since the subscriber's last event, or its cursor, may be missing. */
  readonly gap: Gap | null;
  /** Of STALE. */
  readonly stale: Staleness | null;
}

/** Identifies an instance. */
export interface InstanceKey {
  readonly leagueId: string;
  readonly instanceId: string;
}

/** An instance, optionally with its progress: two calls for each poll instead of one. */
export interface WatchedInstance extends InstanceKey {
  readonly withProgress?: boolean;
}

/** An agent, optionally with its deployment, which only the space plane has. */
export interface WatchedAgent {
  readonly agentId: string;
  readonly withDeployment?: boolean;
}

/** Identifies the instances of a league, or of one of its jobs. */
export interface LeagueKey {
  readonly leagueId: string;
  readonly jobId?: string;
}

/** Polls upstream under the gateway's own deadline. One call each, for progress two. */
export interface Polls {
  readonly instance: (scope: WatchScope, key: InstanceKey) => Promise<InstanceState | null>;
  /** `known`: the progress at the last poll. */
  readonly progress: (
    scope: WatchScope,
    key: InstanceKey,
    known: InstanceProgress | null,
  ) => Promise<InstanceState | null>;
  /** The newest 100 instances. */
  readonly league: (scope: WatchScope, key: LeagueKey) => Promise<readonly InstanceState[]>;
  /** One call, with its deployment two. `known`: the state at the last poll. */
  readonly agent: (scope: WatchScope, agent: WatchedAgent, known: AgentState | null) => Promise<AgentState | null>;
}

/** A successful poll. */
export interface PollAnswer {
  readonly begunAtMs: number;
  readonly answeredAtMs: number;
  readonly observedAt: string;
}

/** Options of one subscription. */
export interface WatchOptions {
  /** Cursor of the last event that it received. */
  readonly after?: string | null;
  /** Of a league's runs: the snapshot has those that ended since then, in place of the last few that ended. */
  readonly since?: string | null;
  /** Receives STALE and FRESH too. */
  readonly withFreshness?: boolean;
  /** Ends the stream. */
  readonly signal: Signal;
}

/** Gauges and counters of all watches. */
export interface WatchFigures {
  /** Watched objects. */
  readonly watches: number;
  readonly subscribers: number;
  /** Polls so far. */
  readonly polls: number;
  /** Changes so far, each counted once however many subscribers receive it. */
  readonly events: number;
  /** Delay of the latest poll. More than a few ms when the rate limiter holds polls back. */
  readonly lagMs: number;
}

/** A poll that is about to begin. */
export type PollTarget =
  | { readonly kind: 'INSTANCE' | 'PROGRESS' | 'LEAGUE'; readonly leagueId: string }
  | { readonly kind: 'AGENT'; readonly agentId: string }
  | { readonly kind: 'DEPLOYMENT'; readonly agentId: string };

/** A poll that has ended. */
export interface PollEnd {
  readonly kind: PollTarget['kind'];
  /** `OK`, or the error code. */
  readonly outcome: string;
  readonly durationMs: number;
  readonly lagMs: number;
}

/** Observes polls and events. Must not throw. */
export interface WatchObserver {
  readonly onPoll?: (end: PollEnd) => void;
  /** A change that `subscribers` receive. */
  readonly onEvent?: (event: { readonly kind: PollTarget['kind']; readonly subscribers: number }) => void;
}

/** The shared watches, and which replicas share them. */
export interface WatchSharing {
  readonly watches: SharedWatches;
  /** Replicas with equal values share polls: the service and the account of the polls. */
  readonly upstream: string;
}

/** Options of `createWatches`. */
export interface WatchesOptions {
  readonly clock?: Clock;
  readonly intervals?: Partial<Intervals>;
  readonly observer?: WatchObserver;
  /** Left out for a single process. Watches with a caller's own tokens are never shared. */
  readonly sharing?: WatchSharing | undefined;
  /** Upstreams whose rate limit a poll counts against. By default a league stands for the agent that answers for it. */
  readonly upstreamsOf?: (target: PollTarget) => readonly string[];
  /** From 0 to 1. */
  readonly random?: () => number;
}

/**
 * Streams of status changes. A stream begins with a snapshot (of a league: each of its instances that has not ended, and those
 * that ended last), then yields each change, and ends after a terminal one. It throws GatewayError: NOT_FOUND when the object is gone, FORBIDDEN
 * (or alike) when the scope may not read it, RECONNECT when the gateway closes.
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
  /** Polls at once after a write of ours (execute, stop) that changes what is watched. */
  readonly pollNow: (key: { readonly leagueId: string; readonly instanceId?: string }) => void;
  /** Ends all streams with GatewayError RECONNECT. */
  readonly close: () => void;
  readonly figures: () => WatchFigures;
}
