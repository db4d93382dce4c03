import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Instance } from '../../src/sandbox/model/entities.ts';
import type { GatewayServer } from '../../src/server/server.ts';
import { useStage, type GraphQLAnswer } from '../support/gateway.ts';
import { codesOf } from '../support/resilience.ts';
import {
  overEvents,
  overWebSocket,
  serve,
  toEnd,
  transports,
  type Answers,
  type Client,
} from '../support/subscribe.ts';

const stage = useStage();
let server: GatewayServer;
const clients: Client[] = [];

beforeAll(async () => {
  server = await serve(stage.sandbox);
});

afterEach(async () => {
  clients.splice(0).forEach((client) => client.close());
  // Without subscribers nothing is polled.
  await expect.poll(async () => (await figures())['tics_gateway_subscribers']).toBe(0);
});

afterAll(async () => {
  await server.close();
});

/** The values of series without labels in `/metrics`, by name. */
async function figures(): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const lines = [...text.matchAll(/^(tics_gateway_\w+) (\S+)$/gm)];
  return Object.fromEntries(lines.map(([, name = '', value]) => [name, Number(value)] as const));
}

let used = 0;

/** Puts a run into a state. */
async function putInto(
  status: Parameters<typeof stage.sandbox.client.setInstanceStatus>[1],
  run: Instance | undefined,
) {
  if (run === undefined) throw new Error('the embedded TICS has no more runs');
  await stage.sandbox.client.setInstanceStatus(run.id, status);
  return { id: `Instance:${run.leagueId}/${run.id}`, leagueId: run.leagueId, ticsId: run.id, jobId: run.jobId };
}

/** A run that no other test has used. */
function aRun(status: Parameters<typeof putInto>[0] = 'PENDING') {
  const [agent] = stage.sandbox.agents;
  const runs = stage.sandbox.world.instances.filter(({ agentId }) => agentId === agent?.id);
  used += 1;
  return putInto(status, runs[used]);
}

let usedLong = 0;

/** A run that no other test has used, and that does not end by itself soon. */
function aLongRun() {
  usedLong += 1;
  const [agent] = stage.sandbox.agents;
  const ofOthers = stage.sandbox.world.instances.filter(({ agentId }) => agentId !== agent?.id);
  return putInto('RUNNING', ofOthers.sort((one, other) => other.runMs - one.runMs)[usedLong]);
}

interface Change {
  readonly status: string;
  readonly statusText: string;
  readonly previousStatus: string | null;
  readonly sequence: number;
  readonly cursor: string;
  readonly final: boolean;
  readonly gap: boolean;
  readonly observedAt: string;
  readonly instanceId: string;
  readonly instance?: { readonly id: string; readonly status: string; readonly currentStatus: string } | null;
}

const fields = 'status statusText previousStatus sequence cursor final gap observedAt instanceId';
const watchRun = `subscription ($id: ID!, $after: String) { instanceStatus(id: $id, after: $after) { ${fields} instance { id status currentStatus } } }`;
const watchLeague = `subscription ($id: ID!, $job: ID) { leagueInstances(leagueId: $id, jobId: $job) { ${fields} } }`;

type OfRun = Answers<{ instanceStatus: Change }>;
type OfLeague = Answers<{ leagueInstances: Change }>;

function changeOf<Data extends object>(answer: GraphQLAnswer<Data> | undefined): Change {
  expect(answer).not.toHaveProperty('errors');
  return Object.values(answer?.data ?? {})[0] as Change;
}

function setInstanceStatus(...given: Parameters<typeof stage.sandbox.client.setInstanceStatus>) {
  return stage.sandbox.client.setInstanceStatus(...given);
}

