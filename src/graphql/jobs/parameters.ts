import { builder } from '../builder.ts';
import { formatOptionalId } from '../shared/ids.ts';
import { openEnumFields } from '../shared/enums.ts';
import { Binning, LearningTask } from './enums.ts';
import type {
  LearningParameters as LearningParametersShape,
  SqlParameters as SqlParametersShape,
} from '../../tics/jobs/parameters.ts';
import { AlignmentColumns, JobDataset, JobFeatures } from './jobDataset.ts';

export const SqlParameters = builder.objectRef<SqlParametersShape>('SqlParameters').implement({
  description: 'How an analysis is to run. What is not set is null: the service has defaults.',
  fields: (t) => ({
    aggregatorCount: t.exposeInt('aggregatorCount', { description: 'How many aggregators compute (`agg.count`).' }),
    agentTaskMemory: t.exposeString('agentTaskMemory', {
      description: 'Memory for the job on each agent (`user.task.memory.size`).',
    }),
    aggregatorTaskMemory: t.exposeString('aggregatorTaskMemory', {
      description: 'Memory for the job on each aggregator (`tics.task.memory.size`).',
    }),
    streamCount: t.exposeInt('streamCount', { description: 'How many streams a batch has (`stream.count`).' }),
    homomorphicDictionary: t.exposeBoolean('homomorphicDictionary', {
      description: 'Whether homomorphic encryption uses a dictionary (`he.dict.enable`).',
    }),
    saveBatchCount: t.exposeInt('saveBatchCount', {
      description: 'In how many batches the result is written (`save.batch.count`).',
    }),
    maxResultFileSize: t.exposeString('maxResultFileSize', {
      description: 'How large a file of the result may become (`max.result.file.size`).',
    }),
    aggregatorTaskConcurrency: t.exposeInt('aggregatorTaskConcurrency', {
      description: 'How many tasks the aggregators run at a time (`tics.task.concurrency`).',
    }),
    agentTaskConcurrency: t.exposeInt('agentTaskConcurrency', {
      description: 'How many tasks each agent runs at a time (`user.task.concurrency`).',
    }),
    pushComplexSqlDown: t.exposeBoolean('pushComplexSqlDown', {
      description: 'Whether complex SQL is left to the connectors’ databases (`complex.sql.push.connector`).',
    }),
  }),
});

export const LearningParameters = builder.objectRef<LearningParametersShape>('LearningParameters').implement({
  description: 'What a model is made with, or predicts with. What is not set is null.',
  fields: (t) => ({
    ...openEnumFields(t, 'learningTask', LearningTask, 'What the model learns.'),
    ...openEnumFields(t, 'binning', Binning, 'How values are put into bins to select features.'),
    datasets: t.expose('datasets', { type: [JobDataset], description: 'The datasets.' }),
    datasetsText: t.exposeString('datasetsText', { description: 'The datasets as the service writes them.' }),
    features: t.expose('features', { type: [JobFeatures], description: 'The features, by dataset.' }),
    featuresText: t.exposeString('featuresText', { description: 'The features as the service writes them.' }),
    alignmentColumns: t.expose('alignmentColumns', {
      type: [AlignmentColumns],
      description: 'The columns by which samples are matched, by agent.',
    }),
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
    modelInstanceId: t.id({
      description: 'Id of the instance that trained the model that is used.',
      resolve: ({ leagueId, modelInstanceId }) => formatOptionalId('Instance', leagueId, modelInstanceId),
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
    discreteEmbeddingSize: t.exposeInt('discreteEmbeddingSize', {
      description: 'Dimensions in which discrete features are embedded.',
    }),
    multihotEmbeddingSize: t.exposeInt('multihotEmbeddingSize', {
      description: 'Dimensions in which multihot features are embedded.',
    }),
    layerSizes: t.exposeIntList('layerSizes', { description: 'How many nodes each layer of the perceptron has.' }),
    reductionRatio: t.exposeInt('reductionRatio', { description: 'By how much the SENET layer reduces.' }),
    saveFormat: t.exposeString('saveFormat', { description: 'Format in which the model is saved.' }),
    lossFunction: t.exposeString('lossFunction', { description: 'Loss function.' }),
    lossParameters: t.field({
      type: 'JSON',
      description: 'Parameters of the loss function: an object of any keys. Null where their text is no JSON.',
      resolve: ({ lossParameters }) => lossParameters.value,
    }),
    lossParametersText: t.string({
      description: 'The parameters of the loss function as the service writes them.',
      resolve: ({ lossParameters }) => lossParameters.text,
    }),
  }),
});
