import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Instance } from '../../src/sandbox/model/entities.ts';
import type { GatewayServer } from '../../src/server/server.ts';
import { useStage, type GraphQLAnswer } from '../support/gateway.ts';
import { serve, toEnd, transports, type Answers, type Client } from '../support/subscribe.ts';

const stage = useStage();
let server: GatewayServer;
const clients: Client[] = [];

beforeAll(async () => {
  server = await serve(stage.sandbox);
});

afterEach(() => clients.splice(0).forEach((client) => client.close()));

afterAll(() => server.close());

const used = new Set<string>();

/** A run of more rounds is the one that goes on for half a day: too long to be read to its end. */
const maxRounds = 100;

/** The newest run that no other test has used, which has just begun to run. */
async function aRun(type: Instance['type'], minRounds = 1) {
  const agentIds = stage.sandbox.agents.map(({ id }) => id);
  const [run] = stage.sandbox.world.instances
    .filter(
      ({ agentId, id, ...own }) =>
        own.type === type &&
        own.rounds >= minRounds &&
        own.rounds <= maxRounds &&
        agentIds.includes(agentId) &&
        !used.has(id),
    )
    .sort((one, other) => other.startedAtMs - one.startedAtMs);
  if (run === undefined) throw new Error(`no ${type} run is left`);
  used.add(run.id);
  await stage.sandbox.client.setInstanceStatus(run.id, 'RUNNING');
  return { id: `Instance:${run.leagueId}/${run.id}`, leagueId: run.leagueId, ticsId: run.id, run };
}

const aNumber = expect.any(Number) as number;

interface Progress {
  readonly round: number | null;
  readonly roundCount: number;
  readonly taskCount: number;
  readonly endedTaskCount: number;
  readonly tasks: readonly { readonly status: string; readonly count: number }[];
  readonly metrics: { readonly round: number; readonly auc: number } | null;
}

interface Change {
  readonly status: string;
  readonly sequence: number;
  readonly final: boolean;
  readonly instanceId: string;
  readonly progress: Progress;
  readonly result: { readonly metrics: { readonly auc: number } | null } | null;
  readonly error: { readonly message: string } | null;
}

const progress = 'progress { round roundCount taskCount endedTaskCount tasks { status count } metrics { round auc } }';
const watchProgress = `subscription ($id: ID!) { instanceStatus(id: $id) { status sequence final ${progress} } }`;
const watchStatus = 'subscription ($id: ID!) { instanceStatus(id: $id) { status } }';

type OfRun = Answers<{ instanceStatus: Change }>;

function changeOf<Data extends object>(answer: GraphQLAnswer<Data> | undefined): Change {
  expect(answer).not.toHaveProperty('errors');
  return Object.values(answer?.data ?? {})[0] as Change;
}

/** Reads to the end, while the service's time goes on by a part of a round. */
async function readWhileItRuns(answers: OfRun, { runMs, rounds }: Instance): Promise<readonly Change[]> {
  const told: Change[] = [];
  const reading = (async () => {
    for (let answer = await answers.next(); answer !== undefined; answer = await answers.next())
      told.push(changeOf(answer));
  })();
  while (told.at(-1)?.final !== true) {
    await stage.sandbox.client.advance(runMs / rounds / 3);
    const { getExecutionGraph: looks = 0 } = await stage.sandbox.client.countCalls();
    const nextLook = stage.sandbox.client.waitForCalls(looks + 1, { operationId: 'getExecutionGraph' });
    await Promise.race([reading, nextLook.catch(() => undefined)]);
  }
  await reading;
  return told;
}

/** All calls but sign-ins and those that find agents. */
async function looksOf(): Promise<Readonly<Record<string, number>>> {
  const { createToken, createAgentToken, listAgents, getAgentDeployment, ...calls } =
    await stage.sandbox.client.countCalls();
  return calls;
}

