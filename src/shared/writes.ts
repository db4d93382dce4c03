/** Writes of all replicas: after one, no replica answers by what it read before. */
export interface SharedWrites {
  /** False while this replica may miss a write of another one: nothing that was read before stands for a new answer. */
  readonly areHeard: () => boolean;
  /** Counts the times that another replica has written, or may have. */
  readonly heard: () => number;
  /** Tells a write to all replicas. Resolves once each of them has heard it, or has stopped to answer by what it read before. */
  readonly announce: () => Promise<void>;
  /** Calls back when another replica has written, or may have, until the returned function is called. */
  readonly onWrite: (listener: () => void) => () => void;
}
