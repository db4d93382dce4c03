import {
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { holds, idsIn, pagesOf, rowsOf, timesOf, usualRows, type Arguments } from './callCount.ts';
import { callsOf, conditionsOf, listSizeOf, type CallName, type FieldCall } from './calls.ts';
import { mayHold, type SelectedObjects } from './dataConditions.ts';

/** Upstream calls of an operation. */
export interface OperationCost {
  /** As long as TICS does not fail: every condition on its data holds, and searches end on their first page. */
  readonly calls: number;
  /** Where TICS fails too, and searches go through all of their pages. */
  readonly atMost: number;
  /** `calls` by call. */
  readonly byCall: Readonly<Partial<Record<CallName, number>>>;
  /** `calls` by the field that makes them, such as `League.instances`. */
  readonly byField: Readonly<Record<string, number>>;
  /** The field that makes a call where one is made beyond `calls`: of several the one that may make it most often. */
  readonly fieldOf: (call: string) => string | undefined;
  /** Objects of the result, with lists as long as they were asked for. Infinity where the selections are too many to count. */
  readonly objects: number;
}

/** Where a selection stands: how many objects it is made on, and what they share. */
interface Place {
  readonly path: string;
  readonly objects: number;
  /** Calls of the field that led to the objects. */
  readonly by: readonly CallName[];
  readonly leagues?: Scope;
  readonly agents?: Scope;
  /** Of a connection: how many rows it was asked for. */
  readonly rows?: number;
}

/** Objects of one type further up, which fields below them share calls for. */
interface Scope {
  readonly path: string;
  readonly objects: number;
}

/** Agents of a league, where a field asks each of them. */
const usualAgents = 3;

/** Adds up calls; what several fields share is counted once. */
class Tally {
  private readonly counts = new Map<
    string,
    { readonly call: CallName; readonly field: string; readonly count: number }
  >();

  add(call: CallName, field: string, shared: string, count: number): void {
    const key = `${call} ${shared}`;
    const known = this.counts.get(key);
    if (known === undefined || known.count < count) this.counts.set(key, { call, field, count });
  }

  byField(): OperationCost['byField'] {
    const sums: Record<string, number> = {};
    for (const { field, count } of this.counts.values()) sums[field] = (sums[field] ?? 0) + count;
    return sums;
  }

  fieldOf(call: string): string | undefined {
    const makers = [...this.counts.values()].filter((made) => made.call === call);
    return makers.sort((one, other) => other.count - one.count)[0]?.field;
  }

  byCall(): OperationCost['byCall'] {
    const sums: Partial<Record<CallName, number>> = {};
    for (const { call, count } of this.counts.values()) sums[call] = (sums[call] ?? 0) + count;
    return sums;
  }

  total(): number {
    return Object.values(this.byCall()).reduce((sum, count) => sum + count, 0);
  }
}

/** Fields and ids that are looked at. Fragments that spread others twice would be more than anybody can count. */
export const maxVisits = 20_000;

class CostVisitor {
  objects = 0;
  private visits = 0;
  readonly usual = new Tally();
  readonly most = new Tally();
  private readonly schema: GraphQLSchema;
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly variables: Arguments;

  constructor(schema: GraphQLSchema, document: DocumentNode, variables: Arguments) {
    this.schema = schema;
    this.variables = variables;
    this.fragments = new Map(
      document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
    );
  }

  /** Walks a selection. Fragments on different types are each taken to match every object. */
  select(type: GraphQLCompositeType, { selections }: SelectionSetNode, place: Place): void {
    for (const node of selections) {
      if (this.isUncountable(1)) return;
      if (getDirectiveValues(GraphQLSkipDirective, node, this.variables)?.['if'] === true) continue;
      if (getDirectiveValues(GraphQLIncludeDirective, node, this.variables)?.['if'] === false) continue;
      if (node.kind === Kind.FIELD) {
        const field = 'getFields' in type ? type.getFields()[node.name.value] : undefined;
        if (field !== undefined) this.enter(type, field, node, place);
        continue;
      }
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(node.name.value) : node;
      const on = fragment?.typeCondition && this.schema.getType(fragment.typeCondition.name.value);
      if (fragment !== undefined) this.select(isCompositeType(on) ? on : type, fragment.selectionSet, place);
    }
  }

  /** Looks at so many fields or ids more. */
  private isUncountable(visits: number): boolean {
    this.visits += visits;
    if (this.visits > maxVisits) this.objects = Infinity;
    return this.objects === Infinity;
  }

  private enter(
    type: GraphQLCompositeType,
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
    place: Place,
  ): void {
    const args = getArgumentValues(field, node, this.variables);
    if (this.isUncountable(idsIn(args).length)) return;
    const own =
      Object.keys(args).length === 0
        ? ''
        : JSON.stringify(args, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    const by = this.charge(type, field, args, place, own);
    const target = getNamedType(field.type);
    if (node.selectionSet === undefined || !isCompositeType(target)) return;
    const below = this.placeBelow(type, field, args, own, by.length === 0 ? place : { ...place, by });
    this.objects += below.objects;
    this.select(target, node.selectionSet, below);
  }

  /** Adds what a field costs. Answers the calls by which what it leads to is read. */
  private charge(
    type: GraphQLCompositeType,
    field: GraphQLField<unknown, unknown>,
    args: Arguments,
    place: Place,
    own: string,
  ): readonly CallName[] {
    const objects: SelectedObjects = {
      type: type.name,
      objects: place.objects,
      by: place.by,
      isBelowLeague: place.leagues !== undefined,
      isBelowAgent: place.agents !== undefined,
    };
    const costs = callsOf(field);
    return costs.flatMap((cost, index) => {
      const conditions = conditionsOf(cost);
      const byArguments = conditions.filter((condition) => typeof condition !== 'string');
      if (!byArguments.every((condition) => holds(condition, args))) return [];
      const scope = this.scopeOf(cost, place);
      const times = timesOf(byArguments, args) * scope.objects * (cost.eachAgent ? usualAgents : 1);
      // The same call twice in one claim is made twice.
      const turn = costs.slice(0, index).filter((other) => other.call === cost.call && other.per === cost.per).length;
      const shared = `${cost.per} ${scope.path} ${own} ${turn}`;
      this.most.add(cost.call, `${type.name}.${field.name}`, shared, times * pagesOf(cost, args, 'most'));
      const onData = conditions.filter((condition) => typeof condition === 'string');
      if (!onData.every((condition) => mayHold(condition, cost.call, objects))) return [];
      this.usual.add(cost.call, `${type.name}.${field.name}`, shared, times * pagesOf(cost, args, 'usual'));
      return [cost.call];
    });
  }

  private scopeOf({ per }: FieldCall, place: Place): Scope {
    const { leagues, agents } = place;
    if (per === 'operation') return { path: '', objects: 1 };
    // An agent is of one league.
    if (per === 'league') return leagues ?? agents ?? place;
    if (per !== 'agent' || agents !== undefined) return agents && per === 'agent' ? agents : place;
    if (leagues === undefined) return place;
    return { path: leagues.path, objects: Math.min(place.objects, leagues.objects * usualAgents) };
  }

  private placeBelow(
    type: GraphQLCompositeType,
    field: GraphQLField<unknown, unknown>,
    args: Arguments,
    own: string,
    place: Place,
  ): Place {
    const target = getNamedType(field.type);
    // The same field with the same arguments leads to the same objects, whatever its alias; so do both fields of rows.
    const path = `${place.path}.${field.name === 'edges' ? 'nodes' : field.name}${own}`.replace(/\.node$/, '');
    const objects = place.objects * this.itemsOf(type, field, args, place);
    const scope = { path, objects };
    return {
      path,
      objects,
      by: place.by,
      ...(place.leagues && { leagues: place.leagues }),
      ...(place.agents && { agents: place.agents }),
      ...(target.name === 'League' && { leagues: scope, agents: undefined }),
      ...(target.name === 'Agent' && { agents: scope }),
      ...(target.name.endsWith('Connection') && { rows: rowsOf(args) }),
    };
  }

  private itemsOf(
    type: GraphQLCompositeType,
    field: GraphQLField<unknown, unknown>,
    args: Arguments,
    { rows }: Place,
  ): number {
    if (!isListType(getNullableType(field.type))) return 1;
    if (isObjectType(type) && type.name.endsWith('Connection') && ['nodes', 'edges'].includes(field.name))
      return rows ?? usualRows;
    const size = listSizeOf(field) ?? usualRows;
    return typeof size === 'number' ? size : ((args[size.argument] ?? []) as readonly unknown[]).length;
  }
}

/**
 * The upstream calls that an operation costs, from what its fields claim. Lists count as long as `first` says, or as their
 * claim says; what fields of one object, league, agent or operation share counts once. Valid documents only.
 *
 * @param variables - coerced, with their defaults
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): OperationCost {
  const root = schema.getRootType(operation.operation);
  if (!root) return { calls: 0, atMost: 0, byCall: {}, byField: {}, fieldOf: () => undefined, objects: 0 };
  const visitor = new CostVisitor(schema, document, variables);
  visitor.select(root, operation.selectionSet, { path: '', objects: 1, by: [] });
  return {
    calls: visitor.usual.total(),
    atMost: visitor.most.total(),
    byCall: visitor.usual.byCall(),
    byField: visitor.usual.byField(),
    fieldOf: (call) => visitor.most.fieldOf(call),
    objects: visitor.objects,
  };
}
