import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openRefresher, type Refresher } from '../../src/bi/refresh/refresher.ts';
import { tables } from '../../src/bi/model/tables.ts';
import type { Table } from '../../src/bi/model/types.ts';
import { openPostgres } from '../../src/bi/store/postgres.ts';
import type { Store, TableChange } from '../../src/bi/store/store.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { useStage } from '../support/gateway.ts';
import { required } from '../support/required.ts';
import { overEvents, serve } from '../support/subscribe.ts';
import { postgresBin, startPostgres, type PostgresServer } from '../support/postgres.ts';

const within = { timeout: 20_000 };

// Needs Debian's package postgresql.
describe.skipIf(postgresBin === undefined)('gateways that share a Postgres', { timeout: 60_000 }, () => {
  const stage = useStage({ nowMs: Date.now(), days: 5 });
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
        factsMs: 3_600_000,
        dimensionsMs: 3_600_000,
        sweepMs: 3_600_000,
        confirmMs: 0,
        historyDays: 3,
        callsPerSecond: 10_000,
      },
    );
    const one = { store, refresher };
    opened.push(one);
    return one;
  };
  const holders = () => opened.map(({ store }) => store.lease.isHeld());
  const asOf = ({ refresher }: { readonly refresher: Refresher }) => refresher.asOf('job_instance', 'ALL');

  const waiting = (which: string) =>
    expect
      .poll(async () => (await admin.query(`SELECT 1 FROM pg_locks WHERE NOT granted AND ${which}`)).rowCount, within)
      .toBe(1);
  /** The session of whoever refreshes. */
  const holder = async () => {
    const text = `SELECT pid, classid::bigint::int AS kind, objid::bigint::int AS object
      FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid <> 0`;
    const { rows } = await admin.query<{ pid: number; kind: number; object: number }>(text);
    expect(rows).toHaveLength(1);
    return required(rows[0], 'session that holds the lease');
  };
  /** A network that breaks, as the server sees it. The server answers when the session is gone. */
  const endHolder = async () => {
    const { pid } = await holder();
    const { rows } = await admin.query('SELECT pg_terminate_backend($1, 30000) AS ended', [pid]);
    expect(rows).toEqual([{ ended: true }]);
  };
  /** Waits for the lease, and has it as soon as it is free. */
  const nextHolder = async () => {
    const { kind, object } = await holder();
    const client = new pg.Client(postgres.url);
    await client.connect();
    const holds = client.query('SELECT pg_advisory_lock($1, $2)', [kind, object]);
    await waiting("locktype = 'advisory'");
    return { client, holds };
  };

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

  test('states that the other polls are kept, and what readers of the tables notify is not', async () => {
    const [one, other] = [await open(), await open()];
    await one.refresher.refresh();
    await expect.poll(() => asOf(other), within).toBe(asOf(one));
    const server = await serve(stage.sandbox, { onRuns: (runs) => other.refresher.onRuns(runs) });
    const client = overEvents(server.url);
    const run = required(
      stage.sandbox.world.instances.find(({ status }) => status === 'RUNNING'),
      'run under way',
    );
    const key = `${run.leagueId}/${run.id}`;
    const answers = client.ask<{ readonly event: { readonly status: string } }>({
      query: 'subscription ($id: ID!) { event: instanceStatus(id: $id) { status } }',
      variables: { id: `Instance:${key}` },
    });
    const statuses = async (store: Store) => {
      const text = `SELECT status FROM bi_v1.job_instance_status_event WHERE job_instance_id = '${key}' ORDER BY status`;
      return (await store.all({ text, values: [] })).map(({ status }) => status);
    };
    await admin.query("CREATE ROLE forger LOGIN PASSWORD 'forger'");
    const forger = new pg.Client(postgres.url.replace('owner@', 'forger:forger@'));
    await forger.connect();
    const forged = { leagueId: run.leagueId, instanceId: run.id, status: 'FORGED', hasTime: false, seenAt: new Date() };
    await forger.query('SELECT pg_notify($1, $2)', ['tics_gateway_bi', `WATCHED ${JSON.stringify(forged)}`]);
    for (const status of ['RUNNING', 'PENDING', 'TERMINATED'] as const) {
      await stage.sandbox.client.setInstanceStatus(run.id, status);
      while (required(await answers.next(), `event of ${status}`).data.event.status !== status);
    }
    await expect.poll(() => statuses(other.store), within).toEqual(['NEW', 'PENDING', 'RUNNING', 'TERMINATED']);
    await expect.poll(() => other.store.stampOf('job_instance'), within).toBe(one.store.stampOf('job_instance'));
    await forger.end();
    client.close();
    await server.close();
  });

  test('the other goes on when the session of the first is gone, which writes no more', async () => {
    const [one, other] = [await open(), await open()];
    await one.refresher.refresh();
    const change = { table: tables.league, rows: [], mode: 'UPSERT' } as const;
    await one.store.write([change]);
    const third = await nextHolder();
    await endHolder();
    await third.holds;
    await expect(one.store.write([change])).rejects.toThrow('Another gateway refreshes these tables.');
    await third.client.end();
    const isWritten = ({ store }: { readonly store: Store }) =>
      store.write([change]).then(
        () => true,
        () => false,
      );
    await expect
      .poll(async () => (await Promise.all([one, other].map(isWritten))).filter(Boolean).length, within)
      .toBe(1);
  });

  test('a write that is under way when the session of the first goes is done before the other writes', async () => {
    const [one, other] = [await open(), await open()];
    await one.refresher.refresh();
    const changeOf = (table: Table): TableChange => ({ table, rows: [{ [table.key]: 'none' }], mode: 'DELETE' });
    await admin.query('BEGIN; LOCK TABLE bi_v1.league IN SHARE MODE');
    const order: string[] = [];
    const writes = [one.store.write([changeOf(tables.league)]).then(() => order.push('one'))];
    await waiting("locktype = 'relation'");
    // The first may be the one that has it next, too.
    const isLeftToOther = async () => other.store.lease.isHeld() || (await endHolder(), false);
    await expect.poll(isLeftToOther, within).toBe(true);
    writes.push(other.store.write([changeOf(tables.dataset)]).then(() => order.push('other')));
    await waiting("locktype = 'advisory'");
    await admin.query('COMMIT');
    await Promise.all(writes);
    expect(order).toEqual(['one', 'other']);
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
