import { describe, expect, test } from 'vitest';
import type { Instance, League } from '../../../src/sandbox/model/world.ts';
import { nowMs, useStage } from '../../support/gateway.ts';

const dayMs = 86_400_000;
/** The service's days are those of Shanghai. */
function dayOf(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10);
}
function daysAgo(days: number): string {
  return dayOf(nowMs - days * dayMs);
}

function isWithin(from: string | null, to: string | null) {
  return (ms: number): boolean => (from === null || from <= dayOf(ms)) && (to === null || dayOf(ms) <= to);
}

const stage = useStage();

function league(): League {
  const [first] = stage.sandbox.world.leaguesOfRole('OWNER');
  if (first === undefined) throw new Error('the world has no league');
  return first;
}

const groups = `
  datasets { datasetId datasetName accountName partnerAlias useCount interceptedCount }
  jobs { jobCount instanceCount succeededCount failedCount interceptedCount }
  partners {
    accountName partnerAlias accessCount jobCount instanceCount succeededCount failedCount interceptedCount
  }`;

function isIntercepted({ status, intercepted }: Instance): boolean {
  return status === 'FAILED' && intercepted;
}

function countRuns(runs: readonly Instance[]) {
  return {
    instanceCount: runs.length,
    succeededCount: runs.filter(({ status }) => status === 'SUCCEEDED').length,
    failedCount: runs.filter(({ status }) => status === 'FAILED').length,
    interceptedCount: runs.filter(isIntercepted).length,
  };
}

/** The statistics of a range of days, counted from the jobs and runs themselves. */
function counted(leagueId: string, from: string | null, to: string | null) {
  const { world } = stage.sandbox;
  const within = isWithin(from, to);
  const runs = world.instances.filter((run) => run.leagueId === leagueId && within(run.startedAtMs));
  const jobs = world.jobs.filter((job) => job.leagueId === leagueId && within(job.createdAtMs));
  return {
    datasets: world.datasetsOfLeague(leagueId).map(({ id, name, partnerId }) => {
      const uses = runs.filter(({ datasetIds }) => datasetIds.includes(id));
      return {
        datasetId: `Dataset:${leagueId}/${id}`,
        datasetName: name,
        accountName: world.partner(partnerId)?.domainName,
        partnerAlias: world.partner(partnerId)?.alias,
        useCount: uses.length,
        interceptedCount: uses.filter(isIntercepted).length,
      };
    }),
    jobs: { jobCount: jobs.length, ...countRuns(runs) },
    partners: world.membersOfLeague(leagueId).map(({ id, domainName, alias }) => ({
      accountName: domainName,
      partnerAlias: alias,
      accessCount: runs.filter(({ agentIds }) => agentIds.some((agent) => world.agent(agent)?.partnerId === id)).length,
      jobCount: jobs.filter(({ partnerId }) => partnerId === id).length,
      ...countRuns(runs.filter(({ partnerId }) => partnerId === id)),
    })),
  };
}

