import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import { isInterfaceType, isObjectType, type GraphQLInterfaceType, type GraphQLSchema } from 'graphql';
import { agentCalls, spaceCalls } from '../upstream/generated/calls.ts';

const calls = { ...spaceCalls, ...agentCalls };

/** A call of either plane, by the contract's operation id. */
export type CallName = keyof typeof calls;

/**
 * What a call depends on, where arguments decide: that one of them is given, that all are left out, that the ids in one are of a kind
 * (of jobs, with the word for theirs, such as `Job/sql`), or that a list, which may be left out, has one of some values.
 */
export type ArgumentCondition =
  | { readonly given: string | readonly string[] }
  | { readonly omitted: string | readonly string[] }
  | { readonly idOf: string }
  | { readonly argument: string; readonly oneOf: readonly string[] };

/** What a call depends on, where TICS decides: in words that fit behind the call's name, "where its row does not tell". */
export type CallCondition = ArgumentCondition | string;

/** One upstream call that a field costs. */
export interface FieldCall {
  readonly call: CallName;
  /**
   * What one call answers: a page of 100 rows of one list, one object, everything asked for under one league or agent, or
   * everything asked for in the operation.
   */
  readonly per: 'operation' | 'league' | 'agent' | 'object' | 'page100';
  /** The list is read whole: one call for each 100 rows of it. Always so with `page100`. */
  readonly paged?: true;
  /** With `after` the list is read from the row before on, which is searched near its old place when it has moved. */
  readonly isAnchored?: true;
  /** Pages have numbers. With `after` the rows may begin in the middle of one, and take one page more. */
  readonly isNumbered?: true;
  /**
   * The argument whose values say which rows are shown: the others are left out here, and the list is read on until enough are
   * left, and to its end for `totalCount`.
   */
  readonly leavesOut?: string;
  /** Each agent of the league is asked. */
  readonly eachAgent?: true;
  /** The most calls for one of `per`. Lists that are searched end there. */
  readonly atMost?: number;
  /** All of these must hold. */
  readonly onlyWhen?: CallCondition | readonly CallCondition[];
}

/** Length of a list that is no connection: a number, or the argument whose items are answered one by one. */
export type ListSize = number | { readonly argument: string };

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Pothos takes the options of plugins from here.
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      calls: CallsPlugin<Types>;
    }
    interface FieldOptions {
      /** Upstream calls that the field costs. Its description is made from them. Left out: none. */
      calls?: readonly FieldCall[];
      /** Maximum number of objects in the field's list, where it is no connection and their fields cost calls. */
      listSize?: ListSize;
    }
  }
}

/** Pages of the longest search for one row. */
export const searchedPages = 20;

/** Calls of an anchored list that has moved: one that searches, and one that reads on. */
export const anchorCalls = 2;

/** Calls of a numbered list whose rows begin in the middle of a page. */
export const numberedCalls = 1;

/** Calls that are claimed for rows that are left out. A list with more of them claims each further page before it is sent. */
export const leftOutCalls = 1;

/** 12,000. Without Intl, whose data take a tenth of the start to load. */
function thousandsOf(count: number): string {
  return `${count}`.replace(/\B(?=(\d{3})+$)/g, ',');
}

function amountOf({ per, paged, atMost, isAnchored, isNumbered, leavesOut }: FieldCall): string {
  const scope = per === 'object' || per === 'page100' ? '' : ` per ${per}`;
  const limit = atMost === undefined ? '' : `, up to ${thousandsOf(atMost * 100)}`;
  const leftOut = leavesOut === undefined ? '' : `, rows that \`${leavesOut}\` leaves out among them`;
  const moreCalls = (isAnchored ? anchorCalls : 0) + (isNumbered ? numberedCalls : 0);
  const more = moreCalls === 0 ? '' : `, and up to ${moreCalls} more with \`after\``;
  if (per === 'page100' || paged) return `one call${scope} for each 100 rows${limit}${leftOut}${more}`;
  return atMost === undefined ? `one call${scope}` : `up to ${atMost} calls${scope}`;
}

function namesText(names: string | readonly string[]): string {
  return [names]
    .flat()
    .map((name) => `\`${name}\``)
    .join(' or ');
}

