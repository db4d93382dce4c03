import { builder } from '../builder.ts';
import { GatewayError, type ErrorCode } from '../../errors.ts';
import { findRow, maxPageRows, placesOf, readAll, readWindow, type Page, type ReadPage } from '../../upstream/pages.ts';
import { closedEnum, ErrorCodeEnum } from './enums.ts';
import {
  connectionOf,
  largestOffset,
  rowsAskedFor,
  type Connection,
  type NodeRef,
  type PageArguments,
} from './page.ts';

/** The lists that are shown as one with others. */
const listSources = {
  OWNER: 'Leagues that the account created.',
  PARTNER: 'Leagues that the account joined.',
  SQL: 'SQL jobs.',
  LEARNING: 'Horizontal and vertical jobs.',
  PREDICTION: 'Predictions.',
} as const;

/** A list that is shown as one with others. */
export type ListSource = keyof typeof listSources;

const ListSourceEnum = closedEnum('ListSource', 'One of the lists that are merged.', listSources);

/** One of the lists that are shown as one. */
export interface MergeSource<Row> {
  /** Named so in cursors and in `unavailable`. */
  readonly name: ListSource;
  readonly read: ReadPage<Row>;
  /** Leaves rows out that the service can't leave out itself. */
  readonly keep?: (row: Row) => boolean;
}

/** Options shared by all sources of a merged list. */
export interface MergeOptions<Row> {
  readonly sources: readonly MergeSource<Row>[];
  readonly idOf: (row: Row) => string;
  /** Which of two rows comes first; the lists are taken to be in this order. */
  readonly compare: (one: Row, other: Row) => number;
  /** A row may stand in several of the lists: it is shown once, where the first of them has it. */
  readonly isOnceOnly?: boolean;
  /** Takes the failure of a source, which costs its rows only, and why rows of a source are missing. */
  readonly report: (error: GatewayError) => void;
}

/** A source that could not be read, and why. */
export interface Unavailable {
  readonly source: ListSource;
  readonly code: ErrorCode;
}

/** A page of a merged list. */
export interface MergedConnection<Row> extends Connection<Row> {
  readonly unavailable: readonly Unavailable[];
  readonly changed: boolean;
}

/** Position in a source: the number of rows returned so far, and the id of the last. */
interface Mark {
  readonly position: number;
  readonly lastId: string | null;
}

type Marks = ReadonlyMap<string, Mark>;

const start: Mark = { position: 0, lastId: null };

function encode(marks: Marks): string {
  return Buffer.from(
    JSON.stringify([...marks].map(([name, { position, lastId }]) => [name, position, lastId])),
  ).toString('base64url');
}

function isEntry(entry: unknown): entry is [string, number, string | null] {
  return (
    Array.isArray(entry) &&
    typeof entry[0] === 'string' &&
    Number.isSafeInteger(entry[1]) &&
    entry[1] >= 0 &&
    entry[1] <= largestOffset &&
    (entry[2] === null || typeof entry[2] === 'string')
  );
}

function decode(cursor: string): Marks {
  try {
    const entries: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(entries) && entries.every(isEntry))
      return new Map(entries.map(([name, position, lastId]) => [name, { position, lastId }]));
  } catch {
    // Not our JSON: the same answer as for JSON of another form.
  }
  throw new GatewayError('INVALID_CURSOR', 'This cursor was not made by this connection.');
}

/** A row and where it stands in its list. */
interface Placed<Row> {
  readonly row: Row;
  readonly position: number;
}

/** A source with the rows that were read and not yet shown. */
interface Reader<Row> {
  readonly source: MergeSource<Row>;
  /** Ids of the rows that were read, shown or not. */
  readonly ids: Set<string>;
  /** From where on it was read. */
  readonly readFrom: number;
  mark: Mark;
  buffer: Placed<Row>[];
  /** Rows read so far, returned or not, unreadable ones included. */
  readTo: number;
  /** Infinite while a list that tells no total goes on. */
  total: number;
  /** The row that was returned last is gone. */
  readonly changed: boolean;
  /** Why it could not be read further. */
  failure?: GatewayError;
  /** Why some of its rows can't be told. */
  fault: GatewayError | undefined;
}

