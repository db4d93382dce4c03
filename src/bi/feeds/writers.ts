import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnType, Value } from '../model/types.ts';

/** A column of a feed. */
export interface FeedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/** Writes rows in one format, piece by piece. */
export interface FeedWriter {
  readonly begin: () => string | Uint8Array;
  readonly rows: (rows: readonly (readonly Value[])[]) => string | Uint8Array;
  readonly end: () => string | Uint8Array;
}

export interface FeedFormat {
  readonly contentType: string;
  readonly create: (
    columns: readonly FeedColumn[],
    options: { readonly excel: boolean; readonly timeZone: string },
  ) => FeedWriter;
}

/** Local date and time, as spreadsheets read them. */
function localFormat(timeZone: string): (instant: string) => string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  return (instant) => format.format(new Date(instant));
}

function quotedField(text: string): string {
  return /[",\r\n]/.test(text) || text === '' || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180. An empty field is null, `""` an empty text. */
const csv: FeedFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  create: (columns, { excel, timeZone }) => {
    const local = localFormat(timeZone);
    const fieldOf = (value: Value, type: ColumnType): string => {
      if (value === null) return '';
      if (typeof value !== 'string') return String(value);
      if (type === 'instant') return excel ? local(value) : value;
      // A spreadsheet would execute it as a formula.
      return quotedField(excel && type === 'text' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value);
    };
    return {
      // Excel takes a file without the mark for one in the local code page.
      begin: () => `${excel ? '\ufeff' : ''}${columns.map(({ name }) => name).join(',')}\r\n`,
      rows: (rows) =>
        rows
          .map((row) => `${columns.map(({ type }, index) => fieldOf(row[index] ?? null, type)).join(',')}\r\n`)
          .join(''),
      end: () => '',
    };
  },
};

/** A value in JSON. Integers are written with all their digits. */
export function jsonValue(value: Value): string {
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}

const ndjson: FeedFormat = {
  contentType: 'application/x-ndjson',
  create: (columns) => {
    const names = columns.map(({ name }) => `${JSON.stringify(name)}:`);
    return {
      begin: () => '',
      rows: (rows) =>
        rows.map((row) => `{${names.map((name, index) => name + jsonValue(row[index] ?? null)).join(',')}}\n`).join(''),
      end: () => '',
    };
  },
};

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
const parquet: FeedFormat = {
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
