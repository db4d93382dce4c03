import DataLoader from 'dataloader';
import { GatewayError } from '../../errors.ts';
import type { components } from '../../upstream/generated/space.d.ts';
import { memo } from '../../upstream/memo.ts';
import { readObjects, readWindow, type Page, type ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import { flag, instant, text } from '../../upstream/wire.ts';
import { openEnumReader, type OpenEnum } from '../../upstream/openEnum.ts';
import { toDeployment, type AgentDeployment } from './deployment.ts';
import { toRuntime, type AgentRuntime } from './runtime.ts';
import { deployType, type deployTypes } from './enums.ts';

type Schemas = components['schemas'];

/** States of an agent's deployment. The reference translates ABNORMAL as normal; it means what it says. */
export const deployStatuses = {
  TO_START: 'Waiting to be started.',
  IN_PROGRESS: 'A step is under way.',
  DEPLOYING: 'Being created.',
  DEPLOY_SUCCESS: 'Created.',
  DEPLOY_FAILED: 'Could not be created.',
  STARTING: 'Being started.',
  RUNNING: 'In use.',
  ABNORMAL: 'Something is wrong with it.',
  RESTARTING: 'Being restarted.',
  RESTART_FAILED: 'Could not be restarted.',
  UPGRADING: 'Being upgraded.',
  UPGRADE_FAILED: 'Could not be upgraded.',
  ROLLBACK: 'Being taken back to its former version.',
  ROLLBACKING: 'Being rolled back.',
  ROLLBACK_FAILED: 'Could not be taken back to its former version.',
  DELETING: 'Being deleted.',
  DELETE_SUCCESS: 'Deleted.',
  DELETE_FAILED: 'Could not be deleted.',
  SUCCESS: 'The last step succeeded.',
  FAILED: 'The last step failed.',
} as const;

const deployStatus = openEnumReader(deployStatuses, { UPGRADEING: 'UPGRADING' });

/** Actions that an agent allows now. */
export interface AgentPermissions {
  readonly deletable: boolean | null;
  readonly upgradable: boolean | null;
}

/** An agent, from its list row. */
export interface Agent {
  readonly __typename: 'Agent';
  readonly ticsId: string;
  readonly name: string | null;
  readonly leagueId: string | null;
  readonly leagueName: string | null;
  readonly leagueVersion: string | null;
  readonly version: string | null;
  readonly createdAt: string | null;
  readonly creatorName: string | null;
  readonly creatorDomainId: string | null;
  readonly deployType: OpenEnum<typeof deployTypes>;
  readonly deployStatus: OpenEnum<typeof deployStatuses>;
  readonly deploymentEvent: string | null;
  readonly highAvailability: boolean | null;
  /** Undefined when the agent was read by its own call: only list rows have them. */
  readonly permissions: AgentPermissions | undefined;
}

/** Filter of the list. The service matches both fuzzily. */
export interface AgentFilter {
  readonly name?: string | null | undefined;
  readonly leagueName?: string | null | undefined;
}

/** Properties that list rows and `getAgentDeployment` share. */
function common(ticsId: string, wire: Schemas['AgentRow'] & Schemas['AgentDeploymentProfile']) {
  return {
    __typename: 'Agent' as const,
    ticsId,
    name: text(wire.agent_name),
    leagueId: text(wire.league_id),
    leagueName: text(wire.league_name),
    leagueVersion: text(wire.league_version),
    version: text(wire.image_version),
    createdAt: instant(wire.create_time),
    creatorDomainId: text(wire.creator_domain_id),
    deployType: deployType(wire.deploy_type),
    deployStatus: deployStatus(wire.deploy_status),
    deploymentEvent: text(wire.deployment_event_information),
  };
}

function ofRow(wire: Schemas['AgentRow']): Agent {
  return {
    creatorName: text(wire.creator_user_name),
    highAvailability: flag(wire.is_high_avail) ?? flag(wire.highAvail),
    permissions: { deletable: flag(wire.enable_delete), upgradable: flag(wire.enable_upgrade) },
    ...common(text(wire.agent_id) ?? '', wire),
  };
}

function ofDeployment(ticsId: string, { agent_deploy: profile }: Schemas['AgentDeployment']): Agent {
  return {
    creatorName: text(profile?.creator_name),
    highAvailability: flag(profile?.high_avail),
    permissions: undefined,
    ...common(ticsId, profile ?? {}),
  };
}

/** A league whose agents are read. Its name goes to the service as a filter. */
export interface LeagueOfAgents {
  readonly ticsId: string;
  readonly name: string | null;
}

type AgentsOfLeague = Pick<Page<Agent>, 'rows' | 'gaps'>;

/** `GET /v1/{p}/agents` (6.8.1): offset and limit count records. `onRow` receives every agent that was read. */
function createAgentLists({ space }: Planes, onRow: (agent: Agent) => void) {
  const page = memo(
    async ({
      filter: { name, leagueName },
      offset,
      limit,
    }: {
      filter: AgentFilter;
      offset: number;
      limit: number;
    }): Promise<Page<Agent>> => {
      const answer = await space.read('listAgents', {
        query: { offset, limit, ...(name && { agent_name: name }), ...(leagueName && { league_name: leagueName }) },
      });
      const agents = readObjects('listAgents', answer, ofRow);
      agents.rows.forEach(onRow);
      return agents;
    },
  );
  const list =
    (filter: AgentFilter = {}): ReadPage<Agent> =>
    (offset, limit) =>
      page({ filter, offset, limit });
  const whole = memo((filter: AgentFilter) => readWindow(list(filter), 0, Number.MAX_SAFE_INTEGER));

  /**
   * The agents of one league come from the list filtered by its name, those of several from the whole list. The filter is
   * fuzzy, so the id decides either way.
   */
  const ofLeague: DataLoader<LeagueOfAgents, AgentsOfLeague, string> = new DataLoader(
    async (leagues) => {
      const [only] = leagues;
      const { gaps, rows } = await whole(leagues.length === 1 && only?.name ? { leagueName: only.name } : {});
      const byLeague = new Map<string | null, Agent[]>(leagues.map(({ ticsId }) => [ticsId, []]));
      for (const agent of rows) byLeague.get(agent.leagueId)?.push(agent);
      return leagues.map(({ ticsId }) => ({ rows: byLeague.get(ticsId) ?? [], ...(gaps && { gaps }) }));
    },
    { cacheKeyFn: ({ ticsId }) => ticsId },
  );

  return { list, whole, ofLeague };
}

/** Reads agents. */
export function createAgentLoaders(planes: Planes) {
  const lists = createAgentLists(planes, (agent) => {
    byId.prime(agent.ticsId, agent);
    row.prime(agent, agent);
  });

  /** `GET /v1/{p}/agents/{a}` (6.8.2). */
  const detail = memo((agentId: string) => planes.space.read('getAgentDeployment', { path: { agent_id: agentId } }));

  /** `GET /v1/agents` of the agent itself (7.2.1). */
  const runtime = memo(async (agentId: string) =>
    toRuntime(await (await planes.agent(agentId)).read('getAgentRuntime')),
  );

  /** Null when there is no such agent. */
  const alone = async (agentId: string): Promise<Agent | null> => {
    try {
      const wire = await detail(agentId);
      return wire.agent_deploy ? ofDeployment(agentId, wire) : null;
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  };

  /** One agent is read by its own call, several by the list, which holds all that the account sees. */
  const byId = new DataLoader<string, Agent | null>(async (agentIds) => {
    const [only] = agentIds;
    if (agentIds.length === 1 && only !== undefined) return [await alone(only)];
    const { rows, gaps } = await lists.whole({});
    const agents = new Map(rows.map((agent) => [agent.ticsId, agent]));
    // A row that is missing may be the agent's.
    return agentIds.map((agentId) => agents.get(agentId) ?? (gaps?.areMissing ? gaps.fault : null));
  });

  /** List rows of agents: of one from the list filtered by its name, of several from the whole list. */
  const row: DataLoader<Agent, Agent | null, string> = new DataLoader(
    async (asked) => {
      const [only] = asked;
      const { rows } = await lists.whole(asked.length === 1 && only?.name ? { name: only.name } : {});
      const agents = new Map(rows.map((agent) => [agent.ticsId, agent]));
      return asked.map(({ ticsId }) => agents.get(ticsId) ?? null);
    },
    { cacheKeyFn: ({ ticsId }) => ticsId },
  );

  return {
    /** An agent by its id; null when the account sees none. */
    byId: (agentId: string): Promise<Agent | null> => byId.load(agentId),
    /** Agents whose names, and whose leagues' names, resemble those of the filter. */
    list: lists.list,
    /** All agents of a league. */
    ofLeague: (league: LeagueOfAgents): Promise<AgentsOfLeague> => lists.ofLeague.load(league),
    /** Actions that the agent allows now; from the list unless its row was read. */
    permissions: async (agent: Agent): Promise<AgentPermissions | undefined> =>
      agent.permissions ?? (await row.load(agent))?.permissions,
    /** Deployment of an agent, as the space plane knows it. */
    deployment: async (agentId: string): Promise<AgentDeployment> => toDeployment(await detail(agentId)),
    /** State of an agent, as it reports it itself. */
    runtime: (agentId: string): Promise<AgentRuntime> => runtime(agentId),
  };
}