describe.each(transports)('over %s', (_, connect) => {
  const open = (): Client => {
    const client = connect(server.url);
    clients.push(client);
    return client;
  };

  test('the present state comes at once, then each change with freshly read objects, then the end, and the stream completes', async () => {
    const { id, ticsId } = await aRun('PENDING');
    const answers: OfRun = open().ask({ query: watchRun, variables: { id } });
    const first = changeOf(await answers.next());
    expect(first).toMatchObject({ status: 'PENDING', previousStatus: null, final: false, gap: false });
    expect(first.instance).toEqual({ id, status: 'PENDING', currentStatus: 'PENDING' });
    expect(Number.isNaN(Date.parse(first.observedAt))).toBe(false);

    await setInstanceStatus(ticsId, 'RUNNING');
    const second = changeOf(await answers.next());
    expect(second).toMatchObject({ status: 'RUNNING', previousStatus: 'PENDING', final: false });
    expect(second.instance).toEqual({ id, status: 'RUNNING', currentStatus: 'RUNNING' });

    await setInstanceStatus(ticsId, 'SUCCEEDED');
    const last = changeOf(await answers.next());
    expect(last).toMatchObject({ status: 'SUCCEEDED', previousStatus: 'RUNNING', final: true });
    expect(last.instance).toEqual({ id, status: 'SUCCEEDED', currentStatus: 'SUCCEEDED' });
    expect([first, second, last].map(({ sequence }) => sequence - first.sequence)).toEqual([0, 1, 2]);
    expect(await answers.next()).toBeUndefined();
  });

  test('`statusText` is the raw value of the plane', async () => {
    const { id } = await aRun('SUBMITING');
    const answers: OfRun = open().ask({ query: watchRun, variables: { id } });
    expect(changeOf(await answers.next())).toMatchObject({ status: 'SUBMITTING', statusText: 'SUBMITING' });
    await answers.leave();
  });

  test('the states of a real run of the embedded TICS come in order to its end', async () => {
    const { id, ticsId } = await aRun('PENDING');
    const answers: OfRun = open().ask({ query: watchRun, variables: { id } });
    const seen = [changeOf(await answers.next()).status];
    await setInstanceStatus(ticsId, 'SUBMITING');
    for (let change = changeOf(await answers.next()); ; change = changeOf(await answers.next())) {
      seen.push(change.status);
      if (change.final) break;
      // A minute is enough for any state before RUNNING, an hour for any run.
      await stage.sandbox.client.advance(change.status === 'RUNNING' ? 3_600_000 : 1_000);
    }
    const order = ['PENDING', 'SUBMITTING', 'ACCEPTED', 'DEPLOYING', 'PENDING', 'RUNNING'];
    expect(seen.slice(0, 2)).toEqual(order.slice(0, 2));
    const places = seen.slice(1, -1).map((status) => order.indexOf(status, 1));
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(['SUCCEEDED', 'FAILED']).toContain(seen.at(-1));
    expect(await answers.next()).toBeUndefined();
  });

  test('a run that has ended is one event', async () => {
    const { id } = await aRun('FAILED');
    const answers = await toEnd<{ instanceStatus: Change }>(open().ask({ query: watchRun, variables: { id } }));
    expect(answers.map(changeOf)).toMatchObject([{ status: 'FAILED', final: true }]);
  });

  test('resuming with `after` misses nothing and repeats nothing', async () => {
    const { id, ticsId } = await aRun('PENDING');
    const client = open();
    // Somebody else watches on, while this one is away.
    const other: OfRun = client.ask({ query: watchRun, variables: { id } });
    const answers: OfRun = client.ask({ query: watchRun, variables: { id } });
    const { cursor } = changeOf(await answers.next());
    await other.next();
    await answers.leave();
    await setInstanceStatus(ticsId, 'RUNNING');
    expect(changeOf(await other.next()).status).toBe('RUNNING');
    await setInstanceStatus(ticsId, 'TERMINATING');
    expect(changeOf(await other.next()).status).toBe('TERMINATING');

    const resumed: OfRun = client.ask({ query: watchRun, variables: { id, after: cursor } });
    const told = [changeOf(await resumed.next()), changeOf(await resumed.next())];
    expect(told).toMatchObject([
      { status: 'RUNNING', previousStatus: 'PENDING', gap: false },
      { status: 'TERMINATING', previousStatus: 'RUNNING', gap: false },
    ]);
    await setInstanceStatus(ticsId, 'TERMINATED');
    expect((await toEnd(resumed)).map(changeOf)).toMatchObject([{ status: 'TERMINATED', final: true }]);
    await toEnd(other);
  });

  test('an unknown cursor is answered by the present state with `gap`', async () => {
    const { id } = await aRun('SUCCEEDED');
    const answers = await toEnd(
      open().ask<{ instanceStatus: Change }>({ query: watchRun, variables: { id, after: 'other.7' } }),
    );
    expect(answers.map(changeOf)).toMatchObject([{ status: 'SUCCEEDED', gap: true, final: true }]);
  });

  test('a run that ended while its gateway was restarted is told to whoever subscribes again without a cursor', async () => {
    const run = await aRun('RUNNING');
    const more = 'kind gapReason refetchIds staleSince';
    const query = `subscription ($id: ID!, $after: String) { leagueInstances(leagueId: $id, after: $after) { ${fields} ${more} } }`;
    type Told = Change & { readonly kind: string; readonly gapReason: string | null; readonly refetchIds: string[] };
    const toldOf = async (answers: Answers<{ leagueInstances: Told }>, status: string): Promise<readonly Told[]> => {
      const told: Told[] = [];
      for (;;) {
        const change = changeOf(await answers.next()) as Told;
        told.push(change);
        const isTold = told.some(({ instanceId, status: seen }) => instanceId === run.id && seen === status);
        if (isTold && told.some(({ kind }) => kind === 'SNAPSHOT_END')) return told;
      }
    };
    const [first, second] = [await serve(stage.sandbox), await serve(stage.sandbox)];
    const client = connect(first.url);
    const before = await toldOf(client.ask({ query, variables: { id: run.leagueId } }), 'RUNNING');
    client.close();
    await first.close();
    await setInstanceStatus(run.ticsId, 'FAILED');
    const next = connect(second.url);
    const after = await toldOf(next.ask({ query, variables: { id: run.leagueId } }), 'FAILED');
    expect(after.every(({ gap, refetchIds }) => !gap && refetchIds.length === 0)).toBe(true);
    const { cursor } = before.at(-1) as Told;
    const resumed = await toldOf(next.ask({ query, variables: { id: run.leagueId, after: cursor } }), 'FAILED');
    expect(resumed[0]).toMatchObject({ gap: true, gapReason: 'RESTART', refetchIds: [`League:${run.leagueId}`] });
    next.close();
    await second.close();
  });

  test('that polls fail is told to those who select it', async () => {
    const { id, ticsId } = await aRun('RUNNING');
    const query = 'subscription ($id: ID!) { instanceStatus(id: $id) { kind status staleSince } }';
    const answers = open().ask<{ instanceStatus: object }>({ query, variables: { id } });
    const next = async () => Object.values((await answers.next())?.data ?? {})[0] as { staleSince: string | null };
    expect(await next()).toEqual({ kind: 'SNAPSHOT_END', status: 'RUNNING', staleSince: null });
    await stage.sandbox.client.setRules(
      ['getInstanceStatus', 'listLeagueInstances', 'listJobInstances'].map((operationId) => ({
        operationId,
        fault: { kind: 'status', status: 503 },
      })),
    );
    const stale = await next();
    expect(stale).toMatchObject({ kind: 'STALE', status: 'RUNNING' });
    expect(Number.isNaN(Date.parse(stale.staleSince ?? ''))).toBe(false);
    await stage.sandbox.client.clearRules();
    expect(await next()).toEqual({ kind: 'FRESH', status: 'RUNNING', staleSince: null });
    await setInstanceStatus(ticsId, 'SUCCEEDED');
    expect(await next()).toMatchObject({ kind: 'CHANGE', status: 'SUCCEEDED' });
  });

  test('a league of which nothing is known tells that polls fail, and that it knows again', async () => {
    const { leagueId } = await aRun('RUNNING');
    await stage.sandbox.client.setRules(
      ['listLeagueInstances', 'listJobInstances', 'listAgentInstances'].map((operationId) => ({
        operationId,
        fault: { kind: 'status', status: 503 },
      })),
    );
    const query = `subscription ($id: ID!) {
      leagueInstances(leagueId: $id) { kind status statusText instanceId staleSince final instance { id } progress { round } result { __typename } error { message } }
    }`;
    // Of its own: others may remember the league.
    const fresh = await serve(stage.sandbox);
    const client = connect(fresh.url);
    const answers = client.ask<{ leagueInstances: { kind: string; instanceId: string | null } }>({
      query,
      variables: { id: leagueId },
    });
    const nothing = { instanceId: null, instance: null, progress: null, result: null, error: null };
    expect(await answers.next()).toEqual({
      data: {
        leagueInstances: {
          ...nothing,
          kind: 'STALE',
          status: 'UNKNOWN',
          statusText: 'UNKNOWN',
          final: false,
          staleSince: expect.stringMatching(/^20.*Z$/) as string,
        },
      },
    });
    await stage.sandbox.client.clearRules();
    const first = await answers.next();
    expect(first?.data.leagueInstances).toMatchObject({ kind: expect.stringMatching(/^SNAPSHOT/) as string });
    expect(first?.data.leagueInstances.instanceId).toMatch(`Instance:${leagueId}/`);
    client.close();
    await fresh.close();
  });

  test('a league’s runs: those under way at once, then every change of any', async () => {
    const run = await aLongRun();
    const job = stage.sandbox.world.job(run.jobId);
    const kind = { SQL: 'sql', HFL: 'hfl', VFL: 'vfl', PREDICT: 'predict' }[job?.type as 'SQL'];
    const answers: OfLeague = open().ask({
      query: watchLeague,
      variables: { id: run.leagueId, job: `Job:${run.leagueId}/${kind}/${run.jobId}` },
    });
    const until = async (status: string): Promise<Change> => {
      for (;;) {
        const change = changeOf(await answers.next());
        if (change.instanceId === run.id && change.status === status) return change;
      }
    };
    expect(await until('RUNNING')).toMatchObject({ previousStatus: null, final: false });
    await setInstanceStatus(run.ticsId, 'FAILED');
    expect(await until('FAILED')).toMatchObject({ previousStatus: 'RUNNING', final: true });
    await answers.leave();
  });

  test('an agent goes away and comes back', async () => {
    const [{ id } = { id: '' }] = stage.sandbox.agents;
    const answers = open().ask<{ agentStatus: { status: string; previousStatus: string; agent: { ticsId: string } } }>({
      query: 'subscription ($id: ID!) { agentStatus(id: $id) { status previousStatus agent { ticsId } } }',
      variables: { id },
    });
    const statusOf = async () => (await answers.next())?.data.agentStatus;
    const before = await statusOf();
    expect(before?.agent).toEqual({ ticsId: id });
    await stage.sandbox.client.setAgentStatus(id, 'OFFLINE');
    expect(await statusOf()).toMatchObject({ status: 'OFFLINE', previousStatus: before?.status });
    await stage.sandbox.client.setAgentStatus(id, 'TRUST');
    expect(await statusOf()).toMatchObject({ status: before?.status, previousStatus: 'OFFLINE' });
    await answers.leave();
  });

  test('an agent’s trust is sent, and its deployment where selected', async () => {
    const [{ id } = { id: '' }] = stage.sandbox.agents;
    await stage.sandbox.client.setAgentStatus(id, 'TRUST');
    await stage.sandbox.client.setDeployStatus(id, 'RUNNING');
    const client = open();
    const watch = (selection: string) =>
      client.ask<{ agentStatus: Record<string, unknown> }>({
        query: `subscription ($id: ID!) { agentStatus(id: $id) { ${selection} } }`,
        variables: { id },
      });
    const [itself, deployed] = [watch('status online trusted'), watch('status online trusted deployStatus')];
    const next = async ({ next: read }: typeof itself) => (await read())?.data.agentStatus;
    expect(await next(itself)).toEqual({ status: 'ONLINE', online: true, trusted: true });
    expect(await next(deployed)).toEqual({ status: 'ONLINE', online: true, trusted: true, deployStatus: 'RUNNING' });

    await stage.sandbox.client.clearCalls();
    await stage.sandbox.client.waitForCalls(3, { operationId: 'getAgentDeployment' });
    const { createToken, createAgentToken, ...calls } = await stage.sandbox.client.countCalls();
    expect(Object.keys(calls).sort()).toEqual(['getAgentDeployment', 'getAgentRuntime']);

    await stage.sandbox.client.setDeployStatus(id, 'UPGRADING');
    expect(await next(deployed)).toMatchObject({ trusted: true, deployStatus: 'UPGRADING' });
    // Fields that can not be read stay as they were.
    await stage.sandbox.client.setRules([
      { operationId: 'getAgentDeployment', fault: { kind: 'status', status: 500 } },
    ]);
    await stage.sandbox.client.setAgentStatus(id, 'ONLINE');
    expect(await next(deployed)).toMatchObject({ trusted: false, deployStatus: 'UPGRADING' });
    expect(await next(itself)).toEqual({ status: 'ONLINE', online: true, trusted: false });
    await stage.sandbox.client.clearRules();
    await stage.sandbox.client.setDeployStatus(id, 'RUNNING');
    await stage.sandbox.client.setAgentStatus(id, 'TRUST');
    await Promise.all([itself.leave(), deployed.leave()]);
  });

  test.each([
    [
      'a run that is not there',
      watchRun,
      () => `Instance:${stage.sandbox.world.leagues[0]?.id}/${'0'.repeat(32)}`,
      'NOT_FOUND',
    ],
    ['an id of another kind', watchRun, () => 'League:1', 'INVALID_ID'],
    [
      'an agent that is not there',
      'subscription ($id: ID!) { agentStatus(id: $id) { status } }',
      () => '0'.repeat(32),
      'NOT_FOUND',
    ],
    ['a league that is not there', watchLeague, () => '0'.repeat(32), 'NOT_FOUND'],
  ])('%s is answered at once, with a code', async (_, query, id, code) => {
    const answers = await toEnd(open().ask({ query, variables: { id: id() } }));
    expect(answers.map(codesOf)).toEqual([[code]]);
  });

  test('an object that can’t be read costs its field in that event, and the stream goes on', async () => {
    const { id, ticsId } = await aRun('PENDING');
    await stage.sandbox.client.setRules([
      { operationId: 'listJobInstances', fault: { kind: 'status', status: 500 } },
      { operationId: 'listLeagueInstances', fault: { kind: 'status', status: 500 } },
    ]);
    const answers: OfRun = open().ask({ query: watchRun, variables: { id } });
    const first = await answers.next();
    expect(first?.data.instanceStatus).toMatchObject({ status: 'PENDING', instance: null });
    expect(codesOf(first as GraphQLAnswer<unknown>)).toEqual(['UPSTREAM_FAILED']);
    await stage.sandbox.client.clearRules();
    await setInstanceStatus(ticsId, 'SUCCEEDED');
    expect((await toEnd(answers)).map(changeOf)).toMatchObject([{ status: 'SUCCEEDED', instance: { id } }]);
  });

  test('queries and mutations are answered too, with errors as over HTTP', async () => {
    const client = open();
    expect(await toEnd(client.ask({ query: '{ leagues(first: 1) { totalCount } }' }))).toEqual([
      { data: { leagues: { totalCount: stage.sandbox.world.leagues.length } } },
    ]);
    const { id, ticsId } = await aRun('RUNNING');
    const [stopped] = await toEnd(
      client.ask<{ stopInstance: { instance: { status: string }; userErrors: [] } }>({
        query:
          'mutation ($id: ID!, $agent: ID) { stopInstance(input: { id: $id, agentId: $agent }) { instance { status } userErrors { code } } }',
        variables: { id, agent: stage.sandbox.agents[0]?.id },
      }),
    );
    expect(stopped?.data.stopInstance).toMatchObject({ userErrors: [] });
    await setInstanceStatus(ticsId, 'TERMINATED');
    const [failed] = await toEnd(client.ask({ query: '{ league(id: "Agent:1") { id } }' }));
    expect(failed).toMatchObject({ data: { league: null }, errors: [{ extensions: { code: 'INVALID_ID' } }] });
  });

  test('a thousand subscribers of a run are one poll an interval', async () => {
    const { id, ticsId } = await aLongRun();
    const query = 'subscription ($id: ID!) { instanceStatus(id: $id) { status } }';
    const all: OfRun[] = [];
    // A thousand connections at once would not all be made within undici's time limit on a busy machine.
    for (const client of Array.from({ length: 20 }, open)) {
      const more = Array.from({ length: 50 }, (): OfRun => client.ask({ query, variables: { id } }));
      await Promise.all(more.map(({ next }) => next()));
      all.push(...more);
    }
    expect(await figures()).toMatchObject({ tics_gateway_subscribers: 1_000, tics_gateway_watches: 1 });
    await stage.sandbox.client.clearCalls();
    const begun = performance.now();
    await stage.sandbox.client.waitForCalls(5, { operationId: 'getInstanceStatus' });
    const { createToken, createAgentToken, listAgents, ...calls } = await stage.sandbox.client.countCalls();
    const intervals = Math.floor((performance.now() - begun) / 40) + 2;
    expect(Object.keys(calls)).toEqual(['getInstanceStatus']);
    expect(calls['getInstanceStatus']).toBeLessThanOrEqual(intervals);
    await setInstanceStatus(ticsId, 'SUCCEEDED');
    const ends = await Promise.all(all.map(toEnd));
    expect(ends.every((answers) => answers.length === 1)).toBe(true);
  }, 60_000);

  test('subscribers of one change read its object once', async () => {
    const { id, ticsId } = await aRun('RUNNING');
    const client = open();
    const query = 'subscription ($id: ID!) { instanceStatus(id: $id) { status instance { id status } } }';
    const all = Array.from({ length: 20 }, (): OfRun => client.ask({ query, variables: { id } }));
    await Promise.all(all.map(({ next }) => next()));
    await stage.sandbox.client.clearCalls();
    await setInstanceStatus(ticsId, 'SUCCEEDED');
    const ends = await Promise.all(all.map(toEnd));
    expect(ends.flat().map(changeOf)).toEqual(
      Array(20).fill({ status: 'SUCCEEDED', instance: { id, status: 'SUCCEEDED' } }),
    );
    expect((await stage.sandbox.client.countCalls())['listJobInstances']).toBe(1);
  });

  test('another selection, or a later subscriber, reads on its own', async () => {
    const { id, ticsId } = await aRun('RUNNING');
    const client = open();
    const query = `
      subscription Status($id: ID!, $final: Boolean!) { instanceStatus(id: $id) { status previousStatus final @include(if: $final) } }
      subscription Sequence($id: ID!) { instanceStatus(id: $id) { sequence } }`;
    const ask = (operationName: string, final: boolean): OfRun =>
      client.ask({ query, operationName, variables: { id, final } });
    const all = [ask('Status', true), ask('Status', true), ask('Status', false), ask('Sequence', true)];
    const [, , , first] = await Promise.all(all.map(({ next }) => next()));
    await setInstanceStatus(ticsId, 'DEPLOYING');
    const change = { status: 'DEPLOYING', previousStatus: 'RUNNING' };
    expect((await Promise.all(all.map(({ next }) => next()))).map(changeOf)).toEqual([
      { ...change, final: false },
      { ...change, final: false },
      change,
      { sequence: changeOf(first).sequence + 1 },
    ]);
    expect(changeOf(await ask('Status', false).next())).toEqual({ ...change, previousStatus: null });
  });

  test('nothing is polled after the last subscriber has left', async () => {
    const { id } = await aRun('RUNNING');
    const client = open();
    const both = [1, 2].map((): OfRun => client.ask({ query: watchRun, variables: { id } }));
    await Promise.all(both.map(({ next }) => next()));
    await both[0]?.leave();
    await stage.sandbox.client.clearCalls();
    await stage.sandbox.client.waitForCalls(2, { operationId: 'getInstanceStatus' });
    await both[1]?.leave();
    await expect.poll(async () => (await figures())['tics_gateway_subscribers']).toBe(0);
    const { tics_gateway_watch_polls_total: looks } = await figures();
    // Enough intervals for another poll to show; the count must not change.
    const other = await aRun('RUNNING');
    const later: OfRun = open().ask({ query: watchRun, variables: { id: other.id } });
    await later.next();
    await stage.sandbox.client.clearCalls();
    const seen = await stage.sandbox.client.waitForCalls(3, { operationId: 'getInstanceStatus' });
    expect(seen.filter(({ path }) => path.includes(id.split('/')[1] ?? ''))).toEqual([]);
    expect((await figures())['tics_gateway_watch_polls_total']).toBeGreaterThan(looks ?? 0);
    await later.leave();
  });
});

