import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { unsupportedNode } from '../../src/process/nodeVersion.ts';
import { makeDirectory } from '../support/directory.ts';
import { freePort } from '../../ops/freePort.ts';
import { configFor, useStage } from '../support/gateway.ts';
import {
  alive,
  bundledGateway,
  inheritedEnvironment,
  listening,
  readLines,
  spawnGateway,
  type GatewayProcess,
  type LogLine,
  type ProcessOptions,
} from '../support/gatewayProcess.ts';

// Each starts processes.
vi.setConfig({ testTimeout: 120_000 });

const stage = useStage();
const repository = fileURLToPath(new URL('../..', import.meta.url));
let directory: string;
let config: string;
let started: ChildProcess[];

beforeEach(async () => {
  directory = makeDirectory();
  config = join(directory, 'gateway.yaml');
  const settings = { callers: 'anonymous', tics: configFor(stage.sandbox) };
  await writeFile(config, JSON.stringify(settings));
  started = [];
});

afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
});

function start(options: ProcessOptions): GatewayProcess {
  const gateway = spawnGateway({ env: { GATEWAY_CONFIG: config }, ...options });
  started.push(gateway.child);
  return gateway;
}

/** The process sends itself a signal once it catches them, long before the gateway listens. */
function signalling(signal: NodeJS.Signals): GatewayProcess {
  const script = `process.on('newListener',(name)=>name==='SIGHUP'&&setImmediate(()=>process.kill(process.pid,'${signal}')))`;
  return start({ nodeOptions: ['--import', `data:text/javascript,${encodeURIComponent(script)}`] });
}

/** Resolves when nobody listens at a URL any more. */
async function gone(url: string): Promise<void> {
  const refused = () =>
    fetch(url).then(
      () => 'answers',
      (error: Error) => (error.cause as NodeJS.ErrnoException).code,
    );
  await expect.poll(refused, { timeout: 10_000 }).toBe('ECONNREFUSED');
}

describe('a signal to stop', () => {
  test.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGINT'],
    ['SIGINT', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
  ] as const)('%s, and %s shortly after it: requests in flight are answered', async (first, second) => {
    const gateway = start({ script: await bundledGateway() });
    const url = await listening(gateway);
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 1_500 }]);
    const asked = fetch(`${url}/graphql?query=${encodeURIComponent('{ leagues(role: OWNER) { totalCount } }')}`);
    await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagues' });
    gateway.child.kill(first);
    await expect.poll(() => gateway.lines.map(({ msg }) => msg)).toContain('stopping: requests in flight may finish');
    gateway.child.kill(second);
    expect((await asked).status).toBe(200);
    expect(await gateway.exited).toEqual([0, null]);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s before the gateway listens ends it', async (signal) => {
    const gateway = signalling(signal);
    expect(await gateway.exited).toEqual([0, null]);
    const messages = gateway.lines.map(({ msg }) => msg);
    // Node 24 loads all in one turn of the event loop: the signal is taken when it is over, and the gateway just listens.
    if (messages.length > 0) expect(messages).toContain('stopping: requests in flight may finish');
  });
});

test('SIGHUP before the gateway listens has the configuration read again once it does', async () => {
  const gateway = signalling('SIGHUP');
  await listening(gateway);
  await expect
    .poll(() => gateway.lines.map(({ msg }) => msg))
    .toContain('configuration read again: nothing to take over');
});

// `script`, which every Linux has, opens a terminal; BSD's takes other arguments.
test.runIf(process.platform === 'linux')('a terminal that is closed ends the gateway', async () => {
  const port = await freePort();
  const terminal = spawn('script', ['-qfec', 'exec node --import tsx src/main.ts', '/dev/null'], {
    cwd: repository,
    env: { ...inheritedEnvironment(), GATEWAY_CONFIG: config, HOST: '127.0.0.1', PORT: `${port}` },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  started.push(terminal);
  terminal.stdout.resume();
  const url = `http://127.0.0.1:${port}`;
  await alive(url);
  terminal.kill('SIGKILL');
  await gone(url);
});

test('SIGTERM to npm ends the gateway and the embedded TICS', async () => {
  const npm = spawn('npm', ['start', '--silent'], {
    cwd: repository,
    env: { ...inheritedEnvironment(), HOME: process.env['HOME'], HOST: '127.0.0.1', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(npm);
  const lines: LogLine[] = [];
  readLines(npm.stdout, lines);
  const url = await listening({ lines });
  const spaceUrl = lines.find(({ msg }) => msg.includes('embedded TICS has started'))?.['spaceUrl'] as string;
  const ended = once(npm, 'exit');
  npm.kill('SIGTERM');
  await ended;
  await Promise.all([gone(url), gone(spaceUrl)]);
  expect(lines.map(({ msg }) => msg)).toContain('stopping: requests in flight may finish');
});

test('the end of the embedded TICS is the end of the gateway, with code 1', async () => {
  const gateway = spawnGateway({});
  started.push(gateway.child);
  await listening(gateway);
  const tics = gateway.lines.find(({ msg }) => msg.includes('embedded TICS has started'));
  process.kill(tics?.['pid'] as number, 'SIGKILL');
  expect(await gateway.exited).toEqual([1, null]);
  expect(gateway.lines.at(-1)).toMatchObject({
    level: 'fatal',
    signal: 'SIGKILL',
    msg: 'the embedded TICS has ended, and its state is gone',
  });
});

test('a port that is taken is told before the embedded TICS is started, with the command that helps', async () => {
  const { port } = new URL(stage.sandbox.spaceUrl);
  const gateway = spawnGateway({ env: { PORT: port } });
  started.push(gateway.child);
  expect(await gateway.exited).toEqual([1, null]);
  expect(gateway.stderr()).toContain(`PORT=${Number(port) + 1} npm start`);
  expect(gateway.lines).toEqual([]);
});

test.each([
  ['20.18.3', true],
  ['18.20.4', true],
  ['8.0.0', true],
  ['20.19.0', false],
  ['22.1.0', false],
  ['24.0.0', false],
])('Node %s is told to be too old: %s', (version, isTooOld) => {
  expect(unsupportedNode(version) !== undefined).toBe(isTooOld);
});
