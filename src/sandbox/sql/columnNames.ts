import { isLosslessNumber } from 'lossless-json';
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
      return `CAST(${written(expression.child)} AS ${expression.cast_type.id})`;
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
      return `${expression.function_name}(${expression.children.map(written).join(', ')}) OVER`;
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

function functionCall({ function_name: name, children, distinct, is_operator: isOperator }: FunctionCall): string {
  if (name === 'count_star') return 'COUNT(*)';
  const parts = children.map(written);
  if (isOperator) {
    const sign = operators[name] ?? name;
    return parts.length === 1 ? `${sign}${parts[0] ?? ''}` : parts.join(` ${sign} `);
  }
  return `${name}(${distinct ? 'DISTINCT ' : ''}${parts.join(', ')})`;
}

function constant({ value }: Expression & { readonly class: 'CONSTANT' }): string {
  if (value.is_null) return 'NULL';
  if (typeof value.value === 'string') return `'${value.value}'`;
  const scale = value.type.type_info?.scale;
  const digits = isLosslessNumber(value.value) ? value.value.value : String(value.value);
  if (value.type.id === 'DECIMAL' && Number(scale) > 0) return String(Number(digits) / 10 ** Number(scale));
  return typeof value.value === 'object' && !isLosslessNumber(value.value) ? 'NUMBER' : digits;
}
