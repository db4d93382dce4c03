import { builder } from '../builder.ts';
import { formatId, formatOptionalId } from '../shared/ids.ts';
import type {
  AlignmentColumns as AlignmentColumnsShape,
  JobDataset as JobDatasetShape,
  JobFeatures as JobFeaturesShape,
} from '../../tics/jobs/datasets.ts';

export const JobDataset = builder.objectRef<JobDatasetShape>('JobDataset').implement({
  description: 'A dataset as a job names it: by its name and its owner, not by its id.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the dataset.' }),
    agentId: t.id({
      resolve: ({ agentId }) => formatOptionalId('Agent', agentId),
      description: 'Id of its agent. Vertical jobs have it.',
    }),
    partnerAlias: t.exposeString('partnerAlias', { description: 'Alias of the partner who owns it.' }),
    text: t.exposeString('text', { nullable: false, description: 'The dataset as the service writes it.' }),
  }),
});

export const JobFeatures = builder.objectRef<JobFeaturesShape>('JobFeatures').implement({
  description: 'The features that a job takes from one dataset.',
  fields: (t) => ({
    datasetName: t.exposeString('datasetName', { description: 'Name of the dataset.' }),
    datasetId: t.id({
      description: 'Id of the dataset, where the service names it.',
      resolve: ({ leagueId, datasetId }) => formatOptionalId('Dataset', leagueId, datasetId),
    }),
    agentId: t.id({
      resolve: ({ agentId }) => formatOptionalId('Agent', agentId),
      description: 'Id of the dataset’s agent.',
    }),
    partnerAlias: t.exposeString('partnerAlias', {
      description: 'Alias of the dataset’s owner, where the service names it.',
    }),
    features: t.exposeStringList('features', { description: 'Names of the columns.' }),
  }),
});

export const AlignmentColumns = builder.objectRef<AlignmentColumnsShape>('AlignmentColumns').implement({
  description: 'The columns by which one agent’s samples are matched with the others’.',
  fields: (t) => ({
    agentId: t.id({
      resolve: ({ agentId }) => formatId('Agent', agentId),
      nullable: false,
      description: 'Id of the agent.',
    }),
    columns: t.exposeStringList('columns', { description: 'Names of the columns.' }),
  }),
});
