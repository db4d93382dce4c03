import { describe, expect, test } from 'vitest';
import { type DatasetMutation, type DatasetPayload, fileParts, useDatasets } from '../../support/datasets.ts';
import { useStage } from '../../support/gateway.ts';

const stage = useStage();
const { agent, agentElsewhere, file, mutate, table } = useDatasets(stage);

describe('what is checked before anything is sent', () => {
  const long = `a${'x'.repeat(128)}`;
  const column = { name: 'c' };
  const registrationFaults: readonly (readonly [what: string, registration: () => object, field: string])[] = [
    ['an empty name', () => table({ name: '' }), 'name'],
    ['a long name', () => table({ name: long }), 'name'],
    ['a name that begins with a digit', () => table({ name: '1st' }), 'name'],
    ['a name that begins with a Chinese character', () => table({ name: '数据' }), 'name'],
    ...[...'?!.*$'].map((sign) => [`a name with ${sign}`, () => table({ name: `a${sign}b` }), 'name'] as const),
    ['a type that is only read', () => table({ dataType: 'OBS' }), 'dataType'],
    ['no connector id', () => table({ connectorId: 'connector1' }), 'connectorId'],
    ['a long connector id', () => table({ connectorId: `Connector:${agent().id}/${'c'.repeat(33)}` }), 'connectorId'],
    ['a sign in the connector id', () => table({ connectorId: `Connector:${agent().id}/a-b` }), 'connectorId'],
    ['a connector of another agent', () => table({ connectorId: `Connector:${agentElsewhere().id}/c` }), 'connectorId'],
    ['an empty connector name', () => table({ connectorName: '' }), 'connectorName'],
    ['a long connector name', () => table({ connectorName: long }), 'connectorName'],
    ['a connector name that begins with _', () => table({ connectorName: '_a' }), 'connectorName'],
    ['a connector name with a dot', () => table({ connectorName: 'a.b' }), 'connectorName'],
    [
      'a table type with a file',
      () => table({ source: { file: { ...fileParts, multihotGroups: [] } } }),
      'source.file',
    ],
    [
      'a file type with a table',
      () => file({ columns: [column], source: { table: { schemaName: 's', tableName: 't' } } }),
      'source.table',
    ],
    [
      'an empty schema',
      () => table({ source: { table: { schemaName: '', tableName: 't' } } }),
      'source.table.schemaName',
    ],
    [
      'an empty table name',
      () => table({ source: { table: { schemaName: 's', tableName: '' } } }),
      'source.table.tableName',
    ],
    ['an empty file type', () => file({ source: { file: { ...fileParts, fileType: '' } } }), 'source.file.fileType'],
    ['an empty delimiter', () => file({ source: { file: { ...fileParts, delimiter: '' } } }), 'source.file.delimiter'],
    ['an empty path', () => file({ source: { file: { ...fileParts, dataFilePath: '' } } }), 'source.file.dataFilePath'],
    ['no columns', () => table({ columns: [] }), 'columns'],
    ['a column without a name', () => table({ columns: [{ name: '' }] }), 'columns.0.name'],
    ['a column’s name twice', () => table({ columns: [column, { name: 'C' }] }), 'columns.1.name'],
    [
      'a name again among the extra ones',
      () => table({ columns: [column], extraColumns: [column] }),
      'extraColumns.0.name',
    ],
    ['an extra column without a name', () => table({ extraColumns: [{ name: '' }] }), 'extraColumns.0.name'],
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
        [
          what,
          () => file({ source: { file: { ...fileParts, multihotGroups } } }),
          `source.file.multihotGroups.${field}`,
        ] as const,
    ),
  ];

  const faultsOf = ({ userErrors }: DatasetPayload) => userErrors.map(({ code, field }) => [code, field?.join('.')]);

  test.each(registrationFaults)('%s', async (_, registration, field) => {
    const agentId = agent().id;
    const id = `Dataset:${agent().leagueId}/d`;
    const expected = [['INVALID_INPUT', `registration.${field}`]];
    expect(faultsOf(await mutate('createDataset', { agentId, registration: registration() }))).toEqual(expected);
    expect(faultsOf(await mutate('updateDataset', { id, agentId, registration: registration() }))).toEqual(expected);
    expect(faultsOf(await mutate('registerDataset', { agentId, registration: registration() }))).toEqual(expected);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  const idFaults: readonly (readonly [DatasetMutation, () => object, string])[] = [
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
        columns: [{ name: 'c', fieldSize: 0 }, { name: 'c' }],
        source: { file: { ...fileParts, delimiter: '', multihotGroups: [{ features: ['z'], fieldSize: 0 }] } },
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
        'registration.columns.1.name',
        'registration.source.file.delimiter',
        'registration.source.file.multihotGroups.0.features.0',
        'registration.source.file.multihotGroups.0.fieldSize',
        'registration.name',
        'registration.name',
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

  test.each([
    ['neither a table nor a file', {}],
    ['both', { table: { schemaName: 's', tableName: 't' }, file: fileParts }],
    ['null for a table', { table: null }],
  ])('a source that is %s is no valid document', async (_, source) => {
    for (const registration of [table({ source }), file({ source })]) {
      const { errors } = await stage.ask(
        'mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { userErrors { code } } }',
        { input: { agentId: agent().id, registration } },
      );
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    }
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });
});
