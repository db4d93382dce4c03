import { describe, expect, test } from 'vitest';
import { FormData } from 'undici';
import {
  connectorForm,
  createSqlJob,
  expectDone,
  expectRefusal,
  foreignTable,
  found,
  lastEvent,
  makeDataset,
  mysqlSettings,
  ownTable,
  page,
  publish,
  rowsOf,
  sqlName,
  tableInput,
  textIn,
  useSandbox,
  type ConnectorDocument,
} from './fixture.ts';

const fixture = useSandbox();
const nobody = '0'.repeat(32);
function save(document: ConnectorDocument, driver?: string) {
  return fixture.first.post('/connectors', connectorForm(document, driver));
}
function connectors() {
  return rowsOf(fixture.first.get(`/connectors?${page}`));
}

describe('connectors', () => {
  test('are created, told without their password, and updated', async () => {
    const created = await save({ name: 'mysql-con' }, 'jar');
    expect(created.status).toBe(201);
    const { password, ...settings } = mysqlSettings;
    const saved = created.json as Record<string, string>;
    expect(saved).toMatchObject({ name: 'mysql-con', connector_type: 'MYSQL', auth_type: 'PWD' });
    expect(JSON.parse(saved.ext_info ?? '')).toEqual(settings);
    const id = found('id', saved.connector_id);

    const [row] = await connectors();
    expect(row).toMatchObject({ id, name: 'mysql-con', connector_type: 'MYSQL', connector_status: 'NORMAL' });
    expect(JSON.stringify(row)).not.toContain(password);

    const updated = await save({ name: 'mysql-renamed', connector_id: id });
    expect(updated.status).toBe(200);
    expect(updated.json).toMatchObject({ connector_id: id, name: 'mysql-renamed' });
    expect(fixture.world.connector(id)?.name).toBe('mysql-renamed');
    expect(JSON.stringify(fixture.world.connector(id))).not.toContain(password);
  });

  test('of every type are told by their own settings', async () => {
    const common = { user_name: 'u', password: 'p' };
    const documents: Record<string, Record<string, string>> = {
      MRS: { master_node_ip: '198.51.100.1', cluster_id: 'c', ...common },
      RDS_MYSQL: { rds: 'r', ...mysqlSettings },
      DWS: { dws: 'd', jdbc_url: 'jdbc:postgresql://198.51.100.2:8000/postgres', driver_name: 'dws.jar' },
      JDBC: mysqlSettings,
      ORACLE: { database_name: 'orcl', database_ip: '198.51.100.3', database_port: '1521', ...common },
    };
    for (const [type, ext] of Object.entries(documents)) {
      const document = { name: `of ${type}`, connector_type: type, ext_info: ext };
      expect((await save(document)).status, type).toBe(201);
      const [first = ''] = Object.keys(ext);
      const { [first]: without, ...incomplete } = ext;
      expect(without).toBeDefined();
      await expectRefusal(
        save({ ...document, name: 'x', ext_info: incomplete }),
        400,
        2,
        `ext_info must have ${first}`,
      );
    }
  });

  test('that do not work are ABNORMAL when saved', async () => {
    const ext = { database_name: 'x', database_ip: 'unreachable.example.com', database_port: '1521' };
    const id = await textIn(save({ name: 'away', connector_type: 'ORACLE', ext_info: ext }), 'connector_id');
    const row = (await connectors()).find((candidate) => candidate.id === id);
    expect(row).toMatchObject({ connector_status: 'ABNORMAL' });
  });

  test('are refused when they make no sense', async () => {
    await expectRefusal(save({ name: 'no driver' }), 400, 25);
    await expectRefusal(save({ name: 'x', connector_type: 'LOCAL' }, 'jar'), 400, 2, 'connector_type');
    await expectRefusal(save({ name: '' }, 'jar'), 400, 2, 'name');
    await expectRefusal(save({ name: 'x', auth_type: 'NONE' }, 'jar'), 400, 2, 'auth_type');
    await expectRefusal(save({ name: 'x', connector_id: '../x' }, 'jar'), 400, 2, 'connector_id');
    await expectRefusal(save({ name: 'x', ext_info: 'not JSON' }, 'jar'), 400, 2, 'ext_info');
    await expectRefusal(save({ name: 'x', ext_info: { ...mysqlSettings, port: 1 } }, 'jar'), 400, 2, 'port');
    await expectRefusal(save({ name: 'x', password: 'stray' }, 'jar'), 400, 2, 'must not have password');
    const form = new FormData();
    form.append('data_connector', '[]');
    await expectRefusal(fixture.first.post('/connectors', form), 400, 2, 'data_connector');
  });

  test('have names of their own on an agent, and keep their type', async () => {
    const id = await textIn(save({ name: 'once' }, 'jar'), 'connector_id');
    await expectRefusal(save({ name: 'once' }, 'jar'), 409, 20, 'once');
    await expectRefusal(save({ name: 'localConnector', connector_id: id }), 409, 20);
    await expectRefusal(save({ name: 'once', connector_id: id, connector_type: 'JDBC' }), 400, 2, 'connector_type');
    await expectRefusal(save({ name: 'again', connector_id: nobody }, 'jar'), 404, 5);
    await expectRefusal(fixture.second.post('/connectors', connectorForm({ name: 'x', connector_id: id })), 404, 5);
    expect((await fixture.second.post('/connectors', connectorForm({ name: 'once' }, 'jar'))).status).toBe(201);
    const newDriver = { ...mysqlSettings, driver_name: 'other.jar' };
    await expectRefusal(save({ name: 'once', connector_id: id, ext_info: newDriver }), 400, 25);
  });

  test('can be tried before they exist', async () => {
    const before = (await connectors()).length;
    const attempt = (document: ConnectorDocument, driver?: string) =>
      fixture.first.post('/connectors/test', connectorForm(document, driver));
    const works = await attempt({ name: 'trial' }, 'jar');
    expect(works.status).toBe(200);
    expect(works.json).toBe(true);
    const broken = { ...mysqlSettings, jdbc_url: 'jdbc:mysql://unreachable:3306' };
    await expectRefusal(attempt({ name: 'trial', ext_info: broken }, 'jar'), 500, 12, 'the connection failed');
    const wrong = { ...mysqlSettings, password: 'wrong' };
    await expectRefusal(attempt({ name: 'trial', ext_info: wrong }, 'jar'), 500, 12);
    await expectRefusal(attempt({ name: 'trial' }, ''), 500, 12);
    await expectRefusal(attempt({ name: 'trial' }), 400, 25);
    await expectRefusal(attempt({ name: 'trial', connector_id: nobody }, 'jar'), 404, 5);
    expect(await connectors()).toHaveLength(before);
  });

  test('are deleted unless datasets are read through them', async () => {
    const id = await textIn(save({ name: 'short-lived' }, 'jar'), 'connector_id');
    await expectDone(fixture.first.delete(`/connectors/${id}`));
    expect((await connectors()).map((row) => row.id)).not.toContain(id);
    await expectRefusal(fixture.first.delete(`/connectors/${id}`), 404, 5);

    const used = found('dataset', fixture.world.dataset(await makeDataset(fixture.first, 'uses_it')));
    await expectRefusal(fixture.first.delete(`/connectors/${used.connectorId}`), 409, 21, 'uses_it');
    await expectRefusal(fixture.second.delete(`/connectors/${used.connectorId}`), 404, 5);
    const local = fixture.world.connectorsOfAgent(fixture.first.agent.id).find(({ type }) => type === 'LOCAL');
    await expectRefusal(fixture.first.delete(`/connectors/${local?.id ?? ''}`), 403, 3);
    await expectDone(fixture.first.post('/datasets/batch-delete', { resource_ids: [used.id] }));
    await expectDone(fixture.first.delete(`/connectors/${used.connectorId}`));
  });
});

