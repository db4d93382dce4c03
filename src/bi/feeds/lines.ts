import { quoted, type Engine } from '../model/ddl.ts';
import type { Parameters } from '../query/compile.ts';
import type { ColumnType } from '../model/types.ts';

/** A column of a feed. */
export interface FeedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/** How the lines of a feed are written. */
export interface LineOptions {
  /** Local times, and no text that a spreadsheet would execute. */
  readonly excel: boolean;
  readonly timeZone: string;
}

/** An instant as ISO 8601 in UTC, to the millisecond. */
function instantSql(engine: Engine, name: string): string {
  return engine === 'duckdb'
    ? `strftime(${name}, '%Y-%m-%dT%H:%M:%S.%gZ')`
    : `to_char(${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** An instant as local date and time, as spreadsheets read them. */
function localSql(name: string, timeZone: string, parameters: Parameters): string {
  const zone = parameters.bind(timeZone, 'text');
  return parameters.engine === 'duckdb'
    ? `strftime(${name} AT TIME ZONE 'UTC' AT TIME ZONE ${zone}, '%Y-%m-%d %H:%M:%S')`
    : `to_char(${name} AT TIME ZONE ${zone}, 'YYYY-MM-DD HH24:MI:SS')`;
}

function fieldSql({ name, type }: FeedColumn, { excel, timeZone }: LineOptions, parameters: Parameters): string {
  const value = quoted(name);
  if (type === 'instant') return excel ? localSql(value, timeZone, parameters) : instantSql(parameters.engine, value);
  if (type !== 'text') return `CAST(${value} AS varchar)`;
  // A spreadsheet would execute it as a formula.
  const text = excel
    ? `CASE WHEN left(${value}, 1) IN ('=', '+', '-', '@', E'\\t', E'\\r') THEN '''' || ${value} ELSE ${value} END`
    : value;
  return `CASE WHEN ${value} = '' OR ${value} <> trim(${value}) OR ${value} <> translate(${value}, E'",\\r\\n', '') THEN '"' || replace(${text}, '"', '""') || '"' ELSE ${text} END`;
}

/** A line of RFC 4180, without its line feed. An empty field is null, `""` an empty text. */
export function csvLine(columns: readonly FeedColumn[], options: LineOptions, parameters: Parameters): string {
  const fields = columns.map((column) => `COALESCE(${fieldSql(column, options, parameters)}, '')`);
  return `concat(${fields.join(`, ',', `)}, E'\\r')`;
}

function memberSql(engine: Engine, { name, type }: FeedColumn): string {
  const value = quoted(name);
  if (type === 'text') return `CAST(to_json(${value}) AS varchar)`;
  if (type === 'integer' || type === 'number' || type === 'boolean') return `CAST(${value} AS varchar)`;
  return `'"' || ${type === 'instant' ? instantSql(engine, value) : `CAST(${value} AS varchar)`} || '"'`;
}

/** An object of JSON, without a line feed. Integers have all their digits. */
export function jsonLine(columns: readonly FeedColumn[], { engine }: Parameters): string {
  const members = columns.map((column) => `'"${column.name}":', COALESCE(${memberSql(engine, column)}, 'null')`);
  return `concat('{', ${members.join(`, ',', `)}, '}')`;
}