describe.each(transports)('over %s', (_, connect) => {
  const open = (): Client => {
    const client = connect(server.url);
    clients.push(client);
    return client;
  };

  test('rounds, tasks and metrics of a learning run are sent as they change, and its end', async () => {
    const { id, run } = await aRun('HFL', 3);
    const { rounds } = run;
    const told = await readWhileItRuns(open().ask({ query: watchProgress, variables: { id } }), run);
    const seen = told.map((change) => change.progress);

    expect(told.slice(0, -1).every(({ status, final }) => status === 'RUNNING' && !final)).toBe(true);
    expect(told.at(-1)?.final).toBe(true);
    expect(new Set(seen.map(({ round }) => round)).size).toBeGreaterThanOrEqual(3);
    expect(seen.every(({ roundCount }, index) => roundCount === rounds || index === seen.length - 1)).toBe(true);
    seen.slice(1).forEach(({ round, endedTaskCount, metrics }, index) => {
      const before = seen[index] as Progress;
      expect(round).toBeGreaterThanOrEqual(before.round ?? 0);
      if (round === before.round) expect(endedTaskCount).toBeGreaterThanOrEqual(before.endedTaskCount);
      expect(metrics?.round ?? 0).toBeGreaterThanOrEqual(before.metrics?.round ?? 0);
    });
    expect(seen[0]?.tasks.some(({ status }) => status === 'RUNNING')).toBe(true);
    expect(seen.at(-1)).toMatchObject({ metrics: { auc: aNumber } });
    for (const { tasks, taskCount } of seen) expect(tasks.reduce((sum, { count }) => sum + count, 0)).toBe(taskCount);
    // No event repeats another.
    expect(new Set(told.map(({ status, progress: own }) => JSON.stringify([status, own]))).size).toBe(told.length);
  });

  test('with any number of subscribers to progress and state, a poll is one call to each plane', async () => {
    const { id, ticsId } = await aRun('VFL_TRAIN');
    const all = Array.from({ length: 40 }, (_each, index): OfRun =>
      open().ask({ query: index % 2 === 0 ? watchProgress : watchStatus, variables: { id } }),
    );
    await Promise.all(all.map(({ next }) => next()));
    await stage.sandbox.client.clearCalls();
    await stage.sandbox.client.waitForCalls(6, { operationId: 'getExecutionGraph' });
    const { listJobInstances = 0, getExecutionGraph = 0, ...others } = await looksOf();
    expect(others).toEqual({});
    // A poll may have been under way, at the beginning or at the end.
    expect(Math.abs(listJobInstances - getExecutionGraph)).toBeLessThanOrEqual(1);
    await stage.sandbox.client.setInstanceStatus(ticsId, 'SUCCEEDED');
    const ends = await Promise.all(all.map(toEnd));
    expect(ends.every((answers) => changeOf(answers.at(-1)).status === 'SUCCEEDED')).toBe(true);
  });

  test.each([
    ['the instance’s metrics', '{ instance { metrics { auc } } }', true],
    ['its graph, through fragments', '{ ... on InstanceStatusChange { instance { ...Graph } } }', true],
    ['nothing that progresses', '{ status instance { metrics: jobName } }', false],
    ['progress, but leaves it out', '{ status progress @include(if: false) { round } }', false],
  ])('who asks for %s', async (_what, selection, isPolled) => {
    const { id } = await aRun('SQL');
    const fragment = selection.includes('...Graph') ? 'fragment Graph on Instance { executionGraph { round } }' : '';
    const query = `subscription ($id: ID!) { instanceStatus(id: $id) ${selection} } ${fragment}`;
    const answers: OfRun = open().ask({ query, variables: { id } });
    changeOf(await answers.next());
    await stage.sandbox.client.clearCalls();
    await stage.sandbox.client.waitForCalls(2, { operationId: isPolled ? 'getExecutionGraph' : 'getInstanceStatus' });
    expect(Object.keys(await looksOf()).sort()).toEqual(
      isPolled ? ['getExecutionGraph', 'listJobInstances'] : ['getInstanceStatus'],
    );
    await answers.leave();
  });

  test('tasks stay as last known while the graph can not be read, and the state is still sent', async () => {
    const { id, ticsId } = await aRun('VFL_TRAIN');
    const answers: OfRun = open().ask({ query: watchProgress, variables: { id } });
    const first = changeOf(await answers.next());
    await stage.sandbox.client.setRules([{ operationId: 'getExecutionGraph', fault: { kind: 'status', status: 500 } }]);
    await stage.sandbox.client.setInstanceStatus(ticsId, 'FAILED');
    const last = (await toEnd(answers)).map(changeOf);
    expect(last).toMatchObject([{ status: 'FAILED', final: true, progress: { round: first.progress.round } }]);
    expect(last[0]?.progress.tasks).toEqual(first.progress.tasks);
  });

  test('result and error are read at the end only, once for all', async () => {
    const [good, bad] = [await aRun('HFL'), await aRun('HFL')];
    const query =
      'subscription ($id: ID!) { instanceStatus(id: $id) { status final result { metrics { auc } } error { message } } }';
    const client = open();
    const streams = [good, bad].map(({ id }) =>
      Array.from({ length: 10 }, (): OfRun => client.ask({ query, variables: { id } })),
    );
    const firsts = await Promise.all(streams.flat().map(({ next }) => next()));
    expect(firsts.map(changeOf)).toEqual(
      Array(20).fill({ status: 'RUNNING', final: false, result: null, error: null }),
    );
    expect(await looksOf()).not.toHaveProperty('getInstanceResult');
    await stage.sandbox.client.setInstanceStatus(good.ticsId, 'SUCCEEDED');
    await stage.sandbox.client.setInstanceStatus(bad.ticsId, 'FAILED');
    const [succeeded = [], failed = []] = await Promise.all(
      streams.map((all) => Promise.all(all.map(async (each) => changeOf((await toEnd(each)).at(-1))))),
    );
    for (const { result, error } of succeeded)
      expect({ result, error }).toEqual({ result: { metrics: { auc: aNumber } }, error: null });
    for (const { result, error } of failed)
      expect({ result, error }).toEqual({ result: null, error: { message: expect.stringMatching(/./) as string } });
    expect(await looksOf()).toMatchObject({ getInstanceResult: 1, getInstanceError: 1 });
  });

  test('a league’s stream has metrics, and reads progress where it is selected', async () => {
    const { id: runId, leagueId, run } = await aRun('HFL', 2);
    const answers = open().ask<{ leagueInstances: Change }>({
      query: `subscription ($id: ID!) { leagueInstances(leagueId: $id) { status instanceId ${progress} } }`,
      variables: { id: leagueId },
    });
    const next = async (): Promise<Change> => {
      for (;;) {
        const change = changeOf(await answers.next());
        if (change.instanceId === runId) return change;
      }
    };
    expect(await next()).toMatchObject({ status: 'RUNNING', progress: { round: 1, metrics: null } });
    await stage.sandbox.client.advance(Math.ceil(run.runMs / run.rounds));
    expect(await next()).toMatchObject({ status: 'RUNNING', progress: { round: 2, metrics: { round: 1 } } });
    await answers.leave();
  });

  test('a league’s stream says why progress can’t be read, instead of telling of no tasks', async () => {
    const { id: runId, leagueId } = await aRun('HFL', 2);
    await stage.sandbox.client.setRules([{ operationId: 'getExecutionGraph', fault: { kind: 'status', status: 500 } }]);
    const answers = open().ask<{ leagueInstances: Change }>({
      query: `subscription ($id: ID!) { leagueInstances(leagueId: $id) { status instanceId ${progress} } }`,
      variables: { id: leagueId },
    });
    let answer = await answers.next();
    while (answer !== undefined && answer.data.leagueInstances.instanceId !== runId) answer = await answers.next();
    expect(answer).toMatchObject({
      data: { leagueInstances: { status: 'RUNNING', progress: null } },
      errors: [{ path: ['leagueInstances', 'progress'], extensions: { call: 'getExecutionGraph' } }],
    });
    await answers.leave();
  });
});

