import { describe, expect, it } from 'vitest';
import { loadContract } from '../../src/sandbox/contract/contract.ts';
import type { Operation, Schema } from '../../src/sandbox/contract/document.ts';
import { serviceDay } from '../../src/sandbox/contract/formats.ts';
import { ServiceError, type SandboxRequest } from '../../src/sandbox/contract/handler.ts';
import {
  executionGraph,
  metricsOf,
  reportOf,
  resultExtText,
  resultRecordCount,
  sampleOf,
} from '../../src/sandbox/results/index.ts';
import { startRun, stopRun } from '../../src/sandbox/lifecycle/runner.ts';
import { createWorld } from '../../src/sandbox/seed/createWorld.ts';
import { spaceHandlers } from '../../src/sandbox/space/handlers.ts';
import {
  approvalStatuses,
  connectorTypes,
  datasetTypes,
  instanceTypes,
  isOnline,
  isTrusted,
  jobTypes,
  runStatuses,
  type World,
} from '../../src/sandbox/model/world.ts';

const nowMs = Date.parse('2026-03-10T20:30:00Z');
const dayMs = 24 * 60 * 60 * 1000;
function frozen(options: { seed?: number; scale?: number; ownedLeagues?: number; agents?: number } = {}): World {
  return createWorld({ nowMs, speed: 0, ...options });
}
const contract = loadContract();

type Row = Readonly<Record<string, unknown>>;
interface Rows {
  readonly total: number;
  readonly lists: readonly Row[];
}
const whole = { offset: 0, limit: 100_000 };

/** What a call of the space plane answers, as JSON and in agreement with the contract. */
async function ask(
  world: World,
  operationId: string,
  path: SandboxRequest['path'] = {},
  query: SandboxRequest['query'] = {},
  body?: unknown,
): Promise<unknown> {
  const handler = spaceHandlers[operationId];
  const operation = contract.operations.get(operationId);
  if (!handler || !operation) throw new Error(`no ${operationId}`);
  const request: SandboxRequest = {
    operationId,
    path,
    query,
    headers: {},
    body,
    language: 'en_us',
    agentId: undefined,
  };
  const answer = await handler(request, world);
  const json: unknown = answer.body === undefined ? undefined : JSON.parse(JSON.stringify(answer.body));
  expect(contract.checkAnswer(operation, answer.status, json)).toBeUndefined();
  return json;
}
async function rows(...of: Parameters<typeof ask>): Promise<Rows> {
  return (await ask(...of)) as Rows;
}

