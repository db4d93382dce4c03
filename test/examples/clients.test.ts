import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse, print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/start.ts';
import type { GatewayServer } from '../../src/server/server.ts';
import { serve } from '../support/subscribe.ts';

const folder = fileURLToPath(new URL('../../examples/', import.meta.url));

let sandbox: Sandbox;
let server: GatewayServer;

/** Runs an example as its reader does, and answers what it prints. */
async function run(example: string): Promise<readonly string[]> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', `${folder}${example}/main.ts`, `${server.url}/graphql`],
    { timeout: 60_000 },
  );
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

beforeAll(async () => {
  // Runs end within the test.
  sandbox = await startSandbox({ speed: 100 });
  server = await serve(sandbox);
});

afterAll(async () => {
  await server.close();
  await sandbox.close();
});

describe('the example', () => {
  /** What each prints. */
  const printed: Readonly<Record<string, (lines: readonly string[]) => void>> = {
    fetch: (lines) => {
      expect(lines.length).toBeGreaterThan(20);
      for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\S+Z \S.* \S/);
    },
    apollo: (lines) => {
      expect(lines).toEqual(['10 runs after 2 requests', expect.stringMatching(/^.+: [A-Z]+, after 2 requests$/)]);
    },
    relay: (lines) => {
      expect(lines).toEqual([
        expect.stringMatching(/^fetched {2}relay \d+: as created, /),
        expect.stringMatching(/^in store relay \d+: as saved, /),
      ]);
    },
    urql: (lines) => {
      expect(lines).toEqual([
        '6 jobs, after 3 requests',
        expect.stringMatching(/^urql \d+: as saved, after 4 requests$/),
      ]);
    },
    'live-status': (lines) => {
      for (const transport of ['WebSocket', 'server-sent events'])
        expect(lines.findLast((line) => line.startsWith(transport))).toBe(`${transport}: SUCCEEDED`);
    },
  };

  test.each(Object.keys(printed))('%s runs', { timeout: 90_000 }, async (example) => {
    printed[example]?.(await run(example));
  });

  test('each folder is run by a test', () => {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(printed).sort());
  });
});

test("Relay's artifacts are those of the tags: else run relay-compiler, see examples/relay/README.md", () => {
  const read = (path: string): string => readFileSync(`${folder}relay/${path}`, 'utf8');
  const tags = [...read('main.ts').matchAll(/^graphql`([\s\S]*?)`;$/gm)].map(([, text = '']) => print(parse(text)));
  expect(tags.length).toBeGreaterThan(2);
  const hashes = readdirSync(`${folder}relay/__generated__`).map(
    (file) => /hash = ["'](\w+)["']/.exec(read(`__generated__/${file}`))?.[1],
  );
  expect(hashes.sort()).toEqual(tags.map((text) => createHash('md5').update(text).digest('hex')).sort());
});
