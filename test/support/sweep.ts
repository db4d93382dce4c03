import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { callsOf } from '../../src/graphql/calls.ts';
import type { GraphQLAnswer } from './gateway.ts';

/** Executes an operation. */
export type Ask = (query: string) => Promise<GraphQLAnswer<unknown>>;

/** What a scalar or a part of a Node read on one path. */
interface Reading {
  readonly value: string;
  readonly path: string;
}

/** Every reading of every scalar of every Node, by its id. */
export interface Sweep {
  /** `<id>.<field>`, and on which paths it read what, where it read differently. */
  readonly differences: readonly string[];
  /** How many objects of each type were met on more than one path. */
  readonly compared: Readonly<Record<string, number>>;
  /** How many paths lead to each type. */
  readonly paths: Readonly<Record<string, number>>;
  readonly operations: number;
}

type Field = GraphQLField<unknown, unknown>;

/** How far a sweep goes. */
export interface Reach {
  /** Fields from Query to a Node; `nodes` counts only at the end. */
  readonly depth: number;
  /** How many objects of a type the paths by id begin at. */
  readonly roots: number;
  /** How many rows of each list. */
  readonly rows: number;
  /** Whether lists are asked with each of their arguments too. */
  readonly filters: boolean;
  /** Whether calls leave values out: one that is missing on a path is no difference then. */
  readonly losesValues: boolean;
}

const whole: Reach = { depth: 4, roots: 2, rows: 4, filters: true, losesValues: false };

/** Aliases of a Node's parts end so. */
const partSuffix = '__part';

/** How many objects of a type are read again by `nodes`. */
const objectsOfAType = 30;

function isDuration({ name }: GraphQLArgument): boolean {
  return /timeout|seconds/i.test(name);
}

/** A value for an argument or an input field, one for each way to give it. */
export function valuesOf(
  type: GraphQLInputType,
  name: string,
  idsOf: (kind: string) => readonly string[],
): readonly string[] {
  const nullable = getNullableType(type);
  if (isListType(nullable))
    return valuesOf(nullable.ofType, name.replace(/s$/, ''), idsOf).map((value) => `[${value}]`);
  if (isEnumType(nullable))
    return nullable
      .getValues()
      .map((value) => value.name)
      .filter((value) => value !== 'UNKNOWN');
  if (isInputObjectType(nullable))
    return Object.values(nullable.getFields()).flatMap((field) => {
      const required = Object.values(nullable.getFields()).filter(
        (other) => other !== field && isRequiredArgument(other),
      );
      const rest = required.map((other) => `, ${other.name}: ${valuesOf(other.type, other.name, idsOf)[0]}`).join('');
      return valuesOf(field.type, field.name, idsOf).map((value) => `{ ${field.name}: ${value}${rest} }`);
    });
  switch (getNamedType(nullable).name) {
    case 'Boolean':
      return ['true', 'false'];
    case 'Int':
      return ['1'];
    case 'DateTime':
      return name === 'to' ? ['"2100-01-01T00:00:00Z"'] : ['"2000-01-01T00:00:00Z"'];
    case 'Date':
      return name === 'to' ? ['"2026-05-31"'] : ['"2026-03-01"'];
    case 'ID':
      return idsOf(name.replace(/Id$/, ''))
        .slice(0, 1)
        .map((id) => JSON.stringify(id));
    default:
      return ['"a"'];
  }
}

/**
 * Asks a gateway for every Node of its schema on every path of so many fields from Query, and compares all that the same object's scalars read. Lists are asked for without arguments, and
 * with each of them.
 */