describe('datasets', () => {
  test('of a table are registered, published, edited and published again', async () => {
    const { first, second, world } = fixture;
    const id = await makeDataset(first, 'dataset_test');
    const agentRow = async () => (await rowsOf(first.get(`/datasets?${page}`))).find((row) => row.id === id);
    const leagueRow = async () =>
      (await rowsOf(fixture.space(first, `/datasets?${page}&dataset_name=dataset_`))).find((row) => row.id === id);
    const privacy = () => second.league.get(`/datasets/${id}/schema-info`);
    expect(await agentRow()).toMatchObject({
      name: 'dataset_test',
      data_pub_status: 'UNPUBLISHED',
      data_type: 'MYSQL',
    });
    expect(await leagueRow()).toBeUndefined();
    await expectRefusal(privacy(), 404, 5);

    await expectDone(publish(first, id));
    expect(await agentRow()).toMatchObject({ data_pub_status: 'PUBLISHED' });
    expect(await leagueRow()).toMatchObject({ name: 'dataset_test' });
    const available = await rowsOf(second.league.get('/available-datasets?dataset_type=MYSQL'));
    expect(JSON.stringify(available)).toContain(id);
    const counted = (await fixture.space(first, '/datasets-statistics')).text;
    expect(counted).toContain(id);
    expect(await lastEvent(fixture, first)).toContain(`publish dataset [dataset_test] id: [${id}]`);
    await expectRefusal(publish(first, id), 409, 22);

    const dataset = found('dataset', world.dataset(id));
    const connector = { id: dataset.connectorId, name: dataset.connectorName };
    const input = tableInput('dataset_test2', connector);
    const edit = { ...input, id, columns: [...input.columns, { column_name: 'staff_num', data_type: 'INTEGER' }] };
    expect(await textIn(first.post('/datasets', edit), 'id')).toBe(id);
    expect(await agentRow()).toMatchObject({ name: 'dataset_test2', data_pub_status: 'EDITED' });
    expect(await leagueRow()).toMatchObject({ name: 'dataset_test' });
    expect(JSON.stringify((await privacy()).json)).not.toContain('staff_num');
    await expectDone(publish(first, id));
    expect(await leagueRow()).toMatchObject({ name: 'dataset_test2' });
    expect(JSON.stringify((await privacy()).json)).toContain('staff_num');
    const registration = (await first.get(`/datasets/${id}`)).json;
    expect(registration).toMatchObject({
      name: 'dataset_test2',
      connector_id: connector.id,
      ag_dataset_table: { db_schema: 'demo1', table_name: 'dim_enterprise' },
    });
  });

  test('of a file keep all that was said of it', async () => {
    const { first, world } = fixture;
    const local = found(
      'connector',
      world.connectorsOfAgent(first.agent.id).find(({ type }) => type === 'LOCAL'),
    );
    const input = {
      name: 'movies',
      connector_id: local.id,
      connector_name: local.name,
      data_type: 'LOCAL_CSV',
      columns: [
        { column_name: 'id', data_type: 'string', fl_label_type: 'UNIQUE_ID' },
        {
          column_name: 'user',
          data_type: 'integer',
          fl_label_type: 'FEATURE',
          feature_type: 'DISCRETE',
          field_size: 193,
        },
        { column_name: 'genre_0', data_type: 'integer', fl_label_type: 'FEATURE', feature_type: 'MULTIHOT' },
      ],
      ag_dataset_local: {
        file_type: 'CSV',
        delimiter: ',',
        is_header_exist: true,
        data_file_path: '/movies.csv',
        auto_generate_data: true,
        ext: { multihot_settings: [{ features: ['genre_0'], field_size: 17 }] },
      },
    };
    const id = await textIn(first.post('/datasets', input), 'id');
    expect((await first.get(`/datasets/${id}`)).json).toMatchObject({
      data_type: 'LOCAL_CSV',
      columns: [{ column_name: 'id' }, { column_name: 'user', field_size: 193 }, { feature_type: 'MULTIHOT' }],
      ag_dataset_local: {
        data_file_path: '/movies.csv',
        auto_generate_data: true,
        ext: { multihot_settings: [{ features: ['genre_0'], field_size: 17 }] },
      },
    });
    const refusal = (change: object) => first.post('/datasets', { ...input, name: 'movies2', ...change });
    await expectRefusal(refusal({ ag_dataset_local: undefined }), 400, 2, 'ag_dataset_local');
    await expectRefusal(refusal({ ag_dataset_table: { db_schema: 'a', table_name: 'b' } }), 400, 2);
    await expectRefusal(refusal({ data_type: 'MYSQL' }), 400, 24);
    await expectRefusal(refusal({ columns: [] }), 400, 2, 'columns');
    await expectRefusal(refusal({ columns: [{ column_name: 'a' }, { column_name: 'a' }] }), 400, 2, 'a');
    expect((await refusal({ columns: [{ column_name: 'a' }, { column_name: 'A' }] })).status).toBe(200);
  });

  test('are refused with a name taken, a connector that does not suit, or an id of nobody', async () => {
    const { first, second, world } = fixture;
    const own = ownTable(world, first);
    const connector = { id: own.connectorId, name: own.connectorName };
    const create = (name: string, change: object = {}) =>
      first.post('/datasets', { ...tableInput(name, connector, own.type), ...change });
    await expectRefusal(create(own.name), 409, 20, own.name);
    await expectRefusal(create('x1', { id: nobody }), 404, 5);
    await expectRefusal(create('x1', { connector_id: nobody }), 404, 5);
    await expectRefusal(create('x1', { connector_name: 'other' }), 400, 2, 'connector_name');
    await expectRefusal(create('x1', { data_type: own.type === 'DWS' ? 'MRS' : 'DWS' }), 400, 24);
    await expectRefusal(second.post('/datasets', { ...tableInput('x1', connector, own.type), id: own.id }), 404, 5);
    await expectRefusal(publish(first, nobody), 404, 5);
    await expectRefusal(second.post(`/${first.agent.id}/datasets/${own.id}/publish`), 403, 3);
  });

  test('of one partner have names of their own in the league', async () => {
    const { first, second } = fixture;
    const name = 'same_name';
    const [one, other] = [await makeDataset(first, name), await makeDataset(second, name)];
    await expectDone(publish(first, one));
    await expectRefusal(publish(second, other), 409, 20, name);
  });

  test('are deleted all or none, and not while jobs use them', async () => {
    const { first, second, world } = fixture;
    const [used, unused] = [await makeDataset(first, 'in_use'), await makeDataset(first, 'not_in_use')];
    await expectDone(publish(first, used));
    await expectDone(publish(first, unused));
    const name = sqlName(world, found('dataset', world.dataset(used)));
    const jobId = await createSqlJob(first, 'uses in_use', `SELECT COUNT(*) FROM ${name.toLowerCase()}`);
    const erase = (...ids: string[]) => first.post('/datasets/batch-delete', { resource_ids: ids });
    await expectRefusal(erase(unused, used), 409, 21, 'uses in_use');
    await expectRefusal(erase(unused, nobody), 404, 5);
    await expectRefusal(second.post('/datasets/batch-delete', { resource_ids: [unused] }), 404, 5);
    await expectRefusal(erase(foreignTable(world, first).id), 404, 5);
    expect(world.dataset(unused)).toBeDefined();

    await expectDone(first.league.delete(`/sql-jobs/${jobId}`));
    await expectDone(erase(unused, used));
    expect((await rowsOf(first.get(`/datasets?${page}`))).map((row) => row.id)).not.toContain(used);
    const league = await rowsOf(fixture.space(first, `/datasets?${page}`));
    expect(league.map((row) => row.id)).not.toContain(used);
    expect(await lastEvent(fixture, first)).toContain('delete dataset [');
  });
});
