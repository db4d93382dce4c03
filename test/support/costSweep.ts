import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isRequiredArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { callsOf, conditionsOf, type CallName } from '../../src/graphql/calls.ts';
import { required } from './required.ts';
import { valuesOf, type Ask } from './sweep.ts';

/** What a sweep found; each line starts with the field's coordinate. */
export interface CostSweep {
  /** Calls that a field caused and does not claim, with the operation. */
  readonly unclaimed: readonly string[];
  /** `<Type>.<field> <call>` of each claim that was never caused. A field of an interface claims for all of its types. */
  readonly neverCaused: readonly string[];
  readonly operations: number;
}

type Field = GraphQLField<unknown, unknown>;
type Calls = Readonly<Partial<Record<CallName, number>>>;

/** Executes an operation, and counts the calls that it caused. */
export type CountCalls = (query: string) => Promise<Calls>;

/** An operation that arrives at objects of a type. */
interface Way {
  readonly name: string;
  readonly type: GraphQLObjectType;
  /** The operation, with what is selected of the objects. */
  readonly select: (fields: string) => string;
  /** The operation with nothing selected: what the way itself causes. */
  readonly bare: string;
  readonly isRunLookup: boolean;
  /** The connection whose rows the objects are; empty for none. */
  readonly rowsOf: string;
  /** Of a connection: the calls of the field that answers it. They are made when its fields are selected. */
  readonly claimed: readonly CallName[];
}

/** A field with each of the arguments that its claims depend on. */
interface Written {
  readonly field: Field;
  readonly texts: readonly string[];
}

/** Ids of objects by the word of their kind: `League`, `Job/sql`. */
export type IdsByKind = ReadonlyMap<string, readonly string[]>;

function isNodeLookup({ args }: Field): boolean {
  return args.some(({ name }) => /^ids?$/.test(name));
}

function claimsOf(field: Field): readonly CallName[] {
  return [...new Set(callsOf(field).map(({ call }) => call))].sort();
}

function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly (readonly Item[])[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    groups.set(keyOf(item), group);
    group.push(item);
  }
  return [...groups.values()];
}

/** Polls as long as it is told: what it causes is a matter of time, and counted in test/status. */
function waits({ args }: Field): boolean {
  return args.some(({ name }) => /timeout|seconds/i.test(name));
}

/**
 * Executes every field of the types that Query leads to, on every way into its type, and attributes to it the calls that
 * come in addition to those of the way alone.
 */
export class CostSweeper {
  private readonly schema: GraphQLSchema;
  private readonly count: CountCalls;
  private readonly ids: IdsByKind;
  private readonly unclaimed: string[] = [];
  private readonly caused = new Set<string>();
  private readonly swept = new Set<GraphQLObjectType>();
  private operations = 0;
  /** Calls of the ways themselves, by operation. */
  private readonly bare = new Map<string, Calls>();
  /** How many rows lists are asked for: single objects and several are read with other calls. */
  private rows = 3;

  constructor(schema: GraphQLSchema, count: CountCalls, ids: IdsByKind) {
    this.schema = schema;
    this.count = count;
    this.ids = ids;
  }

  /** Sweeps all types, or some. After the first time it skips the fields whose claims were all caused already. */
  async run(rows: number, isSwept: (typeName: string) => boolean = () => true): Promise<void> {
    this.rows = rows;
    this.bare.clear();
    const again = this.operations > 0;
    for (const way of this.ways())
      if (isSwept(way.type.name)) {
        this.swept.add(way.type);
        await this.sweep(way, again);
      }
  }

  result(): CostSweep {
    return { unclaimed: this.unclaimed, neverCaused: this.neverCaused(), operations: this.operations };
  }

  private neverCaused(): readonly string[] {
    return [...this.swept].flatMap((type) =>
      Object.values(type.getFields()).flatMap((field) => {
        if (waits(field)) return [];
        const siblings = type
          .getInterfaces()
          .filter((each) => each.name !== 'Node' && field.name in each.getFields())
          .flatMap((each) => this.schema.getPossibleTypes(each));
        return claimsOf(field)
          .filter((call) => ![type, ...siblings].some(({ name }) => this.caused.has(`${name}.${field.name} ${call}`)))
          .map((call) => `${type.name}.${field.name} ${call}`);
      }),
    );
  }

