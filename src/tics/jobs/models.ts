import { memo } from '../../upstream/memo.ts';
import { readObjects, type Page, type ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import { instanceFilterText, type InstanceFilter } from '../instances/filter.ts';
import { toInstance, type Instance } from '../instances/instance.ts';
import type { JobKey } from './definition.ts';

/** Reads models: the successful training instances of a job. */
export function createModelLists(planes: Planes) {
  /** `GET …/fl-job-instances` (7.10.2): counts records. Its rows do not name the job. */
  const page = memo(
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
      return readObjects('listModels', answer, (row) => toInstance(row, { leagueId, jobId }));
    },
  );

  return {
    /** Successful training instances of a job. */
    models: ({
      leagueId,
      jobId,
      filter,
    }: JobKey & { readonly filter?: InstanceFilter | null | undefined }): ReadPage<Instance> => {
      const text = instanceFilterText(filter ?? {});
      return (offset, limit) => page({ leagueId, jobId, filter: text, offset, limit });
    },
  };
}
