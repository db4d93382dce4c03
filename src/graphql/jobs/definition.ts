import { builder } from '../builder.ts';
import { formatOptionalId } from '../shared/ids.ts';
import { openEnumFields } from '../shared/enums.ts';
import { Algorithm, HorizontalPhase } from '../instances/type.ts';
import type {
  HorizontalJobDefinition as HorizontalJobDefinitionShape,
  HostAgent as HostAgentShape,
  JobApproval as JobApprovalShape,
  SqlJobDefinition as SqlJobDefinitionShape,
  VerticalJobDefinition as VerticalJobDefinitionShape,
} from '../../tics/jobs/definition.ts';
import { JobApprovalStatus, LearningPlatform, LearningTask, WorkStep } from './enums.ts';
import { SqlParameters } from './parameters.ts';
import { toSqlParameters } from '../../tics/jobs/parameters.ts';
import { JobDataset, JobFeatures } from './jobDataset.ts';

const JobApproval = builder.objectRef<JobApprovalShape>('JobApproval').implement({
  description: 'One partner’s decision on a job that uses its datasets.',
  fields: (t) => ({
    partnerAlias: t.exposeString('partnerAlias', { description: 'Alias of the partner that is asked.' }),
    datasetNames: t.exposeStringList('datasetNames', { description: 'Names of the partner’s datasets.' }),
    datasetNamesText: t.exposeString('datasetNamesText', { description: 'The names as the service writes them.' }),
    ...openEnumFields(t, 'status', JobApprovalStatus, 'The partner’s decision.'),
    comment: t.exposeString('comment', { description: 'The reviewer’s remark.' }),
  }),
});

export const SqlJobDefinition = builder.objectRef<SqlJobDefinitionShape>('SqlJobDefinition').implement({
  description: 'What an SQL job is made of.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the job, as the agent tells it.' }),
    description: t.exposeString('description', { description: 'What the job is for, as the agent tells it.' }),
    sql: t.exposeString('sql', { description: 'The SQL.' }),
    ...openEnumFields(t, 'approvalStatus', JobApprovalStatus, 'State of the approval of all partners together.'),
    approvals: t.expose('approvals', { type: [JobApproval], description: 'The decisions of the partners, one each.' }),
    executionParameters: t.field({
      type: SqlParameters,
      description: 'How the job is to run, by name; null where `parameters` is no document.',
      resolve: ({ parameters }) => toSqlParameters(parameters),
    }),
    parameters: t.field({
      type: 'JSON',
      description: 'How the job is to run, as it was saved: an object of any keys. Null where the text is no JSON.',
      resolve: ({ parameters }) => parameters.value,
    }),
    parametersText: t.string({
      description: 'The raw text of `parameters`.',
      resolve: ({ parameters }) => parameters.text,
    }),
  }),
});

const HostAgent = builder.objectRef<HostAgentShape>('HostAgent').implement({
  description: 'An agent that takes part in a horizontal job.',
  fields: (t) => ({
    agentId: t.id({
      resolve: ({ agentId }) => formatOptionalId('Agent', agentId),
      description: 'Id of the agent.',
    }),
    name: t.exposeString('name', { description: 'Name of the agent.' }),
  }),
});

