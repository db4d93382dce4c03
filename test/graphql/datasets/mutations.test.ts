import { beforeEach, describe, expect, test } from 'vitest';
import type { Agent, Connector, Dataset } from '../../../src/sandbox/model/world.ts';
import { useStage } from '../../support/gateway.ts';

const stage = useStage();

interface UserError {
  readonly code: string;
  readonly message: string;
  readonly field: readonly string[] | null;
  readonly call: string | null;
  readonly upstreamCode: string | null;
}

interface Payload {
  readonly datasetId: string | null;
  readonly dataset: { readonly id: string; readonly name: string; readonly holding: object } | null;
  readonly deletedIds: readonly string[] | null;
  readonly failedStep: string | null;
  readonly userErrors: readonly UserError[];
}

type Name = 'createDataset' | 'updateDataset' | 'deleteDatasets' | 'publishDataset' | 'registerDataset';

const errors = 'userErrors { code message field call upstreamCode }';
const dataset = 'datasetId dataset { id name holding { publication connectorName tableName } }';
const selections: Readonly<Record<Name, string>> = {
  createDataset: `${dataset} ${errors}`,
  updateDataset: `${dataset} ${errors}`,
  deleteDatasets: `deletedIds ${errors}`,
  publishDataset: `${dataset} ${errors}`,
  registerDataset: `${dataset} failedStep ${errors}`,
};

function inputTypeOf(name: Name): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
}

async function mutate(name: Name, input: object, selection = selections[name]): Promise<Payload> {
  const query = `mutation ($input: ${inputTypeOf(name)}!) { result: ${name}(input: $input) { ${selection} } }`;
  return (await stage.data<{ result: Payload }>(query, { input })).result;
}

function first<Thing>(things: readonly Thing[], what: string): Thing {
  const [thing] = things;
  if (thing === undefined) throw new Error(`the world has no ${what}`);
  return thing;
}

function agents(): readonly Agent[] {
  return stage.sandbox.world.agents.filter(({ nodeStatus, isOwn }) => isOwn && nodeStatus === 'TRUST');
}
function agent(): Agent {
  return first(agents(), 'agent that can be reached');
}
function elsewhere(): Agent {
  return first(
    agents().filter(({ leagueId }) => leagueId !== agent().leagueId),
    'agent in another league',
  );
}
function connectorOf(type: Connector['type']): Connector {
  return first(
    stage.sandbox.world.connectorsOfAgent(agent().id).filter((connector) => connector.type === type),
    `${type} connector`,
  );
}
function connectorId({ agentId, id }: Connector): string {
  return `Connector:${agentId}/${id}`;
}

function idOf({ leagueId, id }: Dataset): string {
  return `Dataset:${leagueId}/${id}`;
}
function registered(name: string): readonly Dataset[] {
  return stage.sandbox.world.datasetsOfAgent(agent().id).filter((own) => own.name === name);
}
function theOne(name: string): Dataset {
  return first(registered(name), `dataset ${name}`);
}

let names = 0;
function newName(): string {
  return `test_${(names += 1)}`;
}

const tableColumns = [
  { name: 'id', dataType: 'STRING', comment: '编号', privacyClass: 'UNIQUE_ID', privacyPolicy: 'HASH' },
  {
    name: 'salary',
    dataType: 'DECIMAL',
    privacyClass: 'SENSITIVE',
    privacyPolicy: 'MASK',
    privacyPolicyDetail: 'the last three digits',
  },
];

function table(changes: object = {}) {
  const connector = connectorOf('MYSQL');
  return {
    name: newName(),
    description: 'a table',
    dataType: 'MYSQL',
    connectorId: connectorId(connector),
    connectorName: connector.name,
    table: { schemaName: 'demo', tableName: 't_salary' },
    columns: tableColumns,
    ...changes,
  };
}

const fileParts = {
  fileType: 'CSV',
  delimiter: ',',
  hasHeader: true,
  dataFilePath: '/data/clicks.csv',
  idFilePath: '/data/ids.csv',
  configFilePath: '/data/config.json',
  filteredByAlignment: true,
  multihotGroups: [
    { features: ['genres_0', 'genres_1'], fieldSize: 17 },
    { features: ['dummy_0'], fieldSize: 10 },
  ],
};
const fileColumns = [
  { name: 'id', dataType: 'string', label: 'UNIQUE_ID' },
  { name: 'user_id', dataType: 'integer', label: 'FEATURE', featureType: 'DISCRETE', fieldSize: 193 },
  { name: 'genres_0', dataType: 'integer', label: 'FEATURE', featureType: 'MULTIHOT' },
  { name: 'genres_1', dataType: 'integer', label: 'FEATURE', featureType: 'MULTIHOT' },
];

function file(changes: object = {}) {
  const connector = connectorOf('LOCAL');
  return {
    name: newName(),
    dataType: 'LOCAL_CSV',
    connectorId: connectorId(connector),
    connectorName: connector.name,
    file: fileParts,
    columns: fileColumns,
    extraColumns: [{ name: 'dummy_0', featureType: 'MULTIHOT' }],
    ...changes,
  };
}

