import { isLosslessNumber } from 'lossless-json';
import { present } from './ast.ts';
import type { Expression, FunctionCall } from './ast.ts';

/** Operators that the parser names differently. */
const operators: Readonly<Record<string, string>> = {
  '~~': 'LIKE',
  '!~~': 'NOT LIKE',
  '~~*': 'ILIKE',
  '!~~*': 'NOT ILIKE',
};

/**
 * Name of a result column without an alias: the expression in upper case, without quotes, for example `COUNT(*)` and
 * `AVG(T.BALANCE)`.
 */
export function columnNameOf(expression: Expression): string {
  return written(expression).toUpperCase();
}

function written(expression: Expression): string {
  switch (expression.class) {
    case 'COLUMN_REF':
      return expression.column_names.join('.');
    case 'CONSTANT':
      return constant(expression);
    case 'FUNCTION':
      return functionCall(expression);
    case 'CAST':
      return cast(expression);
    case 'COLLATE':
      return written(expression.child);
    case 'COMPARISON':
      return `${written(expression.left)} ${comparisons[expression.type] ?? '='} ${written(expression.right)}`;
    case 'CONJUNCTION':
      return expression.children.map(written).join(expression.type === 'CONJUNCTION_OR' ? ' OR ' : ' AND ');
    case 'OPERATOR':
      return operator(expression.type, expression.children.map(written));
    case 'BETWEEN':
      return `${written(expression.input)} BETWEEN ${written(expression.lower)} AND ${written(expression.upper)}`;
    case 'WINDOW':
      return `${expression.function_name}(${[...expression.children, ...present(expression.offset_expr, expression.default_expr)].map(written).join(', ')}) OVER`;
    case 'CASE':
      return 'CASE';
    case 'SUBQUERY':
      return 'SUBQUERY';
    default:
      return 'EXPR';
  }
}

const comparisons: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: '=',
  COMPARE_NOTEQUAL: '<>',
  COMPARE_LESSTHAN: '<',
  COMPARE_GREATERTHAN: '>',
  COMPARE_LESSTHANOREQUALTO: '<=',
  COMPARE_GREATERTHANOREQUALTO: '>=',
  COMPARE_DISTINCT_FROM: 'IS DISTINCT FROM',
  COMPARE_NOT_DISTINCT_FROM: 'IS NOT DISTINCT FROM',
};

function operator(type: string, parts: readonly string[]): string {
  const [first = '', ...others] = parts;
  switch (type) {
    case 'OPERATOR_IS_NULL':
      return `${first} IS NULL`;
    case 'OPERATOR_IS_NOT_NULL':
      return `${first} IS NOT NULL`;
    case 'OPERATOR_NOT':
      return `NOT ${first}`;
    case 'COMPARE_IN':
      return `${first} IN (${others.join(', ')})`;
    case 'COMPARE_NOT_IN':
      return `${first} NOT IN (${others.join(', ')})`;
    default:
      return `${type.replace(/^OPERATOR_/, '')}(${parts.join(', ')})`;
  }
}

function functionCall(call: FunctionCall): string {
  const { function_name: name, children, distinct, is_operator: isOperator, filter } = call;
  const parts = children.map(written);
  if (isOperator) {
    const sign = operators[name] ?? name;
    return parts.length === 1 ? `${sign}${parts[0] ?? ''}` : parts.join(` ${sign} `);
  }
  const condition = filter ? ` FILTER (WHERE ${written(filter)})` : '';
  if (name === 'count_star') return `COUNT(*)${condition}`;
  return interval(call) ?? `${name}(${distinct ? 'DISTINCT ' : ''}${parts.join(', ')})${condition}`;
}

/** `INTERVAL 5 MONTH`: the parser makes `to_months(CAST(trunc(CAST(5 AS DOUBLE)) AS INTEGER))` of it. */
function interval({ function_name: name, children: [rounded] }: FunctionCall): string | undefined {
  const unit = /^to_(\w+)s$/.exec(name)?.[1];
  const truncated = rounded?.class === 'CAST' ? rounded.child : undefined;
  if (unit === undefined || truncated?.class !== 'FUNCTION' || truncated.function_name !== 'trunc') return undefined;
  const [quantity] = truncated.children;
  return quantity?.class === 'CAST' ? `INTERVAL ${written(quantity.child)} ${unit}` : undefined;
}

function cast({ child, cast_type: type, try_cast: isTry }: Expression & { readonly class: 'CAST' }): string {
  const value = written(child);
  // TRUE and FALSE, as the parser has them.
  if (type.id === 'BOOLEAN' && value === "'t'") return 'TRUE';
  if (type.id === 'BOOLEAN' && value === "'f'") return 'FALSE';
  const named = type.type_info?.name;
  return `${isTry ? 'TRY_CAST' : 'CAST'}(${value} AS ${typeof named === 'string' ? named : type.id})`;
}

function constant({ value }: Expression & { readonly class: 'CONSTANT' }): string {
  if (value.is_null) return 'NULL';
  if (typeof value.value === 'string') return `'${value.value}'`;
  const digits = digitsOf(value.value);
  const scale = value.type.id === 'DECIMAL' ? Number(value.type.type_info?.scale) : 0;
  if (scale === 0) return digits;
  const padded = digits.padStart(scale + 1, '0');
  return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** More than 64 bits come in two halves. */
function digitsOf(number: unknown): string {
  if (isLosslessNumber(number)) return number.value;
  if (typeof number !== 'object' || number === null) return String(number);
  const { upper, lower } = number as { readonly upper: unknown; readonly lower: unknown };
  return String((BigInt(digitsOf(upper)) << 64n) + BigInt(digitsOf(lower)));
}
