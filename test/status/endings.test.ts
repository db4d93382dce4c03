import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGateway } from '../../src/gateway/gateway.ts';
import { createLog } from '../../src/telemetry/log.ts';
import type { Instance } from '../../src/sandbox/model/entities.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { configFor, useStage, type GraphQLAnswer } from '../support/gateway.ts';
import { overEvents, serve, toEnd, transports, type Answers, type Client } from '../support/subscribe.ts';

const stage = useStage();
let server: GatewayServer;
const clients: Client[] = [];

// One for each test: breakers that one has opened would hold up the next.
beforeEach(async () => {
  server = await serve(stage.sandbox);
});

afterEach(async () => {
  clients.splice(0).forEach((client) => client.close());
  await server.close();
});

const used = new Set<string>();

/** The newest run of an agent's that no other test has used, put into RUNNING. */
async function aRun() {
  const agentIds = stage.sandbox.agents.map(({ id }) => id);
  const run = stage.sandbox.world.instances
    .filter(({ id, agentId }) => agentIds.includes(agentId) && !used.has(id))
    .sort((one, other) => other.startedAtMs - one.startedAtMs)[0] as Instance;
  used.add(run.id);
  await stage.sandbox.client.setInstanceStatus(run.id, 'RUNNING');
  const inLeague = stage.sandbox.world.agents.filter(({ leagueId }) => leagueId === run.leagueId).map(({ id }) => id);
  const ofLeague = agentIds.filter((id) => inLeague.includes(id));
  return { id: `Instance:${run.leagueId}/${run.id}`, leagueId: run.leagueId, ticsId: run.id, ofLeague };
}

interface Change {
  readonly status: string;
  readonly final: boolean;
  readonly instanceId: string;
}

const watchRun = 'subscription ($id: ID!) { instanceStatus(id: $id) { status final instanceId } }';
const watchLeague = 'subscription ($id: ID!) { leagueInstances(leagueId: $id) { status final instanceId } }';

type Told = Answers<Record<string, Change>>;

function changeOf(answer: GraphQLAnswer<Record<string, Change>> | undefined): Change {
  expect(answer).not.toHaveProperty('errors');
  return Object.values(answer?.data ?? {})[0] as Change;
}

/** The next change of one run. */
async function nextOf({ next }: Told, instanceId: string): Promise<Change> {
  for (;;) {
    const change = changeOf(await next());
    if (change.instanceId === instanceId) return change;
  }
}

async function setListening(agentIds: readonly string[], isListening: boolean): Promise<void> {
  for (const id of agentIds) await stage.sandbox.client.setAgentListening(id, isListening);
}

/** Calls of the space plane fail. */
function failing(operationId: string) {
  return stage.sandbox.client.setRules([{ operationId, fault: { kind: 'status', status: 503 } }]);
}

