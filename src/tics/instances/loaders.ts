import type { MaybePromise } from '../../maybePromise.ts';
import { memo } from '../../upstream/memo.ts';
import { readWindow, type Page, type ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import { createInstancesById, type InstancesById } from './byId.ts';
import { instanceStatus } from './enums.ts';
import { createExecutionGraphLoaders } from './executionGraph.ts';
import type { Instance, InstanceKey, InstanceStatus, Run } from './instance.ts';
import { createInstanceLists, type InstanceListKey } from './lists.ts';
import { createProgressLoaders } from './progress.ts';
import { createReportLoaders } from './report.ts';
import { createResultLoaders } from './result.ts';
import { isUnderWay } from './states.ts';

/** Start of an instance, for comparison. One that has not started counts as the newest. */
function startOf(instance: Instance): string {
  return instance.run?.startedAt ?? (isUnderWay(instance) ? '~' : '');
}

/** Reads instances. */
export function createInstanceLoaders(planes: Planes) {
  const { list, ofAgent } = createInstanceLists(planes, (instance) => byId.remember(instance));
  const byId: InstancesById = createInstancesById(list);

  /** `GET …/job-instances/{i}/status` (7.11.1). */
  const status = memo(async ({ leagueId, instanceId }: InstanceKey): Promise<InstanceStatus> => {
    const answer = await planes.ofLeague(leagueId, (agent) =>
      agent.read('getInstanceStatus', { path: { league_id: leagueId, instance_id: instanceId } }),
    );
    return instanceStatus(answer.job_instance_status);
  });

  /** All runs of a job: the order of its list is not documented, so the first rows may lack the newest run. */
  const allOfJob = memo((key: { leagueId: string; jobId: string }): Promise<Page<Instance>> =>
    readWindow(list(key), 0, Number.MAX_SAFE_INTEGER),
  );

  const results = createResultLoaders(planes);
  const graphs = createExecutionGraphLoaders(planes);
  const keyOf = ({ leagueId, ticsId }: Instance): InstanceKey => ({ leagueId, instanceId: ticsId });

  return {
    ofAgent,
    /** The instances of a league. */
    ofLeague: (key: Omit<InstanceListKey, 'jobId'>): ReadPage<Instance> => list(key),
    /** The instances of a job, each with the job's id. */
    ofJob: (key: InstanceListKey & { readonly jobId: string }): ReadPage<Instance> => list(key),
    /** All instances of a job, in one call for each 100 of them. */
    allOfJob,
    /** The instance of a job that started last, with the gaps of the list it comes from. */
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
    /** An instance by its id; null when there is none. */
    byId: (leagueId: string, instanceId: string): Promise<Instance | null> => byId.load({ leagueId, instanceId }),
    /** State of an instance right now. */
    status: (leagueId: string, instanceId: string): Promise<InstanceStatus> => status({ leagueId, instanceId }),
    /** State from the row that was read, else the current one. */
    statusOf: (instance: Instance): MaybePromise<InstanceStatus> => instance.run?.status ?? status(keyOf(instance)),
    /** Status, times and result of an instance. Rows of agents' lists lack them: the instance is then looked up by its id. */
    run: (instance: Instance): MaybePromise<Run | null> =>
      instance.run ?? byId.load(keyOf(instance)).then((found) => found?.run ?? null),
    /** Id of the job that it is a run of: from its row, else from its result (7.11.2). */
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
