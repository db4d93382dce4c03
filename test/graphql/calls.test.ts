import { describe, expect, test } from 'vitest';
import { useStage } from '../support/gateway.ts';

const stage = useStage({ ownedLeagues: 20, joinedLeagues: 5, agents: 50 });

describe('what operations cost upstream', () => {
  test('20 owned leagues with their agents, 10 datasets and 10 instances each: exactly 42 calls', async () => {
    const query = `{
      leagues(role: OWNER, first: 20) {
        nodes {
          id
          name
          status
          agents { nodes { id name deployStatus } }
          datasets(first: 10) { nodes { id name } }
          instances(first: 10) { nodes { id status } }
        }
      }
    }`;
    interface Answer {
      leagues: { nodes: { id: string; agents: { nodes: { id: string }[] } }[] };
    }
    let answer: Answer | undefined;
    const calls = await stage.callsOf(async () => {
      answer = await stage.data<Answer>(query);
    });
    expect(calls).toEqual({ listLeagues: 1, listAgents: 1, listLeagueDatasets: 20, listLeagueInstances: 20 });
    const leagues = answer?.leagues.nodes ?? [];
    expect(leagues.length).toBe(20);
    for (const { id, agents } of leagues)
      expect(agents.nodes.map((agent) => agent.id).sort()).toEqual(
        stage.sandbox.world.agents
          .filter(({ leagueId }) => `League:${leagueId}` === id)
          .map((agent) => `Agent:${agent.id}`)
          .sort(),
      );
  });

  test('50 agents by their ids: one list call', async () => {
    const ids = stage.sandbox.world.agents.map(({ id }) => `Agent:${id}`);
    expect(ids.length).toBe(50);
    let names: (string | undefined)[] = [];
    const calls = await stage.callsOf(async () => {
      const { nodes } = await stage.data<{ nodes: { name: string }[] }>(
        'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Agent { name deployStatus } } }',
        { ids },
      );
      names = nodes.map(({ name }) => name);
    });
    expect(calls).toEqual({ listAgents: 1 });
    expect(names).toEqual(stage.sandbox.world.agents.map(({ name }) => name));
  });

  test('25 leagues by their ids: the two lists', async () => {
    const ids = stage.sandbox.world.leagues.map(({ id }) => id);
    const calls = await stage.callsOf(() =>
      stage.data('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on League { name role } } }', {
        ids: ids.map((id) => `League:${id}`),
      }),
    );
    expect(calls).toEqual({ listLeagues: 2 });
  });

  test('what is asked for twice in an operation is read once', async () => {
    const [league] = stage.sandbox.world.leagues;
    const calls = await stage.callsOf(() =>
      stage.data(
        `query ($id: ID!) {
          one: league(id: $id) { name settings { description } datasets(first: 2) { totalCount } }
          other: league(id: $id) { settings { approvalRequired } datasets(first: 2) { nodes { id } } }
        }`,
        { id: league?.id },
      ),
    );
    expect(calls).toEqual({ getLeague: 1, listLeagueDatasets: 1 });
  });
});
