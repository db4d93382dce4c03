import { getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { costOf, type OperationCost } from '../../src/graphql/cost.ts';
import { schema } from '../../src/graphql/schema.ts';

function cost(source: string, variables: Readonly<Record<string, unknown>> = {}): OperationCost {
  const document = parse(source);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('one operation was expected');
  return costOf(schema, document, operation, variables);
}

describe('the cost of an operation', () => {
  test('20 leagues with their agents, 10 datasets and 10 instances each: 42 calls', () => {
    const { calls, byCall } = cost(`{
      leagues(role: OWNER, first: 20) {
        nodes {
          id name status
          agents { nodes { id name deployStatus } }
          datasets(first: 10) { nodes { id name } }
          instances(first: 10) { nodes { id status } }
        }
      }
    }`);
    expect(calls).toBe(42);
    expect(byCall).toEqual({ listLeagues: 1, listAgents: 1, listLeagueDatasets: 20, listLeagueInstances: 20 });
  });

  test('grows with first, given as a variable or not', () => {
    const source =
      'query ($n: Int) { league(id: "a") { datasets(first: $n) { nodes { id privacy { __typename } } } } }';
    expect(cost(source, { n: 0 }).byCall).toEqual({ getLeague: 1, listLeagueDatasets: 1, getDatasetPrivacy: 0 });
    expect(cost(source, { n: 101 }).byCall).toEqual({ getLeague: 1, listLeagueDatasets: 2, getDatasetPrivacy: 101 });
    expect(cost(source).byCall).toEqual({ getLeague: 1, listLeagueDatasets: 1, getDatasetPrivacy: 20 });
  });

  test('multiplies lists within lists', () => {
    const { byCall } = cost(
      '{ leagues(role: OWNER, first: 3) { edges { node { instances(first: 4) { nodes { report { jobName } } } } } } }',
    );
    expect(byCall).toEqual({ listLeagues: 1, listLeagueInstances: 3, getInstanceReport: 12 });
  });

  test('counts once what fields of one object, or of one league, share', () => {
    const own = cost('{ league(id: "a") { instances(first: 2) { nodes { currentStatus currentStatusText } } } }');
    expect(own.byCall).toMatchObject({ getInstanceStatus: 2 });
    const ofLeague = cost('{ league(id: "a") { datasets(first: 50) { nodes { usage { datasetName } } } } }');
    expect(ofLeague.byCall).toMatchObject({ getDatasetStatistics: 1 });
  });

  test('counts other arguments apart, and the same under other aliases once', () => {
    const { byCall } = cost(`{
      league(id: "a") {
        instances(first: 1) { nodes { one: executionGraph(round: 1) { round } two: executionGraph(round: 2) { round } } }
      }
    }`);
    expect(byCall).toMatchObject({ getExecutionGraph: 2 });
    const twice = cost(`{
      one: league(id: "a") { datasets(first: 5) { nodes { privacy { __typename } } } }
      two: league(id: "a") { datasets(first: 5) { edges { node { privacy { __typename } } } } }
    }`);
    expect(twice.byCall).toEqual({ getLeague: 1, listLeagueDatasets: 1, getDatasetPrivacy: 5 });
  });

  test('counts the row before a page of merged lists, and what searches it where it has moved', () => {
    expect(cost('{ leagues(role: OWNER, first: 100, after: "x") { totalCount } }').calls).toBe(2 + 2);
    expect(cost('{ league(id: "a") { jobs(first: 20, after: "x") { totalCount } } }').calls).toBe(1 + 3 * (1 + 2));
  });

  test('counts a page more where rows are left out, and where they begin in the middle of a numbered page', () => {
    expect(cost('{ league(id: "a") { jobs(types: [SQL], first: 20) { totalCount } } }').byCall).toMatchObject({
      listLeagueSqlJobs: 2,
    });
    expect(cost('{ league(id: "a") { jobs(types: []) { totalCount } } }').byCall).toMatchObject({
      listLeagueSqlJobs: 1,
    });
    for (const [field, call] of Object.entries({
      datasets: 'listAgentDatasets',
      instances: 'listAgentInstances',
      connectors: 'listConnectors',
      notices: 'listApprovalNotices',
    }))
      expect(cost(`{ agent(id: "a") { ${field}(first: 150, after: "x") { totalCount } } }`).byCall).toMatchObject({
        [call]: 3,
      });
  });

  test('decides by arguments: filters, roles, types and kinds of ids', () => {
    expect(cost('{ leagues { nodes { id } } }').byCall).toEqual({ listLeagues: 2 });
    expect(cost('{ league(id: "a") { jobs(types: [SQL]) { nodes { id } } } }').byCall).toEqual({
      getLeague: 1,
      listLeagueSqlJobs: 2,
    });
    expect(cost('{ league(id: "a") { instances(filter: { jobName: "x" }) { nodes { id } } } }').byCall).toEqual({
      getLeague: 1,
      listJobInstances: 1,
    });
    expect(cost('{ job(id: "Job:a/vfl/b") { id } }')).toMatchObject({
      byCall: { listLeagueFlJobs: 1, getVerticalJob: 1 },
      calls: 2,
    });
    expect(cost('{ nodes(ids: ["League:a", "Instance:a/b", "Instance:a/c"]) { id } }').byCall).toEqual({
      getLeague: 1,
      listJobInstances: 2,
    });
  });

  test('tells the most that data may make of it', () => {
    expect(cost('{ job(id: "Job:a/sql/b") { id } }')).toMatchObject({ calls: 2, atMost: 41 });
    expect(cost('{ agent(id: "a") { instances(first: 3) { nodes { startedAt endedAt } } } }').calls).toBe(6);
    expect(
      cost('{ agent(id: "a") { instances(first: 3) { nodes { startedAt endedAt } } } }').atMost,
    ).toBeGreaterThanOrEqual(5);
  });

  test('follows fragments, and leaves out what is skipped or not included', () => {
    const source = `query ($yes: Boolean!) {
      league(id: "a") { ...Settings @skip(if: $yes) ... @include(if: $yes) { partners { totalCount } } }
    }
    fragment Settings on League { settings { description } }`;
    expect(cost(source, { yes: true }).byCall).toEqual({ getLeague: 1, listPartners: 1 });
    expect(cost(source, { yes: false }).byCall).toEqual({ getLeague: 2 });
  });

  test('of a mutation: what it sends, and what its payload reads', () => {
    const { byCall } = cost(`mutation {
      deleteJob(input: { id: "Job:a/sql/b" }) { deletedId }
      stopInstance(input: { id: "Instance:a/b" }) { instance { id } }
    }`);
    expect(byCall).toEqual({ deleteSqlJob: 1, stopInstance: 1, listJobInstances: 1 });
  });
});
