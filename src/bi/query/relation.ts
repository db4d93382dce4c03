import { quoted, schemas } from '../model/ddl.ts';
import { storedColumns } from '../model/tables.ts';
import type { ColumnType, Table, Value } from '../model/types.ts';
import type { Statement } from '../store/store.ts';
import type { Parameters } from './compile.ts';
import { Compiler, type ColumnTypes } from './compile.ts';
import { mayFail, QueryError, type Expression } from './expression.ts';

/** Rows that further steps read: SQL and the types of its columns. */
export interface Relation {
  readonly sql: string;
  readonly columns: ColumnTypes;
  /** Its tables have rows that the reader may not see. */
  readonly hidesRows?: boolean;
  /** Some of its columns are expressions. */
  readonly isComputed?: boolean;
}

/**
 * Rows that the engine makes before it looks at what is asked of them. Otherwise it puts conditions in an order of its own, and
 * writes expressions in place of the columns that stand for them: of columns over columns, each in two places, 2^n.
 */
export function fenced({ sql }: Relation): string {
  return `SELECT * FROM (${sql}) fenced OFFSET 0`;
}

/** What of a table a reader may see, and as of when. */
export interface Scope {
  readonly leagues: 'ALL' | readonly string[];
  /** Rows are those of this write and of none after it. */
  readonly snapshot: string;
  /** The state of the service that the answer shows. */
  readonly asOf: string;
  /** When it is asked. Lags are measured at this instant, in all pages of a walk. */
  readonly readAt: string;
}

/** A column that rows are ordered by. Null comes first, or last when descending. */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** The rows of a table that a reader may see, as they were at the snapshot. This is the one place where leagues are told apart. */
export function rowsOf(table: Table, scope: Scope, parameters: Parameters): Relation {
  const stored = storedColumns(table);
  const names = stored.map(quoted).join(', ');
  const at = parameters.bind(scope.snapshot, 'instant');
  const allowed = leagueCondition(table, scope, parameters);
  const from = (schema: string, condition: string): string =>
    `SELECT ${names} FROM ${schema}.${quoted(table.name)} WHERE updated_at <= ${at}${condition}${allowed}`;
  const versions = `${from(schemas.current, '')} UNION ALL ${from(schemas.past, ` AND replaced_at > ${at}`)}`;
  const extra = Object.entries(table.columns).flatMap(([name, { computed }]) =>
    computed === undefined ? [] : [`, ${computedSql(computed, scope, parameters)} AS ${quoted(name)}`],
  );
  return {
    sql: `SELECT ${names}${extra.join('')} FROM (${versions}) versions`,
    columns: new Map(Object.entries(table.columns).map(([name, { type }]): [string, ColumnType] => [name, type])),
    hidesRows: allowed !== '',
  };
}

function computedSql(computed: 'AS_OF' | 'LAG', { asOf, readAt }: Scope, parameters: Parameters): string {
  if (computed === 'AS_OF') return parameters.bind(asOf, 'instant');
  const now = parameters.bind(readAt, 'instant');
  return parameters.engine === 'duckdb'
    ? `date_diff('millisecond', as_of, ${now})`
    : `CAST(extract(epoch FROM (${now} - as_of)) * 1000 AS bigint)`;
}

function leagueCondition({ leagueColumn }: Table, { leagues }: Scope, parameters: Parameters): string {
  if (leagues === 'ALL' || leagueColumn === undefined) return '';
  if (leagues.length === 0) return ' AND FALSE';
  return ` AND ${quoted(leagueColumn)} IN (${leagues.map((id) => parameters.bind(id, 'text')).join(', ')})`;
}

/** The rows that fit. */
export function filtered(relation: Relation, where: Expression, parameters: Parameters): Relation {
  const condition = new Compiler(parameters, relation.columns).condition(where);
  // A condition that fails for a hidden row would tell of it.
  const isHeldBack = relation.isComputed || (relation.hidesRows && mayFail(where));
  const from = isHeldBack ? fenced(relation) : relation.sql;
  return { ...relation, sql: `SELECT * FROM (${from}) filtered WHERE ${condition}` };
}

export const aggregations = ['sum', 'average', 'min', 'max', 'countdistinct'] as const;

/** One value that a group of rows gives. */
export type Aggregate =
  | { readonly as: string; readonly method: 'count' }
  | { readonly as: string; readonly method: (typeof aggregations)[number]; readonly of: Expression };

function aggregateSql(compiler: Compiler, aggregate: Aggregate): { readonly sql: string; readonly type: ColumnType } {
  if (aggregate.method === 'count') return { sql: 'count(*)', type: 'integer' };
  const { sql, type } = compiler.value(aggregate.of);
  const isNumber = type === 'integer' || type === 'number';
  switch (aggregate.method) {
    case 'countdistinct':
      return { sql: `count(DISTINCT ${sql})`, type: 'integer' };
    case 'sum':
    case 'average':
      if (!isNumber) throw new QueryError(`${aggregate.method} takes numbers.`);
      return aggregate.method === 'sum'
        ? { sql: `sum(${sql})`, type }
        : { sql: `CAST(avg(${sql}) AS double precision)`, type: 'number' };
    case 'min':
    case 'max':
      if (type === 'null' || type === 'boolean')
        throw new QueryError(`${aggregate.method} takes values with an order.`);
      return { sql: `${aggregate.method}(${sql})`, type };
  }
}

