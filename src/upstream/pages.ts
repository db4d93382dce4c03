import { GatewayError } from '../errors.ts';
import { spaceCalls, type agentCalls } from './generated/calls.ts';
import { count, type Long } from './wire.ts';

/** Rows of one page, and how many there are in all (null when the answer does not say). */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total: Long | null;
  /** The call that answered it. */
  readonly call?: Call | undefined;
  readonly gaps?: Gaps<Row>;
}

/** What is missing in a page: rows that can't be told keep their places, or those behind them would be counted wrong. */
export interface Gaps<Row> {
  /** All rows of the page, null in the place of each that can't be told. */
  readonly places: readonly (Row | null)[];
  /** Why they can't be told. */
  readonly fault: GatewayError;
  /** Rows did not come at all, though the list's total counts them: what is not among the others may be one of them. */
  readonly areMissing?: boolean;
}

/** Reads the rows from `offset` (records, from 0) on, `limit` at most. */
export type ReadPage<Row> = (offset: number, limit: number) => Promise<Page<Row>>;

/** No list of either plane answers more rows a call. */
export const maxPageRows = 100;

/** Pages of one list that are asked for at a time. */
const pagesAtOnce = 16;

/** What stands where in a page; null where there is a row that can't be told. */
export function placesOf<Row>({ rows, gaps }: Page<Row>): readonly (Row | null)[] {
  return gaps?.places ?? rows;
}

type Call = keyof typeof spaceCalls | keyof typeof agentCalls;

function isOfAgent(call: Call | undefined): boolean {
  return call !== undefined && !(call in spaceCalls);
}

function invalid(call: Call | undefined, message: string): GatewayError {
  return new GatewayError(
    'UPSTREAM_INVALID_ANSWER',
    message,
    call && { plane: call in spaceCalls ? 'SPACE' : 'AGENT', call },
  );
}

interface PageParts<Row> extends Pick<Page<Row>, 'total' | 'call'> {
  readonly places: readonly (Row | null)[];
  /** Why rows can't be told, where some can't. */
  readonly fault: GatewayError | undefined;
  readonly areMissing?: boolean;
}

function toPage<Row>({ places, total, call, fault, areMissing = false }: PageParts<Row>): Page<Row> {
  const rows = places.filter((row) => row !== null);
  const hasGaps = fault !== undefined && (areMissing || rows.length < places.length);
  return { rows, total, call, ...(hasGaps && { gaps: { places, fault, areMissing } }) };
}

function faultIn(pages: readonly Page<unknown>[]): GatewayError | undefined {
  return pages.find(({ gaps }) => gaps !== undefined)?.gaps?.fault;
}

/** Pages that follow each other, as one; of its places those from `from` on, `size` at most. */
function joined<Row>(pages: readonly Page<Row>[], from: number, size: number): Page<Row> {
  return toPage({
    places: pages.flatMap(placesOf).slice(from, from + size),
    total: pages[0]?.total ?? null,
    call: pages[0]?.call,
    fault: faultIn(pages),
  });
}

/** How calls answer lists. */
export interface ListAnswer<Wire> {
  readonly lists?: readonly (Wire | null | undefined)[] | null | undefined;
  readonly total?: unknown;
}

/**
 * Reads the page that a call answered. A row that is null, or that `read` answers null for, is a gap.
 *
 * @throws GatewayError UPSTREAM_INVALID_ANSWER when the answer has neither rows nor a total: it must not pass for an empty list.
 */
export function readRows<Wire, Row>(
  call: Call,
  { lists, total }: ListAnswer<Wire>,
  read: (row: Wire) => Row | null,
): Page<Row> {
  const answered: typeof lists = Array.isArray(lists) ? lists : [];
  if (answered !== lists && count(total) === null) throw invalid(call, `The answer of ${call} is not a list.`);
  const places = answered.map((row) => (row === null || row === undefined ? null : read(row)));
  const fault = places.includes(null) ? invalid(call, 'Rows of the list have no id; they are left out.') : undefined;
  return toPage({ places, total: count(total), call, fault });
}

