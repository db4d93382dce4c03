import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { quoted } from '../model/ddl.ts';
import type { ColumnType, Value } from '../model/types.ts';
import type { Parameters } from '../query/compile.ts';
import { linesOf } from '../query/relation.ts';
import type { Statement, Store } from '../store/store.ts';
import { csvLine, jsonLine, type FeedColumn, type LineOptions } from '../query/lines.ts';

/** The rows of a feed. */
export interface FeedRows {
  readonly store: Store;
  readonly statement: Statement;
  /** Those of the statement. */
  readonly parameters: Parameters;
  readonly columns: readonly FeedColumn[];
  /** More rows than may pass through V8. */
  readonly areMany: boolean;
  readonly signal: AbortSignal;
}

/** A format of feeds. */
export interface FeedFormat {
  readonly contentType: string;
  /** What stands before the rows. */
  readonly head: (columns: readonly FeedColumn[], options: LineOptions) => string;
  /** @throws QueryError LIMIT */
  readonly pieces: (rows: FeedRows, options: LineOptions) => AsyncIterable<string | Uint8Array>;
}

/** Lines that the engine makes: a row that becomes values here first costs several times the time and memory. */
async function* linePieces({ store, statement, areMany, signal }: FeedRows, line: string) {
  const lines = linesOf(statement, line);
  const copied = areMany ? store.copy?.(lines, 'LINES', signal) : undefined;
  if (copied !== undefined) yield* copied;
  else for await (const rows of store.read(lines, signal)) yield rows.map(([text]) => `${String(text)}\n`).join('');
}

const csv: FeedFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  // Excel takes a file without the mark for one in the local code page.
  head: (columns, { excel }) => `${excel ? '\ufeff' : ''}${columns.map(({ name }) => name).join(',')}\r\n`,
  pieces: (rows, options) => linePieces(rows, csvLine(rows.columns, options, rows.parameters)),
};

const ndjson: FeedFormat = {
  contentType: 'application/x-ndjson',
  head: () => '',
  pieces: (rows) => linePieces(rows, jsonLine(rows.columns, rows.parameters)),
};

const parquetTypes = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  instant: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
  date: { type: 'INT32', converted_type: 'DATE' },
} as const;

/** Rows that are held until they are a group of their own. */
const rowsInGroup = 20_000;

function parquetValue(value: Value, type: ColumnType): unknown {
  return value !== null && (type === 'instant' || type === 'date') ? new Date(value as string) : value;
}

/** Writes a file of Parquet. Row groups go out as they are full; what stands at the end is their index. */
async function* writeParquet({ store, statement, columns, signal }: FeedRows) {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, type, nullable }) => ({
        name,
        ...parquetTypes[type],
        repetition_type: nullable ? ('OPTIONAL' as const) : ('REQUIRED' as const),
      })),
    ],
  });
  let waiting: (readonly Value[])[] = [];
  const flush = (): void => {
    const group = waiting;
    waiting = [];
    const columnData = columns.map(({ name, type }, index) => ({
      name,
      data: group.map((row) => parquetValue(row[index] ?? null, type)),
    }));
    if (group.length > 0) void writer.write({ columnData, rowGroupSize: group.length });
  };
  const taken = (): Uint8Array => {
    const piece = bytes.getBytes().slice();
    bytes.index = 0;
    return piece;
  };
  for await (const rows of store.read(statement, signal)) {
    waiting.push(...rows);
    if (waiting.length < rowsInGroup) continue;
    flush();
    yield taken();
  }
  flush();
  void writer.finish();
  yield taken();
}

/** Instants of the engine have no zone: a file says that they are in UTC. */
function inUtc({ text, values }: Statement, columns: readonly FeedColumn[]): Statement {
  const shown = columns.map(({ name, type }) =>
    type === 'instant' ? `${quoted(name)} AT TIME ZONE 'UTC' AS ${quoted(name)}` : quoted(name),
  );
  return { text: `SELECT ${shown.join(', ')} FROM (${text}) instants`, values };
}

async function* parquetPieces(rows: FeedRows) {
  const { store, statement, columns, areMany, signal } = rows;
  const copied = areMany ? store.copy?.(inUtc(statement, columns), 'PARQUET', signal) : undefined;
  yield* copied ?? writeParquet(rows);
}

const parquet: FeedFormat = {
  contentType: 'application/vnd.apache.parquet',
  head: () => '',
  pieces: parquetPieces,
};

export const formats: Readonly<Record<string, FeedFormat>> = { csv, ndjson, parquet };
