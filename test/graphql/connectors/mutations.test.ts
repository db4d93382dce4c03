import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connector } from '../../../src/sandbox/model/world.ts';
import {
  CreateConnectorInput,
  TestConnectorInput,
  UpdateConnectorInput,
} from '../../../src/graphql/connectors/inputs.ts';
import { useStage } from '../../support/gateway.ts';
import { askWithFile } from '../../support/upload.ts';
import { connectorId as idOf } from '../../support/ids.ts';
import { breakPoints, resetCall } from '../../support/faults.ts';
import { userErrorFields, type UserError } from '../../support/mutate.ts';
import { onlineAgent } from '../../support/agents.ts';

const stage = useStage();

/** Connectors as they were before a test. */
let before: readonly Connector[] = [];
function allConnectors(): readonly Connector[] {
  return stage.sandbox.world.agents.flatMap(({ id }) => stage.sandbox.world.connectorsOfAgent(id));
}

beforeEach(() => {
  before = structuredClone(allConnectors());
});

afterEach(() => {
  for (const { id } of allConnectors()) stage.sandbox.world.removeConnector(id);
  for (const connector of before) stage.sandbox.world.addConnector(connector);
});

interface Payload {
  readonly connector?: { readonly ticsId: string; readonly name: string } | null;
  readonly works?: boolean | null;
  readonly deletedId?: string | null;
  readonly userErrors: readonly UserError[];
}

const connectorFields = `id ticsId name type status settingsText
  settings { userName masterNodeIp clusterTicsId rdsInstanceTicsId dwsClusterTicsId jdbcUrl jdbcProperties driverName databaseName databaseIp databasePort }`;

const documents = {
  createConnector: `mutation ($input: CreateConnectorInput!) {
    result: createConnector(input: $input) { connector { ${connectorFields} } ${userErrorFields} }
  }`,
  updateConnector: `mutation ($input: UpdateConnectorInput!) {
    result: updateConnector(input: $input) { connector { ${connectorFields} } ${userErrorFields} }
  }`,
  testConnector: `mutation ($input: TestConnectorInput!) {
    result: testConnector(input: $input) { works ${userErrorFields} }
  }`,
  deleteConnector: `mutation ($input: DeleteConnectorInput!) {
    result: deleteConnector(input: $input) { deletedId ${userErrorFields} }
  }`,
} as const;

type Name = keyof typeof documents;

/** Tests name the agent or the connector of a test as those of the other mutations. */
function variablesOf(name: Name, input: object) {
  const { agentId, id, ...settings } = input as { readonly agentId?: string; readonly id?: string };
  return name === 'testConnector'
    ? { input: { target: { ...(agentId && { agentId }), ...(id && { connectorId: id }) }, ...settings } }
    : { input };
}

async function run(name: Name, input: object): Promise<Payload> {
  return (await stage.data<{ result: Payload }>(documents[name], variablesOf(name, input))).result;
}

const driver = { fileName: 'mysql-connector.jar', content: Buffer.from('PK driver') };

/** The same with the driver as `mysql.driver` (or another place below the input). */
async function runWithDriver(
  name: Name,
  input: object,
  place = 'settings.mysql.driver',
  file = driver,
): Promise<Payload> {
  const path = `variables.input.${place}`;
  const { data, errors } = await askWithFile<{ result: Payload }>(
    stage.gateway,
    documents[name],
    variablesOf(name, input),
    path,
    file,
  );
  expect(errors).toBeUndefined();
  return data.result;
}

function connectorOf(type: Connector['type'], isUsed?: boolean): Connector {
  const { world } = stage.sandbox;
  const found = world.agents
    .filter(({ nodeStatus }) => nodeStatus === 'TRUST')
    .flatMap(({ id }) => world.connectorsOfAgent(id))
    .find(
      (connector) =>
        connector.type === type &&
        (isUsed === undefined ||
          isUsed === world.datasetsOfAgent(connector.agentId).some(({ connectorId }) => connectorId === connector.id)),
    );
  if (found === undefined) throw new Error(`the world has no such connector: ${type}`);
  return found;
}

function callsOf(operationId: string) {
  return stage.sandbox.client.calls({ operationId });
}