describe('League.statistics', () => {
  const query = `query ($id: ID!, $from: Date, $to: Date) {
    league(id: $id) { statistics(from: $from, to: $to) { from to ${groups} } }
  }`;

  test.each([
    ['all days', null, null],
    ['the last 30 days', daysAgo(29), daysAgo(0)],
    ['one day', daysAgo(10), daysAgo(10)],
    ['everything before some day', null, daysAgo(20)],
    ['everything since some day', daysAgo(20), null],
  ])('equals what counting gives, for %s', async (_, from, to) => {
    const { id } = league();
    const data = await stage.data(query, { id, from, to });
    expect(data).toEqual({ league: { statistics: { from, to, ...counted(id, from, to) } } });
  });

  test('costs one call for each group that is asked for', async () => {
    const { id } = league();
    const callsOf = (selection: string) =>
      stage.callsOf(() => stage.data(`query ($id: ID!) { league(id: $id) { statistics { ${selection} } } }`, { id }));
    expect(await callsOf('from')).toEqual({ getLeague: 1 });
    expect(await callsOf('jobs { jobCount }')).toEqual({ getLeague: 1, getJobStatistics: 1 });
    expect(await callsOf(groups)).toEqual({
      getLeague: 1,
      getDatasetStatistics: 1,
      getJobStatistics: 1,
      getPartnerStatistics: 1,
    });
  });

  test('loses only the group whose call fails', async () => {
    const { id } = league();
    await stage.sandbox.client.setRules([{ operationId: 'getJobStatistics', fault: { kind: 'status', status: 500 } }]);
    const { data, errors } = await stage.ask(query, { id });
    expect(data).toEqual({
      league: { statistics: { from: null, to: null, ...counted(id, null, null), jobs: null } },
    });
    expect(errors).toMatchObject([
      {
        path: ['league', 'statistics', 'jobs'],
        extensions: { code: 'UPSTREAM_FAILED', plane: 'SPACE', call: 'getJobStatistics', status: 500 },
      },
    ]);
  });

  test('refuses days in the wrong order, and days that are none', async () => {
    const { id } = league();
    const turned = await stage.ask(query, { id, from: '2026-05-02', to: '2026-05-01' });
    expect(turned.errors).toMatchObject([{ path: ['league', 'statistics'], extensions: { code: 'INVALID_ARGUMENT' } }]);
    const noDay = await stage.ask(query, { id, from: '2026-02-30' });
    expect(noDay.errors?.[0]?.message).toContain('A Date looks like');
    expect(await stage.callsOf(() => stage.ask(query, { id, from: '2026-05-02', to: '2026-05-01' }))).toEqual({
      getLeague: 1,
    });
  });

  test('reads counters of 64 bits', async () => {
    const { id } = league();
    await stage.sandbox.client.setRules([
      {
        operationId: 'getJobStatistics',
        fault: {
          kind: 'status',
          status: 200,
          body: { job_cnt: '9007199254740993', job_ins_cnt: '12', job_ins_intercept_cnt: '9'.repeat(20) },
        },
      },
    ]);
    expect(
      await stage.data(
        'query ($id: ID!) { league(id: $id) { statistics { jobs { jobCount instanceCount failedCount interceptedCount } } } }',
        { id },
      ),
    ).toEqual({
      league: {
        statistics: {
          jobs: { jobCount: '9007199254740993', instanceCount: 12, failedCount: null, interceptedCount: null },
        },
      },
    });
  });

  test.each([
    ['as a table of the reference nests them', [[{ dataset_name: 'a' }, { dataset_name: 'b' }]]],
    ['with nulls among them', [null, { dataset_name: 'a' }, [null, { dataset_name: 'b' }]]],
  ])('reads rows %s', async (_, body) => {
    await stage.sandbox.client.setRules([
      { operationId: 'getDatasetStatistics', fault: { kind: 'status', status: 200, body } },
    ]);
    expect(
      await stage.data('query ($id: ID!) { league(id: $id) { statistics { datasets { datasetName } } } }', {
        id: league().id,
      }),
    ).toEqual({ league: { statistics: { datasets: [{ datasetName: 'a' }, { datasetName: 'b' }] } } });
  });

  test('leads from a row to its dataset, all of them by one list', async () => {
    const { id } = league();
    const ask = () =>
      stage.data<{ league: { statistics: { datasets: { datasetId: string; dataset: { id: string } }[] } } }>(
        'query ($id: ID!) { league(id: $id) { statistics { datasets { datasetId dataset { id } } } } }',
        { id },
      );
    let data: Awaited<ReturnType<typeof ask>> | undefined;
    const calls = await stage.callsOf(async () => (data = await ask()));
    expect(calls).toEqual({ getLeague: 1, getDatasetStatistics: 1, listLeagueDatasets: 1 });
    const rows = data?.league.statistics.datasets ?? [];
    expect(rows.length).toBeGreaterThan(1);
    for (const { datasetId, dataset } of rows) expect(dataset).toEqual({ id: datasetId });
  });
});

