import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Caller } from '../../src/callers/caller.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { schema } from '../../src/graphql/schema.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { secretsOf } from '../support/crossing.ts';
import { fullSelections } from '../support/fullSelection.ts';
import { required } from '../support/required.ts';
import { quick, toEnd, transports } from '../support/subscribe.ts';
import { surfaces, type ReadingCall } from '../support/surfaces.ts';

const stage = useStage({ speed: 0 });
const calls = Object.keys(surfaces) as ReadingCall[];

let gateway: Gateway;
let server: GatewayServer;
/** Raw ids of things of the caller's league, of another one, and of none. */
let own: Ids;
let foreign: Ids;
const made: Ids = idsOf('nosuchleague', 'nosuchagent');
/** Ids and names of what is in other leagues only. */
let secrets: readonly string[];

interface Ids {
  readonly league: string;
  readonly agent: string;
  readonly dataset: string;
  readonly job: string;
  readonly verticalJob: string;
  readonly instance: string;
  readonly connector: string;
  readonly notice: string;
}

function idsOf(league: string, agent: string): Ids {
  const none = 'nosuchthing';
  return {
    league,
    agent,
    dataset: `Dataset:${league}/${none}`,
    job: `Job:${league}/sql/${none}`,
    verticalJob: `Job:${league}/vfl/${none}`,
    instance: `Instance:${league}/${none}`,
    connector: `Connector:${agent}/${none}`,
    notice: `ApprovalNotice:${agent}/${none}`,
  };
}

/** Things of a league that has an agent of ours which answers. */
function idsIn(leagueId: string): Ids {
  const { world } = stage.sandbox;
  const ofLeague = <Thing extends { readonly leagueId: string }>(things: readonly Thing[], kind: string): Thing =>
    required(
      things.find((thing) => thing.leagueId === leagueId),
      `${kind} in the league`,
    );
  const agent = required(
    world.agents.find((one) => one.leagueId === leagueId && one.nodeStatus === 'TRUST'),
    'agent',
  );
  const jobOf = (type: string) =>
    world.jobs.find((job) => job.leagueId === leagueId && job.type === type)?.id ?? 'nosuchjob';
  const connector = world.connectorsOfAgent(agent.id)[0];
  const notice = world.approvalNoticesOfAgent(agent.id)[0];
  return {
    league: leagueId,
    agent: agent.id,
    dataset: `Dataset:${leagueId}/${ofLeague(world.datasets, 'dataset').id}`,
    job: `Job:${leagueId}/sql/${jobOf('SQL')}`,
    verticalJob: `Job:${leagueId}/vfl/${jobOf('VFL')}`,
    instance: `Instance:${leagueId}/${ofLeague(world.instances, 'instance').id}`,
    connector: `Connector:${agent.id}/${connector?.id ?? 'nosuchconnector'}`,
    notice: `ApprovalNotice:${agent.id}/${notice?.id ?? 'nosuchnotice'}`,
  };
}

beforeAll(async () => {
  const { world } = stage.sandbox;
  const trusted = world.agents.filter(({ nodeStatus }) => nodeStatus === 'TRUST');
  const leagueIds = [...new Set(trusted.map(({ leagueId }) => leagueId))].filter((leagueId) =>
    [world.datasets, world.instances].every((things) => things.some((thing) => thing.leagueId === leagueId)),
  );
  own = idsIn(required(leagueIds[0], 'league of ours'));
  foreign = idsIn(required(leagueIds[1], 'second league'));
  secrets = secretsOf(world, own.league);
  gateway = gatewayFor(configFor(stage.sandbox), {
    watching: quick,
    identify: ({ headers }): Caller => ({
      upstreamScope: 'account',
      name: 'limited',
      roles: ['ADMINISTRATOR'],
      leagues: headers.get('x-api-key') === 'all' ? 'ALL' : [own.league],
    }),
  });
  server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
  // The agents' leagues are remembered: later calls are those of the operation alone.
  await ask('{ viewer { agents { agentId } } }');
});

afterAll(() => server.close());