const account = { userName: 'tics', password: 'planted-secret' };
const oracle = { databaseName: 'orders', databaseIp: '10.0.0.7', databasePort: 1521, ...account };
const jdbcMysql = {
  jdbcUrl: 'jdbc:mysql://10.0.0.8:3306',
  driverName: 'settings.mysql.jar',
  jdbcProperties: 'useSSL=true',
};
const inWire = { user_name: 'tics', password: '***' };
const jdbcInWire = {
  jdbc_url: 'jdbc:mysql://10.0.0.8:3306',
  driver_name: 'settings.mysql.jar',
  properties: 'useSSL=true',
};

/** Each type as an input, and as the body that is sent for it. */
const kinds = [
  [
    'MRS',
    { mrs: { masterNodeIp: '10.0.0.9', clusterTicsId: 'cluster-1', ...account } },
    { master_node_ip: '10.0.0.9', cluster_id: 'cluster-1', ...inWire },
  ],
  [
    'RDS_MYSQL',
    { rdsMysql: { rdsInstanceTicsId: 'rds-1', ...jdbcMysql, ...account } },
    { rds: 'rds-1', ...jdbcInWire, ...inWire },
  ],
  [
    'DWS',
    {
      dws: {
        dwsClusterTicsId: 'dws-1',
        jdbcUrl: 'jdbc:postgresql://10.0.0.5:8000/x',
        driverName: 'settings.dws.jar',
        ...account,
      },
    },
    { dws: 'dws-1', jdbc_url: 'jdbc:postgresql://10.0.0.5:8000/x', driver_name: 'settings.dws.jar', ...inWire },
  ],
  ['ORACLE', { oracle }, { database_name: 'orders', database_ip: '10.0.0.7', database_port: '1521', ...inWire }],
  ['JDBC', { jdbc: { ...jdbcMysql, ...account } }, { ...jdbcInWire, ...inWire }],
] as const;

async function sent(operationId: string) {
  const calls = await callsOf(operationId);
  expect(calls).toHaveLength(1);
  const { data_connector: document, file } = calls[0]?.body as { data_connector: string; file?: string };
  const { ext_info: settings, ...rest } = JSON.parse(document) as { ext_info: unknown };
  expect(settings).toBeTypeOf('string');
  return { document: { ...rest, ext_info: JSON.parse(settings as string) as object }, file };
}

const typeFields: readonly string[] = ['mrs', 'rdsMysql', 'mysql', 'dws', 'oracle', 'jdbc'];

/** The input for a connector, whose type tests write beside its name. */
function describeInput(given: object) {
  const isType = ([name]: readonly [string, unknown]) => typeFields.includes(name);
  const fields = Object.entries(given);
  const settings = Object.fromEntries(fields.filter(isType));
  return {
    name: 'orders',
    authType: 'PWD',
    settings,
    ...Object.fromEntries(fields.filter((entry) => !isType(entry))),
  };
}

