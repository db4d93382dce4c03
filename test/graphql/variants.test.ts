import { parse, TypeInfo, validate, visit, visitWithTypeInfo } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { createVariants } from '../../src/sandbox/faults/variants.ts';
import { loadContract } from '../../src/sandbox/contract/contract.ts';
import { callsOf } from '../../src/graphql/calls.ts';
import { schema } from '../../src/graphql/schema.ts';
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

/** The calls that the fields of an operation claim. */
function claimedBy(operation: string): ReadonlySet<string> {
  const claimed = new Set<string>();
  const types = new TypeInfo(schema);
  const enter = (): void => callsOf(types.getFieldDef() ?? { extensions: {} }).forEach(({ call }) => claimed.add(call));
  visit(parse(operation), visitWithTypeInfo(types, { Field: { enter } }));
  return claimed;
}

describe('each reading call surfaces where fields claim it', () => {
  test.each(calls)('%s', async (call) => {
    expect(validate(schema, parse(surfaces[call]))).toEqual([]);
    // The sign-in and the project are found once a gateway: a cold one is asked.
    const { projectId, ...tics } = configFor(stage.sandbox);
    const cold = gatewayFor(tics);
    const { errors } = await askGateway(cold, surfaces[call], variables);
    await cold.close();
    expect(errors ?? []).toEqual([]);
    expect(await stage.sandbox.client.countCalls()).toHaveProperty(call);
    // No field is made of the projects: the gateway finds its own by them.
    if (call !== 'listProjects') expect(claimedBy(surfaces[call])).toContain(call);
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
