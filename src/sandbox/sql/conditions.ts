import { exposureOf } from './lineage.ts';
import type { Surroundings } from './lineage.ts';
import { BadStatement } from './errors.ts';
import { spellings } from './functions.ts';
import { checkNarrowing, misusedIdentifier } from './rules.ts';
import { findColumn, isSame, together } from './scope.ts';
import type { Exposure, Origin } from './scope.ts';
import { existing, partsOf } from './ast.ts';
import type { Expression, Join } from './ast.ts';

export interface Purpose {
  readonly isAggregated: boolean;
  readonly isLookup: boolean;
}

/** Holds the conditions of a SELECT against the rules. True when they narrow it by a protected column. */
export function checkConditions(
  joins: readonly Join[],
  where: Expression | null,
  surroundings: Surroundings,
  purpose: Purpose,
): boolean {
  const using = joins.flatMap(({ using_columns: names }) => names);
  const narrowedByUsing = using.map((name) => checkUsing(name, surroundings, purpose));
  const conditions = existing(...joins.map(({ condition }) => condition), where);
  const narrowed = conditions.map((condition) => checkCondition(condition, surroundings, purpose));
  return [...narrowedByUsing, ...narrowed].some(Boolean);
}

function checkUsing(name: string, { scope }: Surroundings, { isAggregated }: Purpose): boolean {
  const columns = scope.sources.flatMap((source) => source.columns.filter((column) => isSame(column.name, name)));
  if (columns.length < 2) throw new BadStatement(`USING (${name}): there is no such column on both sides`);
  const exposures = columns.map(({ exposure }) => exposure);
  return exposures.every(isIdentifier) ? false : checkNarrowing(together(exposures), isAggregated);
}

function checkCondition(condition: Expression, surroundings: Surroundings, purpose: Purpose): boolean {
  const isPart = (part: Expression): boolean => checkCondition(part, surroundings, purpose);
  const told = (part: Expression): Exposure => exposureOf(part, surroundings);
  switch (condition.class) {
    case 'CONJUNCTION':
      return condition.children.map(isPart).some(Boolean);
    case 'OPERATOR': {
      if (condition.type === 'OPERATOR_NOT') return condition.children.map(isPart).some(Boolean);
      const [first, ...others] = condition.children;
      const identifier = first && identifierOf(first, surroundings);
      if (identifier && isNullTest(condition.type)) return false;
      if (identifier && condition.type === 'COMPARE_IN' && isAskedFor(others, purpose)) return false;
      break;
    }
    case 'COMPARISON': {
      const sides = [condition.left, condition.right];
      const identifiers = sides.map((side) => identifierOf(side, surroundings)).filter((found) => found !== undefined);
      if (condition.type !== 'COMPARE_EQUAL') break;
      if (identifiers.length === 2) return false;
      if (
        identifiers.length === 1 &&
        isAskedFor(
          sides.filter((side) => side.class === 'CONSTANT'),
          purpose,
        )
      )
        return false;
      break;
    }
    case 'SUBQUERY': {
      if (condition.subquery_type !== 'ANY' || !condition.child) break;
      const identifier = identifierOf(condition.child, surroundings);
      if (!identifier) break;
      const [answer] = surroundings.query(condition.subquery.node);
      if (condition.comparison_type !== 'COMPARE_EQUAL' || !answer || !isIdentifier(answer.exposure)) {
        throw misusedIdentifier(identifier);
      }
      return false;
    }
    default:
      break;
  }
  return checkNarrowing(told(condition), purpose.isAggregated);
}

/**
 * Whether FROM reads one row for each record: datasets only, joined on their identifiers. Otherwise one record could be
 * given so much weight that a sum tells of it.
 */
export function readsSingleRecords(
  joins: readonly Join[],
  where: Expression | null,
  surroundings: Surroundings,
): boolean {
  const { sources } = surroundings.scope;
  const links = [
    ...joins.flatMap((join) => join.using_columns.map((name) => linkOfUsing(name, surroundings))),
    ...existing(...joins.map(({ condition }) => condition), where).flatMap((each) => linksOf(each, surroundings)),
  ];
  const joined = new Set(sources.slice(0, 1).map(({ key }) => key));
  for (let before = 0; before < joined.size;) {
    before = joined.size;
    for (const link of links) if (link.some((key) => joined.has(key))) for (const key of link) joined.add(key);
  }
  return sources.every(({ key, isDataset }) => isDataset && joined.has(key));
}

/** Sources that a condition joins on their identifiers, whatever else it says. */
function linksOf(condition: Expression, surroundings: Surroundings): readonly (readonly string[])[] {
  if (condition.class === 'CONJUNCTION' && condition.type === 'CONJUNCTION_AND') {
    return condition.children.flatMap((child) => linksOf(child, surroundings));
  }
  if (condition.class !== 'COMPARISON' || condition.type !== 'COMPARE_EQUAL') return [];
  const sides = [condition.left, condition.right];
  if (!sides.every((side) => identifierOf(side, surroundings))) return [];
  return [sides.flatMap((side) => keyOf(side, surroundings))];
}

function linkOfUsing(name: string, { scope }: Surroundings): readonly string[] {
  return scope.sources
    .filter(({ columns }) => columns.some((column) => isSame(column.name, name) && isIdentifier(column.exposure)))
    .map(({ key }) => key);
}

/** The source of an identifier, however it is spelt. */
function keyOf(expression: Expression, surroundings: Surroundings): readonly string[] {
  if (expression.class !== 'COLUMN_REF') return partsOf(expression).flatMap((part) => keyOf(part, surroundings));
  const found = findColumn(expression.column_names, surroundings.scope);
  return found && !found.isOuter ? [found.source.key] : [];
}

function isNullTest(type: string): boolean {
  return type === 'OPERATOR_IS_NULL' || type === 'OPERATOR_IS_NOT_NULL';
}

/** A private lookup asks for one or more identifiers by value. */
function isAskedFor(values: readonly Expression[], { isLookup }: Purpose): boolean {
  return isLookup && values.length > 0 && values.every(({ class: kind }) => kind === 'CONSTANT');
}

function isIdentifier({ bare }: Exposure): boolean {
  return bare?.privacy === 'UNIQUE_ID';
}

/** The identifier that an expression is, however it is spelt. */
function identifierOf(expression: Expression, surroundings: Surroundings): Origin | undefined {
  switch (expression.class) {
    case 'COLUMN_REF': {
      const { bare } = exposureOf(expression, surroundings);
      return bare?.privacy === 'UNIQUE_ID' ? bare : undefined;
    }
    case 'CAST':
    case 'COLLATE':
      return identifierOf(expression.child, surroundings);
    case 'FUNCTION': {
      const [first, ...others] = expression.children;
      const isSpelling = spellings.has(expression.function_name) && others.length === 0;
      return isSpelling && first ? identifierOf(first, surroundings) : undefined;
    }
    default:
      return undefined;
  }
}
