import pg from 'pg';
import Cursor from 'pg-cursor';
import { GatewayError } from '../../errors.ts';
import { additions, columnNamesSql, commentsAndIndexes, ddl, quoted, rowSecurity, sqlType } from '../model/ddl.ts';
import { outOfRange } from '../query/expression.ts';
import type { Row, Value } from '../model/types.ts';
import { distinctRows, stage, stagedColumns } from './merge.ts';
import { createQueryLimits, type Work } from './queryLimits.ts';
import { endReadersWith, PostgresLease } from './refreshLease.ts';
import { usualLimits, type Statement, type Store, type StoreLimits, type TableChange } from './store.ts';
import { createWrites, type WritingEngine } from './writes.ts';

/** Rows that a cursor fetches at a time. */
const rowsAtOnce = 2_000;

/** Readers that are served side by side; the others wait. */
const readerConnections = 10;

/** For the gateway itself: one writes, the others read what is to be refreshed or cancel queries. */
const ownConnections = 4;

/** One gateway writes: the key of the lock that says so. */
const writerLock = 0x62695f76;
const shownWriterLock = { classid: 0, objid: writerLock };

type TypeParser = (text: string) => unknown;

/** How values of the server are read, by the number of their type. */
const parsers: Readonly<Record<number, TypeParser>> = {
  [pg.types.builtins.INT8]: (text) => BigInt(text),
  // Sums of whole numbers.
  [pg.types.builtins.NUMERIC]: (text) => (/^-?\d+$/.test(text) ? BigInt(text) : Number(text)),
  [pg.types.builtins.DATE]: (text) => text,
  // Sessions are in UTC.
  [pg.types.builtins.TIMESTAMPTZ]: (text) => new Date(text.replace(' ', 'T').replace(/\+00$/, 'Z')).toISOString(),
};

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): TypeParser =>
    parsers[oid] ?? (pg.types.getTypeParser(oid, format) as TypeParser),
};

/** The rows of a change, where they are merged from. */
async function fillStage(client: pg.PoolClient, change: TableChange): Promise<void> {
  const columns = stagedColumns(change);
  const typesOf = columns.map((name) => sqlType('postgres', change.table.columns[name]?.type ?? 'text'));
  const definitions = columns.map((name, index) => `${quoted(name)} ${typesOf[index]}`);
  await client.query(`DROP TABLE IF EXISTS pg_temp.${stage}`);
  await client.query(`CREATE TEMP TABLE ${stage} (${definitions.join(', ')}) ON COMMIT DROP`);
  const rows = distinctRows(change);
  const arrays = columns.map((name) => rows.map((row) => textOf(row[name] ?? null)));
  const places = typesOf.map((type, index) => `$${index + 1}::${type}[]`);
  await client.query(`INSERT INTO ${stage} SELECT * FROM unnest(${places.join(', ')})`, arrays);
}

/** Postgres takes no NUL in a text: one in a name would undo all that is written with it. */
function textOf(value: Value): string | null {
  return value === null ? null : String(value).replaceAll('\0', '\uFFFD');
}

/** Creates what is missing. Two gateways that start at once wait for each other. */
export async function createTables(client: Pick<pg.Client, 'query'>): Promise<void> {
  await endReadersWith(shownWriterLock, client);
  await client.query('SELECT pg_advisory_lock($1)', [writerLock]);
  try {
    for (const statement of ddl('postgres')) await client.query(statement);
    const { rows } = await client.query<{ name: string }>(columnNamesSql);
    const known = new Set(rows.map(({ name }) => name));
    for (const statement of [...additions('postgres', known), ...commentsAndIndexes(), ...rowSecurity()])
      await client.query(statement);
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [writerLock]);
  }
}

/** Writes as the gateway that holds the lease. One that loses it during a write is done before the next holder writes. */
function transactionsOf(pool: pg.Pool, lease: PostgresLease): WritingEngine['transact'] {
  return async (work) => {
    const client = await pool.connect();
    try {
      await endReadersWith(shownWriterLock, client);
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock($1)', [writerLock]);
      await lease.assertHeld(client);
      await work({
        fillStage: (change) => fillStage(client, change),
        run: async (text, values) => (await client.query(text, [...values])).rowCount ?? 0,
      });
      await client.query('COMMIT');
      client.release();
    } catch (error) {
      // A connection whose transaction can't be ended is of no use any more.
      await client.query('ROLLBACK').then(
        () => client.release(),
        () => client.release(true),
      );
      throw error;
    }
  };
}

