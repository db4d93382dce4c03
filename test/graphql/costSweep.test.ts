import { isObjectType } from 'graphql';
import { beforeEach, expect, test } from 'vitest';
import type { FieldCall } from '../../src/graphql/calls.ts';
import { schema } from '../../src/graphql/schema.ts';
import { CostSweeper, idsByKind, type CostSweep } from '../support/costSweep.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { required } from '../support/required.ts';

const stage = useStage();

interface Situation {
  /** How many rows lists are asked for: one object and several are read with other calls. */
  readonly rows: number;
  /** How many agents are configured; undefined for all. */
  readonly agents?: number;
  readonly failing: readonly string[];
}

/** What claims depend on. */
const situations: readonly [Situation, ...Situation[]] = [
  { rows: 3, failing: [] },
  { rows: 1, failing: [] },
  { rows: 1, failing: [], agents: 1 },
  { rows: 3, failing: ['listLeagueSqlJobs', 'listLeagueFlJobs', 'listLeagueInstances'] },
  { rows: 1, failing: ['listJobInstances', 'listSqlJobs', 'listFlJobs'] },
];

async function sweep(some: readonly Situation[], isSwept?: (typeName: string) => boolean): Promise<CostSweep> {
  const first = gatewayFor(configFor(stage.sandbox));
  const ids = await idsByKind((query) => askGateway(first, query));
  await first.close();
  let asked = first;
  let counted: Readonly<Record<string, number>> = {};
  const sweeper = new CostSweeper(
    schema,
    async (query) => {
      const { errors } = await askGateway(asked, query);
      const invalid = errors?.find(({ path }) => path === undefined);
      if (invalid !== undefined) throw new Error(`${invalid.message}\n${query}`);
      const before = counted;
      counted = await stage.sandbox.client.countCalls();
      const { createToken, createAgentToken, listProjects, ...calls } = counted;
      return Object.fromEntries(Object.entries(calls).map(([call, count]) => [call, count - (before[call] ?? 0)]));
    },
    ids,
  );
  for (const { rows, failing, agents } of some) {
    // A gateway of its own: breakers remember failures. It finds its project and its agents before calls are counted.
    const tics = configFor(stage.sandbox);
    asked = gatewayFor({ ...tics, agents: tics.agents.slice(0, agents) });
    for (const name of ['signs in', 'is warm'])
      await askGateway(asked, `{ leagues { nodes { jobs(first: 1, filter: { name: "${name}" }) { totalCount } } } }`);
    counted = await stage.sandbox.client.countCalls();
    await stage.sandbox.client.setRules(
      failing.map((operationId) => ({ operationId, fault: { kind: 'status', status: 503 } })),
    );
    await sweeper.run(rows, isSwept);
    await stage.sandbox.client.clearRules();
    await asked.close();
  }
  return sweeper.result();
}

beforeEach(async () => {
  // Time stands still: what is running would otherwise end between two operations that are compared.
  await stage.sandbox.client.setSpeed(0);
});

/** Claims whose condition no situation holds, with the reason. */
const unreached: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['SqlJob', 'HorizontalJob', 'VerticalJob', 'PredictionJob', 'OtherJob'].map((type) => [
      `${type}.allowedActions getVerticalJob`,
      'every row of a vertical job of the embedded TICS names its agent',
    ]),
  ),
  'DatasetUsage.dataset listAgentDatasets': 'statistics of the embedded TICS name published datasets only',
  'InstanceProgress.executionGraph getExecutionGraph': '`Instance.progress` has read the graph of the same round',
  'MembershipNotice.league listLeagues': 'the rows that are asked for are of one league',
};

/** Types to sweep, separated by commas; all where it is left out. */
const sweptTypes = process.env['SWEPT_TYPES']?.split(',');

function isSwept(typeName: string): boolean {
  return sweptTypes?.includes(typeName) ?? true;
}

test('Each field causes the calls that it claims, and no others', { timeout: 600_000 }, async () => {
  const { unclaimed, neverCaused } = await sweep(situations, isSwept);
  expect(unclaimed, 'Add the calls to `calls` of the field.').toEqual([]);
  expect(
    neverCaused.filter((claim) => !(claim in unreached)),
    'Take the calls out of `calls` of the field, or add the condition to `situations` of this file.',
  ).toEqual([]);
  expect(
    Object.keys(unreached).filter((claim) => isSwept(claim.split('.')[0] ?? '') && !neverCaused.includes(claim)),
    'These are reached: take them out of `unreached` of this file.',
  ).toEqual([]);
});

test('The sweep finds a call that is not claimed, and a claim that is never caused', { timeout: 120_000 }, async () => {
  const type = schema.getType('Instance');
  const fields = isObjectType(type) ? type.getFields() : {};
  const plantedCalls: Readonly<Record<string, readonly FieldCall[]>> = {
    report: [],
    error: [
      { call: 'getInstanceError', per: 'object' },
      { call: 'listPartners', per: 'page100' },
    ],
  };
  const extensions = Object.keys(plantedCalls).map((name) => [name, fields[name]?.extensions] as const);
  for (const [name, calls] of Object.entries(plantedCalls)) {
    const field = required(fields[name], `Instance.${name}`);
    field.extensions = { ...field.extensions, calls };
  }
  try {
    const { unclaimed, neverCaused } = await sweep(situations.slice(0, 1), (typeName) => typeName === 'Instance');
    expect(unclaimed.length).toBeGreaterThan(0);
    for (const line of unclaimed) expect(line).toMatch(/^Instance\.\{.*report.*\} caused getInstanceReport/);
    expect(neverCaused).toContain('Instance.error listPartners');
    expect(neverCaused).not.toContain('Instance.error getInstanceError');
  } finally {
    for (const [name, before] of extensions) Object.assign(fields[name] ?? {}, { extensions: before });
  }
});
