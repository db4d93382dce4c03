import { quoted, sqlType, type Engine } from '../model/ddl.ts';
import type { ColumnType, Value } from '../model/types.ts';
import { QueryError, type Expression, type FunctionName } from './expression.ts';

/** Types of the columns that an expression may name. */
export type ColumnTypes = ReadonlyMap<string, ColumnType>;

/** Collects the parameters of a statement. */
export class Parameters {
  readonly values: Value[] = [];
  readonly engine: Engine;
  constructor(engine: Engine) {
    this.engine = engine;
  }
  /** The place of a value in the text. */
  bind(value: Value, type: ColumnType): string {
    // As text: a large number without a fraction would be bound as a whole one, which has 64 bits.
    this.values.push(typeof value === 'number' && type === 'number' ? String(value) : value);
    // Columns of Postgres keep milliseconds; a value between two of them must not be rounded to one.
    const typeSql = type === 'instant' && this.engine === 'postgres' ? 'timestamptz' : sqlType(this.engine, type);
    return `CAST($${this.values.length} AS ${typeSql})`;
  }
}

interface Compiled {
  readonly sql: string;
  readonly type: ColumnType | 'null';
}

type ExpressionOf<Kind extends Expression['kind']> = Extract<Expression, { readonly kind: Kind }>;

const sqlOperators = {
  eq: 'IS NOT DISTINCT FROM',
  ne: 'IS DISTINCT FROM',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
} as const;

function isNull(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.type === 'null';
}

function isNumeric(type: Compiled['type']): boolean {
  return type === 'integer' || type === 'number';
}

/** Instants of `timestamptz` are taken apart in UTC, wherever the session is. */
function inUtc(engine: Engine, { sql, type }: Compiled): string {
  return engine === 'postgres' && type === 'instant' ? `(${sql} AT TIME ZONE 'UTC')` : sql;
}

/** Midnight of a day, in UTC. */
function atMidnight(engine: Engine, sql: string): string {
  return engine === 'postgres' ? `(CAST(${sql} AS timestamp) AT TIME ZONE 'UTC')` : `CAST(${sql} AS TIMESTAMP)`;
}

/** Makes both sides comparable; a day beside an instant is its midnight in UTC. */
function aligned(engine: Engine, left: Compiled, right: Compiled): readonly [string, string] {
  const types = [left.type, right.type];
  if (left.type === right.type || types.includes('null') || types.every(isNumeric)) return [left.sql, right.sql];
  if (left.type === 'date' && right.type === 'instant') return [atMidnight(engine, left.sql), right.sql];
  if (left.type === 'instant' && right.type === 'date') return [left.sql, atMidnight(engine, right.sql)];
  throw new QueryError(`Values of the types ${left.type} and ${right.type} can't be compared.`);
}

interface FunctionRule {
  readonly takes: readonly (readonly ColumnType[])[];
  readonly optional?: number;
  readonly returns: ColumnType | 'same';
  readonly sql: (engine: Engine, ...arguments_: readonly string[]) => string;
}

const texts: readonly ColumnType[] = ['text'];
const numbers: readonly ColumnType[] = ['integer', 'number'];
const integers: readonly ColumnType[] = ['integer'];

function part(name: string, takes: readonly ColumnType[]): FunctionRule {
  return { takes: [takes], returns: 'integer', sql: (_, x) => `CAST(floor(extract(${name} FROM ${x})) AS bigint)` };
}

