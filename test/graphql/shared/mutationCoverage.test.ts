import { readFileSync } from 'node:fs';
import { getNamedType, isCompositeType, isObjectType, Kind, OperationTypeNode, parse } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { RecordedCall } from '../../../src/sandbox/client.ts';
import { cannotAnswer } from '../../../src/graphql/leagues/calls.ts';
import { schema } from '../../../src/graphql/schema.ts';
import { useStage, type Stage } from '../../support/gateway.ts';
import { learningFixture, makeLearningJob, makeVerticalJob } from '../../support/learning.ts';
import { rawId } from '../../support/ids.ts';
import { required } from '../../support/required.ts';
import { ClaimLedger } from '../../support/claims.ts';
import { mutate, type UserError } from '../../support/mutate.ts';
import { askWithFile } from '../../support/upload.ts';

const stage = useStage({ speed: 0, partnerReviewMs: 0 });

interface Thing {
  readonly id: string;
}

interface Payload {
  readonly connector?: Thing | null;
  readonly dataset?: Thing | null;
  readonly job?: Thing | null;
  readonly instance?: Thing | null;
  readonly userErrors: readonly UserError[];
}

/** Every operation of the session, as it was sent. */
const operations: string[] = [];
/** Every call that the embedded TICS received meanwhile. */
let received: readonly RecordedCall[] = [];

const ledger = new ClaimLedger(schema, () => stage.sandbox.client.countCalls());

/** Sends an operation, and records it with the calls that it causes. */
function record<Answer>(query: string, send: () => Promise<Answer>): Promise<Answer> {
  operations.push(query);
  return ledger.enter(query, send);
}

/** The stage, recording each operation. */
function recorded(): Stage {
  return { ...stage, data: (query, variables) => record(query, () => stage.data(query, variables)) };
}

/** All objects of a mutation's payload, and those below them that its own types lead to. */
function objectsOfPayload(name: string): string {
  const payload = getNamedType(schema.getMutationType()?.getFields()[name]?.type);
  const fields = isObjectType(payload) ? Object.values(payload.getFields()) : [];
  return fields
    .filter(({ type, name: field }) => isCompositeType(getNamedType(type)) && field !== 'userErrors')
    .map(({ name: field }) => `${field} { ${field === 'steps' ? 'instance { id }' : 'id'} }`)
    .join(' ');
}

/** Sends a mutation that must succeed; returns the id of the object that `selected` names. */
async function carryOut(name: string, input: object, selected?: Exclude<keyof Payload, 'userErrors'>) {
  const payload = await mutate<Payload>(recorded(), name, input, objectsOfPayload(name));
  expect({ name, userErrors: payload.userErrors }).toEqual({ name, userErrors: [] });
  return selected === undefined ? '' : required(payload[selected], `${selected} in the payload of ${name}`).id;
}

/** Lets every run come to its end. */
function finish() {
  return stage.sandbox.client.advance(3_600_000);
}

/** A trusted agent of the account, in a league that it created and that asks for approvals. */
function approvingAgent() {
  const { world } = stage.sandbox;
  const leagueIds = world.leaguesOfRole('OWNER').flatMap(({ id, approvalRequired }) => (approvalRequired ? [id] : []));
  const isOurs = ({ isOwn, nodeStatus, leagueId }: (typeof world.agents)[number]) =>
    isOwn && nodeStatus === 'TRUST' && leagueIds.includes(leagueId);
  return required(world.agents.find(isOurs), 'agent of a league with approvals');
}

