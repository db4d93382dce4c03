import { builder } from '../builder.ts';
import { closedEnum } from '../shared/enums.ts';
import { parseId } from '../shared/ids.ts';
import { Algorithm, InstanceStatus, InstanceType } from '../instances/type.ts';
import { jobOrders, type JobFilter as JobFilterShape, type JobOrder } from '../../tics/jobs/filter.ts';

export const JobFilter = builder.inputType('JobFilter', {
  description:
    'Narrows a list of jobs. Agents alone can: with a filter all lists are read from an agent. Written out as JSON, with the order, it may have 128 characters, and 512 where predictions alone are asked for.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', description: 'Only jobs of this instant and later.' }),
    to: t.field({ type: 'DateTime', description: 'Only jobs of this instant and earlier.' }),
    name: t.string({ description: 'Only jobs of this name, as the service matches it.' }),
    creatorName: t.string({ description: 'Only jobs that a user of this name created, as the service matches it.' }),
    statuses: t.field({
      type: [InstanceStatus.asInput()],
      description: 'Only jobs whose instances are in one of these states.',
    }),
    instanceTypes: t.field({ type: [InstanceType.asInput()], description: 'Only jobs with instances of these types.' }),
    algorithms: t.field({ type: [Algorithm.asInput()], description: 'Only jobs with one of these algorithms.' }),
    agentId: t.id({ description: 'Only jobs of this agent: `Agent:<agent>`, or the raw TICS id.' }),
    instanceId: t.id({ description: 'Only the job of this instance: `Instance:<league>/<instance>`.' }),
  }),
});

export const JobOrderEnum = closedEnum('JobOrder', 'In which order jobs are listed.', jobOrders);

/**
 * A filter and an order, as the lists of jobs take them.
 *
 * @throws GatewayError INVALID_ID
 */
export function toJobFilter(
  filter: typeof JobFilter.$inferInput | null | undefined,
  orderBy: JobOrder | null | undefined,
): JobFilterShape {
  if (!filter) return { orderBy };
  const { statuses, instanceTypes, algorithms, agentId, instanceId, ...rest } = filter;
  return {
    ...rest,
    orderBy,
    statuses: statuses ?? [],
    instanceTypes: instanceTypes ?? [],
    algorithms: algorithms ?? [],
    agentId: agentId ? parseId('Agent', agentId)[0] : null,
    instanceId: instanceId ? parseId('Instance', instanceId)[1] : null,
  };
}
