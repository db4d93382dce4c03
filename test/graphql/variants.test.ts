import { readFileSync } from 'node:fs';
import { validate, parse as parseDocument } from 'graphql';
import { parse as parseYaml } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { createVariants } from '../../src/sandbox/faults/variants.ts';
import { loadContract } from '../../src/sandbox/contract/contract.ts';
import { schema } from '../../src/graphql/schema.ts';
import { agentCalls, spaceCalls } from '../../src/upstream/generated/calls.ts';
import { askGateway, configFor, gatewayFor, useStage, type GraphQLAnswer } from '../support/gateway.ts';
import { surfaces, type ReadingCall } from '../support/surfaces.ts';

const stage = useStage();
const calls = Object.keys(surfaces) as ReadingCall[];
const variants = createVariants(loadContract());

let gateway: Gateway;
let variables: Readonly<Record<string, string>>;
const usual = new Map<ReadingCall, GraphQLAnswer<object>>();

function ask(call: ReadingCall): Promise<GraphQLAnswer<object>> {
  return askGateway(gateway, surfaces[call], variables);
}

/** `…Text` fields have the raw value, which differs in a variant. */
function withoutRaw(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRaw);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (key.endsWith('Text') ? [] : [[key, withoutRaw(item)]])),
  );
}

/** A variant that says the same is read to the same; any other one costs values, never the answer. */
function expectRead(call: ReadingCall, { data, errors }: GraphQLAnswer<object>, keepsMeaning: boolean): void {
  const before = usual.get(call);
  const codes = errors?.map(({ extensions }) => extensions?.['code']) ?? [];
  expect({ call, internal: codes.filter((code) => code === 'INTERNAL') }).toEqual({ call, internal: [] });
  if (keepsMeaning)
    expect({ call, errors, data: withoutRaw(data) }).toEqual({
      call,
      errors: before?.errors,
      data: withoutRaw(before?.data),
    });
  else expect({ call, data }).not.toEqual({ call, data: null });
}

beforeAll(async () => {
  // Time stands still: what is running would otherwise differ from one answer to the next.
  await stage.sandbox.client.setSpeed(0);
  const { world } = stage.sandbox;
  const agent = world.agents.find(({ nodeStatus }) => nodeStatus === 'TRUST') ?? world.agents[0];
  if (agent === undefined) throw new Error('the world has no agents');
  variables = { agent: agent.id, league: agent.leagueId };
  const { projectId, ...tics } = configFor(stage.sandbox);
  gateway = gatewayFor(tics);
  for (const call of calls) usual.set(call, await ask(call));
});

afterAll(() => gateway.close());

describe('each reading call surfaces where its contract says', () => {
  const surfacesOf = (plane: string): [string, readonly string[]][] => {
    const contract = parseYaml(
      readFileSync(new URL(`../../schema/tics-${plane}.openapi.yaml`, import.meta.url), 'utf8'),
    ) as {
      paths: Record<string, Record<string, { operationId?: string; 'x-surfaces'?: string[] }>>;
    };
    return Object.values(contract.paths)
      .flatMap((path) => Object.values(path))
      .flatMap(({ operationId, 'x-surfaces': coordinates }) =>
        operationId !== undefined && coordinates !== undefined
          ? [[operationId, coordinates] as [string, string[]]]
          : [],
      );
  };
  const stated = new Map([...surfacesOf('space'), ...surfacesOf('agent')]);

  test('all 68 calls state it', () => {
    expect([...stated.keys()].sort()).toEqual([...Object.keys(spaceCalls), ...Object.keys(agentCalls)].sort());
  });

  test.each(calls)('%s', async (call) => {
    expect(validate(schema, parseDocument(surfaces[call]))).toEqual([]);
    // The sign-in and the project are found once a gateway: a cold one is asked.
    const { projectId, ...tics } = configFor(stage.sandbox);
    const cold = gatewayFor(tics);
    const { errors } = await askGateway(cold, surfaces[call], variables);
    await cold.close();
    expect(errors ?? []).toEqual([]);
    expect(await stage.sandbox.client.countCalls()).toHaveProperty(call);
    const fields = new Set(surfaces[call].match(/\w+/g));
    const named = stated.get(call)?.map((coordinate) => coordinate.split('.')[1] ?? '') ?? [];
    if (named.length > 0) expect(named.some((field) => fields.has(field))).toBe(true);
  });
});

describe.each(variants.map((variant) => [variant.name, variant] as const))('the variant %s', (name, variant) => {
  const reading = calls.filter((call) => variant.operations.includes(call));
  const signingIn = (['createToken', 'createAgentToken'] as const).filter((call) => variant.operations.includes(call));

  test(`is read ${variant.keepsMeaning ? 'to the same answer' : 'without breaking an answer'} wherever it can occur`, async () => {
    expect(reading.length + signingIn.length).toBeGreaterThan(0);
    for (const call of reading) {
      await stage.sandbox.client.setRules([{ operationId: call, variants: [name] }]);
      expectRead(call, await ask(call), variant.keepsMeaning);
    }
    for (const call of signingIn) {
      await stage.sandbox.client.setRules([{ operationId: call, variants: [name] }]);
      const cold = gatewayFor(configFor(stage.sandbox));
      expectRead('getAgentRuntime', await askGateway(cold, surfaces.getAgentRuntime, variables), variant.keepsMeaning);
      await cold.close();
    }
  });
});
