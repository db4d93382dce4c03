import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeDirectory } from '../support/directory.ts';
import {
  alive,
  bundledGateway,
  spawnGateway,
  type GatewayProcess,
  type ProcessOptions,
} from '../support/gatewayProcess.ts';
import { freePort } from '../../ops/freePort.ts';
import { configFor, useStage } from '../support/gateway.ts';

// Each starts a process.
vi.setConfig({ testTimeout: 120_000 });

const stage = useStage();
let directory: string;
let gateway: GatewayProcess | undefined;

beforeEach(() => {
  directory = makeDirectory();
});

afterEach(() => {
  gateway?.child.kill('SIGKILL');
  gateway = undefined;
});

/** Starts a gateway and answers its process and URL. */
async function start(stdout: Exclude<ProcessOptions['stdout'], undefined>) {
  const config = join(directory, 'gateway.yaml');
  await writeFile(config, JSON.stringify({ callers: 'anonymous', tics: configFor(stage.sandbox) }));
  const port = await freePort();
  gateway = spawnGateway({ script: await bundledGateway(), stdout, env: { GATEWAY_CONFIG: config, PORT: `${port}` } });
  const url = `http://127.0.0.1:${port}`;
  await alive(url);
  return { process: gateway, url };
}

const agent = new Agent({ keepAlive: true, maxSockets: 10 });

function ask(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`${url}/graphql?query={__typename}`, { agent }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    }).once('error', reject);
  });
}

describe('an output that takes nothing', () => {
  test('a full disk: requests are answered, SIGTERM ends the process', async () => {
    const full = openSync('/dev/full', 'w');
    const { process, url } = await start(full);
    closeSync(full);
    const statuses = await Promise.all(Array.from({ length: 20 }, () => ask(url)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    process.child.kill('SIGTERM');
    expect(await process.exited).toEqual([0, null]);
  });

  test('a reader that stands still: requests are answered, SIGTERM ends the process', async () => {
    const { process, url } = await start('unread');
    // Some 500 kB of lines: more than a pipe and both its ends hold.
    const statuses = await Promise.all(Array.from({ length: 1_500 }, () => ask(url)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    process.child.kill('SIGTERM');
    expect(await process.exited).toEqual([0, null]);
  });

  test('a reader that is gone: requests are answered, SIGTERM ends the process', async () => {
    const { process, url } = await start('unread');
    process.child.stdout?.destroy();
    const statuses = await Promise.all(Array.from({ length: 20 }, () => ask(url)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    process.child.kill('SIGTERM');
    expect(await process.exited).toEqual([0, null]);
  });
});

test('lines that are dropped are counted, and told as soon as the output is read again', async () => {
  const lines = 20_000;
  const script = `
    import { openProcessLog } from './src/telemetry/log.ts';
    const { log, droppedLines, flush } = openProcessLog();
    for (let line = 0; line < ${lines}; line += 1) log.info({ text: 'x'.repeat(200) }, 'operation');
    process.on('SIGUSR2', () => flush(10_000).then(() => {
      log.info({ dropped: droppedLines() }, 'end');
      return flush(10_000);
    }).then(() => process.exit()));
    process.stderr.write('written');
    setInterval(() => undefined, 1_000);
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // It has written all lines although nobody reads.
  await new Promise((resolve) => child.stderr.once('data', resolve));
  const read: { readonly msg: string; readonly lines?: number; readonly dropped?: number }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => read.push(JSON.parse(line) as (typeof read)[number]));
  child.kill('SIGUSR2');
  await new Promise((resolve) => child.once('close', resolve));
  const kept = read.filter(({ msg }) => msg === 'operation').length;
  const dropped = read.at(-1)?.dropped ?? 0;
  expect(dropped).toBeGreaterThan(0);
  expect(kept + dropped).toBe(lines);
  expect(read.filter(({ msg }) => msg === 'log lines dropped').map(({ lines: told }) => told)).toEqual([dropped]);
});
