import { GatewayError } from '../errors.ts';
import { spaceCalls, type agentCalls } from '../upstream/generated/calls.ts';
import { count, type Long } from '../upstream/wire.ts';

/** Rows of one page, and the total of the list (null when the answer has none). */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total: Long | null;
  /** The call that answered it. */
  readonly call?: Call | undefined;
  readonly gaps?: Gaps<Row>;
}

/** Unreadable rows of a page. They keep their places, or later rows would be miscounted. */
export interface Gaps<Row> {
  /** All rows of the page, null for each unreadable one. */
  readonly places: readonly (Row | null)[];
  /** Why they are unreadable. */
  readonly fault: GatewayError;
  /** The list's total counts more rows than came: a row that is not found can be one of them. */
  readonly areMissing?: boolean;
}

/** Reads at most `limit` rows from `offset` on (rows, from 0). */
export type ReadPage<Row> = (offset: number, limit: number) => Promise<Page<Row>>;

/** Limit of both planes. */
export const maxPageRows = 100;

/** Pages of one list that are read concurrently. */
const pagesAtOnce = 16;

/** The rows of a page in their places, null for unreadable ones. */
export function placesOf<Row>({ rows, gaps }: Page<Row>): readonly (Row | null)[] {
  return gaps?.places ?? rows;
}

type Call = keyof typeof spaceCalls | keyof typeof agentCalls;

/** An agent has answered. */
export function isOfAgent(call: Call | undefined): boolean {
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
  /** Why rows are unreadable, if any are. */
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

/** Joins consecutive pages and takes at most `size` places from `from` on. */
function joined<Row>(pages: readonly Page<Row>[], from: number, size: number): Page<Row> {
  return toPage({
    places: pages.flatMap(placesOf).slice(from, from + size),
    total: pages[0]?.total ?? null,
    call: pages[0]?.call,
    fault: faultIn(pages),
  });
}

/** A list as calls answer it. */
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

/** The same for objects with an id: a row without one is unreadable, and so is one whose id came before. */
export function readObjects<Wire, Entity extends { readonly ticsId: string }>(
  call: Call,
  answer: ListAnswer<Wire>,
  read: (row: Wire) => Entity,
): Page<Entity> {
  const page = readRows(call, answer, (row) => {
    const entity = read(row);
    return entity.ticsId.trim() === '' ? null : entity;
  });
  const seen = new Set<string>();
  for (const { ticsId } of page.rows) seen.add(ticsId);
  return seen.size === page.rows.length ? page : withoutRepeats(page);
}

function withoutRepeats<Entity extends { readonly ticsId: string }>(page: Page<Entity>): Page<Entity> {
  const seen = new Set<string>();
  const places = placesOf(page).map((row) => {
    if (row === null || seen.has(row.ticsId)) return null;
    seen.add(row.ticsId);
    return row;
  });
  const fault = page.gaps?.fault ?? invalid(page.call, rowsAreRepeated);
  return toPage({ places, total: page.total, call: page.call, fault });
}

/** Reads a page. Extra rows beyond `limit` are dropped: they belong to the next page. */
async function ask<Row>(read: ReadPage<Row>, offset: number, limit: number): Promise<Page<Row>> {
  const page = await read(offset, limit);
  return placesOf(page).length > limit ? joined([page], 0, limit) : page;
}

const rowsAreRepeated = 'Rows of the list are repeated; they are left out.';

function idOf(row: unknown): string | null {
  return typeof row === 'object' && row !== null && 'ticsId' in row && typeof row.ticsId === 'string'
    ? row.ticsId
    : null;
}

/**
 * Puts pages of one list together. A row that came before keeps its place and is not returned again: lists of the agent plane
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
      fault ??= repeats ? invalid(first.call, rowsAreRepeated) : page.gaps?.fault;
      places.push(...later.map((row) => (row === null || cameBefore(row) ? null : row)));
      for (const row of page.rows) seen.add(idOf(row));
    },
    beginsAnew: (): boolean => beginsAnew,
    /** At most `size` of the rows that came. */
    page: (total: Long | null, size: number, isShort: boolean): Page<Row> => {
      const areMissing = isShort || beginsAnew;
      const missing = areMissing ? invalid(first.call, 'The list has fewer rows than its total.') : undefined;
      return toPage({ places: places.slice(0, size), total, call: first.call, fault: missing ?? fault, areMissing });
    },
  };
}

