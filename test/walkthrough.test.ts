import { describe, expect, test } from 'vitest';
import { useStage } from './support/gateway.ts';
import { askWithFile } from './support/upload.ts';

const stage = useStage();

interface Payloads {
  readonly [mutation: string]: {
    readonly userErrors: readonly { readonly code: string; readonly message: string }[];
    readonly connector?: { readonly id: string };
    readonly dataset?: { readonly id: string };
    readonly job?: { readonly id: string };
    readonly instance?: { readonly id: string };
  };
}

/** Runs a mutation that must have no user errors, and answers its payload. */
async function carryOut(name: string, selection: string, input: object): Promise<Payloads[string]> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const data = await stage.data<Payloads>(
    `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { code message } } }`,
    { input },
  );
  const payload = data[name];
  expect(payload?.userErrors).toEqual([]);
  return payload ?? { userErrors: [] };
}

/** Saves a statement, has it approved (it is about the agent's own data alone), executes it and waits for its run's end. */
async function run(jobId: string | undefined, agentId: string | undefined, sql: string) {
  await carryOut('updateSqlJob', 'job { id definition { sql } }', { id: jobId, agentId, sql });
  await carryOut('submitSqlJobForApproval', 'job { approvalStatus }', { id: jobId, agentId });
  const { instance } = await carryOut('executeSqlJob', 'instance { id status }', { id: jobId, agentId });
  await stage.sandbox.client.advance(3_600_000);
  const answer = await stage.data<{ instance: { currentStatus: string; error: { message: string } | null } }>(
    'query ($id: ID!) { instance(id: $id) { currentStatus error { message } } }',
    { id: instance?.id },
  );
  return { ...answer.instance, id: instance?.id };
}

describe("the reference's own walk-through (5.2), through GraphQL alone", () => {
  test('from the agent to the rows of a result', async () => {
    const { world } = stage.sandbox;
    // The alias LEAGUE_CREATOR stands for whoever created the league.
    const [league] = world.leaguesOfRole('OWNER');
    const agentId = world.agents.find((node) => node.leagueId === league?.id && node.nodeStatus === 'TRUST')?.id;

    const { agent } = await stage.data<{ agent: { runtime: { online: boolean }; league: { id: string } } }>(
      'query ($id: ID!) { agent(id: $id) { runtime { online trusted } league { id } } }',
      { id: agentId },
    );
    expect(agent).toMatchObject({ runtime: { online: true }, league: { id: `League:${league?.id}` } });

    const driver = Buffer.from('PK\u0003\u0004 a driver');
    const created = await askWithFile<{ createConnector: Payloads[string] }>(
      stage.gateway,
      `mutation ($input: CreateConnectorInput!) {
        createConnector(input: $input) { connector { id type } userErrors { code message } }
      }`,
      {
        input: {
          agentId,
          name: 'mysql-con',
          authType: 'PWD',
          settings: {
            mysql: {
              jdbcUrl: 'jdbc:mysql://192.0.2.1:3306',
              driverName: 'mysql-connector-java-8.0.20.jar',
              userName: 'username',
              password: 'DB_password',
              driver: null,
            },
          },
        },
      },
      'variables.input.settings.mysql.driver',
      { fileName: 'mysql-connector-java-8.0.20.jar', content: driver },
    );
    expect(created.errors).toBeUndefined();
    const { connector, userErrors } = created.data.createConnector;
    expect(userErrors).toEqual([]);

    const { dataset } = await carryOut('createDataset', 'dataset { id name }', {
      agentId,
      registration: {
        name: 'dataset_test',
        connectorId: connector?.id,
        connectorName: 'mysql-con',
        dataType: 'MYSQL',
        description: 'this is a test',
        source: { table: { schemaName: 'demo1', tableName: 'dim_enterprise' } },
        columns: [
          {
            name: 'credit_no',
            dataType: 'STRING',
            comment: '企业号（企业社会信用代码）',
            privacyClass: 'SENSITIVE',
            privacyPolicy: 'NONE',
          },
          {
            name: 'ent_name',
            dataType: 'STRING',
            comment: '企业名称',
            privacyClass: 'NON_SENSITIVE',
            privacyPolicy: 'NONE',
          },
        ],
      },
    });
    await carryOut('publishDataset', 'dataset { id holding { publication } }', { agentId, id: dataset?.id });

    const { job } = await carryOut('createSqlJob', 'job { id name }', {
      leagueId: `League:${league?.id}`,
      agentId,
      name: 'sql-test',
      description: '',
    });
    const refused = await run(job?.id, agentId, 'select * from LEAGUE_CREATOR.DATASET_TEST');
    expect(refused.currentStatus).toBe('FAILED');
    expect(refused.error?.message).toMatch(/credit_no/i);

    const allowed = await run(job?.id, agentId, 'select ent_name from LEAGUE_CREATOR.DATASET_TEST');
    expect(allowed).toMatchObject({ currentStatus: 'SUCCEEDED', error: null });
    const { instance } = await stage.data<{ instance: { sample: { columns: string[]; rows: string[][] } } }>(
      'query ($id: ID!) { instance(id: $id) { sample { columns rows } } }',
      { id: allowed.id },
    );
    expect(instance.sample.columns.map((name) => name.toLowerCase())).toEqual(['ent_name']);
    expect(instance.sample.rows.length).toBeGreaterThan(0);
  });
});
