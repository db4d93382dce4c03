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

/** An operation that arrives at objects of a type; `select` says what is selected of them. */
interface Way {
  readonly name: string;
  readonly type: GraphQLObjectType;
  readonly select: (fields: string) => string;
  /** Of a connection: the calls of the field that answers it. They are made when its fields are selected. */
  readonly claimed: readonly CallName[];
}

/** Ids of objects by the word of their kind: `League`, `Job/sql`. */
export type IdsByKind = ReadonlyMap<string, readonly string[]>;

function isNodeLookup({ args }: Field): boolean {
  return args.some(({ name }) => /^ids?$/.test(name));
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
        return [...new Set(callsOf(field).map(({ call }) => call))]
          .filter((call) => ![type, ...siblings].some(({ name }) => this.caused.has(`${name}.${field.name} ${call}`)))
          .map((call) => `${type.name}.${field.name} ${call}`);
      }),
    );
  }

  /** One way for each field that leads to a type, and for each of the arguments that its claims depend on. */
  private ways(): readonly Way[] {
    const query = this.schema.getQueryType();
    if (!query) throw new Error('there is no Query');
    const ways: Way[] = [{ name: 'Query', type: query, select: (fields) => `{ ${fields} }`, claimed: [] }];
    const known = new Set<string>();
    for (const way of ways)
      for (const field of Object.values(way.type.getFields()))
        for (const written of this.writtenOf(field))
          for (const type of this.objectTypesOf(getNamedType(field.type), written)) {
            // What is no Node reads by the way that led to it.
            const isTransparent = way.type !== query && way.type.getInterfaces().length === 0;
            const last = isTransparent ? way.name : `${way.type.name}.${written}`;
            const key = `${last} ${field.name} ${type.name}`;
            if (known.has(key)) continue;
            known.add(key);
            const isAbstract = isAbstractType(getNamedType(field.type));
            ways.push({
              name: last,
              type,
              claimed: type.name.endsWith('Connection') ? callsOf(field).map(({ call }) => call) : [],
              select: (fields) =>
                way.select(`${written} { __typename ${isAbstract ? `... on ${type.name} { ${fields} }` : fields} }`),
            });
          }
    return ways;
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
        const [first = '', last = ''] = [ids[0], ids.at(-1)];
        const write = (id: string): string => `${field.name}(id: ${JSON.stringify(id)})`;
        return plural
          ? [[first], [...ids.slice(0, 2), ...ids.slice(-3)]].map(
              (some) => `${field.name}(ids: ${JSON.stringify(some)})`,
            )
          : [write(first), write(last)];
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
        'argument' in each ? [each.argument] : 'given' in each ? [each.given] : 'omitted' in each ? [each.omitted] : [],
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

  private async sweep({ name, type, select, claimed: ofConnection }: Way, again: boolean): Promise<void> {
    const fields = Object.values(type.getFields()).flatMap((field) => {
      const target = getNamedType(field.type);
      const texts = this.writtenOf(field).map((written) =>
        isCompositeType(target) ? `${written} { __typename }` : written,
      );
      // Several objects at once are read with other calls than one.
      const together =
        isNodeLookup(field) && texts.length > 1 ? [texts.map((text, index) => `s${index}: ${text}`).join(' ')] : [];
      return [...texts, ...together].map((text) => ({ field, text }));
    });
    const isOpen = ({ field }: { readonly field: Field }): boolean =>
      callsOf(field).length > 0 &&
      !(again && callsOf(field).every(({ call }) => this.caused.has(`${type.name}.${field.name} ${call}`)));
    const free = again ? [] : fields.filter(({ field }) => callsOf(field).length === 0);
    const open = fields.filter(isOpen);
    if (free.length + open.length === 0) return;
    const before = await this.ask(select('__typename'));
    if (free.length > 0) {
      const all = free.map(({ text }, index) => `f${index}: ${text}`).join(' ');
      const names = free.map(({ field }) => field.name).join(', ');
      await this.compare(`${type.name}.{${names}}`, select(all), before, name, new Set(ofConnection));
    }
    for (const { field, text } of open) {
      const claimed = new Set(callsOf(field).map(({ call }) => call));
      await this.compare(`${type.name}.${field.name}`, select(text), before, name, claimed);
    }
  }

  private async compare(
    coordinate: string,
    operation: string,
    before: Calls,
    way: string,
    claimed: ReadonlySet<CallName>,
  ): Promise<void> {
    const after = await this.ask(operation);
    for (const [call, count] of Object.entries(after) as [CallName, number][]) {
      if (count <= (before[call] ?? 0)) continue;
      if (claimed.has(call)) this.caused.add(`${coordinate} ${call}`);
      else this.unclaimed.push(`${coordinate} caused ${call} on ${way}, and does not claim it: ${operation}`);
    }
  }

  private ask(operation: string): Promise<Calls> {
    this.operations += 1;
    return this.count(operation);
  }
}

/** Reads ids of every Node type, with lists of so many rows. */
export async function idsByKind(ask: Ask): Promise<IdsByKind> {
  const { data, errors } = await ask(`{
    leagues(role: OWNER, first: 4) { nodes { __typename id
      jobs(first: 100) { nodes { __typename id } }
      searched: jobs(first: 1, filter: { name: "a" }) { nodes { __typename id } }
      datasets(first: 4) { nodes { __typename id } }
      instances(first: 4) { nodes { __typename id } } } }
    agents(first: 4) { nodes { __typename id
      connectors(first: 4) { nodes { __typename id } }
      datasets(first: 4) { nodes { __typename id } }
      notices(first: 4) { nodes { __typename id } } } }
  }`);
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  const ids = new Map<string, string[]>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { __typename: type, id } = value as { __typename?: string; id?: string };
    if (type !== undefined && id !== undefined) ids.set(type, [...(ids.get(type) ?? []), id]);
    Object.values(value).forEach(collect);
  };
  collect(data);
  // One of each kind that is gone: its list does not hold it.
  for (const [type, [id]] of ids) if (id !== undefined && /^(Job|Dataset):/.test(id)) ids.get(type)?.push(`${id}0`);
  return ids;
}
