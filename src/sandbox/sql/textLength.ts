import { StatementError } from './errors.ts';
import { isAggregate } from './functions.ts';
import type { Constant, FunctionCall } from './ast.ts';

/** Functions build texts outside of the engine's memory limit, and can't be interrupted in one value. */
const maxLength = 10_000_000;
/** Characters of a value of a column, and values of an aggregate, at most. */
export const columnLength = 1000;
const recordsOfGroup = 3000;

/** Characters of a constant. */
export function constantLength({ value }: Constant): number {
  return typeof value === 'string' ? value.length : 40;
}

/**
 * The most characters that a call answers, from those of its arguments.
 *
 * @throws {StatementError} when they could be too many.
 */
export function callLength({ function_name: name, children }: FunctionCall, lengths: readonly number[]): number {
  const [text = 0, , replacement = 0] = lengths;
  const length =
    name === 'replace' || name === 'regexp_replace'
      ? text * (1 + replacement)
      : name === 'lpad' || name === 'rpad'
        ? paddedLength(name, children)
        : lengths.reduce((sum, each) => sum + each, 0) * (isAggregate(name) ? recordsOfGroup : 1);
  if (length > maxLength) {
    throw new StatementError(`${name.toUpperCase()} could answer texts of more than ${maxLength} characters`);
  }
  return length;
}

function paddedLength(name: string, [, length]: FunctionCall['children']): number {
  if (length?.class !== 'CONSTANT')
    throw new StatementError(`${name.toUpperCase()} takes its length as a plain number`);
  return Number(length.value.value);
}
