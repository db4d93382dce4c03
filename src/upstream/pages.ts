import { GatewayError } from '../errors.ts';
import { spaceCalls, type agentCalls } from './generated/calls.ts';
import { count, type Long } from './wire.ts';

/** Rows of one page, and how many there are in all (null when the answer does not say). */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total: Long | null;
  readonly gaps?: Gaps<Row>;
}

/** What is missing in a page: rows that can't be told keep their places, or those behind them would be counted wrong. */
export interface Gaps<Row> {
  /** All rows of the page, null in the place of each that can't be told. */
  readonly places: readonly (Row | null)[];
  /** Why they can't be told. */
  readonly fault: GatewayError;
}

/** Reads the rows from `offset` (records, from 0) on, `limit` at most. */
export type ReadPage<Row> = (offset: number, limit: number) => Promise<Page<Row>>;

/** No list of either plane answers more rows a call. */
export const maxPageRows = 100;

/** Pages of one list that are asked for at a time. */
const pagesAtOnce = 16;

/** What stands where in a page; null where there is a row that can't be told. */
export const placesOf = <Row>({ rows, gaps }: Page<Row>): readonly (Row | null)[] => gaps?.places ?? rows;

const toPage = <Row>(
  places: readonly (Row | null)[],
  total: Long | null,
  faultOf: () => GatewayError | undefined,
): Page<Row> => {
  const rows = places.filter((row) => row !== null);
  const fault = rows.length < places.length ? faultOf() : undefined;
  return { rows, total, ...(fault && { gaps: { places, fault } }) };
};

/** Pages that follow each other, as one; of its places those from `from` on, `size` at most. */
const joined = <Row>(pages: readonly Page<Row>[], total: Long | null, from: number, size: number): Page<Row> =>
  toPage(
    pages.flatMap(placesOf).slice(from, from + size),
    total,
    () => pages.find(({ gaps }) => gaps !== undefined)?.gaps?.fault,
  );

/** How calls answer lists. */
export interface ListAnswer<Wire> {
  readonly lists?: readonly (Wire | null | undefined)[] | null | undefined;
  readonly total?: unknown;
}

type Call = keyof typeof spaceCalls | keyof typeof agentCalls;

/**
 * Reads the page that a call answered. A row that is null, or that `read` answers null for, is a gap.
 *
 * @throws GatewayError UPSTREAM_INVALID_ANSWER when the answer has neither rows nor a total: it must not pass for an empty list.
 */
export const readRows = <Wire, Row>(
  call: Call,
  { lists, total }: ListAnswer<Wire>,
  read: (row: Wire) => Row | null,
): Page<Row> => {
  const invalid = (message: string) =>
    new GatewayError('UPSTREAM_INVALID_ANSWER', message, { plane: call in spaceCalls ? 'SPACE' : 'AGENT', call });
  const answered: typeof lists = Array.isArray(lists) ? lists : [];
  if (answered !== lists && count(total) === null) throw invalid(`The answer of ${call} is no list.`);
  return toPage(
    answered.map((row) => (row === null || row === undefined ? null : read(row))),
    count(total),
    () => invalid('Rows of the list came without an id; they are left out.'),
  );
};

/** The same for things that are found again by their id: a row without one is none of them. */
export const readThings = <Wire, Thing extends { readonly ticsId: string }>(
  call: Call,
  answer: ListAnswer<Wire>,
  read: (row: Wire) => Thing,
): Page<Thing> =>
  readRows(call, answer, (row) => {
    const thing = read(row);
    return thing.ticsId.trim() === '' ? null : thing;
  });

const identity = (rows: readonly unknown[]): string => JSON.stringify(rows);

/**
 * Lists of the agent plane that are said to take a start position could take a page number instead: then a later page
 * repeats the first one. It is reported, not looped on.
 */
const refuseRepeat = (first: Page<unknown>, later: Page<unknown>): void => {
  const rows = placesOf(later);
  if (later.rows.length > 0 && identity(placesOf(first).slice(0, rows.length)) === identity(rows))
    throw new GatewayError(
      'UPSTREAM_INVALID_ANSWER',
      'A list repeated its first rows where further ones were asked for.',
    );
};

/** A page that was asked for, without what the service gives beyond it: those rows are the next page's. */
const ask = async <Row>(read: ReadPage<Row>, offset: number, limit: number): Promise<Page<Row>> => {
  const page = await read(offset, limit);
  return placesOf(page).length > limit ? joined([page], page.total, 0, limit) : page;
};

/** A list that does not tell its total goes on behind every page that is full. */
const readOn = async <Row>(read: ReadPage<Row>, offset: number, size: number, first: Page<Row>): Promise<Page<Row>> => {
  const pages = [first];
  let length = placesOf(first).length;
  for (let page = first; placesOf(page).length === maxPageRows && length < size; length += placesOf(page).length) {
    page = await ask(read, offset + length, Math.min(maxPageRows, size - length));
    refuseRepeat(first, page);
    pages.push(page);
  }
  return joined(pages, null, 0, size);
};

/**
 * Exactly the rows from `offset` on, `size` at most, in calls of 100 rows: the first tells the total, the others go out
 * side by side, 16 at a time.
 *
 * @throws GatewayError UPSTREAM_INVALID_ANSWER when a later page repeats the first one.
 */
export const readWindow = async <Row>(read: ReadPage<Row>, offset: number, size: number): Promise<Page<Row>> => {
  const first = await ask(read, offset, Math.min(Math.max(size, 1), maxPageRows));
  const total = Number(first.total);
  // A total that rows behind it disprove, such as 0, tells nothing.
  if (first.total === null || (total <= offset && first.rows.length > 0)) return readOn(read, offset, size, first);
  const end = Math.min(offset + size, total);
  const later: Page<Row>[] = [];
  for (let from = offset + maxPageRows; from < end; from += pagesAtOnce * maxPageRows) {
    const starts = Array.from({ length: pagesAtOnce }, (_, page) => from + page * maxPageRows);
    const asked = starts.filter((start) => start < end);
    const pages = await Promise.all(asked.map((start) => ask(read, start, Math.min(maxPageRows, end - start))));
    for (const page of pages) refuseRepeat(first, page);
    later.push(...pages);
    // Whatever the total says, the list ends where a page is empty.
    if (pages.some((page) => placesOf(page).length === 0)) break;
  }
  return joined([first, ...later], first.total, 0, size);
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
    return joined(pages, pages[0]?.total ?? null, offset - firstPage * size, limit);
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
  const total = Number(first.total ?? (placesOf(first).length < maxPageRows ? 0 : Infinity));
  if (met !== undefined || total <= maxPageRows) return met;
  const further = await readWindow(read, maxPageRows, Math.min(total, maxSearchedRows) - maxPageRows);
  const later = further.rows.find(matches);
  const isWhole =
    total <= maxSearchedRows || (first.total === null && placesOf(further).length < maxSearchedRows - maxPageRows);
  if (later === undefined && !isWhole)
    throw new GatewayError(
      'SEARCH_LIMIT',
      `It is not among the first ${maxSearchedRows} rows of its list, and no call reads it alone.`,
    );
  return later;
};
