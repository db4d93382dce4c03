import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openRefresher, type Refresher } from '../../src/bi/refresh/refresher.ts';
import { tables } from '../../src/bi/model/tables.ts';
import { openPostgres } from '../../src/bi/store/postgres.ts';
import type { Store } from '../../src/bi/store/store.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { useStage } from '../support/gateway.ts';
import { postgresBin, startPostgres, type PostgresServer } from '../support/postgres.ts';

const within = { timeout: 20_000 };

// Needs Debian's package postgresql.
describe.skipIf(postgresBin === undefined)('gateways that share a Postgres', { timeout: 60_000 }, () => {
  const stage = useStage({ nowMs: Date.now() });
  let postgres: PostgresServer;
  let admin: pg.Client;
  const opened: { readonly store: Store; readonly refresher: Refresher }[] = [];

  beforeAll(async () => {
    postgres = await startPostgres(postgresBin ?? '');
    admin = new pg.Client(postgres.url);
    await admin.connect();
    await stage.sandbox.client.setSpeed(0);
  }, 60_000);
  afterEach(async () => {
    for (const { store, refresher } of opened.splice(0)) {
      await refresher.close();
      await store.close();
    }
  });
  afterAll(async () => {
    await admin.end();
    await postgres.close();
  });

  const open = async (planes = stage.gateway.planes) => {
    const store = await openPostgres(postgres.url);
    const refresher = await openRefresher(
      { store, planes, timeZone: 'Asia/Shanghai', log: createLog('silent') },
      {
        ...{ factsMs: 3_600_000, dimensionsMs: 3_600_000, sweepMs: 3_600_000, confirmMs: 0 },
        ...{ historyDays: 3, callsPerSecond: 10_000 },
      },
    );
    const one = { store, refresher };
    opened.push(one);
    return one;
  };
  const holders = () => opened.map(({ store }) => store.lease.isHeld());
  const asOf = ({ refresher }: { readonly refresher: Refresher }) => refresher.asOf('job_instance', 'ALL');

  test('one refreshes, and the other reads what it has written', async () => {
    let reads = 0;
    const one = await open();
    const other = await open((deadline) => {
      reads += 1;
      return stage.gateway.planes(deadline);
    });
    expect(holders()).toEqual([true, false]);
    one.refresher.start();
    other.refresher.start();
    await expect.poll(() => asOf(other), within).not.toBeNull();
    expect(reads).toBe(0);
    expect(asOf(other)).toBe(asOf(one));
    expect(other.store.stampOf('job_instance')).toBe(one.store.stampOf('job_instance'));
  });

  test('a reader of the other has it refreshed there', async () => {
    const [one, other] = [await open(), await open()];
    await one.refresher.refresh();
    const before = asOf(one);
    await other.refresher.refresh();
    expect(asOf(other)).not.toBe(before);
    expect(asOf(other)).toBe(asOf(one));
  });

  test('the other goes on when the session of the first is gone, which writes no more', async () => {
    const [one, other] = [await open(), await open()];
    await one.refresher.refresh();
    const change = { table: tables.league, rows: [], mode: 'UPSERT' } as const;
    await one.store.write([change]);
    const { rows } = await admin.query<{ pid: number }>("SELECT pid FROM pg_locks WHERE locktype = 'advisory'");
    expect(rows).toHaveLength(1);
    // A network that breaks, as the server sees it.
    await admin.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await expect(one.store.write([change])).rejects.toThrow('Another gateway refreshes these tables.');
    const isWritten = ({ store }: { readonly store: Store }) =>
      store.write([change]).then(
        () => true,
        () => false,
      );
    await expect
      .poll(async () => (await Promise.all([one, other].map(isWritten))).filter(Boolean).length, within)
      .toBe(1);
  });

  test('a gateway that stops leaves it to the other', async () => {
    const [one, other] = [await open(), await open()];
    opened.shift();
    await one.refresher.close();
    await one.store.close();
    await expect.poll(() => other.store.lease.isHeld(), within).toBe(true);
    await other.refresher.refresh();
    expect(asOf(other)).not.toBeNull();
  });
});
