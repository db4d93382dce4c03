import { memo } from '../../upstream/memo.ts';
import { byPageNumber, readObjects, type Page, type ReadPage } from '../pages.ts';
import type { components } from '../../upstream/generated/agent.d.ts';
import type { Planes } from '../planes/planes.ts';
import type { AgentClient, SpaceClient } from '../../upstream/rest.ts';
import { instanceFilterText, type InstanceFilter } from './filter.ts';
import { toAgentInstance, toInstance, type Instance } from './instance.ts';

type Schemas = components['schemas'];

/** The instances of a league, or of one of its jobs. */
export interface InstanceListKey {
  readonly leagueId: string;
  readonly jobId?: string;
  readonly filter?: InstanceFilter | null | undefined;
}

interface PageKey {
  readonly leagueId: string;
  readonly jobId: string | undefined;
  readonly filter: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

/**
 * `GET …/leagues/{l}/job-instances`: 6.6.1 without a filter, 7.11.5 with one, and where the space plane fails. Both count
 * records, and both take or leave out `job_id`.
 */
async function readPage(planes: Planes, { leagueId, jobId, filter, offset, limit }: PageKey): Promise<Page<Instance>> {
  const path = { league_id: leagueId };
  const query = { offset, limit, job_id: jobId };
  const read = (row: Schemas['LeagueInstanceRow']) => toInstance(row, { leagueId, jobId });
  const askSpace = async (space: SpaceClient) =>
    readObjects('listLeagueInstances', await space.read('listLeagueInstances', { path, query }), read);
  const askAgent = async (agent: AgentClient) => {
    const answer = await agent.read('listJobInstances', { path, query: { ...query, filter } });
    return readObjects('listJobInstances', answer, read);
  };
  return filter === undefined ? planes.eitherPlane(leagueId, askSpace, askAgent) : planes.ofLeague(leagueId, askAgent);
}

/** Reads lists of instances. `onRow` receives every row of a league's list. */
export function createInstanceLists(planes: Planes, onRow: (instance: Instance) => void) {
  const page = memo(async (key: PageKey): Promise<Page<Instance>> => {
    const instances = await readPage(planes, key);
    instances.rows.forEach(onRow);
    return instances;
  });

  /** `GET /v1/agents/{a}/job-instances` (7.5.2): `offset` is a page number. */
  const agentPage = memo(
    async ({
      agentId,
      leagueId,
      page: number,
      size,
    }: {
      agentId: string;
      leagueId: string;
      page: number;
      size: number;
    }): Promise<Page<Instance>> => {
      const agent = await planes.agent(agentId);
      const answer = await agent.read('listAgentInstances', {
        path: { agent_id: agentId },
        query: { offset: number, limit: size },
      });
      return readObjects('listAgentInstances', answer, (row) => toAgentInstance(row, { agentId, leagueId }));
    },
  );

  return {
    /** The instances of a league, or of one of its jobs. */
    list: ({ leagueId, jobId, filter }: InstanceListKey): ReadPage<Instance> => {
      const text = instanceFilterText(filter ?? {});
      return (offset, limit) => page({ leagueId, jobId, filter: text, offset, limit });
    },
    /** The instances in which an agent takes part. */
    ofAgent: ({ agentId, leagueId }: { readonly agentId: string; readonly leagueId: string }): ReadPage<Instance> =>
      byPageNumber((number, size) => agentPage({ agentId, leagueId, page: number, size })),
  };
}
