import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnType, Value } from '../model/types.ts';
import type { Parameters } from '../query/compile.ts';
import { csvLine, jsonLine, type FeedColumn, type LineOptions } from './lines.ts';

/** Writes rows in one format, piece by piece. */
export interface FeedWriter {
  readonly begin: () => string | Uint8Array;
  readonly rows: (rows: readonly (readonly Value[])[]) => string | Uint8Array;
  readonly end: () => string | Uint8Array;
}

/** The engine writes lines: a row that becomes values here first costs several times the time and memory. */
interface TextFormat {
  readonly contentType: string;
  readonly head: (columns: readonly FeedColumn[], options: LineOptions) => string;
  /** A line as SQL over the columns. */
  readonly line: (columns: readonly FeedColumn[], options: LineOptions, parameters: Parameters) => string;
}

interface BinaryFormat {
  readonly contentType: string;
  readonly create: (columns: readonly FeedColumn[]) => FeedWriter;
}

export type FeedFormat = TextFormat | BinaryFormat;

const csv: TextFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  // Excel takes a file without the mark for one in the local code page.
  head: (columns, { excel }) => `${excel ? '\ufeff' : ''}${columns.map(({ name }) => name).join(',')}\r\n`,
  line: csvLine,
};

const ndjson: TextFormat = {
  contentType: 'application/x-ndjson',
  head: () => '',
  line: (columns, _, parameters) => jsonLine(columns, parameters),
};

/** Writes lines that the engine wrote. */
export function lineWriter(head: string): FeedWriter {
  return { begin: () => head, rows: (lines) => lines.map(([line]) => line).join(''), end: () => '' };
}

const parquetTypes = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  instant: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  date: { type: 'INT32', converted_type: 'DATE' },
} as const;

/** Rows that are held until they are a group of their own. */
const rowsInGroup = 20_000;

function parquetValue(value: Value, type: ColumnType): unknown {
  return value !== null && (type === 'instant' || type === 'date') ? new Date(value as string) : value;
}

/** Row groups go out as they are full; what stands at the end is their index. */
const parquet: BinaryFormat = {
  contentType: 'application/vnd.apache.parquet',
  create: (columns) => {
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
    const taken = (): Uint8Array => {
      const piece = bytes.getBytes().slice();
      bytes.index = 0;
      return piece;
    };
    const flush = (): void => {
      if (waiting.length === 0) return;
      const group = waiting;
      waiting = [];
      const columnData = columns.map(({ name, type }, index) => ({
        name,
        data: group.map((row) => parquetValue(row[index] ?? null, type)),
      }));
      void writer.write({ columnData, rowGroupSize: group.length });
    };
    return {
      begin: () => '',
      rows: (rows) => {
        waiting.push(...rows);
        if (waiting.length >= rowsInGroup) flush();
        return taken();
      },
      end: () => {
        flush();
        void writer.finish();
        return taken();
      },
    };
  },
};

export const formats: Readonly<Record<string, FeedFormat>> = { csv, ndjson, parquet };
