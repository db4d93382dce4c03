import { quoted } from '../model/ddl.ts';
import type { ColumnType, Table } from '../model/types.ts';
import { Compiler, type Parameters } from './compile.ts';
import { QueryError, type Expression } from './expression.ts';
import {
  fenced,
  filtered,
  grouped,
  orderSql,
  rowsOf,
  type Aggregate,
  type Order,
  type Relation,
  type Scope,
} from './relation.ts';

/** A column that is calculated from others. */
export interface Computation {
  readonly as: string;
  readonly value: Expression;
}

/** A step of `$apply`, which works on what the one before answers. */
export type Step =
  | { readonly kind: 'filter'; readonly where: Expression }
  | { readonly kind: 'group'; readonly by: readonly string[]; readonly aggregates: readonly Aggregate[] }
  | { readonly kind: 'compute'; readonly columns: readonly Computation[] }
  | { readonly kind: 'order'; readonly by: readonly Order[] }
  | { readonly kind: 'slice'; readonly limit?: number; readonly offset?: number }
  /** The rows with the largest or smallest values. They keep their order; null is never among them. */
  | { readonly kind: 'extreme'; readonly of: 'LARGEST' | 'SMALLEST'; readonly rows: number; readonly value: Expression }
  /** The rows of one sequence after those of another, each over the same rows. */
  | { readonly kind: 'concat'; readonly sequences: readonly (readonly Step[])[] };

/** Rows in an order in which no two are alike. */
export interface Sequence {
  readonly relation: Relation;
  readonly order: readonly Order[];
  /** What no two rows are alike in, together. */
  readonly unique: readonly string[];
  /** Columns of each part, where the rows have come from several: a row has those of its own. Its place is in `partColumn`. */
  readonly parts?: readonly (readonly string[])[];
}

/** Which sequence of `concat` a row is of, and where in it. No alias can be written so. */
export const partColumn = '#part';
const placeColumn = '#place';

/** An order that ends with what no two rows are alike in. */
export function totalOrder({ order, unique }: Sequence): readonly Order[] {
  const named = new Set(order.map(({ column }) => column));
  return [...order, ...unique.filter((column) => !named.has(column)).map((column) => ({ column, descending: false }))];
}

/** The rows of a table that a reader may see, the last changed at the end. */
export function sequenceOf(table: Table, scope: Scope, parameters: Parameters): Sequence {
  return {
    relation: rowsOf(table, scope, parameters),
    order: [{ column: 'updated_at', descending: false }],
    unique: [table.key],
  };
}

function ordered(order: readonly Order[]): string {
  return order.length === 0 ? '' : ` ORDER BY ${order.map(orderSql).join(', ')}`;
}

/** @throws QueryError for a name that is taken */
function computed(relation: Relation, columns: readonly Computation[], parameters: Parameters): Relation {
  const compiler = new Compiler(parameters, relation.columns);
  const types = new Map(relation.columns);
  const selected = columns.map(({ as, value }) => {
    const { sql, type } = compiler.value(value);
    if (type === 'null') throw new QueryError('A computed column has a value with a type.');
    if (types.has(as)) throw new QueryError('Two columns of the result have one name.');
    types.set(as, type);
    return `, ${sql} AS ${quoted(as)}`;
  });
  const from = relation.isComputed ? fenced(relation) : relation.sql;
  return { sql: `SELECT *${selected.join('')} FROM (${from}) computed`, columns: types, isComputed: true };
}

function extremes(
  { relation, order, unique }: Sequence,
  { of, rows, value }: Extract<Step, { readonly kind: 'extreme' }>,
  parameters: Parameters,
): Relation {
  const { sql, type } = new Compiler(parameters, relation.columns).value(value);
  if (type !== 'integer' && type !== 'number') throw new QueryError('topcount and bottomcount compare numbers.');
  const ties = totalOrder({ relation, order, unique }).map(orderSql);
  const direction = of === 'LARGEST' ? 'DESC' : 'ASC';
  const by = [`${sql} ${direction}`, ...ties].join(', ');
  return {
    ...relation,
    sql: `SELECT * FROM (${relation.sql}) extremes WHERE ${sql} IS NOT NULL ORDER BY ${by} LIMIT ${Math.trunc(rows)}`,
  };
}

