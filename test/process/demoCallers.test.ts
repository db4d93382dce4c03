import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDirectory } from '../support/directory.ts';
import { listening, spawnGateway } from '../support/gatewayProcess.ts';

interface Viewer {
  readonly name: string;
  readonly roles: readonly string[];
  readonly leagueIds: readonly string[] | null;
}

async function ask(url: string, headers: Readonly<Record<string, string>>) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: '{ viewer { name roles leagueIds } leagues { totalCount } }' }),
  });
  const { data } = (await response.json()) as { data?: { viewer: Viewer; leagues: { totalCount: number } } };
  return { status: response.status, viewer: data?.viewer, leagues: data?.leagues.totalCount };
}

test('--callers: the embedded TICS with a key of each role, shown at the start', async () => {
  const gateway = spawnGateway({ args: ['--callers'] });
  const url = await listening(gateway);
  await expect.poll(gateway.stderr, { timeout: 5_000 }).toContain('GraphiQL');
  const keys = [...gateway.stderr().matchAll(/X-Api-Key: (\S+) {2}(\S+)/g)].map(([, key = '', name = '']) => ({
    key,
    name,
  }));
  expect(keys.map(({ name }) => name)).toEqual([
    ...['viewer', 'operator', 'approver', 'administrator', 'viewer-of-one-league'],
  ]);
  for (const { key, name } of keys) {
    const { viewer, leagues } = await ask(url, { 'x-api-key': key });
    expect(viewer?.name).toBe(name);
    if (name === 'viewer-of-one-league') expect([viewer?.leagueIds?.length, leagues]).toEqual([1, 1]);
    else expect([viewer?.roles, viewer?.leagueIds]).toEqual([[name.toUpperCase()], null]);
  }
  expect((await ask(url, {})).status).toBe(401);
  // The log, which may be kept, has none of them.
  for (const { key } of keys) expect(JSON.stringify(gateway.lines)).not.toContain(key);
  gateway.child.kill('SIGTERM');
  await gateway.exited;
}, 60_000);

test('--callers is not for a real TICS', async () => {
  const directory = makeDirectory();
  const config = join(directory, 'gateway.config.yaml');
  await writeFile(
    config,
    'tics: { region: cn-north-4, account: { domain: d, user: u, password: p } }\ncallers: { keys: true }\n',
  );
  const gateway = spawnGateway({ args: ['--callers'], env: { GATEWAY_CONFIG: config } });
  expect((await gateway.exited)[0]).toBe(1);
  expect(gateway.stderr()).toContain('--callers is for the embedded TICS');
  expect(existsSync(join(dirname(config), 'data'))).toBe(false);
}, 60_000);
