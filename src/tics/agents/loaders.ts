import DataLoader from 'dataloader';
import { GatewayError } from '../../errors.ts';
import type { components } from '../../upstream/generated/space.d.ts';
import { memo } from '../../upstream/memo.ts';
import { readThings, readWindow, type Page, type ReadPage } from '../../upstream/pages.ts';
import type { Planes } from '../../upstream/planes.ts';
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

/** What may be done with an agent now. */
export interface AgentPermissions {
  readonly deletable: boolean | null;
  readonly upgradable: boolean | null;
}

/** An agent, as its row in the list tells it. */
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
  /** Only list rows tell them: undefined where the agent was read by its own call. */
  readonly permissions: AgentPermissions | undefined;
}

/** Narrows the list; the service compares both fuzzily. */
export interface AgentFilter {
  readonly name?: string | null | undefined;
  readonly leagueName?: string | null | undefined;
}

/** What a list row and the agent's own call write alike. */
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
    ...common(text(wire.agent_id) ?? '', wire),
    creatorName: text(wire.creator_user_name),
    highAvailability: flag(wire.is_high_avail) ?? flag(wire.highAvail),
    permissions: { deletable: flag(wire.enable_delete), upgradable: flag(wire.enable_upgrade) },
  };
}

function ofDeployment(ticsId: string, { agent_deploy: profile }: Schemas['AgentDeployment']): Agent {
  return {
    ...common(ticsId, profile ?? {}),
    creatorName: text(profile?.creator_name),
    highAvailability: flag(profile?.high_avail),
    permissions: undefined,
  };
}

/** A league whose agents are asked for; its name lets the service leave out most of the others. */
export interface LeagueOfAgents {
  readonly ticsId: string;
  readonly name: string | null;
}

/** Reads agents. */
export function createAgentLoaders(planes: Planes) {
  const { space } = planes;

  /** `GET /v1/{p}/agents/{a}` (6.8.2). */
  const detail = memo((agentId: string) => space.read('getAgentDeployment', { path: { agent_id: agentId } }));

  /** `GET /v1/agents` of the agent itself (7.2.1). */
  const runtime = memo(async (agentId: string) =>
    toRuntime(await (await planes.agent(agentId)).read('getAgentRuntime')),
  );

  /** `GET /v1/{p}/agents` (6.8.1): offset and limit count records. */
  const listPage = memo(
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
      const page = readThings('listAgents', answer, ofRow);
      for (const agent of page.rows) {
        byId.prime(agent.ticsId, agent);
        row.prime(agent, agent);
      }
      return page;
    },
  );

  const list =
    (filter: AgentFilter = {}): ReadPage<Agent> =>
    (offset, limit) =>
      listPage({ filter, offset, limit });

  const listed = memo((filter: AgentFilter) => readWindow(list(filter), 0, Number.MAX_SAFE_INTEGER));

  const listedById = async (filter: AgentFilter): Promise<ReadonlyMap<string, Agent>> =>
    new Map((await listed(filter)).rows.map((agent) => [agent.ticsId, agent]));

  /** One agent is asked for by its own call, several by the list, which holds all that the account sees. */
  const byId = new DataLoader<string, Agent | null>(async (agentIds) => {
    const [only] = agentIds;
    if (agentIds.length === 1 && only !== undefined)
      return [
        await detail(only).then(
          // A detail that tells of no agent is that of one that is not there.
          (wire) => (wire.agent_deploy ? ofDeployment(only, wire) : null),
          (error: unknown) => {
            // As a list says it: by not holding the agent.
            if (error instanceof GatewayError && error.code === 'NOT_FOUND') return null;
            throw error;
          },
        ),
      ];
    const { gaps } = await listed({});
    const agents = await listedById({});
    // One that did not come may be there all the same.
    return agentIds.map((agentId) => agents.get(agentId) ?? (gaps?.areMissing ? gaps.fault : null));
  });

  /** List rows of agents that were read without: of one from the list filtered by its name, of several from the whole. */
  const row: DataLoader<Agent, Agent | null, string> = new DataLoader(
    async (asked) => {
      const [only] = asked;
      const agents = await listedById(asked.length === 1 && only?.name ? { name: only.name } : {});
      return asked.map(({ ticsId }) => agents.get(ticsId) ?? null);
    },
    { cacheKeyFn: ({ ticsId }) => ticsId },
  );

  /**
   * The agents of one league come from the list filtered by its name, those of many from the whole list. That filter is
   * fuzzy, so the id decides either way. Agents that can't be told may be of any of them.
   */
  const ofLeague: DataLoader<LeagueOfAgents, Pick<Page<Agent>, 'rows' | 'gaps'>, string> = new DataLoader(
    async (leagues) => {
      const [only] = leagues;
      const { gaps, ...page } = await listed(leagues.length === 1 && only?.name ? { leagueName: only.name } : {});
      const byLeague = new Map<string | null, Agent[]>(leagues.map(({ ticsId }) => [ticsId, []]));
      for (const agent of page.rows) byLeague.get(agent.leagueId)?.push(agent);
      return leagues.map(({ ticsId }) => ({ rows: byLeague.get(ticsId) ?? [], ...(gaps && { gaps }) }));
    },
    { cacheKeyFn: ({ ticsId }) => ticsId },
  );

  return {
    /** An agent by its id; null when the account sees none. */
    byId: (agentId: string): Promise<Agent | null> => byId.load(agentId),
    /** The agents whose names, and whose leagues' names, resemble those of the filter. */
    list,
    /** All agents of a league. */
    ofLeague: (league: LeagueOfAgents): Promise<Pick<Page<Agent>, 'rows' | 'gaps'>> => ofLeague.load(league),
    /** What may be done with an agent now; from the list where the agent was not read from it. */
    permissions: async (agent: Agent): Promise<AgentPermissions | undefined> =>
      agent.permissions ?? (await row.load(agent))?.permissions,
    /** How an agent is deployed: its own call. */
    deployment: async (agentId: string): Promise<AgentDeployment> => toDeployment(await detail(agentId)),
    /** What the agent says of itself: its own call. */
    runtime: (agentId: string): Promise<AgentRuntime> => runtime(agentId),
  };
}
