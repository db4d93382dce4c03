import { GatewayError } from '../../errors.ts';
import { memo } from '../../upstream/memo.ts';
import { findRow, readThings, type Page, type ReadPage } from '../../upstream/pages.ts';
import type { Planes } from '../../upstream/planes.ts';
import type { AgentClient, SpaceClient } from '../../upstream/rest.ts';
import { instanceFilterText, type InstanceFilter } from '../instances/filter.ts';
import { toInstance, type Instance } from '../instances/instance.ts';
import { createDefinitionLoaders, type JobKey } from './definition.ts';
import { jobFilterText, type JobFilter } from './filter.ts';
import { createPreparationLoaders } from './learning/preparation.ts';
import type { jobTypes } from './enums.ts';
import { toJob, type Job, type JobKind, type JobList, type JobRow } from './job.ts';

/** The list that a job of a kind stands in. */
const listOf = { sql: 'SQL', hfl: 'LEARNING', vfl: 'LEARNING', predict: 'PREDICTION' } as const;

/** Of which kinds of jobs instances of a type are runs; a learning job of an unknown type has the kind `hfl`. */
const kindsOf: Readonly<Record<Instance['type']['value'], readonly JobKind[]>> = {
  SQL: ['sql'],
  PIR_SQL: ['sql'],
  HFL: ['hfl'],
  VFL_TRAIN: ['vfl', 'hfl'],
  VFL_EVALUATE: ['vfl', 'hfl'],
  VFL_PREDICT: ['predict', 'vfl'],
  VFL_ID_TRUNCATION: ['vfl', 'hfl'],
  VFL_FEATURE_SELECTION: ['vfl', 'hfl'],
  VFL_SAMPLE_ALIGNMENT: ['vfl', 'hfl'],
  UNKNOWN: ['sql', 'hfl', 'vfl', 'predict'],
};

/** Types that each list holds. */
const typesIn = { SQL: ['SQL'], LEARNING: ['HFL', 'VFL'], PREDICTION: ['PREDICT'] } as const;

const allLists = ['SQL', 'LEARNING', 'PREDICTION'] as const;

/** The calls that answer each list. */
const agentLists = { SQL: 'listSqlJobs', LEARNING: 'listFlJobs', PREDICTION: 'listPredictionJobs' } as const;
const spaceLists = { SQL: 'listLeagueSqlJobs', LEARNING: 'listLeagueFlJobs' } as const;

/** One of the lists that are merged. */
export interface JobListing {
  readonly name: JobList;
  readonly read: ReadPage<Job>;
  readonly keep?: (job: Job) => boolean;
}

