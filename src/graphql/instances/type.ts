import { isPromise, mapMaybePromise } from '../../maybePromise.ts';
import type { GraphQLResolveInfo } from 'graphql';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { closedEnum, openEnumFields } from '../shared/enums.ts';
import { formatId, parseId } from '../shared/ids.ts';
import { answerOr, reportAt } from '../shared/partialErrors.ts';
import { findNodesOf, found, Node } from '../shared/node.ts';
import { connect, connectionOf, connectRows, pageArguments } from '../shared/page.ts';
import { Agent } from '../agents/type.ts';
import { leagueOfObject } from '../leagues/calls.ts';
import { League } from '../leagues/type.ts';
import { instanceById, instanceListCalls, jobIdCalls, statusCalls } from './calls.ts';
import { Algorithm, InstanceStatus, InstanceType } from './enums.ts';
import {
  instanceOrders,
  type InstanceFilter as InstanceFilterShape,
  type InstanceOrder,
} from '../../tics/instances/filter.ts';
import { type Instance as InstanceShape, type InstanceStatus as StatusShape } from '../../tics/instances/instance.ts';

export { Algorithm, HorizontalPhase, InstanceStatus, InstanceType, ResultKind } from './enums.ts';
export { Metrics } from './metrics.ts';

const unknownStatus: StatusShape = { value: 'UNKNOWN', text: null };

/** The state that its list told, or UNKNOWN, which is no failure of the instance. */
function listedStatusOf(instance: InstanceShape, { loaders, report }: Context, info: GraphQLResolveInfo) {
  const status = loaders.instances.statusOf(instance);
  const known = isPromise(status) ? answerOr(status, unknownStatus, reportAt(report, info)) : status;
  return mapMaybePromise(known, ({ value }) => value);
}

export const Instance = builder.objectRef<InstanceShape>('Instance').implement({
  description: 'An instance (实例): one run of a job, or of one step of a vertical learning job.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: '`Instance:<league>/<instance>`.',
      resolve: ({ leagueId, ticsId }) => formatId('Instance', leagueId, ticsId),
    }),
    ticsId: t.exposeString('ticsId', { nullable: false, description: 'The raw id that the service uses.' }),
    listedStatus: t.field({
      type: InstanceStatus,
      nullable: false,
      calls: statusCalls,
      description:
        'State of the run, from the list that it was read from. An agent’s list has none: there it is asked for, and reads UNKNOWN where that fails.',
      resolve: (instance, _, context, info) => listedStatusOf(instance, context, info),
    }),
    listedStatusText: t.string({
      calls: statusCalls,
      description: 'The raw value of `listedStatus`.',
      resolve: (instance, _, { loaders }) =>
        mapMaybePromise(loaders.instances.statusOf(instance), (status) => status.text),
    }),
    status: t.field({
      type: InstanceStatus,
      nullable: false,
      calls: statusCalls,
      description: 'The same as `listedStatus`.',
      deprecationReason: 'Use `listedStatus`, or `currentStatus` for the state right now.',
      resolve: (instance, _, context, info) => listedStatusOf(instance, context, info),
    }),
    statusText: t.string({
      calls: statusCalls,
      description: 'The same as `listedStatusText`.',
      deprecationReason: 'Use `listedStatusText`, or `currentStatusText` for the state right now.',
      resolve: (instance, _, { loaders }) =>
        mapMaybePromise(loaders.instances.statusOf(instance), (status) => status.text),
    }),
    currentStatus: t.field({
      type: InstanceStatus,
      calls: [{ call: 'getInstanceStatus', per: 'object' }],
      description: 'State of the run right now, asked for by a call of its own.',
      resolve: async ({ leagueId, ticsId }, _, { loaders }) => (await loaders.instances.status(leagueId, ticsId)).value,
    }),
    currentStatusText: t.string({
      calls: [{ call: 'getInstanceStatus', per: 'object' }],
      description: 'The raw value of `currentStatus`.',
      resolve: async ({ leagueId, ticsId }, _, { loaders }) => (await loaders.instances.status(leagueId, ticsId)).text,
    }),
    ...openEnumFields(t, 'type', InstanceType, 'What it runs.'),
    jobTicsId: t.string({
      calls: jobIdCalls,
      description: 'Raw id of the job that it is a run of.',
      resolve: (instance, _, { loaders }) => loaders.instances.jobIdOf(instance),
    }),
    jobName: t.exposeString('jobName', { description: 'Name of that job.' }),
    roundCount: t.exposeInt('roundCount', {
      description: 'How many rounds it runs in all.',
    }),
    leagueId: t.id({
      resolve: ({ leagueId }) => formatId('League', leagueId),
      nullable: false,
      description: 'Id of the league that it ran in.',
    }),
    league: t.field({
      type: League,
      calls: leagueOfObject,
      description: 'The league that it ran in.',
      resolve: ({ leagueId }, _, { loaders }) => loaders.leagues.byId(leagueId),
    }),
  }),
});

