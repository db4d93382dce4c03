import { within } from '../../time.ts';
import { readWindow, readRows } from '../pages.ts';
import type { SpaceClient } from '../../upstream/rest.ts';
import { integer, text } from '../../upstream/wire.ts';

/** Agents as the space plane lists them: what is needed to reach them. */
export interface Directory {
  /** League id by agent id, of all agents that the account sees; as it was known last while it can't be read again. */
  readonly leagues: () => Promise<ReadonlyMap<string, string>>;
  /** The same, as far as it is known by now. */
  readonly leaguesKnown: () => ReadonlyMap<string, string>;
  /** Where the agent's own API is, or undefined when the space plane does not say. */
  readonly address: (agentId: string) => Promise<string | undefined>;
  /** Drops the address of an agent that could not be reached: a failover moves it. */
  readonly forget: (agentId: string) => void;
}

/** Agents join and leave rarely; a new one is found after this long at the latest. */
const leaguesLifeMs = 60_000;

/** A list that takes longer is not waited for where an older one is known: that it hangs would cost every question its time. */
const maxWaitMs = 1_000;

/**
 * Remembers what the space plane says of the agents (`GET /v1/{p}/agents`, 6.8.1; `GET /v1/{p}/agents/{a}`, 6.8.2). Who asks
 * while an answer is under way shares it, so `space` must belong to no single caller.
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
