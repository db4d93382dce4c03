import { Pool } from 'undici';
import { paths } from '../kit/answer.ts';
import { toAgent, toDataset, toInstance, toLeague } from '../kit/rows.ts';

/** The part of the gateway's schema that the bench asks for. */
export const typeDefs = /* GraphQL */ `
  scalar DateTime
  enum LeagueRole {
    OWNER
    PARTNER
  }
  type Query {
    leagues(role: LeagueRole, first: Int): LeagueConnection
  }
  type LeagueConnection {
    nodes: [League!]!
  }
  type League {
    id: ID!
    name: String
    status: String!
    agents(first: Int): AgentConnection
    datasets(first: Int): DatasetConnection
    instances(first: Int): InstanceConnection
  }
  type AgentConnection {
    nodes: [Agent!]!
  }
  type Agent {
    id: ID!
    name: String
    deployStatus: String!
    version: String
  }
  type DatasetConnection {
    nodes: [Dataset!]!
  }
  type Dataset {
    id: ID!
    name: String
    dataType: String
    accountName: String
    createdAt: DateTime
  }
  type InstanceConnection {
    nodes: [Instance!]!
  }
  type Instance {
    id: ID!
    jobName: String
    type: String!
    status: String!
    startedAt: DateTime
    endedAt: DateTime
  }
`;

/** As many sockets as the gateway opens to one upstream. */
const connections = 64;

/**
 * Resolvers as one would write them: a call where a field needs one, one list of agents an operation.
 *
 * @param upstream - address of the static upstream
 * @param projectId - of the tenant
 */
export async function createResolvers(upstream, projectId) {
  const pool = new Pool(upstream, { connections });
  const signedIn = await pool.request({ path: '/v3/auth/tokens', method: 'POST', body: '{}' });
  await signedIn.body.dump();
  const headers = { 'x-auth-token': signedIn.headers['x-subject-token'], 'x-language': 'en_us' };

  const get = async (path) => {
    const { statusCode, body } = await pool.request({ path: `/v1/${projectId}${path}`, method: 'GET', headers });
    if (statusCode !== 200) throw new Error(`upstream answered ${path} with ${statusCode}`);
    return body.json();
  };

  const agentsByLeague = async () => {
    const byLeague = new Map();
    for (const row of (await get(paths.agents())).lists) {
      const agents = byLeague.get(row.league_id) ?? [];
      byLeague.set(row.league_id, agents);
      agents.push(toAgent(row));
    }
    return byLeague;
  };

  return {
    Query: {
      leagues: async (_, { first = 20 }) => {
        const { lists } = await get(paths.leagues(first));
        return { nodes: lists.map((row) => ({ ...toLeague(row), ticsId: row.id })) };
      },
    },
    League: {
      agents: async ({ ticsId }, _, context) => {
        context.agents ??= agentsByLeague();
        return { nodes: (await context.agents).get(ticsId) ?? [] };
      },
      datasets: async ({ ticsId }) => {
        const { lists } = await get(paths.datasets(ticsId));
        return { nodes: lists.map((row) => toDataset(ticsId, row)) };
      },
      instances: async ({ ticsId }, { first = 20 }) => {
        const { lists } = await get(paths.instances(ticsId, 0, first));
        return { nodes: lists.map((row) => toInstance(ticsId, row)) };
      },
    },
  };
}