function ask(query: string, variables: Readonly<Record<string, unknown>> = {}, key = 'limited') {
  return askGateway<Readonly<Record<string, unknown>> | null>(gateway, query, variables, { 'x-api-key': key });
}

function leaksIn(answer: unknown): readonly string[] {
  const text = JSON.stringify(answer);
  return secrets.filter((secret) => text.includes(secret));
}

/** Every path of a call that reached TICS. */
async function pathsSent(): Promise<string> {
  return JSON.stringify((await stage.sandbox.client.calls()).map(({ path }) => path));
}

describe('a caller of one league', () => {
  test('secrets are there to be found, and callers of all leagues find them', async () => {
    expect(secrets.length).toBeGreaterThan(100);
    expect(leaksIn(await ask('{ leagues(first: 100) { nodes { id name } } }', {}, 'all')).length).toBeGreaterThan(1);
  });

  test.each(calls)('%s: reads its own as all others do, and of others nothing', async (call) => {
    const variables = { league: own.league, agent: own.agent };
    const answer = await ask(surfaces[call], variables);
    expect(leaksIn(answer)).toEqual([]);
    if (surfaces[call].includes('$')) expect(answer).toEqual(await ask(surfaces[call], variables, 'all'));
  });

  test.each(calls.filter((call) => surfaces[call].includes('$')))(
    '%s: another league reads like one that is not there, and nothing is sent',
    async (call) => {
      const answer = await ask(surfaces[call], { league: foreign.league, agent: foreign.agent });
      expect(await stage.sandbox.client.calls()).toEqual([]);
      expect(answer).toEqual(await ask(surfaces[call], { league: made.league, agent: made.agent }));
      expect(Object.values(answer.data ?? {})).toEqual([null]);
    },
  );
});

/** How each field of Query is tried, by raw and global ids of one league; null: it names no league, see the full selection. */
const queries: Readonly<Record<string, ((ids: Ids) => string) | null>> = {
  agent: ({ agent }) => `agent(id: "${agent}") { name league { name } }`,
  agents: null,
  dataset: ({ dataset }) => `dataset(id: "${dataset}") { name }`,
  instance: ({ instance }) => `instance(id: "${instance}") { status }`,
  job: ({ job }) => `job(id: "${job}") { name }`,
  league: ({ league }) => `league(id: "League:${league}") { name memberCount datasets { totalCount } }`,
  leagues: null,
  membershipNotices: null,
  node: ({ connector }) => `node(id: "${connector}") { id ... on Connector { name } }`,
  nodes: (ids) => `nodes(ids: ${JSON.stringify(nodeIds(ids))}) { __typename }`,
  overview: null,
  viewer: null,
  waitForInstance: ({ instance }) => `waitForInstance(id: "${instance}", waitSeconds: 1) { status }`,
};

/** Rows of the tables for BI tools: `test/bi/graphql.test.ts` holds all of them to the caller's leagues at once. */
const areRows = /Rows$/;

function nodeIds({ league, agent, dataset, job, verticalJob, instance, connector, notice }: Ids): readonly string[] {
  return [`League:${league}`, `Agent:${agent}`, dataset, job, verticalJob, instance, connector, notice];
}

