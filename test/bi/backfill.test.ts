import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keyFileIn } from '../../src/callers/keyFile.ts';
import { createKey } from '../../src/callers/keys.ts';
import { makeDirectory } from '../support/directory.ts';
import { listening, spawnGateway, type GatewayProcess } from '../support/gatewayProcess.ts';
import { configFor, useStage } from '../support/gateway.ts';

vi.setConfig({ testTimeout: 90_000 });

const stage = useStage({ nowMs: Date.now() });
let directory: string;
let running: GatewayProcess | undefined;

beforeEach(() => {
  directory = makeDirectory();
});
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.exited;
});

/** A gateway with a file of tables, before the stage's TICS. */
async function start(callsPerSecond: number): Promise<string> {
  const tics = configFor(stage.sandbox);
  const path = join(directory, 'gateway.config.yaml');
  const bi = { callsPerSecond, historyDays: 60, refreshMs: 600_000 };
  await writeFile(
    path,
    stringify({ callers: { anonymous: { roles: ['viewer'] }, keys: true }, dataDirectory: directory, bi, tics }),
  );
  running = spawnGateway({ env: { GATEWAY_CONFIG: path } });
  return listening(running);
}

/** A key that reads, in the gateway's directory. */
function addKey(leagues: 'ALL' | string[]): string {
  const { text, key } = createKey({ name: 'bi', roles: ['VIEWER'], leagues, expiresAt: null });
  const file = keyFileIn(directory);
  file.write([...file.read(), key]);
  return text;
}

/** A figure of `GET /metrics`. */
async function figure(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

interface Day {
  readonly id: string;
}

async function closedDays(url: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/odata/v4/daily_job_usage?$filter=final&$select=id`);
  return ((await response.json()) as { value: readonly Day[] }).value.map(({ id }) => id);
}

test('history that is being read shows its progress; after a kill the days that are over are not asked for again', async () => {
  await stage.sandbox.client.setSpeed(0);
  const [forAll, forNone] = [addKey('ALL'), addKey(['nosuchleague'])];
  const url = await start(60);
  const pageOf = async (key: string): Promise<string> => (await fetch(`${url}/bi?apikey=${key}`)).text();
  await expect.poll(async () => (await closedDays(url)).length, { timeout: 60_000 }).toBeGreaterThan(30);
  const [left, all] = [
    await figure(url, 'tics_gateway_bi_pending_dates'),
    await figure(url, 'tics_gateway_bi_history_dates'),
  ];
  expect(left).toBeGreaterThan(0);
  expect(all).toBeGreaterThan(left);
  expect(await figure(url, 'tics_gateway_bi_calls_total')).toBeGreaterThan(0);
  const telling = /[1-9]\d* days of history are still being read/;
  expect(await pageOf(forAll)).toMatch(telling);
  expect(await pageOf(forNone)).not.toMatch(telling);
  await expect
    .poll(() => running?.lines.find(({ msg }) => msg === 'bi: reading history')?.['pendingDays'])
    .toBeGreaterThan(0);
  const kept = await closedDays(url);
  running?.child.kill('SIGKILL');
  await running?.exited;

  await stage.sandbox.client.clearCalls();
  const again = await start(10_000);
  expect((await closedDays(again)).filter((id) => kept.includes(id)).sort()).toEqual([...kept].sort());
  await expect.poll(() => figure(again, 'tics_gateway_bi_history_dates'), { timeout: 30_000 }).toBeGreaterThan(0);
  await expect.poll(() => figure(again, 'tics_gateway_bi_pending_dates'), { timeout: 30_000 }).toBe(0);
  const days = await closedDays(again);
  expect(days.length).toBeGreaterThan(kept.length);
  // At most one call for each day that was left, one for eight of them, and three for each of today and yesterday.
  const { getJobStatistics = 0 } = await stage.sandbox.client.countCalls();
  expect(getJobStatistics).toBeLessThanOrEqual(
    Math.ceil((days.length - kept.length) * (1 + 1 / 8)) + 4 * stage.sandbox.world.leagues.length,
  );
});