/** A connection that readers share, with the number of the server's process that serves it. */
type ReaderClient = pg.PoolClient & { readonly processID: number };

/** The pools of one database: readers wait for other readers, and nobody else. */
interface Pools {
  readonly readers: pg.Pool;
  /** Writes, and what the gateway asks for itself. */
  readonly own: pg.Pool;
}

/** @throws GatewayError OVERLOADED when other readers have all connections for too long */
async function connectReader({ readers }: Pools): Promise<ReaderClient> {
  try {
    return (await readers.connect()) as ReaderClient;
  } catch (error) {
    if (!/timeout/i.test((error as Error).message)) throw error;
    throw new GatewayError('OVERLOADED', 'Other readers have all connections to the tables. Ask again later.', {
      retryAfter: 5,
    });
  }
}

/** Reads rows through a cursor. The server ends its query when the reader leaves or its time is up. */
async function* readRows(
  pools: Pools,
  limited: (signal: AbortSignal | undefined, cancel: () => void) => Work,
  { text, values }: Statement,
  signal?: AbortSignal,
) {
  signal?.throwIfAborted();
  const client = await connectReader(pools);
  let isWhole = false;
  // A closed connection does not end a query that has no rows to send yet.
  const cancel = async (): Promise<void> => {
    await pools.own.query('SELECT pg_cancel_backend($1)', [client.processID]).catch(() => undefined);
  };
  try {
    // The reader may have left while it waited for a connection.
    signal?.throwIfAborted();
    const { step } = limited(signal, () => void cancel());
    const cursor = client.query(new Cursor(text, values.map(textOf), { rowMode: 'array', types }));
    for (;;) {
      const rows = await step(() => cursor.read(rowsAtOnce) as Promise<readonly (readonly Value[])[]>);
      if (rows.length === 0) break;
      yield rows;
    }
    await cursor.close();
    isWhole = true;
  } catch (error) {
    // Class 22 (data exception) is about a value that the query computes.
    throw error instanceof pg.DatabaseError && error.code?.startsWith('22') ? outOfRange() : error;
  } finally {
    // The server may still wait for a lock before the first step. And no cancellation may meet the next query of the connection.
    if (!isWhole) await cancel();
    client.release(!isWhole);
  }
}

function openPool(url: string, config: pg.PoolConfig, settings: Readonly<Record<string, string>>): pg.Pool {
  const all = { TimeZone: 'UTC', DateStyle: 'ISO', ...settings };
  const options = Object.entries(all).map(([name, value]) => `-c ${name}=${value}`);
  const pool = new pg.Pool({ connectionString: url, types, options: options.join(' '), ...config });
  // A connection that breaks while nobody uses it is replaced with the next query.
  pool.on('error', () => undefined);
  // One that breaks while it is used fails its query, which says so.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

function openPools(url: string, { queryTimeoutMs, answerTimeoutMs, memoryLimitMb }: StoreLimits): Pools {
  const settings = {
    default_transaction_read_only: 'on',
    // The gateway ends queries itself; this holds where it is gone.
    statement_timeout: `${answerTimeoutMs}`,
    work_mem: `${Math.max(1, Math.floor(memoryLimitMb / readerConnections))}MB`,
  };
  return {
    readers: openPool(
      url,
      { max: readerConnections, connectionTimeoutMillis: queryTimeoutMs, application_name: 'tics-gateway-reader' },
      settings,
    ),
    own: openPool(url, { max: ownConnections, application_name: 'tics-gateway' }, {}),
  };
}

/**
 * Opens the tables in a Postgres, in the schema `bi_v1`. They are created where they are missing.
 *
 * @param url - `postgres://…`
 */
export async function openPostgres(url: string, limits: StoreLimits = usualLimits): Promise<Store> {
  const pools = openPools(url, limits);
  const { own: pool } = pools;
  const limited = createQueryLimits({ timeoutMs: limits.queryTimeoutMs, atOnce: readerConnections });
  const client = await pool.connect();
  await createTables(client).finally(() => client.release());
  const lease = await PostgresLease.open(url);
  const all: Store['all'] = async ({ text, values }) => (await pool.query<Row>(text, values.map(textOf))).rows;
  const { idle, ...writes } = await createWrites({ engine: 'postgres', all, transact: transactionsOf(pool, lease) });

  return {
    engine: 'postgres',
    lease,
    ...writes,
    read: (statement, signal) => readRows(pools, limited, statement, signal),
    all,
    close: async () => {
      await idle();
      await Promise.all([lease.close(), pools.readers.end(), pool.end()]);
    },
  };
}