function conditionText(condition: CallCondition): string {
  if (typeof condition === 'string') return condition;
  if ('given' in condition) return `with ${namesText(condition.given)}`;
  if ('omitted' in condition) return `without ${namesText(condition.omitted)}`;
  return 'idOf' in condition
    ? `with an id \`${condition.idOf.replace('/', ':<league>/')}${condition.idOf.includes('/') ? '/' : ':'}…\``
    : `\`${condition.argument}\` ${condition.oneOf.join(', ')}`;
}

/** The conditions of a call; none where it is always made. */
export function conditionsOf({ onlyWhen = [] }: FieldCall): readonly CallCondition[] {
  return Array.isArray(onlyWhen) ? (onlyWhen as readonly CallCondition[]) : [onlyWhen as CallCondition];
}

/** Calls with their conditions; one that is made under several of them is named once. */
function named(costs: readonly FieldCall[]): string {
  const names = [...new Set(costs.map(({ call }) => call))];
  return names
    .map((name) => {
      const cases = costs
        .filter(({ call }) => call === name)
        .map((cost) => conditionsOf(cost).map(conditionText).join(', '));
      const conditions = cases.includes('') ? [] : [...new Set(cases)];
      return conditions.length === 0 ? `\`${name}\`` : `\`${name}\` (${conditions.join('; or ')})`;
    })
    .join(', ');
}

function isWrite({ call }: FieldCall): boolean {
  return calls[call].method !== 'GET';
}

/** The cost sentence of a field's description. */
function costSentence(costs: readonly FieldCall[], parentType: string): string {
  const writes = costs.filter(isWrite);
  const reads = costs.filter((cost) => !isWrite(cost));
  const interval = parentType === 'Subscription' ? ' in an interval, however many watch' : '';
  const amounts = [...new Set(reads.map(amountOf))].map(
    (amount) => `${amount}${interval}: ${named(reads.filter((cost) => amountOf(cost) === amount))}`,
  );
  return [
    ...(writes.length === 0 ? [] : [`Sends ${named(writes)}.`]),
    ...(amounts.length === 0 ? [] : [`Costs ${amounts.join('; ')}.`]),
  ].join(' ');
}

/** Stores `calls` and `listSize` in a field's extensions, and appends the cost sentence to its description. */
class CallsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const { calls: costs, listSize } = field.pothosOptions;
    const unknown = costs?.find(({ call }) => !Object.hasOwn(calls, call));
    if (unknown !== undefined)
      throw new Error(`${field.parentType}.${field.name} claims ${unknown.call}, which no contract in schema/ has.`);
    const sentence = costs && costSentence(costs, field.parentType);
    return {
      ...field,
      ...(sentence && { description: [field.description, sentence].filter(Boolean).join(' ') }),
      extensions: { ...field.extensions, ...(costs && { calls: costs }), ...(listSize && { listSize }) },
    };
  }
}

SchemaBuilder.registerPlugin('calls', CallsPlugin);

/** The upstream calls that a field of the schema claims. */
export function callsOf({
  extensions,
}: {
  readonly extensions: Readonly<Record<string, unknown>>;
}): readonly FieldCall[] {
  return (extensions['calls'] as readonly FieldCall[] | undefined) ?? [];
}

/** The declared list size of a field, if any. */
export function listSizeOf({
  extensions,
}: {
  readonly extensions: Readonly<Record<string, unknown>>;
}): ListSize | undefined {
  return extensions['listSize'] as ListSize | undefined;
}

/** Replaces the cost sentence of a field that reads like its interface's by a reference to the interface. */
export function linkInheritedCosts(schema: GraphQLSchema): void {
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) || isInterfaceType(type));
  for (const type of types)
    for (const field of Object.values(type.getFields())) {
      const declares = (one: GraphQLInterfaceType) => field.name in one.getFields();
      const origin = type.getInterfaces().find((one) => declares(one) && !one.getInterfaces().some(declares));
      const isAlike = origin?.getFields()[field.name]?.description === field.description;
      const sentence = costSentence(callsOf(field), type.name);
      if (origin !== undefined && isAlike && sentence !== '')
        field.description = field.description?.replace(sentence, `Costs as \`${origin.name}.${field.name}\` does.`);
    }
}
