import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeDirectory } from '../support/directory.ts';
import { configFor, useStage } from '../support/gateway.ts';
import {
  bundledGateway,
  listening,
  spawnGateway,
  type GatewayProcess,
  type ProcessOptions,
} from '../support/gatewayProcess.ts';
import { encryptionKeys, isRedisInstalled, openReplica, startRedis } from '../support/redis.ts';

// Each starts processes.
vi.setConfig({ testTimeout: 120_000 });

const stage = useStage();
let directory: string;
let started: GatewayProcess[];

beforeEach(() => {
  directory = makeDirectory();
  started = [];
});

afterEach(() => {
  for (const { child } of started) child.kill('SIGKILL');
});

async function start(settings: object, options: ProcessOptions = {}): Promise<GatewayProcess> {
  const config = join(directory, `${started.length}.yaml`);
  await writeFile(config, JSON.stringify({ callers: 'anonymous', tics: configFor(stage.sandbox), ...settings }));
  const { script = await bundledGateway(), env } = options;
  const gateway = spawnGateway({ script, env: { GATEWAY_CONFIG: config, ...env } });
  started.push(gateway);
  return gateway;
}

/** Addresses of all scripts that a gateway had loaded when it was stopped. */
async function loadedBy(gateway: GatewayProcess, coverage: string): Promise<readonly string[]> {
  gateway.child.kill('SIGTERM');
  await gateway.exited;
  const files = await Promise.all((await readdir(coverage)).map((name) => readFile(join(coverage, name), 'utf8')));
  return files.flatMap((text) => (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url));
}

async function leagueRows(url: string): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ leagueRows { totalCount } }' }),
  });
  return response.json();
}

describe('tables for BI tools', () => {
  test('switched off, nothing of them is loaded and nobody answers', async () => {
    const coverage = join(directory, 'coverage');
    const gateway = await start({ bi: 'off' }, { script: 'src/main.ts', env: { NODE_V8_COVERAGE: coverage } });
    const url = await listening(gateway);
    expect((await fetch(`${url}/bi`)).status).toBe(404);
    expect((await fetch(`${url}/odata/v4/`)).status).toBe(404);
    const loaded = await loadedBy(gateway, coverage);
    expect(loaded.some((script) => script.includes('/src/gateway/'))).toBe(true);
    // GraphQL describes its rows by the registry of tables, which is data.
    const ofBi = loaded.filter((script) => /\/src\/bi\/(?!model\/)|duckdb|node_modules\/pg|hyparquet/.test(script));
    expect(ofBi).toEqual([]);
  });

  test('without a dataDirectory they are in memory, and the log says so', async () => {
    const gateway = await start({});
    const url = await listening(gateway);
    expect((await fetch(`${url}/bi`)).status).toBe(200);
    expect(await leagueRows(url)).toEqual({
      data: { leagueRows: { totalCount: stage.sandbox.world.leagues.length } },
    });
    const said = () => gateway.lines.some(({ msg }) => msg.startsWith('bi: rows are kept in memory'));
    await expect.poll(said, { timeout: 20_000 }).toBe(true);
  });

  test('they lie in a file of dataDirectory, which a second process can’t open and says so', async () => {
    const dataDirectory = join(directory, 'data');
    const first = await listening(await start({ dataDirectory }));
    expect((await fetch(`${first}/bi`)).status).toBe(200);
    expect(await readdir(dataDirectory)).toContain('bi.duckdb');

    const second = await listening(await start({ dataDirectory }));
    const refused = await fetch(`${second}/bi/v1/league.csv`);
    const message = 'Another process has bi.duckdb open: each gateway needs a dataDirectory of its own, or a Postgres.';
    const extensions = { code: 'TABLES_UNAVAILABLE' };
    expect([refused.status, await refused.json()]).toEqual([503, { errors: [{ message, extensions }] }]);
    expect(await leagueRows(second)).toMatchObject({ errors: [{ message, extensions }] });
    expect((await fetch(`${second}/healthz`)).status).toBe(200);

    const [holder] = started;
    holder?.child.kill('SIGKILL');
    await holder?.exited;
    expect((await fetch(`${second}/bi/v1/league.csv`)).status).toBe(200);
  });

  test.skipIf(!isRedisInstalled)('a second replica with a DuckDB of its own is refused, with the reason', async () => {
    const redis = await startRedis();
    try {
      const first = await openReplica(redis.url);
      expect(await first.claim('bi')).toBe(true);
      const settings = { redis: { url: redis.url, prefix: 'test', encryptionKeys: [encryptionKeys[0]] } };
      const second = await start(settings);
      const [code] = await second.exited;
      expect(code).toBe(1);
      expect(second.stderr()).toMatch(/bi: another replica keeps the tables in .* Set DATABASE_URL/);
      // Its place is free once it is gone.
      await first.close();
      await listening(await start(settings));
      const other = await openReplica(redis.url);
      expect(await other.claim('bi')).toBe(false);
      await other.close();
    } finally {
      await redis.close();
    }
  });
});
