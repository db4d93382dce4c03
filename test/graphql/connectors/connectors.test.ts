import { describe, expect, test } from 'vitest';
import type { Agent, Connector } from '../../../src/sandbox/model/world.ts';
import { isSecretName, withoutSecrets } from '../../../src/upstream/secrets.ts';
import { useStage } from '../../support/gateway.ts';
import { pageFields, walk, type PageAnswer } from '../../support/walk.ts';
import { onlineAgent } from '../../support/agents.ts';

const stage = useStage();

/** Agents that answer, with connectors of theirs. */
function setting(connector: Connector, name: string) {
  return connector.settings[name] ?? null;
}

function facts(connector: Connector) {
  return {
    id: `Connector:${connector.agentId}/${connector.id}`,
    ticsId: connector.id,
    name: connector.name,
    type: connector.type,
    typeText: connector.type,
    status: connector.status,
    statusText: connector.status,
    createdAt: new Date(connector.createdAtMs).toISOString(),
    agentId: `Agent:${connector.agentId}`,
    settingsText: JSON.stringify(connector.settings),
    settings: {
      authType: 'UNKNOWN',
      authTypeText: null,
      userName: setting(connector, 'user_name'),
      masterNodeIp: setting(connector, 'master_node_ip'),
      clusterTicsId: setting(connector, 'cluster_id'),
      rdsInstanceTicsId: setting(connector, 'rds'),
      dwsClusterTicsId: setting(connector, 'dws'),
      jdbcUrl: setting(connector, 'jdbc_url'),
      jdbcProperties: setting(connector, 'properties'),
      driverName: setting(connector, 'driver_name'),
      databaseName: setting(connector, 'database_name'),
      databaseIp: setting(connector, 'database_ip'),
      databasePort: 'database_port' in connector.settings ? Number(connector.settings['database_port']) : null,
    },
  };
}

const fields = `
  id ticsId name type typeText status statusText createdAt agentId settingsText
  settings {
    authType authTypeText userName masterNodeIp clusterTicsId rdsInstanceTicsId dwsClusterTicsId jdbcUrl jdbcProperties driverName
    databaseName databaseIp databasePort
  }
`;

/** Adds connectors like one that is there, and takes them away again after `work`. */
async function withConnectors(added: readonly Connector[], work: () => Promise<void>): Promise<void> {
  for (const connector of added) stage.sandbox.world.addConnector(connector);
  try {
    await work();
  } finally {
    for (const { id } of added) stage.sandbox.world.removeConnector(id);
  }
}

function likeOf(agent: Agent, more: Partial<Connector>): Connector {
  return {
    id: 'added',
    agentId: agent.id,
    name: 'added',
    type: 'MYSQL',
    status: 'NORMAL',
    authType: 'PWD',
    settings: {},
    createdAtMs: 1,
    ...more,
  };
}

describe('Agent.connectors', () => {
  test('have the fields of their rows, for every type', async () => {
    const seen = new Set<string>();
    for (const { id } of stage.sandbox.world.agents.filter(({ nodeStatus }) => nodeStatus === 'TRUST')) {
      const { agent } = await stage.data<{ agent: { connectors: { nodes: { type: string }[] } } }>(
        `query ($id: ID!) { agent(id: $id) { connectors(first: 50) { totalCount nodes { ${fields} } } } }`,
        { id },
      );
      const connectors = stage.sandbox.world.connectorsOfAgent(id);
      expect(agent.connectors).toEqual({ totalCount: connectors.length, nodes: connectors.map(facts) });
      for (const { type } of agent.connectors.nodes) seen.add(type);
    }
    expect([...seen].sort()).toEqual(['DWS', 'JDBC', 'LOCAL', 'MRS', 'MYSQL', 'ORACLE', 'RDS_MYSQL']);
  });

  test('cost one call', async () => {
    const query = 'query ($id: ID!) { agent(id: $id) { connectors { nodes { name agent { name } } } } }';
    expect(await stage.callsOf(() => stage.data(query, { id: onlineAgent(stage).id }))).toEqual({
      getAgentDeployment: 1,
      listConnectors: 1,
    });
  });

  test('of one type are asked for by it', async () => {
    const { id } = onlineAgent(stage);
    expect(
      await stage.data(
        'query ($id: ID!) { agent(id: $id) { connectors(type: LOCAL) { totalCount nodes { type } } } }',
        { id },
      ),
    ).toEqual({ agent: { connectors: { totalCount: 1, nodes: [{ type: 'LOCAL' }] } } });
    const [call] = await stage.sandbox.client.calls({ operationId: 'listConnectors' });
    expect(call?.query).toMatchObject({ connector_query_type: 'LOCAL' });
  });

  test.each([1, 7, 40, 250])('page exactly, %i at a time', async (first) => {
    const agent = onlineAgent(stage, 1);
    const added = Array.from({ length: first === 1 ? 3 : 230 }, (_, index) =>
      likeOf(agent, { id: `added_${index}`, createdAtMs: index + 1 }),
    );
    await withConnectors(added, async () => {
      const { rows, totals } = await walk(async (after) => {
        const data = await stage.data<{ agent: { connectors: PageAnswer<{ ticsId: string }> } }>(
          `query ($id: ID!, $first: Int, $after: String) {
            agent(id: $id) { connectors(first: $first, after: $after) { nodes { ticsId } ${pageFields} } }
          }`,
          { id: agent.id, first, after },
        );
        return data.agent.connectors;
      });
      const all = stage.sandbox.world.connectorsOfAgent(agent.id).map(({ id }) => id);
      expect(rows.map(({ ticsId }) => ticsId)).toEqual(all);
      expect(new Set(totals)).toEqual(new Set([all.length]));
    });
  });

  test('that can not be read cost their own branch', async () => {
    const { id, name } = onlineAgent(stage);
    await stage.sandbox.client.setRules([
      { operationId: 'listConnectors', fault: { kind: 'status', status: 503, code: 'TICS_AGENT.1' } },
    ]);
    const { data, errors } = await stage.ask(
      'query ($id: ID!) { agent(id: $id) { name connectors { totalCount } runtime { online } } }',
      { id },
    );
    expect(data).toEqual({ agent: { name, connectors: null, runtime: { online: true } } });
    expect(errors).toMatchObject([
      {
        path: ['agent', 'connectors'],
        extensions: {
          code: 'UPSTREAM_FAILED',
          plane: 'AGENT',
          call: 'listConnectors',
          status: 503,
          upstreamCode: 'TICS_AGENT.1',
        },
      },
    ]);
  });
});

