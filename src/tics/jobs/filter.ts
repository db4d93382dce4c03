import { filterStatuses, filterText, filterTime, orderKeys, type InstanceFilter } from '../instances/filter.ts';
import type { Job, JobList } from './job.ts';

/** Orders of a list of jobs. */
export const jobOrders = {
  CREATED_AT_DESC: 'The newest comes first: the order of lists where none is asked for.',
  CREATED_AT_ASC: 'The oldest comes first.',
  UPDATED_AT_DESC: 'The one that was changed last comes first.',
  UPDATED_AT_ASC: 'The one that was changed last comes last.',
  NAME_ASC: 'By their names, from A to Z.',
  NAME_DESC: 'By their names, from Z to A.',
  CREATOR_NAME_ASC: 'By the names of their creators, from A to Z.',
  CREATOR_NAME_DESC: 'By the names of their creators, from Z to A.',
} as const;

/** An order of a list of jobs. */
export type JobOrder = keyof typeof jobOrders;

/** Wire values of `order_by`. The reference lists none. */
const wireOrders = {
  CREATED_AT: 'createTime',
  UPDATED_AT: 'updateTime',
  NAME: 'jobName',
  CREATOR_NAME: 'creatorName',
} as const;

/** The same in the rows, by which the lists are merged. */
const orderValues: Readonly<Record<keyof typeof wireOrders, (job: Job) => string | null>> = {
  CREATED_AT: ({ createdAt }) => createdAt,
  UPDATED_AT: ({ updatedAt }) => updatedAt,
  NAME: ({ name }) => name,
  CREATOR_NAME: ({ creatorName }) => creatorName,
};

/** Filter of a league's jobs. The service has the same keys as for instances. */
export type JobFilter = Omit<InstanceFilter, 'jobName' | 'types' | 'orderBy'> & {
  readonly orderBy?: JobOrder | null | undefined;
  readonly name?: string | null | undefined;
  readonly instanceTypes?: InstanceFilter['types'];
};

/** Filters of the lists of jobs, with their maximal lengths (7.8.4, 7.9.6, 7.10.1). */
const jobLists = {
  SQL: { typeKey: 'jobInstanceType', maxLength: 128 },
  LEARNING: { typeKey: 'job_instance_type', maxLength: 128 },
  PREDICTION: { typeKey: 'job_instance_type', maxLength: 512 },
} as const satisfies Readonly<Record<JobList, object>>;

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
      ...orderKeys(filter.orderBy, wireOrders),
      status: filterStatuses(filter.statuses),
      [typeKey]: filter.instanceTypes,
      agentId: filter.agentId,
      algorithmType: filter.algorithms,
      jobInstanceId: filter.instanceId,
    },
    maxLength,
  );
}

/** Which of two jobs comes first: the newer one, unless another order is asked for. */
export function jobOrder({ orderBy }: JobFilter): (one: Job, other: Job) => number {
  const order = orderBy ?? 'CREATED_AT_DESC';
  const sign = order.endsWith('_DESC') ? -1 : 1;
  const valueOf = orderValues[order.replace(/_(ASC|DESC)$/, '') as keyof typeof orderValues];
  return (one, other) => {
    const [left, right] = [valueOf(one) ?? '', valueOf(other) ?? ''];
    return left === right ? 0 : left < right ? -sign : sign;
  };
}
