import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Row } from '../../src/bi/model/types.ts';
import { createCalendar } from '../../src/bi/refresh/calendar.ts';
import { createReferringWrites } from '../../src/bi/refresh/references.ts';
import { openRefresher, type Refresher, type RefreshOptions } from '../../src/bi/refresh/refresher.ts';
import { createSource } from '../../src/bi/refresh/source.ts';
import { createUsageReads } from '../../src/bi/refresh/usage.ts';
import { openDuckDb } from '../../src/bi/store/duckdb.ts';
import type { Store } from '../../src/bi/store/store.ts';
import type { Rule } from '../../src/sandbox/client.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { noDeadline } from '../../src/upstream/deadline.ts';
import { useStage } from '../support/gateway.ts';
import { required } from '../support/required.ts';

/** Lists that fail, come short, or stand in for others. 300 runs a league, in three pages. */

vi.setConfig({ testTimeout: 60_000 });

const stage = useStage({ nowMs: Date.now(), days: 5, speed: 0, ownedLeagues: 1, joinedLeagues: 1 });

let store: Store;
let refresher: Refresher;

function open(changed: Partial<RefreshOptions> = {}): Promise<Refresher> {
  return openRefresher(
    { store, planes: stage.gateway.planes, timeZone: 'Asia/Shanghai', log: createLog('silent') },
    {
      factsMs: 60_000,
      dimensionsMs: 600_000,
      sweepMs: 3_600_000,
      confirmMs: 0,
      historyDays: 10,
      callsPerSecond: 10_000,
      ...changed,
    },
  );
}

beforeEach(async () => {
  store = await openDuckDb();
  refresher = await open();
});
afterEach(async () => {
  vi.useRealTimers();
  await refresher.close();
  await store.close();
});

function sql(text: string): Promise<readonly Row[]> {
  return store.all({ text, values: [] });
}

async function deleted(): Promise<readonly unknown[]> {
  return (await sql('SELECT tics_id FROM bi_v1.job_instance WHERE deleted_at IS NOT NULL')).map(
    (row) => row['tics_id'],
  );
}

function league(): string {
  return required(stage.sandbox.world.leagues[0], 'league').id;
}

/** The first page of a league's runs as the space plane answers it, changed. */
async function answered(change: (page: { readonly lists: readonly object[]; readonly total: number }) => object) {
  const { space } = stage.gateway.planes(noDeadline);
  const page = await space.read('listLeagueInstances', {
    path: { league_id: league() },
    query: { offset: 0, limit: 100 },
  });
  return { kind: 'status', status: 200, body: change(page as never) } as const;
}

async function sumOfCalls(work: () => Promise<unknown>): Promise<number> {
  return Object.values(await stage.callsOf(work)).reduce((sum, count) => sum + count, 0);
}

test('a list that fails, comes short or is an agent’s has nothing deleted', async () => {
  await refresher.refresh();
  const space: Rule = { operationId: 'listLeagueInstances', path: league() };
  const later: Rule = { ...space, query: { offset: '100' } };
  const agent: Rule = { operationId: 'listJobInstances', path: league() };
  const away = { kind: 'status', status: 503 } as const;
  const few = await answered(({ lists }) => ({ lists: lists.slice(0, 10), total: 10 }));
  const short = await answered(({ lists, total }) => ({ lists: lists.slice(0, 10), total }));
  const empty = await answered(({ total }) => ({ lists: [], total }));
  const same = await answered((page) => page);
  const lists: Readonly<Record<string, readonly Rule[]>> = {
    'a page in the middle fails': [
      { ...later, fault: away },
      { ...agent, fault: away },
    ],
    'fewer rows than its total': [{ ...space, fault: short }],
    'no rows beside its total': [{ ...space, fault: empty }],
    'the same page again and again': [{ ...space, fault: same }],
    'an agent that knows of a few stands in': [
      { ...space, fault: away },
      { ...agent, fault: few },
    ],
    'an agent stands in from the second page on': [
      { ...later, fault: away },
      { ...agent, fault: few },
    ],
  };
  for (const [why, rules] of Object.entries(lists)) {
    await stage.sandbox.client.setRules(rules);
    for (let time = 0; time < 2; time += 1) await refresher.sweep();
    expect([why, await deleted()]).toEqual([why, []]);
  }
});

