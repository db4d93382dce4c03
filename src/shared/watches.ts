/** Where the log of a watch stands. Epochs name logs: a sequence is one of its epoch's. */
export interface LogPosition {
  readonly epoch: string;
  readonly sequence: number;
}

/** The log of one watch, which replicas share. Bodies are JSON. */
export interface SharedLog extends LogPosition {
  /** It was polled by the replica that has the lease. */
  readonly isKnown: boolean;
  /** The last error of its polls, and how the watch has ended. */
  readonly status: string;
  /** Undefined where the entries are all that is missing. */
  readonly latest: readonly string[] | undefined;
  readonly entries: readonly string[];
}

/** One more part of the log of a watch. */
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

/** The whole log of a watch, in the place of what is kept. */
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
 * PUBLISHED; LOST, when another replica has the lease; EXPIRED, when nothing is kept of the log any more; UNREADABLE, when what is
 * kept is not this log.
 */
export type Publication = 'PUBLISHED' | 'LOST' | 'EXPIRED' | 'UNREADABLE';

/** Watches that one replica polls at a time: those of a league, or one of an agent. Undefined: the server does not answer. */
export interface SharedGroup {
  /** Watches along: takes the lease where nobody has it, and reads the log from a position on. LATER: `onReset` follows. */
  readonly join: (watch: string, from: LogPosition) => Promise<Joined | 'UNREADABLE' | 'LATER' | undefined>;
  /** Appends to the log, and publishes the change to all replicas. */
  readonly publish: (watch: string, change: SharedChange) => Promise<Publication | undefined>;
  /** Writes the log anew, and has all replicas read it again. */
  readonly write: (watch: string, log: WholeLog) => Promise<Publication | undefined>;
  /** Watches no more. */
  readonly leave: (watch: string) => Promise<void>;
  /** Names of the watches of other replicas. */
  readonly remoteWatches: () => Promise<readonly string[] | undefined>;
  /** Asks the replica that polls for a poll, for a new subscriber. */
  readonly requestPoll: (watch: string) => void;
  /** Gives the lease back, also one that a join under way takes. */
  readonly release: () => Promise<void>;
  /** Gives the lease back. No event follows. */
  readonly close: () => Promise<void>;
}

/** Receives the events of a group. */
export interface GroupListener {
  /** A part of a log; null: read it again. */
  readonly onChange: (watch: string, change: SharedChange | null) => void;
  /** The replica that had the lease is gone. */
  readonly onFree: () => void;
  /** The watches of other replicas have changed. */
  readonly onRemoteWatches: () => void;
  /** Another replica has a new subscriber. */
  readonly onPollRequest: (watch: string) => void;
  /** Nothing can be shared at the moment. */
  readonly onAway: () => void;
  /** Leases of this replica are lost, or messages: everything is to be joined again. */
  readonly onReset: () => void;
}

/** Counts of one replica. */
export interface SharedWatchFigures {
  /** Groups that this replica polls for all. */
  readonly leases: number;
  readonly published: number;
  /** Changes published by other replicas and delivered to subscribers of this one. */
  readonly applied: number;
  /** Leases taken from replicas that were dead. */
  readonly failovers: number;
}

/** Watches of all replicas. */
export interface SharedWatches {
  /**
   * @param name - the same for the same watches at all replicas
   * @param rememberMs - logs are kept for so long after nobody watches any more
   */
  readonly open: (name: string, rememberMs: number, listener: GroupListener) => SharedGroup;
  /** Publishes a write to all other replicas: polls are due after it. */
  readonly publishWrite: (text: string) => void;
  /** Calls back with writes of other replicas, until the returned function is called. */
  readonly onWrite: (listener: (text: string) => void) => () => void;
  /** How many replicas poll on their own: 1 while they share. */
  readonly pollingReplicas: () => number;
  readonly figures: () => SharedWatchFigures;
}