describe('waitForInstance', () => {
  const wait =
    'query ($id: ID!, $waitSeconds: Int!) { waitForInstance(id: $id, waitSeconds: $waitSeconds) { id status } }';

  const ask = async (variables: object) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: wait, variables }),
    });
    return (await response.json()) as GraphQLAnswer<{ waitForInstance: { id: string; status: string } | null }>;
  };

  test('answers when the run ends', async () => {
    const { id, ticsId } = await aRun('RUNNING');
    const answer = ask({ id, waitSeconds: 60 });
    await stage.sandbox.client.waitForCalls(2, { operationId: 'getInstanceStatus' });
    await setInstanceStatus(ticsId, 'SUCCEEDED');
    expect(await answer).toEqual({ data: { waitForInstance: { id, status: 'SUCCEEDED' } } });
  });

  test('answers the current state when the time is up', async () => {
    const { id } = await aRun('RUNNING');
    expect(await ask({ id, waitSeconds: 0 })).toEqual({ data: { waitForInstance: { id, status: 'RUNNING' } } });
    expect(await ask({ id, waitSeconds: 1 })).toEqual({ data: { waitForInstance: { id, status: 'RUNNING' } } });
  });

  test.each([
    ['an unknown run', () => `Instance:${stage.sandbox.world.leagues[0]?.id}/${'0'.repeat(32)}`, 30, 'NOT_FOUND'],
    ['more time than there is', () => `Instance:1/1`, 301, 'INVALID_ARGUMENT'],
  ])('%s is refused at once', async (_, id, waitSeconds, code) => {
    expect(codesOf(await ask({ id: id(), waitSeconds }))).toEqual([code]);
  });
});