test('a query reads progress where it is asked for, at the cost of a graph', async () => {
  const { id } = await aRun('HFL', 2);
  const calls = await stage.callsOf(async () => {
    const query = `query ($id: ID!) { instance(id: $id) { status ${progress} } }`;
    const { instance } = await stage.data<{ instance: { progress: Progress } }>(query, { id });
    expect(instance.progress).toMatchObject({ round: 1, metrics: null });
    expect(instance.progress.taskCount).toBeGreaterThan(0);
  });
  expect(calls).toMatchObject({ listJobInstances: 1, getExecutionGraph: 1 });
});

test('a query gets an error when the graph can not be read, not an empty list of tasks', async () => {
  const { id } = await aRun('HFL', 2);
  await stage.sandbox.client.setRules([{ operationId: 'getExecutionGraph', fault: { kind: 'status', status: 500 } }]);
  expect(await stage.ask(`query ($id: ID!) { instance(id: $id) { status ${progress} } }`, { id })).toMatchObject({
    data: { instance: { status: 'RUNNING', progress: null } },
    errors: [{ path: ['instance', 'progress'], extensions: { code: 'UPSTREAM_FAILED', call: 'getExecutionGraph' } }],
  });
});

test('a query finds a run’s current round by few calls where no field has it', async () => {
  const { id, ticsId } = await aRun('HFL', 2);
  const row = { id: ticsId, job_name: 'long', job_instance_type: 'HFL', status: 'RUNNING', round_id: 40 };
  const graphOf = (task_status: string) => [
    { node_id: 'AGG', stages: [{ id: 's', processors: [{ id: 't', task_status }] }] },
  ];
  const answering = (body: unknown) => ({ kind: 'status', status: 200, body }) as const;
  const ofRound = (round: number, body: unknown) => ({
    operationId: 'getExecutionGraph',
    query: { round_id: `${round}` },
    fault: answering(body),
  });
  await stage.sandbox.client.setRules([
    { operationId: 'listJobInstances', fault: answering({ total: 1, lists: [row] }) },
    ofRound(30, graphOf('RUNNING')),
    ...Array.from({ length: 10 }, (_, index) => ofRound(31 + index, [])),
    { operationId: 'getExecutionGraph', fault: answering(graphOf('SUCCEEDED')) },
  ]);
  const { instance } = await stage.data<{ instance: { progress: Progress } }>(
    `query ($id: ID!) { instance(id: $id) { ${progress} } }`,
    { id },
  );
  expect(instance.progress).toMatchObject({ round: 30, roundCount: 40, endedTaskCount: 0, metrics: null });
  expect((await stage.sandbox.client.countCalls())['getExecutionGraph']).toBeLessThanOrEqual(12);
});
