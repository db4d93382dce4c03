import { tableNamed } from '../model/tables.ts';
import { tableNames, type Table } from '../model/types.ts';
import { Parameters } from '../query/compile.ts';
import { allOf, compare, QueryError, type Expression } from '../query/expression.ts';
import { filtered, rowsOf, sliceOf, type Order, type Relation } from '../query/relation.ts';
import {
  answerFreshness,
  countRows,
  encodeCursor,
  endOf,
  placeOf,
  readingOf,
  scopeFor,
  send,
  type BiRequest,
  type Place,
  type Tables,
} from '../reading.ts';
import { createCalendar, isDay, type Calendar } from '../refresh/calendar.ts';
import type { FeedColumn } from '../query/lines.ts';
import { formats } from './writers.ts';

/** Rows of an answer that may pass through V8. */
const rowsInMemory = 20_000;

/** What of a table a feed gives. */
interface FeedQuery {
  readonly columns: readonly FeedColumn[];
  readonly where: Expression | undefined;
  /** In the walk that it goes on with. */
  readonly place: Place | undefined;
  readonly limit: number | undefined;
  readonly excel: boolean;
}

const parameterNames = [
  'from',
  'to',
  'updated_since',
  'columns',
  'cursor',
  'limit',
  'excel',
  'max_staleness',
  'apikey',
] as const;

const instantPattern = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** A day of the service, or an instant, as one end of a range. */
interface RangeEnd {
  readonly day: string | undefined;
  readonly instant: string;
}

/** @throws QueryError for what is no day or instant */
function rangeEnd(name: string, text: string, { startOf }: Calendar): RangeEnd {
  if (isDay(text)) return { day: text, instant: startOf(text) };
  // A `+` of an offset arrives as a space where it was not encoded.
  const given = text.replace(' ', '+');
  const [, date = ''] = instantPattern.exec(given) ?? [];
  const ms = isDay(date) ? Date.parse(given) : NaN;
  if (Number.isNaN(ms))
    throw new QueryError(
      `${name}: a day such as 2026-01-31, or an instant with its offset such as 2026-01-31T08:00:00Z.`,
    );
  return { day: undefined, instant: new Date(ms).toISOString() };
}

function columnsOf(table: Table, asked: string | null): readonly FeedColumn[] {
  const names = asked === null ? Object.keys(table.columns) : asked.split(',').map((name) => name.trim());
  return [...new Set(names)].map((name) => {
    const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
    if (column === undefined)
      throw new QueryError(`columns: ${table.name} has ${Object.keys(table.columns).join(', ')}.`);
    return { name, type: column.type, nullable: column.nullable };
  });
}

/** Rows whose time is in a range, both ends included: days are the service's, in columns of instants too. */
function whereOf({ columns, timeColumn }: Table, query: URLSearchParams, calendar: Calendar): Expression | undefined {
  const isDate = columns[timeColumn]?.type === 'date';
  const endOf = (name: string): RangeEnd | undefined => {
    const text = query.get(name);
    return text === null ? undefined : rangeEnd(name, text, calendar);
  };
  const [from, to, since] = [endOf('from'), endOf('to'), endOf('updated_since')];
  const dayOf = ({ day, instant }: RangeEnd): string => day ?? calendar.dayOf(instant);
  const until = ({ day, instant }: RangeEnd): Expression =>
    day === undefined
      ? compare('le', timeColumn, 'instant', instant)
      : compare('lt', timeColumn, 'instant', calendar.startOf(calendar.before(day, -1)));
  const type = isDate ? 'date' : 'instant';
  return allOf([
    from && compare('ge', timeColumn, type, isDate ? dayOf(from) : from.instant),
    to && (isDate ? compare('le', timeColumn, type, dayOf(to)) : until(to)),
    since && compare('gt', 'updated_at', 'instant', since.instant),
  ]);
}

/** @throws QueryError for what is neither of the two */
function flagOf(name: string, text: string | null): boolean {
  if (text === '1' || text === 'true') return true;
  if (text === null || text === '0' || text === 'false') return false;
  throw new QueryError(`${name}: 1 or 0.`);
}

