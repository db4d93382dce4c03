import { builder } from '../builder.ts';
import { GatewayError } from '../../errors.ts';
import { knownValues, openEnumFields } from '../shared/enums.ts';
import { formatId, parseId } from '../shared/ids.ts';
import { answerOr, reportAt } from '../shared/partialErrors.ts';
import { findNodesOf, found, Node } from '../shared/node.ts';
import { connect, connectionOf, connectRows, pageArguments } from '../shared/page.ts';
import { Agent } from '../agents/type.ts';
import { League } from '../leagues/type.ts';
import { Algorithm, InstanceStatus, InstanceType } from './enums.ts';
import { ExecutionGraph } from './executionGraph.ts';
import type { InstanceFilter as InstanceFilterShape } from '../../tics/instances/filter.ts';
import { Metrics } from './metrics.ts';
import { InstanceProgress } from './progress.ts';
import { InstanceReport } from './report.ts';
import { InstanceError, InstanceResult, ResultSample } from './result.ts';
import type { Instance as InstanceShape, InstanceStatus as StatusShape, Run } from '../../tics/instances/loaders.ts';

export { Algorithm, HorizontalPhase, InstanceStatus, InstanceType, ResultKind } from './enums.ts';
export { Metrics } from './metrics.ts';

const unknownStatus: StatusShape = { value: 'UNKNOWN', text: null };

function durationOf(run: Run | null): number | null {
  return run?.startedAt && run.endedAt ? Date.parse(run.endedAt) - Date.parse(run.startedAt) : null;
}

function keyOf({ leagueId, ticsId }: InstanceShape) {
  return { leagueId, instanceId: ticsId };
}

/** Of an execution graph: the round asked for, else the last one. */
function roundOf(instance: InstanceShape, round: number | null | undefined): number {
  if (round !== null && round !== undefined && round < 0)
    throw new GatewayError('INVALID_ARGUMENT', 'round: at least 0.');
  return round ?? Math.max(instance.round ?? 1, 1);
}

/** What agents' lists leave out is looked up by the instance's id. */
const lookedUp = 'Met in an agent’s list, it is looked up: one call, `listJobInstances`, for all such fields.';

