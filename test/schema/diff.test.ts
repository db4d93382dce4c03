import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { compareWithLastVersion } from '../../schema/diff.ts';
import { makeDirectory } from '../support/directory.ts';

let directory: string;

beforeEach(async () => {
  directory = makeDirectory();
  await mkdir(join(directory, 'schema'));
  git('init', '--quiet');
});

function git(...args: string[]): void {
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false', ...args], {
    cwd: directory,
  });
}

/** Puts a version and a schema into the working tree. */
async function write(version: string, schema: string): Promise<void> {
  await writeFile(join(directory, 'package.json'), JSON.stringify({ version }));
  await writeFile(join(directory, 'schema/gateway.graphql'), schema);
}

async function commit(version: string, schema: string): Promise<void> {
  await write(version, schema);
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message', version);
}

function query(fields: string): string {
  return `type Query { ${fields} }`;
}

test('Every commit after a version bump is compared with the last version, not with the commit before', async () => {
  await commit('0.2.0', query('a: Int b: Int c: Int'));
  await commit('0.3.0', query('b: Int c: Int'));
  await commit('0.3.0', query('c: Int'));
  const { report, isRefused } = await compareWithLastVersion(directory);
  expect(report).toContain('2 changes since 0.2.0, 2 breaking, 0 refused');
  expect(isRefused).toBe(false);
});

test('A bump that is not committed yet counts, and so does a version without changes of the schema', async () => {
  await commit('0.3.0', query('a: Int b: Int'));
  await commit('0.3.1', query('a: Int b: Int'));
  await write('0.4.0', query('a: Int'));
  const { report, isRefused } = await compareWithLastVersion(directory);
  expect(report).toContain("refused: Field 'b' was removed from object type 'Query'");
  expect(report).toContain('since 0.3.1');
  expect(isRefused).toBe(true);
});

test.each([
  ['a field', 'a: Int old: Int @deprecated(reason: "Use a.")', 'a: Int'],
  ['an argument', 'a(old: Int @deprecated(reason: "Use none.")): Int', 'a: Int'],
  [
    'an input field',
    'a(of: In): Int } input In { b: Int old: Int @deprecated(reason: "Use b.")',
    'a(of: In): Int } input In { b: Int',
  ],
  ['an enum value', 'a: E } enum E { B OLD @deprecated(reason: "Use B.")', 'a: E } enum E { B'],
  ['the type of a deprecated field', 'a: Int old: Old @deprecated(reason: "Use a.") } type Old { b: Int', 'a: Int'],
])('What was deprecated for a minor version may go: %s', async (_, before, after) => {
  await commit('0.4.0', query(before));
  await write('0.4.1', query(after));
  expect(await compareWithLastVersion(directory)).toMatchObject({ isRefused: true });
  await write('0.5.0', query(after));
  expect(await compareWithLastVersion(directory)).toMatchObject({ isRefused: false });
});

test.each([
  ['a field', 'a: Int b: Int', 'a: Int'],
  ['the type of a field', 'a: Int', 'a: String'],
  [
    'a member of an interface',
    'a: I } interface I { b: Int } type One implements I { b: Int } type Two implements I { b: Int',
    'a: I } interface I { b: Int } type One implements I { b: Int',
  ],
])('What was not deprecated stays until the next major version: %s', async (_, before, after) => {
  await commit('0.4.0', query(before));
  await write('0.5.0', query(after));
  expect(await compareWithLastVersion(directory)).toMatchObject({
    isRefused: true,
    report: expect.stringContaining('Mark what is to go @deprecated for one minor version') as string,
  });
  await write('1.0.0', query(after));
  expect(await compareWithLastVersion(directory)).toMatchObject({ isRefused: false });
});

test('What is only added passes in any version', async () => {
  await commit('0.4.0', query('a: Int'));
  await write('0.4.1', query('a: Int b: Int'));
  expect(await compareWithLastVersion(directory)).toEqual({
    report: 'schema: 1 changes since 0.4.0, 0 breaking, 0 refused\n',
    isRefused: false,
  });
});