/** @throws QueryError */
function queryOf(table: Table, query: URLSearchParams, calendar: Calendar): FeedQuery {
  const names = [...query.keys()];
  for (const name of names) {
    if (!parameterNames.some((known) => known === name))
      throw new QueryError(`A feed takes ${parameterNames.join(', ')}.`);
    if (names.filter((other) => other === name).length > 1) throw new QueryError(`${name} stands twice.`);
  }
  const limit = query.get('limit');
  if (limit !== null && !/^[1-9]\d{0,8}$/.test(limit)) throw new QueryError('limit: a whole number above 0.');
  const cursor = query.get('cursor');
  const types = orderOf(table).map(({ column }) => table.columns[column]?.type ?? 'text');
  const place = cursor === null ? undefined : placeOf(cursor, table, types);
  return {
    columns: columnsOf(table, query.get('columns')),
    where: whereOf(table, query, calendar),
    place,
    limit: limit === null ? undefined : Number(limit),
    excel: flagOf('excel', query.get('excel')),
  };
}

function orderOf(table: Table): readonly Order[] {
  return ['updated_at', table.key].map((column) => ({ column, descending: false }));
}

/**
 * Rows of an answer, at most. A feed is refused before it begins: one that were cut later would look like a broken connection.
 *
 * @throws QueryError LIMIT
 */
async function mostRows(
  tables: Tables,
  relation: (parameters: Parameters) => Relation,
  limit: number | undefined,
  signal: AbortSignal,
): Promise<number> {
  const { maxRows } = tables;
  const rows = limit ?? Number(await countRows(tables, relation, signal, maxRows));
  if (rows <= maxRows) return rows;
  throw new QueryError(
    `An answer has at most ${maxRows} rows (bi.maxRows). Ask for fewer by from and to, or in parts by limit.`,
    'LIMIT',
  );
}

/**
 * `GET /bi/v1/{table}.{csv|ndjson|parquet}`: rows streamed from one snapshot. With `limit` they come in the order of their last
 * change, and the header `Link` leads on over the same snapshot.
 *
 * @throws QueryError
 */
export async function answerFeed(tables: Tables, bi: BiRequest): Promise<void> {
  const [, name = '', extension = ''] = /^\/bi\/v1\/([a-z_]+)\.([a-z]+)$/.exec(bi.path) ?? [];
  const table = tableNamed(name);
  const format = Object.hasOwn(formats, extension) ? formats[extension] : undefined;
  if (table === undefined || format === undefined)
    return void bi.response.writeHead(404, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(
      JSON.stringify({
        errors: [
          {
            message: `There is no such feed. A feed is one of ${tableNames.join(', ')}, and ends in .${Object.keys(formats).join(', .')}.`,
            extensions: { code: 'NOT_FOUND' },
          },
        ],
      }),
    );
  const asked = queryOf(table, bi.query, createCalendar(tables.timeZone));
  const scope = await scopeFor(tables, table, readingOf(bi), asked.place);
  if (answerFreshness(tables, table, scope, bi)) return;
  const relation = (parameters: Parameters): Relation => {
    const rows = rowsOf(table, scope, parameters);
    return asked.where === undefined ? rows : filtered(rows, asked.where, parameters);
  };
  const { response, signal } = bi;
  const { limit, place } = asked;
  const areMany = (await mostRows(tables, relation, limit, signal)) > rowsInMemory;
  response.setHeader('content-type', format.contentType);
  response.setHeader('content-disposition', `attachment; filename="${table.name}.${extension}"`);
  response.setHeader('snapshot', scope.snapshot);
  // Sorting would hold all rows in memory: it is for walks, which need an order.
  const order = limit !== undefined || place !== undefined ? orderOf(table) : [];
  const part = { columns: asked.columns.map(({ name }) => name), order, after: place?.after, limit };
  const { last, isMore } = await endOf(tables, relation, part, signal);
  if (last !== undefined && isMore) {
    const cursor = encodeCursor({ ...scope, table: table.name, after: last, more: {} });
    const query = new URLSearchParams([...bi.query].filter(([key]) => key !== 'apikey' && key !== 'cursor'));
    query.set('cursor', cursor);
    response.setHeader('next-cursor', cursor);
    response.setHeader('link', `<${bi.baseUrl}${bi.path}?${query.toString()}>; rel="next"`);
  }
  if (bi.request.method === 'HEAD') return void response.end();
  const parameters = new Parameters(tables.store.engine);
  const statement = sliceOf(relation(parameters), { ...part, through: last }, parameters);
  const options = { excel: asked.excel, timeZone: tables.timeZone };
  const rows = { store: tables.store, statement, parameters, columns: asked.columns, areMany, signal };
  let isBegun = false;
  const begin = async (): Promise<void> => {
    if (!isBegun) await send(format.head(asked.columns, options), bi);
    isBegun = true;
  };
  for await (const piece of format.pieces(rows, options)) {
    // A query that fails before its first row still has its status.
    await begin();
    await send(piece, bi);
  }
  await begin();
  response.end();
}