export function createSweep(
  schema: GraphQLSchema,
  ask: Ask,
  { depth, roots: rootsOfAType, rows: pageSize, losesValues }: Reach,
) {
  const node = schema.getType('Node');
  const query = schema.getQueryType();
  if (!isInterfaceType(node) || !query) throw new Error('there is no Node');
  const nodeTypes = schema.getPossibleTypes(node);
  const isNode = (type: unknown): boolean => nodeTypes.some((each) => each === type);

  const readings = new Map<string, Map<string, Reading[]>>();
  const typeOfId = new Map<string, string>();
  const pathsTo = new Map<string, Set<string>>();
  let operations = 0;

  /** Ids of a type, or of the type that an argument's name means: `agentId`, `instanceId`. */
  const idsOf = (kind: string): readonly string[] =>
    [...typeOfId].flatMap(([id, type]) =>
      id.toLowerCase().startsWith(`${kind.toLowerCase()}:`) || type.toLowerCase() === kind.toLowerCase() ? [id] : [],
    );

  const objectsOf = (type: unknown): readonly GraphQLObjectType[] =>
    isObjectType(type) ? [type] : isInterfaceType(type) ? schema.getPossibleTypes(type) : [];

  const isConnection = (type: GraphQLObjectType): boolean => type.name.endsWith('Connection');

  /** Whether a Node can be reached from a type by `left` more fields. */
  const reaches = (type: GraphQLObjectType, left: number): boolean =>
    isNode(type) ||
    (left > 0 &&
      Object.values(type.getFields()).some((field) =>
        objectsOf(getNamedType(field.type)).some((target) => reaches(target, isConnection(type) ? left : left - 1)),
      ));

  /** What a field must be given, and no time to wait. */
  const required = (args: readonly GraphQLArgument[]): string[] | undefined => {
    const values = args
      .filter((arg) => isRequiredArgument(arg) || isDuration(arg))
      .map((arg) => {
        const [value] = isDuration(arg) ? ['0'] : valuesOf(arg.type, arg.name, idsOf);
        return value === undefined ? undefined : `${arg.name}: ${value}`;
      });
    return values.includes(undefined) ? undefined : (values as string[]);
  };

  const written = (field: Field, args: readonly string[]): string => {
    const paged = field.args.some(({ name }) => name === 'first') ? [...args, `first: ${pageSize}`] : args;
    return paged.length > 0 ? `${field.name}(${paged.join(', ')})` : field.name;
  };

  const isLeaf = (field: Field): boolean =>
    isLeafType(getNamedType(field.type)) && !field.args.some(isRequiredArgument);

  const partOf = (field: Field): string =>
    objectsOf(getNamedType(field.type))
      .flatMap((type) => Object.values(type.getFields()).filter((leaf) => isLeaf(leaf) && callsOf(leaf).length === 0))
      .map(({ name }) => name)
      .join(' ');

  /** A part that a Node's own row tells: it costs no call of its own, and a cache keeps it with the Node. */
  const isPart = (field: Field): boolean => {
    const type = getNamedType(field.type);
    const isRow = isObjectType(type) && !isNode(type) && !isConnection(type) && callsOf(field).length === 0;
    return isRow && field.args.length === 0 && partOf(field) !== '';
  };

  /** The scalars of a Node and of its parts, under aliases of its own: fragments on different types must not collide. */
  const leavesOf = (type: GraphQLObjectType): string =>
    Object.values(type.getFields())
      .flatMap((field) =>
        isLeaf(field)
          ? [`${type.name}__${field.name}: ${field.name}`]
          : isPart(field)
            ? [`${type.name}__${field.name}${partSuffix}: ${field.name} { ${partOf(field)} }`]
            : [],
      )
      .join(' ');
  const fragments = nodeTypes.map((type) => ({
    name: `${type.name}Scalars`,
    text: `fragment ${type.name}Scalars on ${type.name} { ${leavesOf(type)} }`,
  }));

  /** Everything below a type that leads to Nodes: their scalars, and what leads on. */
  const selection = (types: readonly GraphQLObjectType[], left: number): string =>
    types
      .flatMap((type) => {
        const further = isConnection(type)
          ? selectionOf(type.getFields()['nodes'], type, left)
          : left > 0
            ? Object.values(type.getFields())
                .map((field) => selectionOf(field, type, left - 1))
                .join(' ')
            : '';
        const own = isNode(type) ? `...${type.name}Scalars ${further}` : further;
        return own.trim() === '' ? [] : [types.length > 1 ? `... on ${type.name} { ${own} }` : own];
      })
      .join(' ');

  const selectionOf = (field: Field | undefined, type: GraphQLObjectType, left: number): string => {
    if (field === undefined) return '';
    const targets = objectsOf(getNamedType(field.type)).filter((target) => reaches(target, left));
    const args = required(field.args);
    if (targets.length === 0 || args === undefined) return '';
    const below = selection(targets, left);
    return below === '' ? '' : `${type.name}__${field.name}: ${written(field, args)} { __typename ${below} }`;
  };

  const record = (
    type: string,
    object: Readonly<Record<string, unknown>>,
    path: string,
    failed: Set<string>,
    at: string,
  ) => {
    const id = object[`${type}__id`];
    if (typeof id !== 'string') return;
    typeOfId.set(id, type);
    pathsTo.set(type, (pathsTo.get(type) ?? new Set()).add(path));
    const fields = readings.get(id) ?? new Map<string, Reading[]>();
    readings.set(id, fields);
    for (const [alias, value] of Object.entries(object)) {
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      if (!alias.startsWith(`${type}__`) || (isObject && !alias.endsWith(partSuffix))) continue;
      if (
        Array.isArray(value) &&
        value.some((item) => typeof item === 'object' && item !== null && '__typename' in item)
      )
        continue;
      // What failed reads null, and says so: no cache keeps it.
      if (failed.has(`${at}/${alias}`)) continue;
      fields.set(alias, [...(fields.get(alias) ?? []), { value: JSON.stringify(value), path }]);
    }
  };

  const collect = (value: unknown, path: string, at: string, failed: Set<string>): void => {
    if (Array.isArray(value)) value.forEach((item, index) => collect(item, path, `${at}/${index}`, failed));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const object = value as Readonly<Record<string, unknown>>;
    const type = schema.getType(String(object['__typename']));
    if (isObjectType(type) && isNode(type)) record(type.name, object, path, failed, at);
    for (const [alias, below] of Object.entries(object))
      collect(below, `${path}.${alias.replace(/^\w+?__/, '')}`, `${at}/${alias}`, failed);
  };

  const run = async (label: string, text: string): Promise<void> => {
    if (text.trim() === '') return;
    operations += 1;
    const used = fragments.filter(({ name }) => text.includes(`...${name}`)).map((fragment) => fragment.text);
    const { data, errors } = await ask(`{ ${text} } ${used.join(' ')}`);
    const invalid = errors?.find(({ path }) => path === undefined);
    if (invalid !== undefined) throw new Error(`${invalid.message}\n${text.slice(0, 2000)}`);
    const failed = new Set(errors?.map(({ path }) => `/${path?.join('/')}`));
    collect(data, label, '', failed);
  };

  /** Fields of Query that need no id. */
  const lists = async (): Promise<void> => {
    for (const field of Object.values(query.getFields()))
      if (!field.args.some(({ name }) => /^ids?$/.test(name))) await run('', selectionOf(field, query, depth - 1));
  };

  /** Each argument of each list, one value at a time. */
  const filters = async (): Promise<void> => {
    const variantsOf = (type: GraphQLObjectType): string =>
      Object.values(type.getFields())
        .flatMap((field) => {
          const args = required(field.args);
          const targets = objectsOf(getNamedType(field.type)).filter((target) => reaches(target, 1));
          const isPaged = field.args.some(({ name }) => name === 'first');
          if (args === undefined || targets.length === 0 || (!isPaged && field.args.length === 0)) return [];
          return field.args
            .filter(({ name }) => !['first', 'after', 'id', 'ids'].includes(name))
            .flatMap((arg) => valuesOf(arg.type, arg.name, idsOf).map((value) => ({ arg, value })))
            .map(({ arg, value }, index) => {
              const others = args.filter((other) => !other.startsWith(`${arg.name}:`));
              const below = selection(targets, 1);
              return `v${index}__${field.name}: ${written(field, [...others, `${arg.name}: ${value}`])} { __typename ${below} }`;
            });
        })
        .join(' ');
    await run('', variantsOf(query));
    for (const type of nodeTypes) {
      const text = variantsOf(type);
      const roots = idsOf(type.name).slice(0, rootsOfAType);
      if (text !== '')
        for (const id of roots)
          await run(
            `node(${type.name})`,
            `node(id: ${JSON.stringify(id)}) { __typename ... on ${type.name} { ${text} } }`,
          );
    }
  };

  /** Everything by its id: alone, several at once, and what leads on from there. */
  const details = async (): Promise<void> => {
    const all = nodeTypes.flatMap(({ name }) =>
      [...typeOfId].flatMap(([id, type]) => (type === name ? [id] : [])).slice(0, objectsOfAType),
    );
    for (const field of Object.values(query.getFields())) {
      const [arg] = field.args.filter(({ name }) => /^ids?$/.test(name));
      if (arg === undefined) continue;
      const targets = objectsOf(getNamedType(field.type));
      const fitting = all.filter((id) => targets.some(({ name }) => name === typeOfId.get(id)));
      const others = required(field.args.filter((other) => other !== arg)) ?? [];
      if (arg.name === 'ids') {
        const call = written(field, [...others, `ids: ${JSON.stringify(fitting)}`]);
        await run('', `Query__${field.name}: ${call} { __typename ${selection(targets, 0)} }`);
        continue;
      }
      for (const target of targets)
        for (const id of fitting.filter((each) => typeOfId.get(each) === target.name).slice(0, rootsOfAType)) {
          const left = targets.length > 6 ? 0 : depth - 1;
          const below = selection([target], left);
          const text = targets.length > 1 ? `... on ${target.name} { ${below} }` : below;
          await run(
            '',
            `Query__${field.name}: ${written(field, [...others, `id: ${JSON.stringify(id)}`])} { __typename ${text} }`,
          );
        }
    }
  };

  const result = (): Sweep => {
    const differences = [...readings].flatMap(([id, fields]) =>
      [...fields].flatMap(([alias, read]) => {
        const told = losesValues ? read.filter(({ value }) => !['null', '[]', '"UNKNOWN"'].includes(value)) : read;
        const values = new Map(told.map(({ value, path }) => [value, path]));
        if (values.size < 2) return [];
        const texts = [...values].map(([value, path]) => `${value.slice(0, 80)} on ${path}`).join('; ');
        return [`${id} ${alias.replace('__', '.')}: ${texts}`];
      }),
    );
    const compared: Record<string, number> = {};
    for (const [id, fields] of readings) {
      const type = typeOfId.get(id) ?? '';
      const [read = []] = fields.values();
      if (new Set(read.map(({ path }) => path)).size > 1) compared[type] = (compared[type] ?? 0) + 1;
    }
    return {
      differences,
      compared,
      paths: Object.fromEntries([...pathsTo].map(([type, paths]) => [type, paths.size])),
      operations,
    };
  };

  return { lists, filters, details, result };
}

/** Sweeps the lists, then with filters, then the objects that were met by their ids. */
export async function sweep(schema: GraphQLSchema, ask: Ask, reach: Partial<Reach> = {}): Promise<Sweep> {
  const far = { ...whole, ...reach };
  const { lists, filters, details, result } = createSweep(schema, ask, far);
  await lists();
  if (far.filters) await filters();
  await details();
  return result();
}
