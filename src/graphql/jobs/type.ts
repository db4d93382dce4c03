import { mapMaybePromise } from '../../upstream/maybePromise.ts';
import { builder, type BuilderTypes } from '../builder.ts';
import type { FieldCall } from '../calls.ts';
import type { Context } from '../context.ts';
import { openEnumFields } from '../shared/enums.ts';
import { formatId, parseId } from '../shared/ids.ts';
import { mergedConnectionOf } from '../shared/merge/connection.ts';
import { mergePages } from '../shared/merge/mergePages.ts';
import { findNodesOf, found, Node } from '../shared/node.ts';
import { connect, connectionOf, pageArguments, rowsOf } from '../shared/page.ts';
import { reportAt } from '../shared/partialErrors.ts';
import {
  Algorithm,
  HorizontalPhase,
  Instance,
  InstanceConnection,
  instanceListArguments,
  orderDescription,
  InstanceType,
  toInstanceFilter,
} from '../instances/type.ts';
import { instanceListCalls, runCalls } from '../instances/calls.ts';
import { InstanceResult, ResultSample } from '../instances/result.ts';
import { leagueOfObject, cannotAnswer } from '../leagues/calls.ts';
import { League } from '../leagues/type.ts';
import { approvalCalls, jobById, jobListCalls, jobOfAnswerCalls, jobOfInstance } from './calls.ts';
import { bareAgentId } from './payloads.ts';
import { HorizontalJobDefinition, SqlJobDefinition, VerticalJobDefinition } from './definition.ts';
import { JobApprovalStatus, JobType, LearningPlatform, LearningTask } from './enums.ts';
import { JobFilter, JobOrderEnum, toJobFilter } from './filter.ts';
import { jobOrder } from '../../tics/jobs/filter.ts';
import { LearningParameters } from './parameters.ts';
import { toLearningParameters } from '../../tics/jobs/parameters.ts';
import { FeatureSelection, SampleAlignment, toSelectionType } from './learning/preparation.ts';
import type { InstanceKey } from '../../tics/instances/instance.ts';
import type { Job as JobShape, JobKind } from '../../tics/jobs/job.ts';

function idOf({ leagueId, kind, ticsId }: JobShape): string {
  return formatId('Job', leagueId, kind, ticsId);
}

export const Job = builder.interfaceRef<JobShape>('Job').implement({
  description: 'A job (作业): what a league computes, whenever it is run. Its runs are instances.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: '`Job:<league>/<sql|hfl|vfl|predict>/<job>`.',
      resolve: idOf,
    }),
    ticsId: t.exposeString('ticsId', { nullable: false, description: 'The raw id that the service uses.' }),
    name: t.exposeString('name', { description: 'Name of the job.' }),
    description: t.exposeString('description', { description: 'What the job is for.' }),
    ...openEnumFields(t, 'type', JobType, 'What the job does.'),
    leagueId: t.id({
      resolve: ({ leagueId }) => formatId('League', leagueId),
      nullable: false,
      description: 'Id of the job’s league.',
    }),
    league: t.field({
      type: League,
      calls: leagueOfObject,
      description: 'The job’s league.',
      resolve: ({ leagueId }, _, { loaders }) => loaders.leagues.byId(leagueId),
    }),
    creatorName: t.exposeString('creatorName', { description: 'Name of the user who created the job.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the job was created.' }),
    instances: t.field({
      type: InstanceConnection,
      calls: instanceListCalls,
      description: 'Runs of the job, newest first unless `orderBy` says otherwise.',
      args: { ...instanceListArguments, ...pageArguments },
      resolve: ({ leagueId, ticsId }, { filter, orderBy, ...page }, { loaders, report }, info) =>
        connect(
          page,
          loaders.instances.ofJob({ leagueId, jobId: ticsId, filter: toInstanceFilter(filter, orderBy) }),
          reportAt(report, info),
        ),
    }),
    latestInstance: t.field({
      type: Instance,
      calls: [
        { call: 'listLeagueInstances', per: 'page100' },
        { call: 'listJobInstances', per: 'page100', onlyWhen: cannotAnswer },
      ],
      description: 'The job’s latest run by its start, null before the first.',
      resolve: ({ leagueId, ticsId }, _, { loaders, report }, info) =>
        loaders.instances
          .newestOfJob({ leagueId, jobId: ticsId })
          .then((page) => rowsOf(page, reportAt(report, info))[0]),
    }),
  }),
});