async function create(registration: object): Promise<Dataset> {
  const { datasetId, userErrors } = await mutate(
    'createDataset',
    { agentId: agent().id, registration },
    selections.createDataset,
  );
  expect(userErrors).toEqual([]);
  return first(
    stage.sandbox.world.datasets.filter((own) => idOf(own) === datasetId),
    'such dataset',
  );
}

async function sent(operationId: string) {
  return stage.sandbox.client.calls({ operationId });
}

/** The calls that `work` causes; in which league the agents are is asked once a minute only. */
async function callsOf(work: () => Promise<unknown>) {
  const { listAgents, ...calls } = await stage.callsOf(work);
  return calls;
}

beforeEach(async () => {
  // The rules of a test may keep the gateway from knowing where the agents are.
  await stage.data('query ($id: ID!) { agent(id: $id) { id } }', { id: agent().id });
  await stage.sandbox.client.clearCalls();
});

describe('createDataset', () => {
  test('registers a table, and answers with it', async () => {
    const registration = table();
    let payload: Payload | undefined;
    const calls = await callsOf(async () => {
      payload = await mutate('createDataset', { agentId: `Agent:${agent().id}`, registration });
    });
    const made = theOne(registration.name);
    expect(payload).toEqual({
      datasetId: idOf(made),
      dataset: {
        id: idOf(made),
        name: registration.name,
        holding: { publication: 'UNPUBLISHED', connectorName: registration.connectorName, tableName: 't_salary' },
      },
      userErrors: [],
    });
    expect(calls).toEqual({ saveDataset: 1, listAgentDatasets: 1 });
    expect(made).toMatchObject({
      agentId: agent().id,
      leagueId: agent().leagueId,
      description: 'a table',
      type: 'MYSQL',
      connectorId: connectorOf('MYSQL').id,
      table: { schema: 'demo', name: 't_salary' },
      file: undefined,
      columns: [
        { name: 'id', dataType: 'STRING', comment: '编号', privacyType: 'UNIQUE_ID', privacyPolicy: 'HASH' },
        { name: 'salary', privacyType: 'SENSITIVE', privacyPolicy: 'MASK', privacyPolicyText: 'the last three digits' },
      ],
      extraColumns: [],
    });
  });

  test('registers a file with its features, as its registration then tells', async () => {
    const registration = file();
    const { dataset: read } = await mutate(
      'createDataset',
      { agentId: agent().id, registration },
      `dataset {
        registration {
          name description dataType connectorId connectorName table { tableName }
          file {
            fileType delimiter hasHeader dataFilePath idFilePath configFilePath filteredByAlignment
            multihotGroups { features fieldSize } sentDatasetName
          }
          columns { name dataType label featureType fieldSize }
          extraColumns { name featureType }
        }
      }`,
    );
    const none = { featureType: 'UNKNOWN', fieldSize: null };
    expect(read).toMatchObject({
      registration: {
        name: registration.name,
        dataType: 'LOCAL_CSV',
        connectorId: connectorOf('LOCAL').id,
        connectorName: registration.connectorName,
        table: null,
        file: { ...fileParts, sentDatasetName: registration.name },
        columns: fileColumns.map((column) => ({ ...none, ...column })),
        extraColumns: registration.extraColumns,
      },
    });
  });

  test('sends what the reference’s example sends', async () => {
    const registration = file({
      description: '本地连接器数据集',
      columns: [{ name: 'genres_0', dataType: 'integer', label: 'FEATURE', featureType: 'MULTIHOT' }],
      extraColumns: null,
      file: {
        ...fileParts,
        idFilePath: '',
        configFilePath: '',
        multihotGroups: [{ features: ['genres_0'], fieldSize: 17 }],
      },
    });
    await create(registration);
    expect(first(await sent('saveDataset'), 'call').body).toEqual({
      name: registration.name,
      connector_id: connectorOf('LOCAL').id,
      connector_name: registration.connectorName,
      data_type: 'LOCAL_CSV',
      description: '本地连接器数据集',
      columns: [{ column_name: 'genres_0', data_type: 'integer', fl_label_type: 'FEATURE', feature_type: 'MULTIHOT' }],
      ag_dataset_local: {
        file_type: 'CSV',
        delimiter: ',',
        is_header_exist: true,
        data_file_path: fileParts.dataFilePath,
        id_file_path: '',
        config_file_path: '',
        dataset_id: '',
        auto_generate_data: true,
        dataset_name: registration.name,
        ext: { multihot_settings: [{ features: ['genres_0'], field_size: 17 }] },
      },
    });
  });

  test('one that the list does not hold yet is told by its id, and is not said not to exist', async () => {
    const body = { total: 0, lists: [] };
    await stage.sandbox.client.setRules([
      { operationId: 'listAgentDatasets', fault: { kind: 'status', status: 200, body } },
    ]);
    const { data, errors: told = [] } = await stage.ask<{ createDataset: Payload }>(
      `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ${selections.createDataset} } }`,
      { input: { agentId: agent().id, registration: table() } },
    );
    expect(data.createDataset).toMatchObject({ dataset: null, userErrors: [] });
    expect(data.createDataset.datasetId).toMatch(/^Dataset:/);
    expect(told).toMatchObject([
      {
        message: expect.stringMatching(/^The write was carried out.*or not yet/) as string,
        path: ['createDataset', 'dataset'],
        extensions: { code: 'NOT_FOUND' },
      },
    ]);
    await stage.sandbox.client.clearRules();
    const query = 'query ($id: ID!) { node(id: $id) { id } }';
    expect(await stage.data(query, { id: data.createDataset.datasetId })).toEqual({
      node: { id: data.createDataset.datasetId },
    });
  });

  test('looks the connector’s name up where it is not given', async () => {
    const calls = await callsOf(() => create(table({ connectorName: null })));
    expect(calls).toEqual({ listConnectors: 1, saveDataset: 1, listAgentDatasets: 1 });
  });

  test('nothing is sent for a connector that the agent does not have', async () => {
    const registration = table({ connectorName: null, connectorId: `Connector:${agent().id}/nothing` });
    const { datasetId, userErrors } = await mutate('createDataset', { agentId: agent().id, registration });
    expect(userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['registration', 'connectorId'] }]);
    expect(datasetId).toBeNull();
    expect(await sent('saveDataset')).toEqual([]);
  });

  test('a list that was read before in the operation is read again after it', async () => {
    const [one, other] = [table(), table()];
    const field = 'dataset { name agent { datasets(first: 1) { totalCount } } }';
    type Counted = { dataset: { name: string; agent: { datasets: { totalCount: number } } } };
    const before = stage.sandbox.world.datasetsOfAgent(agent().id).length;
    const answer = await stage.data<{ one: Counted; other: Counted }>(
      `mutation ($one: CreateDatasetInput!, $other: CreateDatasetInput!) {
        one: createDataset(input: $one) { ${field} }
        other: createDataset(input: $other) { ${field} }
      }`,
      { one: { agentId: agent().id, registration: one }, other: { agentId: agent().id, registration: other } },
    );
    expect(answer).toMatchObject({
      one: { dataset: { name: one.name, agent: { datasets: { totalCount: before + 1 } } } },
      other: { dataset: { name: other.name, agent: { datasets: { totalCount: before + 2 } } } },
    });
  });

  test('the id is told even where the dataset can not be read', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'listAgentDatasets', fault: { kind: 'status', status: 500 } }]);
    const registration = table();
    const { data, errors: failed } = await stage.ask<{ createDataset: Payload }>(
      `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ${selections.createDataset} } }`,
      { input: { agentId: agent().id, registration } },
    );
    expect(data.createDataset).toEqual({ datasetId: idOf(theOne(registration.name)), dataset: null, userErrors: [] });
    expect(failed).toMatchObject([{ path: ['createDataset', 'dataset'], extensions: { code: 'UPSTREAM_FAILED' } }]);
  });

  test('a name that is taken', async () => {
    const { name } = await create(table());
    await stage.sandbox.client.clearCalls();
    const { dataset: read, userErrors } = await mutate('createDataset', {
      agentId: agent().id,
      registration: table({ name }),
    });
    expect(read).toBeNull();
    expect(userErrors).toMatchObject([
      { code: 'NAME_TAKEN', call: 'saveDataset', upstreamCode: expect.stringContaining('TICS_AGENT.') as string },
    ]);
    expect(await sent('saveDataset')).toHaveLength(1);
  });

  test('a connector that does not suit is for the service to refuse', async () => {
    const { id, name } = connectorOf('LOCAL');
    const { userErrors } = await mutate('createDataset', {
      agentId: agent().id,
      registration: table({ connectorId: `Connector:${agent().id}/${id}`, connectorName: name }),
    });
    expect(userErrors).toMatchObject([{ code: 'UPSTREAM_REFUSED', call: 'saveDataset' }]);
  });

  test.each(['before', 'midAnswer'] as const)(
    'a connection that breaks (%s) leaves the outcome unknown, and the agent’s list may settle it',
    async (at) => {
      await stage.sandbox.client.setRules([{ operationId: 'saveDataset', fault: { kind: 'reset', at } }]);
      const registration = at === 'before' ? table() : file();
      const {
        datasetId,
        dataset: read,
        userErrors,
      } = await mutate('createDataset', {
        agentId: agent().id,
        registration,
      });
      expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'saveDataset' }]);
      expect(await sent('saveDataset')).toHaveLength(1);
      const made = registered(registration.name);
      expect(made).toHaveLength(at === 'midAnswer' ? 1 : 0);
      expect(datasetId).toBe(made.map(idOf)[0] ?? null);
      expect(read?.name ?? null).toBe(made[0]?.name ?? null);
    },
  );

  test('a namesake that was there before is not taken for what was to be created', async () => {
    const { name } = await create(table());
    await stage.sandbox.client.setRules([{ operationId: 'saveDataset', fault: { kind: 'reset', at: 'before' } }]);
    const { datasetId, userErrors } = await mutate('createDataset', {
      agentId: agent().id,
      registration: table({ name, table: { schemaName: 'demo', tableName: 't_other' } }),
    });
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN' }]);
    expect(datasetId).toBeNull();
  });

  test('one that the league sees is not taken for what was to be created, alike as it is', async () => {
    const registration = table();
    const older = await create(registration);
    expect((await mutate('publishDataset', { id: idOf(older), agentId: agent().id })).userErrors).toEqual([]);
    await stage.sandbox.client.setRules([{ operationId: 'saveDataset', fault: { kind: 'reset', at: 'before' } }]);
    const { datasetId, userErrors } = await mutate('createDataset', { agentId: agent().id, registration });
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN' }]);
    expect(datasetId).toBeNull();
  });

  test('an answer that does not tell the id', async () => {
    const registration = table();
    await stage.sandbox.client.setRules([
      { operationId: 'saveDataset', fault: { kind: 'status', status: 200, body: {} } },
    ]);
    const { datasetId, userErrors } = await mutate('createDataset', { agentId: agent().id, registration });
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'saveDataset' }]);
    expect(datasetId).toBe(registered(registration.name).map(idOf)[0] ?? null);
  });
});

