import { describe, expect, test } from 'vitest';
import { datasetFields, fileColumns, fileParts, useDatasets, type DatasetPayload } from '../../support/datasets.ts';
import { breakPoints, resetCall } from '../../support/faults.ts';
import { useStage } from '../../support/gateway.ts';
import { userErrorFields } from '../../support/mutate.ts';
import { datasetId as idOf } from '../../support/ids.ts';

const stage = useStage();
const { agent, callsOf, connectorOf, create, file, mutate, registered, registeredOne, sent, table } =
  useDatasets(stage);

describe('createDataset', () => {
  test('registers a table, and answers with it', async () => {
    const registration = table();
    let payload: DatasetPayload | undefined;
    const calls = await callsOf(async () => {
      payload = await mutate('createDataset', { agentId: `Agent:${agent().id}`, registration });
    });
    const made = registeredOne(registration.name);
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

  test('registers a file with its features, and the registration reads them back', async () => {
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
        connectorId: `Connector:${agent().id}/${connectorOf('LOCAL').id}`,
        connectorName: registration.connectorName,
        table: null,
        file: { ...fileParts, sentDatasetName: registration.name },
        columns: fileColumns.map((column) => ({ ...none, ...column })),
        extraColumns: registration.extraColumns,
      },
    });
  });

  test('sends the body of the reference’s example', async () => {
    const registration = file({
      description: '本地连接器数据集',
      columns: [{ name: 'genres_0', dataType: 'integer', label: 'FEATURE', featureType: 'MULTIHOT' }],
      extraColumns: null,
      source: {
        file: {
          ...fileParts,
          idFilePath: '',
          configFilePath: '',
          multihotGroups: [{ features: ['genres_0'], fieldSize: 17 }],
        },
      },
    });
    await create(registration);
    expect((await sent('saveDataset'))[0]?.body).toEqual({
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

  test('a new dataset that the list does not contain yet has its id, and is not cached as missing', async () => {
    const body = { total: 0, lists: [] };
    await stage.sandbox.client.setRules([
      { operationId: 'listAgentDatasets', fault: { kind: 'status', status: 200, body } },
    ]);
    const { data, errors: told = [] } = await stage.ask<{ createDataset: DatasetPayload }>(
      `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ${datasetFields} ${userErrorFields} } }`,
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

  test('reads the connector’s name where it is not given', async () => {
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

  test('the payload has the id even where the dataset can not be read', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'listAgentDatasets', fault: { kind: 'status', status: 500 } }]);
    const registration = table();
    const { data, errors: failed } = await stage.ask<{ createDataset: DatasetPayload }>(
      `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ${datasetFields} ${userErrorFields} } }`,
      { input: { agentId: agent().id, registration } },
    );
    expect(data.createDataset).toEqual({
      datasetId: idOf(registeredOne(registration.name)),
      dataset: null,
      userErrors: [],
    });
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

  test.each(breakPoints)(
    'a connection that breaks (%s) leaves the outcome unknown, and the agent’s list may settle it',
    async (at) => {
      await resetCall(stage, 'saveDataset', at);
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

  test('a dataset of the same name that existed before is not taken for the new one', async () => {
    const { name } = await create(table());
    await resetCall(stage, 'saveDataset', 'before');
    const { datasetId, userErrors } = await mutate('createDataset', {
      agentId: agent().id,
      registration: table({ name, source: { table: { schemaName: 'demo', tableName: 't_other' } } }),
    });
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN' }]);
    expect(datasetId).toBeNull();
  });

  test('an equal dataset that is published already is not taken for the new one', async () => {
    const registration = table();
    const older = await create(registration);
    expect((await mutate('publishDataset', { id: idOf(older), agentId: agent().id })).userErrors).toEqual([]);
    await resetCall(stage, 'saveDataset', 'before');
    const { datasetId, userErrors } = await mutate('createDataset', { agentId: agent().id, registration });
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN' }]);
    expect(datasetId).toBeNull();
  });

  test('an answer without an id leaves the outcome unknown', async () => {
    const registration = table();
    await stage.sandbox.client.setRules([
      { operationId: 'saveDataset', fault: { kind: 'status', status: 200, body: {} } },
    ]);
    const { datasetId, userErrors } = await mutate('createDataset', { agentId: agent().id, registration });
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'saveDataset' }]);
    expect(datasetId).toBe(registered(registration.name).map(idOf)[0] ?? null);
  });

  test('the columns of a file may differ in case alone, those of a table may not', async () => {
    const columns = ['x', 'X'].map((name) => ({ name, dataType: 'integer', label: 'FEATURE' }));
    const made = await create(
      file({ columns, extraColumns: [], source: { file: { ...fileParts, multihotGroups: [] } } }),
    );
    expect(made.columns.map(({ name }) => name)).toEqual(['x', 'X']);
    const { userErrors } = await mutate('createDataset', { agentId: agent().id, registration: table({ columns }) });
    expect(userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: ['registration', 'columns', '1', 'name'] }]);
  });
});