function tally(words: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

describe('the seeded world', () => {
  const world = frozen();

  it('is as large and as varied as promised', () => {
    expect(world.leaguesOfRole('OWNER').length).toBeGreaterThanOrEqual(2);
    expect(world.leaguesOfRole('PARTNER').length).toBeGreaterThanOrEqual(2);
    expect(world.agents).toHaveLength(8);
    expect(world.datasets).toHaveLength(60);
    expect(world.jobs).toHaveLength(150);
    expect(world.instances).toHaveLength(1500);
    expect(Object.keys(tally(world.instances.map(({ type }) => type))).sort()).toEqual([...instanceTypes].sort());
    expect(Object.keys(tally(world.instances.map(({ status }) => status))).sort()).toEqual([...runStatuses].sort());
    expect(Object.keys(tally(world.datasets.map(({ type }) => type))).sort()).toEqual([...datasetTypes].sort());
    expect(new Set(world.datasets.map(({ publication }) => publication)).size).toBe(3);
    for (const type of jobTypes) {
      const states = world.jobs.filter((job) => job.type === type).map(({ approvalStatus }) => approvalStatus);
      expect([...new Set(states)].sort()).toEqual([...approvalStatuses].sort());
    }
    const connectors = world.agents.flatMap(({ id }) => world.connectorsOfAgent(id));
    expect([...new Set(connectors.map(({ type }) => type))].sort()).toEqual([...connectorTypes].sort());
    const notices = world.agents.flatMap(({ id }) => world.approvalNoticesOfAgent(id));
    expect(new Set(notices.map(({ status }) => status))).toEqual(new Set(['OPEN', 'DONE', 'REVOKED']));
  });

  it('has one agent that is away, one that is not trusted, one of high availability, and one for each league', () => {
    expect(world.agents.filter((agent) => !isOnline(agent))).toHaveLength(1);
    expect(world.agents.filter((agent) => isOnline(agent) && !isTrusted(agent))).toHaveLength(1);
    expect(world.agents.filter(({ highAvailability }) => highAvailability)).toHaveLength(1);
    for (const { id } of world.leagues) {
      expect(world.agentsOfLeague(id).some(isTrusted)).toBe(true);
      expect(world.membersOfLeague(id).length).toBeGreaterThan(2);
    }
  });

  it('is the same for the same number and moment, and another for another number', () => {
    const picture = (of: World): string => JSON.stringify([of.leagues, of.agents, of.datasets, of.jobs, of.instances]);
    expect(picture(frozen())).toBe(picture(world));
    expect(picture(frozen({ seed: 2 }))).not.toBe(picture(world));
  });

  it('keeps every reference, order of time and part of a run consistent', () => {
    for (const instance of world.instances) {
      const job = world.job(instance.jobId);
      expect(job?.leagueId).toBe(instance.leagueId);
      expect(job?.name).toBe(instance.jobName);
      expect(job?.approvalStatus).toBe('APPROVED');
      expect(instance.startedAtMs).toBeGreaterThan(job?.createdAtMs ?? Infinity);
      expect(instance.startedAtMs).toBeGreaterThan(nowMs - 91 * dayMs);
      expect(instance.endedAtMs ?? nowMs).toBeLessThanOrEqual(nowMs);
      expect(instance.agentIds).toContain(instance.agentId);
      for (const id of instance.agentIds) expect(world.agent(id)?.leagueId).toBe(instance.leagueId);
      for (const id of instance.datasetIds) expect(instance.agentIds).toContain(world.dataset(id)?.agentId);
      if (instance.intercepted) expect(instance.status).toBe('FAILED');
    }
    for (const job of world.jobs) {
      if (job.type === 'PREDICT')
        expect(world.modelsOfLeague(job.leagueId).map(({ id }) => id)).toContain(job.modelInstanceId);
      for (const id of job.datasetIds) expect(world.datasetsOfLeague(job.leagueId).map((d) => d.id)).toContain(id);
    }
    for (const dataset of world.datasets) {
      expect(world.connector(dataset.connectorId)?.agentId).toBe(dataset.agentId);
      expect((dataset.file === undefined) !== (dataset.table === undefined)).toBe(true);
    }
  });

  it('grows with its scale, and with the leagues and agents asked for', () => {
    const large = frozen({ scale: 3, ownedLeagues: 20, agents: 30 });
    expect(large.leaguesOfRole('OWNER')).toHaveLength(20);
    expect(large.agents).toHaveLength(30);
    expect(large.instances).toHaveLength(22 * 300 * 3);
    expect(new Set(large.leagues.map(({ name }) => name)).size).toBe(22);
  });
});

describe('the space plane', () => {
  const world = frozen();

  it('gives every property of its contract a value somewhere', async () => {
    const unseen = new Set<string>();
    const seen = new Set<string>();
    const look = (operation: Operation, written: Schema, value: unknown): void => {
      const { schema, name } = contract.resolve(operation, written);
      for (const option of schema.anyOf ?? []) look(operation, option, value);
      if (Array.isArray(value)) {
        for (const item of value as unknown[]) if (schema.items) look(operation, schema.items, item);
      }
      for (const [property, inner] of Object.entries(schema.properties ?? {})) {
        const found = typeof value === 'object' && value !== null ? (value as Row)[property] : undefined;
        const isFilled = found !== undefined && found !== null && found !== '';
        (isFilled ? seen : unseen).add(`${operation.id} ${name ?? ''}.${property}`);
        if (isFilled) look(operation, inner, found);
      }
    };
    const schemaOf = (operationId: string): [Operation, Schema] => {
      const operation = contract.operations.get(operationId);
      const schema = operation?.answer;
      if (!schema) throw new Error(`no answer of ${operationId}`);
      return [operation, schema];
    };
    const sweep = async (...[of, operationId, path, query]: Parameters<typeof ask>): Promise<void> =>
      look(...schemaOf(operationId), await ask(of, operationId, path, query));

    await sweep(world, 'getOverview');
    await sweep(world, 'listMembershipNotices', {}, whole);
    await sweep(world, 'listAgents', {}, whole);
    for (const { id } of world.agents) await sweep(world, 'getAgentDeployment', { agent_id: id });
    for (const type of ['owned', 'participativenormal']) await sweep(world, 'listLeagues', {}, { ...whole, type });
    for (const { id } of world.leagues) {
      const path = { league_id: id };
      for (const call of ['getDatasetStatistics', 'getJobStatistics', 'getPartnerStatistics', 'getLeague']) {
        await sweep(world, call, path);
      }
      for (const call of [
        'listLeagueNodes',
        'listPartners',
        'listLeagueDatasets',
        'listLeagueSqlJobs',
        'listLeagueFlJobs',
        'listLeagueInstances',
        'listAuditEvents',
      ]) {
        await sweep(world, call, path, whole);
      }
      for (const { id: instanceId } of world.instancesOfLeague(id)) {
        await sweep(world, 'getInstanceReport', { ...path, instance_id: instanceId });
        await sweep(world, 'getExecutionGraph', { ...path, instance_id: instanceId }, { round_id: 1 });
      }
    }
    // One of two spellings is enough. test/graphql/statistics/spellings.test.ts answers the others.
    const others = ['.columnList', '.job_ins_successes_cnt', '.job_ins_intercepted_cnt', '.data_output_count'];
    const twins = (coordinate: string): boolean => others.some((name) => coordinate.endsWith(name));
    expect([...unseen].filter((coordinate) => !seen.has(coordinate) && !twins(coordinate))).toEqual([]);
  });

  it('counts what it lists', async () => {
    const overview = (await ask(world, 'getOverview')) as Record<string, number>;
    const owned = await rows(world, 'listLeagues', {}, { type: 'owned', ...whole });
    const joined = await rows(world, 'listLeagues', {}, { type: 'participativenormal', ...whole });
    expect(overview.league_cnt).toBe(owned.total + joined.total);
    expect(overview.agent_cnt).toBe((await rows(world, 'listAgents', {}, whole)).total);
    const notices = await rows(world, 'listMembershipNotices', {}, whole);
    const open = notices.lists.filter(({ partner_status: status }) => status === 'JOIN_PENDING_APPROVAL');
    expect(overview.notice_to_handle_cnt).toBe(open.length);

    let instances = 0;
    for (const league of [...owned.lists, ...joined.lists]) {
      const path = { league_id: String(league.id) };
      expect(league.partners).toBe((await rows(world, 'listPartners', path, whole)).total);
      const all = await rows(world, 'listLeagueInstances', path, whole);
      expect(all.lists).toHaveLength(all.total);
      instances += all.total;

      const statistics = (await ask(world, 'getJobStatistics', path)) as Record<string, number>;
      expect(statistics.job_ins_cnt).toBe(all.total);
      const statuses = tally(all.lists.map(({ status }) => String(status)));
      expect(statistics.job_ins_success_cnt).toBe(statuses.SUCCEEDED);
      expect(statistics.job_ins_fail_cnt).toBe(statuses.FAILED);
      const partners = (await ask(world, 'getPartnerStatistics', path)) as Record<string, number>[];
      for (const [ofPartner, ofJobs] of [
        ['partner_job_cnt', 'job_cnt'],
        ['partner_job_ins_cnt', 'job_ins_cnt'],
        ['partner_job_ins_success_cnt', 'job_ins_success_cnt'],
        ['partner_job_ins_fail_cnt', 'job_ins_fail_cnt'],
        ['partner_job_ins_intercept_cnt', 'job_ins_intercept_cnt'],
      ] as const) {
        expect(partners.reduce((sum, partner) => sum + (partner[ofPartner] ?? 0), 0)).toBe(statistics[ofJobs]);
      }
    }
    expect(overview.instance_cnt).toBe(instances);
  });

  it('counts days in Asia/Shanghai, both ends included', async () => {
    // Half past four in the morning of the 11th in Shanghai, still the 10th in UTC.
    expect(serviceDay(nowMs)).toBe('2026-03-11');
    const [league] = world.leagues;
    const path = { league_id: league?.id ?? '' };
    const count = async (from?: string, to?: string): Promise<number> => {
      const query = { start_date: from, end_date: to };
      return ((await ask(world, 'getJobStatistics', path, query)) as { job_ins_cnt: number }).job_ins_cnt;
    };
    const byDay = tally(world.instancesOfLeague(path.league_id).map(({ startedAtMs }) => serviceDay(startedAtMs)));
    for (const [day, expected] of Object.entries(byDay)) expect(await count(day, day)).toBe(expected);
    expect(await count('2026-03-01', '2026-03-11')).toBe((await count('2026-03-01')) - (await count('2026-03-12')));
    expect(await count('2026-03-12', '2026-03-01')).toBe(0);
  });

  it('cuts lists by records and filters them fuzzily', async () => {
    const [league] = world.leagues;
    const path = { league_id: league?.id ?? '' };
    const all = await rows(world, 'listLeagueInstances', path, whole);
    const slice = await rows(world, 'listLeagueInstances', path, { offset: 7, limit: 5 });
    expect(slice).toEqual({ total: all.total, lists: all.lists.slice(7, 12) });
    expect(await rows(world, 'listLeagueInstances', path, { offset: all.total, limit: 5 })).toEqual({
      total: all.total,
      lists: [],
    });
    const job = world.instancesOfLeague(path.league_id)[0]?.jobId ?? '';
    const ofJob = await rows(world, 'listLeagueInstances', path, { ...whole, job_id: job });
    expect(ofJob.total).toBe(world.instancesOfJob(job).length);
    const named = await rows(world, 'listAgents', {}, { ...whole, agent_name: 'RETAIL', league_name: 'insight' });
    expect(named.lists.map(({ agent_name: name }) => name)).toEqual(['agent_retail']);
    const datasets = await rows(world, 'listLeagueDatasets', path, { ...whole, dataset_name: 'guest' });
    expect(datasets.total).toBeGreaterThan(0);
    expect(datasets.lists.every(({ name }) => String(name).includes('guest'))).toBe(true);
  });

  it('changes a league we own, and no other', async () => {
    const own = frozen();
    const [league] = own.leaguesOfRole('OWNER');
    const path = { league_id: league?.id ?? '' };
    await ask(own, 'updateLeague', path, {}, { description: '新描述', dp_enabled: !league?.differentialPrivacy });
    const changed = (await ask(own, 'getLeague', path)) as Row;
    expect(changed).toMatchObject({ description: '新描述', privacy_protection_type: league?.privacyProtection });
    const [joined] = own.leaguesOfRole('PARTNER');
    await expect(ask(own, 'updateLeague', { league_id: joined?.id ?? '' }, {}, {})).rejects.toThrow(ServiceError);
  });

  it('answers unknown ids with 404 and the service’s code', async () => {
    const [league, other] = world.leagues;
    const foreign = world.instancesOfLeague(other?.id ?? '')[0]?.id ?? '';
    for (const [call, path] of [
      ['getLeague', { league_id: '0'.repeat(32) }],
      ['listPartners', { league_id: 'nobody' }],
      ['getAgentDeployment', { agent_id: 'nobody' }],
      ['getInstanceReport', { league_id: league?.id ?? '', instance_id: foreign }],
    ] as const) {
      const refusal: unknown = await ask(world, call, path, whole).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(ServiceError);
      expect(refusal).toMatchObject({ status: 404, code: expect.stringMatching(/^TICS\.SRV\./) as string });
    }
  });
});

describe('runs', () => {
  it('go through their states by themselves, and results follow', () => {
    const world = frozen();
    const job = world.jobs.find((candidate) => candidate.type === 'HFL' && candidate.phase === 'TRAIN');
    if (!job) throw new Error('no job');
    const instance = startRun(world, { job, type: 'HFL', agentId: job.agentId, executorName: 'admin' });
    const states: string[] = [instance.status];
    const aucs: number[] = [];
    for (let step = 0; step < 4000 && instance.endedAtMs === undefined; step++) {
      world.clock.advance(250);
      if (states.at(-1) !== instance.status) states.push(instance.status);
      const auc = metricsOf(world, instance)?.auc;
      if (auc !== undefined && auc !== aucs.at(-1)) aucs.push(auc);
    }
    expect(states).toEqual(['NEW', 'SUBMITING', 'ACCEPTED', 'DEPLOYING', 'PENDING', 'RUNNING', 'SUCCEEDED']);
    expect(aucs).toHaveLength(instance.rounds);
    expect(aucs).toEqual([...aucs].sort((a, b) => a - b));
    expect(world.modelsOfJob(job.id)[0]).toBe(instance);
    expect(world.auditEventsOfLeague(job.leagueId)[0]?.subject).toEqual({ kind: 'run', instanceId: instance.id });
  });

  it('can be stopped, and then stay where they were', () => {
    const world = frozen();
    const instance = world.instances.find(({ type, status }) => type === 'HFL' && status === 'RUNNING');
    if (!instance) throw new Error('no run');
    const round = world.roundOf(instance);
    expect(stopRun(world, instance)).toBe(true);
    expect(instance.status).toBe('TERMINATING');
    expect(stopRun(world, instance)).toBe(false);
    world.clock.advance(60 * 60_000);
    expect(instance.status).toBe('TERMINATED');
    expect(world.roundOf(instance)).toBe(round);
    const tasks = executionGraph(world, instance, round).flatMap(({ stages }) =>
      stages.flatMap((stage) => stage.tasks),
    );
    expect(tasks.map(({ status }) => status)).toContain('TERMINATED');
    expect(tasks.map(({ status }) => status)).not.toContain('RUNNING');
  });

  it('all end when time goes on', () => {
    const world = frozen();
    world.clock.advance(dayMs);
    const left = world.instances.filter(({ endedAtMs }) => endedAtMs === undefined);
    expect(left).toEqual([]);
  });

  it('tell the same in graph, report, result and sample', () => {
    const world = frozen();
    for (const instance of world.instances) {
      const round = world.roundOf(instance);
      const graph = executionGraph(world, instance, round);
      const tasks = graph.flatMap(({ stages }) => stages.flatMap((stage) => stage.tasks));
      const statuses = new Set(tasks.map(({ status }) => status));
      const ids = new Set(tasks.map(({ id }) => id));
      for (const task of tasks) for (const upstream of task.upstreamTaskIds) expect(ids).toContain(upstream);
      if (instance.runningAtMs === undefined) expect(graph).toEqual([]);
      if (instance.status === 'SUCCEEDED') expect([...statuses]).toEqual(['SUCCEEDED']);
      if (instance.status === 'FAILED') expect(statuses).toContain('FAILED');
      if (instance.status === 'RUNNING') expect(statuses).toContain('RUNNING');
      expect(executionGraph(world, instance, round + 1)).toEqual([]);
      const ends = tasks.map(({ endedAtMs }) => endedAtMs ?? 0);
      if (tasks.length > 0) expect(Math.max(...ends)).toBeLessThanOrEqual(instance.endedAtMs ?? nowMs);

      const report = reportOf(world, instance);
      expect(report.rounds.at(-1)?.nodes ?? []).toEqual(graph);
      expect(report.status).toBe(instance.status);
      const sample = sampleOf(world, instance);
      if (sample) {
        expect(sample.rows).toHaveLength(Math.min(100, resultRecordCount(world, instance)));
        expect(sample.rows.every((row) => row.length === sample.columns.length)).toBe(true);
        expect(resultExtText(world, instance)).toBe(String(resultRecordCount(world, instance)));
      }
    }
  });
});

describe('the clock', () => {
  it('runs its timers in order of time, at their own moment, also those set by others', () => {
    const { clock } = frozen();
    const heard: string[] = [];
    clock.at(nowMs + 2000, () => heard.push(`second ${clock.now() - nowMs}`));
    clock.at(nowMs + 1000, () => {
      heard.push(`first ${clock.now() - nowMs}`);
      clock.at(clock.now() + 500, () => heard.push(`between ${clock.now() - nowMs}`));
    });
    clock.at(nowMs + 1000, () => heard.push('never'))();
    clock.advance(5000);
    expect(heard).toEqual(['first 1000', 'between 1500', 'second 2000']);
    expect(clock.now()).toBe(nowMs + 5000);
  });

  it('runs by itself at the speed it is given', async () => {
    const { clock } = frozen();
    const rang = new Promise<number>((resolve) => clock.at(nowMs + 60_000, () => resolve(clock.now())));
    clock.setSpeed(2000);
    expect(await rang).toBe(nowMs + 60_000);
    clock.stop();
  });
});

it('has as many leagues and days of history as it is told', () => {
  const nowMs = Date.parse('2026-11-01T00:00:00Z');
  const { leagues, instances, jobs } = createWorld({ nowMs, speed: 0, days: 365, ownedLeagues: 6, joinedLeagues: 4 });
  const earliestMs = Math.min(...instances.map(({ startedAtMs }) => startedAtMs));
  expect(leagues).toHaveLength(10);
  expect((nowMs - earliestMs) / 86_400_000).toBeGreaterThan(300);
  expect((nowMs - earliestMs) / 86_400_000).toBeLessThanOrEqual(365);
  const createdAtMs = new Map(jobs.map((job) => [job.id, job.createdAtMs]));
  expect(instances.filter(({ jobId, startedAtMs }) => startedAtMs < (createdAtMs.get(jobId) ?? 0))).toEqual([]);
});

it.each([1, 2, 3, 10])('has a history that lies in the past with %i days of it, of one league or nine', (days) => {
  for (const [ownedLeagues, joinedLeagues] of [
    [1, 0],
    [5, 4],
  ] as const) {
    const world = createWorld({ nowMs, speed: 0, days, ownedLeagues, joinedLeagues });
    for (const { id, createdAtMs, updatedAtMs } of [...world.datasets, ...world.jobs]) {
      expect(updatedAtMs, id).toBeGreaterThanOrEqual(createdAtMs);
      expect(updatedAtMs, id).toBeLessThanOrEqual(nowMs);
    }
    for (const { id, jobId, startedAtMs, endedAtMs } of world.instances) {
      expect(startedAtMs, id).toBeGreaterThan(world.job(jobId)?.createdAtMs ?? nowMs);
      expect(startedAtMs, id).toBeGreaterThan(nowMs - days * dayMs - 60_000);
      expect(endedAtMs ?? nowMs, id).toBeLessThanOrEqual(nowMs);
    }
    expect(world.instances).toHaveLength(300 * (ownedLeagues + joinedLeagues));
  }
});

it.each([
  [{ days: 0 }, 'days must be a whole number from 1 to 3650, not 0'],
  [{ days: 1.5 }, 'days must be'],
  [{ scale: 0.1 }, 'scale must be a whole number from 1 to 1000, not 0.1'],
  [{ scale: Number.NaN }, 'scale must be'],
  [{ ownedLeagues: 0, joinedLeagues: 0 }, 'leagues must be a whole number from 1 to 1000, not 0'],
  [{ scale: 1000, ownedLeagues: 4 }, 'scale times leagues must be 5000 at most, not 6000'],
])('says which sizes no world can have: %j', (size, message) => {
  expect(() => createWorld({ nowMs, speed: 0, ...size })).toThrow(message);
});
