import { getNamedType, type GraphQLObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { anonymous } from '../../src/callers/callers.ts';
import { tableNames } from '../../src/bi/model/types.ts';
import { schema } from '../../src/graphql/schema.ts';
import { GatewayError } from '../../src/errors.ts';
import { useBi } from './stage.ts';

let only: readonly string[] = [];

const stage = useBi({
  identify: ({ headers }) => {
    const key = headers.get('x-api-key');
    if (key === null) return anonymous;
    if (key === 'one') return { ...anonymous, name: 'one', leagues: only };
    throw new GatewayError('UNAUTHENTICATED', 'Send an API key.');
  },
});

interface RunRows {
  readonly jobInstanceRows: {
    readonly asOf: string;
    readonly totalCount: number;
    readonly nodes: readonly Readonly<Record<string, unknown>>[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const page = `query ($first: Int, $after: String, $filter: JobInstanceRowFilter, $maxStaleness: Int) {
  jobInstanceRows(first: $first, after: $after, filter: $filter, maxStaleness: $maxStaleness) {
    asOf totalCount pageInfo { hasNextPage endCursor }
    nodes { key leagueKey ticsId status finished durationMs startedAt date createdAt dataAsOf }
  }
}`;

async function runs(variables: Readonly<Record<string, unknown>>, headers = {}) {
  const { data, errors } = await stage.graphql<RunRows>(page, variables, headers);
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data?.jobInstanceRows ?? expect.unreachable();
}

async function odata(filter: string): Promise<number> {
  return Number(await (await stage.get(`/odata/v4/job_instance/$count?$filter=${encodeURIComponent(filter)}`)).text());
}

describe('rows in GraphQL', () => {
  test('each table has a field, whose rows have a field for each column', async () => {
    const fields = Object.keys(schema.getQueryType()?.getFields() ?? {}).filter((name) => name.endsWith('Rows'));
    expect(fields).toHaveLength(tableNames.length);
    const counts = await stage.graphql<Record<string, { totalCount: number }>>(
      `{ ${fields.map((name) => `${name}(first: 0) { totalCount }`).join(' ')} }`,
    );
    expect(counts.errors).toBeUndefined();
    for (const name of tableNames) {
      const field = `${name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())}Rows`;
      const count = await (await stage.get(`/odata/v4/${name}/$count`)).text();
      expect([name, String(counts.data?.[field]?.totalCount)]).toEqual([name, count]);
    }
  });

  test('cost no call upstream', async () => {
    await stage.sandbox.client.clearCalls();
    await runs({ first: 50 });
    expect(await stage.sandbox.client.countCalls()).toEqual({});
  });

  test('a walk gives each row once, the newest first, while rows are written', async () => {
    const { totalCount } = await runs({ first: 0 });
    const keys: unknown[] = [];
    const days: unknown[] = [];
    let after: string | null = null;
    for (let pages = 0; ; pages += 1) {
      const { nodes, pageInfo }: RunRows['jobInstanceRows'] = await runs({ first: 170, after });
      keys.push(...nodes.map(({ key }) => key));
      days.push(...nodes.map(({ date }) => date));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
      const run = stage.sandbox.world.instances.find(({ status }) => status === 'RUNNING');
      if (run !== undefined) await stage.sandbox.client.setInstanceStatus(run.id, 'SUCCEEDED');
      if (pages === 1) await stage.bi.refresher.refresh();
    }
    expect([keys.length, new Set(keys).size]).toEqual([totalCount, totalCount]);
    expect(days).toEqual([...days].sort().reverse());
  });

  test('filters say the same as those of OData', async () => {
    const [first] = (await runs({ first: 1 })).nodes;
    const [key, league, date] = [first?.['key'], first?.['leagueKey'], first?.['date']];
    for (const [filter, text] of [
      [{ status: { eq: 'FAILED' } }, `status eq 'FAILED'`],
      [{ status: { in: ['FAILED', 'TERMINATED'] }, finished: { eq: true } }, `status in ('FAILED','TERMINATED')`],
      [{ durationMs: { ge: 20000, lt: '30000' } }, 'duration_ms ge 20000 and duration_ms lt 30000'],
      [{ endedAt: { isNull: true } }, 'ended_at eq null'],
      [
        { jobName: { contains: '分析' }, type: { startsWith: 'S' } },
        `contains(job_name,'分析') and startswith(type,'S')`,
      ],
      [
        { leagueKey: { eq: league }, date: { ge: date } },
        `league_id eq '${String(league)}' and date ge ${String(date)}`,
      ],
      [{ key: { ne: key } }, `id ne '${String(key)}'`],
    ] as const)
      expect([text, (await runs({ first: 0, filter })).totalCount]).toEqual([text, await odata(text)]);
  });

  test('a caller of one league sees rows of this one only, and another one’s cursor shows no others', async () => {
    const [mine = ''] = stage.sandbox.world.leagues.map(({ id }) => id);
    only = [mine];
    const { pageInfo } = await runs({ first: 3 });
    const { nodes, totalCount } = await runs({ first: 2000, after: pageInfo.endCursor }, { 'x-api-key': 'one' });
    expect(new Set(nodes.map(({ leagueKey }) => leagueKey))).toEqual(new Set([mine]));
    expect(totalCount).toBe(await odata(`league_id eq '${mine}'`));
    const other = { leagueKey: { ne: mine } };
    expect((await runs({ filter: other }, { 'x-api-key': 'one' })).totalCount).toBe(0);
  });

  test('of each table such a caller sees the rows of its league alone, in rows and in totals', async () => {
    const [mine = ''] = stage.sandbox.world.leagues.map(({ id }) => id);
    only = [mine];
    const fields = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(({ name }) => name.endsWith('Rows'));
    for (const { name, type } of fields) {
      const { nodes } = (getNamedType(type) as GraphQLObjectType).getFields();
      const columns = Object.keys((getNamedType(nodes?.type) as GraphQLObjectType).getFields());
      // The league of leagues is their own key; days and nothing else are of no league.
      const column = columns.includes('leagueKey') ? 'leagueKey' : name === 'leagueRows' ? 'key' : undefined;
      expect([name, column]).toEqual([name, name === 'dateRows' ? undefined : expect.any(String)]);
      if (column === undefined) continue;
      const query = `{ rows: ${name}(first: 2000) { totalCount nodes { league: ${column} } } }`;
      const { data } = await stage.graphql<{ rows: { totalCount: number; nodes: { league: string }[] } }>(
        query,
        {},
        { 'x-api-key': 'one' },
      );
      const seen = new Set(data?.rows.nodes.map(({ league }) => league));
      expect([name, [...seen].filter((league) => league !== mine)]).toEqual([name, []]);
      expect(data?.rows.totalCount).toBe(data?.rows.nodes.length);
    }
  });

  test('say as of when, and are refreshed first for those who take none that are older', async () => {
    const { asOf, nodes } = await runs({ first: 1 });
    expect(nodes[0]?.['dataAsOf']).toBe(asOf);
    await stage.sandbox.client.clearCalls();
    await runs({ first: 1, maxStaleness: 100_000 });
    expect(await stage.sandbox.client.countCalls()).toEqual({});
  });

  test.each([
    [{ after: 'x' }, 'INVALID_CURSOR'],
    [{ after: Buffer.from('{"snapshot":"2026","after":[1,2]}').toString('base64url') }, 'INVALID_CURSOR'],
    [
      { after: Buffer.from('{"snapshot":"2020-01-01T00:00:00.000Z","after":["a","b"]}').toString('base64url') },
      'INVALID_CURSOR',
    ],
    [
      { after: Buffer.from(`{"snapshot":"${new Date().toISOString()}","after":["a","b"]}`).toString('base64url') },
      'INVALID_CURSOR',
    ],
    [{ first: -1 }, 'INVALID_ARGUMENT'],
    [{ maxStaleness: -1 }, 'INVALID_ARGUMENT'],
  ])('%j is refused', async (variables, code) => {
    const { errors } = await stage.graphql(page, variables);
    expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual([code]);
  });

  test('without tables they say so', async () => {
    const { errors } = await stage.ask<unknown>('{ leagueRows { totalCount } }');
    expect(errors?.map(({ extensions, message }) => [extensions?.['code'], message])).toEqual([
      ['TABLES_UNAVAILABLE', 'The tables for BI tools are switched off (bi: off).'],
    ]);
  });
});
