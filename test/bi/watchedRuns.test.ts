import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer } from '../../src/server/server.ts';
import type { InstanceState } from '../../src/status/types.ts';
import { configFor, gatewayFor } from '../support/gateway.ts';
import { rawId } from '../support/ids.ts';
import { mutate } from '../support/mutate.ts';
import { headersOf, signIn } from '../support/ownTokens.ts';
import { required } from '../support/required.ts';
import { agentOf, sqlJobWrites } from '../support/sqlJobs.ts';
import { overEvents, quick, type Answers, type Client } from '../support/subscribe.ts';
import { useBi, type BiStage } from './stage.ts';

/** What subscriptions poll is in the tables before the next refresh. */

/** Time stands still: runs under way stay so. */
const stage: BiStage = useBi({ watching: quick, world: { days: 5, speed: 0 } }, () => ({
  historyDays: 3,
  leagues: stage.sandbox.world.leagues.map(({ id }) => id).filter((id) => id !== leftOut()),
}));
/** The league that BI is not for. */
function leftOut(): string {
  const { world } = stage.sandbox;
  const others = world.leagues.filter(({ id }) => id !== agentOf(stage, false).leagueId);
  return required(others.at(-1), 'league').id;
}

const { savedJob } = sqlJobWrites(stage);

/** The time limit of a write that follows a poll. */
const soon = { timeout: 20_000 };

let client: Client;
beforeAll(() => {
  client = overEvents(stage.url);
});
afterAll(() => client.close());

interface Run {
  readonly leagueId: string;
  readonly instanceId: string;
}

/** A run that no other test has used, of a league that is kept or of the one that is not. */
const used = new Set<string>();
function runIn(wanted: 'RUNNING' | 'NEW', isKept = true): Run {
  const { world } = stage.sandbox;
  const run = required(
    world.instances.find(
      ({ id, leagueId, status }) => status === wanted && !used.has(id) && (leagueId !== leftOut()) === isKept,
    ),
    `run that is ${wanted}`,
  );
  used.add(run.id);
  return { leagueId: run.leagueId, instanceId: run.id };
}

interface Event {
  readonly event: { readonly status: string; readonly instanceId: string };
}

const kinds = {
  STATE: 'subscription ($id: ID!) { event: instanceStatus(id: $id) { status instanceId } }',
  PROGRESS: 'subscription ($id: ID!) { event: instanceStatus(id: $id) { status instanceId progress { round } } }',
  LEAGUE: 'subscription ($leagueId: ID!) { event: leagueInstances(leagueId: $leagueId) { status instanceId } }',
} as const;

function watch(kind: keyof typeof kinds, run: Pick<Run, 'leagueId'> & Partial<Run>, by = client): Answers<Event> {
  const variables = kind === 'LEAGUE' ? { leagueId: run.leagueId } : { id: idOf(run) };
  return by.ask<Event>({ query: kinds[kind], variables });
}

function idOf({ leagueId, instanceId = '' }: Pick<Run, 'leagueId'> & Partial<Run>): string {
  return `Instance:${leagueId}/${instanceId}`;
}

/** Waits until the subscriber knows a state of a run. */
async function reached({ next }: Answers<Event>, run: Run, status: string): Promise<void> {
  for (let answer = await next(); ; answer = await next()) {
    if (answer === undefined) throw new Error(`the stream has ended before ${status}`);
    if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
    if (answer.data.event.instanceId === idOf(run) && answer.data.event.status === status) return;
  }
}

/** A run and its events as OData answers them. */
async function rowsOf({ leagueId, instanceId }: Run) {
  const id = `${leagueId}/${instanceId}`;
  const set = (name: string, column: string, select: string) =>
    stage.json<{ readonly value: readonly Readonly<Record<string, unknown>>[] }>(
      `/odata/v4/${name}?$filter=${column} eq '${id}'&$select=${select}&$orderby=status`,
    );
  const [runs, events] = await Promise.all([
    set('job_instance', 'id', 'status,finished,ended_at,job_id,updated_at'),
    set('job_instance_status_event', 'job_instance_id', 'status,observed,occurred_at,updated_at'),
  ]);
  return { run: runs.value[0], events: events.value };
}

async function statusOf(run: Run): Promise<unknown> {
  return (await rowsOf(run)).run?.['status'];
}

