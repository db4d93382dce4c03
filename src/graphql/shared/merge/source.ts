import type { GatewayError } from '../../../errors.ts';
import type { ReadPage } from '../../../tics/pages.ts';

/** The lists that are merged with others. */
export const listSources = {
  OWNER: 'Leagues that the account created.',
  PARTNER: 'Leagues that the account joined.',
  SQL: 'SQL jobs.',
  LEARNING: 'Horizontal and vertical jobs.',
  PREDICTION: 'Predictions.',
} as const;

export type ListSource = keyof typeof listSources;

/** One of the lists that are merged. */
export interface MergeSource<Row> {
  /** Names it in cursors and in `unavailable`. */
  readonly name: ListSource;
  readonly read: ReadPage<Row>;
  /** Filters rows where the service can't. */
  readonly keep?: (row: Row) => boolean;
}

/** Options shared by all sources of a merged list. */
export interface MergeOptions<Row> {
  readonly sources: readonly MergeSource<Row>[];
  readonly idOf: (row: Row) => string;
  /** Order of two rows; each source is taken to be in this order. */
  readonly compare: (one: Row, other: Row) => number;
  /** A row may stand in several sources: it is shown once, where the first of them has it. */
  readonly isOnceOnly?: boolean;
  /** Takes the failure of a source, which costs its rows only, and the reason for which rows of a source are missing. */
  readonly report: (error: GatewayError) => void;
}
