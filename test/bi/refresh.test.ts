import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createBatches } from '../../src/bi/refresh/batches.ts';
import { openRefresher, type Refresher, type RefreshOptions } from '../../src/bi/refresh/refresher.ts';
import { openDuckDb } from '../../src/bi/store/duckdb.ts';
import type { Store } from '../../src/bi/store/store.ts';
import type { Row } from '../../src/bi/model/types.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { useStage } from '../support/gateway.ts';

const stage = useStage({ nowMs: Date.now(), ownedLeagues: 1, joinedLeagues: 1, days: 30 });
const options: RefreshOptions = {
  factsMs: 60_000,
  dimensionsMs: 600_000,
  sweepMs: 3_600_000,
  confirmMs: 0,
  historyDays: 40,
  callsPerSecond: 10_000,
};

let store: Store;
let refresher: Refresher;

async function open(changed: Partial<RefreshOptions> = {}, log = createLog('silent')): Promise<Refresher> {
  return openRefresher(
    { store, planes: stage.gateway.planes, timeZone: 'Asia/Shanghai', log },
    { ...options, ...changed },
  );
}

beforeEach(async () => {
  store = await openDuckDb();
  refresher = await open();
});
afterEach(async () => {
  await refresher.close();
  await store.close();
});

function sql(text: string): Promise<readonly Row[]> {
  return store.all({ text, values: [] });
}

test('pages of a long list are written in batches, those of a short one at once', async () => {
  const written: number[] = [];
  const batches = createBatches((rows: readonly number[]) => Promise.resolve(written.push(rows.length)));
  for (let page = 0; page < 100; page += 1) {
    batches.collect([page]);
    await batches.writeFull();
  }
  await batches.writeRest();
  expect(written).toEqual([1, 2, 4, 8, 16, 32, 32, 5]);
});