export const HorizontalJobDefinition = builder
  .objectRef<HorizontalJobDefinitionShape>('HorizontalJobDefinition')
  .implement({
    description: 'What a horizontal job is made of.',
    fields: (t) => ({
      name: t.exposeString('name', { description: 'Name of the job, as the agent tells it.' }),
      description: t.exposeString('description', { description: 'What the job is for, as the agent tells it.' }),
      ...openEnumFields(t, 'phase', HorizontalPhase, 'What the job does.'),
      ...openEnumFields(t, 'platform', LearningPlatform, 'Where the job runs.'),
      roundCount: t.exposeInt('roundCount', { description: 'How many rounds it trains.' }),
      epochs: t.exposeInt('epochs', { description: 'Epochs: passes over the data in a round.' }),
      datasets: t.expose('datasets', { type: [JobDataset], description: 'The datasets.' }),
      datasetsText: t.exposeString('datasetsText', { description: 'The datasets as the service writes them.' }),
      evaluationDatasetName: t.exposeString('evaluationDatasetName', {
        description: 'Name of the dataset on which the model is evaluated.',
      }),
      hosts: t.expose('hosts', {
        type: [HostAgent],
        description: 'The agents that take part; the one that initiates the job is the first.',
      }),
      hostIdsText: t.exposeString('hostIdsText', { description: 'Ids of the hosts as the service writes them.' }),
      hostNamesText: t.exposeString('hostNamesText', { description: 'Names of the hosts as the service writes them.' }),
      scriptPath: t.exposeString('scriptPath', { description: 'Path of the script that trains.' }),
      modelPath: t.exposeString('modelPath', { description: 'Path of the model.' }),
      initialWeightsPath: t.exposeString('initialWeightsPath', { description: 'Path of the weights to start with.' }),
      engineTicsId: t.exposeString('engineId', { description: 'Id of the engine on ModelArts.' }),
      resourceSpecTicsId: t.exposeString('resourceSpecId', {
        description: 'Id of the size of the resources on ModelArts.',
      }),
      parameters: t.field({
        type: 'JSON',
        description:
          'Further settings, such as parameters of the script: an object of any keys. Null where the text is no JSON.',
        resolve: ({ parameters }) => parameters.value,
      }),
      parametersText: t.string({
        description: 'The raw text of `parameters`.',
        resolve: ({ parameters }) => parameters.text,
      }),
    }),
  });

export const VerticalJobDefinition = builder.objectRef<VerticalJobDefinitionShape>('VerticalJobDefinition').implement({
  description: 'What a vertical job is made of. What its algorithm does not use is null.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the job, as the agent tells it.' }),
    description: t.exposeString('description', { description: 'What the job is for, as the agent tells it.' }),
    ...openEnumFields(t, 'workStep', WorkStep, 'How far the job has come.'),
    ...openEnumFields(t, 'algorithm', Algorithm, 'The algorithm.'),
    ...openEnumFields(t, 'learningTask', LearningTask, 'What the model learns.'),
    datasets: t.expose('datasets', { type: [JobDataset], description: 'The datasets.' }),
    datasetsText: t.exposeString('datasetsText', { description: 'The datasets as the service writes them.' }),
    features: t.expose('features', { type: [JobFeatures], description: 'The features, by dataset.' }),
    label: t.exposeString('label', { description: 'Name of the column that holds the label.' }),
    labelDatasetName: t.exposeString('labelDatasetName', { description: 'Name of the dataset that has the label.' }),
    labelAgentId: t.id({
      resolve: ({ labelAgentId }) => formatOptionalId('Agent', labelAgentId),
      description: 'Id of the agent that has the label.',
    }),
    creatorAgentId: t.id({
      resolve: ({ creatorAgentId }) => formatOptionalId('Agent', creatorAgentId),
      description: 'Id of the agent that created the job.',
    }),
    predictsAlone: t.exposeBoolean('predictsAlone', { description: 'Whether one partner predicts alone.' }),
    predictionThreshold: t.expose('predictionThreshold', {
      type: 'Decimal',
      description: 'Probability from which a prediction counts as positive.',
    }),
    learningRate: t.expose('learningRate', { type: 'Decimal', description: 'Learning rate.' }),
    epochs: t.exposeInt('epochs', { description: 'Epochs: passes over the data.' }),
    batchSize: t.exposeInt('batchSize', { description: 'How many samples a batch has.' }),
    gradientEpsilon: t.expose('gradientEpsilon', {
      type: 'Decimal',
      description: 'Gradient below which training counts as converged.',
    }),
    treeCount: t.exposeInt('treeCount', { description: 'How many trees are grown.' }),
    treeDepth: t.exposeInt('treeDepth', { description: 'How deep the trees are.' }),
    splitCount: t.exposeInt('splitCount', { description: 'How many points of splitting are tried.' }),
  }),
});
