import { BadStatement, PrivacyRefusal } from './errors.ts';
import { arithmetics, isAggregate, isOffered, protectingAggregates, tellingAggregates } from './functions.ts';
import { isProtected, misusedIdentifier, nameOf } from './rules.ts';
import { findColumn, isSame, nothing, together } from './scope.ts';
import type { Exposure, OutputColumn, Scope } from './scope.ts';
import { existing, partsOf } from './ast.ts';
import type { ColumnReference, Expression, FunctionCall, QueryNode, Subquery } from './ast.ts';

/** What stands around an expression. */
export interface Surroundings {
  readonly scope: Scope;
  /** The select list, whose aliases may be spoken of. */
  readonly aliases: readonly Expression[];
  /** Whether an alias goes before a column of the same name. */
  readonly aliasesFirst?: boolean;
  /** A condition on a protected column holds for what is told. */
  readonly isNarrowed: boolean;
  /** Refuses to go on where what FROM reads is more than one row for each record. */
  readonly requireSingleRecords: () => void;
  /** Holds a subquery against the rules. */
  readonly query: (node: QueryNode) => readonly OutputColumn[];
}

/** Whether an expression aggregates what its SELECT reads; windows and subqueries have rows of their own. */
export function hasAggregate(expression: Expression): boolean {
  return (
    (expression.class === 'FUNCTION' && isAggregate(expression.function_name)) || partsOf(expression).some(hasAggregate)
  );
}

/** What the value of an expression tells of the columns it is made of. */
export function exposureOf(expression: Expression, surroundings: Surroundings): Exposure {
  switch (expression.class) {
    case 'CONSTANT':
      return nothing;
    case 'COLUMN_REF':
      return columnExposure(expression, surroundings);
    case 'FUNCTION':
      return functionExposure(expression, surroundings);
    case 'SUBQUERY':
      return subqueryExposure(expression, surroundings);
    case 'WINDOW':
      requireOffered(expression.function_name);
      return together(partsOf(expression).map((part) => exposureOf(part, surroundings)));
    case 'OPERATOR':
    case 'CONJUNCTION':
    case 'COMPARISON':
    case 'BETWEEN':
    case 'CASE':
    case 'CAST':
    case 'COLLATE':
      return together(partsOf(expression).map((part) => exposureOf(part, surroundings)));
    case 'STAR':
      throw new BadStatement('* stands in a select list or in COUNT(*) only');
    default:
      // The engine's grammar has more than this one speaks of.
      throw new BadStatement(`${(expression as { type: string }).type.toLowerCase()} is not offered`);
  }
}

function columnExposure(reference: ColumnReference, surroundings: Surroundings): Exposure {
  const names = reference.column_names;
  const [name = ''] = names;
  const alias = names.length === 1 ? surroundings.aliases.find((item) => isSame(item.alias, name)) : undefined;
  const ofAlias = (): Exposure | undefined =>
    // An alias means nothing within itself.
    alias &&
    exposureOf(alias, {
      ...surroundings,
      aliases: surroundings.aliases.filter((item) => item !== alias),
      aliasesFirst: false,
    });
  if (surroundings.aliasesFirst) {
    const told = ofAlias();
    if (told) return told;
  }
  const found = findColumn(names, surroundings.scope);
  if (!found) {
    const told = ofAlias();
    if (told) return told;
    throw new BadStatement(`there is no column ${names.join('.')} in the tables of FROM`);
  }
  const { source, column, isOuter } = found;
  if (names.length > 1) reference.column_names = [source.key, names.at(-1) ?? ''];
  const told = [...column.exposure.origins].find(isProtected);
  if (isOuter && told) {
    throw new PrivacyRefusal(`column ${nameOf(told)} can't be spoken of in a subquery of the SELECT that reads it`);
  }
  return column.exposure;
}

function functionExposure(call: FunctionCall, surroundings: Surroundings): Exposure {
  const { function_name: name } = call;
  requireOffered(name);
  // What an aggregate is made of are columns.
  const within = isAggregate(name) ? { ...surroundings, aliasesFirst: false } : surroundings;
  const parts = partsOf(call);
  const exposures = parts.map((part) => exposureOf(part, within));
  const told = together(exposures);
  if (tellingAggregates.has(name) && surroundings.isNarrowed && told.origins.size > 0) {
    throw new PrivacyRefusal(
      `${name.toUpperCase()} tells of one record, which a SELECT narrowed by a SENSITIVE column must not`,
    );
  }
  if (!protectingAggregates.has(name)) return told;

  for (const origin of told.origins) {
    const isCounted = name === 'count' && exposures.every(({ bare }) => bare === origin);
    if (origin.privacy === 'UNIQUE_ID' && !isCounted) throw misusedIdentifier(origin);
  }
  const secret = [...told.origins].find(isProtected);
  if (secret) surroundings.requireSingleRecords();
  const isCalculated = call.children.every((child) => isCalculation(child, surroundings.scope));
  if ((secret || surroundings.isNarrowed) && (call.filter || !isCalculated)) {
    const reason = secret ? `column ${nameOf(secret)} is protected` : 'the SELECT is narrowed by a SENSITIVE column';
    throw new PrivacyRefusal(
      `${reason}: ${name.toUpperCase()} may be over columns and calculations (+ - * /) only, without conditions that single out records`,
    );
  }
  return nothing;
}

/** Columns and constants, and what is calculated of them: every record of a group takes its part. */
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
        isFine(expression.cast_type.id)
      );
    case 'FUNCTION':
      return (
        arithmetics.has(expression.function_name) && expression.children.every((child) => isCalculation(child, scope))
      );
    default:
      return false;
  }
}

/** Rounding would single out records as a condition does. */
function isFine(type: string): boolean {
  return type === 'DOUBLE' || type === 'FLOAT';
}

function subqueryExposure({ subquery, subquery_type: type, child }: Subquery, surroundings: Surroundings): Exposure {
  const outputs = surroundings.query(subquery.node);
  // EXISTS tells of nothing that its conditions were not allowed to.
  const answer = type === 'SCALAR' || type === 'ANY' ? outputs.map(({ exposure }) => exposure) : [];
  return together([...answer, ...existing(child).map((part) => exposureOf(part, surroundings))]);
}

function requireOffered(name: string): void {
  if (!isOffered(name)) throw new BadStatement(`function ${name} is not offered`);
}