/** The row that was returned last is searched within so many rows of its old position. */
const searchedRows = maxPageRows;

/** How far a list has been read by a page that was asked for `rows` rows from `from` on, and how far it goes. */
function reached(page: Page<unknown>, from: number, rows: number) {
  const { total } = page;
  if (total !== null) return { readTo: Math.max(from, Math.min(from + rows, Number(total))), total: Number(total) };
  const { length } = placesOf(page);
  return { readTo: from + length, total: length < rows ? from + length : Infinity };
}

/** The rows of a page that was read from `from` on. */
function placed<Row>(page: Page<Row>, from: number): Placed<Row>[] {
  return placesOf(page).flatMap((row, index) => (row === null ? [] : [{ row, position: from + index }]));
}

/**
 * Opens a source behind the row that was shown last. It is read again with one row of overlap: where that row has moved,
 * because others came or went before it, the source is anchored at its new place; where it is gone, `changed` says so.
 */
async function open<Row>(
  source: MergeSource<Row>,
  { position, lastId }: Mark,
  size: number,
  { idOf, isOnceOnly = false }: MergeOptions<Row>,
): Promise<Reader<Row>> {
  const readFrom = async (from: number, rows: number) => {
    const page = await readWindow(source.read, from, rows);
    const all = placed(page, from);
    const reader = (at: number, changed = false): Reader<Row> => ({
      source,
      ids: new Set(all.map(({ row }) => idOf(row))),
      readFrom: from,
      mark: { position: at, lastId },
      buffer: all.filter((each) => each.position >= at),
      ...reached(page, from, rows),
      changed,
      fault: page.gaps?.fault,
    });
    return { all, reader };
  };
  // One call holds what another list may have as well, and what has been shown of it.
  const least = isOnceOnly ? maxPageRows : 0;
  if (position === 0) return (await readFrom(0, Math.max(size, least))).reader(0);
  const last = position - 1;
  const start = last < least ? 0 : last;
  const page = await readFrom(start, Math.max(last - start + size + 1, least));
  const overlap = page.all.find((each) => each.position === last);
  if (overlap !== undefined && idOf(overlap.row) === lastId) return page.reader(position);
  const from = Math.max(0, last - searchedRows);
  const around = await readFrom(from, last - from + Math.max(size + 1, searchedRows));
  const there = around.all.find(({ row }) => idOf(row) === lastId);
  return there === undefined ? page.reader(last, true) : around.reader(there.position + 1);
}

/** Whether a row stands in one of these lists: they are read on where they were not read wholly. */
async function standsIn<Row>(
  readers: readonly Reader<Row>[],
  id: string,
  idOf: (row: Row) => string,
): Promise<boolean> {
  for (const { source, ids, readFrom, readTo, total } of readers) {
    if (ids.has(id)) return true;
    if (readFrom === 0 && readTo >= total) continue;
    const there = await findRow(source.read, (row) => idOf(row) === id).catch((error: unknown) => {
      if (error instanceof GatewayError) return undefined;
      throw error;
    });
    if (there !== undefined) return true;
  }
  return false;
}

/** The lists that a list gives way to: those before it, where a row is shown once only. */
type Before<Row> = (reader: Reader<Row>) => readonly Reader<Row>[];

