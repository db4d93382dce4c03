import { basename } from 'node:path';
import {
  DuckDBDateValue,
  DuckDBInstance,
  DuckDBTimestampValue,
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBValue,
} from '@duckdb/node-api';
import { additions, columnNamesSql, ddl, quoted, sqlType } from '../model/ddl.ts';
import type { ColumnType, Row, Value } from '../model/types.ts';
import { outOfRange, QueryError } from '../query/expression.ts';
import { distinctRows, stage, stagedColumns } from './merge.ts';
import { ownLease } from './refreshLease.ts';
import { copyDirectoryOf, createCopies } from './copies.ts';
import { createQueryLimits, type Work } from './queryLimits.ts';
import { StoreError, usualLimits, type Statement, type Store, type StoreLimits, type TableChange } from './store.ts';
import { createWrites, type Transaction, type WritingEngine } from './writes.ts';

/** Where the embedded engine keeps the tables, and its limits. */
export interface DuckDbOptions extends Partial<Omit<StoreLimits, 'answerTimeoutMs'>> {
  /** File of the database; without one it lives in memory. */
  readonly path?: string | undefined;
}

/** A query takes a thread of Node's pool of four while the engine works on it; names are looked up in the same pool. */
const queriesAtOnce = 2;

/** Copies take longer than other queries, which do not wait for them. */
const copiesAtOnce = 1;

const dayMs = 86_400_000;

/** Reads a value of the engine. */
function toValue(value: DuckDBValue): Value {
  if (value instanceof DuckDBTimestampValue) return new Date(Number(value.micros / 1000n)).toISOString();
  if (value instanceof DuckDBDateValue) return new Date(value.days * dayMs).toISOString().slice(0, 10);
  return value as Value;
}

/** Appends a value to a row of the stage. */
function append(appender: DuckDBAppender, type: ColumnType, value: Value): void {
  if (value === null) return appender.appendNull();
  switch (type) {
    case 'text':
      return appender.appendVarchar(value as string);
    case 'integer':
      return appender.appendBigInt(BigInt(value));
    case 'number':
      return appender.appendDouble(Number(value));
    case 'boolean':
      return appender.appendBoolean(value === true);
    case 'instant':
      return appender.appendTimestamp(new DuckDBTimestampValue(BigInt(Date.parse(value as string)) * 1000n));
    case 'date':
      return appender.appendDate(new DuckDBDateValue(Math.round(Date.parse(value as string) / dayMs)));
  }
}

/** @throws StoreError when another process has the file open, or it is no database of this version */
async function openFile(path: string): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(path, { threads: '2' });
  } catch (error) {
    const { message } = error as Error;
    if (/lock/i.test(message))
      throw new StoreError(
        `Another process has ${basename(path)} open: each gateway needs a dataDirectory of its own, or a Postgres.`,
        { cause: error },
      );
    throw new StoreError(`${basename(path)} can't be opened. Delete it to have the rows read again.`, { cause: error });
  }
}

/** An engine that reads and writes nothing but its own file and its copies. */
async function openLocked({ path, memoryLimitMb = usualLimits.memoryLimitMb }: DuckDbOptions) {
  const instance =
    path === undefined ? await DuckDBInstance.create(':memory:', { threads: '2' }) : await openFile(path);
  const connection = await instance.connect();
  const copyDirectory = copyDirectoryOf(path);
  // No other file, no address and no extension from here on, and nobody can change that.
  for (const setting of [
    `SET memory_limit = '${memoryLimitMb}MB'`,
    // Rows without an order of their own are not held until those before them are written.
    'SET preserve_insertion_order = false',
    ...(copyDirectory === undefined ? [] : [`SET allowed_directories = ['${copyDirectory.replaceAll("'", "''")}']`]),
    ...(path === undefined ? ["SET temp_directory = ''"] : []),
    'SET autoinstall_known_extensions = false',
    'SET autoload_known_extensions = false',
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ])
    await connection.run(setting);
  for (const statement of ddl('duckdb')) await connection.run(statement);
  const known = await connection.runAndReadAll(columnNamesSql);
  const names = new Set(known.getRows().map(([name]) => String(name)));
  for (const statement of additions('duckdb', names)) await connection.run(statement);
  connection.closeSync();
  return { instance, copyDirectory };
}

