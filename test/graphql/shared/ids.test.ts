import {
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  Kind,
  parse,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { parseAnyId } from '../../../src/graphql/shared/ids.ts';
import { schema } from '../../../src/graphql/schema.ts';
import { useStage } from '../../support/gateway.ts';
import { surfaces } from '../../support/surfaces.ts';

type Composite = GraphQLObjectType | GraphQLInterfaceType;
type Field = GraphQLField<unknown, unknown> | GraphQLInputField | GraphQLArgument;

const types = Object.values(schema.getTypeMap()).filter(
  (type): type is Composite => (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith('__'),
);

/** Input types, and the arguments of each field as one. */
const inputs = [
  ...Object.values(schema.getTypeMap())
    .filter(isInputObjectType)
    .map((type) => ({ name: type.name, fields: Object.values<Field>(type.getFields()) })),
  ...types.flatMap((type) =>
    Object.values(type.getFields()).map(({ name, args }) => ({ name: `${type.name}.${name}`, fields: args })),
  ),
];

/** Filters of flat tables name their columns, whose ids are keys of the tables. */
const areOfTables = /RowFilter$/;

function leavesOf(type: Composite): readonly Field[] {
  return Object.values(type.getFields()).filter((field) => isLeafType(getNamedType(field.type)));
}

function typeNameOf({ type }: Field): string {
  return getNamedType(type).name;
}

/** Names that end in an id's kind, such as `creatorAgentId`, and that kind. */
const kinds = ['League', 'Agent', 'Dataset', 'Job', 'Instance', 'Connector', 'ApprovalNotice'];
function kindIn(name: string): string | undefined {
  const upper = name.charAt(0).toUpperCase() + name.slice(1);
  return kinds.find((kind) => new RegExp(`${kind}(Tics)?Ids?$`).test(upper));
}

function isMisnamed(field: Field): boolean {
  const isRaw = /^ticsId$|TicsIds?$/.test(field.name);
  const isGlobal = !isRaw && /^ids?$|Ids?$/.test(field.name);
  return isGlobal !== (typeNameOf(field) === 'ID');
}

function misnamed(type: Composite): readonly string[] {
  return leavesOf(type)
    .filter(isMisnamed)
    .map(({ name }) => `${type.name}.${name}`);
}

/** Instances of the cloud's services, which the graph does not know. */
const ofTheCloud = ['edgeInstanceTicsId', 'rdsInstanceTicsId'];

/** Raw ids of things the graph knows, on types that have neither their global id nor the thing itself. */
function stranded(type: Composite): readonly string[] {
  const names = Object.keys(type.getFields());
  return leavesOf(type)
    .filter(({ name }) => /TicsIds?$/.test(name) && kindIn(name) !== undefined && !ofTheCloud.includes(name))
    .filter(
      ({ name }) => !names.includes(name.replace('TicsId', 'Id')) && !names.includes(name.replace(/TicsIds?$/, '')),
    )
    .map(({ name }) => `${type.name}.${name}`);
}

describe('names of ids', () => {
  test('a field …Id is a global id of type ID, a raw one is …TicsId', () => {
    expect(types.flatMap(misnamed)).toEqual([]);
  });

  test('so is one of an input, and an argument', () => {
    const wrong = inputs
      .filter(({ name }) => !areOfTables.test(name))
      .flatMap(({ name, fields }) => fields.filter(isMisnamed).map((field) => `${name}.${field.name}`));
    expect(wrong).toEqual([]);
  });

  test('beside a raw id of something that the graph knows stands its global id or the thing itself', () => {
    expect(types.flatMap(stranded)).toEqual([]);
  });

  test('a new field that breaks either rule is found', () => {
    const league = schema.getType('League') as GraphQLObjectType;
    const fields = league.getFields();
    const { ticsId } = fields;
    if (ticsId === undefined) throw new Error('there is no League.ticsId');
    fields['ownerId'] = { ...ticsId, name: 'ownerId' };
    fields['labelAgentTicsId'] = { ...ticsId, name: 'labelAgentTicsId' };
    try {
      expect(misnamed(league)).toEqual(['League.ownerId']);
      expect(stranded(league)).toEqual(['League.labelAgentTicsId']);
    } finally {
      delete fields['ownerId'];
      delete fields['labelAgentTicsId'];
    }
  });

  test('every Node has both', () => {
    const node = schema.getType('Node') as GraphQLInterfaceType;
    const withoutRaw = schema.getImplementations(node).objects.filter((type) => !('ticsId' in type.getFields()));
    expect(withoutRaw).toEqual([]);
  });
});

describe('values of ids', () => {
  const stage = useStage();

  /** An operation that asks for every id on its way as well, each under the name of its type and its own. */
  function askingForIds(operation: string): string {
    const info = new TypeInfo(schema);
    return print(
      visit(
        parse(operation),
        visitWithTypeInfo(info, {
          SelectionSet: (node) => {
            const type = info.getParentType();
            if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
            const ids = leavesOf(type)
              .filter((field) => typeNameOf(field) === 'ID')
              .map(({ name }): FieldNode => ({
                kind: Kind.FIELD,
                alias: { kind: Kind.NAME, value: `${type.name}__${name}` },
                name: { kind: Kind.NAME, value: name },
              }));
            return { ...node, selections: [...node.selections, ...ids] };
          },
        }),
      ),
    );
  }

  function idsIn(value: unknown): readonly (readonly [coordinate: string, id: string])[] {
    if (Array.isArray(value)) return value.flatMap(idsIn);
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([name, item]) => {
      if (!name.includes('__')) return idsIn(item);
      const ids = (Array.isArray(item) ? item : [item]) as readonly (string | null)[];
      return ids.flatMap((id) => (id === null ? [] : [[name.replace('__', '.'), id] as const]));
    });
  }

  test('each is one that `node` takes, of the kind that its name says', async () => {
    const { world } = stage.sandbox;
    const agent = world.agents.find(({ nodeStatus }) => nodeStatus === 'TRUST');
    const variables = { agent: agent?.id, league: agent?.leagueId };
    const met = new Map<string, string>();
    for (const operation of Object.values(surfaces)) {
      const { data } = await stage.ask(askingForIds(operation), variables);
      for (const [coordinate, id] of idsIn(data)) {
        met.set(coordinate, id);
        const [type = '', name = ''] = coordinate.split('.');
        const { kind } = parseAnyId(id);
        const expected = name === 'id' ? (kinds.includes(type) ? type : undefined) : kindIn(name);
        expect({ coordinate, kind: expected ?? kind }).toEqual({ coordinate, kind });
      }
    }
    expect(met.size).toBeGreaterThan(30);
    const jobId = met.get('Instance.jobId');
    expect(await stage.data('query ($id: ID!) { job(id: $id) { id } }', { id: jobId })).toEqual({ job: { id: jobId } });
    for (const coordinate of ['ComputeNode.agentId', 'ExecutionNode.agentId', 'RegisteredColumn.datasetId'])
      expect([...met.keys()]).toContain(coordinate);
  });
});