describe('createConnector', () => {
  test.each(kinds)(
    '%s: is created, and answered as the agent lists it, without the password',
    async (type, input, wire) => {
      const agentId = onlineAgent(stage).id;
      const result = await run('createConnector', describeInput({ agentId, ...input }));
      const made = stage.sandbox.world.connectorsOfAgent(agentId).find(({ name }) => name === 'orders');
      const { password, ...shown } = wire;
      expect(result).toMatchObject({
        connector: { id: `Connector:${agentId}/${made?.id}`, name: 'orders', type, status: 'NORMAL' },
        userErrors: [],
      });
      expect(made).toMatchObject({ type, authType: 'PWD', settings: shown });
      expect(JSON.stringify(result)).not.toContain(account.password);
      expect(await sent('saveConnector')).toEqual({
        document: { name: 'orders', connector_type: type, auth_type: 'PWD', ext_info: wire },
        file: undefined,
      });
      expect(await stage.sandbox.client.countCalls()).toMatchObject({ saveConnector: 1, listConnectors: 1 });
    },
  );

  test.each([
    'jdbc:oracle:thin:@(DESCRIPTION = (ADDRESS = (PROTOCOL = TCPS)(HOST = h)(PORT = 2484)) (CONNECT_DATA = (SID = x)))',
    'jdbc:oracle:thin:@h:2484/x?ssl_server_cert_dn="CN=h, O=Example, C=CN"',
    'jdbc:sqlserver://h:1433;databaseName=my db',
    'jdbc:mysql://h/a?password=a***b',
  ])('a JDBC address as it is: %s', async (jdbcUrl) => {
    const agentId = onlineAgent(stage).id;
    const { userErrors } = await run('createConnector', describeInput({ agentId, jdbc: { ...jdbcMysql, jdbcUrl } }));
    expect(userErrors).toEqual([]);
    expect((await sent('saveConnector')).document.ext_info).toMatchObject({ jdbc_url: jdbcUrl });
  });

  test.each([
    ['jdbc', { jdbcUrl: 'jdbc:mysql://***@h/a' }, 'settings.jdbc.jdbcUrl'],
    ['jdbc', { jdbcUrl: 'jdbc:mysql://root:***@h/a' }, 'settings.jdbc.jdbcUrl'],
    ['jdbc', { jdbcUrl: 'jdbc:oracle:thin:***@h:1521:x' }, 'settings.jdbc.jdbcUrl'],
    ['jdbc', { jdbcUrl: 'jdbc:mysql://h/a?user=b&password=***&useSSL=true' }, 'settings.jdbc.jdbcUrl'],
    ['jdbc', { jdbcUrl: 'jdbc:sqlserver://h;pwd=***' }, 'settings.jdbc.jdbcUrl'],
    ['dws', { dwsClusterTicsId: 'x', jdbcUrl: 'jdbc:postgresql://***@h/a' }, 'settings.dws.jdbcUrl'],
    ['rdsMysql', { rdsInstanceTicsId: 'x', jdbcUrl: 'jdbc:mysql://***@h/a' }, 'settings.rdsMysql.jdbcUrl'],
    ['jdbc', { jdbcProperties: 'useSSL=true;password=***' }, 'settings.jdbc.jdbcProperties'],
    ['jdbc', { jdbcProperties: '{"secret": "***"}' }, 'settings.jdbc.jdbcProperties'],
    ['jdbc', { password: '***' }, 'settings.jdbc.password'],
    ['oracle', { ...oracle, password: '***' }, 'settings.oracle.password'],
    ['mrs', { masterNodeIp: '10.0.0.9', clusterTicsId: 'c', password: '***' }, 'settings.mrs.password'],
  ])('a hidden password sent back is refused: %s %j', async (type, change, field) => {
    const input = describeInput({ [type]: { ...(/mrs|oracle/.test(type) ? {} : jdbcMysql), ...change } });
    const agentId = onlineAgent(stage).id;
    for (const [name, target] of [
      ['createConnector', { agentId }],
      ['updateConnector', { id: `Connector:${agentId}/c` }],
      ['testConnector', { agentId }],
    ] as const) {
      const { userErrors } = await run(name, { ...input, ...target });
      expect(userErrors, name).toMatchObject([{ code: 'INVALID_INPUT', field: field.split('.') }]);
    }
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test('a hidden further setting sent back is refused', async () => {
    const input = describeInput({
      agentId: onlineAgent(stage).id,
      oracle,
      furtherSettings: [{ name: 'secret_key', value: '***' }],
    });
    expect((await run('createConnector', input)).userErrors).toMatchObject([
      { code: 'INVALID_INPUT', field: ['furtherSettings', '0', 'value'] },
    ]);
  });

  test('MYSQL: its driver is sent along, and names the driver', async () => {
    const agentId = `Agent:${onlineAgent(stage).id}`;
    const { driverName, ...mysql } = jdbcMysql;
    const result = await runWithDriver(
      'createConnector',
      describeInput({ agentId, mysql: { ...mysql, ...account, driver: null } }),
    );
    expect(result).toMatchObject({
      connector: { type: 'MYSQL', settings: { driverName: driver.fileName, jdbcProperties: 'useSSL=true' } },
      userErrors: [],
    });
    const { document, file } = await sent('saveConnector');
    expect(document).toEqual({
      name: 'orders',
      connector_type: 'MYSQL',
      auth_type: 'PWD',
      ext_info: { ...jdbcInWire, driver_name: driver.fileName, ...inWire },
    });
    const sha256 = createHash('sha256').update(driver.content).digest('hex');
    expect(file).toBe(
      `mysql-connector.jar, application/java-archive, ${driver.content.byteLength} bytes, sha256 ${sha256}`,
    );
  });

  test('JDBC: may bring its driver along', async () => {
    const jdbc = { jdbcUrl: 'jdbc:db2://10.0.0.4:50000/x', driver: null };
    const input = describeInput({ agentId: onlineAgent(stage).id, jdbc });
    expect(await runWithDriver('createConnector', input, 'settings.jdbc.driver')).toMatchObject({
      connector: { type: 'JDBC', settings: { driverName: driver.fileName } },
    });
    expect((await sent('saveConnector')).file).toContain(driver.fileName);
  });

  test('settings without a field of their own go along, and secret ones are not shown', async () => {
    const furtherSettings = [
      { name: 'region', value: 'north' },
      { name: 'sk', value: 'planted-secret' },
    ];
    const input = {
      agentId: onlineAgent(stage).id,
      name: 'keys',
      authType: 'AK_SK',
      settings: { oracle },
      furtherSettings,
    };
    const result = await run('createConnector', input);
    expect(result.connector).toMatchObject({ settingsText: expect.stringContaining('"region":"north"') as string });
    expect(JSON.stringify(result)).not.toContain('planted-secret');
    expect((await sent('saveConnector')).document).toMatchObject({
      auth_type: 'AK_SK',
      ext_info: { region: 'north', sk: '***' },
    });
  });

  test('settings that do not work are saved as ABNORMAL', async () => {
    const input = describeInput({ agentId: onlineAgent(stage).id, oracle: { ...oracle, password: 'wrong' } });
    expect(await run('createConnector', input)).toMatchObject({ connector: { status: 'ABNORMAL' }, userErrors: [] });
  });

  test('is found by name and type where the answer has no id', async () => {
    // The service's own row, in the place of the answer to the write.
    await stage.sandbox.client.setRules([
      { operationId: 'saveConnector', fault: { kind: 'status', status: 200, body: {} }, times: 1 },
    ]);
    const there = connectorOf('ORACLE');
    const { settings } = there;
    const input = describeInput({
      agentId: there.agentId,
      name: there.name,
      authType: 'PWD',
      oracle: {
        databaseName: settings['database_name'],
        databaseIp: settings['database_ip'],
        databasePort: Number(settings['database_port']),
      },
    });
    expect(await run('createConnector', input)).toMatchObject({ connector: { ticsId: there.id }, userErrors: [] });
  });

  test('is read from the answer to the write, without the password, where the list does not contain it yet', async () => {
    await stage.sandbox.client.setRules([
      { operationId: 'listConnectors', fault: { kind: 'status', status: 200, body: { total: 0, lists: [] } } },
    ]);
    const result = await run('createConnector', describeInput({ agentId: onlineAgent(stage).id, oracle }));
    expect(result).toMatchObject({
      connector: { name: 'orders', type: 'ORACLE', settings: { userName: 'tics', databasePort: 1521 } },
      userErrors: [],
    });
    expect(result.connector?.ticsId).toMatch(/^\w{32}$/);
    expect(JSON.stringify(result)).not.toContain(oracle.password);
  });

  test('the service’s refusal comes back with its code, and once', async () => {
    const there = connectorOf('ORACLE');
    const result = await run('createConnector', {
      ...describeInput({ oracle }),
      agentId: there.agentId,
      name: there.name,
    });
    expect(result).toMatchObject({
      connector: null,
      userErrors: [{ code: 'NAME_TAKEN', call: 'saveConnector', upstreamCode: 'TICS_AGENT.10000020', field: ['name'] }],
    });
    expect(await callsOf('saveConnector')).toHaveLength(1);
  });

  test('an agent without an account here is refused before anything is sent', async () => {
    const result = await run('createConnector', describeInput({ agentId: 'elsewhere', oracle }));
    expect(result.userErrors).toMatchObject([{ code: 'AGENT_UNAVAILABLE' }]);
    expect(await callsOf('saveConnector')).toEqual([]);
  });

  test.each(breakPoints)(
    'a connection that breaks (%s) leaves the outcome unknown, is not sent again, and is settled by a read',
    async (at) => {
      await resetCall(stage, 'saveConnector', at);
      const result = await run('createConnector', describeInput({ agentId: onlineAgent(stage).id, oracle }));
      expect(result.userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'saveConnector' }]);
      expect(result.connector?.name ?? null).toBe(at === 'midAnswer' ? 'orders' : null);
      expect(await callsOf('saveConnector')).toHaveLength(1);
    },
  );

  test('what was read before in the same operation is read again after it', async () => {
    const agentId = onlineAgent(stage).id;
    const { length } = stage.sandbox.world.connectorsOfAgent(agentId);
    const create = (name: string) =>
      `${name}: createConnector(input: { agentId: "${agentId}", name: "${name}", authType: PWD, settings: { oracle: { databaseName: "x", databaseIp: "y", databasePort: 1 } } }) {
        connector { agent { connectors { totalCount } } }
      }`;
    const total = (count: number) => ({ connector: { agent: { connectors: { totalCount: count } } } });
    expect(await stage.data(`mutation { ${create('one')} ${create('two')} }`)).toEqual({
      one: total(length + 1),
      two: total(length + 2),
    });
  });
});

