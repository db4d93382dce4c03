import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { agentCalls, spaceCalls } from '../src/upstream/generated/calls.ts';
import { askGateway, configFor, gatewayFor, useStage } from './support/gateway.ts';

const stage = useStage();

/** Screens of a console, as its operations. Together they reach every reading call of both planes. */
const screens: Readonly<Record<string, string>> = {
  'start page': `{
    viewer { name spacePlane { reachable } agents { reachable } }
    overview { leagueCount }
    membershipNotices(first: 5) { totalCount nodes { partner { status } } }
    leagues(first: 50) { totalCount nodes { id name } }
  }`,
  league: `query ($league: ID!) {
    league(id: $league) {
      name
      settings { approvalRequired }
      computeNodes { nodes { name } }
      partners { nodes { status } }
      agents { nodes { name } }
      statistics(from: "2026-03-01", to: "2026-05-31") {
        datasets { useCount }
        jobs { instanceCount }
        partners { instanceCount }
      }
      auditLog(first: 5) { totalCount }
    }
  }`,
  datasets: `query ($league: ID!) {
    league(id: $league) {
      datasets(first: 3) {
        nodes { name columns { name } privacy { columns { name } } }
      }
      availableDatasets(type: MYSQL) { partnerAlias datasets { id } }
    }
  }`,
  agents: `{
    agents(first: 100) {
      nodes {
        name
        deployment { consoleIp }
        runtime { trusted }
        connectors { nodes { name } }
        datasets(first: 2) { nodes { name registration { __typename } } }
        instances(first: 2) { nodes { id } }
        notices(first: 2) { nodes { id detail { __typename } } }
      }
    }
  }`,
  jobs: `query ($league: ID!) {
    league(id: $league) {
      jobs(first: 100) {
        nodes {
          id
          name
          ... on SqlJob { definition { sql } instances(first: 1) { nodes { id sample { __typename } } } }
          ... on HorizontalJob { horizontal: definition { __typename } models(first: 1) { totalCount } }
          ... on VerticalJob {
            vertical: definition { __typename }
            featureSelection { __typename }
            sampleAlignment { __typename }
          }
        }
      }
      searched: jobs(first: 3, filter: { name: "a" }) { nodes { id } }
    }
  }`,
  instances: `query ($league: ID!) {
    league(id: $league) {
      instances(first: 5) {
        nodes {
          status
          currentStatus
          result { __typename }
          executionGraph { __typename }
          report { __typename }
          error { __typename }
        }
      }
      running: instances(first: 5, filter: { statuses: [RUNNING] }) { nodes { id } }
    }
  }`,
};

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

  test('every reading call is reached by operations of a console', async () => {
    const { projectId, ...tics } = configFor(stage.sandbox);
    const gateway = gatewayFor(tics);
    for (const { id } of stage.sandbox.world.leagues)
      for (const [screen, query] of Object.entries(screens)) {
        const { data, errors } = await askGateway(gateway, query, { league: id });
        expect({ screen, invalid: errors?.filter(({ path }) => path === undefined) ?? [] }).toEqual({
          screen,
          invalid: [],
        });
        expect(data).toBeTypeOf('object');
      }
    await gateway.close();
    const received = await stage.sandbox.client.countCalls();
    expect(
      readingCalls.filter((call) => !(call in received)),
      'Reading calls that no screen reaches: add their fields to a screen of this file.',
    ).toEqual([]);
    expect(await stage.sandbox.client.contractFaults()).toEqual([]);
  });
});
