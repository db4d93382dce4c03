import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBi, type Bi } from '../../src/bi/bi.ts';
import { tables } from '../../src/bi/model/tables.ts';
import { parseConfig } from '../../src/config/config.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { postgresBin, startPostgres, type PostgresServer } from '../support/postgres.ts';

// Needs Debian's package postgresql.
describe.skipIf(postgresBin === undefined)('tables in a Postgres', { timeout: 60_000 }, () => {
  const stage = useStage({ nowMs: Date.now() });
  let postgres: PostgresServer;
  let bi: Bi;
  let server: GatewayServer;
  let client: pg.Client;

  const open = () => {
    const gateway = gatewayFor(configFor(stage.sandbox));
    const opened = openBi({
      config: {
        ...parseConfig('', { DATABASE_URL: postgres.url }, 'none').bi,
        historyDays: 30,
        callsPerSecond: 10_000,
      },
      dataDirectory: 'none',
      timeZone: 'Asia/Shanghai',
      planes: gateway.planes,
      identify: gateway.identify,
      log: createLog('fatal'),
    });
    return { gateway, opened };
  };

  beforeAll(async () => {
    postgres = await startPostgres(postgresBin ?? '');
    const { gateway, opened } = open();
    bi = await opened;
    server = await startServer(gateway, { host: '127.0.0.1', port: 0, bi: bi.handle });
    await stage.sandbox.client.setSpeed(0);
    await bi.refresher.readAll();
    client = new pg.Client(postgres.url);
    await client.connect();
  }, 90_000);
  afterAll(async () => {
    await client.end();
    await server.close();
    await bi.close();
    await postgres.close();
  });

  const rows = async (text: string) => (await client.query<Readonly<Record<string, unknown>>>(text)).rows;
  const get = async (path: string) => {
    const response = await fetch(`${server.url}${path}`);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`);
    return text;
  };
  const json = async (path: string) => JSON.parse(await get(path)) as Readonly<Record<string, unknown>>;

  test('hold the same as OData and feeds say, keys and comments included', async () => {
    const { instances } = stage.sandbox.world;
    expect(await rows('SELECT count(*)::int AS runs, sum(duration_ms)::text AS total FROM bi_v1.job_instance')).toEqual(
      [{ runs: instances.length, total: expect.any(String) as string }],
    );
    const [sums] = await rows('SELECT sum(duration_ms)::text AS total FROM bi_v1.job_instance');
    const { value } = await json('/odata/v4/job_instance?$apply=aggregate(duration_ms%20with%20sum%20as%20total)');
    expect(String((value as { total: number }[])[0]?.total)).toBe(sums?.['total']);
    const lines = (await get('/bi/v1/job_instance.csv')).trim().split('\r\n');
    expect(lines.length).toBe(instances.length + 1);
    const references = Object.values(tables).flatMap(({ columns }) =>
      Object.values(columns).filter((column) => column.references !== undefined),
    );
    const [constraints] = await rows(
      "SELECT count(*) FILTER (WHERE contype = 'p')::int AS keys, count(*) FILTER (WHERE contype = 'f')::int AS links FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace WHERE nspname = 'bi_v1'",
    );
    expect(constraints).toEqual({ keys: Object.keys(tables).length, links: references.length });
    const [comment] = await rows("SELECT col_description('bi_v1.job_instance'::regclass, 1) AS text");
    expect(comment?.['text']).toContain('联盟');
  });

  test('answer filters, pages and groups like the embedded engine', async () => {
    const failed = stage.sandbox.world.instances.filter(({ status }) => status === 'FAILED').length;
    const counted = async (filter: string) =>
      Number(
        (await json(`/odata/v4/job_instance?$count=true&$top=0&$filter=${encodeURIComponent(filter)}`))['@odata.count'],
      );
    expect(await counted("status eq 'FAILED' and year(started_at) gt 2000")).toBe(failed);
    expect(await counted("endswith(tolower(status), 'led') and startswith(status, 'F')")).toBe(failed);
    expect(await counted("date(started_at) in (2000-01-01) or status in ('FAILED', null)")).toBe(failed);
    expect(await counted('duration_ms div 1000 mod 7 ge 0 or duration_ms eq null')).toBe(
      stage.sandbox.world.instances.length,
    );
    const ids: unknown[] = [];
    for (
      let next: string | undefined = '/odata/v4/job_instance?$orderby=ended_at%20desc&$select=id';
      next !== undefined;
    ) {
      const response = await fetch(`${server.url}${next}`, { headers: { prefer: 'maxpagesize=400' } });
      const page = (await response.json()) as { value: readonly { id: string }[]; '@odata.nextLink'?: string };
      ids.push(...page.value.map(({ id }) => id));
      next = page['@odata.nextLink']?.slice(server.url.length);
      await bi.refresher.refresh();
    }
    expect(new Set(ids).size).toBe(stage.sandbox.world.instances.length);
    expect(ids.length).toBe(stage.sandbox.world.instances.length);
    expect(await get('/bi')).toContain('SUCCEEDED');
    expect((await get('/bi/v1/daily_job_usage.parquet')).slice(0, 4)).toBe('PAR1');
  });

  test('hold names with a NUL, which Postgres has not', async () => {
    const league = stage.sandbox.world.leagues[0]?.id ?? '';
    const agent = stage.sandbox.world.agents.find(
      ({ leagueId, nodeStatus }) => leagueId === league && nodeStatus === 'TRUST',
    );
    const gateway = gatewayFor(configFor(stage.sandbox));
    const input = { leagueId: league, agentId: agent?.id, name: 'null\u0000byte' };
    await askGateway(gateway, 'mutation ($input: CreateSqlJobInput!) { createSqlJob(input: $input) { jobId } }', {
      input,
    });
    await gateway.close();
    await bi.refresher.readAll();
    expect(await rows("SELECT name FROM bi_v1.job WHERE name LIKE 'null%'")).toEqual([{ name: 'null\ufffdbyte' }]);
    const filter = encodeURIComponent("name eq 'null\u0000byte'");
    expect(await json(`/odata/v4/job?$filter=${filter}&$select=name`)).toMatchObject({
      value: [{ name: 'null\ufffdbyte' }],
    });
  });

  test('are still there after a restart, which asks for no day again', async () => {
    const { opened } = open();
    const again = await opened;
    const calls = await stage.callsOf(() => again.refresher.readAll());
    await again.close();
    expect(calls['getJobStatistics'] ?? 0).toBeLessThanOrEqual(2 * stage.sandbox.world.leagues.length);
  });
});