test('a run that two whole reads miss is deleted, and there again when the list has it again', async () => {
  const list = async (missing: number) => {
    const fault = await answered(({ lists }) => ({ lists: lists.slice(missing), total: lists.length - missing }));
    await stage.sandbox.client.setRules([{ operationId: 'listLeagueInstances', path: league(), fault }]);
  };
  const first = required(stage.sandbox.world.instancesOfLeague(league())[0], 'run').id;
  await list(0);
  await refresher.refresh();
  await stage.sandbox.client.clearRules();
  await list(1);
  await refresher.sweep();
  expect(await deleted()).toEqual([]);
  await refresher.sweep();
  expect(await deleted()).toEqual([first]);
  await stage.sandbox.client.clearRules();
  await list(0);
  await refresher.refresh();
  expect(await deleted()).toEqual([]);
});

test('an unchanged world costs at most 2 calls a league and 1 an agent, with old runs under way and a log longer than the history', async () => {
  const { leagues, agents } = stage.sandbox.world;
  for (const { id } of leagues)
    for (const run of stage.sandbox.world.instancesOfLeague(id).slice(150, 154))
      await stage.sandbox.client.setInstanceStatus(run.id, 'RUNNING');
  await refresher.refresh();
  expect(await sumOfCalls(() => refresher.refresh())).toBeLessThanOrEqual(2 * leagues.length + agents.length);
  await refresher.close();
  await store.close();
  store = await openDuckDb();
  refresher = await open({ historyDays: 1 });
  await refresher.refresh();
  expect(await sumOfCalls(() => refresher.refresh())).toBeLessThanOrEqual(2 * leagues.length + agents.length);
});

test('a league that the configuration leaves out makes no answer older, and comes back without its history asked again', async () => {
  await refresher.readAll();
  await refresher.close();
  const left = league();
  const others = stage.sandbox.world.leagues.map(({ id }) => id).filter((id) => id !== left);
  const statuses = async () =>
    (await sql("SELECT DISTINCT league_id FROM bi_v1.sync_status WHERE league_id <> '*' AND deleted_at IS NULL")).map(
      (row) => row['league_id'],
    );
  const before = new Date().toISOString();
  refresher = await open({ leagues: others });
  await refresher.refresh();
  expect((await statuses()).sort()).toEqual([...others].sort());
  for (const table of ['job_instance', 'audit_event', 'daily_job_usage'] as const)
    expect(String(refresher.asOf(table, 'ALL')) >= before).toBe(true);
  await refresher.close();
  refresher = await open();
  const { getJobStatistics = 0 } = await stage.callsOf(() => refresher.readAll());
  expect(getJobStatistics).toBeLessThanOrEqual(2 * stage.sandbox.world.leagues.length);
  expect(await statuses()).toContain(left);
});

test('a day that closes while its figures of today are read stays closed', async () => {
  await refresher.refresh();
  const calendar = createCalendar('Asia/Shanghai');
  const usage = createUsageReads({
    store,
    write: createReferringWrites(store),
    source: () => createSource(stage.gateway.planes(noDeadline)),
    context: () => ({ calendar, readAt: new Date().toISOString() }),
    historyDays: 3,
  });
  // 00:04:59 in Shanghai: yesterday closes five minutes after its midnight.
  const yesterday = calendar.before(calendar.dayOf(Date.now()), 1);
  const closingMs = Date.parse(`${yesterday}T16:05:00Z`);
  vi.useFakeTimers({ now: closingMs - 1_000, toFake: ['Date'] });
  await stage.sandbox.client.clearCalls();
  await stage.sandbox.client.setRules([{ operationId: 'getJobStatistics', times: 2, latencyMs: 1_000 }]);
  const today = usage.readToday(league());
  await stage.sandbox.client.waitForCalls(2, { operationId: 'getJobStatistics' });
  vi.setSystemTime(closingMs + 1_000);
  const signal = new AbortController().signal;
  await usage.readHistory(league(), await usage.pending(league(), null), { signal, onProgress: () => undefined });
  await today;
  expect(await sql(`SELECT final FROM bi_v1.daily_job_usage WHERE id = '${league()}/${yesterday}'`)).toEqual([
    { final: true },
  ]);
  expect(await usage.pending(league(), null)).toEqual([]);
});
