import { findRow, readObjects, type Page, type ReadPage } from '../pages.ts';
import { memo } from '../../upstream/memo.ts';
import type { Planes } from '../planes/planes.ts';
import type { AgentClient, SpaceClient } from '../../upstream/rest.ts';
import { toJob, type Job, type JobKind, type JobList, type JobRow } from './job.ts';

/** The list that holds jobs of a kind. */
export const listOf = { sql: 'SQL', hfl: 'LEARNING', vfl: 'LEARNING', predict: 'PREDICTION' } as const;

/** The calls that answer each list. */
const agentLists = { SQL: 'listSqlJobs', LEARNING: 'listFlJobs', PREDICTION: 'listPredictionJobs' } as const;
const spaceLists = { SQL: 'listLeagueSqlJobs', LEARNING: 'listLeagueFlJobs' } as const;

interface ListPageKey {
  readonly list: JobList;
  readonly leagueId: string;
  readonly filter: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

function keyOf({ leagueId, kind, ticsId }: Pick<Job, 'leagueId' | 'kind' | 'ticsId'>): string {
  return `${leagueId}/${kind}/${ticsId}`;
}

/**
 * `GET …/sql-jobs` (6.4.1, 7.8.4) and `GET …/fl-jobs` (6.5.1, 7.9.6): of the space plane, of an agent where that fails.
 * Filters go to an agent, the space plane has none; so does `GET …/fl-predicted-jobs` (7.10.1). All count records.
 */
function readList(planes: Planes, { list, leagueId, filter, offset, limit }: ListPageKey): Promise<Page<Job>> {
  const path = { league_id: leagueId };
  const read = (row: JobRow): Job => toJob(row, list, leagueId);
  const askAgent = async (agent: AgentClient) => {
    const call = agentLists[list];
    return readObjects<JobRow, Job>(call, await agent.read(call, { path, query: { offset, limit, filter } }), read);
  };
  if (filter !== undefined || list === 'PREDICTION') return planes.ofLeague(leagueId, askAgent);
  const call = spaceLists[list];
  const askSpace = async (space: SpaceClient) =>
    readObjects<JobRow, Job>(call, await space.read(call, { path, query: { offset, limit } }), read);
  return planes.eitherPlane(leagueId, askSpace, askAgent);
}

/** Reads the lists of jobs. Rows that were read are remembered for the operation. */
export function createJobLists(planes: Planes) {
  const known = new Map<string, Job>();

  const page = memo(async (key: ListPageKey): Promise<Page<Job>> => {
    const jobs = await readList(planes, key);
    for (const job of jobs.rows) known.set(keyOf(job), job);
    return jobs;
  });

  /** `GET …/fl-jobs` (6.5.1) of the space plane alone. */
  const spaceLearningPage = memo(
    async ({ leagueId, offset, limit }: { leagueId: string; offset: number; limit: number }): Promise<Page<Job>> => {
      const answer = await planes.space.read('listLeagueFlJobs', {
        path: { league_id: leagueId },
        query: { offset, limit },
      });
      return readObjects<JobRow, Job>('listLeagueFlJobs', answer, (row) => toJob(row, 'LEARNING', leagueId));
    },
  );

  const read =
    (list: JobList, leagueId: string, filter?: string): ReadPage<Job> =>
    (offset, limit) =>
      page({ list, leagueId, filter, offset, limit });

  return {
    /** One list of a league. */
    read,
    /** The row of a job. No call reads one row, so the list of its kind is searched. */
    row: async (leagueId: string, kind: JobKind, jobId: string): Promise<Job | null> => {
      const wanted = keyOf({ leagueId, kind, ticsId: jobId });
      return known.get(wanted) ?? (await findRow(read(listOf[kind], leagueId), (job) => keyOf(job) === wanted)) ?? null;
    },
    /** State of a job's approval. Agents' lists leave out that of learning jobs: the space plane's list is searched. */
    approvalOf: async (job: Job): Promise<Job['approvalStatus']> => {
      if (listOf[job.kind] !== 'LEARNING' || job.approvalStatus.text !== null) return job.approvalStatus;
      const { leagueId } = job;
      const row = await findRow(
        (offset, limit) => spaceLearningPage({ leagueId, offset, limit }),
        (other) => keyOf(other) === keyOf(job),
      );
      return row?.approvalStatus ?? job.approvalStatus;
    },
  };
}