findNodesOf('Instance', instanceById, ([leagueId = '', instanceId = ''], { loaders }) =>
  loaders.instances.byId(leagueId, instanceId),
);

export const InstanceConnection = connectionOf('Instance', Instance, 'instances');

const InstanceFilter = builder.inputType('InstanceFilter', {
  description:
    'Narrows a list of instances. An agent of the league does it, and takes at most 256 characters of JSON for all conditions and the order together.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', description: 'Only instances from this instant on.' }),
    to: t.field({ type: 'DateTime', description: 'Only instances up to this instant.' }),
    jobName: t.string({ description: 'Only runs of jobs with this in their name.' }),
    creatorName: t.string({ description: 'Only runs of jobs of this user.' }),
    statuses: t.field({ type: [InstanceStatus.asInput()], description: 'Only instances in one of these states.' }),
    types: t.field({ type: [InstanceType.asInput()], description: 'Only instances of one of these types.' }),
    algorithms: t.field({ type: [Algorithm.asInput()], description: 'Only learning with one of these algorithms.' }),
    agentId: t.id({
      description: 'Only instances in which this agent takes part: `Agent:<agent>`, or the raw TICS id.',
    }),
    instanceId: t.id({ description: 'Only this instance: `Instance:<league>/<instance>`.' }),
  }),
});

const InstanceOrderEnum = closedEnum('InstanceOrder', 'In which order instances are listed.', instanceOrders);

/** Description of `orderBy`. */
export const orderDescription = 'The order. Default: newest first.';

/** What a list of instances is narrowed and ordered by. */
export const instanceListArguments = builder.args((t) => ({
  filter: t.field({ type: InstanceFilter, description: 'Which instances.' }),
  orderBy: t.field({ type: InstanceOrderEnum, description: orderDescription }),
}));

/**
 * A filter and an order, as callers give them.
 *
 * @throws GatewayError INVALID_ID
 */
export function toInstanceFilter(
  filter: typeof InstanceFilter.$inferInput | null | undefined,
  orderBy: InstanceOrder | null | undefined,
): InstanceFilterShape {
  return filter
    ? {
        ...filter,
        orderBy,
        statuses: filter.statuses ?? [],
        types: filter.types ?? [],
        algorithms: filter.algorithms ?? [],
        agentId: filter.agentId ? parseId('Agent', filter.agentId)[0] : undefined,
        instanceId: filter.instanceId ? parseId('Instance', filter.instanceId)[1] : undefined,
      }
    : { orderBy };
}

builder.queryFields((t) => ({
  instance: t.field({
    type: Instance,
    calls: instanceById,
    description: 'An instance, by its id: asked of an agent of the league, else searched for in the league’s list.',
    args: { id: t.arg.id({ required: true, description: '`Instance:<league>/<instance>`.' }) },
    resolve: (_, { id }, { loaders }) => found(loaders.instances.byId(...parseId('Instance', id))),
  }),
}));

builder.objectFields(League, (t) => ({
  instances: t.field({
    type: InstanceConnection,
    calls: instanceListCalls,
    description: 'Runs of the league’s jobs, newest first unless `orderBy` says otherwise.',
    args: { ...instanceListArguments, ...pageArguments },
    resolve: ({ ticsId }, { filter, orderBy, ...page }, { loaders, report }, info) =>
      connect(
        page,
        loaders.instances.ofLeague({ leagueId: ticsId, filter: toInstanceFilter(filter, orderBy) }),
        reportAt(report, info),
      ),
  }),
}));

const AgentInstanceConnection = connectionOf(
  'AgentInstance',
  Instance,
  'instances in which an agent takes part',
  undefined,
  (t) => ({
    createdAt: t.field({
      type: 'DateTime',
      description: 'When the instance was created, as only the agent tells.',
      resolve: ({ node }) => node.createdAt,
    }),
  }),
);

builder.objectFields(Agent, (t) => ({
  instances: t.field({
    type: AgentInstanceConnection,
    calls: [{ call: 'listAgentInstances', per: 'page100', isNumbered: true }],
    description: 'Runs in which the agent takes part.',
    args: { ...pageArguments },
    resolve: ({ ticsId, leagueId }, page, { loaders, report }, info) =>
      leagueId
        ? connect(page, loaders.instances.ofAgent({ agentId: ticsId, leagueId }), reportAt(report, info))
        : // An agent in no league takes part in nothing.
          connectRows(page, { rows: [] }, reportAt(report, info)),
  }),
}));