/** Writes the rows of a change where they are merged from. */
async function fillStage(connection: DuckDBConnection, change: TableChange): Promise<void> {
  const columns = stagedColumns(change);
  const types = columns.map((name) => change.table.columns[name]?.type ?? 'text');
  const definitions = columns.map((name, index) => `${quoted(name)} ${sqlType('duckdb', types[index] ?? 'text')}`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${stage} (${definitions.join(', ')})`);
  const appender = await connection.createAppender('bi_stage', null, 'temp');
  for (const row of distinctRows(change)) {
    columns.forEach((name, index) => append(appender, types[index] ?? 'text', row[name] ?? null));
    appender.endRow();
  }
  appender.closeSync();
}

/** What the engine says when a query needs more memory than there is, or wider numbers, is no fault of the gateway's. */
function errorOf(error: unknown): unknown {
  if (error instanceof Error && /^(Out of Range|Conversion) Error/i.test(error.message)) return outOfRange();
  if (!(error instanceof Error) || !/^Out of Memory/i.test(error.message)) return error;
  return new QueryError(
    'The query takes more memory than one may (bi.memoryLimitMb). Ask for fewer rows, days or groups.',
    'LIMIT',
  );
}

/** All rows of a small answer. */
async function readAll(instance: DuckDBInstance, { text, values }: Statement): Promise<readonly Row[]> {
  const connection = await instance.connect();
  try {
    const answer = await connection.runAndReadAll(text, [...values]);
    return answer
      .getRowObjects()
      .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toValue(value)])));
  } finally {
    connection.closeSync();
  }
}

/** Writes through one connection. */
function transactionsOf(writer: DuckDBConnection): WritingEngine['transact'] {
  const transaction: Transaction = {
    fillStage: (change) => fillStage(writer, change),
    run: async (text, values) => (await writer.run(text, [...values])).rowsChanged,
  };
  return async (work) => {
    await writer.run('BEGIN');
    try {
      await work(transaction);
      await writer.run('COMMIT');
    } catch (error) {
      await writer.run('ROLLBACK');
      throw error;
    }
  };
}

/** Streams rows in chunks of the engine. */
async function* readRows(
  instance: DuckDBInstance,
  limited: (signal: AbortSignal | undefined, cancel: () => void) => Work,
  { text, values }: Statement,
  signal?: AbortSignal,
) {
  signal?.throwIfAborted();
  const connection = await instance.connect();
  const { step } = limited(signal, () => connection.interrupt());
  try {
    const result = await step(() => connection.stream(text, [...values]));
    for (;;) {
      const chunk = await step(() => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.getRows().map((row) => row.map(toValue));
    }
  } finally {
    connection.closeSync();
  }
}

/** Opens the embedded engine. Configuration is locked; the engine reads and writes nothing but its own file. */
export async function openDuckDb(options: DuckDbOptions = {}): Promise<Store> {
  const { instance, copyDirectory } = await openLocked(options);
  const writer = await instance.connect();
  const all: Store['all'] = (statement) => readAll(instance, statement);
  const { idle, ...writes } = await createWrites({ engine: 'duckdb', all, transact: transactionsOf(writer) });
  const limits = { timeoutMs: options.queryTimeoutMs ?? usualLimits.queryTimeoutMs, errorOf };
  const limited = createQueryLimits({ ...limits, atOnce: queriesAtOnce });

  const copy = createCopies({
    connect: () => instance.connect(),
    limited: createQueryLimits({ ...limits, atOnce: copiesAtOnce }),
    directory: copyDirectory,
  });

  return {
    engine: 'duckdb',
    lease: ownLease,
    ...writes,
    read: (statement, signal) => readRows(instance, limited, statement, signal),
    copy,
    all,
    close: async () => {
      await idle();
      writer.closeSync();
      instance.closeSync();
    },
  };
}
