import DataLoader from 'dataloader';
import { GatewayError } from '../../errors.ts';
import type { components } from '../../upstream/generated/agent.d.ts';
import { memo } from '../../upstream/memo.ts';
import {
  byPageNumber,
  findRow,
  maxPageRows,
  readThings,
  readWindow,
  type Page,
  type ReadPage,
} from '../../upstream/pages.ts';
import type { Planes } from '../../upstream/planes.ts';
import type { AgentClient, SpaceClient } from '../../upstream/rest.ts';
import { createExecutionGraphLoaders } from './executionGraph.ts';
import { instanceFilterText, type InstanceFilter } from './filter.ts';
import {
  toAgentInstance,
  toInstance,
  type Instance,
  type InstanceKey,
  type InstanceStatus,
  type Run,
} from './instance.ts';
import { createProgressLoaders } from './progress.ts';
import { createReportLoaders } from './report.ts';
import { createResultLoaders } from './result.ts';
import { isUnderWay } from './states.ts';
import { instanceStatus } from './enums.ts';

type Schemas = components['schemas'];

/** When a run started, to be compared; one that waits to start is newer than all that have. */
function startOf(instance: Instance): string {
  return instance.run?.startedAt ?? (isUnderWay(instance) ? '~' : '');
}

interface ListKey {
  readonly leagueId: string;
  readonly jobId?: string;
  readonly filter?: InstanceFilter | null | undefined;
}

/** With more ids of one league than this, its newest instances are listed before any is asked for alone. */
const aloneAtMost = 2;