/** One row for each group of rows that are alike in `by`; one row in all where there is no `by`. */
export function grouped(
  relation: Relation,
  { by, aggregates }: { readonly by: readonly string[]; readonly aggregates: readonly Aggregate[] },
  parameters: Parameters,
): Relation {
  const compiler = new Compiler(parameters, relation.columns);
  const keys = by.map((name) => [name, compiler.value({ kind: 'column', name }).type as ColumnType] as const);
  const values = aggregates.map((aggregate) => ({ as: aggregate.as, ...aggregateSql(compiler, aggregate) }));
  const columns = new Map<string, ColumnType>([...keys, ...values.map(({ as, type }) => [as, type] as const)]);
  if (columns.size < keys.length + values.length) throw new QueryError('Two columns of the result have one name.');
  const selected = [...by.map(quoted), ...values.map(({ as, sql }) => `${sql} AS ${quoted(as)}`)];
  const groups = by.length > 0 ? ` GROUP BY ${by.map(quoted).join(', ')}` : '';
  return { ...relation, sql: `SELECT ${selected.join(', ')} FROM (${relation.sql}) grouped${groups}`, columns };
}

/** A part of the rows of a relation, in order. */
export interface Slice {
  readonly columns: readonly string[];
  readonly order: readonly Order[];
  /** Values of the order's columns of the row that the part comes after. */
  readonly after?: readonly Value[] | undefined;
  /** The same of a row that the part ends with, or before. */
  readonly through?: readonly Value[] | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** An element of ORDER BY. */
export function orderSql({ column, descending }: Order): string {
  return `${quoted(column)} ${descending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'}`;
}

/** Rows behind one in the order, which is total: nulls are values too. */
function behind(order: readonly Order[], after: readonly Value[], types: ColumnTypes, parameters: Parameters): string {
  const terms = order.map(({ column, descending }, index) => {
    const name = quoted(column);
    const type = types.get(column) ?? 'text';
    const value = after[index] ?? null;
    const equal = order.slice(0, index).map((earlier, position) => {
      const known = after[position] ?? null;
      const earlierName = quoted(earlier.column);
      return known === null
        ? `${earlierName} IS NULL`
        : `${earlierName} = ${parameters.bind(known, types.get(earlier.column) ?? 'text')}`;
    });
    const later =
      value === null
        ? descending
          ? 'FALSE'
          : `${name} IS NOT NULL`
        : descending
          ? `(${name} < ${parameters.bind(value, type)} OR ${name} IS NULL)`
          : `${name} > ${parameters.bind(value, type)}`;
    return `(${[...equal, later].join(' AND ')})`;
  });
  return `(${terms.join(' OR ')})`;
}

/**
 * The range of the order's first column that a part lies in. Engines pass over blocks of rows outside of it, and over entries of an
 * index; what `behind` says takes them too long to tell.
 */
function rangeOf({ order, after, through }: Slice, types: ColumnTypes, parameters: Parameters): readonly string[] {
  const [first] = order;
  if (first === undefined) return [];
  const { column, descending } = first;
  const name = quoted(column);
  const compared = (operator: string, value: Value): string =>
    `${name} ${operator} ${parameters.bind(value, types.get(column) ?? 'text')}`;
  const [from, to] = [after?.[0], through?.[0]];
  // Null comes first, or last when descending.
  const [least, most] = descending ? [to, from] : [from, to];
  const isNull = `${name} IS NULL`;
  const below = least === undefined || least === null ? [] : [compared('>=', least)];
  if (most === undefined) return below;
  if (most === null) return [isNull];
  const above = compared('<=', most);
  return below.length > 0 ? [...below, above] : [`(${above} OR ${isNull})`];
}

/** The statement that reads a part of a relation. */
export function sliceOf(relation: Relation, slice: Slice, parameters: Parameters): Statement {
  const { columns, order, after, through, limit, offset } = slice;
  for (const name of [...columns, ...order.map(({ column }) => column)])
    if (!relation.columns.has(name)) throw new QueryError(`There is no column ${name.slice(0, 64)}.`);
  const conditions = [
    ...rangeOf(slice, relation.columns, parameters),
    ...(after === undefined ? [] : [behind(order, after, relation.columns, parameters)]),
    ...(through === undefined ? [] : [`NOT COALESCE(${behind(order, through, relation.columns, parameters)}, FALSE)`]),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const sorted = order.length === 0 ? '' : ` ORDER BY ${order.map(orderSql).join(', ')}`;
  const text = [
    `SELECT ${columns.map(quoted).join(', ')} FROM (${relation.sql}) rows${where}${sorted}`,
    limit === undefined ? '' : ` LIMIT ${Math.trunc(limit)}`,
    offset === undefined || offset === 0 ? '' : ` OFFSET ${Math.trunc(offset)}`,
  ].join('');
  return { text, values: parameters.values };
}

/** The statement that writes each row that another one reads as a line of text. */
export function linesOf({ text, values }: Statement, line: string): Statement {
  return { text: `SELECT ${line} AS line FROM (${text}) lines`, values };
}

/**
 * The statement that counts a relation.
 *
 * @param atMost - counting ends behind this number
 */
export function countOf(relation: Relation, parameters: Parameters, atMost?: number): Statement {
  const counted =
    atMost === undefined ? relation.sql : `SELECT 1 FROM (${relation.sql}) every LIMIT ${Math.trunc(atMost) + 1}`;
  return { text: `SELECT count(*) AS count FROM (${counted}) counted`, values: parameters.values };
}
