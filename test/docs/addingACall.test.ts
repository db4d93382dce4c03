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
async function outputOf(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(command, args, { cwd, env: { ...process.env, ...env } }).catch(
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

/** Replaces a text that a file has once. */
function edit(path: string, before: string, after: string): void {
  const text = readFileSync(path, 'utf8');
  expect(text.split(before).length - 1, `${path} has once:\n${before}`).toBe(1);
  writeFileSync(
    path,
    text.replace(before, () => after),
  );
}

/** A reading call of leagues for the contract, answered as the quota is. */
function contractOf(operationId: string, path: string, reads: string, parameters = ''): string {
  return `  /v1/{project_id}/leagues/{league_id}/${path}:
    get:
      operationId: ${operationId}
      summary: Planted
      description: Planted.
      tags: [Leagues]
      x-section: '6.2.8'${reads}
      parameters:
        - $ref: '#/components/parameters/projectId'
        - $ref: '#/components/parameters/leagueId'${parameters}
      responses:
        '200':
          description: Planted.
          content: { application/json: { schema: { $ref: '#/components/schemas/LeagueQuota' } } }
        default: { $ref: '#/components/responses/Error' }
`;
}

const sealId = `
        - { name: seal_id, in: path, required: true, description: Planted., schema: { type: string } }`;

/** The rows of the table of mistakes: what was done, and the message. */
const messages = new Map(
  (page.text.slice(page.text.indexOf('## What reminds you')).match(/^\|.*\|$/gm) ?? []).flatMap((row) => {
    const [, mistake = '', message] = /^\| (.*?) +\|.*\| `(.+)` +\|$/.exec(row) ?? [];
    return message === undefined ? [] : [[mistake, message.replaceAll('``', '`')]];
  }),
);

describe('the walk', () => {
  let directory: string;
  const at = (name: string) => join(directory, name);
  const generate = (...args: readonly string[]) =>
    outputOf(process.execPath, ['--import', 'tsx', 'schema/generate.ts', ...args], directory);

  beforeAll(() => {
    directory = makeDirectory();
    for (const name of ['src', 'schema', 'docs', 'test', 'ops', 'package.json', 'tsconfig.json', 'vitest.config.ts'])
      cpSync(join(root, name), at(name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), at('node_modules'));
  });

  test(
    'leads to a field whose test passes, and each mistake on it ends in its message',
    { timeout: 240_000 },
    async () => {
      const [contract = '', ...others] = blocks.filter(({ language }) => language === 'diff').map(({ code }) => code);
      expect(others).toHaveLength(3);

      // Two more calls: the seal has another id in its path and reads a misspelt kind of objects, the badge says of none.
      const space = at('schema/tics-space.openapi.yaml');
      apply(contract, directory);
      const next = '  /v1/{project_id}/leagues/{league_id}/partners-statistics:\n';
      const reads = '\n      x-reads: [League]';
      const calls = (readsOfSeal: string, readsOfBadge: string) =>
        contractOf('getLeagueSeal', 'seals/{seal_id}', readsOfSeal, sealId) +
        contractOf('getLeagueBadge', 'badge', readsOfBadge);
      const faulty = calls(reads.replace('League', 'Leage'), '');
      edit(space, next, `${faulty}${next}`);
      const type = 'src/graphql/leagues/type.ts';
      const nodes = '    computeNodes: t.field({\n';
      const undescribed = '    plain: t.int({ resolve: () => 1 }),\n';
      edit(at(type), nodes, `${undescribed}${nodes}`);
      const stale = await generate('--check');
      edit(at(type), undescribed, '');
      edit(space, faulty, calls(reads, reads));

      // A claim of a call that does not exist. The field of the badge claims its call, and does not make it.
      for (const code of others) apply(code, directory);
      const claim = "calls: [{ call: 'getLeagueQuota', per: 'league' }],";
      edit(at(type), claim, claim.replace('Quota', 'Quotas'));
      const field = (name: string, call: string, resolve: string) =>
        `    ${name}: t.field({ type: 'Long', calls: [{ call: '${call}', per: 'league' }], description: '.', resolve: ${resolve} }),\n`;
      const quota = '    quota: t.field({\n';
      edit(
        at(type),
        quota,
        `${field('badge', 'getLeagueBadge', '() => null')}${field('seal', 'getLeagueSeal', '({ ticsId }, _, { loaders }) => loaders.leagues.seal(ticsId)')}${quota}`,
      );
      const before = '    /** Compute nodes of a league. */\n';
      edit(
        at('src/tics/leagues/loaders.ts'),
        before,
        `    seal: async (id: string) => count((await planes.space.read('getLeagueSeal', { path: { league_id: id, seal_id: '1' } })).job_used),\n${before}`,
      );
      const unknown = await generate();
      edit(at(type), claim.replace('Quota', 'Quotas'), claim);

      expect(await generate()).toBe('written: schema/gateway.graphql, docs/calls.md\n');

      // A field that causes no call claims one. The test of the seal names its call, which has no handler.
      const jobCount = "t.expose('jobCount', { type: 'Long',";
      edit(at(type), jobCount, `${jobCount} calls: [{ call: 'listPartners', per: 'league' }],`);
      const written = blocks.find(({ language }) => language === 'ts')?.code ?? '';
      const [, name = ''] = /^\/\/ (\S+)\n/.exec(written) ?? [];
      writeFileSync(at(name), written);
      const sealName = name.replace('quota', 'seal');
      writeFileSync(
        at(sealName),
        written.replaceAll('quota { jobLimit jobCount }', 'seal').replaceAll('getLeagueQuota', 'getLeagueSeal'),
      );
      const files = [
        name,
        sealName,
        'test/contract.test.ts',
        'test/sandbox/reads.test.ts',
        'test/graphql/costSweep.test.ts',
      ];
      const vitest = at('node_modules/vitest/vitest.mjs');
      const tests = await outputOf(
        process.execPath,
        [vitest, 'run', '--no-color', ...files, '-t', '^(?!The sweep finds)'],
        directory,
        { SWEPT_TYPES: 'LeagueQuota' },
      );
      expect(tests).toMatch(new RegExp(`✓ .*${name}`));
      expect(tests).toContain('LeagueQuota.jobCount listPartners');

      const outputs: Readonly<Record<string, string>> = {
        'a stale generated file': stale,
        'no description': stale,
        'no `x-reads` or `x-changes`': stale,
        'no cost on the field': stale,
        'a misspelt kind of objects': stale,
        'a cost that names no call': unknown,
        'a cost that no call has': tests,
        'no handler in the embedded TICS': tests,
        'no test': tests,
        'no operation that makes the call': tests,
        'an id that its path needs': tests,
      };
      for (const [mistake, output] of Object.entries(outputs))
        expect(output, mistake).toContain(messages.get(mistake) ?? `a row for ${mistake}`);
    },
  );
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
  expect(messages.size).toBeGreaterThan(8);
  expect([...messages.values()].filter((message) => !code.includes(message))).toEqual([]);
});