type JobFields = PothosSchemaTypes.FieldBuilder<PothosSchemaTypes.ExtendDefaultTypes<BuilderTypes>, JobShape>;

/** The approval of a job, which the rows of agents' lists of learning jobs do not tell: then it is looked up. */
function approvalFields(t: JobFields, calls: readonly FieldCall[] = []) {
  return {
    approvalStatus: t.field({
      type: JobApprovalStatus,
      calls,
      description: 'State of the job’s approval.',
      resolve: async (job: JobShape, _: unknown, { loaders }: Context) => (await loaders.jobs.approvalOf(job)).value,
    }),
    approvalStatusText: t.string({
      calls,
      description: 'The raw value of `approvalStatus`.',
      resolve: async (job: JobShape, _: unknown, { loaders }: Context) => (await loaders.jobs.approvalOf(job)).text,
    }),
  };
}

/** How a vertical model predicts. */
function predictionFields(t: JobFields) {
  return {
    ...openEnumFields(t, 'algorithm', Algorithm, 'The algorithm.'),
    predictsAlone: t.exposeBoolean('predictsAlone', {
      description: 'Whether one partner predicts alone; else all take part.',
    }),
  };
}

const LearningJob = builder.interfaceRef<JobShape>('LearningJob').implement({
  description: 'A job that trains, measures or uses a model.',
  interfaces: [Node, Job],
  fields: (t) => ({
    ...openEnumFields(t, 'learningTask', LearningTask, 'What the model learns.'),
    learningParameters: t.field({
      type: LearningParameters,
      description: 'What `parameters` holds, by name; null where it is no document.',
      resolve: ({ leagueId, parameters }) => toLearningParameters(leagueId, parameters),
    }),
    parameters: t.field({
      type: 'JSON',
      description: 'Settings of the job as they were saved: an open map. Null where the text is no JSON.',
      resolve: ({ parameters }) => parameters.value,
    }),
    parametersText: t.string({
      description: 'The raw text of `parameters`.',
      resolve: ({ parameters }) => parameters.text,
    }),
  }),
});

const ModelConnection = connectionOf('Model', Instance, 'models', undefined, (t) => ({
  metricsText: t.string({
    description: 'The raw text of the model’s metrics, as only this list tells it.',
    resolve: ({ node }) => node.run?.metricsText,
  }),
}));

const TrainingJob = builder.interfaceRef<JobShape>('TrainingJob').implement({
  description: 'A learning job whose successful runs are models.',
  interfaces: [Node, Job, LearningJob],
  fields: (t) => ({
    ...approvalFields(t, approvalCalls),
    ...openEnumFields(t, 'phase', HorizontalPhase, 'Whether the job trains or evaluates a model.'),
    ...openEnumFields(t, 'platform', LearningPlatform, 'Where the job runs.'),
    models: t.field({
      type: ModelConnection,
      calls: [{ call: 'listModels', per: 'page100' }],
      description: 'The models that the job has made: its successful training instances, with their metrics.',
      args: { ...instanceListArguments, ...pageArguments },
      resolve: ({ leagueId, ticsId }, { filter, orderBy, ...page }, { loaders, report }, info) =>
        connect(
          page,
          loaders.jobs.models({ leagueId, jobId: ticsId, filter: toInstanceFilter(filter, orderBy) }),
          reportAt(report, info),
        ),
    }),
  }),
});