/** Reads instances. */
export function createInstanceLoaders(planes: Planes) {
  /**
   * `GET …/leagues/{l}/job-instances`: 6.6.1 without a filter, 7.11.5 with one, and without where the space plane
   * can't answer. Both count records, and both take or leave `job_id`.
   */
  const listPage = memo(
    async ({
      leagueId,
      jobId,
      filter,
      offset,
      limit,
    }: {
      leagueId: string;
      jobId: string | undefined;
      filter: string | undefined;
      offset: number;
      limit: number;
    }): Promise<Page<Instance>> => {
      const path = { league_id: leagueId };
      const query = { offset, limit, job_id: jobId };
      const read = (row: Schemas['LeagueInstanceRow']) => toInstance(row, { leagueId, jobId });
      const askSpace = async (space: SpaceClient) =>
        readThings('listLeagueInstances', await space.read('listLeagueInstances', { path, query }), read);
      const askAgent = async (agent: AgentClient) => {
        const answer = await agent.read('listJobInstances', { path, query: { ...query, filter } });
        return readThings('listJobInstances', answer, read);
      };
      const instances =
        filter === undefined
          ? await planes.eitherPlane(leagueId, askSpace, askAgent)
          : await planes.ofLeague(leagueId, askAgent);
      for (const instance of instances.rows) byId.prime({ leagueId, instanceId: instance.ticsId }, instance);
      return instances;
    },
  );

  const list = ({ leagueId, jobId, filter }: ListKey): ReadPage<Instance> => {
    const written = instanceFilterText(filter ?? {});
    return (offset, limit) => listPage({ leagueId, jobId, filter: written, offset, limit });
  };

  /** `GET /v1/agents/{a}/job-instances` (7.5.2): `offset` is a page number. */
  const agentPage = memo(
    async ({
      agentId,
      leagueId,
      page,
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
        query: { offset: page, limit: size },
      });
      return readThings('listAgentInstances', answer, (row) => toAgentInstance(row, { agentId, leagueId }));
    },
  );

  /** No call reads one instance: an agent's list is filtered by its id, or the league's list is searched for it. */
  const find = async ({ leagueId, instanceId }: InstanceKey): Promise<Instance | null> => {
    const isMeant = ({ ticsId }: Instance): boolean => ticsId === instanceId;
    try {
      const { rows: found } = await list({ leagueId, filter: { instanceId } })(0, maxPageRows);
      return found.find(isMeant) ?? null;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return (await findRow(list({ leagueId }), isMeant)) ?? null;
    }
  };

  /** The newest instances of the leagues of which many are wanted; a league that can't be listed costs nothing. */
  const listNewest = async (keys: readonly InstanceKey[]): Promise<readonly Instance[]> => {
    const wanted = [...new Set(keys.map(({ leagueId }) => leagueId))].filter(
      (leagueId) => keys.filter((key) => key.leagueId === leagueId).length > aloneAtMost,
    );
    const pages = await Promise.allSettled(wanted.map((leagueId) => list({ leagueId })(0, maxPageRows)));
    return pages.flatMap((page) => (page.status === 'fulfilled' ? page.value.rows : []));
  };

  const nameOf = ({ leagueId, instanceId }: InstanceKey): string => `${leagueId}/${instanceId}`;

  const byId = new DataLoader<InstanceKey, Instance | null, string>(
    async (keys) => {
      const newest = (await listNewest(keys)).map(
        (instance) => [nameOf({ leagueId: instance.leagueId, instanceId: instance.ticsId }), instance] as const,
      );
      const met = new Map(newest);
      const answer = async (key: InstanceKey): Promise<Instance | null> => met.get(nameOf(key)) ?? find(key);
      return Promise.all(keys.map((key) => answer(key).catch((error: Error) => error)));
    },
    { cacheKeyFn: nameOf },
  );

  /** `GET …/job-instances/{i}/status` (7.11.1). */
  const status = memo(async ({ leagueId, instanceId }: InstanceKey): Promise<InstanceStatus> => {
    const answer = await planes.ofLeague(leagueId, (agent) =>
      agent.read('getInstanceStatus', { path: { league_id: leagueId, instance_id: instanceId } }),
    );
    return instanceStatus(answer.job_instance_status);
  });

  /** All runs of a job: no order of its list is documented, so that fewer rows may lack the newest one. */
  const allOfJob = memo((key: { leagueId: string; jobId: string }): Promise<Page<Instance>> =>
    readWindow(list(key), 0, Number.MAX_SAFE_INTEGER),
  );

  const results = createResultLoaders(planes);
  const graphs = createExecutionGraphLoaders(planes);
  const keyOf = ({ leagueId, ticsId }: Instance): InstanceKey => ({ leagueId, instanceId: ticsId });

  return {
    /** The instances of a league. */
    ofLeague: (key: Omit<ListKey, 'jobId'>): ReadPage<Instance> => list(key),
    /** The instances of a job, which are told that they are its. */
    ofJob: (key: ListKey & { readonly jobId: string }): ReadPage<Instance> => list(key),
    /** All instances of a job, in one call for each 100 of them. */
    allOfJob,
    /** The instance of a job that started last, and what is missing in the list that it was looked for in. */
    newestOfJob: async (key: {
      readonly leagueId: string;
      readonly jobId: string;
    }): Promise<Pick<Page<Instance>, 'rows' | 'gaps'>> => {
      const { rows, gaps } = await allOfJob(key);
      const [first, ...others] = rows;
      if (first === undefined) return { rows, ...(gaps && { gaps }) };
      const newest = others.reduce((one, other) => (startOf(other) > startOf(one) ? other : one), first);
      return { rows: [newest], ...(gaps && { gaps }) };
    },
    /** The instances in which an agent takes part. */
    ofAgent: ({ agentId, leagueId }: { readonly agentId: string; readonly leagueId: string }): ReadPage<Instance> =>
      byPageNumber((page, size) => agentPage({ agentId, leagueId, page, size })),
    /** An instance by its id; null when there is none. */
    byId: (leagueId: string, instanceId: string): Promise<Instance | null> => byId.load({ leagueId, instanceId }),
    /** The state of an instance right now: its own call. */
    status: (leagueId: string, instanceId: string): Promise<InstanceStatus> => status({ leagueId, instanceId }),
    /** The state that its row told, else the one right now. */
    statusOf: async (instance: Instance): Promise<InstanceStatus> => instance.run?.status ?? status(keyOf(instance)),
    /** What its row told of the run; the row of an agent's list tells nothing, then the instance is asked for by its id. */
    run: async (instance: Instance): Promise<Run | null> =>
      instance.run ?? (await byId.load(keyOf(instance)))?.run ?? null,
    /** Id of the job that it is a run of: what its list told, else its result does (7.11.2). */
    jobIdOf: async (instance: Instance): Promise<string | null> =>
      instance.jobId ?? (await results.result(keyOf(instance))).jobId,
    /** `POST …/instances/{i}/stop` (7.11.3). */
    stop: async ({ leagueId, instanceId }: InstanceKey, agentId?: string): Promise<void> => {
      const { client } = await planes.forWriting(leagueId, agentId);
      await client.write('stopInstance', { path: { league_id: leagueId, instance_id: instanceId } });
    },
    ...results,
    ...graphs,
    ...createProgressLoaders({ find: (key) => byId.load(key), graph: graphs.executionGraph }),
    ...createReportLoaders(planes),
  };
}