/** The same for things that are found again by their id: a row without one is none of them. */
export function readThings<Wire, Thing extends { readonly ticsId: string }>(
  call: Call,
  answer: ListAnswer<Wire>,
  read: (row: Wire) => Thing,
): Page<Thing> {
  return readRows(call, answer, (row) => {
    const thing = read(row);
    return thing.ticsId.trim() === '' ? null : thing;
  });
}

/** A page that was asked for, without what the service gives beyond it: those rows are the next page's. */
async function ask<Row>(read: ReadPage<Row>, offset: number, limit: number): Promise<Page<Row>> {
  const page = await read(offset, limit);
  return placesOf(page).length > limit ? joined([page], 0, limit) : page;
}

function idOf(row: unknown): string | null {
  return typeof row === 'object' && row !== null && 'ticsId' in row && typeof row.ticsId === 'string'
    ? row.ticsId
    : null;
}

/**
 * Puts pages of one list together. A row that came before keeps its place and is not told again: lists of the agent plane
 * that are said to take a start position could take a page number instead, and then a later page repeats the first one.
 */
function createReading<Row>(first: Page<Row>) {
  const places = [...placesOf(first)];
  const seen = new Set(first.rows.map(idOf));
  let fault = first.gaps?.fault;
  let beginsAnew = false;

  return {
    places,
    take: (page: Page<Row>): void => {
      const later = placesOf(page);
      // Rows without ids may well be alike, but not a whole page of them.
      const isFirst =
        page.rows.length > 0 && JSON.stringify(later) === JSON.stringify(placesOf(first).slice(0, later.length));
      const cameBefore = (row: Row): boolean => isFirst || (idOf(row) !== null && seen.has(idOf(row)));
      const repeats = page.rows.some(cameBefore);
      const [head] = page.rows;
      beginsAnew ||= isFirst || (head !== undefined && idOf(head) !== null && idOf(head) === idOf(first.rows[0]));
      fault ??= repeats ? invalid(first.call, 'Rows of the list are repeated; they are left out.') : page.gaps?.fault;
      places.push(...later.map((row) => (row === null || cameBefore(row) ? null : row)));
      for (const row of page.rows) seen.add(idOf(row));
    },
    beginsAnew: (): boolean => beginsAnew,
    /** What came, `size` rows at most. */
    page: (total: Long | null, size: number, isShort: boolean): Page<Row> => {
      const areMissing = isShort || beginsAnew;
      const missing = areMissing ? invalid(first.call, 'The list has fewer rows than its total.') : undefined;
      return toPage({ places: places.slice(0, size), total, call: first.call, fault: missing ?? fault, areMissing });
    },
  };
}

/**
 * Goes on behind the first page, with what really came: a list may give fewer rows a call than are asked for, and what is
 * asked for behind a page that came short is read anew. A list that does not tell its total goes on behind full pages.
 */
async function readRest<Row>(read: ReadPage<Row>, first: Page<Row>, offset: number, size: number): Promise<Page<Row>> {
  const { places, take, beginsAnew, page } = createReading(first);
  // A total that rows disprove, such as 0, tells nothing.
  const total = places.length > 0 && Number(first.total) < offset + places.length ? null : first.total;
  let told = total;
  let pageRows = total === null ? maxPageRows : places.length;
  let isOver = places.length < pageRows || places.length === 0;
  const end = (): number => offset + Math.min(size, told === null ? Infinity : Number(told) - offset);
  while (!isOver && offset + places.length < end()) {
    const from = offset + places.length;
    const asked = Array.from({ length: total === null ? 1 : pagesAtOnce }, (_, index) => from + index * pageRows)
      .filter((start) => start < end())
      .map((start) => ({ start, limit: Math.min(pageRows, end() - start) }));
    const pages = await Promise.all(asked.map(({ start, limit }) => ask(read, start, limit)));
    for (const [index, later] of pages.entries()) {
      const { length } = placesOf(later);
      take(later);
      if (total !== null) told = later.total ?? told;
      const isShort = length < (asked[index]?.limit ?? 0);
      // Whatever the total says, the list ends where a page is empty.
      isOver = length === 0 || beginsAnew() || (total === null && isShort);
      if (isShort) pageRows = length;
      if (isOver || isShort) break;
    }
  }
  // One that ends before its total may count rows that the caller may not see, or that are gone by now. But an agent that
  // takes the start position for a page number ends early too, and then rows are missing. One that gives no rows at all
  // beside a total is no list.
  const isEarly = offset + places.length < end() && (isOfAgent(first.call) || (places.length === 0 && offset === 0));
  return page(total, size, total !== null && isEarly);
}

