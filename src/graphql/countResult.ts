import SchemaBuilder, {
  BasePlugin,
  type PothosOutputFieldConfig,
  type PothosOutputFieldType,
  type SchemaTypes,
} from '@pothos/core';
import {
  Kind,
  type FragmentDefinitionNode,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type SelectionSetNode,
} from 'graphql';
import { isPromise } from '../maybePromise.ts';
import type { Context } from './context.ts';

const leavesOf = new WeakMap<SelectionSetNode, number>();

/** Leaf fields that a selection set has for one object. Type conditions are not looked at: an upper bound. */
function leafCount(selections: SelectionSetNode, fragments: Readonly<Record<string, FragmentDefinitionNode>>): number {
  const known = leavesOf.get(selections);
  if (known !== undefined) return known;
  // A fragment is part of one document, and validation has refused cycles.
  const count = selections.selections.reduce((sum, selection) => {
    if (selection.kind === Kind.FIELD) return sum + (selection.selectionSet === undefined ? 1 : 0);
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments[selection.name.value]?.selectionSet;
    return sum + (inner === undefined ? 0 : leafCount(inner, fragments));
  }, 0);
  leavesOf.set(selections, count);
  return count;
}

function leavesAt({ fieldNodes, fragments }: GraphQLResolveInfo): number {
  return fieldNodes.reduce(
    (sum, { selectionSet }) => sum + (selectionSet === undefined ? 0 : leafCount(selectionSet, fragments)),
    0,
  );
}

function itemCount(value: unknown): number {
  if (!Array.isArray(value)) return 1;
  return value.reduce((sum: number, item: unknown) => sum + (Array.isArray(item) ? itemCount(item) : 1), 0);
}

function isComposite<Types extends SchemaTypes>(type: PothosOutputFieldType<Types>): boolean {
  return type.kind === 'List' ? isComposite(type.type) : ['Object', 'Interface', 'Union'].includes(type.kind);
}

function nextTurn<Value>(value: Value): Promise<Value> {
  return new Promise((resolve) => setImmediate(resolve, value));
}

/**
 * Counts what fields with objects or lists return, on whichever executor. Above the limits, or when the time is up, they return
 * nothing more; the operation then ends with RESULT_TOO_LARGE or UPSTREAM_TIMEOUT (`useResultLimit`).
 */
class ResultBudgetPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { type }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    const hasObjects = isComposite(type);
    if (!hasObjects && type.kind !== 'List') return resolver;
    const nothing = type.kind === 'List' ? [] : null;

    return (parent, args, context, info) => {
      // A plugin of Pothos is typed for any schema. This one serves ours.
      const { result: budget, deadline } = (context as Context).operation;
      const counted = (value: unknown): unknown => {
        if (value === null || value === undefined) return value;
        const count = itemCount(value);
        if (hasObjects) budget.take(count, count * leavesAt(info));
        else budget.take(0, count);
        if (budget.isStopped) return nothing;
        return budget.isTurnOver(deadline.remainingMs) ? nextTurn(value) : value;
      };
      if (budget.isStopped) return nothing;
      const value: unknown = resolver(parent, args, context, info);
      return isPromise(value) ? value.then(counted) : counted(value);
    };
  }
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Pothos takes the names of plugins from here.
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      resultBudget: ResultBudgetPlugin<Types>;
    }
  }
}

SchemaBuilder.registerPlugin('resultBudget', ResultBudgetPlugin);