export const SqlJob = builder.objectRef<JobShape>('SqlJob').implement({
  description: 'A federated analysis: SQL over the datasets of several partners.',
  interfaces: [Node, Job],
  fields: (t) => ({
    ...approvalFields(t),
    creatorTicsId: t.exposeString('creatorId', { description: 'Raw id of the user who created the job.' }),
    creatorAccountTicsId: t.exposeString('creatorDomainId', {
      description: 'Raw id of the account of the partner who created the job.',
    }),
    updaterName: t.exposeString('updaterName', { description: 'Name of the user who changed the job last.' }),
    updaterTicsId: t.exposeString('updaterId', { description: 'Raw id of the user who changed the job last.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the job was changed last.' }),
    deleted: t.exposeBoolean('deleted', { description: 'Whether the job has been deleted.' }),
    definition: t.field({
      type: SqlJobDefinition,
      calls: [{ call: 'getSqlJob', per: 'object' }],
      description: 'The SQL, what each partner says of it, and how it is to run.',
      args: {
        agentId: t.arg.id({
          description: 'The agent as whom it is read: `Agent:<agent>`, or the bare id. Else one of the league.',
        }),
      },
      resolve: ({ leagueId, ticsId }, { agentId }, { loaders }) =>
        loaders.jobs.sqlJob({ leagueId, jobId: ticsId, agentId: bareAgentId(agentId) }),
    }),
  }),
});

export const HorizontalJob = builder.objectRef<JobShape>('HorizontalJob').implement({
  description: 'Horizontal federated learning: the partners have the same columns of different samples.',
  interfaces: [Node, Job, LearningJob, TrainingJob],
  fields: (t) => ({
    definition: t.field({
      type: HorizontalJobDefinition,
      calls: [{ call: 'getHorizontalJob', per: 'object' }],
      description: 'Datasets, script and settings.',
      resolve: ({ leagueId, ticsId }, _, { loaders }) => loaders.jobs.horizontalJob({ leagueId, jobId: ticsId }),
    }),
  }),
});

export const VerticalJob = builder.objectRef<JobShape>('VerticalJob').implement({
  description: 'Vertical federated learning: the partners have different columns of the same samples.',
  interfaces: [Node, Job, LearningJob, TrainingJob],
  fields: (t) => ({
    ...predictionFields(t),
    definition: t.field({
      type: VerticalJobDefinition,
      calls: [{ call: 'getVerticalJob', per: 'object' }],
      description: 'Datasets, features, label and algorithm.',
      resolve: ({ leagueId, ticsId }, _, { loaders }) => loaders.jobs.verticalJob({ leagueId, jobId: ticsId }),
    }),
    featureSelection: t.field({
      type: FeatureSelection,
      calls: [{ call: 'getFeatureSelection', per: 'object' }],
      description: 'The latest feature selection; null before the first.',
      args: {
        type: t.arg({
          type: InstanceType.asInput(),
          description: 'Of which type the instance is, any but PIR_SQL; VFL_FEATURE_SELECTION where it is left out.',
        }),
      },
      resolve: ({ leagueId, ticsId }, { type }, { loaders }) =>
        loaders.jobs.featureSelection({
          leagueId,
          jobId: ticsId,
          type: toSelectionType(type ?? 'VFL_FEATURE_SELECTION'),
        }),
    }),
    sampleAlignment: t.field({
      type: SampleAlignment,
      calls: [{ call: 'getSampleAlignment', per: 'object' }],
      description: 'The latest sample alignment; null before the first.',
      resolve: ({ leagueId, ticsId }, _, { loaders }) => loaders.jobs.sampleAlignment({ leagueId, jobId: ticsId }),
    }),
  }),
});

builder.objectRef<JobShape>('PredictionJob').implement({
  description: 'A federated prediction with a trained model. Only agents list it.',
  interfaces: [Node, Job, LearningJob],
  fields: (t) => ({
    ...predictionFields(t),
    learningRate: t.expose('learningRate', { type: 'Decimal', description: 'Learning rate.' }),
  }),
});

builder.objectRef<JobShape>('OtherJob').implement({
  description: 'A job of another type, such as an exchange of data. Only lists tell of it.',
  interfaces: [Node, Job],
});

