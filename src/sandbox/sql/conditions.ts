import { equalsIgnoreCase } from '../model/names.ts';
import { lineageOf } from './lineage.ts';
import type { SelectContext } from './lineage.ts';
import { StatementError } from './errors.ts';
import { identifierFunctions } from './functions.ts';
import { checkFilter, identifierError } from './rules.ts';
import { findColumn, mergeLineage } from './scope.ts';
import type { Lineage, SourceColumn } from './scope.ts';
import { present, childrenOf } from './ast.ts';
import type { Expression, Join } from './ast.ts';

export interface Purpose {
  readonly isAggregated: boolean;
  readonly isLookup: boolean;
}

/** Checks the conditions of a SELECT. True when they filter by a protected column. */
export function checkConditions(
  joins: readonly Join[],
  where: Expression | null,
  context: SelectContext,
  purpose: Purpose,
): boolean {
  const using = joins.flatMap(({ using_columns: names }) => names);
  const filtersByUsing = using.map((name) => checkUsing(name, context, purpose));
  const conditions = present(...joins.map(({ condition }) => condition), where);
  const filters = conditions.map((condition) => checkCondition(condition, context, purpose));
  return [...filtersByUsing, ...filters].some(Boolean);
}

function checkUsing(name: string, { scope }: SelectContext, { isAggregated }: Purpose): boolean {
  const columns = scope.sources.flatMap((source) =>
    source.columns.filter((column) => equalsIgnoreCase(column.name, name)),
  );
  if (columns.length < 2) throw new StatementError(`USING (${name}): there is no such column on both sides`);
  const lineages = columns.map(({ lineage }) => lineage);
  return lineages.every(isIdentifier) ? false : checkFilter(mergeLineage(lineages), isAggregated);
}

function checkCondition(condition: Expression, context: SelectContext, purpose: Purpose): boolean {
  const isPart = (part: Expression): boolean => checkCondition(part, context, purpose);
  const lineageIn = (part: Expression): Lineage => lineageOf(part, context);
  switch (condition.class) {
    case 'CONJUNCTION':
      return condition.children.map(isPart).some(Boolean);
    case 'OPERATOR': {
      if (condition.type === 'OPERATOR_NOT') return condition.children.map(isPart).some(Boolean);
      const [first, ...others] = condition.children;
      const identifier = first && identifierOf(first, context);
      if (identifier && isNullTest(condition.type)) return false;
      if (identifier && condition.type === 'COMPARE_IN' && isLookupCondition(others, purpose)) return false;
      break;
    }
    case 'COMPARISON': {
      const sides = [condition.left, condition.right];
      const identifiers = sides.map((side) => identifierOf(side, context)).filter((found) => found !== undefined);
      if (condition.type !== 'COMPARE_EQUAL') break;
      if (identifiers.length === 2) return false;
      if (
        identifiers.length === 1 &&
        isLookupCondition(
          sides.filter((side) => side.class === 'CONSTANT'),
          purpose,
        )
      )
        return false;
      break;
    }
    case 'SUBQUERY': {
      if (condition.subquery_type !== 'ANY' || !condition.child) break;
      const identifier = identifierOf(condition.child, context);
      if (!identifier) break;
      const [answer] = context.query(condition.subquery.node);
      if (condition.comparison_type !== 'COMPARE_EQUAL' || !answer || !isIdentifier(answer.lineage)) {
        throw identifierError(identifier);
      }
      return false;
    }
    default:
      break;
  }
  return checkFilter(lineageIn(condition), purpose.isAggregated);
}

/**
 * True when FROM reads one row per record: datasets only, joined on identifiers. Otherwise a sum could weigh one record
 * so much that it is revealed.
 */
export function readsSingleRecords(joins: readonly Join[], where: Expression | null, context: SelectContext): boolean {
  const { sources } = context.scope;
  const links = [
    ...joins.flatMap((join) => join.using_columns.map((name) => linkOfUsing(name, context))),
    ...present(...joins.map(({ condition }) => condition), where).flatMap((each) => linksOf(each, context)),
  ];
  const joined = new Set(sources.slice(0, 1).map(({ key }) => key));
  for (let before = 0; before < joined.size;) {
    before = joined.size;
    for (const link of links) if (link.some((key) => joined.has(key))) for (const key of link) joined.add(key);
  }
  return sources.every(({ key, isDataset }) => isDataset && joined.has(key));
}

/** Sources that a condition joins on identifiers. */
function linksOf(condition: Expression, context: SelectContext): readonly (readonly string[])[] {
  if (condition.class === 'CONJUNCTION' && condition.type === 'CONJUNCTION_AND') {
    return condition.children.flatMap((child) => linksOf(child, context));
  }
  if (condition.class !== 'COMPARISON' || condition.type !== 'COMPARE_EQUAL') return [];
  const sides = [condition.left, condition.right];
  if (!sides.every((side) => identifierOf(side, context))) return [];
  return [sides.flatMap((side) => keyOf(side, context))];
}

function linkOfUsing(name: string, { scope }: SelectContext): readonly string[] {
  return scope.sources
    .filter(({ columns }) =>
      columns.some((column) => equalsIgnoreCase(column.name, name) && isIdentifier(column.lineage)),
    )
    .map(({ key }) => key);
}

function keyOf(expression: Expression, context: SelectContext): readonly string[] {
  if (expression.class !== 'COLUMN_REF') return childrenOf(expression).flatMap((part) => keyOf(part, context));
  const found = findColumn(expression.column_names, context.scope);
  return found && !found.isOuter ? [found.source.key] : [];
}

function isNullTest(type: string): boolean {
  return type === 'OPERATOR_IS_NULL' || type === 'OPERATOR_IS_NOT_NULL';
}

/** A private lookup compares identifiers with values. */
function isLookupCondition(values: readonly Expression[], { isLookup }: Purpose): boolean {
  return isLookup && values.length > 0 && values.every(({ class: kind }) => kind === 'CONSTANT');
}

function isIdentifier({ direct }: Lineage): boolean {
  return direct?.privacy === 'UNIQUE_ID';
}

/** The identifier that an expression is, ignoring casts and case functions. */
function identifierOf(expression: Expression, context: SelectContext): SourceColumn | undefined {
  switch (expression.class) {
    case 'COLUMN_REF': {
      const { direct } = lineageOf(expression, context);
      return direct?.privacy === 'UNIQUE_ID' ? direct : undefined;
    }
    case 'CAST':
    case 'COLLATE':
      return identifierOf(expression.child, context);
    case 'FUNCTION': {
      const [first, ...others] = expression.children;
      const isSpelling = identifierFunctions.has(expression.function_name) && others.length === 0;
      return isSpelling && first ? identifierOf(first, context) : undefined;
    }
    default:
      return undefined;
  }
}