describe('updateConnector', () => {
  test.each(kinds)('%s: name and settings are replaced', async (type, input, wire) => {
    const there = connectorOf(type);
    const { createdAtMs, id, agentId } = there;
    const result = await run('updateConnector', describeInput({ id: idOf(there), ...input }));
    expect(result).toMatchObject({ connector: { id: idOf(there), name: 'orders', type }, userErrors: [] });
    const { password, ...shown } = wire;
    expect(stage.sandbox.world.connector(id)).toMatchObject({
      id,
      agentId,
      createdAtMs,
      name: 'orders',
      settings: shown,
    });
    expect((await sent('saveConnector')).document).toEqual({
      name: 'orders',
      connector_id: id,
      connector_type: type,
      auth_type: 'PWD',
      ext_info: wire,
    });
  });

  test('MYSQL: the driver stays unless another one is given', async () => {
    const there = connectorOf('MYSQL');
    const driverName = there.settings['driver_name'];
    const mysql = { jdbcUrl: 'jdbc:mysql://10.0.0.3:3306', driverName, ...account };
    const id = idOf(there);
    expect(await run('updateConnector', describeInput({ id, mysql }))).toMatchObject({
      connector: { settings: { jdbcUrl: mysql.jdbcUrl, driverName } },
      userErrors: [],
    });
    const other = describeInput({ id, mysql: { ...mysql, driverName: driver.fileName, driver: null } });
    expect(await runWithDriver('updateConnector', other)).toMatchObject({
      connector: { settings: { driverName: driver.fileName } },
      userErrors: [],
    });
  });

  test('refusals: another type, and a connector that is not there', async () => {
    const there = connectorOf('MRS');
    expect(await run('updateConnector', describeInput({ id: idOf(there), oracle }))).toMatchObject({
      connector: null,
      userErrors: [{ code: 'UPSTREAM_REFUSED', call: 'saveConnector', upstreamCode: 'TICS_AGENT.10000002' }],
    });
    const id = `Connector:${there.agentId}/nothing`;
    expect((await run('updateConnector', describeInput({ id, oracle }))).userErrors).toMatchObject([
      { code: 'NOT_FOUND', call: 'saveConnector' },
    ]);
    expect(await callsOf('saveConnector')).toHaveLength(2);
  });

  test.each(breakPoints)('a connection that breaks (%s) is settled by a read', async (at) => {
    await resetCall(stage, 'saveConnector', at);
    const there = connectorOf('ORACLE');
    const result = await run('updateConnector', describeInput({ id: idOf(there), oracle }));
    expect(result.userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN' }]);
    expect(result.connector?.name ?? null).toBe(at === 'midAnswer' ? 'orders' : null);
    expect(await callsOf('saveConnector')).toHaveLength(1);
  });
});

describe('testConnector', () => {
  test.each(kinds)('%s: works', async (type, input, wire) => {
    const result = await run('testConnector', describeInput({ agentId: onlineAgent(stage).id, ...input }));
    expect(result).toEqual({ works: true, userErrors: [] });
    expect((await sent('testConnector')).document).toEqual({
      name: 'orders',
      connector_type: type,
      auth_type: 'PWD',
      ext_info: wire,
    });
    expect(allConnectors()).toEqual(before);
  });

  test('MYSQL: with its driver', async () => {
    const input = describeInput({ agentId: onlineAgent(stage).id, mysql: { ...jdbcMysql, driver: null } });
    expect(await runWithDriver('testConnector', input)).toEqual({ works: true, userErrors: [] });
  });

  test('changes of a connector that is there', async () => {
    const there = connectorOf('ORACLE');
    expect(await run('testConnector', describeInput({ id: idOf(there), oracle }))).toMatchObject({ works: true });
    expect((await sent('testConnector')).document).toMatchObject({ connector_id: there.id });
  });

  test('settings that do not work: the service says so', async () => {
    const wrong = describeInput({ agentId: onlineAgent(stage).id, oracle: { ...oracle, password: 'wrong' } });
    expect(await run('testConnector', wrong)).toMatchObject({
      works: false,
      userErrors: [{ call: 'testConnector', upstreamCode: 'TICS_AGENT.10000012', field: null }],
    });
    expect(await callsOf('testConnector')).toHaveLength(1);
  });

  test('works is null where the test is refused', async () => {
    const input = describeInput({ agentId: onlineAgent(stage).id, oracle });
    await stage.sandbox.client.setRules([{ operationId: 'testConnector', fault: { kind: 'status', status: 403 } }]);
    expect(await run('testConnector', input)).toMatchObject({ works: null, userErrors: [{ code: 'FORBIDDEN' }] });
  });

  test.each(breakPoints)('a connection that breaks (%s) is not sent again', async (at) => {
    await resetCall(stage, 'testConnector', at);
    expect(await run('testConnector', describeInput({ agentId: onlineAgent(stage).id, oracle }))).toMatchObject({
      works: null,
      userErrors: [{ code: 'OUTCOME_UNKNOWN' }],
    });
    expect(await callsOf('testConnector')).toHaveLength(1);
  });
});

describe('deleteConnector', () => {
  const added = (): Connector => {
    const connector: Connector = { ...connectorOf('ORACLE'), id: 'added', name: 'added' };
    stage.sandbox.world.addConnector(connector);
    return connector;
  };

  test('it is gone', async () => {
    const id = idOf(added());
    expect(await run('deleteConnector', { id })).toEqual({ deletedId: id, userErrors: [] });
    expect(stage.sandbox.world.connector('added')).toBeUndefined();
    expect(await stage.sandbox.client.countCalls()).toMatchObject({ deleteConnector: 1 });
  });

  test('refusals: one that is used, the agent’s own files, and one that is not there', async () => {
    const used = connectorOf('RDS_MYSQL', true);
    expect(await run('deleteConnector', { id: idOf(used) })).toMatchObject({
      deletedId: null,
      userErrors: [{ code: 'WRONG_STATE', call: 'deleteConnector', upstreamCode: 'TICS_AGENT.10000021' }],
    });
    const local = await run('deleteConnector', { id: idOf(connectorOf('LOCAL')) });
    expect(local.userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);
    const nothing = await run('deleteConnector', { id: `Connector:${used.agentId}/nothing` });
    expect(nothing.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect(await callsOf('deleteConnector')).toHaveLength(3);
  });

  test('a connection that breaks before leaves it, and one that breaks after is settled by a read', async () => {
    const id = idOf(added());
    await resetCall(stage, 'deleteConnector', 'before');
    expect(await run('deleteConnector', { id })).toMatchObject({
      deletedId: null,
      userErrors: [{ code: 'OUTCOME_UNKNOWN' }],
    });
    await stage.sandbox.client.setRules([
      { operationId: 'deleteConnector', fault: { kind: 'reset', at: 'midAnswer' } },
    ]);
    expect(await run('deleteConnector', { id })).toMatchObject({
      deletedId: id,
      userErrors: [{ code: 'OUTCOME_UNKNOWN' }],
    });
    expect(await callsOf('deleteConnector')).toHaveLength(2);
  });
});

describe('local rules: INVALID_INPUT with the field, and nothing is sent', () => {
  const mysql = { ...jdbcMysql, ...account };
  const faults: readonly [what: string, input: object, ...fields: string[]][] = [
    ['an empty name', { oracle, name: '' }, 'name'],
    ['a name that is too long', { oracle, name: 'x'.repeat(129) }, 'name'],
    ['a name with a forbidden character', { oracle, name: 'a/b' }, 'name'],
    ['a name with blanks around it', { oracle, name: ' a ' }, 'name'],
    ['MRS without an address', { mrs: { masterNodeIp: ' ', clusterTicsId: 'x' } }, 'settings.mrs.masterNodeIp'],
    ['MRS without a cluster', { mrs: { masterNodeIp: 'x', clusterTicsId: '' } }, 'settings.mrs.clusterTicsId'],
    [
      'RDS without an instance',
      { rdsMysql: { ...mysql, rdsInstanceTicsId: '' } },
      'settings.rdsMysql.rdsInstanceTicsId',
    ],
    [
      'RDS without a JDBC address',
      { rdsMysql: { ...mysql, rdsInstanceTicsId: 'x', jdbcUrl: 'x' } },
      'settings.rdsMysql.jdbcUrl',
    ],
    [
      'RDS without a driver',
      { rdsMysql: { ...mysql, rdsInstanceTicsId: 'x', driverName: '' } },
      'settings.rdsMysql.driverName',
    ],
    ['DWS without a cluster', { dws: { ...mysql, dwsClusterTicsId: '' } }, 'settings.dws.dwsClusterTicsId'],
    [
      'DWS without a JDBC address',
      { dws: { ...mysql, dwsClusterTicsId: 'x', jdbcUrl: 'jdbc:' } },
      'settings.dws.jdbcUrl',
    ],
    ['DWS without a driver', { dws: { ...mysql, dwsClusterTicsId: 'x', driverName: ' ' } }, 'settings.dws.driverName'],
    ['Oracle without a database', { oracle: { ...oracle, databaseName: '' } }, 'settings.oracle.databaseName'],
    ['Oracle without an address', { oracle: { ...oracle, databaseIp: '' } }, 'settings.oracle.databaseIp'],
    ['Oracle at port 0', { oracle: { ...oracle, databasePort: 0 } }, 'settings.oracle.databasePort'],
    ['Oracle at port 65536', { oracle: { ...oracle, databasePort: 65_536 } }, 'settings.oracle.databasePort'],
    ['JDBC without an address', { jdbc: { ...mysql, jdbcUrl: 'jdbc: a' } }, 'settings.jdbc.jdbcUrl'],
    ['JDBC without a driver', { jdbc: { jdbcUrl: 'jdbc:x:y' } }, 'settings.jdbc.driverName'],
    [
      'further settings: a wrong name, one that has a field, one that comes twice',
      {
        oracle,
        furtherSettings: [
          { name: 'a b', value: '' },
          { name: 'password', value: '' },
          { name: 'x', value: '1' },
          { name: 'x', value: '2' },
        ],
      },
      'furtherSettings.0.name',
      'furtherSettings.1.name',
      'furtherSettings.3.name',
    ],
    [
      'everything at once',
      { name: '', jdbc: { jdbcUrl: 'x', password: '***' } },
      'name',
      'settings.jdbc.jdbcUrl',
      'settings.jdbc.password',
      'settings.jdbc.driverName',
    ],
  ];

  const names = ['createConnector', 'updateConnector', 'testConnector'] as const;
  const target = (name: (typeof names)[number]) =>
    name === 'updateConnector' ? { id: 'Connector:a/b' } : { agentId: onlineAgent(stage).id };

  const check = async (name: Name, input: object, fields: readonly string[]) => {
    const { userErrors: told, ...rest } = await run(name, input);
    expect(told.map(({ code, field }) => [code, field?.join('.')])).toEqual(
      fields.map((field) => ['INVALID_INPUT', field]),
    );
    expect(Object.values(rest)).toEqual([null]);
    expect(JSON.stringify(told)).not.toContain(account.password);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  };

  describe.each(names)('%s', (name) => {
    test.each(faults)('%s', (_, input, ...fields) => check(name, { ...describeInput(input), ...target(name) }, fields));
  });

  test.each([
    ['createConnector', { agentId: 'Dataset:a/b', oracle }, ['agentId']],
    ['updateConnector', { id: 'Agent:a', oracle }, ['id']],
    ['updateConnector', { id: 'Connector:a/b-c', oracle }, ['id']],
    ['updateConnector', { id: `Connector:a/${'b'.repeat(33)}`, oracle }, ['id']],
    ['updateConnector', { id: 'Connector:a/b', mysql: { jdbcUrl: 'jdbc:mysql://x' } }, ['settings.mysql.driverName']],
    ['testConnector', { agentId: 'Dataset:a/b', oracle }, ['target.agentId']],
    ['testConnector', { id: 'Agent:a', oracle }, ['target.connectorId']],
    ['createConnector', { agentId: 'a', mysql }, ['settings.mysql.driver']],
    ['testConnector', { agentId: 'a', mysql }, ['settings.mysql.driver']],
  ] as const)('%s of %j', (name, input, fields) => check(name, describeInput(input), fields));

  test.each([
    ['no type', 'createConnector', { agentId: 'a' }],
    ['two types', 'createConnector', { agentId: 'a', oracle, jdbc: mysql }],
    ['a type that is null', 'updateConnector', { id: 'Connector:a/b', oracle: null }],
    ['no target', 'testConnector', { oracle }],
    ['two targets', 'testConnector', { agentId: 'a', id: 'Connector:a/b', oracle }],
  ] as const)('%s is no valid document, and breaks a rule of the input besides', async (_, name, input) => {
    const { errors } = await stage.ask(documents[name], variablesOf(name, describeInput(input)));
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    expect(await stage.sandbox.client.calls()).toEqual([]);
    const rule = {
      createConnector: CreateConnectorInput,
      updateConnector: UpdateConnectorInput,
      testConnector: TestConnectorInput,
    }[name].rule;
    const { error } = rule.safeParse(variablesOf(name, describeInput(input)).input);
    expect(error?.issues).toMatchObject([{ message: expect.stringContaining('exactly one of') as string }]);
  });

  test.each(['Connector:a', 'Agent:a', 'Connector:a/b-c'])('deleteConnector of %s', (id) =>
    check('deleteConnector', { id }, ['id']),
  );
});

describe('secrets', () => {
  const inputs = { createConnector: {}, updateConnector: {}, testConnector: {} };

  test.each(Object.keys(inputs) as (keyof typeof inputs)[])(
    '%s: a refusal that repeats the password is not told',
    async (name) => {
      const there = connectorOf('ORACLE');
      const call = name === 'testConnector' ? 'testConnector' : 'saveConnector';
      const target = name === 'createConnector' ? { agentId: there.agentId } : { id: idOf(there) };
      const refuse = (message: string) =>
        stage.sandbox.client.setRules([
          { operationId: call, fault: { kind: 'status', status: 500, code: 'TICS_AGENT.1', message } },
        ]);
      await refuse('cannot sign in with planted-secret');
      const first = await run(name, describeInput({ ...target, oracle }));
      expect(first.userErrors).toMatchObject([{ upstreamCode: 'TICS_AGENT.1', call }]);
      await refuse('no route to jdbc:x://a:other-secret@host?password=third-secret');
      const second = await run(name, describeInput({ ...target, oracle }));
      expect(second.userErrors[0]?.message).toContain('no route to jdbc:x://');
      expect(JSON.stringify([first, second])).not.toMatch(/planted-secret|other-secret|third-secret/);
    },
  );

  test.each([
    ['a password of the wrong type', { oracle: { ...oracle, password: ['a; planted-secret', 1] } }],
    ['a port of the wrong type', { oracle: { ...oracle, databasePort: '; planted-secret' } }],
    ['a missing field', { oracle: { ...account } }],
    ['an unknown field', { oracle: { ...oracle, secret: 'planted-secret' } }],
    ['a word that is no enum', { authType: 'planted-secret', oracle }],
  ])('%s: the error does not repeat it', async (_, more) => {
    const input = describeInput({ agentId: 'a', ...more });
    const { errors } = await stage.ask(documents.createConnector, { input });
    expect(new Set(errors?.map(({ extensions }) => extensions?.['code']))).toEqual(new Set(['BAD_REQUEST']));
    expect(JSON.stringify(errors)).not.toContain('planted-secret');
  });

  test.each([
    'input: "planted-secret"',
    'input: { agentId: "a", name: "b", authType: PWD, settings: { oracle: "planted-secret" } }',
    'input: { agentId: "a", name: "b", authType: PWD, settings: { oracle: { password: { a: "planted-secret" } } } }',
    'input: { agentId: "a", name: "b", authType: "planted-secret" }',
    'input: { agentId: "a", name: "b", authType: PWD, settings: { mysql: { jdbcUrl: "x", driver: "planted-secret" } } }',
  ])('written into the document: %s', async (written) => {
    const { errors } = await stage.ask(`mutation { createConnector(${written}) { userErrors { code } } }`);
    expect(errors?.length).toBeGreaterThan(0);
    expect(JSON.stringify(errors)).not.toContain('planted-secret');
  });
});
