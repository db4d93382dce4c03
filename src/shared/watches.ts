/** Position in the log of a watch. An epoch names a log; sequences count within it. */
export interface LogPosition {
  readonly epoch: string;
  readonly sequence: number;
}

/** The log of one watch, which replicas share. Bodies are JSON. */
export interface SharedLog extends LogPosition {
  /** The replica that holds the lease has polled it. */
  readonly isKnown: boolean;
  /** The last error of its polls, and the end of the watch. */
  readonly status: string;
  /** Undefined when the entries alone bring the reader up to date. */
  readonly latest: readonly string[] | undefined;
  readonly entries: readonly string[];
}

/** A part appended to the log of a watch. */
export interface SharedChange extends LogPosition {
  /** The sequence before it. */
  readonly after: number;
  readonly isKnown: boolean;
  readonly status: string;
  readonly entries: readonly SharedEntry[];
}

/** A change of one subject. */
export interface SharedEntry {
  readonly subject: string;
  readonly body: string;
}

/** The whole log of a watch, replacing the stored one. */
export interface WholeLog extends LogPosition {
  readonly isKnown: boolean;
  readonly status: string;
  readonly latest: readonly SharedEntry[];
  readonly entries: readonly SharedEntry[];
}

/** The answer to a join. */
export interface Joined {
  /** This replica polls for all. */
  readonly isLeader: boolean;
  readonly log: SharedLog | null;
}

/**
 * PUBLISHED; LOST, when another replica holds the lease; EXPIRED, when the log is gone; UNREADABLE, when the stored log is not this
 * one.
 */
export type Publication = 'PUBLISHED' | 'LOST' | 'EXPIRED' | 'UNREADABLE';

/** Watches that one replica polls for all: those of a league, or of an agent. Results are undefined while the store is unreachable. */
export interface SharedGroup {
  /** Joins a watch: takes a free lease, and reads the log from a position on. LATER: `onReset` follows. */
  readonly join: (watch: string, from: LogPosition) => Promise<Joined | 'UNREADABLE' | 'LATER' | undefined>;
  /** Appends to the log, and publishes the change to all replicas. */
  readonly publish: (watch: string, change: SharedChange) => Promise<Publication | undefined>;
  /** Rewrites the log, and has all replicas read it again. */
  readonly write: (watch: string, log: WholeLog) => Promise<Publication | undefined>;
  /** Leaves a watch. */
  readonly leave: (watch: string) => Promise<void>;
  /** Names of the watches of other replicas. */
  readonly remoteWatches: () => Promise<readonly string[] | undefined>;
  /** Requests a poll from the replica that polls, for a new subscriber. */
  readonly requestPoll: (watch: string) => void;
  /** Releases the lease, and one that a running join takes. */
  readonly release: () => Promise<void>;
  /** Releases the lease. No event follows. */
  readonly close: () => Promise<void>;
}

/** Receives the events of a group. */
export interface GroupListener {
  /** A part of a log. Null: the log must be read again. */
  readonly onChange: (watch: string, change: SharedChange | null) => void;
  /** The replica that held the lease is gone. */
  readonly onFree: () => void;
  /** The watches of other replicas have changed. */
  readonly onRemoteWatches: () => void;
  /** Another replica has a new subscriber. */
  readonly onPollRequest: (watch: string) => void;
  /** The store became unreachable. */
  readonly onAway: () => void;
  /** Leases or messages were lost: every watch must be joined again. */
  readonly onReset: () => void;
}

/** Counts of one replica. */
export interface SharedWatchFigures {
  /** Groups whose lease this replica holds. */
  readonly leases: number;
  readonly published: number;
  /** Changes published by other replicas and delivered to subscribers of this one. */
  readonly applied: number;
  /** Leases taken over from dead replicas. */
  readonly failovers: number;
}

/** Watches shared by all replicas. */
export interface SharedWatches {
  /**
   * @param name - the same for the same watches at all replicas
   * @param rememberMs - how long logs are kept after the last watcher has left
   */
  readonly open: (name: string, rememberMs: number, listener: GroupListener) => SharedGroup;
  /** Publishes a write to all other replicas: polls are due after it. */
  readonly publishWrite: (text: string) => void;
  /** Calls back with writes of other replicas, until the returned function is called. */
  readonly onWrite: (listener: (text: string) => void) => () => void;
  /** How many replicas divide the polls of an upstream. Any of them may poll it, for different watches. */
  readonly pollingReplicas: () => number;
  readonly figures: () => SharedWatchFigures;
}
