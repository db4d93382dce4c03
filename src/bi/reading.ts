import { createHash } from 'node:crypto';
import { once, type EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reader } from './access.ts';
import type { ColumnType, Row, Table, TableName, Value } from './model/types.ts';
import { Parameters } from './query/compile.ts';
import { QueryError } from './query/expression.ts';
import { countOf, sliceOf, type Relation, type Scope, type Slice } from './query/relation.ts';
import type { Refresher } from './refresh/refresher.ts';
import { keepVersionsMs, type Store } from './store/store.ts';

/** What every surface reads from. */
export interface Tables {
  readonly store: Store;
  readonly refresher: Pick<Refresher, 'refresh' | 'asOf' | 'leagues' | 'pendingDays'>;
  readonly timeZone: string;
  /** Rows of one answer, at most. */
  readonly maxRows: number;
  /** Where readers reach the gateway, where that is configured. */
  readonly publicUrl: string | undefined;
}

/** One request, told apart. */
export interface BiRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly reader: Reader;
  /** Decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The address that this was asked at, up to the path. */
  readonly baseUrl: string;
  /** Aborts when the reader leaves, its key ends, or its time is up. */
  readonly signal: AbortSignal;
  /** Emits `drain` as the response does. */
  readonly drains: EventEmitter;
}

/** A reader may ask for rows no older than this, at the least. */
const minStalenessMs = 5_000;

/** So long a reader waits for fresher rows; then it gets those that are there. */
const refreshWaitMs = 10_000;

/** @throws QueryError for what is no number of seconds */
function stalenessOf(query: URLSearchParams): number | undefined {
  const asked = query.get('max_staleness');
  if (asked === null) return undefined;
  if (!/^\d{1,9}$/.test(asked)) throw new QueryError('max_staleness: a whole number of seconds.');
  return Number(asked) * 1000;
}

/** Who reads, and how old the rows may be. */
export interface Reading {
  readonly leagues: Reader['leagues'];
  readonly maxStalenessMs: number | undefined;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** @throws QueryError */
export function readingOf({ reader, query, signal }: BiRequest): Reading {
  return { leagues: reader.leagues, maxStalenessMs: stalenessOf(query), signal };
}

/** Refreshes first, where the rows are older than the reader takes. A plane that is away costs freshness, not the answer. */
async function freshen({ refresher }: Tables, table: Table, reading: Reading): Promise<void> {
  const { leagues, maxStalenessMs = Number.POSITIVE_INFINITY, signal } = reading;
  const stalenessMs = Math.max(minStalenessMs, maxStalenessMs);
  const asOf = refresher.asOf(table.name, leagues);
  // Before the first read there is nothing to answer with.
  if (asOf !== null && Date.now() - Date.parse(asOf) <= stalenessMs) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, refreshWaitMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    refresher.refresh().then(done, done);
  });
}

/** The state of the service that an answer shows; before the first read there is none. */
function asOfText({ refresher }: Tables, table: Table, { leagues }: Reading): string {
  return refresher.asOf(table.name, leagues) ?? new Date(0).toISOString();
}

/**
 * What of a table a request reads, and as of when.
 *
 * @param place - in the walk that the request goes on with
 * @throws QueryError GONE when row versions of its snapshot may no longer be kept
 */
export async function scopeFor(tables: Tables, table: Table, reading: Reading, place?: Place): Promise<Scope> {
  const { leagues } = reading;
  if (place !== undefined) {
    const { snapshot, asOf, readAt } = place;
    const ageMs = Date.now() - Date.parse(snapshot);
    // The newest write may be long ago: its rows are still those of now.
    if (ageMs > keepVersionsMs && snapshot < tables.store.stamp())
      throw new QueryError('The walk took too long: begin it again.', 'GONE');
    return { leagues, snapshot, asOf, readAt };
  }
  await freshen(tables, table, reading);
  const asOf = asOfText(tables, table, reading);
  return { leagues, snapshot: tables.store.stamp(), asOf, readAt: new Date().toISOString() };
}

/**
 * The rows of a small answer.
 *
 * @throws QueryError LIMIT
 */
export async function readRows(
  { store }: Pick<Tables, 'store'>,
  relation: (parameters: Parameters) => Relation,
  slice: Slice,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const parameters = new Parameters(store.engine);
  const found: Row[] = [];
  for await (const rows of store.read(sliceOf(relation(parameters), slice, parameters), signal))
    for (const row of rows)
      found.push(Object.fromEntries(slice.columns.map((column, index) => [column, row[index] ?? null])));
  return found;
}

type Readable = Pick<Tables, 'store'>;
type MadeRelation = (parameters: Parameters) => Relation;

/** Values of the order's columns of rows of a part. */
async function placesIn(
  tables: Readable,
  relation: MadeRelation,
  { order, after }: Slice,
  rows: Readonly<Record<'limit' | 'offset', number>>,
  signal: AbortSignal,
): Promise<readonly (readonly Value[])[]> {
  const columns = order.map(({ column }) => column);
  const found = await readRows(tables, relation, { columns, order, after, ...rows }, signal);
  return found.map((row) => columns.map((column) => row[column] ?? null));
}

/**
 * The last row of a part with a limit, by the columns of its order, and if there are rows behind it.
 *
 * @throws QueryError
 */
export async function endOf(
  tables: Readable,
  relation: MadeRelation,
  part: Slice,
  signal: AbortSignal,
): Promise<{ readonly last: readonly Value[] | undefined; readonly isMore: boolean }> {
  const { limit } = part;
  if (limit === undefined) return { last: undefined, isMore: false };
  const [last, next] = await placesIn(tables, relation, part, { limit: 2, offset: limit - 1 }, signal);
  return { last, isMore: next !== undefined };
}

