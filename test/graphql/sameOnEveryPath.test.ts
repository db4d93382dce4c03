import { isObjectType, type GraphQLResolveInfo } from 'graphql';
import type { Path } from 'graphql/jsutils/Path.js';
import { beforeEach, describe, expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { createVariants } from '../../src/sandbox/faults/variants.ts';
import { loadContract } from '../../src/sandbox/contract/contract.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { sweep, type Reach } from '../support/sweep.ts';

const stage = useStage();
const small = { depth: 3, roots: 1, rows: 2, filters: false };

/** Sweeps over a gateway of its own: breakers remember the failures of the run before. */
async function run(reach?: Partial<Reach>) {
  const gateway = gatewayFor(configFor(stage.sandbox));
  try {
    return await sweep(schema, (query) => askGateway(gateway, query), reach);
  } finally {
    await gateway.close();
  }
}

beforeEach(async () => {
  // Time stands still: what is running would otherwise differ from one answer to the next.
  await stage.sandbox.client.setSpeed(0);
});

describe('a Node reads the same whichever path it was met on', () => {
  test('with and without each filter and order', { timeout: 120_000 }, async () => {
    const { differences, compared, paths } = await run();
    expect(differences).toEqual([]);
    for (const type of schema.getImplementations(schema.getType('Node') as never).objects)
      if (type.name !== 'OtherJob') {
        expect(compared).toHaveProperty(type.name);
        expect(paths[type.name]).toBeGreaterThan(3);
      }
  });

  test('while agents answer in the place of the space plane', { timeout: 60_000 }, async () => {
    await stage.sandbox.client.setRules(
      ['listLeagueSqlJobs', 'listLeagueFlJobs', 'listLeagueInstances'].map((operationId) => ({
        operationId,
        fault: { kind: 'status', status: 503 },
      })),
    );
    const { differences, compared } = await run({ ...small, filters: true });
    expect(differences).toEqual([]);
    expect(compared).toHaveProperty('HorizontalJob');
    expect(compared).toHaveProperty('Instance');
  });

  test.each(createVariants(loadContract()).map(({ name }) => name))(
    'on the variant %s',
    { timeout: 60_000 },
    async (name) => {
      await stage.sandbox.client.setRules([{ operationId: '*', variants: [name] }]);
      const { differences, compared } = await run({ ...small, losesValues: /^(row|null|absent)/.test(name) });
      expect(differences).toEqual([]);
      // Nothing is listed where lists are null.
      if (name !== 'listsAreNull') expect(Object.keys(compared).length).toBeGreaterThan(4);
    },
  );
});

describe('The sweep finds', () => {
  /** Sweeps while a field reads otherwise on each path, and expects that it alone is told of. */
  async function expectFound(typeName: string, fieldName: string, told: string): Promise<void> {
    const type = schema.getType(typeName);
    const fields = isObjectType(type) ? type.getFields() : {};
    const { [fieldName]: field } = fields;
    if (field === undefined) throw new Error(`there is no ${typeName}.${fieldName}`);
    // The field of Query by which the object was met.
    const rootOf = (path: Path): string => (path.prev === undefined ? String(path.key) : rootOf(path.prev));
    const resolve = (_: unknown, __: unknown, ___: unknown, { path }: GraphQLResolveInfo) => rootOf(path);
    fields['planted'] = { ...field, name: 'planted', resolve };
    try {
      const { differences } = await run(small);
      expect(differences.length).toBeGreaterThan(0);
      expect(differences.filter((difference) => !difference.includes(told))).toEqual([]);
    } finally {
      delete fields['planted'];
    }
  }

  test('a field that differs, one that was added just now too', { timeout: 60_000 }, () =>
    expectFound('Instance', 'ticsId', 'Instance.planted'),
  );

  test('a field of a part that differs', { timeout: 60_000 }, () =>
    expectFound('LeagueBlockchain', 'browserAddress', 'League.blockchain'),
  );
});

test('only Nodes have an `id`: caches keep objects by it', () => {
  const strangers = Object.values(schema.getTypeMap()).filter(
    (type) =>
      isObjectType(type) && 'id' in type.getFields() && !type.getInterfaces().some(({ name }) => name === 'Node'),
  );
  expect(strangers.map(({ name }) => name)).toEqual([]);
});