describe('what is checked before anything is sent', () => {
  const long = `a${'x'.repeat(128)}`;
  const column = { name: 'c' };
  const registrationFaults: readonly (readonly [what: string, registration: () => object, field: string])[] = [
    ['an empty name', () => table({ name: '' }), 'name'],
    ['a long name', () => table({ name: long }), 'name'],
    ['a name that begins with a digit', () => table({ name: '1st' }), 'name'],
    ['a name that begins with a Chinese character', () => table({ name: '数据' }), 'name'],
    ...[...'?!.*$'].map((sign) => [`a name with ${sign}`, () => table({ name: `a${sign}b` }), 'name'] as const),
    ['a type that is unknown', () => table({ dataType: 'UNKNOWN' }), 'dataType'],
    ['a type that is only read', () => table({ dataType: 'OBS' }), 'dataType'],
    ['no connector id', () => table({ connectorId: 'connector1' }), 'connectorId'],
    ['a long connector id', () => table({ connectorId: `Connector:${agent().id}/${'c'.repeat(33)}` }), 'connectorId'],
    ['a sign in the connector id', () => table({ connectorId: `Connector:${agent().id}/a-b` }), 'connectorId'],
    ['a connector of another agent', () => table({ connectorId: `Connector:${elsewhere().id}/c` }), 'connectorId'],
    ['an empty connector name', () => table({ connectorName: '' }), 'connectorName'],
    ['a long connector name', () => table({ connectorName: long }), 'connectorName'],
    ['a connector name that begins with _', () => table({ connectorName: '_a' }), 'connectorName'],
    ['a connector name with a dot', () => table({ connectorName: 'a.b' }), 'connectorName'],
    ['a table type without a table', () => table({ table: null }), 'table'],
    ['a table type with a file', () => table({ file: { ...fileParts, multihotGroups: [] } }), 'file'],
    ['a file type without a file', () => file({ file: null }), 'file'],
    ['a file type with a table', () => file({ table: { schemaName: 's', tableName: 't' } }), 'table'],
    ['an empty schema', () => table({ table: { schemaName: '', tableName: 't' } }), 'table.schemaName'],
    ['an empty table name', () => table({ table: { schemaName: 's', tableName: '' } }), 'table.tableName'],
    ['an empty file type', () => file({ file: { ...fileParts, fileType: '' } }), 'file.fileType'],
    ['an empty delimiter', () => file({ file: { ...fileParts, delimiter: '' } }), 'file.delimiter'],
    ['an empty path', () => file({ file: { ...fileParts, dataFilePath: '' } }), 'file.dataFilePath'],
    ['no columns', () => table({ columns: [] }), 'columns'],
    ['a column without a name', () => table({ columns: [{ name: '' }] }), 'columns.0.name'],
    ['a column’s name twice', () => table({ columns: [column, { name: 'C' }] }), 'columns.1.name'],
    [
      'a name again among the extra ones',
      () => table({ columns: [column], extraColumns: [column] }),
      'extraColumns.0.name',
    ],
    ['an extra column without a name', () => table({ extraColumns: [{ name: '' }] }), 'extraColumns.0.name'],
    ['an unknown label', () => table({ columns: [{ name: 'c', label: 'UNKNOWN' }] }), 'columns.0.label'],
    ['an unknown feature', () => table({ columns: [{ name: 'c', featureType: 'UNKNOWN' }] }), 'columns.0.featureType'],
    ['an unknown class', () => table({ columns: [{ name: 'c', privacyClass: 'UNKNOWN' }] }), 'columns.0.privacyClass'],
    [
      'an unknown policy',
      () => table({ columns: [{ name: 'c', privacyPolicy: 'UNKNOWN' }] }),
      'columns.0.privacyPolicy',
    ],
    [
      'a size of 0',
      () => table({ columns: [{ name: 'c', featureType: 'DISCRETE', fieldSize: 0 }] }),
      'columns.0.fieldSize',
    ],
    ['a size without a feature', () => table({ columns: [{ name: 'c', fieldSize: 3 }] }), 'columns.0.fieldSize'],
    [
      'a size of a continuous feature',
      () => table({ extraColumns: [{ name: 'c', featureType: 'CONTINUOUS', fieldSize: 3 }] }),
      'extraColumns.0.fieldSize',
    ],
    ...(
      [
        ['a group without columns', [{ features: [] }], '0.features'],
        ['a group of no values', [{ features: ['genres_0'], fieldSize: 0 }], '0.fieldSize'],
        ['a group of a column that is not there', [{ features: ['genres_9'] }], '0.features.0'],
        ['a group of a column that is another feature', [{ features: ['genres_0', 'user_id'] }], '0.features.1'],
        ['a column twice in a group', [{ features: ['genres_0', 'genres_0'] }], '0.features.1'],
        ['a column in two groups', [{ features: ['genres_0'] }, { features: ['genres_0'] }], '1.features.0'],
      ] as const
    ).map(
      ([what, multihotGroups, field]) =>
        [what, () => file({ file: { ...fileParts, multihotGroups } }), `file.multihotGroups.${field}`] as const,
    ),
  ];

  const faultsOf = ({ userErrors }: Payload) => userErrors.map(({ code, field }) => [code, field?.join('.')]);

  test.each(registrationFaults)('%s', async (_, registration, field) => {
    const agentId = agent().id;
    const id = `Dataset:${agent().leagueId}/d`;
    const expected = [['INVALID_INPUT', `registration.${field}`]];
    expect(faultsOf(await mutate('createDataset', { agentId, registration: registration() }))).toEqual(expected);
    expect(faultsOf(await mutate('updateDataset', { id, agentId, registration: registration() }))).toEqual(expected);
    expect(faultsOf(await mutate('registerDataset', { agentId, registration: registration() }))).toEqual(expected);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  const idFaults: readonly (readonly [Name, () => object, string])[] = [
    ['createDataset', () => ({ agentId: 'Dataset:a/b', registration: table() }), 'agentId'],
    ['createDataset', () => ({ agentId: 'x'.repeat(33), registration: table() }), 'agentId'],
    ['registerDataset', () => ({ agentId: '', registration: table() }), 'agentId'],
    ['updateDataset', () => ({ id: 'd', agentId: agent().id, registration: table() }), 'id'],
    ['updateDataset', () => ({ id: 'Dataset:l/d-1', agentId: agent().id, registration: table() }), 'id'],
    ['updateDataset', () => ({ id: 'Dataset:l/d', agentId: 'League:l', registration: table() }), 'agentId'],
    ['publishDataset', () => ({ id: 'd', agentId: agent().id }), 'id'],
    ['publishDataset', () => ({ id: `Dataset:l/${'d'.repeat(33)}`, agentId: agent().id }), 'id'],
    ['publishDataset', () => ({ id: 'Dataset:l/d', agentId: 'a b' }), 'agentId'],
    ['deleteDatasets', () => ({ ids: [], agentId: agent().id }), 'ids'],
    ['deleteDatasets', () => ({ ids: ['Dataset:l/d', 'd'], agentId: agent().id }), 'ids.1'],
    ['deleteDatasets', () => ({ ids: ['Dataset:l/d', 'Dataset:k/d'], agentId: agent().id }), 'ids.1'],
    ['deleteDatasets', () => ({ ids: ['Dataset:l/d'], agentId: '' }), 'agentId'],
  ];

  test.each(idFaults)('%s: ids (%#)', async (name, input, field) => {
    const faults = faultsOf(await mutate(name, input()));
    expect(faults.filter(([, where]) => where !== 'registration.connectorId')).toEqual([['INVALID_INPUT', field]]);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test('all at once', async () => {
    const payload = await mutate('updateDataset', {
      id: 'nothing',
      agentId: 'League:l',
      registration: file({
        name: '1.',
        table: { schemaName: '', tableName: 't' },
        columns: [{ name: 'c', label: 'UNKNOWN', fieldSize: 0 }, { name: 'c' }],
        file: { ...fileParts, delimiter: '', multihotGroups: [{ features: ['z'], fieldSize: 0 }] },
      }),
    });
    expect(
      faultsOf(payload)
        .map(([, field]) => field)
        .sort(),
    ).toEqual(
      [
        'agentId',
        'id',
        'registration.columns.0.fieldSize',
        'registration.columns.0.fieldSize',
        'registration.columns.0.label',
        'registration.columns.1.name',
        'registration.file.delimiter',
        'registration.file.multihotGroups.0.features.0',
        'registration.file.multihotGroups.0.fieldSize',
        'registration.name',
        'registration.name',
        'registration.table',
        'registration.table.schemaName',
      ].sort(),
    );
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test('no message repeats a value', async () => {
    const { userErrors } = await mutate('createDataset', {
      agentId: agent().id,
      registration: table({ name: '9secret', connectorName: '9secret' }),
    });
    expect(userErrors).toHaveLength(2);
    expect(JSON.stringify(userErrors)).not.toContain('9secret');
  });
});

describe('updateDataset', () => {
  test('replaces the registration, and what was published is edited', async () => {
    const made = await create(table());
    await mutate('publishDataset', { id: idOf(made), agentId: agent().id });
    const registration = table({ description: null, table: { schemaName: 'demo', tableName: 't_new' } });
    let payload: Payload | undefined;
    const calls = await callsOf(async () => {
      payload = await mutate('updateDataset', { id: idOf(made), agentId: agent().id, registration });
    });
    expect(payload).toEqual({
      datasetId: idOf(made),
      dataset: {
        id: idOf(made),
        name: registration.name,
        holding: { publication: 'EDITED', connectorName: registration.connectorName, tableName: 't_new' },
      },
      userErrors: [],
    });
    expect(calls).toEqual({ saveDataset: 1, listAgentDatasets: 1 });
    expect(theOne(registration.name)).toMatchObject({ id: made.id, description: '', table: { name: 't_new' } });
  });

  test('names the dataset in the file’s part, too', async () => {
    const made = await create(file());
    await stage.sandbox.client.clearCalls();
    await mutate('updateDataset', { id: idOf(made), agentId: agent().id, registration: file({ name: made.name }) });
    expect(first(await sent('saveDataset'), 'call').body).toMatchObject({
      id: made.id,
      ag_dataset_local: { dataset_id: made.id, dataset_name: made.name },
    });
  });

  test('a dataset that the agent does not hold', async () => {
    const { datasetId, userErrors } = await mutate('updateDataset', {
      id: `Dataset:${agent().leagueId}/nothing`,
      agentId: agent().id,
      registration: table(),
    });
    expect(userErrors).toMatchObject([{ code: 'NOT_FOUND', call: 'saveDataset' }]);
    expect(datasetId).toBeNull();
    expect(await sent('saveDataset')).toHaveLength(1);
  });

  test('a name that another one has', async () => {
    const [made, other] = [await create(table()), await create(table())];
    const { userErrors } = await mutate('updateDataset', {
      id: idOf(made),
      agentId: agent().id,
      registration: table({ name: other.name }),
    });
    expect(userErrors).toMatchObject([{ code: 'NAME_TAKEN', call: 'saveDataset', field: ['registration', 'name'] }]);
  });

  test.each(['before', 'midAnswer'] as const)(
    'a connection that breaks (%s) leaves the outcome unknown, and the registration settles it',
    async (at) => {
      const made = await create(file());
      await stage.sandbox.client.clearCalls();
      await stage.sandbox.client.setRules([{ operationId: 'saveDataset', fault: { kind: 'reset', at } }]);
      const registration = file({ name: made.name, file: { ...fileParts, delimiter: ';' } });
      const {
        datasetId,
        dataset: read,
        userErrors,
      } = await mutate('updateDataset', {
        id: idOf(made),
        agentId: agent().id,
        registration,
      });
      expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'saveDataset' }]);
      expect(await sent('saveDataset')).toHaveLength(1);
      expect(theOne(made.name).file?.delimiter).toBe(at === 'midAnswer' ? ';' : ',');
      expect(datasetId).toBe(at === 'midAnswer' ? idOf(made) : null);
      expect(read?.id ?? null).toBe(datasetId);
    },
  );
});

describe('publishDataset', () => {
  test('lets the league see it, in the same operation', async () => {
    const made = await create(table());
    let answer: { publishDataset: object } | undefined;
    const calls = await callsOf(async () => {
      answer = await stage.data(
        `mutation ($input: PublishDatasetInput!) {
          publishDataset(input: $input) { ${dataset} ${errors} dataset { columns { name } } }
        }`,
        { input: { id: idOf(made), agentId: agent().id } },
      );
    });
    expect(answer?.publishDataset).toMatchObject({
      datasetId: idOf(made),
      dataset: { holding: { publication: 'PUBLISHED' }, columns: [{ name: 'id' }, { name: 'salary' }] },
      userErrors: [],
    });
    expect(calls).toEqual({ publishDataset: 1, listAgentDatasets: 1, listLeagueDatasets: 1 });
    expect(theOne(made.name).publication).toBe('PUBLISHED');
  });

  test('brings the league up to date after an edit', async () => {
    const made = await create(table());
    const input = { id: idOf(made), agentId: agent().id };
    await mutate('publishDataset', input);
    await mutate('updateDataset', { ...input, registration: table({ name: made.name }) });
    expect(theOne(made.name).publication).toBe('EDITED');
    expect(await mutate('publishDataset', input)).toMatchObject({
      dataset: { holding: { publication: 'PUBLISHED' } },
      userErrors: [],
    });
  });

  test('twice', async () => {
    const made = await create(table());
    const input = { id: idOf(made), agentId: agent().id };
    await mutate('publishDataset', input);
    await stage.sandbox.client.clearCalls();
    const { dataset: read, userErrors } = await mutate('publishDataset', input);
    expect(read).toBeNull();
    expect(userErrors).toMatchObject([
      { code: 'WRONG_STATE', call: 'publishDataset', upstreamCode: expect.stringContaining('TICS_AGENT.') as string },
    ]);
    expect(await sent('publishDataset')).toHaveLength(1);
  });

  test('an id of another league does not reach the agent', async () => {
    const made = await create(table());
    const id = `Dataset:${elsewhere().leagueId}/${made.id}`;
    const input = { id, agentId: agent().id };
    for (const payload of [
      await mutate('publishDataset', input),
      await mutate('updateDataset', { ...input, registration: table({ name: made.name }) }),
      await mutate('deleteDatasets', { ids: [id], agentId: agent().id }),
    ])
      expect(payload.userErrors).toMatchObject([{ code: 'NOT_FOUND', call: null, field: ['agentId'] }]);
    expect(await sent('publishDataset')).toEqual([]);
    expect(await sent('deleteDatasets')).toEqual([]);
    expect(await sent('saveDataset')).toHaveLength(1);
  });

  test.each(['before', 'midAnswer'] as const)(
    'a connection that breaks (%s) leaves the outcome unknown, and the agent’s list settles it',
    async (at) => {
      const made = await create(table());
      await stage.sandbox.client.setRules([{ operationId: 'publishDataset', fault: { kind: 'reset', at } }]);
      const { datasetId, userErrors } = await mutate('publishDataset', { id: idOf(made), agentId: agent().id });
      expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'publishDataset' }]);
      expect(await sent('publishDataset')).toHaveLength(1);
      expect(theOne(made.name).publication).toBe(at === 'midAnswer' ? 'PUBLISHED' : 'UNPUBLISHED');
      expect(datasetId).toBe(at === 'midAnswer' ? idOf(made) : null);
    },
  );
});

