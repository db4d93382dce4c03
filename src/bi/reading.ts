import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reader } from './access.ts';
import type { Table } from './model/types.ts';
import { QueryError } from './query/expression.ts';
import type { Scope } from './query/relation.ts';
import type { Refresher } from './refresh/refresher.ts';
import { keepVersionsMs, type Store } from './store/store.ts';

/** What every surface reads from. */
export interface Tables {
  readonly store: Store;
  readonly refresher: Pick<Refresher, 'refresh' | 'asOf' | 'leagues' | 'pendingDays'>;
  readonly timeZone: string;
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
}

/** A reader may ask for rows no older than this, at the least. */
const leastStalenessMs = 5_000;

/** So long a reader waits for fresher rows; then it gets those that are there. */
const refreshWaitMs = 10_000;

/** @throws QueryError for what is no number of seconds */
function stalenessOf(query: URLSearchParams): number | undefined {
  const asked = query.get('max_staleness');
  if (asked === null) return undefined;
  if (!/^\d{1,9}$/.test(asked)) throw new QueryError('max_staleness: a whole number of seconds.');
  return Math.max(leastStalenessMs, Number(asked) * 1000);
}

/** Refreshes first, where the rows are older than the reader takes. A plane that is away costs freshness, not the answer. */
async function freshen({ refresher }: Tables, table: Table, { query, reader, signal }: BiRequest): Promise<void> {
  const stalenessMs = stalenessOf(query) ?? Number.POSITIVE_INFINITY;
  const asOf = refresher.asOf(table.name, reader.leagues);
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
function asOfText({ refresher }: Tables, table: Table, reader: Reader): string {
  return refresher.asOf(table.name, reader.leagues) ?? new Date(0).toISOString();
}

/**
 * What of a table a request reads, and as of when.
 *
 * @param snapshot - of the walk that the request goes on with
 * @throws QueryError GONE when row versions of that snapshot may no longer be kept
 */
export async function scopeFor(tables: Tables, table: Table, request: BiRequest, snapshot?: string): Promise<Scope> {
  const { leagues } = request.reader;
  if (snapshot !== undefined) {
    const ageMs = Date.now() - Date.parse(snapshot);
    if (Number.isNaN(ageMs)) throw new QueryError('The cursor is none of this server.');
    // The newest write may be long ago: its rows are still those of now.
    if (ageMs > keepVersionsMs && snapshot < tables.store.stamp())
      throw new QueryError('The walk took too long: begin it again.', 'GONE');
    return { leagues, snapshot, asOf: asOfText(tables, table, request.reader) };
  }
  await freshen(tables, table, request);
  return { leagues, snapshot: tables.store.stamp(), asOf: asOfText(tables, table, request.reader) };
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
  if (known === undefined || !known.split(',').some((tag) => tag.trim() === etag || tag.trim() === '*')) return false;
  response.writeHead(304).end();
  return true;
}

/** A place in a walk, as readers carry it: opaque, and checked where it comes back. */
export function encodeCursor(place: object): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @throws QueryError for what no walk gave */
export function decodeCursor(text: string): Readonly<Record<string, unknown>> {
  try {
    const place: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof place === 'object' && place !== null && !Array.isArray(place)) return { ...place };
  } catch {
    // The same as any other text that is none.
  }
  throw new QueryError('The cursor is none of this server.');
}