  /** One way for each field that leads to a type, and for each of the arguments that its claims depend on. */
  private ways(): readonly Way[] {
    const query = this.schema.getQueryType();
    if (!query) throw new Error('there is no Query');
    const ways: Way[] = [
      {
        name: 'Query',
        type: query,
        select: (fields) => `{ ${fields} }`,
        bare: '{ __typename }',
        claimed: [],
        isRunLookup: false,
        rowsOf: '',
      },
    ];
    const known = new Set<string>();
    for (const way of ways) {
      // Edges lead to the same objects as `nodes`.
      if (way.type.name.endsWith('Edge')) continue;
      for (const field of Object.values(way.type.getFields()))
        for (const written of this.writtenOf(field))
          for (const type of this.objectTypesOf(getNamedType(field.type), written)) {
            if (field.name === 'node' && this.isLookedUpOtherwise(type)) continue;
            const name = this.nameOf(way, field, written, type);
            const key = `${name} ${field.name} ${type.name}`;
            if (known.has(key)) continue;
            known.add(key);
            const isAbstract = isAbstractType(getNamedType(field.type));
            ways.push({
              name,
              type,
              rowsOf: way.type.name.endsWith('Connection') ? way.type.name : '',
              isRunLookup: isNodeLookup(field) && type.name === 'Instance' && !isAbstract,
              bare: way.select(`${written} { __typename }`),
              claimed: type.name.endsWith('Connection') ? callsOf(field).map(({ call }) => call) : [],
              select: (fields) =>
                way.select(`${written} { __typename ${isAbstract ? `... on ${type.name} { ${fields} }` : fields} }`),
            });
          }
    }
    return ways;
  }

  /** `node` looks up as `job` or `league` do: beyond it, only types without a field of their own are swept. */
  private isLookedUpOtherwise(type: GraphQLObjectType): boolean {
    return Object.values(this.schema.getQueryType()?.getFields() ?? {}).some((other) => {
      const target = getNamedType(other.type);
      if (!isNodeLookup(other) || target.name === 'Node') return false;
      return target === type || (isAbstractType(target) && this.schema.isSubType(target, type));
    });
  }

  /** Names what its objects depend on: ways of the same name into the same type are one. */
  private nameOf(way: Way, field: Field, written: string, type: GraphQLObjectType): string {
    const isNode = (each: GraphQLObjectType): boolean => each.getInterfaces().length > 0;
    const leadsOn = Object.values(type.getFields()).some((each) => isCompositeType(getNamedType(each.type)));
    if (!leadsOn && !isNode(type)) return `${way.type.name}.${field.name}`;
    // What is no Node reads by the way that led to it.
    if (way.type.name !== 'Query' && !isNode(way.type)) return way.name;
    if (isNode(type) || type.name.endsWith('Connection')) return `${way.type.name}.${written}`;
    // Calls depend on the type of a run, and on the kind of list that told an object.
    return way.isRunLookup ? `${way.name}.${written}` : `${way.rowsOf}.${way.type.name}.${written}`;
  }

  private objectTypesOf(type: GraphQLNamedType, written: string): readonly GraphQLObjectType[] {
    if (isObjectType(type)) return [type];
    if (!isAbstractType(type)) return [];
    const kinds = [...this.ids].filter(([, [id]]) => id !== undefined && written.includes(id)).map(([kind]) => kind);
    const possible = this.schema.getPossibleTypes(type);
    return kinds.length === 0 ? possible : possible.filter(({ name }) => kinds.includes(name));
  }