/**
 * Exactly the rows from `offset` on, `size` at most, in calls of 100 rows: the first tells the total, the others go out
 * side by side, 16 at a time. Rows that the list gives again are gaps.
 */
export async function readWindow<Row>(read: ReadPage<Row>, offset: number, size: number): Promise<Page<Row>> {
  return readRest(read, await ask(read, offset, Math.min(Math.max(size, 1), maxPageRows)), offset, size);
}

/**
 * All rows of a list.
 *
 * @throws GatewayError UPSTREAM_INVALID_ANSWER when it does not give all of them.
 */
export async function readAll<Row>(read: ReadPage<Row>): Promise<readonly Row[]> {
  const { rows, gaps } = await readWindow(read, 0, Number.MAX_SAFE_INTEGER);
  if (gaps?.areMissing) throw gaps.fault;
  return rows;
}

/**
 * Lets a list that counts pages be read by record offsets: the smallest page that holds all of the window is asked for,
 * or the pages of 100 rows that touch it. Page numbers start at 1 (reference 7.3.2: 0 and 1 are both the first page).
 */
export function byPageNumber<Row>(readPageNumber: (page: number, size: number) => Promise<Page<Row>>): ReadPage<Row> {
  /** How many rows the list gives a page. */
  let most = maxPageRows;

  const readPages = async (offset: number, limit: number) => {
    const last = offset + limit - 1;
    let size = Math.min(limit, most);
    while (size < most && Math.floor(offset / size) !== Math.floor(last / size)) size += 1;
    const firstPage = Math.floor(offset / size);
    const lastPage = Math.floor(last / size);
    const pages = await Promise.all(
      Array.from({ length: lastPage - firstPage + 1 }, (_, index) => readPageNumber(firstPage + index + 1, size)),
    );
    /** Rows of a page that gave fewer than it should, though the list goes on. */
    const short = pages
      .map((page, index) => ({ length: placesOf(page).length, from: (firstPage + index) * size, total: page.total }))
      .find(({ length, from, total }) => length > 0 && length < size && Number(total) > from + length)?.length;
    return { page: joined(pages, offset - firstPage * size, limit), short };
  };

  return async (offset, limit) => {
    const { page, short } = await readPages(offset, limit);
    if (short === undefined) return page;
    // Where pages are smaller than asked, nobody knows which rows their numbers count: what is asked for must come full.
    most = Math.min(most, short);
    return (await readPages(offset, limit)).page;
  };
}

/** How far a list is searched for a row that no call answers by its id. */
export const maxSearchedRows = 2000;

/**
 * Looks for one row in a list, 100 rows a call, the first page alone and the rest side by side.
 *
 * @returns the row, or undefined when the whole list does not hold it
 * @throws GatewayError SEARCH_LIMIT when the list goes on behind the rows that may be searched, and
 * UPSTREAM_INVALID_ANSWER when it does not give all of them.
 */
export async function findRow<Row>(read: ReadPage<Row>, matches: (row: Row) => boolean): Promise<Row | undefined> {
  const first = await ask(read, 0, maxPageRows);
  const met = first.rows.find(matches);
  if (met !== undefined) return met;
  const searched = await readRest(read, first, 0, maxSearchedRows);
  const later = searched.rows.find(matches);
  if (later !== undefined) return later;
  if (searched.gaps?.areMissing) throw searched.gaps.fault;
  if (searched.total === null ? placesOf(searched).length >= maxSearchedRows : Number(searched.total) > maxSearchedRows)
    throw new GatewayError(
      'SEARCH_LIMIT',
      `It is not among the first ${maxSearchedRows} rows of its list, and no call reads it alone.`,
    );
  return undefined;
}
