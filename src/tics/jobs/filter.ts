import { filterStatuses, filterText, filterTime, type InstanceFilter } from '../instances/filter.ts';
import type { Job, JobList } from './job.ts';

/** Which jobs of a league are asked for. The service knows the same keys as for instances. */
export type JobFilter = Omit<InstanceFilter, 'jobName' | 'types'> & {
  readonly name?: string | null | undefined;
  readonly instanceTypes?: InstanceFilter['types'];
};

/** What the lists of jobs take as their `filter`, and how long each may be (7.8.4, 7.9.6, 7.10.1). */
export const jobLists = {
  SQL: { typeKey: 'jobInstanceType', maxLength: 128 },
  LEARNING: { typeKey: 'job_instance_type', maxLength: 128 },
  PREDICTION: { typeKey: 'job_instance_type', maxLength: 512 },
} as const satisfies Readonly<Record<JobList, object>>;

/** An order is asked for in full: which way the service goes by itself is not documented. */
function directionOf({ orderBy, descending }: JobFilter) {
  return descending ?? (orderBy ? true : undefined);
}

/**
 * The filter of one of the lists of jobs; undefined when it asks for nothing.
 *
 * @throws GatewayError INVALID_ARGUMENT when it is longer than the list allows.
 */
export function jobFilterText(list: JobList, filter: JobFilter): string | undefined {
  const { typeKey, maxLength } = jobLists[list];
  return filterText(
    {
      startTime: filterTime(filter.from),
      endTime: filterTime(filter.to),
      jobName: filter.name,
      creatorName: filter.creatorName,
      desc: directionOf(filter),
      orderBy: filter.orderBy,
      status: filterStatuses(filter.statuses),
      [typeKey]: filter.instanceTypes,
      agentId: filter.agentId,
      algorithmType: filter.algorithms,
      jobInstanceId: filter.instanceId,
    },
    maxLength,
  );
}

/** What the lists may be ordered by, as far as their rows tell it; the reference lists no words. */
const orders: Readonly<Record<string, (job: Job) => string | null>> = {
  createtime: ({ createdAt }) => createdAt,
  updatetime: ({ updatedAt }) => updatedAt,
  jobname: ({ name }) => name,
  creatorname: ({ creatorName }) => creatorName,
};

function byCreation({ createdAt }: Job): string | null {
  return createdAt;
}

/** Which of two jobs comes first: the newer one, unless the filter asks for another order. */
export function jobOrder(filter: JobFilter): (one: Job, other: Job) => number {
  const sign = (directionOf(filter) ?? true) ? -1 : 1;
  const valueOf = orders[(filter.orderBy ?? '').replaceAll('_', '').toLowerCase()] ?? byCreation;
  return (one, other) => {
    const [left, right] = [valueOf(one) ?? '', valueOf(other) ?? ''];
    return left === right ? 0 : left < right ? -sign : sign;
  };
}
