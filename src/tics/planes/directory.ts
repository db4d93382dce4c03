import { within } from '../../time.ts';
import { readWindow, readRows } from '../pages.ts';
import type { SpaceClient } from '../../upstream/rest.ts';
import { integer, text } from '../../upstream/wire.ts';

/** Agents as the space plane lists them: what is needed to reach them. */
export interface Directory {
  /** League id by agent id, of all agents that the account sees. The last known one while it can't be read. */
  readonly leagues: () => Promise<ReadonlyMap<string, string>>;
  /** The same as far as it is known, without a call. */
  readonly leaguesKnown: () => ReadonlyMap<string, string>;
  /** Where the agent's own API is, or undefined when the space plane does not say. */
  readonly address: (agentId: string) => Promise<string | undefined>;
  /** Drops the address of an agent that could not be reached: a failover moves it. */
  readonly forget: (agentId: string) => void;
}

/** Agents join and leave rarely; a new one is found after this long at the latest. */
const leaguesLifeMs = 60_000;

/** Longest wait for the list while an older one is known, so that a hanging call does not delay every read. */
const maxWaitMs = 1_000;

/**
 * Leagues and addresses of agents, from the space plane (`GET /v1/{p}/agents`, 6.8.1; `GET /v1/{p}/agents/{a}`, 6.8.2). Concurrent
 * callers share a call, so `space` must belong to no single one of them.
 */
export function createDirectory(space: SpaceClient, now: () => number = Date.now): Directory {
  let leagues: { readonly untilMs: number; readonly byAgent: Promise<ReadonlyMap<string, string>> } | undefined;
  let lastKnown: ReadonlyMap<string, string> | undefined;
  const addresses = new Map<string, Promise<string | undefined>>();

  const list = async (): Promise<ReadonlyMap<string, string>> => {
    const page = async (offset: number, limit: number) =>
      readRows('listAgents', await space.read('listAgents', { query: { offset, limit } }), (row) => row);
    // Agents missing in the list do not invalidate those that it has.
    const { rows: agents } = await readWindow(page, 0, Number.MAX_SAFE_INTEGER);
    return new Map(
      agents.flatMap(({ agent_id: agentId, league_id: leagueId }): [string, string][] =>
        agentId && leagueId ? [[agentId, leagueId]] : [],
      ),
    );
  };

  const find = async (agentId: string): Promise<string | undefined> => {
    const { agent_deploy_detail: detail } = await space.read('getAgentDeployment', { path: { agent_id: agentId } });
    const host = text(detail?.console_ip)?.trim();
    const address = `https://${host?.includes(':') ? `[${host}]` : host}:${integer(detail?.console_port)}`;
    return host && URL.canParse(address) ? new URL(address).origin : undefined;
  };

  const withinMaxWait = async (byAgent: Promise<ReadonlyMap<string, string>>): Promise<ReadonlyMap<string, string>> => {
    const known = lastKnown;
    return known === undefined ? byAgent : within(byAgent, maxWaitMs, () => known);
  };

  return {
    leagues: async () => {
      if (leagues !== undefined && leagues.untilMs >= now()) return withinMaxWait(leagues.byAgent);
      const byAgent = list().then(
        (found) => (lastKnown = found),
        (error: unknown) => {
          leagues = undefined;
          if (lastKnown === undefined) throw error;
          return lastKnown;
        },
      );
      leagues = { untilMs: now() + leaguesLifeMs, byAgent };
      return withinMaxWait(byAgent);
    },
    leaguesKnown: () => lastKnown ?? new Map(),
    address: (agentId) => {
      const known = addresses.get(agentId);
      if (known !== undefined) return known;
      const asked = find(agentId);
      addresses.set(agentId, asked);
      const forget = (): void => {
        if (addresses.get(agentId) === asked) addresses.delete(agentId);
      };
      asked.then((address) => {
        if (address === undefined) forget();
      }, forget);
      return asked;
    },
    forget: (agentId) => addresses.delete(agentId),
  };
}
