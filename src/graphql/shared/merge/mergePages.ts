import type { ErrorCode, GatewayError } from '../../../errors.ts';
import { rowsAskedFor, type Connection, type PageArguments } from '../page.ts';
import { formatCursor, parseCursor, start, type Mark, type Marks } from './cursor.ts';
import type { ListSource, MergeOptions } from './source.ts';
import { failureOf, SourceReader } from './sourceReader.ts';

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

/** A row that is shown, and the marks of all readers behind it. */
interface Shown<Row> {
  readonly row: Row;
  readonly marks: readonly Mark[];
}

/** A source that could not be read. */
interface Failure {
  readonly source: ListSource;
  readonly error: GatewayError;
}

/** Opens the sources that can be read. @throws GatewayError the first failure when none can */
async function openAll<Row>(marks: Marks, size: number, options: MergeOptions<Row>) {
  const { sources, isOnceOnly = false } = options;
  const opened = await Promise.allSettled(
    sources.map((source) => SourceReader.open(source, marks.get(source.name) ?? start, size, options)),
  );
  const readers = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (isOnceOnly) readers.forEach((reader, index) => reader.giveWayTo(readers.slice(0, index)));
  const unopened = sources.flatMap(({ name }, index): readonly Failure[] => {
    const result = opened[index];
    return result?.status === 'rejected' ? [{ source: name, error: failureOf(result.reason) }] : [];
  });
  const [firstFailure] = unopened;
  if (readers.length === 0 && firstFailure !== undefined) throw firstFailure.error;
  return { readers, unopened };
}

/** Takes the next row of all sources, `size` times at most. */
async function takeRows<Row>(
  readers: readonly SourceReader<Row>[],
  compare: (one: Row, other: Row) => number,
  size: number,
): Promise<readonly Shown<Row>[]> {
  const shown: Shown<Row>[] = [];
  while (shown.length < size) {
    const waiting = readers.filter(({ isReady }) => !isReady);
    if (waiting.length > 0) await Promise.all(waiting.map((reader) => reader.advance()));
    let best: { readonly reader: SourceReader<Row>; readonly row: Row } | undefined;
    for (const reader of readers) {
      const row = reader.head;
      if (row !== undefined && (best === undefined || compare(row, best.row) < 0)) best = { reader, row };
    }
    if (best === undefined) break;
    best.reader.take();
    shown.push({ row: best.row, marks: readers.map(({ mark }) => mark) });
  }
  return shown;
}

/** Number of rows of all sources; null where one does not know. */
async function countRows(readers: readonly Pick<SourceReader<unknown>, 'count'>[]): Promise<number | null> {
  const counts = await Promise.all(readers.map((reader) => reader.count()));
  const sum = counts.reduce((all, count) => all + count, 0);
  return Number.isFinite(sum) ? sum : null;
}

/**
 * Shows several paged lists as one. Exact while the lists stand still: every row once, whatever `first` is. A source that
 * fails costs its rows; it is reported and named in `unavailable`, and its position is kept in the cursors.
 *
 * @throws GatewayError INVALID_ARGUMENT or INVALID_CURSOR, or the first failure when all sources fail.
 */
export async function mergePages<Row>(args: PageArguments, options: MergeOptions<Row>): Promise<MergedConnection<Row>> {
  const size = rowsAskedFor(args);
  const marks: Marks = args.after ? parseCursor(args.after) : new Map<string, Mark>();
  const { readers, unopened } = await openAll(marks, size, options);
  const shown = await takeRows(readers, options.compare, size);
  const haveNext = await Promise.all(readers.map((reader) => reader.hasNext()));

  const failures = readers.reduce(
    (all, { source, failure }) => (failure === undefined ? all : [...all, { source: source.name, error: failure }]),
    unopened,
  );
  for (const { error } of failures) options.report(error);
  for (const { fault } of readers) if (fault !== undefined) options.report(fault);

  /** Sources that could not be opened keep the position of the caller's cursor. */
  const cursorOf = (behind: readonly Mark[]): string =>
    formatCursor(
      new Map([...marks, ...readers.map(({ source }, index) => [source.name, behind[index] ?? start] as const)]),
    );
  return {
    nodes: shown.map(({ row }) => row),
    edges: () => shown.map(({ row, marks: behind }) => ({ node: row, cursor: cursorOf(behind) })),
    hasNextPage: haveNext.includes(true),
    hasPreviousPage: Boolean(args.after),
    countAll: () => (failures.length > 0 ? Promise.resolve(null) : countRows(readers)),
    unavailable: failures.map(({ source, error }) => ({ source, code: error.code })),
    changed: readers.some(({ isChanged }) => isChanged),
  };
}