describe('deleteDatasets', () => {
  test('deletes several with one call, each once', async () => {
    const [one, other] = [await create(table()), await create(file())];
    const ids = [idOf(one), idOf(other)];
    let answer: object | undefined;
    const calls = await callsOf(async () => {
      answer = await stage.data(
        `mutation ($input: DeleteDatasetsInput!) { deleteDatasets(input: $input) { deletedIds ${errors} } }`,
        { input: { ids: [...ids, ids[0]], agentId: agent().id } },
      );
    });
    expect(answer).toEqual({ deleteDatasets: { deletedIds: ids, userErrors: [] } });
    expect(calls).toEqual({ deleteDatasets: 1 });
    expect(first(await sent('deleteDatasets'), 'call').body).toEqual({ resource_ids: [one.id, other.id] });
    expect([...registered(one.name), ...registered(other.name)]).toEqual([]);
  });

  test('what follows in the operation no longer sees it', async () => {
    const made = await create(table());
    const before = stage.sandbox.world.datasetsOfAgent(agent().id).length;
    const other = table();
    expect(
      await stage.data(
        `mutation ($made: DeleteDatasetsInput!, $other: CreateDatasetInput!) {
          deleteDatasets(input: $made) { deletedIds }
          createDataset(input: $other) { dataset { agent { datasets(first: 1) { totalCount } } } }
        }`,
        {
          made: { ids: [idOf(made)], agentId: agent().id },
          other: { agentId: agent().id, registration: other },
        },
      ),
    ).toMatchObject({ createDataset: { dataset: { agent: { datasets: { totalCount: before } } } } });
  });

  test('one that the agent does not hold: all stay', async () => {
    const made = await create(table());
    const { deletedIds, userErrors } = await mutate('deleteDatasets', {
      ids: [idOf(made), `Dataset:${agent().leagueId}/nothing`],
      agentId: agent().id,
    });
    expect(deletedIds).toBeNull();
    expect(userErrors).toMatchObject([
      { code: 'NOT_FOUND', call: 'deleteDatasets', upstreamCode: expect.stringContaining('TICS_AGENT.') as string },
    ]);
    expect(registered(made.name)).toHaveLength(1);
    expect(await sent('deleteDatasets')).toHaveLength(1);
  });

  test('one that jobs use', async () => {
    const { world } = stage.sandbox;
    const used = first(
      agents().flatMap(({ id, leagueId }) =>
        world
          .datasetsOfAgent(id)
          .filter(({ publication }) => publication !== 'UNPUBLISHED')
          .filter((own) =>
            world.jobsOfLeague(leagueId, 'SQL', 'HFL', 'VFL').some(({ datasetIds }) => datasetIds.includes(own.id)),
          ),
      ),
      'dataset that a job uses',
    );
    const { userErrors } = await mutate('deleteDatasets', { ids: [idOf(used)], agentId: used.agentId });
    expect(userErrors).toMatchObject([{ code: 'WRONG_STATE', call: 'deleteDatasets' }]);
    expect(world.dataset(used.id)).toBe(used);
  });

  test.each(['before', 'midAnswer'] as const)(
    'a connection that breaks (%s) leaves the outcome unknown, and the agent’s list settles it',
    async (at) => {
      const made = await create(table());
      await stage.sandbox.client.setRules([{ operationId: 'deleteDatasets', fault: { kind: 'reset', at } }]);
      const { deletedIds, userErrors } = await mutate('deleteDatasets', { ids: [idOf(made)], agentId: agent().id });
      expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'deleteDatasets' }]);
      expect(await sent('deleteDatasets')).toHaveLength(1);
      expect(registered(made.name)).toHaveLength(at === 'midAnswer' ? 0 : 1);
      expect(deletedIds).toEqual(at === 'midAnswer' ? [idOf(made)] : null);
    },
  );
});