export const Instance = builder.objectRef<InstanceShape>('Instance').implement({
  description: 'An instance (实例): one run of a job, or of one step of a vertical learning job.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: '`Instance:<league>/<id>`.',
      resolve: ({ leagueId, ticsId }) => formatId('Instance', leagueId, ticsId),
    }),
    ticsId: t.exposeString('ticsId', { nullable: false, description: 'The bare id that the service uses.' }),
    status: t.field({
      type: InstanceStatus,
      nullable: false,
      description:
        'State of the run, as its list told. An agent’s list tells none: there it costs one call, `getInstanceStatus`, and reads UNKNOWN where that call fails.',
      resolve: async (instance, _, { loaders, report }, info) =>
        (await answerOr(loaders.instances.statusOf(instance), unknownStatus, reportAt(report, info))).value,
    }),
    statusText: t.string({
      description: 'The raw word of `status`.',
      resolve: async (instance, _, { loaders }) => (await loaders.instances.statusOf(instance)).text,
    }),
    currentStatus: t.field({
      type: InstanceStatus,
      description: 'State of the run right now. Costs one call: `getInstanceStatus`.',
      resolve: async ({ leagueId, ticsId }, _, { loaders }) => (await loaders.instances.status(leagueId, ticsId)).value,
    }),
    currentStatusText: t.string({
      description: 'The raw word of `currentStatus`. Costs the same call.',
      resolve: async ({ leagueId, ticsId }, _, { loaders }) => (await loaders.instances.status(leagueId, ticsId)).text,
    }),
    ...openEnumFields(t, 'type', InstanceType, 'What it runs.'),
    jobId: t.string({
      description:
        'Bare id of the job that it is a run of. Lists of leagues do not tell: there it costs one call, `getInstanceResult`.',
      resolve: (instance, _, { loaders }) => loaders.instances.jobIdOf(instance),
    }),
    jobName: t.exposeString('jobName', { description: 'Name of that job.' }),
    round: t.exposeInt('round', {
      description: 'How many rounds it runs in all, which is the number of the last one too.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it was created. Told by agents’ lists only, null elsewhere.',
    }),
    startedAt: t.field({
      type: 'DateTime',
      description: `When it started. ${lookedUp}`,
      resolve: async (instance, _, { loaders }) => (await loaders.instances.run(instance))?.startedAt,
    }),
    endedAt: t.field({
      type: 'DateTime',
      description: `When it ended; null while it runs. ${lookedUp}`,
      resolve: async (instance, _, { loaders }) => (await loaders.instances.run(instance))?.endedAt,
    }),
    durationMs: t.field({
      type: 'Long',
      description: `How long it took from start to end, in milliseconds; null while it runs. ${lookedUp}`,
      resolve: async (instance, _, { loaders }) => durationOf(await loaders.instances.run(instance)),
    }),
    partners: t.field({
      type: ['String'],
      nullable: { list: true, items: false },
      description: `Aliases of the partners that take part. ${lookedUp}`,
      resolve: async (instance, _, { loaders }) => (await loaders.instances.run(instance))?.partners,
    }),
    predictedAlone: t.boolean({
      description: `Of a prediction: whether one partner predicts alone; else both do. ${lookedUp}`,
      resolve: async (instance, _, { loaders }) => (await loaders.instances.run(instance))?.predictedAlone,
    }),
    parameters: t.field({
      type: 'JSON',
      description: `What it was started with, an open map; null where it is no JSON, see \`parametersText\`. ${lookedUp}`,
      resolve: async (instance, _, { loaders }) => (await loaders.instances.run(instance))?.parameters.value,
    }),
    parametersText: t.string({
      description: 'The raw text of `parameters`.',
      resolve: async (instance, _, { loaders }) => (await loaders.instances.run(instance))?.parameters.text,
    }),
    metrics: t.field({
      type: Metrics,
      description: `How good the model is that it trained or evaluated. ${lookedUp}`,
      resolve: async (instance, _, { loaders }) => (await loaders.instances.run(instance))?.metrics,
    }),
    metricsText: t.string({
      description: 'The raw text of `metrics`, where the list tells it apart from the result: the agents’ does.',
      resolve: async (instance, _, { loaders }) => (await loaders.instances.run(instance))?.metricsText,
    }),
    resultCount: t.field({
      type: 'Long',
      description: `The result in short, where it is a number: how many rows an analysis brought. ${lookedUp}`,
      resolve: async (instance, _, { loaders }) => (await loaders.instances.run(instance))?.resultCount,
    }),
    resultText: t.string({
      description: 'The raw text of the result in short: a number, or metrics as JSON, or nothing.',
      resolve: async (instance, _, { loaders }) => (await loaders.instances.run(instance))?.resultText,
    }),
    agentId: t.exposeString('agentId', {
      description: 'Bare id of the agent in whose list it was met; null elsewhere.',
    }),
    leagueId: t.exposeString('leagueId', { nullable: false, description: 'Bare id of the league that it ran in.' }),
    league: t.field({
      type: League,
      description: 'The league that it ran in. Costs one call, `getLeague`, unless the league is already known.',
      resolve: ({ leagueId }, _, { loaders }) => loaders.leagues.byId(leagueId),
    }),
    result: t.field({
      type: InstanceResult,
      description: 'What it has made. Costs one call: `getInstanceResult`.',
      resolve: (instance, _, { loaders }) => loaders.instances.result(keyOf(instance)),
    }),
    sample: t.field({
      type: ResultSample,
      description:
        'The first rows of the result of an analysis. Only agents that took part have it, so each is asked until one does. Costs one call for each agent asked: `getResultSample`.',
      resolve: (instance, _, { loaders }) =>
        loaders.instances.sample({ ...keyOf(instance), agentId: instance.agentId }),
    }),
    executionGraph: t.field({
      type: ExecutionGraph,
      description: 'Who does what in one round, and in which order. Costs one call: `getExecutionGraph`.',
      args: {
        round: t.arg.int({
          description:
            'Number of the round, counted from 1, though the service takes 0 too; the last one where it is left out.',
        }),
      },
      resolve: (instance, { round }, { loaders }) =>
        loaders.instances.executionGraph({ ...keyOf(instance), round: roundOf(instance, round) }),
    }),
    progress: t.field({
      type: InstanceProgress,
      description:
        'How far it has got. Costs one call, `getExecutionGraph`, or two where a round ends, and a few where metrics do not tell the round; met in an agent’s list, one more: `listJobInstances`.',
      resolve: (instance, _, { loaders }) => loaders.instances.progressNow(keyOf(instance)),
    }),
    report: t.field({
      type: InstanceReport,
      description: 'All that the run tells of itself. Costs one call: `getInstanceReport`.',
      resolve: (instance, _, { loaders }) => loaders.instances.report(keyOf(instance)),
    }),
    error: t.field({
      type: InstanceError,
      description:
        'Why it failed or was stopped; null where there is nothing to tell. Costs one call: `getInstanceError`.',
      resolve: (instance, _, { loaders }) => loaders.instances.failure(keyOf(instance)),
    }),
  }),
});

