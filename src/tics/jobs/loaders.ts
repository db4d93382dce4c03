import { GatewayError } from '../../errors.ts';
import type { components as AgentComponents } from '../../upstream/generated/agent.d.ts';
import type { components as SpaceComponents } from '../../upstream/generated/space.d.ts';
import { memo } from '../../upstream/memo.ts';
import { findRow, readThings, type Page, type ReadPage } from '../../upstream/pages.ts';
import type { Planes } from '../../upstream/planes.ts';
import type { AgentClient, SpaceClient } from '../../upstream/rest.ts';
import { decimal, flag, instant, integer, jsonText, text, type JsonText } from '../../upstream/wire.ts';
import type { OpenEnum } from '../../upstream/openEnum.ts';
import { instanceFilterText, type InstanceFilter } from '../instances/filter.ts';
import { toInstance, type Instance } from '../instances/loaders.ts';
import { horizontalPhase, type algorithms, type horizontalPhases } from '../instances/enums.ts';
import { createDefinitionLoaders, type JobKey } from './definition.ts';
import { jobFilterText, type JobFilter, type JobList } from './filter.ts';
import { createPreparationLoaders } from './learning/preparation.ts';
import {
  algorithm,
  jobApprovalStatus,
  jobType,
  learningPlatform,
  learningTask,
  type jobApprovalStatuses,
  type jobTypes,
  type learningPlatforms,
  type learningTasks,
} from './enums.ts';

type AgentSchemas = AgentComponents['schemas'];
type SpaceSchemas = SpaceComponents['schemas'];

/** The word for a job's type in its id. */
export type JobKind = 'sql' | 'hfl' | 'vfl' | 'predict';

/** A job, as its row in any of the lists tells it; what a list does not tell is null, or UNKNOWN without a text. */
export interface Job {
  readonly __typename: 'SqlJob' | 'HorizontalJob' | 'VerticalJob' | 'PredictionJob' | 'OtherJob';
  readonly kind: JobKind;
  readonly leagueId: string;
  readonly ticsId: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly type: OpenEnum<typeof jobTypes>;
  readonly approvalStatus: OpenEnum<typeof jobApprovalStatuses>;
  readonly creatorId: string | null;
  readonly creatorName: string | null;
  readonly creatorDomainId: string | null;
  readonly createdAt: string | null;
  readonly updaterId: string | null;
  readonly updaterName: string | null;
  readonly updatedAt: string | null;
  readonly deleted: boolean | null;
  readonly phase: OpenEnum<typeof horizontalPhases>;
  readonly platform: OpenEnum<typeof learningPlatforms>;
  readonly algorithm: OpenEnum<typeof algorithms>;
  readonly learningTask: OpenEnum<typeof learningTasks>;
  readonly learningRate: number | null;
  readonly rounds: number | null;
  readonly epochs: number | null;
  readonly predictsAlone: boolean | null;
  readonly parameters: JsonText;
}

type SqlRow = SpaceSchemas['LeagueSqlJobRow'] & AgentSchemas['SqlJobRow'];
/** Rows of the planes differ: the space plane tells the approval, agents the rate, the rounds and the epochs. */
type LearningRow = SpaceSchemas['LeagueFlJobRow'] & AgentSchemas['FlJobRow'] & AgentSchemas['PredictionJobRow'];
/** SQL jobs call their id and name `id` and `name`, all others `job_id` and `job_name`. */
type JobRow = SqlRow & LearningRow;

const forms = {
  SQL: { __typename: 'SqlJob', kind: 'sql' },
  HFL: { __typename: 'HorizontalJob', kind: 'hfl' },
  VFL: { __typename: 'VerticalJob', kind: 'vfl' },
  PREDICT: { __typename: 'PredictionJob', kind: 'predict' },
} as const;

/** A job of another type is found again in the list it was met in: its id tells that list. */
const otherKinds = { SQL: 'sql', LEARNING: 'hfl', PREDICTION: 'predict' } as const;

/** What a row is that tells no type, where its list holds one type only. */
const impliedTypes = { SQL: 'SQL', LEARNING: null, PREDICTION: 'PREDICT' } as const;

function formOf(list: JobList, { value }: Job['type']): Pick<Job, '__typename' | 'kind'> {
  return value === 'UNKNOWN' || value === 'DATA_EXCHANGE'
    ? { __typename: 'OtherJob', kind: otherKinds[list] }
    : forms[value];
}

function toJob(wire: JobRow, list: JobList, leagueId: string): Job {
  const type = jobType(wire.job_type ?? impliedTypes[list]);
  return {
    ...formOf(list, type),
    leagueId,
    ticsId: text(wire.id ?? wire.job_id) ?? '',
    name: text(wire.name ?? wire.job_name),
    description: text(wire.description),
    type,
    approvalStatus: jobApprovalStatus(wire.approval_status),
    creatorId: text(wire.creator_id),
    creatorName: text(wire.creator_name ?? wire.creatorName),
    creatorDomainId: text(wire.domain_id),
    createdAt: instant(wire.create_time),
    updaterId: text(wire.update_user_id),
    updaterName: text(wire.update_user_name),
    updatedAt: instant(wire.update_time),
    deleted: flag(wire.deleted),
    phase: horizontalPhase(wire.hfl_type),
    platform: learningPlatform(wire.hfl_platform_type),
    algorithm: algorithm(wire.algorithm_type),
    learningTask: learningTask(wire.learning_task_type),
    learningRate: decimal(wire.learning_rate),
    rounds: integer(wire.round),
    epochs: integer(wire.epoch),
    predictsAlone: flag(wire.is_single_predict),
    parameters: jsonText(wire.ext),
  };
}

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

  // What a list told of a job is known to all who ask for it in the same operation.
  const met = new Map<string, Job>();
  const keyOf = ({ leagueId, kind, ticsId }: Pick<Job, 'leagueId' | 'kind' | 'ticsId'>) =>
    `${leagueId}/${kind}/${ticsId}`;

  const listPage = memo(async (key: ListPageKey): Promise<Page<Job>> => {
    const jobs = await ask(key);
    for (const job of jobs.rows) met.set(keyOf(job), job);
    return jobs;
  });

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
    /** The job that an instance is a run of: searched for in the lists of the kinds that have instances of its type. */
    ofInstance: async ({ leagueId, type }: Instance, jobId: string | null): Promise<Job | null> => {
      for (const kind of jobId ? kindsOf[type.value] : []) {
        const job = await listed(leagueId, kind, jobId ?? '');
        if (job !== null) return job;
      }
      return null;
    },
    /**
     * The lists that hold a league's jobs of some types (all when none are named). The rows of the list of learning jobs
     * that were not asked for are left out here: no plane can.
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
          const wantsAll = types.length === 0 || (!anywhere && typesIn[name].every((type) => types.includes(type)));
          return wantsAll
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
