import type { SharedWatchFigures } from './watches.ts';

/** Health of the store that replicas share. */
export interface SharedHealth {
  readonly answers: boolean;
  /** The reason of a failure: `UNREACHABLE`, `SLOW` or `READ_ONLY`. Each replica relies on its own memory meanwhile. */
  readonly reason?: AwayReason;
  /** The last count of replicas, this one included. */
  readonly replicas: number;
}

export type AwayReason = 'UNREACHABLE' | 'SLOW' | 'READ_ONLY';

/** Counts of one replica. */
export interface SharedFigures extends SharedHealth {
  readonly commands: number;
  readonly failures: number;
  /** Unreadable values: of another version or encrypted with another key. They were left alone. */
  readonly unreadable: number;
  readonly watches: SharedWatchFigures;
}
