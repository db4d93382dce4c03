import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDuckDb } from '../../src/bi/store/duckdb.ts';
import type { Statement, Store } from '../../src/bi/store/store.ts';
import { temporaryPath } from '../../src/files.ts';
import { makeDirectory } from '../support/directory.ts';

let directory: string;
let store: Store;

beforeEach(async () => {
  directory = makeDirectory("copies of o'clock-");
  store = await openDuckDb({ path: join(directory, 'bi.duckdb'), queryTimeoutMs: 20_000 });
});
afterEach(async () => {
  await store.close();
});

function copies(): string {
  return join(directory, 'bi.duckdb.copies');
}

/** Rows that fill more than any buffer on their way. */
function rows(count: number): Statement {
  return { text: `SELECT md5(range::VARCHAR) || $1 AS line FROM range(${count})`, values: ['.'] };
}

function copy(statement: Statement, signal: AbortSignal = new AbortController().signal): AsyncIterable<Uint8Array> {
  return store.copy?.(statement, 'LINES', signal) ?? expect.unreachable();
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const read: Uint8Array[] = [];
  for await (const piece of pieces) read.push(piece);
  return Buffer.concat(read).toString();
}

/** Reads the first piece; the copy is under way from then on. */
async function begun(pieces: AsyncIterable<Uint8Array>) {
  const reading = pieces[Symbol.asyncIterator]();
  expect((await reading.next()).done).toBe(false);
  return reading;
}

describe('answers that the embedded engine writes', () => {
  test('are whole, and leave no file', async () => {
    const [many, none] = await Promise.all([textOf(copy(rows(100_000))), textOf(copy(rows(0)))]);
    expect(many.split('\n')).toHaveLength(100_001);
    expect(new Set(many.split('\n')).size).toBe(100_001);
    expect(none).toBe('');
    expect(existsSync(copies())).toBe(false);
  });

  test('have no name any more when the first of them is read: a gateway that is killed leaves nothing', async () => {
    const reading = await begun(copy(rows(1_000_000)));
    expect(await readdir(copies())).toEqual([]);
    await reading.return?.();
  });

  test('end with their reader, and with its key', async () => {
    const key = new AbortController();
    const [one, other] = [await begun(copy(rows(1_000_000))), copy(rows(1_000_000), key.signal)];
    await one.return?.();
    const reading = await begun(other);
    key.abort(new Error('revoked'));
    await expect(
      (async () => {
        while (!(await reading.next()).done);
      })(),
    ).rejects.toThrow('revoked');
    expect(await textOf(copy(rows(1)))).toMatch(/^\w{32}\.\n$/);
    expect(existsSync(copies())).toBe(false);
  });

  test('wait for one another, and other queries do not wait for them', async () => {
    const endless = { text: 'SELECT count(*) AS line FROM range(1000000) a, range(1000000) b', values: [] };
    const reader = new AbortController();
    const ends = Promise.allSettled([textOf(copy(endless, reader.signal)), textOf(copy(endless, reader.signal))]);
    for await (const chunk of store.read(rows(1))) expect(chunk).toHaveLength(1);
    reader.abort(new Error('left'));
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  test('say what went wrong before the first of them', async () => {
    await expect(textOf(copy({ text: "SELECT error('no such luck') AS line", values: [] }))).rejects.toThrow(
      'no such luck',
    );
    expect(existsSync(copies())).toBe(false);
  });

  test('are no more than a few at a time: more would fill the disk', async () => {
    const readings = await Promise.all(Array.from({ length: 8 }, () => begun(copy(rows(300_000)))));
    expect(store.copy?.(rows(1), 'LINES', new AbortController().signal)).toBeUndefined();
    await Promise.all(readings.map(async (reading) => reading.return?.()));
    expect(await textOf(copy(rows(2)))).toHaveLength(2 * 34);
  });

  test('what a gateway that was killed left is deleted', async () => {
    await store.close();
    await mkdir(copies(), { recursive: true });
    await writeFile(join(copies(), 'left'), 'rows');
    store = await openDuckDb({ path: join(directory, 'bi.duckdb') });
    expect(existsSync(copies())).toBe(false);
  });

  test('of a database in memory that a killed gateway left are deleted, and those of running ones are not', async () => {
    await store.close();
    const dead = temporaryPath(spawnSync(process.execPath, ['--version']).pid);
    const earlier = temporaryPath();
    const running = [temporaryPath(), temporaryPath(process.ppid)];
    for (const path of [dead, earlier, ...running]) {
      await mkdir(path);
      await writeFile(join(path, 'left'), 'rows');
    }
    // Of a process that had the same number before this one.
    await utimes(earlier, 0, 0);
    store = await openDuckDb({});
    expect([dead, earlier, ...running].map((path) => existsSync(path))).toEqual([false, false, true, true]);
    for (const path of running) await rm(path, { recursive: true });
  });

  test('of a database in memory stand among temporary files, which they leave', async () => {
    await store.close();
    store = await openDuckDb({});
    const before = await readdir(tmpdir());
    const reading = await begun(copy(rows(1_000_000)));
    expect(await readdir(tmpdir())).toHaveLength(before.length + 1);
    await reading.return?.();
    expect(await readdir(tmpdir())).toEqual(before);
  });

  test('the engine reaches no other file', async () => {
    for (const text of [
      `COPY (SELECT 1) TO '${directory.replaceAll("'", "''")}/x.csv'`,
      "SELECT * FROM read_text('/etc/hostname')",
      "SET allowed_directories = ['/']",
    ])
      await expect(store.all({ text, values: [] })).rejects.toThrow();
  });
});
