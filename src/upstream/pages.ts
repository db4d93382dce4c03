import { GatewayError } from '../errors.ts';
import type { Long } from './wire.ts';

/** Rows of one page, and how many there are in all (null when the answer does not say). */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total: Long | null;
}

/** Reads the rows from `offset` (records, from 0) on, `limit` at most. */
export type ReadPage<Row> = (offset: number, limit: number) => Promise<Page<Row>>;

/** No list of either plane answers more rows a call. */
export const maxPageRows = 100;

/** Pages of one list that are asked for at a time. */
const pagesAtOnce = 16;

const identity = (rows: readonly unknown[]): string => JSON.stringify(rows);

/**
 * Lists of the agent plane that are said to take a start position could take a page number instead: then a later page
 * repeats the first one. It is reported, not looped on.
 */
const refuseRepeat = (first: Page<unknown>, later: Page<unknown>): void => {
  const rows = later.rows.length;
  if (rows > 0 && identity(first.rows.slice(0, rows)) === identity(later.rows))
    throw new GatewayError(
      'UPSTREAM_INVALID_ANSWER',
      'A list repeated its first rows where further ones were asked for.',
    );
};

/** A list that does not tell its total goes on behind every page that is full. */
const readOn = async <Row>(read: ReadPage<Row>, offset: number, size: number, first: Page<Row>): Promise<Page<Row>> => {
  const found = [...first.rows];
  let page = first;
  while (page.rows.length === maxPageRows && found.length < size) {
    page = await read(offset + found.length, Math.min(maxPageRows, size - found.length));
    refuseRepeat(first, page);
    found.push(...page.rows);
  }
  return { rows: found.slice(0, size), total: null };
};

/**
 * Exactly the rows from `offset` on, `size` at most, in calls of 100 rows: the first tells the total, the others go out
 * side by side, 16 at a time.
 *
 * @throws GatewayError UPSTREAM_INVALID_ANSWER when a later page repeats the first one.
 */
export const readWindow = async <Row>(read: ReadPage<Row>, offset: number, size: number): Promise<Page<Row>> => {
  const first = await read(offset, Math.min(Math.max(size, 1), maxPageRows));
  if (first.total === null) return readOn(read, offset, size, first);
  const end = Math.min(offset + size, Number(first.total));
  const starts: number[] = [];
  for (let start = offset + maxPageRows; start < end; start += maxPageRows) starts.push(start);
  const later: Page<Row>[] = [];
  for (let from = 0; from < starts.length; from += pagesAtOnce) {
    const asked = starts.slice(from, from + pagesAtOnce);
    const pages = await Promise.all(asked.map((start) => read(start, Math.min(maxPageRows, end - start))));
    for (const page of pages) refuseRepeat(first, page);
    later.push(...pages);
    // Whatever the total says, the list ends where a page is empty.
    if (pages.some(({ rows }) => rows.length === 0)) break;
  }
  return { rows: [first, ...later].flatMap(({ rows }) => rows).slice(0, size), total: first.total };
};

/** All rows of a list. */
export const readAll = async <Row>(read: ReadPage<Row>): Promise<readonly Row[]> =>
  (await readWindow(read, 0, Number.MAX_SAFE_INTEGER)).rows;

/**
 * Lets a list that counts pages be read by record offsets: the smallest page that holds all of the window is asked for,
 * or the pages of 100 rows that touch it. Page numbers start at 1 (reference 7.3.2: 0 and 1 are both the first page).
 */
export const byPageNumber =
  <Row>(readPageNumber: (page: number, size: number) => Promise<Page<Row>>): ReadPage<Row> =>
  async (offset, limit) => {
    const last = offset + limit - 1;
    let size = limit;
    while (size < maxPageRows && Math.floor(offset / size) !== Math.floor(last / size)) size += 1;
    const firstPage = Math.floor(offset / size);
    const lastPage = Math.floor(last / size);
    const pages = await Promise.all(
      Array.from({ length: lastPage - firstPage + 1 }, (_, index) => readPageNumber(firstPage + index + 1, size)),
    );
    const from = offset - firstPage * size;
    return { rows: pages.flatMap(({ rows }) => rows).slice(from, from + limit), total: pages[0]?.total ?? null };
  };

/** How far a list is searched for a row that no call answers by its id. */
export const maxSearchedRows = 2000;

/**
 * Looks for one row in a list, 100 rows a call, the first page alone and the rest side by side.
 *
 * @returns the row, or undefined when the whole list does not hold it
 * @throws GatewayError SEARCH_LIMIT when the list goes on behind the rows that may be searched.
 */
export const findRow = async <Row>(read: ReadPage<Row>, matches: (row: Row) => boolean): Promise<Row | undefined> => {
  const first = await read(0, maxPageRows);
  const met = first.rows.find(matches);
  const total = Number(first.total ?? (first.rows.length < maxPageRows ? 0 : Infinity));
  if (met !== undefined || total <= maxPageRows) return met;
  const further = await readWindow(read, maxPageRows, Math.min(total, maxSearchedRows) - maxPageRows);
  const later = further.rows.find(matches);
  const isWhole =
    total <= maxSearchedRows || (first.total === null && further.rows.length < maxSearchedRows - maxPageRows);
  if (later === undefined && !isWhole)
    throw new GatewayError(
      'SEARCH_LIMIT',
      `It is not among the first ${maxSearchedRows} rows of its list, and no call reads it alone.`,
    );
  return later;
};