describe('every field of Query', () => {
  test('has a decision here', () => {
    const fields = Object.keys(schema.getQueryType()?.getFields() ?? {}).filter((name) => !areRows.test(name));
    expect(Object.keys(queries).sort()).toEqual(fields.sort());
  });

  test.each(Object.entries(queries).flatMap(([name, write]) => (write === null ? [] : [[name, write] as const])))(
    '%s of another league answers as if it were not there',
    async (_, write) => {
      const answer = await ask(`{ ${write(foreign)} }`);
      expect(await stage.sandbox.client.calls()).toEqual([]);
      expect(answer).toEqual(await ask(`{ ${write(made)} }`));
      expect(
        Object.values(answer.data ?? {})
          .flat()
          .filter((value) => value !== null),
      ).toEqual([]);
      const ofOwn = await ask(`{ ${write(own)} }`);
      expect(Object.values(ofOwn.data ?? {}).flat()[0]).not.toBeNull();
    },
  );

  test('ids of another league’s things under the own league read nothing', async () => {
    const under = (id: string) => id.replace(foreign.league, own.league);
    const ids = [foreign.dataset, foreign.job, foreign.verticalJob, foreign.instance].map(under);
    const { data } = await ask(`{ nodes(ids: ${JSON.stringify(ids)}) { __typename } }`);
    expect(data).toEqual({ nodes: ids.map(() => null) });
  });

  test('everything below all of them tells of the own league only', async () => {
    const query = required(schema.getQueryType(), 'Query');
    const skipped: string[] = [];
    const selections = fullSelections(
      schema,
      query,
      {
        'Query.league': `id: "${own.league}"`,
        'League.availableDatasets': 'type: MYSQL',
        'League.usage': 'from: "2023-01-01", to: "2023-01-01", every: DAY',
        'Query.waitForInstance': null,
        ...Object.fromEntries(
          ['jobs', 'instances', 'datasets', 'auditLog', 'models'].map((name) => [`League.${name}`, 'first: 3']),
        ),
      },
      [],
      (coordinate) => skipped.push(coordinate),
    );
    for (const selection of selections) {
      const answer = await ask(`{ ${selection} }`);
      expect({ selection: selection.slice(0, 60), leaks: leaksIn(answer) }).toMatchObject({ leaks: [] });
    }
    expect(selections.length).toBeGreaterThan(4);
  }, 60_000);
});

test('lists and totals are those of the own league, whatever page is asked for', async () => {
  const { world } = stage.sandbox;
  const agents = world.agents.filter(({ leagueId }) => leagueId === own.league).map(({ id }) => id);
  const { data } = await ask(
    '{ leagues(first: 1) { totalCount nodes { ticsId } pageInfo { hasNextPage } } agents(first: 1) { totalCount } rest: agents(first: 100) { nodes { ticsId } } viewer { agents { agentId } } }',
  );
  expect(data).toEqual({
    leagues: { totalCount: 1, nodes: [{ ticsId: own.league }], pageInfo: { hasNextPage: false } },
    agents: { totalCount: agents.length },
    rest: { nodes: agents.map((ticsId) => ({ ticsId })) },
    viewer: { agents: expect.any(Array) as unknown },
  });
});

test('overview counts all leagues: null with FORBIDDEN; the space plane’s state is told', async () => {
  const { data, errors } = await ask('{ overview { leagueCount } viewer { spacePlane { reachable } } }');
  expect(data).toEqual({ overview: null, viewer: { spacePlane: { reachable: true } } });
  expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['FORBIDDEN']);
});

/** How each subscription is tried. */
const subscriptions: Readonly<Record<string, (ids: Ids) => string>> = {
  agentStatus: ({ agent }) => `agentStatus(id: "${agent}") { status }`,
  instanceStatus: ({ instance }) => `instanceStatus(id: "${instance}") { status }`,
  leagueInstances: ({ league }) => `leagueInstances(leagueId: "${league}") { status }`,
};

/** Answers over WebSocket name their request. */
function withoutRequest(told: unknown): unknown {
  return Array.isArray(told) ? told.map((answer) => ({ ...(answer as object), extensions: undefined })) : told;
}

describe('every subscription', () => {
  test('has a decision here', () => {
    expect(Object.keys(subscriptions).sort()).toEqual(
      Object.keys(schema.getSubscriptionType()?.getFields() ?? {}).sort(),
    );
  });

  describe.each(transports)('over %s', (_, connect) => {
    test.each(Object.entries(subscriptions))('%s of another league is told nothing', async (__, write) => {
      const client = connect(server.url);
      const answers = async (ids: Ids) => toEnd(client.ask<unknown>({ query: `subscription { ${write(ids)} }` }));
      const told = withoutRequest(await answers(foreign).catch((error: unknown) => error));
      expect(await stage.sandbox.client.calls()).toEqual([]);
      expect(JSON.stringify(told)).toContain('NOT_FOUND');
      expect(told).toEqual(withoutRequest(await answers(made).catch((error: unknown) => error)));
      const first = await client.ask<Record<string, unknown>>({ query: `subscription { ${write(own)} }` }).next();
      expect(first?.errors).toBeUndefined();
      client.close();
    });
  });
});

