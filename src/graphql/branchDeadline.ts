import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import {
  DirectiveLocation,
  getDirectiveValues,
  GraphQLDirective,
  GraphQLInt,
  GraphQLNonNull,
  Kind,
  OperationTypeNode,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type SelectionNode,
} from 'graphql';
import { GatewayError } from '../errors.ts';
import { within } from '../time.ts';
import { isPromise } from '../maybePromise.ts';
import type { Context } from './context.ts';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Pothos takes the options of plugins from here.
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      branchDeadline: BranchDeadlinePlugin<Types>;
    }
  }
}

/** A deadline that the caller chooses for a part of its query. */
export const deadlineDirective = new GraphQLDirective({
  name: 'deadline',
  description:
    'A field of a query, with everything below it, has so many milliseconds from the beginning of the query. What is not there by then is null, with UPSTREAM_TIMEOUT in `errors`, and holds up nothing else. Within the deadlines of the fields above it and of the query.',
  locations: [DirectiveLocation.FIELD],
  args: { ms: { type: new GraphQLNonNull(GraphQLInt) } },
});

/** Deadlines of one query, in milliseconds, by the response names on the way to their fields. */
type Deadlines = ReadonlyMap<string, number>;

const none: Deadlines = new Map();

/** All fields that stand below, with fragments in their places. */
function* fieldsBelow(
  selections: readonly SelectionNode[],
  above: string,
  info: GraphQLResolveInfo,
): Generator<readonly [string, number]> {
  for (const selection of selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = info.fragments[selection.name.value];
      if (fragment !== undefined) yield* fieldsBelow(fragment.selectionSet.selections, above, info);
      continue;
    }
    const isField = selection.kind === Kind.FIELD;
    const path = isField ? `${above}/${(selection.alias ?? selection.name).value}` : above;
    const ms = isField ? getDirectiveValues(deadlineDirective, selection, info.variableValues)?.['ms'] : undefined;
    if (typeof ms === 'number') yield [path, ms];
    if (selection.selectionSet !== undefined) yield* fieldsBelow(selection.selectionSet.selections, path, info);
  }
}

/** Whether a document may use the directive. Nearly none does, so this is all that it costs them. */
function mayUse({ operation: { loc } }: GraphQLResolveInfo): boolean {
  return loc === undefined || loc.source.body.includes('deadline');
}

const deadlinesOf = new WeakMap<Context, Deadlines>();

/** The deadlines of the query that is executed. */
function deadlinesFor(context: Context, info: GraphQLResolveInfo): Deadlines {
  if (info.operation.operation !== OperationTypeNode.QUERY || !mayUse(info)) return none;
  let deadlines = deadlinesOf.get(context);
  if (deadlines === undefined) {
    const shortest = new Map<string, number>();
    for (const [path, ms] of fieldsBelow(info.operation.selectionSet.selections, '', info))
      shortest.set(path, Math.min(ms, shortest.get(path) ?? Infinity));
    deadlines = shortest;
    deadlinesOf.set(context, deadlines);
  }
  return deadlines;
}

/** The shortest deadline of a field and those above it. */
function minDeadlineOn(deadlines: Deadlines, path: GraphQLResolveInfo['path']): number | undefined {
  const names: string[] = [];
  for (let at: typeof path | undefined = path; at !== undefined; at = at.prev)
    if (typeof at.key === 'string') names.unshift(at.key);
  let shortest: number | undefined;
  let way = '';
  for (const name of names) {
    way += `/${name}`;
    const ms = deadlines.get(way);
    if (ms !== undefined) shortest = Math.min(ms, shortest ?? Infinity);
  }
  return shortest;
}

/** Ends the wait of fields that cost calls by the deadlines of their branch. What they wait for goes on. */
class BranchDeadlinePlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { pothosOptions }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if ((pothosOptions.calls ?? []).length === 0) return resolve;
    return (parent, args, context, info) => {
      const result: unknown = resolve(parent, args, context, info);
      // A plugin of Pothos is typed for any schema. This one serves ours.
      const own = context as Context;
      const deadlines = deadlinesFor(own, info);
      if (deadlines.size === 0 || !isPromise(result)) return result;
      const ms = minDeadlineOn(deadlines, info.path);
      if (ms === undefined) return result;
      const onLate = (): never => {
        result.catch(() => undefined);
        throw new GatewayError('UPSTREAM_TIMEOUT', `This part of the query took longer than ${ms} ms.`);
      };
      const leftMs = own.operation.startedAtMs + ms - performance.now();
      // A timer that is due already may still come after the answer.
      return leftMs > 0 ? within(result, leftMs, onLate) : onLate();
    };
  }
}

SchemaBuilder.registerPlugin('branchDeadline', BranchDeadlinePlugin);
