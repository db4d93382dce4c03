/** Announces writes to all replicas: after one, no replica answers from earlier reads. */
export interface SharedWrites {
  /** False while this replica may miss writes of others. Cached reads must not be used then. */
  readonly isCurrent: () => boolean;
  /** Grows with each write of another replica, and whenever one may have been missed. */
  readonly epoch: () => number;
  /** Announces a write. Resolves once every replica has dropped its cached reads, or no longer uses them. */
  readonly announce: () => Promise<void>;
  /** Calls back when another replica has written, or may have, until the returned function is called. */
  readonly onWrite: (listener: () => void) => () => void;
}