/** Columns of rows, without those that say which sequence they are of. */
function ownColumns({ relation }: Sequence): readonly (readonly [string, ColumnType])[] {
  return [...relation.columns].filter(([name]) => name !== partColumn && name !== placeColumn);
}

/** @throws QueryError where one name has two types */
function columnsOfAll(sequences: readonly Sequence[]): ReadonlyMap<string, ColumnType> {
  const all = new Map<string, ColumnType>();
  for (const [name, type] of sequences.flatMap(ownColumns)) {
    if ((all.get(name) ?? type) !== type)
      throw new QueryError(`$apply: ${name.slice(0, 64)} has two types in the sequences of concat.`);
    all.set(name, type);
  }
  return all;
}

/** Parts of a sequence that is itself put together keep their order among the others. */
function concatenated(sequences: readonly Sequence[], parameters: Parameters): Sequence {
  const columns = columnsOfAll(sequences);
  const parts: (readonly string[])[] = [];
  const placed = sequences.map((sequence) => {
    const { relation } = sequence;
    const selected = [...columns].map(([name, type]) =>
      relation.columns.has(name) ? quoted(name) : `${parameters.bind(null, type)} AS ${quoted(name)}`,
    );
    const [part, place] =
      sequence.parts === undefined
        ? [`CAST(${parts.length} AS bigint)`, `row_number() OVER (${ordered(totalOrder(sequence)).trim()})`]
        : [`${quoted(partColumn)} + ${parts.length}`, quoted(placeColumn)];
    parts.push(...(sequence.parts ?? [ownColumns(sequence).map(([name]) => name)]));
    const all = [...selected, `${part} AS ${quoted(partColumn)}`, `${place} AS ${quoted(placeColumn)}`].join(', ');
    return `SELECT ${all} FROM (${relation.sql}) part`;
  });
  return {
    relation: {
      sql: placed.join(' UNION ALL '),
      columns: new Map([...columns, [partColumn, 'integer'], [placeColumn, 'integer']]),
    },
    order: [],
    unique: [partColumn, placeColumn],
    parts,
  };
}

function applied(sequence: Sequence, step: Step, parameters: Parameters): Sequence {
  const { relation } = sequence;
  if (sequence.parts !== undefined)
    throw new QueryError('$apply: steps behind concat are not supported.', 'UNSUPPORTED');
  switch (step.kind) {
    case 'filter':
      return { ...sequence, relation: filtered(relation, step.where, parameters) };
    case 'group':
      return { relation: grouped(relation, step, parameters), order: [], unique: step.by };
    case 'compute':
      return { ...sequence, relation: computed(relation, step.columns, parameters) };
    case 'order':
      for (const { column } of step.by)
        if (!relation.columns.has(column)) throw new QueryError(`There is no column ${column.slice(0, 64)}.`);
      return { ...sequence, order: step.by };
    case 'slice': {
      const limit = step.limit === undefined ? '' : ` LIMIT ${Math.trunc(step.limit)}`;
      const offset = step.offset === undefined ? '' : ` OFFSET ${Math.trunc(step.offset)}`;
      const sql = `SELECT * FROM (${relation.sql}) sliced${ordered(totalOrder(sequence))}${limit}${offset}`;
      return { ...sequence, relation: { ...relation, sql } };
    }
    case 'extreme':
      return { ...sequence, relation: extremes(sequence, step, parameters) };
    case 'concat':
      return concatenated(
        step.sequences.map((steps) => pipeline(sequence, steps, parameters)),
        parameters,
      );
  }
}

/**
 * What the steps make of rows, one after the other.
 *
 * @throws QueryError
 */
export function pipeline(sequence: Sequence, steps: readonly Step[], parameters: Parameters): Sequence {
  return steps.reduce((made, step) => applied(made, step, parameters), sequence);
}