interface ListPageKey {
  readonly list: JobList;
  readonly leagueId: string;
  readonly filter: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** Reads jobs. */
export function createJobLoaders(planes: Planes) {
  /**
   * `GET …/sql-jobs` (6.4.1, 7.8.4) and `GET …/fl-jobs` (6.5.1, 7.9.6): the space plane's, an agent's where that is
   * away, and an agent's for a filter, which the space plane knows none of. `GET …/fl-predicted-jobs` (7.10.1): agents
   * only. All count records.
   */
  const ask = ({ list, leagueId, filter, offset, limit }: ListPageKey): Promise<Page<Job>> => {
    const path = { league_id: leagueId };
    const page = { path, query: { offset, limit } };
    const filtered = { path, query: { offset, limit, filter } };
    const read = (row: JobRow): Job => toJob(row, list, leagueId);
    const askAgent = async (agent: AgentClient) => {
      const call = agentLists[list];
      return readThings<JobRow, Job>(call, await agent.read(call, filtered), read);
    };
    if (filter !== undefined || list === 'PREDICTION') return planes.ofLeague(leagueId, askAgent);
    const call = spaceLists[list];
    const askSpace = async (space: SpaceClient) => readThings<JobRow, Job>(call, await space.read(call, page), read);
    return planes.eitherPlane(leagueId, askSpace, askAgent);
  };

  /** `GET …/fl-jobs` (6.5.1) of the space plane, whatever agents say. */
  const spaceLearningPage = memo(
    async ({ leagueId, offset, limit }: { leagueId: string; offset: number; limit: number }): Promise<Page<Job>> => {
      const answer = await planes.space.read('listLeagueFlJobs', {
        path: { league_id: leagueId },
        query: { offset, limit },
      });
      return readThings<JobRow, Job>('listLeagueFlJobs', answer, (row) => toJob(row, 'LEARNING', leagueId));
    },
  );

  // What a list told of a job is known to all who ask for it in the same operation.
  const met = new Map<string, Job>();
  const keyOf = ({ leagueId, kind, ticsId }: Pick<Job, 'leagueId' | 'kind' | 'ticsId'>) =>
    `${leagueId}/${kind}/${ticsId}`;

  const listPage = memo(async (key: ListPageKey): Promise<Page<Job>> => {
    const jobs = await ask(key);
    for (const job of jobs.rows) met.set(keyOf(job), job);
    return jobs;
  });

  /** The approval of a learning job: agents' lists do not tell it, so it is searched for in the space plane's. */
  const approvalOf = async (job: Job): Promise<Job['approvalStatus']> => {
    if (listOf[job.kind] !== 'LEARNING' || job.approvalStatus.text !== null) return job.approvalStatus;
    const { leagueId } = job;
    const listed = await findRow(
      (offset, limit) => spaceLearningPage({ leagueId, offset, limit }),
      (row) => keyOf(row) === keyOf(job),
    );
    return listed?.approvalStatus ?? job.approvalStatus;
  };

  const read =
    (list: JobList, leagueId: string, filter?: string): ReadPage<Job> =>
    (offset, limit) =>
      listPage({ list, leagueId, filter, offset, limit });

  const definitions = createDefinitionLoaders(planes);

  /** No call reads one job's row: it is searched for in the list of its kind. */
  const listed = async (leagueId: string, kind: JobKind, jobId: string): Promise<Job | null> => {
    const wanted = keyOf({ leagueId, kind, ticsId: jobId });
    return met.get(wanted) ?? (await findRow(read(listOf[kind], leagueId), (job) => keyOf(job) === wanted)) ?? null;
  };

  /** What a job's definition tells of the job itself: that there is one, its name and its description. */
  const defined = async (leagueId: string, kind: JobKind, jobId: string): Promise<Job | null> => {
    const key = { leagueId, jobId };
    const calls = { sql: definitions.sqlJob, hfl: definitions.horizontalJob, vfl: definitions.verticalJob };
    if (kind === 'predict') return null;
    const definition = await calls[kind](key).catch((error: unknown) => {
      if (error instanceof GatewayError) return null;
      throw error;
    });
    if (definition === null) return null;
    const { name, description } = definition;
    const row = { job_id: jobId, job_name: name, description, job_type: kind.toUpperCase() };
    return toJob(row, listOf[kind], leagueId);
  };

  /** A job that is not among the rows that may be searched is known by its definition. */
  const byId = async (leagueId: string, kind: JobKind, jobId: string): Promise<Job | null> => {
    const searched = await listed(leagueId, kind, jobId).catch((error: unknown) => {
      if (error instanceof GatewayError && error.code === 'SEARCH_LIMIT') return error;
      throw error;
    });
    if (searched !== null && !(searched instanceof GatewayError)) return searched;
    const job = await defined(leagueId, kind, jobId);
    if (job === null && searched !== null) throw searched;
    return job;
  };

  /** `GET …/fl-job-instances` (7.10.2): counts records. Its rows do not name the job, which is known here. */
  const modelPage = memo(
    async ({
      leagueId,
      jobId,
      filter,
      offset,
      limit,
    }: JobKey & { filter: string | undefined; offset: number; limit: number }): Promise<Page<Instance>> => {
      const answer = await planes.ofLeague(leagueId, (agent) =>
        agent.read('listModels', {
          path: { league_id: leagueId },
          query: { offset, limit, job_id: jobId, filter },
        }),
      );
      return readThings('listModels', answer, (row) => toInstance(row, { leagueId, jobId }));
    },
  );

  return {
    ...definitions,
    ...createPreparationLoaders(planes),
    /** A job by its id; null when neither its list nor its definition knows it. */
    byId,
    /** State of a job's approval: what its row told, else one call for each 100 jobs of the league's list, up to 2,000. */
    approvalOf,
    /** The job that an instance is a run of: searched for in the lists of the kinds that have instances of its type. */
    ofInstance: async ({ leagueId, type }: Instance, jobId: string | null): Promise<Job | null> => {
      for (const kind of jobId ? kindsOf[type.value] : []) {
        const job = await listed(leagueId, kind, jobId ?? '');
        if (job !== null) return job;
      }
      return null;
    },
    /**
     * The lists that hold a league's jobs of some types (all when none are named). The rows of other types are left out
     * here: no plane can.
     *
     * @throws GatewayError INVALID_ARGUMENT when the filter is longer than one of the lists allows.
     */
    lists: (leagueId: string, types: readonly (keyof typeof jobTypes)[], filter: JobFilter): JobListing[] => {
      // No list is said to hold this type, so that all are looked through for it.
      const anywhere = types.includes('DATA_EXCHANGE');
      return allLists
        .filter((name) => types.length === 0 || anywhere || typesIn[name].some((type) => types.includes(type)))
        .map((name) => {
          const listing = { name, read: read(name, leagueId, jobFilterText(name, filter)) };
          return types.length === 0
            ? listing
            : { ...listing, keep: ({ type }: Job) => types.some((word) => word === type.value) };
        });
    },
    /** Successful training instances of a job. */
    models: ({
      leagueId,
      jobId,
      filter,
    }: JobKey & { readonly filter?: InstanceFilter | null | undefined }): ReadPage<Instance> => {
      const written = instanceFilterText(filter ?? {});
      return (offset, limit) => modelPage({ leagueId, jobId, filter: written, offset, limit });
    },
  };
}