const functions: Readonly<Record<FunctionName, FunctionRule>> = {
  contains: { takes: [texts, texts], returns: 'boolean', sql: (_, x, y) => `(position(${y} IN ${x}) > 0)` },
  startswith: { takes: [texts, texts], returns: 'boolean', sql: (_, x, y) => `starts_with(${x}, ${y})` },
  endswith: {
    takes: [texts, texts],
    returns: 'boolean',
    sql: (_, x, y) => `(right(${x}, CAST(length(${y}) AS integer)) = ${y})`,
  },
  tolower: { takes: [texts], returns: 'text', sql: (_, x) => `lower(${x})` },
  toupper: { takes: [texts], returns: 'text', sql: (_, x) => `upper(${x})` },
  trim: { takes: [texts], returns: 'text', sql: (_, x) => `trim(${x})` },
  concat: { takes: [texts, texts], returns: 'text', sql: (_, x, y) => `(${x} || ${y})` },
  length: { takes: [texts], returns: 'integer', sql: (_, x) => `CAST(length(${x}) AS bigint)` },
  indexof: {
    takes: [texts, texts],
    returns: 'integer',
    sql: (_, x, y) => `CAST(position(${y} IN ${x}) - 1 AS bigint)`,
  },
  substring: {
    takes: [texts, integers, integers],
    optional: 1,
    returns: 'text',
    sql: (_, x, from, size) =>
      size === undefined
        ? `substr(${x}, CAST(${from} + 1 AS integer))`
        : `substr(${x}, CAST(${from} + 1 AS integer), greatest(CAST(${size} AS integer), 0))`,
  },
  year: part('year', ['instant', 'date']),
  month: part('month', ['instant', 'date']),
  day: part('day', ['instant', 'date']),
  hour: part('hour', ['instant']),
  minute: part('minute', ['instant']),
  second: part('second', ['instant']),
  date: { takes: [['instant', 'date']], returns: 'date', sql: (_, x) => `CAST(${x} AS date)` },
  round: {
    takes: [numbers],
    returns: 'number',
    // Midpoints away from zero: Postgres rounds those of double precision to even numbers.
    sql: (engine, x) => `CAST(round(${engine === 'postgres' ? `CAST(${x} AS numeric)` : x}) AS double precision)`,
  },
  floor: { takes: [numbers], returns: 'number', sql: (_, x) => `CAST(floor(${x}) AS double precision)` },
  ceiling: { takes: [numbers], returns: 'number', sql: (_, x) => `CAST(ceil(${x}) AS double precision)` },
};

function joined(operator: 'and' | 'or', terms: readonly Expression[], sqlOf: (term: Expression) => string): string {
  return `(${terms.map(sqlOf).join(operator === 'and' ? ' AND ' : ' OR ')})`;
}

/** A condition with a value in place of unknown. */
function decided(sql: string, mayBeUnknown: boolean, value: 'TRUE' | 'FALSE' = 'FALSE'): string {
  return mayBeUnknown ? `COALESCE(${sql}, ${value})` : sql;
}

/** Compiles expressions over given columns into SQL of one engine. */
export class Compiler {
  readonly #parameters: Parameters;
  readonly #columns: ColumnTypes;
  constructor(parameters: Parameters, columns: ColumnTypes) {
    this.#parameters = parameters;
    this.#columns = columns;
  }

  /**
   * A condition: it holds where the expression is true. Where that is false the engine may find it unknown, which lets it use
   * indexes and pass over blocks of rows.
   *
   * @throws QueryError for unknown columns, and for types that do not fit
   */
  condition(expression: Expression): string {
    switch (expression.kind) {
      case 'and':
      case 'or':
        return joined(expression.kind, expression.terms, (term) => this.condition(term));
      case 'compare': {
        const { op, left, right } = expression;
        // Beside a value they are true alike, and engines find rows by an index with this one alone.
        const isPlain = op === 'eq' && [left, right].some((side) => side.kind === 'literal' && !isNull(side));
        return this.#comparison(expression, isPlain ? '=' : undefined);
      }
      case 'in':
        return this.#found(expression);
      default:
        return this.#boolean(expression);
    }
  }

