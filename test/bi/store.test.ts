import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Parameters } from '../../src/bi/query/compile.ts';
import { rowsOf, sliceOf, type Slice } from '../../src/bi/query/relation.ts';
import { tables } from '../../src/bi/model/tables.ts';
import type { Row, Value } from '../../src/bi/model/types.ts';
import { openDuckDb } from '../../src/bi/store/duckdb.ts';
import type { Store } from '../../src/bi/store/store.ts';
import { makeDirectory } from '../support/directory.ts';

const table = tables.league;
const created = '2026-01-01T00:00:00.000Z';
let store: Store;

beforeEach(async () => {
  store = await openDuckDb();
});
afterEach(() => store.close());

function league(id: string, values: Row = {}): Row {
  return { id, name: id, created_at: created, ...values };
}

async function read(slice: Partial<Slice> = {}, snapshot = store.stamp()): Promise<readonly (readonly Value[])[]> {
  const parameters = new Parameters(store.engine);
  const relation = rowsOf(table, { leagues: 'ALL', snapshot, asOf: created, readAt: created }, parameters);
  const order = [
    { column: 'updated_at', descending: false },
    { column: 'id', descending: false },
  ];
  const rows: (readonly Value[])[] = [];
  for await (const chunk of store.read(sliceOf(relation, { columns: ['id', 'name'], order, ...slice }, parameters)))
    rows.push(...chunk);
  return rows;
}

describe('the embedded store', () => {
  test('rows that are the same are not touched', async () => {
    await store.write([{ table, rows: [league('a'), league('b')], mode: 'UPSERT' }]);
    const stamp = store.stamp();
    expect(await store.write([{ table, rows: [league('a'), league('b')], mode: 'UPSERT' }])).toEqual(
      new Map([['league', 0]]),
    );
    expect(store.stamp()).toBe(stamp);
    expect(await store.write([{ table, rows: [league('a', { name: 'A' })], mode: 'UPSERT' }])).toEqual(
      new Map([['league', 1]]),
    );
    expect(store.stamp() > stamp).toBe(true);
  });

  test('a snapshot shows what was there, whatever is written since', async () => {
    await store.write([{ table, rows: [league('a'), league('b')], mode: 'UPSERT' }]);
    const snapshot = store.stamp();
    await store.write([{ table, rows: [league('a', { name: 'A' }), league('c')], mode: 'UPSERT' }]);
    await store.write([{ table, rows: [league('a', { name: 'AA' })], mode: 'UPSERT' }]);
    await store.write([{ table, rows: [league('b')], mode: 'DELETE' }]);
    expect(await read({}, snapshot)).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ]);
    expect(await read({ columns: ['id', 'name', 'deleted_at'] })).toEqual([
      ['c', 'c', null],
      ['a', 'AA', null],
      ['b', 'b', store.stamp()],
    ]);
  });

  test('1,000 rows with 100 a timestamp, in pages of 150: all 1,000, each once', async () => {
    for (let batch = 0; batch < 10; batch++)
      await store.write([
        { table, rows: Array.from({ length: 100 }, (_, index) => league(`${batch}-${index}`)), mode: 'UPSERT' },
      ]);
    const snapshot = store.stamp();
    const seen: Value[] = [];
    let after: readonly Value[] | undefined;
    for (;;) {
      const page = await read({ columns: ['id', 'updated_at'], limit: 150, after }, snapshot);
      seen.push(...page.map(([id = null]) => id));
      // Rows change and come while the walk is under way.
      await store.write([
        {
          table,
          rows: [league(`new-${seen.length}`), league(String(seen[0]), { name: `${seen.length}` })],
          mode: 'UPSERT',
        },
      ]);
      if (page.length < 150) break;
      const [id = null, at = null] = page.at(-1) ?? [];
      after = [at, id];
    }
    expect(seen.length).toBe(1000);
    expect(new Set(seen).size).toBe(1000);
  });

  test('a source that does not tell a column keeps its value; a known row comes back from deletion', async () => {
    const job = (values: Row): Row => ({
      id: 'l/j',
      league_id: 'l',
      tics_id: 'j',
      name: 'j',
      created_at: created,
      ...values,
    });
    await store.write([{ table: tables.job, rows: [job({ type: 'SQL' })], mode: 'UPSERT' }]);
    await store.write([{ table: tables.job, rows: [job({ type: null })], mode: 'UPSERT' }]);
    await store.write([{ table: tables.job, rows: [{ id: 'l/j' }], mode: 'DELETE' }]);
    await store.write([{ table: tables.job, rows: [job({ name: 'k' })], mode: 'UPSERT' }]);
    await store.write([{ table: tables.job, rows: [{ id: 'l/j', approval_status: 'NEW' }], mode: 'UPDATE' }]);
    await store.write([{ table: tables.job, rows: [job({ name: 'other' })], mode: 'INSERT' }]);
    expect(
      await store.all({ text: 'SELECT name, type, approval_status, deleted_at FROM bi_v1.job', values: [] }),
    ).toEqual([{ name: 'k', type: 'SQL', approval_status: 'NEW', deleted_at: null }]);
  });

  test('a write that fails leaves nothing behind', async () => {
    await store.write([{ table, rows: [league('a')], mode: 'UPSERT' }]);
    const bad = { table: tables.job, rows: [{ id: 'x', created_at: created }], mode: 'UPSERT' } as const;
    await expect(store.write([{ table, rows: [league('b')], mode: 'UPSERT' }, bad])).rejects.toThrow();
    expect(await read()).toEqual([['a', 'a']]);
  });

  test('the engine reaches no file, and its configuration is locked', async () => {
    const run = (text: string) => store.all({ text, values: [] });
    await expect(run("SELECT * FROM read_csv('/etc/passwd')")).rejects.toThrow(/disabled by configuration/);
    await expect(run("COPY (SELECT 1) TO '/tmp/bi-x.csv'")).rejects.toThrow(/disabled by configuration/);
    await expect(run('SET enable_external_access = true')).rejects.toThrow(/locked|Cannot/);
    await expect(run("ATTACH '/tmp/bi-x.db'")).rejects.toThrow();
    await expect(run('INSTALL httpfs')).rejects.toThrow();
  });

  test('a file of an earlier version gets the columns that came since', async () => {
    const directory = makeDirectory();
    const path = join(directory, 'bi.duckdb');
    await (await openDuckDb({ path })).close();
    const older = await DuckDBInstance.create(path);
    const connection = await older.connect();
    for (const schema of ['bi_v1', 'bi_v1_past'])
      await connection.run(`ALTER TABLE ${schema}.sync_status DROP COLUMN watermark`);
    connection.closeSync();
    older.closeSync();
    const opened = await openDuckDb({ path });
    const row = { id: 'job/a', table_name: 'job', league_id: 'a', row_count: 0n, created_at: created };
    await opened.write([{ table: tables.sync_status, rows: [{ ...row, watermark: created }], mode: 'UPSERT' }]);
    const kept = await opened.all({ text: 'SELECT watermark FROM bi_v1.sync_status', values: [] });
    await opened.close();
    expect(kept).toEqual([{ watermark: created }]);
  });

  test('a query ends with its reader', async () => {
    const leaving = new AbortController();
    const endless = store.read(
      { text: 'SELECT count(*) FROM range(100000000000) a, range(1000) b', values: [] },
      leaving.signal,
    );
    const reading = (async () => {
      for await (const chunk of endless) void chunk;
    })();
    setTimeout(() => leaving.abort(new Error('left')), 50);
    await expect(reading).rejects.toThrow('left');
  });
});
