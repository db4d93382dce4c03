import { builder } from '../builder.ts';
import { conditionsOf, type CallCondition, type FieldCall } from '../calls.ts';
import type { Context } from '../context.ts';
import { GatewayError } from '../../errors.ts';
import { parseAnyId, type IdKind } from './ids.ts';

/** Objects with an id tell their GraphQL type themselves, as graphql-js expects it. */
export interface NodeShape {
  readonly __typename: string;
}

/** The interface of everything that has an id. */
export const Node = builder.interfaceRef<NodeShape>('Node').implement({
  description: 'Anything with an id of its own, which `node` and `nodes` find again.',
  fields: (t) => ({ id: t.id({ nullable: false, description: 'Readable id, unique over all types.' }) }),
});

type Finder = (parts: readonly string[], context: Context) => Promise<NodeShape | null>;

const finders = new Map<IdKind, Finder>();

/** Calls of `node`. Each kind of id adds its own before the schema is built. */
const nodeCalls: FieldCall[] = [];

/** Says how things of one kind are found by the parts of their id, and what that costs. */
export function findNodesOf(kind: IdKind, calls: readonly FieldCall[], find: Finder): void {
  finders.set(kind, find);
  nodeCalls.push(...calls.map((call) => ({ ...call, onlyWhen: withKind(kind, conditionsOf(call)) })));
}

function withKind(kind: IdKind, conditions: readonly CallCondition[]): readonly CallCondition[] {
  const hasIdCondition = conditions.some((condition) => typeof condition === 'object' && 'idOf' in condition);
  return hasIdCondition ? conditions : [{ idOf: kind }, ...conditions];
}

/**
 * Resolves a lookup by id. Unknown and not allowed answer alike.
 *
 * @throws GatewayError NOT_FOUND
 */
export async function found<Thing>(
  looking: Promise<Thing | null | undefined>,
  otherwise = 'There is no such object, or you may not see it.',
): Promise<Thing> {
  const missing = (details = {}) => new GatewayError('NOT_FOUND', otherwise, details);
  try {
    const thing = await looking;
    if (thing === null || thing === undefined) throw missing();
    return thing;
  } catch (error) {
    if (error instanceof GatewayError && error.code !== 'NOT_FOUND' && error.facts.hidden) throw missing(error.details);
    throw error;
  }
}

/**
 * Resolves the read of an object just written, for its payload. Lists may lag: a missing object says nothing about the write.
 *
 * @throws GatewayError NOT_FOUND
 */
export function foundAgain<Thing>(looking: Promise<Thing | null | undefined>): Promise<Thing> {
  return found(
    looking,
    'The write was carried out, unless `userErrors` says otherwise, but the object is not in the list that it is read from, or not yet: read it again by its id.',
  );
}

function find(id: string, context: Context): Promise<NodeShape> {
  const { kind, parts } = parseAnyId(id);
  return found(finders.get(kind)?.(parts, context) ?? Promise.resolve(null));
}

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    // Told in one sentence: the same data, written out for each kind of id, would fill a page.
    extensions: { calls: nodeCalls },
    description:
      'Anything, by its id, at the cost of the query of its type, such as `league` or `instance`; connectors and approval notices are searched for in the lists of their agents.',
    args: { id: t.arg.id({ required: true, description: 'For example `Instance:<league>/<instance>`.' }) },
    resolve: (_, { id }, context) => find(id, context),
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    extensions: { calls: nodeCalls },
    listSize: { argument: 'ids' },
    description:
      'Things by their ids, in the order of the ids, each at the cost of `node`. An id that does not exist costs its own item.',
    args: { ids: t.arg.idList({ required: true, description: 'Ids of any types.' }) },
    // An Error in a list is that item's error to graphql-js.
    resolve: (_, { ids }, context) =>
      Promise.all(
        ids.map(async (id) => find(id, context)).map((item) => item.catch((error: unknown) => error as NodeShape)),
      ),
  }),
}));
