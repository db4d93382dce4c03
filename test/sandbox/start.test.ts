import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/config.ts';
import { askGateway, gatewayFor } from '../support/gateway.ts';

let started: ChildProcess | undefined;

afterEach(() => started?.kill('SIGKILL'));

test('--config prints a configuration by which a gateway is served by this TICS', async () => {
  started = spawn(process.execPath, ['--import', 'tsx', 'src/sandbox/start.ts', '--config', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  started.stdout?.on('data', (chunk) => (printed += String(chunk)));
  await expect.poll(() => printed.trimEnd().endsWith('-----END CERTIFICATE-----'), { timeout: 20_000 }).toBe(true);
  const { callers, tics } = parseConfig(printed, {}, 'gateway.config.yaml');
  expect(callers).toMatchObject({ anonymous: { leagues: 'ALL' } });
  if (tics === undefined) throw new Error('no tics is configured');
  expect(tics.agents.length).toBeGreaterThan(1);
  const gateway = gatewayFor(tics);
  const { data, errors } = await askGateway<{ leagues: { totalCount: number } }>(
    gateway,
    `{ leagues { totalCount } agent(id: "${tics.agents[0]?.id}") { runtime { online } } }`,
  );
  await gateway.close();
  expect(errors).toBeUndefined();
  expect(data?.leagues.totalCount).toBeGreaterThan(0);
}, 40_000);