describe('after a write of ours', () => {
  let slow: GatewayServer;
  beforeEach(async () => {
    // Polls so far apart that only a write can cause one.
    slow = await serve(stage.sandbox, {
      watching: { intervals: { quickMs: 600_000, slowestMs: 600_000, jitter: 0 } },
    });
  });
  afterEach(() => slow.close());

  test.each([
    ['WebSocket', overWebSocket],
    ['server-sent events', overEvents],
  ])('what is watched is looked at at once (%s)', async (_, connect) => {
    const { id, ticsId } = await aRun('RUNNING');
    const client = connect(slow.url);
    const answers: OfRun = client.ask({ query: watchRun, variables: { id } });
    expect(changeOf(await answers.next()).status).toBe('RUNNING');
    const response = await fetch(`${slow.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query:
          'mutation ($id: ID!, $agent: ID) { stopInstance(input: { id: $id, agentId: $agent }) { userErrors { code } } }',
        variables: { id, agent: stage.sandbox.agents[0]?.id },
      }),
    });
    expect(await response.json()).toEqual({ data: { stopInstance: { userErrors: [] } } });
    expect(changeOf(await answers.next())).toMatchObject({ status: 'TERMINATING', previousStatus: 'RUNNING' });
    await answers.leave();
    client.close();
    await setInstanceStatus(ticsId, 'TERMINATED');
  });
});
