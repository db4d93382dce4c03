import { describe, expect, test } from 'vitest';
import { anonymous } from '../../src/callers/callers.ts';
import { tables } from '../../src/bi/model/tables.ts';
import { GatewayError } from '../../src/errors.ts';
import { useBi } from './stage.ts';

const ended = new AbortController();
let only: readonly string[] = [];

/** A key for all leagues, one for some, and one whose session ends. */
const stage = useBi({
  identify: ({ headers }) => {
    const key = headers.get('x-api-key');
    if (key === 'all') return anonymous;
    if (key === 'without a role') return { ...anonymous, roles: [] };
    if (key === 'one') return { ...anonymous, name: 'one', leagues: only };
    if (key === 'ending' && !ended.signal.aborted) return { ...anonymous, sessionSignal: ended.signal };
    throw new GatewayError('UNAUTHENTICATED', 'Send an API key.');
  },
});

function basic(key: string) {
  return { authorization: `Basic ${Buffer.from(`anyone:${key}`).toString('base64')}` };
}

describe('access', () => {
  test.each(['/bi', '/bi/v1/league.csv', '/odata/v4/', '/odata/v4/$metadata', '/odata/v4/league', '/bi/tics.pbids'])(
    'without a key %s asks for one',
    async (path) => {
      for (const headers of [undefined, basic('wrong'), { 'x-api-key': 'wrong' }]) {
        const response = await stage.get(path, headers);
        expect([response.status, response.headers.get('www-authenticate')]).toEqual([
          401,
          'Basic realm="TICS", charset="UTF-8"',
        ]);
        expect(await response.text()).not.toContain('wrong');
      }
      expect((await stage.get(`${path}?apikey=wrong`)).status).toBe(401);
    },
  );

  test('a key is taken as a header, as the password of Basic, and in the query', async () => {
    for (const headers of [{ 'x-api-key': 'all' }, basic('all')])
      expect((await stage.get('/odata/v4/league', headers)).status).toBe(200);
    expect((await stage.get('/bi/v1/league.csv?apikey=all')).status).toBe(200);
    const response = await stage.get('/odata/v4/job_instance?apikey=all', { prefer: 'maxpagesize=10' });
    const { '@odata.nextLink': next } = (await response.json()) as { '@odata.nextLink': string };
    expect(next).not.toContain('apikey');
  });

  test('of two different keys, wherever they stand, neither is taken', async () => {
    const path = '/bi/v1/league.csv';
    for (const [query, headers] of [
      ['?apikey=all', { 'x-api-key': 'wrong' }],
      ['?apikey=wrong', { 'x-api-key': 'all' }],
      ['?apikey=all', basic('wrong')],
      ['?apikey=wrong', basic('all')],
      ['?apikey=all&apikey=wrong', {}],
      ['', { 'x-api-key': 'wrong', ...basic('all') }],
      ['', { 'x-api-key': 'all', ...basic('wrong') }],
    ] as const)
      expect([query, headers, (await stage.get(`${path}${query}`, headers)).status]).toEqual([query, headers, 401]);
    expect((await stage.get(`${path}?apikey=all`, { 'x-api-key': 'all', ...basic('all') })).status).toBe(200);
  });

  test.each(['/bi', '/bi/v1/league.csv', '/odata/v4/', '/odata/v4/$metadata', '/odata/v4/league/$count'])(
    'without a role %s is not for its caller',
    async (path) => {
      const response = await stage.get(path, { 'x-api-key': 'without a role' });
      expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('FORBIDDEN')]);
    },
  );

  test('a key for one league sees no row of another, on no surface', async () => {
    const [mine = '', ...others] = stage.sandbox.world.leagues.map(({ id }) => id);
    only = [mine];
    const key = { 'x-api-key': 'one' };
    for (const { name, leagueColumn } of Object.values(tables)) {
      if (leagueColumn === undefined) continue;
      const csv = await (await stage.get(`/bi/v1/${name}.csv?columns=${leagueColumn}`, key)).text();
      expect(new Set(csv.trim().split('\r\n').slice(1)).size).toBe(1);
      const filter = encodeURIComponent(`${leagueColumn} ne '${mine}' or true`);
      const { value } = await stage.json<{ value: readonly Record<string, unknown>[] }>(
        `/odata/v4/${name}?$apply=filter(${filter})/groupby((${leagueColumn}))`,
        key,
      );
      expect(value).toEqual([{ [leagueColumn]: mine }]);
      for (const path of [`/odata/v4/${name}?$top=10000`, `/bi/v1/${name}.ndjson`, `/bi/v1/${name}.parquet`]) {
        const text = Buffer.from(await (await stage.get(path, key)).arrayBuffer()).toString('latin1');
        expect(others.filter((id) => text.includes(id))).toEqual([]);
      }
    }
    const html = await (await stage.get('/bi', key)).text();
    expect(html).toContain(`<b data-rows="league">1</b>`);
    const { value } = await stage.json<{ value: readonly { id: string }[] }>('/odata/v4/job_instance?$top=1', {
      'x-api-key': 'all',
    });
    const foreign = stage.sandbox.world.instances.find(({ leagueId }) => leagueId !== mine);
    const id = encodeURIComponent(`'${foreign?.leagueId}/${foreign?.id}'`);
    expect(value.length).toBe(1);
    expect((await stage.get(`/odata/v4/job_instance(${id})`, { 'x-api-key': 'all' })).status).toBe(200);
    expect((await stage.get(`/odata/v4/job_instance(${id})`, key)).status).toBe(404);
  });

  test.each(Object.values(tables).flatMap((table) => (table.leagueColumn === undefined ? [] : [table])))(
    '$name: of another league it learns as much as of one that is not there',
    async ({ name, key, leagueColumn = '' }) => {
      const [mine = '', ...others] = stage.sandbox.world.leagues.map(({ id }) => id);
      only = [mine];
      const keyOf = async (league: string): Promise<string | undefined> => {
        const filter = encodeURIComponent(`${leagueColumn} eq '${league}'`);
        const path = `/odata/v4/${name}?$select=${key}&$top=1&$filter=${filter}`;
        const { value } = await stage.json<{ value: readonly Record<string, unknown>[] }>(path, { 'x-api-key': 'all' });
        return value[0] && String(value[0][key]);
      };
      const keys = await Promise.all(others.map(async (league) => [league, await keyOf(league)] as const));
      const [foreign = '', id = ''] = keys.find(([, one]) => one !== undefined) ?? [];
      expect(id).not.toBe('');
      const made = 'f'.repeat(foreign.length);
      const answers = async (league: string, row: string) => {
        const is = encodeURIComponent(`${leagueColumn} eq '${league}'`);
        const paths = [
          `/odata/v4/${name}/$count?$filter=${is}`,
          `/odata/v4/${name}?$count=true&$filter=${is}`,
          `/odata/v4/${name}?$orderby=${leagueColumn} desc&$top=1&$filter=${is}`,
          `/odata/v4/${name}?$apply=filter(${is})/aggregate($count as rows)`,
          `/odata/v4/${name}?$apply=filter(${is})/groupby((${leagueColumn}),aggregate($count as rows))`,
          `/odata/v4/${name}?$apply=groupby((${leagueColumn}))/filter(${is})`,
          `/odata/v4/${name}(${encodeURIComponent(`'${row}'`)})`,
          `/odata/v4/${name}(${encodeURIComponent(`'${row}'`)})?$select=${key}`,
        ];
        return Promise.all(
          paths.map(async (path) => {
            const response = await stage.get(path, { 'x-api-key': 'one' });
            return [path, response.status, await response.text()].map((part) => String(part).replaceAll(league, '…'));
          }),
        );
      };
      expect(await answers(foreign, id)).toEqual(await answers(made, id.replaceAll(foreign, made)));
      const count = async (as: string, filter: string) =>
        (await stage.get(`/odata/v4/${name}/$count${filter}`, { 'x-api-key': as })).text();
      expect(await count('one', '')).toBe(
        await count('all', `?$filter=${encodeURIComponent(`${leagueColumn} eq '${mine}'`)}`),
      );
    },
  );

  test('no value of a hidden row makes a query fail; a shown one is refused: 400', async () => {
    const filters = [
      'length(job_name) mul 9223372036854775807 gt 0',
      'length(job_name) mul 1e308 mul 1e308 gt 0',
      'not (indexof(league_id, job_name) mul 9223372036854775807 add length(id) mul 9223372036854775807 lt 0)',
      "substring(job_name, length(job_name) mul 10000000000) eq 'x'",
    ].map((filter) => encodeURIComponent(filter));
    const paths = filters.flatMap((filter) => [
      `/odata/v4/job_instance/$count?$filter=${filter}`,
      `/odata/v4/job_instance?$apply=filter(${filter})/aggregate($count as rows)`,
      `/odata/v4/job_instance?$apply=groupby((id,league_id,job_name))/filter(${filter})`,
    ]);
    const statuses = (leagues: readonly string[]): Promise<readonly number[]> => {
      only = leagues;
      return Promise.all(paths.map(async (path) => (await stage.get(path, { 'x-api-key': 'one' })).status));
    };
    expect(await statuses(['none', 'noneEither'])).toEqual(paths.map(() => 200));
    const shown = await statuses(stage.sandbox.world.leagues.map(({ id }) => id));
    // Some of them the engine can compute.
    expect(shown.filter((status) => status !== 200 && status !== 400)).toEqual([]);
    expect(shown.slice(-3)).toEqual([400, 400, 400]);
  });

  test('a walk that one key began shows another key only what that one may see', async () => {
    only = [stage.sandbox.world.leagues[0]?.id ?? ''];
    const response = await stage.get('/odata/v4/job_instance', { 'x-api-key': 'all', prefer: 'maxpagesize=10' });
    const { '@odata.nextLink': next } = (await response.json()) as { '@odata.nextLink': string };
    const rest = await stage.json<{ value: readonly { league_id: string }[] }>(next.slice(stage.url.length), {
      'x-api-key': 'one',
    });
    expect(rest.value.filter(({ league_id: id }) => id !== only[0])).toEqual([]);
  });

  // No connection holds so many rows that nothing shortens: answers are under way until they are read.
  test('a key that is revoked ends the answers under way, and lets nobody in any more', async () => {
    await stage.bi.store.all({
      text: `INSERT INTO bi_v1.job_instance (id, league_id, tics_id, job_name, status, finished, "date", created_at, updated_at)
        SELECT 'many/' || range, 'many', md5(range::VARCHAR), md5('job ' || range), 'FAILED', TRUE, DATE '2026-01-01', TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-01' FROM range(300000)`,
      values: [],
    });
    const key = { 'x-api-key': 'ending' };
    const page = await stage.json<{ '@odata.nextLink': string }>('/odata/v4/job_instance', key);
    const next = page['@odata.nextLink'].slice(stage.url.length);
    const query = '{ jobInstanceRows(first: 1) { nodes { key } } }';
    expect((await stage.graphql(query, {}, key)).errors).toBeUndefined();
    const reads = await Promise.all(
      ['csv', 'ndjson', 'parquet'].map(async (format) => {
        const { body } = await stage.get(`/bi/v1/job_instance.${format}`, key);
        const reader = body?.getReader() ?? expect.unreachable();
        expect((await reader.read()).done).toBe(false);
        return reader;
      }),
    );
    ended.abort();
    const ends = reads.map(async (reader) => {
      while (!(await reader.read()).done);
    });
    expect((await Promise.allSettled(ends)).map(({ status }) => status)).toEqual(ends.map(() => 'rejected'));
    for (const path of ['/bi', '/bi/v1/league.csv', '/bi/v1/league.ndjson', '/bi/v1/league.parquet', next])
      expect([path, (await stage.get(path, key)).status]).toEqual([path, 401]);
    const { errors } = await stage.graphql(query, {}, key);
    expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['UNAUTHENTICATED']);
  });
});