describe('Connector.settings', () => {
  const settings = {
    user_name: 'reader',
    password: 'hidden-1',
    secret_key: 'hidden-2',
    ak: 'hidden-3',
    auth_type: 'PWD',
    jdbc_url: 'jdbc:mysql://root:hidden-4@198.51.100.7:3306/sales?password=hidden-5&useSSL=true',
    properties: '{"trustStorePassword": "hidden-6", "useSSL": "true"}',
    region: 'north',
  };

  const ask = async (variants: readonly string[]) => {
    const agent = onlineAgent(stage);
    let settingsOfIt: unknown;
    let raw = '';
    await stage.sandbox.client.setRules([{ operationId: 'listConnectors', variants }]);
    await withConnectors([likeOf(agent, { id: 'with_secrets', settings })], async () => {
      const data = await stage.data<{ node: { settings: unknown; settingsText: string | null } }>(
        `{ node(id: "Connector:${agent.id}/with_secrets") { ... on Connector {
          settingsText settings { authType userName jdbcUrl jdbcProperties }
        } } }`,
      );
      settingsOfIt = data.node.settings;
      raw = data.node.settingsText ?? '';
      expect(JSON.stringify(data)).not.toContain('hidden');
    });
    return { settings: settingsOfIt, raw };
  };

  test.each(['jsonTextAsJson', 'jsonAsJsonText'])('are shown without secrets (%s)', async (variant) => {
    const answer = await ask([variant]);
    expect(answer.settings).toEqual({
      authType: 'PWD',
      userName: 'reader',
      jdbcUrl: 'jdbc:mysql://***@198.51.100.7:3306/sales?password=***&useSSL=true',
      jdbcProperties: '{"trustStorePassword": ***, "useSSL": "true"}',
    });
    expect(JSON.parse(answer.raw)).toMatchObject({ user_name: 'reader', auth_type: 'PWD', region: 'north' });
    expect(Object.keys(JSON.parse(answer.raw) as object)).toEqual([
      'user_name',
      'auth_type',
      'jdbc_url',
      'properties',
      'region',
    ]);
  });

  test.each([
    ['beside them', { auth_type: 'AK_SK', ext_info: {} }],
    ['among them', { ext_info: '{"auth_type":"AK_SK"}' }],
  ])('tell how it signs in where the service says it %s', async (_, row) => {
    const body = { total: 1, lists: [{ id: 'c1', name: 'by key', ...row }] };
    await stage.sandbox.client.setRules([
      { operationId: 'listConnectors', fault: { kind: 'status', status: 200, body } },
    ]);
    const id = `Connector:${onlineAgent(stage).id}/c1`;
    expect(await stage.data(`{ node(id: "${id}") { ... on Connector { settings { authType } } } }`)).toEqual({
      node: { settings: { authType: 'AK_SK' } },
    });
  });

  test('that are no JSON are withheld where they name a secret, and shown as text where not', async () => {
    expect((await ask(['jsonTextBroken'])).raw).toBe('');
    const open = stage.sandbox.world.agents
      .filter(({ nodeStatus }) => nodeStatus === 'TRUST')
      .flatMap(({ id }) => stage.sandbox.world.connectorsOfAgent(id))
      .find(({ type }) => type === 'RDS_MYSQL');
    expect(
      await stage.data(`{ node(id: "Connector:${open?.agentId}/${open?.id}") { ... on Connector {
        settingsText settings { jdbcUrl }
      } } }`),
    ).toEqual({
      node: { settingsText: expect.stringContaining('cut off') as string, settings: { jdbcUrl: null } },
    });
  });
});

