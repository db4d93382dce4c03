import type { Engine } from '../model/ddl.ts';
import type { RefreshLease } from './refreshLease.ts';
import type { Row, Table, TableName, Value } from '../model/types.ts';

/** SQL with its parameters, `$1` first. Values never stand in the text. */
export interface Statement {
  readonly text: string;
  readonly values: readonly Value[];
}

/** What one source told of rows of a table. */
export interface TableChange {
  readonly table: Table;
  readonly rows: readonly Row[];
  /**
   * `UPSERT` writes rows that are new or differ. `UPDATE` changes known rows only, and of these the columns that the first row has.
   * `INSERT` adds what is not known, for rows that others refer to. `DELETE` marks known rows as deleted; rows need the key only.
   */
  readonly mode: 'UPSERT' | 'UPDATE' | 'INSERT' | 'DELETE';
}

/** What a copy is written as: each row of a statement of one column of text as a line, or all columns as a Parquet file. */
export type CopyFormat = 'LINES' | 'PARQUET';

/** Where the rows are kept. One process writes, the one that has the lease; a write is seen whole or not at all. */
export interface Store {
  readonly engine: Engine;
  readonly lease: RefreshLease;
  /** Learns what another process has written. */
  readonly reload: () => Promise<void>;
  /** The instant of the last write that changed anything: what a reader pins a walk to. */
  readonly stamp: () => string;
  /** The same for one table. */
  readonly stampOf: (table: TableName) => string;
  /** Applies changes in one transaction, those of one table and mode together. Answers how many rows of each table changed; rows that are the same are not touched. */
  readonly write: (changes: readonly TableChange[]) => Promise<ReadonlyMap<TableName, number>>;
  /**
   * Streams rows to a reader in chunks, in constant memory. The engine ends the query with the signal.
   *
   * @throws QueryError LIMIT
   */
  readonly read: (statement: Statement, signal?: AbortSignal) => AsyncIterable<readonly (readonly Value[])[]>;
  /**
   * Streams an answer that the engine itself writes, within the limits of `read`. Undefined where it can't now: then its rows
   * are read.
   *
   * @throws QueryError LIMIT
   */
  readonly copy?: (
    statement: Statement,
    format: CopyFormat,
    signal: AbortSignal,
  ) => AsyncIterable<Uint8Array> | undefined;
  /** All rows of a small answer, for the gateway itself: without limits. */
  readonly all: (statement: Statement) => Promise<readonly Row[]>;
  readonly close: () => Promise<void>;
}

/** Limits of the queries of readers. */
export interface StoreLimits {
  /** Time that the engine works on one query; what its reader takes to read does not count. */
  readonly queryTimeoutMs: number;
  /** Time that an answer takes in all. */
  readonly answerTimeoutMs: number;
  /** Memory for the queries of all readers. */
  readonly memoryLimitMb: number;
}

/** Limits where the configuration has no others. */
export const usualLimits: StoreLimits = { queryTimeoutMs: 60_000, answerTimeoutMs: 600_000, memoryLimitMb: 512 };

/** The tables can't be opened. The message is for readers too: it says why, and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** A version of a row that was replaced is kept for this long: a walk that takes longer is refused. */
export const keepVersionsMs = 3_600_000;

/** Instants of writes: each later than the one before, to the millisecond. */
export function createStamps(last: string | undefined, now: () => number = Date.now) {
  let lastMs = last === undefined ? 0 : Date.parse(last);
  return {
    next: (): string => {
      lastMs = Math.max(now(), lastMs + 1);
      return new Date(lastMs).toISOString();
    },
  };
}

/** Waits for its turn: one transaction writes at a time. */
export function createQueue() {
  let last: Promise<unknown> = Promise.resolve();
  return <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}
