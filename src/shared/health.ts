import type { SharedWatchFigures } from './watches.ts';

/** Whether what replicas share can be read and written at the moment. */
export interface SharedHealth {
  readonly answers: boolean;
  /** Why it does not: `UNREACHABLE`, `SLOW` or `READ_ONLY`. Each replica relies on its own memory meanwhile. */
  readonly reason?: AwayReason;
  /** Replicas that were counted last, this one included. */
  readonly replicas: number;
}

export type AwayReason = 'UNREACHABLE' | 'SLOW' | 'READ_ONLY';

/** Counts of one replica. */
export interface SharedFigures extends SharedHealth {
  readonly commands: number;
  readonly failures: number;
  /** Values that could not be read: of another version, or encrypted by another key. They were left alone. */
  readonly unreadable: number;
  readonly watches: SharedWatchFigures;
}
