import { quoted, type Engine } from '../model/ddl.ts';
import type { ColumnType } from '../model/types.ts';
import type { Parameters } from './compile.ts';

/** A column of a feed. */
export interface FeedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/** A column of a line. */
type LineColumn = Pick<FeedColumn, 'name' | 'type'>;

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
  // A spreadsheet would execute it as a formula; in Chinese and Japanese ones wide signs are as good as narrow ones.
  const text = excel
    ? `CASE WHEN left(${value}, 1) IN ('=', '+', '-', '@', '＝', '＋', '－', '＠', E'\\t', E'\\r', E'\\n') THEN '''' || ${value} ELSE ${value} END`
    : value;
  return `CASE WHEN ${value} = '' OR ${value} <> trim(${value}) OR ${value} <> translate(${value}, E'",\\r\\n', '') THEN '"' || replace(${text}, '"', '""') || '"' ELSE ${text} END`;
}

/** Postgres takes so many arguments of a function. */
const maxArguments = 100;

/** Texts one behind the other; null is nothing. */
function concatenated(texts: readonly string[]): string {
  if (texts.length <= maxArguments) return `concat(${texts.join(', ')})`;
  const rest = concatenated(texts.slice(maxArguments - 1));
  return `concat(${[...texts.slice(0, maxArguments - 1), rest].join(', ')})`;
}

/** A line of RFC 4180, without its line feed. An empty field is null, `""` an empty text. */
export function csvLine(columns: readonly FeedColumn[], options: LineOptions, parameters: Parameters): string {
  const fields = columns.map((column) => `COALESCE(${fieldSql(column, options, parameters)}, '')`);
  return concatenated([...fields.flatMap((field, index) => (index === 0 ? [field] : [`','`, field])), `E'\\r'`]);
}

/** How an object of JSON has its numbers of 64 bits. JavaScript loses digits of those above 2^53. */
export type LongForm = 'NUMBER' | 'TEXT';

function memberSql(engine: Engine, { name, type }: LineColumn, longs: LongForm): string {
  const value = quoted(name);
  const text = `CAST(${value} AS varchar)`;
  switch (type) {
    case 'text':
      return `CAST(to_json(${value}) AS varchar)`;
    case 'integer':
      return longs === 'TEXT' ? `'"' || ${text} || '"'` : text;
    case 'number':
      // JSON has no infinity.
      return engine === 'duckdb' ? `CASE WHEN isfinite(${value}) THEN ${text} END` : text;
    case 'boolean':
      return text;
    case 'instant':
      return `'"' || ${instantSql(engine, value)} || '"'`;
    case 'date':
      return `'"' || ${text} || '"'`;
  }
}

/** An object of JSON, without a line feed. Numbers have all their digits. */
export function jsonLine(
  columns: readonly LineColumn[],
  { engine }: Pick<Parameters, 'engine'>,
  longs: LongForm = 'NUMBER',
): string {
  const members = columns.flatMap((column, index) => [
    `'${index === 0 ? '' : ','}"${column.name}":'`,
    `COALESCE(${memberSql(engine, column, longs)}, 'null')`,
  ]);
  return concatenated([`'{'`, ...members, `'}'`]);
}