/** Leaves the next row that is to be shown at the head of the buffer, reading on while there may be one. */
async function advance<Row>(
  reader: Reader<Row>,
  before: Before<Row>,
  idOf: (row: Row) => string,
): Promise<Row | undefined> {
  const { source } = reader;
  while (reader.failure === undefined) {
    const [head] = reader.buffer;
    if (head === undefined) {
      if (reader.readTo >= reader.total) return undefined;
      try {
        const page = await readWindow(source.read, reader.readTo, maxPageRows);
        reader.buffer = placed(page, reader.readTo);
        for (const { row } of reader.buffer) reader.ids.add(idOf(row));
        reader.fault ??= page.gaps?.fault;
        const { readTo, total } = reached(page, reader.readTo, maxPageRows);
        reader.readTo = readTo;
        // A list that gives no more has ended, whatever total it tells.
        reader.total = placesOf(page).length === 0 ? readTo : total;
      } catch (error) {
        reader.failure = failureOf(error);
      }
    } else if ((source.keep?.(head.row) ?? true) && !(await standsIn(before(reader), idOf(head.row), idOf)))
      return head.row;
    else take(reader, idOf);
  }
  return undefined;
}

/** True when the source has another row to return. Only a source that filters rows must be read on to know it. */
async function goesOn<Row>(reader: Reader<Row>, before: Before<Row>, idOf: (row: Row) => string): Promise<boolean> {
  const showsAll = reader.source.keep === undefined && before(reader).length === 0;
  return showsAll || reader.failure !== undefined
    ? reader.buffer.length > 0 || reader.readTo < reader.total
    : (await advance(reader, before, idOf)) !== undefined;
}

/** How many rows of a list are shown; not finite where nobody knows. */
async function countShown<Row>(
  { source: { keep, read }, total }: Reader<Row>,
  before: readonly Reader<Row>[],
  idOf: (row: Row) => string,
): Promise<number> {
  if (keep === undefined && before.length === 0) return total;
  const kept = (await readAll(read)).filter((row) => keep?.(row) ?? true);
  const again = await Promise.all(kept.map((row) => standsIn(before, idOf(row), idOf)));
  return again.filter((isThere) => !isThere).length;
}

function take<Row>(reader: Reader<Row>, idOf: (row: Row) => string): void {
  const head = reader.buffer.shift();
  if (head !== undefined) reader.mark = { position: head.position + 1, lastId: idOf(head.row) };
}

function failureOf(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  throw error;
}

/** A row that is shown, and where each list stood behind it. */
interface Shown<Row> {
  readonly row: Row;
  readonly marks: readonly Mark[];
}

/** True when a list's next row is known without reading on. */
function isAtHand<Row>(
  { failure, buffer: [head], source, ...reader }: Reader<Row>,
  before: readonly unknown[],
): boolean {
  if (failure !== undefined) return true;
  return head === undefined ? reader.readTo >= reader.total : before.length === 0 && (source.keep?.(head.row) ?? true);
}

/** Takes the next row of all lists, `size` times at most. */
async function takeRows<Row>(
  readers: readonly Reader<Row>[],
  before: Before<Row>,
  { idOf, compare }: MergeOptions<Row>,
  size: number,
): Promise<readonly Shown<Row>[]> {
  const shown: Shown<Row>[] = [];
  while (shown.length < size) {
    let best: { readonly reader: Reader<Row>; readonly row: Row } | undefined;
    const waiting = readers.filter((reader) => !isAtHand(reader, before(reader)));
    if (waiting.length > 0) await Promise.all(waiting.map((reader) => advance(reader, before, idOf)));
    for (const reader of readers) {
      const [head] = reader.failure === undefined ? reader.buffer : [];
      if (head !== undefined && (best === undefined || compare(head.row, best.row) < 0))
        best = { reader, row: head.row };
    }
    if (best === undefined) break;
    take(best.reader, idOf);
    shown.push({ row: best.row, marks: readers.map(({ mark }) => mark) });
  }
  return shown;
}