findNodesOf('Instance', ([leagueId = '', instanceId = ''], { loaders }) =>
  loaders.instances.byId(leagueId, instanceId),
);

export const InstanceConnection = connectionOf('Instance', Instance, 'instances');

export const InstanceFilter = builder.inputType('InstanceFilter', {
  description:
    'Narrows a list of instances. An agent of the league does it, and takes at most 256 characters of JSON for all conditions together.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', description: 'Only instances from this instant on.' }),
    to: t.field({ type: 'DateTime', description: 'Only instances up to this instant.' }),
    jobName: t.string({ description: 'Only runs of jobs with this in their name.' }),
    creatorName: t.string({ description: 'Only runs of jobs of this user.' }),
    statuses: t.field({ type: [InstanceStatus], description: 'Only instances in one of these states.' }),
    types: t.field({ type: [InstanceType], description: 'Only instances of one of these types.' }),
    algorithms: t.field({ type: [Algorithm], description: 'Only learning with one of these algorithms.' }),
    agentId: t.id({ description: 'Only instances in which this agent takes part: `Agent:<id>`, or the bare id.' }),
    instanceId: t.id({ description: 'Only this instance: `Instance:<league>/<id>`.' }),
    orderBy: t.string({
      description: 'What the list is ordered by, in the service’s words; the reference lists none.',
    }),
    descending: t.boolean({ description: 'Whether the last comes first.' }),
  }),
});

/**
 * A filter as a caller gives it.
 *
 * @throws GatewayError INVALID_ARGUMENT for UNKNOWN, INVALID_ID for ids.
 */
export function toInstanceFilter(
  filter: typeof InstanceFilter.$inferInput | null | undefined,
): InstanceFilterShape | undefined {
  return filter
    ? {
        ...filter,
        statuses: knownValues('filter.statuses', filter.statuses ?? []),
        types: knownValues('filter.types', filter.types ?? []),
        algorithms: knownValues('filter.algorithms', filter.algorithms ?? []),
        agentId: filter.agentId ? parseId('Agent', filter.agentId)[0] : undefined,
        instanceId: filter.instanceId ? parseId('Instance', filter.instanceId)[1] : undefined,
      }
    : undefined;
}

builder.queryFields((t) => ({
  instance: t.field({
    type: Instance,
    description:
      'An instance, by its id. Costs one call, `listJobInstances` of an agent of the league; without one, the league’s list is searched: `listLeagueInstances`, one call for each 100 instances, up to 2,000 of them.',
    args: { id: t.arg.id({ required: true, description: '`Instance:<league>/<id>`.' }) },
    resolve: (_, { id }, { loaders }) => found(loaders.instances.byId(...parseId('Instance', id))),
  }),
}));

builder.objectFields(League, (t) => ({
  instances: t.field({
    type: InstanceConnection,
    description:
      'Runs of the league’s jobs. Costs one call for each 100 instances: `listLeagueInstances`, or `listJobInstances` of an agent of the league with a filter and where the space plane can’t answer.',
    args: { filter: t.arg({ type: InstanceFilter, description: 'Which instances.' }), ...pageArguments },
    resolve: ({ ticsId }, { filter, ...page }, { loaders, report }, info) =>
      connect(
        page,
        loaders.instances.ofLeague({ leagueId: ticsId, filter: toInstanceFilter(filter) }),
        reportAt(report, info),
      ),
  }),
}));

builder.objectFields(Agent, (t) => ({
  instances: t.field({
    type: InstanceConnection,
    description: 'Runs in which the agent takes part. Costs one call for each 100 instances: `listAgentInstances`.',
    args: { ...pageArguments },
    resolve: ({ ticsId, leagueId }, page, { loaders, report }, info) =>
      leagueId
        ? connect(page, loaders.instances.ofAgent({ agentId: ticsId, leagueId }), reportAt(report, info))
        : // An agent in no league takes part in nothing.
          connectRows(page, { rows: [] }, reportAt(report, info)),
  }),
}));
