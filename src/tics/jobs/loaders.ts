import { GatewayError } from '../../errors.ts';
import type { ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import type { Instance } from '../instances/instance.ts';
import { createDefinitionLoaders } from './definition.ts';
import type { jobTypes } from './enums.ts';
import { jobFilterText, type JobFilter } from './filter.ts';
import { toJob, type Job, type JobKind, type JobList } from './job.ts';
import { createPreparationLoaders } from './learning/preparation.ts';
import { createJobLists, listOf } from './lists.ts';
import { createModelLists } from './models.ts';

/** Kinds of jobs whose runs are of a type. A learning job of an unknown type has the kind `hfl`. */
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

/** One of the lists that are merged. */
export interface JobListing {
  readonly name: JobList;
  readonly read: ReadPage<Job>;
  readonly keep?: (job: Job) => boolean;
}

/**
 * True for a failure that says nothing about the object: the upstream is away, busy or unreadable. Not for a missing account, and not
 * for a 500, with which the service refuses many ids.
 */
function isUnanswered({ code, facts, details }: GatewayError): boolean {
  const isAway = facts.health === 'DOWN' || facts.retry === 'YES';
  return isAway && code !== 'AGENT_UNAVAILABLE' && details.status !== 500;
}

/** Reads jobs. */
export function createJobLoaders(planes: Planes) {
  const lists = createJobLists(planes);
  const definitions = createDefinitionLoaders(planes);

  /** A job from its definition: name and description. Null where there is none, and for predictions. */
  const defined = async (leagueId: string, kind: JobKind, jobId: string): Promise<Job | null> => {
    const key = { leagueId, jobId };
    const calls = { sql: definitions.sqlJob, hfl: definitions.horizontalJob, vfl: definitions.verticalJob };
    if (kind === 'predict') return null;
    const definition = await calls[kind](key).catch((error: unknown) => {
      if (error instanceof GatewayError && !isUnanswered(error)) return null;
      throw error;
    });
    if (definition === null) return null;
    const { name, description } = definition;
    const row = { job_id: jobId, job_name: name, description, job_type: kind.toUpperCase() };
    return toJob(row, listOf[kind], leagueId);
  };

  return {
    ...definitions,
    ...createPreparationLoaders(planes),
    ...createModelLists(planes),
    approvalOf: lists.approvalOf,
    /**
     * A job by its id: from its list, else from its definition. Null when neither knows it.
     *
     * @throws GatewayError SEARCH_LIMIT
     */
    byId: async (leagueId: string, kind: JobKind, jobId: string): Promise<Job | null> => {
      const searched = await lists.row(leagueId, kind, jobId).catch((error: unknown) => {
        if (error instanceof GatewayError && error.code === 'SEARCH_LIMIT') return error;
        throw error;
      });
      if (searched !== null && !(searched instanceof GatewayError)) return searched;
      const job = await defined(leagueId, kind, jobId);
      if (job === null && searched !== null) throw searched;
      return job;
    },
    /** The job that an instance is a run of. Searches the lists of the kinds that have instances of its type. */
    ofInstance: async ({ leagueId, type }: Instance, jobId: string | null): Promise<Job | null> => {
      for (const kind of jobId ? kindsOf[type.value] : []) {
        const job = await lists.row(leagueId, kind, jobId ?? '');
        if (job !== null) return job;
      }
      return null;
    },
    /**
     * The lists that hold a league's jobs of some types (all when none are named). Rows of other types are dropped here: no
     * plane filters by type.
     *
     * @throws GatewayError INVALID_ARGUMENT when the filter is longer than one of the lists allows.
     */
    lists: (leagueId: string, types: readonly (keyof typeof jobTypes)[], filter: JobFilter): JobListing[] => {
      // No list is documented to hold this type, so all are searched for it.
      const anywhere = types.includes('DATA_EXCHANGE');
      return allLists
        .filter((name) => types.length === 0 || anywhere || typesIn[name].some((type) => types.includes(type)))
        .map((name) => {
          const listing = { name, read: lists.read(name, leagueId, jobFilterText(name, filter)) };
          return types.length === 0
            ? listing
            : { ...listing, keep: ({ type }: Job) => types.some((word) => word === type.value) };
        });
    },
  };
}