describe('League.usage', () => {
  const query = `query ($id: ID!, $from: Date!, $to: Date!, $every: Interval!) {
    league(id: $id) { usage(from: $from, to: $to, every: $every) { from to ${groups} } }
  }`;

  interface Answer {
    readonly league: { readonly usage: readonly { readonly from: string; readonly to: string }[] };
  }

  const pointsOf = async (every: string, from: string, to: string) =>
    (
      await stage.data<Answer>(
        `query ($id: ID!, $from: Date!, $to: Date!, $every: Interval!) {
          league(id: $id) { usage(from: $from, to: $to, every: $every) { from to } }
        }`,
        { id: league().id, every, from, to },
      )
    ).league.usage.map((point) => `${point.from}..${point.to}`);

  test.each(['DAY', 'WEEK', 'MONTH'])('equals what counting gives for each point, by %s', async (every) => {
    const { id } = league();
    const [from, to] = every === 'DAY' ? [daysAgo(6), daysAgo(0)] : [daysAgo(50), daysAgo(0)];
    const data = await stage.data<Answer>(query, { id, from, to, every });
    expect(data.league.usage.length).toBeGreaterThan(1);
    for (const point of data.league.usage)
      expect(point).toEqual({ from: point.from, to: point.to, ...counted(id, point.from, point.to) });
    expect(data.league.usage[0]?.from).toBe(from);
    expect(data.league.usage.at(-1)?.to).toBe(to);
  });

  test('cuts days, weeks from Monday on, and months', async () => {
    expect(await pointsOf('DAY', '2024-02-28', '2024-03-01')).toEqual([
      '2024-02-28..2024-02-28',
      '2024-02-29..2024-02-29',
      '2024-03-01..2024-03-01',
    ]);
    expect(await pointsOf('WEEK', '2026-05-06', '2026-05-19')).toEqual([
      '2026-05-06..2026-05-10',
      '2026-05-11..2026-05-17',
      '2026-05-18..2026-05-19',
    ]);
    expect(await pointsOf('MONTH', '2025-12-31', '2026-02-28')).toEqual([
      '2025-12-31..2025-12-31',
      '2026-01-01..2026-01-31',
      '2026-02-01..2026-02-28',
    ]);
    expect(await pointsOf('MONTH', '2026-05-03', '2026-05-03')).toEqual(['2026-05-03..2026-05-03']);
  });

  test('costs a call for each group of each point that is asked for', async () => {
    const { id } = league();
    const calls = await stage.callsOf(() =>
      stage.data(
        `query ($id: ID!, $from: Date!, $to: Date!) {
          league(id: $id) { usage(from: $from, to: $to, every: DAY) { jobs { instanceCount } } }
        }`,
        { id, from: daysAgo(4), to: daysAgo(0) },
      ),
    );
    expect(calls).toEqual({ getLeague: 1, getJobStatistics: 5 });
  });

  test('has 92 points at most', async () => {
    expect(await pointsOf('DAY', '2026-01-01', '2026-04-02')).toHaveLength(92);
    const { data, errors } = await stage.ask(query, {
      id: league().id,
      from: '2026-01-01',
      to: '2026-04-03',
      every: 'DAY',
    });
    expect(data).toEqual({ league: { usage: null } });
    expect(errors).toMatchObject([{ path: ['league', 'usage'], extensions: { code: 'INVALID_ARGUMENT' } }]);
    expect(errors?.[0]?.message).toContain('92');
  });

  test('refuses days in the wrong order', async () => {
    const { errors } = await stage.ask(query, {
      id: league().id,
      from: '2026-05-02',
      to: '2026-05-01',
      every: 'MONTH',
    });
    expect(errors).toMatchObject([{ path: ['league', 'usage'], extensions: { code: 'INVALID_ARGUMENT' } }]);
  });

  test('loses only the point whose call fails', async () => {
    const { id } = league();
    const failing = daysAgo(1);
    await stage.sandbox.client.setRules([
      { operationId: 'getJobStatistics', query: { start_date: failing }, fault: { kind: 'status', status: 500 } },
    ]);
    const { data, errors } = await stage.ask<{ league: { usage: { from: string; jobs: unknown }[] } }>(query, {
      id,
      from: daysAgo(2),
      to: daysAgo(0),
      every: 'DAY',
    });
    expect(data.league.usage.map(({ jobs }) => jobs === null)).toEqual([false, true, false]);
    expect(errors).toMatchObject([
      { path: ['league', 'usage', 1, 'jobs'], extensions: { code: 'UPSTREAM_FAILED', call: 'getJobStatistics' } },
    ]);
  });
});

describe('Dataset.usage', () => {
  test('is the row of the dataset, and of all datasets by one call', async () => {
    const { id } = league();
    const [from, to] = [daysAgo(29), daysAgo(0)];
    const ask = () =>
      stage.data<{ league: { datasets: { nodes: { ticsId: string; usage: object }[] } } }>(
        `query ($id: ID!, $from: Date, $to: Date) {
          league(id: $id) {
            datasets(first: 100) {
              nodes {
                ticsId
                usage(from: $from, to: $to) {
                  datasetId datasetName accountName partnerAlias useCount interceptedCount
                }
              }
            }
          }
        }`,
        { id, from, to },
      );
    let data: Awaited<ReturnType<typeof ask>> | undefined;
    const calls = await stage.callsOf(async () => (data = await ask()));
    expect(calls).toEqual({ getLeague: 1, listLeagueDatasets: 1, getDatasetStatistics: 1 });
    const byId = new Map(counted(id, from, to).datasets.map((row) => [row.datasetId, row]));
    const nodes = data?.league.datasets.nodes ?? [];
    expect(byId.size).toBeGreaterThan(0);
    expect(nodes).toHaveLength(byId.size);
    for (const { ticsId, usage } of nodes) expect(usage).toEqual(byId.get(`Dataset:${id}/${ticsId}`));
  });
});

describe('Query.overview', () => {
  test('counts what there is', async () => {
    const { world } = stage.sandbox;
    const waiting = world.membershipNotices.filter(
      ({ partnerId }) => world.partner(partnerId)?.status === 'JOIN_PENDING_APPROVAL',
    );
    const query = '{ overview { leagueCount agentCount instanceCount openNoticeCount } }';
    expect(await stage.data(query)).toEqual({
      overview: {
        leagueCount: world.leagues.length,
        agentCount: world.agents.length,
        instanceCount: world.instances.length,
        openNoticeCount: waiting.length,
      },
    });
    expect(await stage.callsOf(() => stage.data(query))).toEqual({ getOverview: 1 });
  });
});
