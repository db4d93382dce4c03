import { readAll } from './pages.ts';
import type { SpaceClient } from './rest.ts';
import { count, integer, rows, text } from './wire.ts';

/** What the space plane knows of the agents, as far as it is needed to reach them. */
export interface Directory {
  /** League id by agent id, of all agents that the account sees. */
  readonly leagues: (space: SpaceClient) => Promise<ReadonlyMap<string, string>>;
  /** Where the agent's own API is, or undefined when the space plane does not say. */
  readonly address: (space: SpaceClient, agentId: string) => Promise<string | undefined>;
  /** Drops the address of an agent that could not be reached: a failover moves it. */
  readonly forget: (agentId: string) => void;
}

/** Agents join and leave rarely; a new one is found after this long at the latest. */
const leaguesLifeMs = 60_000;

/** Remembers what the space plane says of the agents (`GET /v1/{p}/agents`, 6.8.1; `GET /v1/{p}/agents/{a}`, 6.8.2). */
export const createDirectory = (now: () => number = Date.now): Directory => {
  let leagues: { readonly untilMs: number; readonly byAgent: Promise<ReadonlyMap<string, string>> } | undefined;
  const addresses = new Map<string, string>();

  const list = async (space: SpaceClient): Promise<ReadonlyMap<string, string>> => {
    const agents = await readAll(async (offset, limit) => {
      const { lists, total } = await space.read('listAgents', { query: { offset, limit } });
      return { rows: rows(lists), total: count(total) };
    });
    return new Map(
      agents.flatMap(({ agent_id: agentId, league_id: leagueId }): [string, string][] =>
        agentId && leagueId ? [[agentId, leagueId]] : [],
      ),
    );
  };

  return {
    leagues: (space) => {
      if (leagues === undefined || leagues.untilMs < now()) {
        const byAgent = list(space);
        const entry = { untilMs: now() + leaguesLifeMs, byAgent };
        leagues = entry;
        byAgent.catch(() => {
          if (leagues === entry) leagues = undefined;
        });
      }
      return leagues.byAgent;
    },
    address: async (space, agentId) => {
      const known = addresses.get(agentId);
      if (known !== undefined) return known;
      const { agent_deploy_detail: detail } = await space.read('getAgentDeployment', { path: { agent_id: agentId } });
      const host = text(detail?.console_ip);
      const port = integer(detail?.console_port);
      if (!host || port === null) return undefined;
      const address = new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`).origin;
      addresses.set(agentId, address);
      return address;
    },
    forget: (agentId) => addresses.delete(agentId),
  };
};