/**
 * Reads on after the first page, from where the rows that came end: a list can return fewer rows per call than requested. A list
 * without a total is read on after full pages.
 */
async function readRest<Row>(read: ReadPage<Row>, first: Page<Row>, offset: number, size: number): Promise<Page<Row>> {
  const { places, take, beginsAnew, page } = createReading(first);
  // Ignores a total that is smaller than the rows that came, such as 0.
  const total = places.length > 0 && Number(first.total) < offset + places.length ? null : first.total;
  let knownTotal = total;
  let pageRows = total === null ? maxPageRows : places.length;
  let isOver = places.length < pageRows || places.length === 0;
  const end = (): number => offset + Math.min(size, knownTotal === null ? Infinity : Number(knownTotal) - offset);
  while (!isOver && offset + places.length < end()) {
    const from = offset + places.length;
    const asked = Array.from({ length: total === null ? 1 : pagesAtOnce }, (_, index) => from + index * pageRows)
      .filter((start) => start < end())
      .map((start) => ({ start, limit: Math.min(pageRows, end() - start) }));
    const pages = await Promise.all(asked.map(({ start, limit }) => ask(read, start, limit)));
    for (const [index, later] of pages.entries()) {
      const { length } = placesOf(later);
      take(later);
      if (total !== null) knownTotal = later.total ?? knownTotal;
      const isShort = length < (asked[index]?.limit ?? 0);
      // An empty page ends the list, whatever the total.
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
 * Reads a list with page numbers by record offsets: requests the smallest page that holds the whole window, or the pages of 100
 * rows that touch it. Page numbers start at 1 (reference 7.3.2: 0 and 1 are both the first page).
 */
export function byPageNumber<Row>(readPageNumber: (page: number, size: number) => Promise<Page<Row>>): ReadPage<Row> {
  /** Rows that the list returns per page. */
  let pageRows = maxPageRows;

  const readPages = async (offset: number, limit: number) => {
    const last = offset + limit - 1;
    let size = Math.min(limit, pageRows);
    while (size < pageRows && Math.floor(offset / size) !== Math.floor(last / size)) size += 1;
    const firstPage = Math.floor(offset / size);
    const lastPage = Math.floor(last / size);
    const pages = await Promise.all(
      Array.from({ length: lastPage - firstPage + 1 }, (_, index) => readPageNumber(firstPage + index + 1, size)),
    );
    /** Rows of a page that is not full although the list goes on. */
    const short = pages
      .map((page, index) => ({ length: placesOf(page).length, from: (firstPage + index) * size, total: page.total }))
      .find(({ length, from, total }) => length > 0 && length < size && Number(total) > from + length)?.length;
    return { page: joined(pages, offset - firstPage * size, limit), short };
  };

  return async (offset, limit) => {
    const { page, short } = await readPages(offset, limit);
    if (short === undefined) return page;
    // Pages smaller than requested are ambiguous: their numbers may count other rows. So request what comes in full.
    pageRows = Math.min(pageRows, short);
    return (await readPages(offset, limit)).page;
  };
}

/** Rows that are searched at most for one that no call returns by id. */
const maxSearchedRows = 2000;

/**
 * Searches a list for one row, 100 rows per call: first one page, then the others concurrently.
 *
 * @returns the row, or undefined when the whole list does not hold it
 * @throws GatewayError SEARCH_LIMIT when the list is longer than {@link maxSearchedRows}, and
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