  /** A field with what it must be given, once for each argument that its claims depend on. */
  private writtenOf(field: Field): readonly string[] {
    if (waits(field)) return [];
    if (isNodeLookup(field))
      return [...this.ids].flatMap(([kind, ids]) => {
        const target = getNamedType(field.type);
        const fits =
          target.name === kind ||
          (isAbstractType(target) && this.schema.getPossibleTypes(target).some(({ name }) => name === kind));
        const plural = field.args.some(({ name }) => name === 'ids');
        if (!fits || ids.length === 0) return [];
        const write = (id: string): string => `${field.name}(id: ${JSON.stringify(id)})`;
        if (plural)
          return [ids.slice(0, 1), [...ids.slice(0, 2), ...ids.slice(-3)]].map(
            (some) => `${field.name}(ids: ${JSON.stringify(some)})`,
          );
        return (kind === 'Instance' && !isAbstractType(target) ? ids : [ids[0], ids.at(-1)]).map((id = '') =>
          write(id),
        );
      });
    const idsOf = (kind: string): readonly string[] =>
      [...this.ids].flatMap(([key, ids]) => (key.toLowerCase() === kind.toLowerCase() ? ids : []));
    const given = new Map<string, string | undefined>();
    for (const arg of field.args)
      if (isRequiredArgument(arg)) given.set(arg.name, valuesOf(arg.type, arg.name, idsOf)[0]);
    if ([...given.values()].includes(undefined)) return [];
    if (field.args.some(({ name }) => name === 'first')) given.set('first', String(this.rows));
    const write = (extra: readonly (readonly [string, string])[]): string => {
      const args = [...new Map([...given, ...extra])].map(([name, value]) => `${name}: ${value}`);
      return args.length === 0 ? field.name : `${field.name}(${args.join(', ')})`;
    };
    const conditions = callsOf(field)
      .flatMap(conditionsOf)
      .filter((condition) => typeof condition !== 'string');
    const names = new Set([
      ...given.keys(),
      ...conditions.flatMap((each) =>
        'argument' in each
          ? [each.argument]
          : 'given' in each
            ? [each.given].flat()
            : 'omitted' in each
              ? [each.omitted]
              : [],
      ),
    ]);
    names.delete('first');
    const further = field.args
      .filter(({ name }) => names.has(name))
      .flatMap((arg) => {
        const values = valuesOf(arg.type, arg.name, idsOf);
        return (values[0]?.startsWith('{') === true ? values.slice(0, 1) : values).map((value) =>
          write([[arg.name, value]]),
        );
      });
    return [write([]), ...further];
  }

  private openClaims({ name }: GraphQLObjectType, field: Field): readonly CallName[] {
    return claimsOf(field).filter((call) => !this.caused.has(`${name}.${field.name} ${call}`));
  }

  /**
   * Fields that claim the same calls share an operation: what it causes beyond them, none of its fields claims. They are
   * asked for one by one where it causes a claim that some of them were not seen to cause.
   */
  private async sweep(way: Way, again: boolean): Promise<void> {
    const fields = Object.values(way.type.getFields())
      .map((field) => ({ field, texts: this.selectionsOf(field) }))
      .filter(({ field, texts }) => texts.length > 0 && !(again && this.openClaims(way.type, field).length === 0));
    for (const sharing of groupedBy(fields, ({ field }) => claimsOf(field).join())) {
      const caused = await this.compare(way, sharing);
      const isOpen = ({ field }: Written): boolean =>
        this.openClaims(way.type, field).some((call) => caused.includes(call));
      for (const one of sharing) {
        if (sharing.length > 1 && isOpen(one)) await this.compare(way, [one]);
        // One object is read with other calls than several.
        if (isNodeLookup(one.field) && one.texts.length > 1)
          for (const text of one.texts) await this.compare(way, [{ field: one.field, texts: [text] }]);
      }
    }
  }

  private selectionsOf(field: Field): readonly string[] {
    const isComposite = isCompositeType(getNamedType(field.type));
    return this.writtenOf(field).map((written) => (isComposite ? `${written} { __typename }` : written));
  }