describe('a refresh', { timeout: 60_000 }, () => {
  test('keeps all runs, with their jobs, and the service counts the same', async () => {
    await refresher.readAll();
    const { world } = stage.sandbox;
    const [runs] = await sql(
      'SELECT count(*) AS count, count(job_id) AS with_job, count(*) FILTER (finished) AS finished FROM bi_v1.job_instance',
    );
    expect(runs?.['count']).toBe(BigInt(world.instances.length));
    expect(Number(runs?.['with_job'])).toBeGreaterThan(world.instances.length / 2);
    const byDay = await sql(`
      SELECT u.league_id, u."date", u.instance_count, u.succeeded_count, count(i.id) AS counted, count(i.id) FILTER (i.status = 'SUCCEEDED') AS succeeded
      FROM bi_v1.daily_job_usage u LEFT JOIN bi_v1.job_instance i ON i.league_id = u.league_id AND i."date" = u."date"
      GROUP BY ALL`);
    expect(byDay.length).toBeGreaterThan(60);
    expect(byDay.filter((row) => row['instance_count'] !== row['counted'])).toEqual([]);
    expect(byDay.filter((row) => row['succeeded_count'] !== row['succeeded'])).toEqual([]);
    expect(await sql('SELECT * FROM bi_v1.sync_status WHERE as_of IS NULL OR error_code IS NOT NULL')).toEqual([]);
  });

  test('every reference leads to a row', async () => {
    await refresher.readAll();
    const { tables } = await import('../../src/bi/model/tables.ts');
    for (const { name, columns } of Object.values(tables))
      for (const [column, { references }] of Object.entries(columns))
        if (references !== undefined) {
          const lost = `SELECT count(*) AS lost FROM bi_v1.${name} f WHERE f."${column}" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bi_v1.${references} d WHERE d."${tables[references].key}" = f."${column}")`;
          expect([name, column, await sql(lost)]).toEqual([name, column, [{ lost: 0n }]]);
        }
  });

  test('an unchanged world costs at most 2 calls a league and 1 an agent, and changes no row', async () => {
    await stage.sandbox.client.setSpeed(0);
    await refresher.readAll();
    const stamps = ['job_instance', 'audit_event', 'job', 'daily_job_usage'] as const;
    const before = stamps.map((table) => store.stampOf(table));
    const calls = await stage.callsOf(() => refresher.refresh());
    const { leagues, agents } = stage.sandbox.world;
    const total = Object.values(calls).reduce((sum, count) => sum + count, 0);
    expect(total).toBeLessThanOrEqual(2 * leagues.length + agents.length);
    expect(calls['listLeagueInstances']).toBe(leagues.length);
    expect(stamps.map((table) => store.stampOf(table))).toEqual(before);
  });

  test('days that are over are asked for once, ever; a restart goes on where it stopped', async () => {
    await refresher.readAll();
    const again = await open();
    const calls = await stage.callsOf(() => again.readAll());
    await again.close();
    expect(calls['getJobStatistics'] ?? 0).toBeLessThanOrEqual(2 * stage.sandbox.world.leagues.length);
  });

  test('the first read of a league looks up no run, and the next one those of one page', async () => {
    const all = vi.spyOn(store, 'all');
    const lookups = () => all.mock.calls.filter(([{ text }]) => /job_instance" WHERE id IN/.test(text)).length;
    await refresher.refresh();
    expect(lookups()).toBe(0);
    await refresher.refresh();
    expect(lookups()).toBe(stage.sandbox.world.leagues.length);
  });

  test('what the service tells no time of stays on the day on which it was first read', async () => {
    const { world } = stage.sandbox;
    const run = world.instances.find(({ status }) => status === 'TERMINATED');
    const job = world.jobs[0];
    if (run === undefined || job === undefined) throw new Error('there is no such run or job');
    Object.assign(run, { startedAtMs: undefined, endedAtMs: undefined });
    Object.assign(job, { createdAtMs: undefined });
    const rows = async () =>
      await Promise.all(
        [
          ['job_instance', run.id],
          ['job', job.id],
        ].map(([table, id]) => sql(`SELECT "date", updated_at FROM bi_v1.${table} WHERE tics_id = '${id}'`)),
      );
    await refresher.refresh();
    const first = await rows();
    expect(first.flat()).toHaveLength(2);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 86_400_000 });
    try {
      await refresher.sweep();
      expect(await rows()).toEqual(first);
    } finally {
      vi.useRealTimers();
    }
  });

  test('one that is closed while it refreshes reads no history, and says nothing', async () => {
    const lines: string[] = [];
    const closing = await open({}, pino({ level: 'info' }, { write: (line) => void lines.push(line) }));
    await stage.sandbox.client.clearCalls();
    closing.start();
    await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagueInstances' });
    await closing.close();
    expect(lines).toEqual([]);
  });

  test('a run that ends is one row and two states', async () => {
    await refresher.refresh();
    const [running] = await sql("SELECT id, tics_id FROM bi_v1.job_instance WHERE status = 'RUNNING' LIMIT 1");
    const id = String(running?.['id']);
    await stage.sandbox.client.setInstanceStatus(String(running?.['tics_id']), 'FAILED');
    await refresher.refresh();
    expect(
      await sql(`SELECT status, finished, duration_ms > 0 AS took FROM bi_v1.job_instance WHERE id = '${id}'`),
    ).toEqual([{ status: 'FAILED', finished: true, took: true }]);
    const events = await sql(
      `SELECT status FROM bi_v1.job_instance_status_event WHERE job_instance_id = '${id}' ORDER BY occurred_at, status`,
    );
    expect(events.map(({ status }) => status).sort()).toEqual(['FAILED', 'NEW', 'RUNNING']);
  });

  test('what is gone is marked when two whole reads missed it, and not by a failed one', async () => {
    await refresher.refresh();
    const { world } = stage.sandbox;
    const dataset = world.leagues.flatMap(({ id }) => world.datasetsOfLeague(id))[0];
    if (dataset === undefined) throw new Error('there is no dataset');
    const deleted = async () =>
      (await sql('SELECT tics_id FROM bi_v1.dataset WHERE deleted_at IS NOT NULL')).map((row) => row['tics_id']);
    await stage.sandbox.client.setRules([
      { operationId: 'listLeagueDatasets', fault: { kind: 'status', status: 500 } },
    ]);
    await refresher.sweep();
    await refresher.sweep();
    expect(await deleted()).toEqual([]);
    await stage.sandbox.client.clearRules();
    world.removeDataset(dataset.id);
    await refresher.sweep();
    expect(await deleted()).toEqual([]);
    await refresher.sweep();
    expect(await deleted()).toEqual([dataset.id]);
  });

  test('a plane that is away costs freshness, not rows', async () => {
    await refresher.readAll();
    const asOf = refresher.asOf('audit_event', 'ALL');
    const [before] = await sql('SELECT count(*) AS count FROM bi_v1.audit_event');
    await stage.sandbox.client.setRules([{ operationId: 'listAuditEvents', fault: { kind: 'status', status: 500 } }]);
    await refresher.refresh();
    expect(await sql('SELECT count(*) AS count FROM bi_v1.audit_event')).toEqual([before]);
    expect(refresher.asOf('audit_event', 'ALL')).toBe(asOf);
    const status = await sql(
      "SELECT DISTINCT error_code, as_of < attempted_at AS is_late FROM bi_v1.sync_status WHERE table_name = 'audit_event'",
    );
    expect(status).toEqual([{ error_code: 'UPSTREAM_FAILED', is_late: true }]);
  });
});
