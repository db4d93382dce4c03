import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '../../src/callers/caller.ts';
import { GatewayError } from '../../src/errors.ts';
import type { CallerRequest } from '../../src/gateway/gateway.ts';
import type { Instance } from '../../src/sandbox/model/entities.ts';
import type { GatewayServer } from '../../src/server/server.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { codesOf } from '../support/resilience.ts';
import { quick, serve, toEnd, transports, type Answers, type Client } from '../support/subscribe.ts';

const stage = useStage();
let server: GatewayServer;
let rights: Record<string, AbortController> = {};
const clients: Client[] = [];

/** Callers by their token, each with rights of its own until they end. */
function identify({ headers }: CallerRequest): Caller {
  const name = headers.get('authorization') ?? '';
  const sessionSignal = rights[name]?.signal;
  if (sessionSignal === undefined) throw new GatewayError('UNAUTHENTICATED', 'Sign in.');
  return { upstreamScope: name, name, roles: ['VIEWER'], leagues: 'ALL', sessionSignal };
}

beforeAll(async () => {
  server = await serve(stage.sandbox, { identify });
});

beforeEach(() => {
  rights = { ann: new AbortController(), bob: new AbortController() };
});

afterEach(() => clients.splice(0).forEach((client) => client.close()));

afterAll(() => server.close());

let used = 0;

async function aRun() {
  const [agent] = stage.sandbox.agents;
  const runs = stage.sandbox.world.instances.filter(({ agentId }) => agentId === agent?.id);
  used += 1;
  const run = runs[used] as Instance;
  await stage.sandbox.client.setInstanceStatus(run.id, 'RUNNING');
  return { id: `Instance:${run.leagueId}/${run.id}`, ticsId: run.id };
}

const query = 'subscription ($id: ID!) { instanceStatus(id: $id) { status instance { id } } }';

type Told = Answers<{ instanceStatus: { status: string } }>;

describe.each(transports)('over %s', (transport, connect) => {
  const watch = (name: string, id: string): Told => {
    const client = connect(server.url, { authorization: name });
    clients.push(client);
    return client.ask({ query, variables: { id } });
  };

  test('a stream and its polls end when the caller’s session ends; others go on', async () => {
    const { id, ticsId } = await aRun();
    const [ann, bob] = [watch('ann', id), watch('bob', id)];
    await Promise.all([ann.next(), bob.next()]);
    rights['ann']?.abort();
    expect((await toEnd(ann)).map(codesOf)).toEqual([['UNAUTHENTICATED']]);

    await stage.sandbox.client.clearCalls();
    await stage.sandbox.client.waitForCalls(3, { operationId: 'getInstanceStatus' });
    const { createToken, createAgentToken, ...calls } = await stage.sandbox.client.countCalls();
    expect(Object.keys(calls)).toEqual(['getInstanceStatus']);
    await stage.sandbox.client.setInstanceStatus(ticsId, 'SUCCEEDED');
    expect((await toEnd(bob)).at(-1)?.data.instanceStatus.status).toBe('SUCCEEDED');
  });

  test('callers of different scopes share no poll, and objects of an event are read for each', async () => {
    const { id, ticsId } = await aRun();
    const streams = ['ann', 'ann', 'bob'].map((name) => watch(name, id));
    await Promise.all(streams.map(({ next }) => next()));
    await stage.sandbox.client.clearCalls();
    await stage.sandbox.client.setInstanceStatus(ticsId, 'SUCCEEDED');
    await Promise.all(streams.map(toEnd));
    expect((await stage.sandbox.client.countCalls())['listJobInstances']).toBe(2);
  });

  test('a right that has ended before, or was never there, subscribes to nothing', async () => {
    const { id } = await aRun();
    rights['ann']?.abort();
    await stage.sandbox.client.clearCalls();
    for (const name of ['ann', 'eve']) {
      await expect(toEnd(watch(name, id))).rejects.toMatchObject(
        transport === 'WebSocket' ? { code: 4401 } : { response: { status: 401 } },
      );
    }
    expect(await stage.sandbox.client.countCalls()).toEqual({});
  });

  test('an account that the service refuses from now on ends the stream', async () => {
    const { id } = await aRun();
    const ann = watch('ann', id);
    await ann.next();
    await stage.sandbox.client.setRules([
      { operationId: 'getInstanceStatus', fault: { kind: 'status', status: 403 } },
      { operationId: 'listLeagueInstances', fault: { kind: 'status', status: 403 } },
      { operationId: 'listJobInstances', fault: { kind: 'status', status: 403 } },
    ]);
    expect((await toEnd(ann)).map(codesOf)).toEqual([['NOT_FOUND']]);
  });
});

test('an unauthenticated query is answered with a code, without upstream calls', async () => {
  const gateway = gatewayFor(configFor(stage.sandbox), { identify, watching: quick });
  const calls = await stage.callsOf(async () => {
    const { data, errors } = await askGateway(gateway, '{ leagues(first: 1) { totalCount } }');
    expect([data, errors?.[0]?.extensions?.['code']]).toEqual([undefined, 'UNAUTHENTICATED']);
  });
  expect(calls).toEqual({});
  await gateway.close();
});