test('states between two refreshes are events; the run ends when the service says; a refresh adds nothing', async () => {
  const run = runIn('RUNNING');
  const answers = watch('STATE', run);
  await reached(answers, run, 'RUNNING');
  for (const status of ['PENDING', 'TERMINATING', 'TERMINATED'] as const) {
    await stage.sandbox.client.setInstanceStatus(run.instanceId, status);
    await reached(answers, run, status);
  }
  const events = async () => (await rowsOf(run)).events.map(({ status, observed }) => [status, observed]);
  await expect.poll(events, soon).toEqual([
    ['NEW', false],
    ['PENDING', true],
    ['RUNNING', true],
    ['TERMINATED', false],
    ['TERMINATING', true],
  ]);
  const kept = await rowsOf(run);
  expect(kept.run).toMatchObject({ status: 'TERMINATED', finished: true, ended_at: expect.any(String) as string });
  expect(kept.events.find(({ status }) => status === 'TERMINATED')?.['occurred_at']).toBe(kept.run?.['ended_at']);
  await stage.bi.refresher.refresh();
  expect(await rowsOf(run)).toEqual(kept);
});

test('three kinds of watch on one run write once a change', async () => {
  const run = runIn('RUNNING');
  const streams = (['STATE', 'PROGRESS', 'LEAGUE'] as const).map((kind) => watch(kind, run));
  const all = (status: string) => Promise.all(streams.map((answers) => reached(answers, run, status)));
  await all('RUNNING');
  const versions = async () => {
    const text = `SELECT count(*) AS count FROM bi_v1_past.job_instance WHERE id = '${run.leagueId}/${run.instanceId}'`;
    return Number((await stage.bi.store.all({ text, values: [] }))[0]?.['count']);
  };
  const before = await versions();
  await stage.sandbox.client.setInstanceStatus(run.instanceId, 'PENDING');
  await all('PENDING');
  await expect.poll(() => statusOf(run), soon).toBe('PENDING');
  await stage.sandbox.client.setInstanceStatus(run.instanceId, 'FAILED');
  await all('FAILED');
  await expect.poll(() => statusOf(run), soon).toBe('FAILED');
  expect(await versions()).toBe(before + 2);
  expect((await rowsOf(run)).events.map(({ status }) => status)).toEqual(['FAILED', 'NEW', 'PENDING', 'RUNNING']);
  await streams[2]?.leave();
});

test('a new run of a watched league is there with its job; the next refresh counts it on its day', async () => {
  const agent = agentOf(stage, false);
  const job = await savedJob(agent);
  const answers = watch('LEAGUE', agent);
  expect((await answers.next())?.errors).toBeUndefined();
  const { instanceId } = await mutate<{ readonly instanceId: string }>(
    stage,
    'executeSqlJob',
    { id: job, agentId: agent.id },
    'instanceId instance { id }',
  );
  const run = { leagueId: agent.leagueId, instanceId: rawId(instanceId) };
  await expect.poll(async () => (await rowsOf(run)).run?.['job_id'], soon).toBe(`${agent.leagueId}/${rawId(job)}`);
  await answers.leave();
  await stage.bi.refresher.refresh();
  const text = `SELECT u.instance_count, count(i.id) AS counted FROM bi_v1.daily_job_usage u
    JOIN bi_v1.job_instance i ON i.league_id = u.league_id AND i."date" = u."date"
    WHERE u.league_id = '${agent.leagueId}' AND NOT u.final GROUP BY 1`;
  for (const { instance_count: count, counted } of await stage.bi.store.all({ text, values: [] }))
    expect(count).toBe(counted);
});

test('a league that BI is not for is not kept', async () => {
  const [other, run] = [runIn('RUNNING', false), runIn('RUNNING')];
  for (const each of [other, run]) {
    const answers = watch('STATE', each);
    await reached(answers, each, 'RUNNING');
    await stage.sandbox.client.setInstanceStatus(each.instanceId, 'FAILED');
    await reached(answers, each, 'FAILED');
  }
  await expect.poll(() => statusOf(run), soon).toBe('FAILED');
  expect(await rowsOf(other)).toEqual({ run: undefined, events: [] });
});

test('what a caller’s own tokens read is not kept', async () => {
  const run = runIn('NEW');
  const seen: InstanceState[] = [];
  const { world } = stage.sandbox;
  const agentIds = world.agents.filter(({ nodeStatus }) => nodeStatus === 'TRUST').map(({ id }) => id);
  const tokens = await signIn(stage.sandbox, agentIds);
  const gateway = gatewayFor(
    configFor(stage.sandbox),
    { watching: quick, onRuns: (runs) => seen.push(...runs) },
    { callers: { passThrough: {} } },
  );
  const server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
  const own = overEvents(server.url, headersOf(tokens));
  const answers = watch('STATE', run, own);
  await reached(answers, run, 'NEW');
  await stage.sandbox.client.setInstanceStatus(run.instanceId, 'FAILED');
  await reached(answers, run, 'FAILED');
  expect(seen).toEqual([]);
  own.close();
  await server.close();
});
