import type { Signal } from '../../upstream/deadline.ts';
import type { AgentClient } from '../../upstream/rest.ts';

/** Agents that a call for a league may go to. */
export interface Candidates {
  readonly ids: readonly string[];
  /** False when they may belong to other leagues: then they refuse the call themselves. */
  readonly areMembers: boolean;
}

/** The configured agents of a league. */
export interface LeagueAgents {
  /** Those that reads and writes in it may go to. */
  readonly ids: (leagueId: string) => Promise<readonly string[]>;
  /** Those that reads go to, in this order. */
  readonly forReading: (leagueId: string) => Promise<Candidates>;
}

/**
 * Finds the agents of a league, for one operation.
 *
 * @param configured - ids of the agents whose accounts are configured
 * @param listedLeagues - league ids by agent id, as the space plane lists them
 * @param agent - asked for its own league (7.2.1) where the space plane does not answer
 * @param signal - the operation's
 */
export function createLeagueAgents(
  configured: readonly string[],
  listedLeagues: () => Promise<ReadonlyMap<string, string>>,
  agent: (agentId: string) => Promise<AgentClient>,
  signal: Signal,
): LeagueAgents {
  const leagueSaidBy = async (agentId: string): Promise<readonly [string, string][]> => {
    try {
      const { league_id: leagueId } = await (await agent(agentId)).read('getAgentRuntime');
      return leagueId ? [[agentId, leagueId]] : [];
    } catch {
      return [];
    }
  };

  const leagues = async (): Promise<ReadonlyMap<string, string>> => {
    try {
      return await listedLeagues();
    } catch {
      signal.throwIfAborted();
      if (configured.length === 1) return new Map();
      return new Map((await Promise.all(configured.map(leagueSaidBy))).flat());
    }
  };

  /** One that no list names yet (it has just joined) may be of any league: such agents are asked where none is known. */
  const candidates = async (leagueId: string): Promise<Candidates> => {
    const leagueOf = await leagues();
    const members = configured.filter((id) => leagueOf.get(id) === leagueId);
    return members.length > 0
      ? { ids: members, areMembers: true }
      : { ids: configured.filter((id) => !leagueOf.has(id)), areMembers: false };
  };

  return {
    ids: async (leagueId) => (await candidates(leagueId)).ids,
    /** A single configured agent is always asked: it refuses what it does not know. */
    forReading: async (leagueId) => {
      const found = await candidates(leagueId);
      return found.ids.length === 0 && configured.length === 1 ? { ids: configured, areMembers: false } : found;
    },
  };
}
