import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { agentCalls, spaceCalls } from '../src/upstream/generated/calls.ts';
import { askGateway, configFor, gatewayFor, useStage } from './support/gateway.ts';
import { surfaces } from './support/surfaces.ts';

const stage = useStage();

/** Every GET of the contracts, read from the contracts themselves. */
const readingCalls = ['space', 'agent'].flatMap((plane) => {
  const { paths } = parse(readFileSync(new URL(`../schema/tics-${plane}.openapi.yaml`, import.meta.url), 'utf8')) as {
    paths: Record<string, { get?: { operationId: string } }>;
  };
  return Object.values(paths).flatMap(({ get }) => (get === undefined ? [] : [get.operationId]));
});

describe('the contracts', () => {
  test('name each call once, and all of them are generated', () => {
    const generated = [...Object.keys(spaceCalls), ...Object.keys(agentCalls)];
    expect(new Set(generated).size).toBe(generated.length);
    expect(readingCalls.length).toBeGreaterThan(0);
    expect(generated, 'stale: npm run generate').toEqual(expect.arrayContaining([...readingCalls]));
  });

  test('each call is named in a test of the schema', async () => {
    const folder = new URL('./graphql/', import.meta.url);
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.test.ts'));
    const tests = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
    const words = new Set(tests.flatMap((text) => text.match(/\w+/g) ?? []));
    expect(
      [...Object.keys(spaceCalls), ...Object.keys(agentCalls)].filter((call) => !words.has(call)),
      'Calls without a test: ask for their field in test/graphql/<domain>/, and count them: expect(await stage.callsOf(ask)).toEqual({ <call>: 1 }).',
    ).toEqual([]);
  });

  test('every reading call is reached by an operation', { timeout: 60_000 }, async () => {
    const { projectId, ...tics } = configFor(stage.sandbox);
    const gateway = gatewayFor(tics);
    const { agents } = stage.sandbox.world;
    for (const { id } of stage.sandbox.world.leagues)
      for (const [call, operation] of Object.entries(surfaces)) {
        const agent = agents.find(({ leagueId, nodeStatus }) => leagueId === id && nodeStatus === 'TRUST')?.id ?? '';
        const { data, errors } = await askGateway(gateway, operation, { league: id, agent });
        expect({ call, invalid: errors?.filter(({ path }) => path === undefined) ?? [] }).toEqual({
          call,
          invalid: [],
        });
        expect(data).toBeTypeOf('object');
      }
    await gateway.close();
    const received = await stage.sandbox.client.countCalls();
    expect(
      readingCalls.filter((call) => !(call in received)),
      'Reading calls that their own operation does not reach: does a field claim a call that it does not make, or only with arguments? Then write an operation that makes it in test/support/surfaces.ts.',
    ).toEqual([]);
    expect(await stage.sandbox.client.contractFaults()).toEqual([]);
  });
});