/** Opens the lists that can be read. @throws the first failure when none can */
async function openAll<Row>(marks: Marks, size: number, options: MergeOptions<Row>) {
  const { sources } = options;
  const opened = await Promise.allSettled(
    sources.map((source) => open(source, marks.get(source.name) ?? start, size, options)),
  );
  const readers = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const unopened = sources.flatMap(({ name }, index) => {
    const result = opened[index];
    return result?.status === 'rejected' ? [{ source: name, error: failureOf(result.reason) }] : [];
  });
  const [firstFailure] = unopened;
  if (readers.length === 0 && firstFailure !== undefined) throw firstFailure.error;
  return { readers, unopened };
}

/**
 * Shows several paged lists as one. Exact while the lists stand still: every row once, whatever `first` is. A source that
 * fails costs its rows; it is reported and named in `unavailable`, and its place is kept in the cursors.
 *
 * @throws GatewayError INVALID_ARGUMENT or INVALID_CURSOR, or the first failure when all sources fail.
 */
export async function mergePages<Row>(args: PageArguments, options: MergeOptions<Row>): Promise<MergedConnection<Row>> {
  const { idOf, report, isOnceOnly = false } = options;
  const size = rowsAskedFor(args);
  const marks: Marks = args.after ? decode(args.after) : new Map<string, Mark>();
  const { readers, unopened } = await openAll(marks, size, options);
  const before: Before<Row> = (reader) => (isOnceOnly ? readers.slice(0, readers.indexOf(reader)) : []);
  const shown = await takeRows(readers, before, options, size);
  const further = await Promise.all(readers.map((reader) => goesOn(reader, before, idOf)));

  const failures = unopened.concat(
    readers.flatMap(({ source, failure }) => (failure === undefined ? [] : [{ source: source.name, error: failure }])),
  );
  for (const { error } of failures) report(error);
  for (const { fault } of readers) if (fault !== undefined) report(fault);

  /** Lists that could not be opened keep the place that the caller gave. */
  const cursorOf = (behind: readonly Mark[]): string =>
    encode(new Map([...marks, ...readers.map(({ source }, index) => [source.name, behind[index] ?? start] as const)]));
  const countAll = async (): Promise<number | null> => {
    if (failures.length > 0) return null;
    const counts = readers.map((reader) => countShown(reader, before(reader), idOf));
    const sum = (await Promise.all(counts)).reduce((all, count) => all + count, 0);
    return Number.isFinite(sum) ? sum : null;
  };
  return {
    nodes: shown.map(({ row }) => row),
    edges: () => shown.map(({ row, marks: behind }) => ({ node: row, cursor: cursorOf(behind) })),
    hasNextPage: further.includes(true),
    hasPreviousPage: Boolean(args.after),
    countAll,
    unavailable: failures.map(({ source, error }) => ({ source, code: error.code })),
    changed: readers.some(({ changed }) => changed),
  };
}

const UnavailableSource = builder.objectRef<Unavailable>('UnavailableSource').implement({
  description: 'A list that is missing in a merged one, and why. `errors` tells more.',
  fields: (t) => ({
    source: t.expose('source', { type: ListSourceEnum, nullable: false, description: 'Which of the merged lists.' }),
    code: t.field({
      type: ErrorCodeEnum,
      nullable: false,
      description: 'Why it could not be read.',
      resolve: ({ code }) => code,
    }),
  }),
});

/** Makes the Relay types over a merged list, which also tells what is missing and whether it moved. */
export function mergedConnectionOf<Node>(name: string, node: NodeRef<Node>, rows: string) {
  return connectionOf<Node, MergedConnection<Node>>(name, node, rows, (t) => ({
    unavailable: t.field({
      type: [UnavailableSource],
      nullable: { list: false, items: false },
      description: 'Sources that could not be read: their rows are missing, and `totalCount` is null.',
      resolve: ({ unavailable }) => unavailable,
    }),
    changed: t.exposeBoolean('changed', {
      nullable: false,
      description:
        'Whether the row that `after` stands for is gone, so that rows may have been shown twice or left out. Start again without `after` to be sure.',
    }),
  }));
}