/**
 * Finds the ends of a part with a limit first, by the columns of its order: sorting whole rows takes ten times the memory, and the
 * engine passes over what is outside of them.
 *
 * @throws QueryError
 */
export async function narrowed(
  tables: Readable,
  relation: MadeRelation,
  part: Slice,
  signal: AbortSignal,
): Promise<Slice> {
  const { limit = 0, offset = 0 } = part;
  const at = async (row: number) => (await placesIn(tables, relation, part, { limit: 1, offset: row }, signal))[0];
  const after = offset > 0 ? await at(offset - 1) : part.after;
  if (limit === 0 || (offset > 0 && after === undefined)) return { ...part, limit: 0, offset: 0 };
  return { ...part, after, through: await at(offset + limit - 1), offset: 0 };
}

/**
 * How many rows there are.
 *
 * @param atMost - counting ends behind this number
 * @throws QueryError LIMIT
 */
export async function countRows(
  { store }: Pick<Tables, 'store'>,
  relation: (parameters: Parameters) => Relation,
  signal: AbortSignal,
  atMost?: number,
): Promise<bigint> {
  const parameters = new Parameters(store.engine);
  let count = 0n;
  for await (const rows of store.read(countOf(relation(parameters), parameters, atMost), signal))
    for (const [value] of rows) count = value as bigint;
  return count;
}

/** Sets the headers of freshness. Answers true when the reader has these rows already, and has been told so. */
export function answerFreshness(tables: Tables, table: Table, { asOf }: Scope, bi: BiRequest): boolean {
  const { request, response, reader, query } = bi;
  const stamp = tables.store.stampOf(table.name);
  const asked = [...query].filter(([name]) => name !== 'apikey' && name !== 'max_staleness');
  const identity = JSON.stringify([stamp, bi.path, asked, reader.leagues, request.headers.accept]);
  // Weak: `data_as_of` moves on while the rows stay the same.
  const etag = `W/"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`;
  response.setHeader('data-as-of', asOf);
  response.setHeader('etag', etag);
  response.setHeader('last-modified', new Date(stamp).toUTCString());
  response.setHeader('cache-control', 'private, no-cache');
  response.setHeader('vary', 'Authorization, X-Api-Key, Accept');
  const known = request.headers['if-none-match'];
  // A cache compares weakly: by what stands in the quotes.
  const tags = known?.split(',').map((tag) => `W/${tag.trim().replace(/^W\//, '')}`) ?? [];
  if (!tags.includes(etag) && !tags.includes('W/*')) return false;
  response.writeHead(304).end();
  return true;
}

/** Writes, and waits while the reader does not read. */
export async function send(piece: string | Uint8Array, { response, signal, drains }: BiRequest): Promise<void> {
  if (piece.length === 0 || response.write(piece)) return;
  await once(drains, 'drain', { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}

/** A place in a walk, as readers carry it: opaque, and checked where it comes back. */
export function encodeCursor({ table, snapshot, asOf, readAt, after, more }: Place): string {
  const values = after.map((value) => (typeof value === 'bigint' ? value.toString() : value));
  return Buffer.from(JSON.stringify({ table, snapshot, asOf, readAt, after: values, ...more })).toString('base64url');
}

function valueIn(value: unknown, type: ColumnType): Value | undefined {
  if (value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : undefined;
    case 'number':
      return typeof value === 'number' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'text':
      return typeof value === 'string' ? value : undefined;
    case 'instant':
      return typeof value === 'string' && isInstant(value) ? value : undefined;
    case 'date':
      return typeof value === 'string' && isInstant(`${value}T00:00:00.000Z`) ? value : undefined;
  }
}

function isInstant(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}

/** Where a walk goes on: behind the row with these values, over the rows that it began with. */
export interface Place extends Omit<Scope, 'leagues'> {
  readonly table: TableName;
  readonly after: readonly Value[];
  /** Whatever else the surface wrote into it, unchecked. */
  readonly more: Readonly<Record<string, unknown>>;
}

function foreignCursor(): QueryError {
  return new QueryError('The cursor was not issued by this server. Start again without it.');
}

/**
 * Reads a cursor of a table.
 *
 * @param types - of the columns that the walk is ordered by
 * @throws QueryError for what no walk gave
 */
export function placeOf(cursor: string, { name }: Table, types: readonly ColumnType[]): Place {
  const { table, snapshot, asOf, readAt, after, ...more } = decodeCursor(cursor);
  if (![snapshot, asOf, readAt].every((instant) => typeof instant === 'string' && isInstant(instant)))
    throw foreignCursor();
  if (table !== name || !Array.isArray(after) || after.length !== types.length) throw foreignCursor();
  const values = types.map((type, index) => valueIn(after[index], type));
  if (values.includes(undefined)) throw foreignCursor();
  const scope = { snapshot, asOf, readAt } as Pick<Place, 'snapshot' | 'asOf' | 'readAt'>;
  return { ...scope, table: name, after: values.map((value) => value ?? null), more };
}

/** @throws QueryError for what no walk gave */
function decodeCursor(text: string): Readonly<Record<string, unknown>> {
  try {
    const place: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof place === 'object' && place !== null && !Array.isArray(place)) return { ...place };
  } catch {
    // The same as any other text that is none.
  }
  throw foreignCursor();
}
