import { DuckDBInstance } from '@duckdb/node-api';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tables } from '../../src/bi/model/tables.ts';
import { useBi } from './stage.ts';
import { makeDirectory } from '../support/directory.ts';

const stage = useBi({ world: { days: 40 } }, () => ({ historyDays: 42 }));

async function lines(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const text = await (await stage.get(path)).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

describe('feeds', () => {
  test('CSV has all rows and columns, and says as of when', async () => {
    const response = await stage.get('/bi/v1/job_instance.csv');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(Date.parse(response.headers.get('data-as-of') ?? '')).toBeGreaterThan(Date.now() - 600_000);
    const [head = '', ...rows] = (await response.text()).trimEnd().split('\r\n');
    expect(head.split(',')).toEqual(Object.keys(tables.job_instance.columns));
    expect(rows.length).toBe(stage.sandbox.world.instances.length);
  });

  test('a table without rows keeps its columns', async () => {
    const text = await (
      await stage.get('/bi/v1/job_instance.csv?from=2000-01-01&to=2000-01-02&columns=id,status')
    ).text();
    expect(text).toBe('id,status\r\n');
  });

  test('every format gives the same, and a database reads the Parquet', async () => {
    const directory = makeDirectory();
    const database = await DuckDBInstance.create(':memory:');
    try {
      const connection = await database.connect();
      for (const format of ['csv', 'parquet', 'ndjson']) {
        const response = await stage.get(`/bi/v1/job_instance.${format}`);
        await writeFile(join(directory, `runs.${format}`), Buffer.from(await response.arrayBuffer()));
      }
      const readers = {
        csv: `read_csv('${directory}/runs.csv')`,
        parquet: `read_parquet('${directory}/runs.parquet')`,
        ndjson: `read_json('${directory}/runs.ndjson')`,
      };
      const sums = await Promise.all(
        Object.values(readers).map(async (reader) => {
          const answer = await connection.runAndReadAll(
            `SELECT status, CAST("date" AS VARCHAR) AS day, count(*)::VARCHAR AS runs, sum(duration_ms)::VARCHAR AS total, max(started_at)::TIMESTAMP::VARCHAR AS latest FROM ${reader} GROUP BY ALL ORDER BY ALL`,
          );
          return answer.getRowObjects();
        }),
      );
      expect(sums[0]?.length).toBeGreaterThan(100);
      expect(sums[1]).toEqual(sums[0]);
      expect(sums[2]).toEqual(sums[0]);
      const { value } = await stage.json<{ value: readonly Record<string, unknown>[] }>(
        '/odata/v4/job_instance?$apply=groupby((status,date),aggregate($count%20as%20runs,duration_ms%20with%20sum%20as%20total))',
      );
      const told = value.map(({ status, date, runs, total }) => [
        status,
        date,
        String(runs),
        typeof total === 'number' ? String(total) : null,
      ]);
      expect(told.map((row) => row.map(text).join()).sort()).toEqual(
        (sums[0] ?? []).map(({ status, day, runs, total }) => [status, day, runs, total].map(text).join()).sort(),
      );
    } finally {
      database.closeSync();
    }
  });

  test('a walk in parts gives each row once, and what changed since comes by updated_since', async () => {
    const ids: unknown[] = [];
    let next: string | undefined = '/bi/v1/job_instance.ndjson?limit=400&columns=id,updated_at';
    let snapshot = '';
    while (next !== undefined) {
      const response: Response = await stage.get(next);
      snapshot = response.headers.get('snapshot') ?? '';
      ids.push(
        ...(await response.text())
          .trimEnd()
          .split('\n')
          .map((line) => (JSON.parse(line) as { id: string }).id),
      );
      next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1]?.slice(stage.url.length);
    }
    expect(ids.length).toBe(stage.sandbox.world.instances.length);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await lines(`/bi/v1/job_instance.ndjson?updated_since=${snapshot}`)).toEqual([]);
    const running = stage.sandbox.world.instances.find(({ status }) => status === 'RUNNING');
    await stage.sandbox.client.setInstanceStatus(running?.id ?? '', 'SUCCEEDED');
    await stage.bi.refresher.refresh();
    expect(await lines(`/bi/v1/job_instance.ndjson?updated_since=${snapshot}&columns=tics_id,status`)).toEqual([
      { tics_id: running?.id, status: 'SUCCEEDED' },
    ]);
  });

  test('for Excel, what looks like a formula is text, and times are local', async () => {
    const created = '2026-01-01T20:00:00.000Z';
    const row = { id: 'x', name: '=1+1', creator_name: 'a "b", c', created_at: created };
    await stage.bi.store.write([{ table: tables.league, rows: [row], mode: 'UPSERT' }]);
    const get = async (query: string) =>
      await (
        await stage.get(
          `/bi/v1/league.csv?from=2026-01-01&to=2026-01-02&columns=name,creator_name,version,created_at${query}`,
        )
      ).arrayBuffer();
    expect(Buffer.from(await get('&excel=1')).toString('utf8')).toBe(
      '\ufeffname,creator_name,version,created_at\r\n\'=1+1,"a ""b"", c",,2026-01-02 04:00:00\r\n',
    );
    expect(Buffer.from(await get('')).toString('utf8')).toBe(
      `name,creator_name,version,created_at\r\n=1+1,"a ""b"", c",,${created}\r\n`,
    );
    await stage.bi.store.write([{ table: tables.league, rows: [{ id: 'x' }], mode: 'DELETE' }]);
  });

  test('unchanged rows are not sent again', async () => {
    const first = await stage.get('/bi/v1/dataset.csv');
    await first.text();
    const etag = first.headers.get('etag') ?? '';
    const again = await stage.get('/bi/v1/dataset.csv', { 'if-none-match': etag });
    expect([again.status, await again.text(), again.headers.get('data-as-of')]).toEqual([
      304,
      '',
      first.headers.get('data-as-of'),
    ]);
    // Proxies compress, and then keep what stands in the quotes.
    for (const tags of [etag.slice(2), `"other", ${etag}`, '*'])
      expect((await stage.get('/bi/v1/dataset.csv', { 'if-none-match': tags })).status).toBe(304);
    const other = await stage.get('/bi/v1/dataset.csv?columns=id', { 'if-none-match': etag });
    expect(other.status).toBe(200);
    await other.text();
  });

  test('rows are refreshed first for those who take none that are older', async () => {
    const before = (await stage.get('/bi/v1/audit_event.csv?limit=1')).headers.get('data-as-of') ?? '';
    const calls = await stage.callsOf(async () => {
      await stage.get('/bi/v1/audit_event.csv?limit=1&max_staleness=3600');
    });
    expect(calls).toEqual({});
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Date.parse(before) + 5_100 - Date.now())));
    const after = (await stage.get('/bi/v1/audit_event.csv?limit=1&max_staleness=0')).headers.get('data-as-of') ?? '';
    expect(after > before).toBe(true);
  });

  test("days are the service's, in columns of instants too, and both ends are included", async () => {
    const { createdAt, days } = await (async () => {
      const rows = await lines('/bi/v1/dataset.ndjson?columns=id,created_at');
      const createdAt = rows.map((row) => text(row['created_at'])).toSorted();
      const shanghai = (at: string): string => new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(0, 10);
      return { createdAt, days: createdAt.map(shanghai) };
    })();
    const day = days[Math.floor(days.length / 2)] ?? '';
    const among = async (query: string): Promise<number> => (await lines(`/bi/v1/dataset.ndjson?${query}`)).length;
    expect(await among(`from=${day}&to=${day}`)).toBe(days.filter((other) => other === day).length);
    expect(await among(`to=${day}`)).toBe(days.filter((other) => other <= day).length);
    const at = createdAt[1] ?? '';
    const local = new Date(Date.parse(at) - 5.5 * 3_600_000).toISOString().replace('Z', '-05:30');
    for (const instant of [at, local, encodeURIComponent(local), local.replace('.000', '')])
      expect(await among(`to=${instant}`)).toBe(createdAt.filter((other) => other <= at).length);
    // In a column of days, an instant is the service's day.
    const runs = async (query: string): Promise<number> =>
      (await lines(`/bi/v1/job_instance.ndjson?columns=id&${query}`)).length;
    const { date } = (await lines('/bi/v1/job_instance.ndjson?columns=date&limit=1'))[0] ?? {};
    const yesterday = new Date(Date.parse(text(date)) - 86_400_000).toISOString().slice(0, 10);
    expect(await runs(`from=${yesterday}T17:00:00Z&to=${text(date)}T15:59:59Z`)).toBe(
      await runs(`from=${text(date)}&to=${text(date)}`),
    );
    expect(await runs(`from=${text(date)}&to=${yesterday}`)).toBe(0);
  });

  test.each(['nothing.csv', 'league.xml', 'league'])(
    'there is no feed %s: the answer names those that there are',
    async (name) => {
      const response = await stage.get(`/bi/v1/${name}`);
      const body = await response.text();
      expect([response.status, ['job_instance', '.parquet'].filter((word) => !body.includes(word))]).toEqual([404, []]);
    },
  );

  test.each([
    'columns=nothing',
    'columns=',
    'columns=*',
    'from=yesterday',
    'from=2026-02-30',
    'to=2026-02-30T00:00:00Z',
    'from=2026-01-31T08:00:00',
    'from=',
    'limit=1&limit=2',
    'excel=yes',
    'limit=0',
    'cursor=x',
    'updated_since=1',
    'where=1',
    'max_staleness=soon',
  ])('%s is refused', async (query) => {
    const response = await stage.get(`/bi/v1/league.csv?${query}`);
    expect([response.status, await response.json()]).toEqual([
      400,
      { errors: [expect.objectContaining({ extensions: { code: 'BAD_REQUEST' } })] },
    ]);
  });
});

describe('the page', () => {
  test('shows tables, rows, freshness, a chart and what to paste where, without anything from elsewhere', async () => {
    const response = await stage.get('/bi');
    const html = await response.text();
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const { name, columns } of Object.values(tables)) {
      expect(html).toContain(`<code>${name}</code>`);
      for (const column of Object.keys(columns)) expect(html).toContain(`<code>${column}</code>`);
    }
    expect(html).toContain(
      `<b data-rows="job_instance">${stage.sandbox.world.instances.length.toLocaleString('en')}</b>`,
    );
    expect(html).toMatch(/<rect [^>]*><title>\d{4}-\d{2}-\d{2} SUCCEEDED: \d+<\/title>/);
    expect(html).not.toMatch(/<script|<link|src=|@import|url\(/);
    expect(html).toContain(`${stage.url}/odata/v4/`);
  });

  test('gives the file that Power BI opens', async () => {
    const { connections } = await stage.json<{ connections: readonly { details: unknown }[] }>('/bi/tics.pbids');
    expect(connections[0]?.details).toMatchObject({ protocol: 'odata', address: { url: `${stage.url}/odata/v4/` } });
  });
});
