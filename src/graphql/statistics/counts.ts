import { builder } from '../builder.ts';
import { formatOptionalId } from '../shared/ids.ts';
import { datasetOfObject } from '../datasets/calls.ts';
import { Dataset } from '../datasets/type.ts';
import type {
  DatasetUsage as DatasetUsageShape,
  JobUsage as JobUsageShape,
  Overview as OverviewShape,
  PartnerUsage as PartnerUsageShape,
} from '../../tics/statistics/loaders.ts';

export const DatasetUsage = builder.objectRef<DatasetUsageShape>('DatasetUsage').implement({
  description: 'How often one dataset was used, and how often its use was intercepted, over some days.',
  fields: (t) => ({
    datasetId: t.id({
      description: 'Id of the dataset.',
      resolve: ({ leagueId, datasetId }) => formatOptionalId('Dataset', leagueId, datasetId),
    }),
    dataset: t.field({
      type: Dataset,
      calls: datasetOfObject,
      description: 'The dataset; null when there is none any more.',
      resolve: ({ leagueId, datasetId }, _, { loaders }) =>
        datasetId ? loaders.datasets.byId(leagueId, datasetId) : null,
    }),
    datasetName: t.exposeString('datasetName', { description: 'Name of the dataset.' }),
    accountName: t.exposeString('accountName', {
      description: 'Name of the account of the partner who owns the dataset.',
    }),
    partnerAlias: t.exposeString('partnerAlias', { description: 'Alias of that partner in the league.' }),
    useCount: t.expose('useCount', { type: 'Long', description: 'How often instances used the dataset.' }),
    interceptedCount: t.expose('interceptedCount', {
      type: 'Long',
      description: 'How often a use was intercepted by the privacy rules.',
    }),
  }),
});

export const JobUsage = builder.objectRef<JobUsageShape>('JobUsage').implement({
  description: 'How many jobs and instances a league had over some days.',
  fields: (t) => ({
    jobCount: t.expose('jobCount', { type: 'Long', description: 'How many jobs there were.' }),
    instanceCount: t.expose('instanceCount', { type: 'Long', description: 'How many instances were run.' }),
    succeededCount: t.expose('succeededCount', { type: 'Long', description: 'How many of the instances succeeded.' }),
    failedCount: t.expose('failedCount', { type: 'Long', description: 'How many of the instances failed.' }),
    interceptedCount: t.expose('interceptedCount', {
      type: 'Long',
      description: 'How many of the instances were intercepted by the privacy rules.',
    }),
  }),
});

export const PartnerUsage = builder.objectRef<PartnerUsageShape>('PartnerUsage').implement({
  description: 'What one partner did in a league over some days.',
  fields: (t) => ({
    accountName: t.exposeString('accountName', { description: 'Name of the partner’s account.' }),
    partnerAlias: t.exposeString('partnerAlias', { description: 'Alias of the partner in the league.' }),
    accessCount: t.expose('accessCount', { type: 'Long', description: 'How often the partner accessed the league.' }),
    jobCount: t.expose('jobCount', { type: 'Long', description: 'How many jobs the partner has.' }),
    instanceCount: t.expose('instanceCount', { type: 'Long', description: 'How many instances the partner ran.' }),
    succeededCount: t.expose('succeededCount', { type: 'Long', description: 'How many of the instances succeeded.' }),
    failedCount: t.expose('failedCount', { type: 'Long', description: 'How many of the instances failed.' }),
    interceptedCount: t.expose('interceptedCount', {
      type: 'Long',
      description: 'How many of the instances were intercepted by the privacy rules.',
    }),
  }),
});

export const Overview = builder.objectRef<OverviewShape>('Overview').implement({
  description: 'Counts over all that the account sees.',
  fields: (t) => ({
    leagueCount: t.expose('leagueCount', { type: 'Long', description: 'How many leagues are in effect.' }),
    agentCount: t.expose('agentCount', { type: 'Long', description: 'How many agents there are.' }),
    instanceCount: t.expose('instanceCount', { type: 'Long', description: 'How many instances have been run.' }),
    openNoticeCount: t.expose('openNoticeCount', {
      type: 'Long',
      description: 'How many notices wait to be handled.',
    }),
  }),
});