describe('registerDataset', () => {
  test('creates and publishes', async () => {
    const registration = table();
    let payload: Payload | undefined;
    const calls = await callsOf(async () => {
      payload = await mutate('registerDataset', { agentId: agent().id, registration });
    });
    expect(payload).toMatchObject({
      datasetId: idOf(theOne(registration.name)),
      dataset: { name: registration.name, holding: { publication: 'PUBLISHED' } },
      failedStep: null,
      userErrors: [],
    });
    expect(calls).toEqual({ saveDataset: 1, publishDataset: 1, listAgentDatasets: 2 });
  });

  test('nothing is published when nothing was created', async () => {
    const { name } = await create(table());
    await stage.sandbox.client.clearCalls();
    expect(await mutate('registerDataset', { agentId: agent().id, registration: table({ name }) })).toMatchObject({
      datasetId: null,
      dataset: null,
      failedStep: 'CREATE',
      userErrors: [{ code: 'NAME_TAKEN', call: 'saveDataset', field: ['registration', 'name'] }],
    });
    expect(await stage.sandbox.client.countCalls()).toEqual({ listAgentDatasets: 1, saveDataset: 1 });
  });

  test('when it can not be published, the payload holds what was created, to go on with', async () => {
    await stage.sandbox.client.setRules([
      {
        operationId: 'publishDataset',
        times: 1,
        fault: { kind: 'status', status: 403, code: 'TICS_AGENT.1', message: 'no' },
      },
    ]);
    const registration = table();
    const { datasetId, ...payload } = await mutate('registerDataset', { agentId: agent().id, registration });
    expect(payload).toMatchObject({
      dataset: { name: registration.name, holding: { publication: 'UNPUBLISHED' } },
      failedStep: 'PUBLISH',
      userErrors: [
        {
          code: 'FORBIDDEN',
          call: 'publishDataset',
          upstreamCode: 'TICS_AGENT.1',
          message: expect.stringContaining('was created') as string,
        },
      ],
    });
    expect(datasetId).toBe(idOf(theOne(registration.name)));
    expect(await mutate('publishDataset', { id: datasetId, agentId: agent().id })).toMatchObject({
      dataset: { holding: { publication: 'PUBLISHED' } },
      userErrors: [],
    });
    expect(await sent('saveDataset')).toHaveLength(1);
  });

  const breaking = (at: 'before' | 'midAnswer') =>
    ({ operationId: 'saveDataset', fault: { kind: 'reset', at } }) as const;
  const register = (registration: object) => mutate('registerDataset', { agentId: agent().id, registration });
  const isUnpublished = {
    failedStep: 'CREATE',
    userErrors: [{ code: 'OUTCOME_UNKNOWN', call: 'saveDataset' }],
  };

  test('creating breaks off before anything is done: nothing is published', async () => {
    await stage.sandbox.client.setRules([breaking('before')]);
    const registration = table();
    expect(await register(registration)).toMatchObject({ datasetId: null, dataset: null, ...isUnpublished });
    expect(registered(registration.name)).toEqual([]);
    expect(await sent('saveDataset')).toHaveLength(1);
    expect(await sent('publishDataset')).toEqual([]);
  });

  test('creating breaks off when it is done: what was not there before is published', async () => {
    await stage.sandbox.client.setRules([breaking('midAnswer')]);
    const registration = table();
    expect(await register(registration)).toMatchObject({
      datasetId: idOf(theOne(registration.name)),
      dataset: { name: registration.name, holding: { publication: 'PUBLISHED' } },
      failedStep: null,
      userErrors: [],
    });
    expect(await sent('saveDataset')).toHaveLength(1);
    expect(await sent('publishDataset')).toHaveLength(1);
  });

  test('one that was there before, alike in everything, is not taken for it', async () => {
    const registration = table();
    const older = await create(registration);
    await stage.sandbox.client.setRules([breaking('before')]);
    await stage.sandbox.client.clearCalls();
    expect(await register(registration)).toMatchObject({ datasetId: null, dataset: null, ...isUnpublished });
    expect(older.publication).toBe('UNPUBLISHED');
    expect(await sent('publishDataset')).toEqual([]);
  });

  test('where nobody can tell what was there before, it is shown and not published', async () => {
    await stage.sandbox.client.setRules([
      breaking('midAnswer'),
      { operationId: 'listAgentDatasets', times: 1, fault: { kind: 'status', status: 500 } },
    ]);
    const registration = table();
    expect(await register(registration)).toMatchObject({
      dataset: { name: registration.name, holding: { publication: 'UNPUBLISHED' } },
      ...isUnpublished,
    });
    expect(await sent('publishDataset')).toEqual([]);
  });

  test.each(['before', 'midAnswer'] as const)(
    'publishing breaks off (%s): the dataset tells what it came to',
    async (at) => {
      await stage.sandbox.client.setRules([{ operationId: 'publishDataset', fault: { kind: 'reset', at } }]);
      const registration = table();
      expect(await mutate('registerDataset', { agentId: agent().id, registration })).toMatchObject({
        dataset: {
          name: registration.name,
          holding: { publication: at === 'midAnswer' ? 'PUBLISHED' : 'UNPUBLISHED' },
        },
        failedStep: 'PUBLISH',
        userErrors: [
          {
            code: 'OUTCOME_UNKNOWN',
            call: 'publishDataset',
            message: expect.stringContaining('publishing it may not have succeeded') as string,
          },
        ],
      });
      expect(await sent('publishDataset')).toHaveLength(1);
    },
  );
});
