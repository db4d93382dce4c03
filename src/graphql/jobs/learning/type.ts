import { builder } from '../../builder.ts';
import { openEnumFields } from '../../shared/enums.ts';
import { Node } from '../../shared/node.ts';
import { connect, connectionOf, pageArguments } from '../../shared/page.ts';
import { reportAt } from '../../shared/partialErrors.ts';
import {
  Algorithm,
  HorizontalPhase,
  Instance,
  instanceListArguments,
  InstanceType,
  toInstanceFilter,
} from '../../instances/type.ts';
import { approvalFields, type JobFields } from '../approval.ts';
import { approvalCalls } from '../calls.ts';
import { HorizontalJobDefinition, VerticalJobDefinition } from '../definition.ts';
import { LearningPlatform, LearningTask } from '../enums.ts';
import { LearningParameters } from '../parameters.ts';
import { Job } from '../type.ts';
import { toLearningParameters } from '../../../tics/jobs/parameters.ts';
import { FeatureSelection, SampleAlignment, toSelectionType } from './preparation.ts';
import type { Job as JobShape } from '../../../tics/jobs/job.ts';

/** The prediction mode of a vertical model. */
function predictionFields(t: JobFields) {
  return {
    ...openEnumFields(t, 'algorithm', Algorithm, 'The algorithm.'),
    predictsAlone: t.exposeBoolean('predictsAlone', {
      description: 'Whether one partner predicts alone; else all take part.',
    }),
  };
}

const LearningJob = builder.interfaceRef<JobShape>('LearningJob').implement({
  description: 'A job that trains, evaluates or uses a model.',
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
      description: 'Settings of the job as they were saved: an object of any keys. Null where the text is no JSON.',
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
    description: 'The raw text of the model’s metrics. Only this list returns it.',
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
