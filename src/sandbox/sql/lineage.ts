import { givenName } from './rowId.ts';
import { equalsIgnoreCase } from '../model/names.ts';
import { StatementError, PrivacyError } from './errors.ts';
import {
  arithmeticOperators,
  isAggregate,
  isOffered,
  statisticalAggregates,
  revealingAggregates,
} from './functions.ts';
import { isProtected, identifierError, nameOf } from './rules.ts';
import { callLength, constantLength } from './textLength.ts';
import { findColumn, noLineage, mergeLineage } from './scope.ts';
import type { Lineage, OutputColumn, Scope } from './scope.ts';
import { present, childrenOf } from './ast.ts';
import type { ColumnReference, Expression, FunctionCall, QueryNode, Subquery } from './ast.ts';

/** Context of an expression. */
export interface SelectContext {
  readonly scope: Scope;
  /** The select list, for its aliases. */
  readonly aliases: readonly Expression[];
  /** True where aliases hide columns of the same name. */
  readonly aliasesFirst?: boolean;
  /** True when the SELECT filters by a protected column. */
  readonly isFiltered: boolean;
  /** Throws unless FROM reads one row per record. */
  readonly requireSingleRecords: () => void;
  /** Checks a subquery. */
  readonly query: (node: QueryNode) => readonly OutputColumn[];
}

/** True when an expression aggregates its SELECT's rows; windows and subqueries have their own. */
export function hasAggregate(expression: Expression): boolean {
  return (
    (expression.class === 'FUNCTION' && isAggregate(expression.function_name)) ||
    childrenOf(expression).some(hasAggregate)
  );
}

/** The columns that an expression's value derives from. */
export function lineageOf(expression: Expression, context: SelectContext): Lineage {
  switch (expression.class) {
    case 'CONSTANT':
      return { ...noLineage, length: constantLength(expression.value) };
    case 'COLUMN_REF':
      return columnLineage(expression, context);
    case 'FUNCTION':
      return functionLineage(expression, context);
    case 'SUBQUERY':
      return subqueryLineage(expression, context);
    case 'WINDOW':
      requireOffered(expression.function_name);
      return mergeLineage(childrenOf(expression).map((part) => lineageOf(part, context)));
    case 'OPERATOR':
    case 'CONJUNCTION':
    case 'COMPARISON':
    case 'BETWEEN':
    case 'CASE':
    case 'CAST':
    case 'COLLATE':
      return mergeLineage(childrenOf(expression).map((part) => lineageOf(part, context)));
    case 'STAR':
      throw new StatementError('* stands in a select list or in COUNT(*) only');
    default:
      // The grammar has more node types than ours.
      throw new StatementError(`${(expression as { type: string }).type.toLowerCase()} is not offered`);
  }
}

function columnLineage(reference: ColumnReference, context: SelectContext): Lineage {
  const names = reference.column_names;
  const [name = ''] = names;
  const alias = names.length === 1 ? context.aliases.find((item) => equalsIgnoreCase(item.alias, name)) : undefined;
  const ofAlias = (): Lineage | undefined =>
    // An alias is not visible in itself.
    alias &&
    lineageOf(alias, {
      ...context,
      aliases: context.aliases.filter((item) => item !== alias),
      aliasesFirst: false,
    });
  if (context.aliasesFirst) {
    const aliased = ofAlias();
    if (aliased) return aliased;
  }
  const found = findColumn(names, context.scope);
  if (!found) {
    const aliased = ofAlias();
    if (aliased) return aliased;
    throw new StatementError(`there is no column ${names.map(givenName).join('.')} in the tables of FROM`);
  }
  const { source, column, isOuter } = found;
  if (names.length > 1) reference.column_names = [source.key, names.at(-1) ?? ''];
  const secret = [...column.lineage.origins].find(isProtected);
  if (isOuter && secret) {
    throw new PrivacyError(`column ${nameOf(secret)} can't be spoken of in a subquery of the SELECT that reads it`);
  }
  return column.lineage;
}

function functionLineage(call: FunctionCall, context: SelectContext): Lineage {
  const { function_name: name } = call;
  requireOffered(name);
  // Aggregates read columns, not aliases.
  const within = isAggregate(name) ? { ...context, aliasesFirst: false } : context;
  const parts = childrenOf(call);
  const lineages = parts.map((part) => lineageOf(part, within));
  const length = callLength(
    call,
    lineages.map((lineage) => lineage.length),
  );
  const merged = { ...mergeLineage(lineages), length };
  if (revealingAggregates.has(name) && context.isFiltered && merged.origins.size > 0) {
    throw new PrivacyError(
      `${name.toUpperCase()} tells of one record, which a SELECT narrowed by a SENSITIVE column must not`,
    );
  }
  if (!statisticalAggregates.has(name)) return merged;

  for (const origin of merged.origins) {
    const isCounted = name === 'count' && lineages.every(({ direct }) => direct === origin);
    if (origin.privacy === 'UNIQUE_ID' && !isCounted) throw identifierError(origin);
  }
  const secret = [...merged.origins].find(isProtected);
  if (secret) context.requireSingleRecords();
  const isCalculated = call.children.every((child) => isCalculation(child, context.scope));
  if ((secret || context.isFiltered) && (call.filter || !isCalculated)) {
    const reason = secret ? `column ${nameOf(secret)} is protected` : 'the SELECT is narrowed by a SENSITIVE column';
    throw new PrivacyError(
      `${reason}: ${name.toUpperCase()} may be over columns and calculations (+ - * /) only, without conditions that single out records`,
    );
  }
  return noLineage;
}

/** True for columns, constants and arithmetic: every record of a group contributes. */
function isCalculation(expression: Expression, scope: Scope): boolean {
  switch (expression.class) {
    case 'CONSTANT':
      return true;
    case 'COLUMN_REF':
      return findColumn(expression.column_names, scope) !== undefined;
    case 'CAST':
      return (
        expression.child.class !== 'FUNCTION' &&
        isCalculation(expression.child, scope) &&
        isFloatType(expression.cast_type.id)
      );
    case 'FUNCTION':
      return (
        arithmeticOperators.has(expression.function_name) &&
        expression.children.every((child) => isCalculation(child, scope))
      );
    default:
      return false;
  }
}

/** Rounding would single out records as a condition does. */
function isFloatType(type: string): boolean {
  return type === 'DOUBLE' || type === 'FLOAT';
}

function subqueryLineage({ subquery, subquery_type: type, child }: Subquery, context: SelectContext): Lineage {
  const outputs = context.query(subquery.node);
  // EXISTS discloses no more than its conditions, which are checked.
  const answer = type === 'SCALAR' || type === 'ANY' ? outputs.map(({ lineage }) => lineage) : [];
  return mergeLineage([...answer, ...present(child).map((part) => lineageOf(part, context))]);
}

function requireOffered(name: string): void {
  if (!isOffered(name)) throw new StatementError(`function ${name} is not offered`);
}