async function manageConnectorsAndDatasets(agentId: string): Promise<void> {
  const account = { userName: 'tics', password: 'planted-secret' };
  const jdbc = { jdbcUrl: 'jdbc:mysql://192.0.2.1:3306', driverName: 'mysql.jar', ...account };
  const settings = { name: 'orders', authType: 'PWD', settings: { mysql: { ...jdbc, driver: null } } };

  const query = `mutation ($input: CreateConnectorInput!) {
    createConnector(input: $input) { connector { id } userErrors { code message } }
  }`;
  const { data, errors } = await record(query, () =>
    askWithFile<{ createConnector: Payload }>(
      stage.gateway,
      query,
      { input: { agentId, ...settings } },
      'variables.input.settings.mysql.driver',
      { fileName: 'mysql.jar', content: Buffer.from('PK a driver') },
    ),
  );
  expect({ errors, userErrors: data.createConnector.userErrors }).toEqual({ errors: undefined, userErrors: [] });
  const connectorId = required(data.createConnector.connector, 'new connector').id;
  const change = { ...settings, id: connectorId, name: 'orders of this year' };
  await carryOut('updateConnector', change, 'connector');
  const oracle = { databaseName: 'orders', databaseIp: '192.0.2.2', databasePort: 1521, ...account };
  await carryOut('testConnector', { target: { agentId }, name: 'another', authType: 'PWD', settings: { oracle } });

  const registration = {
    name: 'orders_made',
    connectorId,
    dataType: 'MYSQL',
    source: { table: { schemaName: 'demo', tableName: 't_orders' } },
    columns: [{ name: 'amount', dataType: 'DECIMAL', privacyClass: 'NON_SENSITIVE', privacyPolicy: 'NONE' }],
  };
  const id = await carryOut('createDataset', { agentId, registration }, 'dataset');
  await carryOut('updateDataset', { id, agentId, registration: { ...registration, description: 'new' } }, 'dataset');
  await carryOut('publishDataset', { id, agentId }, 'dataset');
  const other = { agentId, registration: { ...registration, name: 'orders_registered' } };
  const otherId = await carryOut('registerDataset', other, 'dataset');
  await carryOut('deleteDatasets', { agentId, ids: [id, otherId] });
  await carryOut('deleteConnector', { id: connectorId });
}

async function analyse({ id: agentId, leagueId, partnerId }: ReturnType<typeof approvingAgent>): Promise<void> {
  const { world, client } = stage.sandbox;
  const table = (isOwn: boolean): string => {
    const dataset = required(
      world
        .datasetsOfLeague(leagueId)
        .find((each) => each.table !== undefined && (isOwn ? each.agentId === agentId : each.partnerId !== partnerId)),
      isOwn ? 'table of its own' : 'table of another partner',
    );
    return `${world.partner(dataset.partnerId)?.alias}.${dataset.name}`;
  };

  const id = await carryOut('createSqlJob', { leagueId, agentId, name: 'step by step' }, 'job');
  const job = { id, agentId };
  await carryOut('updateSqlJob', { ...job, sql: `SELECT COUNT(*) AS n FROM ${table(false)}` }, 'job');
  await carryOut('submitSqlJobForApproval', job, 'job');
  await carryOut('cancelSqlJobApproval', job, 'job');
  await carryOut('submitSqlJobForApproval', job, 'job');
  await client.reviewJob(rawId(id), 'PASS');
  const instanceId = await carryOut('executeSqlJob', job, 'instance');
  await carryOut('stopInstance', { id: instanceId, agentId }, 'instance');
  await finish();
  await carryOut('deleteJob', job);

  const sql = `SELECT COUNT(*) AS n FROM ${table(true)}`;
  await carryOut('runSqlJob', { leagueId, agentId, name: 'all at once', sql }, 'instance');
  await finish();

  const notice = required(
    world.approvalNoticesOfAgent(agentId).find(({ status }) => status === 'OPEN'),
    'notice to decide',
  );
  await carryOut('reviewNotice', { id: `ApprovalNotice:${agentId}/${notice.id}`, decision: 'APPROVE', message: 'yes' });
}

async function learn(): Promise<void> {
  const desk = learningFixture(stage);
  const agentId = desk.agent.id;

  const horizontal = { ...(await makeLearningJob(recorded(), desk, 'HFL')), agentId };
  await carryOut('updateHorizontalJob', {
    ...horizontal,
    phase: 'TRAIN',
    platform: 'LOCAL',
    roundCount: 2,
    epochs: 2,
    datasets: desk.irises,
    host: { agentId, name: desk.agent.name },
    scriptPath: '/uploadfiles/iris_train.py',
    modelPath: '/uploadfiles/model.h5',
  });
  await carryOut('executeHorizontalJob', { id: horizontal.id, agentId }, 'instance');
  await finish();
  await carryOut('deleteJob', { id: horizontal.id, agentId });

  const vertical = await makeVerticalJob(recorded(), desk);
  const job = { id: vertical.id, agentId };
  const featureSelection = desk.featureSelection(vertical.name);
  for (const [name, input] of [
    ['truncateIds', {}],
    ['alignSamples', { parties: desk.parties, algorithm: 'OPRF' }],
    ['calculateInformationValue', featureSelection],
    ['executeVerticalJob', { type: 'VFL_TRAIN' }],
  ] as const) {
    await carryOut(name, { ...job, ...input }, 'instance');
    await finish();
  }
  for (const from of ['ALIGNMENT', 'FEATURE_SELECTION', 'TRAINING']) {
    await carryOut('runVerticalPipeline', { ...job, from, featureSelection, waitSeconds: 0 }, 'job');
    await finish();
  }
}