  /**
   * A value, in the logic of OData (URL Conventions, 5.1.1.1): comparisons with null are true or false, never unknown; `not`, `and`
   * and `or` of null are null where the other terms don't decide.
   *
   * @throws QueryError
   */
  value(expression: Expression): Compiled {
    switch (expression.kind) {
      case 'column':
        return this.#column(expression.name);
      case 'literal':
        return this.#literal(expression);
      case 'compare': {
        const isTotal = expression.op === 'eq' || expression.op === 'ne';
        return { sql: decided(this.#comparison(expression), !isTotal), type: 'boolean' };
      }
      case 'arithmetic':
        return this.#arithmetic(expression);
      case 'and':
      case 'or': {
        const sql = joined(expression.kind, expression.terms, (term) => this.#boolean(term));
        return { sql, type: 'boolean' };
      }
      case 'not':
        return { sql: `(NOT ${this.#boolean(expression.term)})`, type: 'boolean' };
      case 'in':
        return { sql: decided(this.#found(expression), true), type: 'boolean' };
      case 'call':
        return this.#call(expression);
    }
  }

  #column(name: string): Compiled {
    const type = this.#columns.get(name);
    if (type === undefined) throw new QueryError(`There is no column ${name.slice(0, 64)}.`);
    return { sql: quoted(name), type };
  }

  #literal({ type, value }: ExpressionOf<'literal'>): Compiled {
    return type === 'null' ? { sql: 'NULL', type } : { sql: this.#parameters.bind(value, type), type };
  }

  #boolean(expression: Expression): string {
    const { sql, type } = this.value(expression);
    if (type === 'null') return `CAST(NULL AS ${sqlType(this.#parameters.engine, 'boolean')})`;
    if (type !== 'boolean') throw new QueryError('A filter must be a condition.');
    return sql;
  }

  #comparison({ op, left, right }: ExpressionOf<'compare'>, operator: string = sqlOperators[op]): string {
    const [one, other] = aligned(this.#parameters.engine, this.value(left), this.value(right));
    return `(${one} ${operator} ${other})`;
  }

  #arithmetic({ op, left, right }: ExpressionOf<'arithmetic'>): Compiled {
    const [one, other] = [this.value(left), this.value(right)];
    if (![one, other].every(({ type }) => isNumeric(type) || type === 'null'))
      throw new QueryError(`${op} takes numbers.`);
    const isWhole = op !== 'divby' && [one, other].every(({ type }) => type === 'integer');
    const real = ({ sql }: Compiled): string => `CAST(${sql} AS double precision)`;
    const [x, y] = isWhole ? [one.sql, other.sql] : [real(one), real(other)];
    const type = isWhole ? 'integer' : 'number';
    const divided = isWhole && this.#parameters.engine === 'duckdb' ? '//' : '/';
    // Postgres has no remainder of double precision.
    if (op === 'mod' && !isWhole && this.#parameters.engine === 'postgres')
      return { sql: `CAST(CAST(${x} AS numeric) % NULLIF(CAST(${y} AS numeric), 0) AS double precision)`, type };
    const operator = { add: '+', sub: '-', mul: '*', div: divided, divby: '/', mod: '%' }[op];
    // Nothing is divided by 0: the value is null.
    const divisor = op === 'div' || op === 'divby' || op === 'mod' ? `NULLIF(${y}, 0)` : y;
    return { sql: `(${x} ${operator} ${divisor})`, type };
  }

  /** Whether a value is in a list. It is unknown where it is null, and the list has no null. */
  #found({ value, list }: ExpressionOf<'in'>): string {
    if (list.length === 0) return 'FALSE';
    const one = this.value(value);
    const besideOne = (element: Expression) => aligned(this.#parameters.engine, one, this.value(element));
    if (list.some(({ kind }) => kind !== 'literal')) {
      if (value.kind !== 'column')
        throw new QueryError('in takes literals, or other values behind a column.', 'UNSUPPORTED');
      return `(${list.map((element) => besideOne(element).join(` ${sqlOperators.eq} `)).join(' OR ')})`;
    }
    const given = list.filter((element) => !isNull(element)).map(besideOne);
    if (given.length === 0) return `(${one.sql} IS NULL)`;
    const found = `(${given[0]?.[0]} IN (${given.map(([, sql]) => sql).join(', ')}))`;
    // Of the value alone it can be unknown: written twice, values within values would double with each level.
    return decided(found, given.length < list.length, 'TRUE');
  }

  #call({ name, arguments: given }: ExpressionOf<'call'>): Compiled {
    const { takes, optional = 0, returns, sql } = functions[name];
    if (given.length > takes.length || given.length < takes.length - optional)
      throw new QueryError(`${name} takes ${takes.length - optional} values.`);
    const values = given.map((argument, index) => {
      const compiled = this.value(argument);
      if (compiled.type !== 'null' && takes[index]?.includes(compiled.type) !== true)
        throw new QueryError(`${name} does not take a value of the type ${compiled.type}.`);
      return compiled;
    });
    const { engine } = this.#parameters;
    const type = returns === 'same' ? (values[0]?.type ?? 'null') : returns;
    return { sql: sql(engine, ...values.map((value) => inUtc(engine, value))), type };
  }
}
