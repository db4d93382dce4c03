import { describe, expect, test } from 'vitest';
import { tableNames } from '../../src/bi/model/types.ts';
import { useBi } from './stage.ts';

const stage = useBi();

interface Page {
  readonly '@odata.context': string;
  readonly '@odata.count'?: number | string;
  readonly '@odata.nextLink'?: string;
  readonly value: readonly Readonly<Record<string, unknown>>[];
}

function set(table: string, query: Readonly<Record<string, string>> = {}): string {
  const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `/odata/v4/${table}${text.length > 0 ? `?${text.join('&')}` : ''}`;
}

function page(
  query: Readonly<Record<string, string>>,
  headers?: Readonly<Record<string, string>>,
  table = 'job_instance',
): Promise<Page> {
  return stage.json<Page>(set(table, query), headers);
}

async function walk(path: string, headers: Readonly<Record<string, string>> = {}): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const answer: Page = await stage.json<Page>(next, headers);
    pages.push(answer);
    next = answer['@odata.nextLink']?.slice(stage.url.length);
  }
  return pages;
}

describe('OData', () => {
  test('the service document lists all tables, and the metadata has their keys', async () => {
    const { value } = await stage.json<Page>('/odata/v4/');
    expect(value.map(({ name }) => name)).toEqual([...tableNames]);
    for (const accept of ['application/json', 'application/xml', '*/*']) {
      const response = await stage.get('/odata/v4/$metadata', { accept });
      expect(response.headers.get('content-type')).toBe('application/xml');
      const xml = await response.text();
      expect(xml).toContain('<Property Name="id" Type="Edm.String" Nullable="false">');
      expect(xml).not.toMatch(/MaxLength|Precision|Scale|NavigationProperty|Collection\(/);
      expect([...xml.matchAll(/Term="([^"]+)"/g)].every(([, term]) => term === 'Org.OData.Core.V1.Description')).toBe(
        true,
      );
    }
  });

  test.each([
    ['job_instance_status_event', {}],
    ['job_instance_status_event', { $orderby: 'status desc,occurred_at', $select: 'id,observed', $count: 'true' }],
    ['job_instance_status_event', { $filter: 'observed eq false', $top: '2500' }],
    ['job_instance', { $orderby: 'ended_at desc', $compute: 'duration_ms div 1000 as seconds' }],
    ['job_instance', { $skip: '50' }],
  ])('long pages, which the engine writes, hold what short ones hold: %s %j', async (table, query) => {
    const rowsOf = async (size: number) => {
      const pages = await walk(set(table, query), { prefer: `maxpagesize=${size}` });
      return { sizes: pages.map(({ value }) => value.length), rows: pages.flatMap(({ value }) => value) };
    };
    const [long, short] = [await rowsOf(1_200), await rowsOf(500)];
    expect(long.rows).toEqual(short.rows);
    expect([long.sizes[0], short.sizes[0]]).toEqual([1_200, 500]);
    if ('$top' in query) expect(long.rows.length).toBe(2_500);
  });

  test('an empty answer is an empty list; null properties are written', async () => {
    const none = await page({ $filter: "status eq 'NOTHING'" });
    expect(none.value).toEqual([]);
    const [row] = (await page({ $top: '1' })).value;
    expect(Object.keys(row ?? {})).toEqual(expect.arrayContaining(['deleted_at', 'data_as_of', 'job_id']));
    expect(row?.['deleted_at']).toBe(null);
  });

  test('filters compare, search, and know null', async () => {
    const { world } = stage.sandbox;
    const counted = async ($filter: string) =>
      Number((await page({ $filter, $count: 'true', $top: '0' }))['@odata.count']);
    const all = world.instances.length;
    const failed = world.instances.filter(({ status }) => status === 'FAILED').length;
    expect(await counted("status eq 'FAILED'")).toBe(failed);
    expect(await counted("status ne 'FAILED'")).toBe(all - failed);
    expect(await counted("not (status eq 'FAILED')")).toBe(all - failed);
    expect(await counted("status in ('FAILED','TERMINATED')")).toBe(
      world.instances.filter(({ status }) => ['FAILED', 'TERMINATED'].includes(status)).length,
    );
    expect(await counted("contains(tolower(status), 'fail') and finished")).toBe(failed);
    expect((await counted('ended_at eq null')) + (await counted('ended_at ne null'))).toBe(all);
    expect((await counted('duration_ms lt 1000')) + (await counted('not (duration_ms lt 1000)'))).toBe(all);
    expect((await counted('ended_at in (null)')) + (await counted('ended_at gt 2000-01-01T00:00:00Z'))).toBe(all);
  });

  test('days and instants, with any offset, encoded or not', async () => {
    const counted = async ($filter: string) => (await page({ $filter, $count: 'true', $top: '0' }))['@odata.count'];
    const [row] = (await page({ $filter: 'finished', $top: '1' })).value;
    const at = new Date(String(row?.['started_at']));
    const local = new Date(at.getTime() + 3_600_000).toISOString().replace('Z', '+01:00');
    const utc = await counted(`started_at ge ${at.toISOString()}`);
    expect(await counted(`started_at ge ${local}`)).toBe(utc);
    const raw = await stage.json<Page>(`/odata/v4/job_instance?$count=true&$top=0&$filter=started_at%20ge%20${local}`);
    expect(raw['@odata.count']).toBe(utc);
    const day = String(row?.['date']);
    expect(await counted(`date eq ${day}`)).toBe(
      await counted(`date ge ${day}T00:00:00Z and date le ${day}T00:00:00Z`),
    );
    expect(await counted(`date(started_at) eq ${at.toISOString().slice(0, 10)}`)).toBe(
      await counted(
        `year(started_at) eq ${at.getUTCFullYear()} and month(started_at) eq ${at.getUTCMonth() + 1} and day(started_at) eq ${at.getUTCDate()}`,
      ),
    );
  });

  test.each([
    ['odata.maxpagesize=1', 1],
    ['maxpagesize=2;foo', 2],
    ['return=minimal, odata.maxpagesize="3"', 3],
    ['odata.maxpagesize=99999999999999999999', undefined],
    ['odata.maxpagesize=abc', undefined],
    ['odata.maxpagesize=0', undefined],
    ['odata.maxpagesize=-5', undefined],
    ['notmaxpagesize=4', undefined],
  ])('a page has as many rows as are preferred, or its own: %s', async (prefer, rows) => {
    const answer = await page({ $select: 'id', $top: '7' }, { prefer });
    expect([answer.value.length, answer['@odata.nextLink'] !== undefined]).toEqual([rows ?? 7, rows !== undefined]);
  });

  test('in takes one value and a thousand; a column that is selected twice stands once', async () => {
    const counted = async ($filter: string) => (await page({ $filter, $count: 'true', $top: '0' }))['@odata.count'];
    const failed = await counted("status eq 'FAILED'");
    const names = Array.from({ length: 999 }, (_, at) => `'N${at}'`);
    expect(await counted("status in ('FAILED')")).toBe(failed);
    expect(await counted(`status in (${[...names, "'FAILED'"].join(',')})`)).toBe(failed);
    const path = set('league', { $select: 'id,name,id', $top: '1' });
    expect(await (await stage.get(path)).text()).not.toMatch(/"id".*"id"/);
  });

  test('$top is a total: links end there, whatever the size of pages', async () => {
    const pages = await walk(set('job_instance', { $top: '25', $select: 'id' }), { prefer: 'odata.maxpagesize=10' });
    expect(pages.map(({ value }) => value.length)).toEqual([10, 10, 5]);
    const response = await stage.get(set('job_instance', { $top: '25' }), { prefer: 'odata.maxpagesize=10' });
    expect(response.headers.get('preference-applied')).toBe('odata.maxpagesize=10');
  });

  test.each<Readonly<Record<string, string>>>([
    {},
    { $orderby: 'status desc,ended_at' },
    { $orderby: 'ended_at desc', $filter: "status ne 'FAILED'" },
  ])('a walk gives each row once, as many as the count says, while a refresh writes: %o', async (query) => {
    const path = set('job_instance', { $select: 'id,status', $count: 'true', ...query });
    const first = await stage.json<Page>(path, { prefer: 'maxpagesize=200' });
    const { id, status } = stage.sandbox.world.instances.find((run) => run.status === 'RUNNING') ?? {};
    if (id !== undefined && status !== undefined) await stage.sandbox.client.setInstanceStatus(id, 'FAILED');
    await stage.bi.refresher.refresh();
    const rest = await walk(first['@odata.nextLink']?.slice(stage.url.length) ?? '', { prefer: 'maxpagesize=200' });
    const ids = [first, ...rest].flatMap(({ value }) => value.map((row) => row['id']));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(first['@odata.count']);
    expect(rest.every((later) => later['@odata.count'] === first['@odata.count'])).toBe(true);
  });

  test.each(['duration_ms', 'duration_ms desc', 'ended_at', 'ended_at desc', 'deleted_at desc', 'finished desc'])(
    'a walk in pages has the order of a sort, null first or last when descending: %s',
    async ($orderby) => {
      const [column = '', direction] = $orderby.split(' ');
      const sign = direction === 'desc' ? -1 : 1;
      const known = (await page({ $select: `id,${column}` }, { prefer: 'maxpagesize=10000' })).value;
      const compared = (one: unknown, other: unknown): number => {
        if (one === other) return 0;
        if (one === null || other === null) return one === null ? -1 : 1;
        return (one as number) < (other as number) ? -1 : 1;
      };
      const sorted = known.toSorted(
        (one, other) => sign * compared(one[column], other[column]) || compared(one['id'], other['id']),
      );
      const path = set('job_instance', { $orderby: `${$orderby},id`, $select: 'id', $skip: '13' });
      const pages = await walk(path, { prefer: 'maxpagesize=211' });
      expect(pages.flatMap(({ value }) => value.map(({ id }) => id))).toEqual(sorted.slice(13).map(({ id }) => id));
    },
  );

  test('a walk shows one state of the service, also where it is ordered by it', async () => {
    const query = { $orderby: 'data_as_of desc,lag_ms,table_name', $select: 'id,lag_ms,data_as_of' };
    const path = set('sync_status', query);
    const whole = await stage.json<Page>(path);
    const first = await stage.json<Page>(path, { prefer: 'maxpagesize=7' });
    await stage.bi.refresher.refresh();
    const rest = await walk(first['@odata.nextLink']?.slice(stage.url.length) ?? '', { prefer: 'maxpagesize=7' });
    const rows = [first, ...rest].flatMap(({ value }) => value);
    expect(new Set(rows.map((row) => row['data_as_of'])).size).toBe(1);
    expect(rows.map(({ id }) => id).toSorted()).toEqual(whole.value.map(({ id }) => id).toSorted());
  });

  test('whole numbers are numbers, or texts for those who ask: both with all digits', async () => {
    const query = { $filter: 'duration_ms ne null', $top: '1', $count: 'true', $select: 'duration_ms' };
    const plain = await page(query);
    const text = await page(query, { accept: 'application/json;IEEE754Compatible=true' });
    expect(typeof plain.value[0]?.['duration_ms']).toBe('number');
    expect(text.value[0]?.['duration_ms']).toBe(String(plain.value[0]?.['duration_ms']));
    expect(text['@odata.count']).toBe(String(plain['@odata.count']));
    const big = await page({
      $filter: 'duration_ms lt 9223372036854775807 and duration_ms gt -9223372036854775807',
      $count: 'true',
      $top: '0',
    });
    expect(big['@odata.count']).toBe(
      (await page({ $filter: 'duration_ms ne null', $count: 'true', $top: '0' }))['@odata.count'],
    );
  });

  test('$apply filters, groups and aggregates, and what follows works on its result', async () => {
    const { world } = stage.sandbox;
    const groups = await page({
      $apply:
        'filter(finished)/groupby((league_id,status),aggregate($count as runs,duration_ms with sum as total,duration_ms with average as mean,id with countdistinct as ids))',
      $filter: 'runs gt 0',
      $orderby: 'runs desc',
      $count: 'true',
    });
    const finished = world.instances.filter(({ status }) => ['SUCCEEDED', 'FAILED', 'TERMINATED'].includes(status));
    expect(groups.value.reduce((sum, { runs }) => sum + Number(runs), 0)).toBe(finished.length);
    expect(groups['@odata.count']).toBe(groups.value.length);
    expect(groups.value.every(({ runs, ids }) => runs === ids)).toBe(true);
    expect(groups['@odata.context']).toContain('$metadata#job_instance(league_id,status,runs,total,mean,ids)');
    const [total] = (await page({ $apply: 'aggregate(duration_ms with max as longest,$count as runs)' })).value;
    expect(total?.['runs']).toBe(world.instances.length);
    const pages = await walk(set('job_instance', { $apply: 'groupby((date,status))' }), { prefer: 'maxpagesize=50' });
    const keys = pages.flatMap(({ value }) => value.map(({ date, status }) => `${String(date)} ${String(status)}`));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('$apply answers grand totals, counts and the largest groups in one request, as OpenUI5 asks for them', async () => {
    const $apply =
      'filter(finished)/concat(aggregate(duration_ms with sum as grand,$count as runs),groupby((status),aggregate($count as own))/concat(aggregate($count as groups),orderby(own desc)/top(2)))';
    const whole = await page({ $apply, $count: 'true' });
    const [grand, groups, ...largest] = whole.value;
    const { value: all } = await page({
      $apply: 'filter(finished)/groupby((status),aggregate($count as own))',
      $orderby: 'own desc',
    });
    const [{ total } = {}] = (await page({ $apply: 'filter(finished)/aggregate(duration_ms with sum as total)' }))
      .value;
    // Each row has the members of its own sequence.
    expect(grand).toEqual({ grand: total, runs: all.reduce((sum, { own }) => sum + Number(own), 0) });
    expect(groups).toEqual({ groups: all.length });
    expect(largest).toEqual(all.slice(0, 2));
    expect(whole['@odata.count']).toBe(4);
    expect(whole['@odata.context']).toContain('$metadata#job_instance(grand,runs,groups,status,own)');
    const pages = await walk(set('job_instance', { $apply }), { prefer: 'maxpagesize=1' });
    expect(pages.flatMap(({ value }) => value)).toEqual(whole.value);
  });

  test('$apply finds extremes and computes; $compute adds columns to what follows', async () => {
    const { value: slowest } = await page({ $apply: 'topcount(3,duration_ms)', $orderby: 'duration_ms desc' });
    const { value: all } = await page({ $filter: 'duration_ms ne null', $orderby: 'duration_ms desc,id', $top: '3' });
    expect(slowest.map(({ duration_ms: ms }) => ms)).toEqual(all.map(({ duration_ms: ms }) => ms));
    const computed = await page({
      $compute: 'duration_ms div 1000 as seconds,tolower(status) as state',
      $filter: "seconds ge 1 and state eq 'succeeded'",
      $select: 'id,duration_ms,seconds',
      $orderby: 'seconds desc',
      $top: '5',
    });
    expect(computed.value).toHaveLength(5);
    for (const row of computed.value) expect(row['seconds']).toBe(Math.trunc(Number(row['duration_ms']) / 1000));
    expect(computed['@odata.context']).toContain('#job_instance(id,duration_ms,seconds)');
    const byMonth = await page({
      $apply: 'compute(month(started_at) as month)/groupby((month),aggregate($count as runs))',
    });
    expect(byMonth.value.reduce((sum, { runs }) => sum + Number(runs), 0)).toBe(stage.sandbox.world.instances.length);
  });

  test('a row by its key, and a count', async () => {
    const [row] = (await page({ $top: '1' })).value;
    const id = String(row?.['id']);
    const entity = await stage.json(`/odata/v4/job_instance(${encodeURIComponent(`'${id}'`)})`);
    expect(entity).toMatchObject({
      id,
      status: row?.['status'],
      '@odata.context': `${stage.url}/odata/v4/$metadata#job_instance/$entity`,
    });
    expect(await (await stage.get('/odata/v4/job_instance/$count')).text()).toBe(
      `${stage.sandbox.world.instances.length}`,
    );
    for (const [given, status] of [
      ["'none'", 404],
      ["id='none'", 404],
      ["status='none'", 400],
    ] as const)
      expect([given, (await stage.get(`/odata/v4/job_instance(${given})`)).status]).toEqual([given, status]);
    const [day] = (await page({ $top: '1' }, {}, 'date')).value;
    expect(await stage.json(`/odata/v4/date(${String(day?.['date'])})`)).toMatchObject({ date: day?.['date'] });
  });

  test.each([
    ['$expand', '$expand=league', 501],
    ['$search', '$search=x', 501],
    ['topsum', '$apply=topsum(3,duration_ms)', 501],
    ['rollup', '$apply=groupby((rollup(league_id,status)))', 501],
    ['join', '$apply=join(job as j)', 501],
    ['concat', '$apply=concat(top(1),skip(1))/filter(finished)', 501],
    ['concat', '$apply=concat(top(1),skip(1))&$compute=1 as x', 501],
    ['second sequence', '$apply=concat(top(1))', 400],
    ['two types', '$apply=concat(compute(1 as x),compute(true as x))', 400],
    ['one name', '$compute=1 as status', 400],
    ['type', '$compute=null as x', 400],
    ['alias', '$compute=1 as $x', 400],
    ['numbers', '$apply=topcount(3,status)', 400],
    ['whole number', '$apply=top(-1)', 400],
    ['column', '$apply=orderby(nothing)', 400],
    ['aggregate only', '$apply=groupby((status),topcount(1,duration_ms))', 501],
    ['any', '$filter=any(x)', 501],
    ['has', "$filter=status has 'x'", 501],
    ['$nothing', '$nothing=1', 400],
    ['column', '$filter=nothing eq 1', 400],
    ['column', '$orderby=nothing', 400],
    ['column', '$select=id,nothing', 400],
    ['compared', '$filter=status eq 1', 400],
    ['character', "$filter=status eq 'open", 400],
    ['expected', '$filter=(status eq null', 400],
    ['nested', `$filter=${'('.repeat(100)}true${')'.repeat(100)}`, 400],
    ['64 bits', '$filter=duration_ms eq 99999999999999999999', 400],
    ['$top', '$top=-1', 400],
    ['cursor', '$skiptoken=bogus', 400],
    ['$count', '$count=maybe', 400],
    ['day', '$filter=date eq 2026-02-30', 400],
    ['offset', '$filter=created_at ge 2026-01-31T08:00:00', 400],
    ['datetime ', "$filter=created_at ge datetime'2026-01-31T08:00:00'", 501],
    ['guid', '$filter=tics_id eq 12345678-abcd-1234-abcd-123456789012', 501],
    ['INF', '$filter=duration_ms lt INF', 501],
    ['$format', '$format=atom', 501],
    ['twice', '$top=1&$top=2', 400],
    ['twice', '$top=1&%24top=2', 400],
    ['@p', "$filter=id eq @p&@p='x'", 501],
    ['$Filter', '$Filter=true', 400],
  ])('refuses by name: %s in %s', async (named, query, status) => {
    const response = await stage.get(`/odata/v4/job_instance?${query.replaceAll(' ', '%20')}`);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect([response.status, error.message]).toEqual([status, expect.stringContaining(named)]);
    expect(response.headers.get('odata-version')).toBe('4.0');
  });

  test('an answer that is compressed while it is read takes one listener, however many pieces it has', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    await stage.json('/odata/v4/job_instance', { 'accept-encoding': 'gzip' });
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  test('a cursor of another table is refused', async () => {
    const { '@odata.nextLink': next = '' } = await page({}, { prefer: 'maxpagesize=5' });
    const response = await stage.get(next.slice(stage.url.length).replace('job_instance', 'audit_event'));
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('cursor')]);
  });

  test('text can reach no other table', async () => {
    for (const $filter of [
      "status eq ''' OR 1=1 --'",
      "status eq 'x''; DROP TABLE bi_v1.league; --'",
      "contains(status, '%')",
    ])
      expect((await page({ $filter })).value).toEqual([]);
    const response = await stage.get(set('job_instance', { $apply: 'groupby((id"),aggregate($count as n))' }));
    expect(response.status).toBe(400);
    expect((await stage.json<Page>('/odata/v4/league')).value.length).toBe(stage.sandbox.world.leagues.length);
  });

  test('writes are refused', async () => {
    const response = await fetch(`${stage.url}/odata/v4/league`, { method: 'POST', body: '{}' });
    expect([response.status, await response.json()]).toEqual([
      501,
      { error: { code: 'UNSUPPORTED', message: expect.stringContaining('POST') as string } },
    ]);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    const batch = await fetch(`${stage.url}/odata/v4/$batch`, { method: 'POST', body: '{"requests":[]}' });
    expect([batch.status, await batch.text()]).toEqual([501, expect.stringContaining('$batch')]);
  });
});