describe.each(transports)('over %s', (_, connect) => {
  const watch = (query: string, id: string): Told => {
    const client = connect(server.url);
    clients.push(client);
    return client.ask({ query, variables: { id } });
  };

  test('a run’s end is sent after its token expired, with one sign-in', async () => {
    const { id, ticsId } = await aRun();
    const told = watch(watchRun, id);
    await told.next();
    await stage.sandbox.client.clearCalls();
    await stage.sandbox.client.expireTokens();
    await stage.sandbox.client.waitForCalls(3, { operationId: 'getInstanceStatus' });
    await stage.sandbox.client.setInstanceStatus(ticsId, 'SUCCEEDED');
    expect((await toEnd(told)).map(changeOf)).toMatchObject([{ status: 'SUCCEEDED', final: true }]);
    expect((await stage.sandbox.client.countCalls())['createAgentToken']).toBe(1);
  });

  test('a run’s end is read from the space plane while the agents of its league are unreachable', async () => {
    const { id, ticsId, ofLeague } = await aRun();
    const told = watch(watchRun, id);
    await told.next();
    await setListening(ofLeague, false);
    await stage.sandbox.client.setInstanceStatus(ticsId, 'FAILED');
    expect((await toEnd(told)).map(changeOf)).toMatchObject([{ status: 'FAILED', final: true }]);
    await setListening(ofLeague, true);
  });

  test.each([
    ['fails', { kind: 'status', status: 500 }],
    ['answers what can’t be read', { kind: 'malformed' }],
  ] as const)(
    'a run’s end is told while whatever stands before the agents %s, by the space plane',
    async (_case, fault) => {
      const { id, ticsId } = await aRun();
      const told = watch(watchRun, id);
      await told.next();
      await stage.sandbox.client.setRules([{ operationId: 'getInstanceStatus', fault }]);
      await stage.sandbox.client.setInstanceStatus(ticsId, 'FAILED');
      expect((await toEnd(told)).map(changeOf)).toMatchObject([{ status: 'FAILED', final: true }]);
    },
  );

  test('a run’s end is sent when both planes are back after an outage', async () => {
    const { id, ticsId, ofLeague } = await aRun();
    const told = watch(watchRun, id);
    await told.next();
    await setListening(ofLeague, false);
    await failing('listLeagueInstances');
    await stage.sandbox.client.setInstanceStatus(ticsId, 'TERMINATED');
    await stage.sandbox.client.clearCalls();
    await stage.sandbox.client.waitForCalls(2, { operationId: 'listLeagueInstances' });
    await stage.sandbox.client.clearRules();
    expect((await toEnd(told)).map(changeOf)).toMatchObject([{ status: 'TERMINATED', final: true }]);
    await setListening(ofLeague, true);
  });

  test('a run’s end is read from the space plane where agents refuse the account, also after an outage', async () => {
    const { id, ticsId } = await aRun();
    const told = watch(watchRun, id);
    await told.next();
    const refusal = { kind: 'status', status: 200, body: { status: 6, message: 'no' } } as const;
    const refused = { operationId: 'createAgentToken', fault: refusal };
    await stage.sandbox.client.setRules([
      refused,
      { operationId: 'listLeagueInstances', fault: { kind: 'status', status: 503 } },
    ]);
    await stage.sandbox.client.clearCalls();
    await stage.sandbox.client.expireTokens();
    // More calls than one poll makes.
    await stage.sandbox.client.waitForCalls(5, { operationId: 'listLeagueInstances' }, 10_000);
    await stage.sandbox.client.setRules([refused]);
    await stage.sandbox.client.setInstanceStatus(ticsId, 'FAILED');
    expect((await toEnd(told)).map(changeOf)).toMatchObject([{ status: 'FAILED', final: true }]);
  });

  test('a league’s runs are read from an agent while the space plane is unreachable', async () => {
    const { id, leagueId, ticsId } = await aRun();
    const told = watch(watchLeague, leagueId);
    await nextOf(told, id);
    await failing('listLeagueInstances');
    await stage.sandbox.client.setInstanceStatus(ticsId, 'SUCCEEDED');
    expect(await nextOf(told, id)).toMatchObject({ status: 'SUCCEEDED', final: true });
    await told.leave();
  });

  test('a run that is not there any more ends its stream', async () => {
    const { id } = await aRun();
    const told = watch(watchRun, id);
    await told.next();
    await stage.sandbox.client.setRules(
      ['getInstanceStatus', 'listJobInstances', 'listLeagueInstances'].map((operationId) => ({
        operationId,
        fault: { kind: 'status', status: 404 } as const,
      })),
    );
    const last = await toEnd(told);
    expect(last.map(({ errors = [] }) => errors.map(({ extensions }) => extensions?.['code']))).toEqual([
      ['NOT_FOUND'],
    ]);
  });
});

test('the poll interval is configurable', async () => {
  const { id } = await aRun();
  const watching = { quickMs: 100, slowestMs: 100 };
  const config = {
    tics: configFor(stage.sandbox),
    watching,
  } as const;
  const quicker = await startServer(createGateway(config, { log: createLog('fatal') }), { host: '127.0.0.1', port: 0 });
  const client = overEvents(quicker.url);
  await client.ask({ query: watchRun, variables: { id } }).next();
  // By the default, a poll a second, fifteen would take longer than the test waits.
  await stage.sandbox.client.waitForCalls(15, { operationId: 'getInstanceStatus' }, 10_000);
  client.close();
  await quicker.close();
});