describe('Connector as a node', () => {
  test('is found in its agent’s list', async () => {
    const agent = onlineAgent(stage);
    const [connector] = stage.sandbox.world.connectorsOfAgent(agent.id);
    const id = `Connector:${agent.id}/${connector?.id ?? ''}`;
    let data: unknown;
    expect(
      await stage.callsOf(async () => {
        data = await stage.data('query ($id: ID!) { node(id: $id) { id ... on Connector { name } } }', { id });
      }),
    ).toEqual({ listConnectors: 1 });
    expect(data).toEqual({ node: { id, name: connector?.name } });
  });

  test('is found behind the first page, within bounds', async () => {
    const agent = onlineAgent(stage);
    const ids = Array.from({ length: 2100 }, (_, index) => `added_${index}`);
    const added = ids.map((id, index) => likeOf(agent, { id, createdAtMs: 10_000 - index }));
    await withConnectors(added, async () => {
      const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
      const wanted = [`Connector:${agent.id}/added_150`, `Connector:${agent.id}/nowhere`];
      const { data, errors } = await stage.ask(query, { ids: wanted });
      expect(data).toEqual({ nodes: [{ id: wanted[0] }, null] });
      expect(errors).toMatchObject([{ path: ['nodes', 1], extensions: { code: 'SEARCH_LIMIT' } }]);
      expect((await stage.sandbox.client.countCalls())['listConnectors']).toBe(20);
    });
  });

  test('answers NOT_FOUND and INVALID_ID', async () => {
    const { errors } = await stage.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: [`Connector:${onlineAgent(stage).id}/nowhere`, 'Connector:alone'],
    });
    expect(errors?.map(({ path, extensions }) => [path, extensions?.['code']])).toEqual(
      expect.arrayContaining([
        [['nodes', 0], 'NOT_FOUND'],
        [['nodes', 1], 'INVALID_ID'],
      ]),
    );
  });
});

describe('secrets', () => {
  test.each([
    'password',
    'PASSWORD',
    'db_passwd',
    'pwd',
    'ak',
    'sk',
    'access_key',
    'secretKey',
    'clientSecret',
    'x-auth-token',
    'krb5.keytab',
  ])('%s is one', (name) => expect(isSecretName(name)).toBe(true));

  test.each(['user_name', 'auth_type', 'cluster_id', 'jdbc_url', 'driver_name', 'disk', 'task', 'keyspace'])(
    '%s is none',
    (name) => expect(isSecretName(name)).toBe(false),
  );

  test.each([
    ['jdbc:oracle:thin:scott/tiger@//db:1521/ORCL', 'jdbc:oracle:thin:***@//db:1521/ORCL'],
    ['jdbc:oracle:thin:@db:1521:ORCL', 'jdbc:oracle:thin:@db:1521:ORCL'],
    ['jdbc:mysql://db/sales?password=a&b=c', 'jdbc:mysql://db/sales?password=***&b=c'],
    ['jdbc:mysql://name:p@ss@db/sales', 'jdbc:mysql://***@db/sales'],
    ['user=reader;password="a;b";ssl=true', 'user=reader;password=***;ssl=true'],
    ['password=a,b', 'password=***'],
    ['useSSL=true', 'useSSL=true'],
  ])('%s loses its values', (written, shown) => expect(withoutSecrets(written)).toBe(shown));

  test.each([
    ['one word', 'a'.repeat(500_000)],
    ['words', 'a '.repeat(250_000)],
    ['blanks', `a${' '.repeat(500_000)}`],
    ['schemes', '://'.repeat(150_000)],
  ])('are looked for once through a text, however long it is: %s', (_, written) =>
    // A search that restarts at each character would take a quarter of an hour for the first one.
    expect(withoutSecrets(written)).toBe(written),
  );

  test('are left out at any depth', () => {
    expect(withoutSecrets({ hosts: [{ ip: 'a', password: 'b' }], more: { token: 'c', port: 1 }, none: null })).toEqual({
      hosts: [{ ip: 'a' }],
      more: { port: 1 },
      none: null,
    });
  });
});
