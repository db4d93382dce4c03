import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../../src/graphql/schema.ts';
import type { GatewayServer } from '../../../src/server/server.ts';
import { ClaimLedger } from '../../support/claims.ts';
import { useStage } from '../../support/gateway.ts';
import { required } from '../../support/required.ts';
import { overEvents, serve, toEnd, type Client } from '../../support/subscribe.ts';

const stage = useStage({ speed: 0 });
const ledger = new ClaimLedger(schema, () => stage.sandbox.client.countCalls());
let server: GatewayServer;
let client: Client;

beforeAll(async () => {
  server = await serve(stage.sandbox);
  client = overEvents(server.url);
  // The gateway signs in, and finds its agents, before calls are counted.
  const warm = client.ask({
    query: '{ leagues { nodes { jobs(first: 1, filter: { name: "any" }) { totalCount } } } }',
  });
  await toEnd(warm);
});

afterAll(async () => {
  client.close();
  await server.close();
});

const event = 'status instance { id } progress { taskCount } result { path } error { message }';

/** A run of an agent that answers. */
function anyRun() {
  const ids = stage.sandbox.agents.map(({ id }) => id);
  return required(
    stage.sandbox.world.instances.find(({ agentId, type }) => type === 'HFL' && ids.includes(agentId)),
    'run of a configured agent',
  );
}

/** Subscribes, takes so many events, and leaves; before the last one, `act` makes it happen. */
function watch(query: string, variables: object, act: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  return ledger.enter(query, async () => {
    const { next, leave } = client.ask({ query, variables: { ...variables } });
    const first = await next();
    expect(first?.errors).toBeUndefined();
    await act();
    await next();
    await leave();
  });
}

test('the runs of a league', async () => {
  const run = anyRun();
  const query = `subscription ($id: ID!) { leagueInstances(leagueId: $id) { ${event} } }`;
  await watch(query, { id: `League:${run.leagueId}` });
});

test.each([
  ['SUCCEEDED', event],
  ['FAILED', event],
  // The progress of a run tells its state too.
  ['TERMINATED', 'status error { message }'],
] as const)('a run, watched until it has %s', async (ending, fields) => {
  const run = anyRun();
  await stage.sandbox.client.setInstanceStatus(run.id, 'RUNNING');
  const query = `subscription ($id: ID!) { instanceStatus(id: $id) { ${fields} } }`;
  await watch(query, { id: `Instance:${run.leagueId}/${run.id}` }, () =>
    stage.sandbox.client.setInstanceStatus(run.id, ending),
  );
});

test('an agent', async () => {
  const [agent] = stage.sandbox.agents;
  const query = 'subscription ($id: ID!) { agentStatus(id: $id) { status deployStatus agent { id } } }';
  const { next, leave } = client.ask({ query, variables: { id: `Agent:${agent?.id}` } });
  await ledger.enter(query, async () => {
    expect((await next())?.errors).toBeUndefined();
    await leave();
  });
});

/** Conditions that hold for none of these. */
const unheld = [
  'instead, for several runs of a league',
  'where the agent does not answer',
  'where the space plane can’t answer',
  'where no agent answers',
  'where more than two of a league are asked for',
  'where several are asked for',
];

test('Subscriptions and the fields of their events cause the calls that they claim, and no others', () => {
  expect(ledger.unclaimed, 'Add the calls to `calls` of the field.').toEqual([]);
  expect(ledger.neverCaused(unheld), 'Take the calls out of `calls`.').toEqual([]);
});
