import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLInputType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Role } from '../../../src/callers/caller.ts';
import { schema } from '../../../src/graphql/schema.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../../support/gateway.ts';

const stage = useStage();

const mutations = schema.getMutationType()?.getFields() ?? {};
const roles: readonly Role[] = ['VIEWER', 'OPERATOR', 'APPROVER', 'ADMINISTRATOR'];

/** Whom mutations are for that are not for operators. */
const others: Readonly<Record<string, Role>> = {
  updateLeague: 'ADMINISTRATOR',
  createConnector: 'ADMINISTRATOR',
  updateConnector: 'ADMINISTRATOR',
  testConnector: 'ADMINISTRATOR',
  deleteConnector: 'ADMINISTRATOR',
  createDataset: 'ADMINISTRATOR',
  updateDataset: 'ADMINISTRATOR',
  publishDataset: 'ADMINISTRATOR',
  deleteDatasets: 'ADMINISTRATOR',
  registerDataset: 'ADMINISTRATOR',
  reviewNotice: 'APPROVER',
};
function roleOf(name: string): Role {
  return others[name] ?? 'OPERATOR';
}

const scalars: Readonly<Record<string, unknown>> = { Int: 1, Float: 1, Boolean: true };

/** An input with all required fields, one of those of which exactly one is given, and invalid values. */
function inputOf(given: GraphQLInputType): unknown {
  const type = getNullableType(given);
  if (isListType(type)) return [inputOf(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (!isInputObjectType(type)) return scalars[getNamedType(type).name] ?? '?';
  const fields = Object.values(type.getFields());
  const needed = fields.filter((field) => isNonNullType(field.type) && field.defaultValue === undefined);
  return Object.fromEntries(
    (type.isOneOf ? fields.slice(0, 1) : needed).map(({ name, type: wanted }) => [name, inputOf(wanted)]),
  );
}

interface Result {
  readonly result: { readonly userErrors: readonly { readonly code: string }[] } | null;
}

/** Sends a mutation as a caller with these roles. */
async function sendAs(held: readonly Role[], name: string) {
  const [input] = mutations[name]?.args ?? [];
  if (input === undefined) throw new Error(`${name} has no input`);
  const gateway = gatewayFor(configFor(stage.sandbox), {
    identify: () => ({ upstreamScope: 'somebody', name: 'somebody', roles: held, leagues: 'ALL' }),
  });
  const query = `mutation ($input: ${String(input.type)}) { result: ${name}(input: $input) { userErrors { code } } }`;
  const answer = await askGateway<Result>(gateway, query, { input: inputOf(input.type) });
  await gateway.close();
  return answer;
}

describe.each(Object.keys(mutations))('%s', (name) => {
  const role = roleOf(name);

  test('says whom it is for', () => {
    expect(mutations[name]?.description?.match(/Needs the role (\w+)\./)?.[1]).toBe(role);
  });

  test('is refused to all others: nothing is sent', async () => {
    const { data, errors } = await sendAs(
      roles.filter((other) => other !== role && other !== 'ADMINISTRATOR'),
      name,
    );
    expect(data).toBeUndefined();
    expect(errors).toEqual([{ message: `This needs the role ${role}.`, extensions: { code: 'FORBIDDEN' } }]);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test.each([...new Set([role, 'ADMINISTRATOR' as const])])(
    'goes on for %s: to the rules of its input',
    async (held) => {
      const { data, errors } = await sendAs([held], name);
      expect(errors).toBeUndefined();
      expect(new Set(data.result?.userErrors.map(({ code }) => code))).toEqual(new Set(['INVALID_INPUT']));
    },
  );
});