const sqlInput = 'name: "x", sql: "select 1"';

/** How each mutation is tried: inputs that keep the rules, so that it comes to its calls. */
const mutations: Readonly<Record<string, ((ids: Ids) => string) | 'RULES_FIRST'>> = {
  alignSamples: 'RULES_FIRST',
  calculateInformationValue: 'RULES_FIRST',
  cancelSqlJobApproval: ({ job }) => `id: "${job}"`,
  createConnector: 'RULES_FIRST',
  createDataset: 'RULES_FIRST',
  createFederatedLearningJob: 'RULES_FIRST',
  createSqlJob: ({ league }) => `leagueId: "${league}", name: "x"`,
  deleteConnector: ({ connector }) => `id: "${connector}"`,
  deleteDatasets: ({ agent, dataset }) => `agentId: "${agent}", ids: ["${dataset}"]`,
  deleteJob: ({ job }) => `id: "${job}"`,
  executeHorizontalJob: ({ league }) => `id: "Job:${league}/hfl/x"`,
  executeSqlJob: ({ job }) => `id: "${job}"`,
  executeVerticalJob: 'RULES_FIRST',
  publishDataset: ({ agent, dataset }) => `agentId: "${agent}", id: "${dataset}"`,
  registerDataset: 'RULES_FIRST',
  reviewNotice: ({ notice }) => `id: "${notice}", decision: APPROVE`,
  runSqlJob: ({ league }) => `leagueId: "${league}", ${sqlInput}`,
  runVerticalPipeline: 'RULES_FIRST',
  stopInstance: ({ instance }) => `id: "${instance}"`,
  submitSqlJobForApproval: ({ job }) => `id: "${job}"`,
  testConnector: 'RULES_FIRST',
  truncateIds: 'RULES_FIRST',
  updateConnector: 'RULES_FIRST',
  updateDataset: 'RULES_FIRST',
  updateHorizontalJob: 'RULES_FIRST',
  updateLeague: ({ league }) => `id: "${league}", description: "x"`,
  updateSqlJob: ({ job }) => `id: "${job}", ${sqlInput}`,
  updateVerticalJob: 'RULES_FIRST',
};

describe('every mutation', () => {
  test('has a decision here', () => {
    expect(Object.keys(mutations).sort()).toEqual(Object.keys(schema.getMutationType()?.getFields() ?? {}).sort());
  });

  test.each(
    Object.entries(mutations).flatMap(([name, write]) => (write === 'RULES_FIRST' ? [] : [[name, write] as const])),
  )('%s of another league changes nothing and tells nothing', async (name, write) => {
    const send = (ids: Ids) =>
      ask(`mutation { ${name}(input: { ${write(ids)} }) { userErrors { code message field } } }`);
    const answer = await send(foreign);
    expect(await pathsSent()).toBe('[]');
    expect(JSON.stringify(answer)).toMatch(/"code":"(NOT_FOUND|AGENT_UNAVAILABLE)"/);
    expect(answer).toEqual(await send(made));
  });

  test.each([
    ['cancelSqlJobApproval', 'id: "JOB", agentId: "AGENT"'],
    ['stopInstance', 'id: "INSTANCE", agentId: "AGENT"'],
  ])('%s in the own league by another league’s agent is not sent', async (name, input) => {
    const written = input.replace('JOB', own.job).replace('INSTANCE', own.instance).replace('AGENT', foreign.agent);
    const answer = await ask(`mutation { ${name}(input: { ${written} }) { userErrors { code } } }`);
    expect(JSON.stringify(answer)).toContain('AGENT_UNAVAILABLE');
    expect(await pathsSent()).not.toContain('stop');
  });
});