  /** The calls that fields which claim the same cause. Attributes them to the field, where it is one. */
  private async compare(way: Way, fields: readonly Written[]): Promise<readonly CallName[]> {
    const [first, ...others] = fields;
    const { field } = required(first, 'field');
    const claimed = claimsOf(field);
    const selected = fields.flatMap(({ texts }) => texts).map((text, index) => `f${index}: ${text}`);
    const operation = way.select(selected.join(' '));
    const caused = await this.causedBy(operation, way.bare);
    if (others.length === 0)
      for (const call of caused) if (claimed.includes(call)) this.caused.add(`${way.type.name}.${field.name} ${call}`);

    const isClaimed = (call: CallName): boolean =>
      claimed.includes(call) || (claimed.length === 0 && way.claimed.includes(call));
    if (!caused.every(isClaimed)) {
      // The directory of the agents grows old: what comes again comes from the field.
      this.bare.delete(way.bare);
      const again = await this.causedBy(operation, way.bare);
      const names = fields.map((each) => each.field.name).join(', ');
      const coordinate = `${way.type.name}.${others.length === 0 ? names : `{${names}}`}`;
      for (const call of again.filter((each) => !isClaimed(each)))
        this.unclaimed.push(`${coordinate} caused ${call} on ${way.name}, and does not claim it: ${operation}`);
    }
    return caused;
  }

  private async causedBy(operation: string, bare: string): Promise<readonly CallName[]> {
    const before = await this.bareCalls(bare);
    const after = await this.ask(operation);
    return (Object.keys(after) as CallName[]).filter((call) => (after[call] ?? 0) > (before[call] ?? 0));
  }

  private async bareCalls(operation: string): Promise<Calls> {
    const known = this.bare.get(operation);
    if (known !== undefined) return known;
    const calls = await this.ask(operation);
    this.bare.set(operation, calls);
    return calls;
  }

  private ask(operation: string): Promise<Calls> {
    this.operations += 1;
    return this.count(operation);
  }
}

/** Types of runs that differ in what they cost. */
const runTypes = ['SQL', 'HFL', 'VFL_TRAIN', 'VFL_PREDICT'];

/** A run of another league than those of some ids, the first of its kind. */
function isOfAnother(id: string | undefined, ids: readonly string[]): boolean {
  const leagues = new Set(ids.map((each) => each.split('/')[0]));
  return leagues.size === 1 && id !== undefined && !leagues.has(id.split('/')[0] ?? '');
}

/** Ids of one object of every Node type, or of several where they differ in a way that decides on calls. */
export async function idsByKind(ask: Ask): Promise<IdsByKind> {
  const { data, errors } = await ask(`{
    leagues(role: OWNER, first: 4) { nodes { __typename id
      jobs(first: 100) { nodes { __typename id } }
      searched: jobs(first: 1, filter: { name: "a" }) { nodes { __typename id } }
      datasets(first: 4) { nodes { __typename id } }
      instances(first: 100) { nodes { __typename id kind: type } } } }
    agents(first: 4) { nodes { __typename id
      connectors(first: 4) { nodes { __typename id } }
      datasets(first: 4) { nodes { __typename id } }
      notices(first: 4) { nodes { __typename id } } } }
  }`);
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  const ids = new Map<string, string[]>();
  const kinds = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { __typename: type, id, kind } = value as { __typename?: string; id?: string; kind?: string };
    const known = ids.get(type ?? '') ?? [];
    // Runs, one of each type, and one of another league.
    const isNew =
      kind === undefined ||
      (runTypes.includes(kind) && !kinds.has(kind)) ||
      (known.length > 0 && isOfAnother(id, known));
    if (type !== undefined && id !== undefined && isNew) {
      ids.set(type, [...known, id]);
      if (kind !== undefined) kinds.add(kind);
    }
    Object.values(value).forEach(collect);
  };
  collect(data);
  // One of each kind that is gone: its list does not hold it.
  for (const [type, [id]] of ids) if (id !== undefined && /^(Job|Dataset):/.test(id)) ids.get(type)?.push(`${id}0`);
  return ids;
}
