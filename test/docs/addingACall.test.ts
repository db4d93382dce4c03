import { execFile } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, document, root } from './markdown.ts';
import { makeDirectory } from '../support/directory.ts';

const page = document('docs/adding-a-call.md');
const blocks = blocksOf(page);

/** What a command wrote, whether it succeeded or not. */
async function outputOf(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(command, args, { cwd }).catch(
    (error: { readonly stdout: string; readonly stderr: string }) => error,
  );
  return stdout + stderr;
}

/** Applies a block: the name of a file, then hunks with lines to add between lines that are there once. */
function apply(code: string, directory: string): void {
  const [name = '', ...lines] = code.trimEnd().split('\n');
  const path = join(directory, name);
  const text = lines
    .join('\n')
    .split('\n@@\n')
    .reduce(
      (file, hunk) => {
        const hunkLines = hunk.split('\n');
        const present = hunkLines.filter((line) => !line.startsWith('+')).map((line) => line.slice(1));
        const before = `${present.join('\n')}\n`;
        expect(file.split(before).length - 1, `${name} has once:\n${before}`).toBe(1);
        const after = hunkLines.map((line) => line.slice(1)).join('\n');
        return file.replace(before, () => `${after}\n`);
      },
      readFileSync(path, 'utf8'),
    );
  writeFileSync(path, text);
}

describe('the walk', () => {
  let directory: string;
  const generate = () => outputOf(process.execPath, ['--import', 'tsx', 'schema/generate.ts'], directory);

  beforeAll(() => {
    directory = makeDirectory();
    for (const name of ['src', 'schema', 'docs', 'test', 'ops', 'package.json', 'tsconfig.json', 'vitest.config.ts'])
      cpSync(join(root, name), join(directory, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  });

  test('leads to a field whose test passes', { timeout: 180_000 }, async () => {
    const [contract, ...others] = blocks.filter(({ language }) => language === 'diff').map(({ code }) => code);
    expect(others).toHaveLength(3);
    apply(contract ?? '', directory);
    const first = await generate();
    expect(first).toContain('src/upstream/generated/calls.ts');
    expect(first).toContain('No field claims getLeagueQuota');
    for (const code of others) apply(code, directory);
    expect(await generate()).toBe('written: schema/gateway.graphql, docs/calls.md\n');

    const written = blocks.find(({ language }) => language === 'ts')?.code ?? '';
    const [, name = ''] = /^\/\/ (\S+)\n/.exec(written) ?? [];
    writeFileSync(join(directory, name), written);
    const vitest = join(directory, 'node_modules/vitest/vitest.mjs');
    expect(await outputOf(process.execPath, [vitest, 'run', '--no-color', name], directory)).toMatch(
      /Tests {2}1 passed/,
    );
  });
});

test('each message that reminds of a mistake is in the code', async () => {
  const files = await Promise.all(
    ['src', 'schema', 'test'].map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true }))
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(join(root, folder, name), 'utf8')),
    ),
  );
  const code = [...files.flat(), readFileSync(join(root, 'eslint.config.js'), 'utf8')].join('\n');
  const rows = page.text.slice(page.text.indexOf('## What reminds you')).match(/^\|.*\|$/gm) ?? [];
  const messages = rows.flatMap((row) => /`([^`]+)` +\|$/.exec(row)?.[1] ?? []);
  expect(messages.length).toBeGreaterThan(8);
  expect(messages.filter((message) => !code.includes(message))).toEqual([]);
});
