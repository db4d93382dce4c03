import type { ColumnType, Value } from '../model/types.ts';

/** Functions that filters may call. */
export const functionNames = [
  'contains',
  'startswith',
  'endswith',
  'tolower',
  'toupper',
  'trim',
  'concat',
  'length',
  'indexof',
  'substring',
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'date',
  'round',
  'floor',
  'ceiling',
] as const;

export type FunctionName = (typeof functionNames)[number];

export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';
export type Arithmetic = 'add' | 'sub' | 'mul' | 'div' | 'divby' | 'mod';

/** A condition or a value over the columns of a row. */
export type Expression =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'literal'; readonly type: ColumnType | 'null'; readonly value: Value }
  | { readonly kind: 'compare'; readonly op: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'arithmetic'; readonly op: Arithmetic; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Expression[] }
  | { readonly kind: 'not'; readonly term: Expression }
  | { readonly kind: 'in'; readonly value: Expression; readonly list: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly arguments: readonly Expression[] };

/** A reader asked for something that is not there or does not fit. The text says what, without the values. */
export class QueryError extends Error {
  /**
   * `UNSUPPORTED` names an option that exists in the protocol and not here; `GONE` a walk whose snapshot is no longer kept;
   * `LIMIT` a query that takes more time, memory or rows than one may.
   */
  readonly reason: 'INVALID' | 'UNSUPPORTED' | 'GONE' | 'LIMIT';
  constructor(message: string, reason: QueryError['reason'] = 'INVALID') {
    super(message);
    this.name = 'QueryError';
    this.reason = reason;
  }
}

/** Whether the engine may fail to compute it for the values of some row: a number may leave its range. */
export function mayFail(expression: Expression): boolean {
  switch (expression.kind) {
    case 'column':
    case 'literal':
      return false;
    case 'arithmetic':
      return true;
    case 'compare':
      return mayFail(expression.left) || mayFail(expression.right);
    case 'and':
    case 'or':
      return expression.terms.some(mayFail);
    case 'not':
      return mayFail(expression.term);
    case 'in':
      return mayFail(expression.value) || expression.list.some(mayFail);
    case 'call':
      return expression.name === 'substring' || expression.arguments.some(mayFail);
  }
}

/** The engine could not compute an expression for the values of a row. */
export function outOfRange(): QueryError {
  return new QueryError('An expression leaves the range of numbers, or takes a part of a text that is not there.');
}

/** All of the conditions; undefined where there are none. */
export function allOf(conditions: readonly (Expression | undefined)[]): Expression | undefined {
  const terms = conditions.filter((condition) => condition !== undefined);
  return terms.length > 1 ? { kind: 'and', terms } : terms[0];
}

/** A column compared with a value of its type. */
export function compare(op: Comparison, name: string, type: ColumnType, value: Value): Expression {
  return { kind: 'compare', op, left: { kind: 'column', name }, right: { kind: 'literal', type, value } };
}