beforeAll(async () => {
  // The gateway signs in, and finds its agents, before calls are counted.
  await stage.data('{ leagues { nodes { jobs(first: 1, filter: { name: "any" }) { totalCount } } } }');
  const agent = approvingAgent();
  await carryOut('updateLeague', { id: agent.leagueId, description: 'written by a console' });
  await manageConnectorsAndDatasets(agent.id);
  await analyse(agent);
  await learn();
  received = await stage.sandbox.client.calls();
}, 60_000);

/** Every call of the contracts that is no GET, read from the contracts themselves. */
const writingCalls = ['space', 'agent'].flatMap((plane) => {
  const contract = readFileSync(new URL(`../../../schema/tics-${plane}.openapi.yaml`, import.meta.url), 'utf8');
  const { paths } = parseYaml(contract) as {
    paths: Record<string, Partial<Record<string, { operationId: string }>>>;
  };
  return Object.values(paths).flatMap((path) =>
    ['post', 'put', 'delete', 'patch'].flatMap((method) => path[method]?.operationId ?? []),
  );
});

/** The fields that operations select of `Mutation`; operations of other kinds select none. */
function mutationsIn(documents: readonly string[]): ReadonlySet<string> {
  return new Set(
    documents
      .flatMap((document) => parse(document).definitions)
      .flatMap((definition) =>
        definition.kind === Kind.OPERATION_DEFINITION && definition.operation === OperationTypeNode.MUTATION
          ? definition.selectionSet.selections
          : [],
      )
      .flatMap((selection) => (selection.kind === Kind.FIELD ? [selection.name.value] : [])),
  );
}

/** Conditions that hold for no mutation of the session; costSweep.test.ts sees to those of the same lists in queries. */
const unheld = [
  cannotAnswer,
  'where its list does not hold it',
  'where no agent answers',
  'where more than two of a league are asked for',
  'a prediction',
];

describe('one session of mutations', () => {
  test('the contracts hold 26 writing calls, two of them for signing in', () => {
    expect(new Set(writingCalls).size).toBe(26);
    expect(writingCalls).toEqual(expect.arrayContaining(['createToken', 'createAgentToken']));
  });

  test('makes the embedded TICS receive, and carry out, every writing call of the contracts', () => {
    const carriedOut = received.filter(({ status = 500 }) => status < 300).map(({ operationId }) => operationId);
    expect(writingCalls.filter((call) => !carriedOut.includes(call))).toEqual([]);
    expect(received.filter(({ method, status = 500 }) => method !== 'GET' && status >= 300)).toEqual([]);
  });

  test('causes the calls that the mutations and the fields of their payloads claim, and no others', () => {
    expect(ledger.unclaimed, 'Add the calls to `calls` of the mutation or of the field.').toEqual([]);
    expect(
      ledger.neverCaused(unheld),
      'Take the calls out of `calls`, or carry the mutation out so that it makes them.',
    ).toEqual([]);
  });

  test('consists of mutations alone, and of every one that the schema offers', () => {
    const executed = mutationsIn(operations);
    const offered = Object.keys(schema.getMutationType()?.getFields() ?? {});
    expect(offered.length).toBeGreaterThan(0);
    expect(offered.filter((name) => !executed.has(name))).toEqual([]);
    for (const operation of operations) expect(operation).toMatch(/^mutation\b/);
  });
});

test('a claim that a mutation does not cause is found, and a call that it does not claim', async () => {
  const field = required(schema.getMutationType()?.getFields()['updateLeague'], 'updateLeague');
  const { extensions } = field;
  const planted = new ClaimLedger(schema, () => stage.sandbox.client.countCalls());
  const query = 'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }';
  const input = { id: stage.sandbox.world.leaguesOfRole('OWNER')[0]?.id, description: 'planted' };
  field.extensions = { ...extensions, calls: [{ call: 'listPartners', per: 'page100' }] };
  try {
    await planted.enter(query, () => stage.data(query, { input }));
  } finally {
    field.extensions = extensions;
  }
  expect(planted.neverCaused([])).toEqual(['Mutation.updateLeague listPartners']);
  expect(planted.unclaimed).toEqual([expect.stringMatching(/^updateLeague by Mutation.updateLeague/)]);
});