findNodesOf('Job', jobById, ([leagueId = '', kind, jobId = ''], { loaders }) =>
  loaders.jobs.byId(leagueId, kind as JobKind, jobId),
);

const JobConnection = mergedConnectionOf('Job', Job, 'jobs');

builder.objectFields(League, (t) => ({
  jobs: t.field({
    type: JobConnection,
    calls: jobListCalls,
    description:
      'Jobs of the league, newest first unless `orderBy` says otherwise: the lists of SQL jobs (SQL), of horizontal and vertical jobs (LEARNING) and of predictions (PREDICTION) merged. Predictions, filters and orders need an agent of the league whose account is configured.',
    args: {
      types: t.arg({
        type: [JobType.asInput()],
        description:
          'Only jobs of these types; all where it is left out or empty. Lists of other types are not read; of one that holds some of the others too, `totalCount` costs reading all of it.',
      }),
      filter: t.arg({ type: JobFilter, description: 'Which jobs.' }),
      orderBy: t.arg({ type: JobOrderEnum, description: orderDescription }),
      ...pageArguments,
    },
    resolve: ({ ticsId }, { types, filter, orderBy, ...page }, { loaders, report }, info) => {
      const wanted = toJobFilter(filter, orderBy);
      return mergePages(page, {
        sources: loaders.jobs.lists(ticsId, types ?? [], wanted),
        idOf: ({ ticsId: jobId }) => jobId,
        compare: jobOrder(wanted),
        report: reportAt(report, info),
      });
    },
  }),
}));

builder.objectFields(Instance, (t) => ({
  jobId: t.id({
    calls: jobOfInstance,
    description: 'Id of the job that was run, for `job(id:)`; null where the job is gone.',
    resolve: async (instance, _, { loaders }) => {
      const job = await loaders.jobs.ofInstance(instance, await loaders.instances.jobIdOf(instance));
      return job && idOf(job);
    },
  }),
  job: t.field({
    type: Job,
    calls: jobOfInstance,
    description: 'The job that was run.',
    resolve: async (instance, _, { loaders }) =>
      loaders.jobs.ofInstance(instance, await loaders.instances.jobIdOf(instance)),
  }),
  learningParameters: t.field({
    type: LearningParameters,
    calls: runCalls,
    description: 'What `parameters` holds, by name; null where it is no document.',
    resolve: (instance, _, { loaders }) =>
      mapMaybePromise(
        loaders.instances.run(instance),
        (run) => run && toLearningParameters(instance.leagueId, run.parameters),
      ),
  }),
}));

/** The job that the answer to a call about an instance names by its raw id alone: its kind is that of the instance. */
async function jobOfAnswer(
  { leagueId, instanceId, jobId }: InstanceKey & { readonly jobId: string | null },
  { loaders }: Context,
): Promise<JobShape | null> {
  const instance = jobId ? await loaders.instances.byId(leagueId, instanceId) : null;
  return instance && loaders.jobs.ofInstance(instance, jobId);
}

builder.objectField(InstanceResult, 'job', (t) =>
  t.field({
    type: Job,
    calls: jobOfAnswerCalls,
    description: 'The job that it is a run of.',
    resolve: (result, _, context) => jobOfAnswer(result, context),
  }),
);

builder.objectField(ResultSample, 'job', (t) =>
  t.field({
    type: Job,
    calls: jobOfAnswerCalls,
    description: 'The job that it is a run of.',
    resolve: (sample, _, context) => jobOfAnswer(sample, context),
  }),
);

builder.queryFields((t) => ({
  job: t.field({
    type: Job,
    calls: jobById,
    description: 'A job, by its id. No call reads one alone: its list is searched.',
    args: { id: t.arg.id({ required: true, description: '`Job:<league>/<sql|hfl|vfl|predict>/<job>`.' }) },
    resolve: (_, { id }, { loaders }) => {
      const [leagueId, kind, jobId] = parseId('Job', id);
      return found(loaders.jobs.byId(leagueId, kind as JobKind, jobId));
    },
  }),
}));
