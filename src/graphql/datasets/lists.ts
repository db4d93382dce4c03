import { builder } from '../builder.ts';
import { parseId } from '../shared/ids.ts';
import { connect, connectionOf, pageArguments, rowsOf } from '../shared/page.ts';
import { reportAt } from '../shared/partialErrors.ts';
import { Agent } from '../agents/type.ts';
import { League } from '../leagues/type.ts';
import { DatasetType } from './enums.ts';
import { Dataset } from './type.ts';
import type { PartnerDatasets as PartnerDatasetsShape } from '../../tics/datasets/loaders.ts';

const DatasetConnection = connectionOf('Dataset', Dataset, 'datasets');

const DatasetFilter = builder.inputType('DatasetFilter', {
  description:
    'Which datasets of a league are listed. The service compares, and may do so fuzzily; all that is given must fit.',
  fields: (t) => ({
    name: t.string({ description: 'Name of the dataset.' }),
    accountName: t.string({ description: 'Name of the account of the partner who owns it.' }),
  }),
});

const PartnerDatasets = builder.objectRef<PartnerDatasetsShape>('PartnerDatasets').implement({
  description: 'What one partner offers to the jobs of a league.',
  fields: (t) => ({
    partnerAlias: t.exposeString('partnerAlias', { description: 'Alias of the partner in the league.' }),
    datasets: t.field({
      type: [Dataset],
      nullable: { list: false, items: false },
      description: 'The partner’s datasets; none where no dataset fits.',
      resolve: ({ datasets }, _, { report }, info) => rowsOf(datasets, reportAt(report, info)),
    }),
  }),
});

builder.objectFields(League, (t) => ({
  datasets: t.field({
    type: DatasetConnection,
    calls: [{ call: 'listLeagueDatasets', per: 'page100' }],
    description: 'What the partners have published, with columns.',
    args: { filter: t.arg({ type: DatasetFilter, description: 'Only these.' }), ...pageArguments },
    resolve: ({ ticsId }, { filter, ...page }, { loaders, report }, info) =>
      connect(page, loaders.datasets.ofLeague(ticsId, filter ?? {}), reportAt(report, info)),
  }),
  availableDatasets: t.field({
    type: [PartnerDatasets],
    nullable: { list: true, items: false },
    calls: [{ call: 'listAvailableDatasets', per: 'object' }],
    description: 'What jobs can use, by partner.',
    args: {
      type: t.arg({
        type: DatasetType.asInput(),
        required: true,
        description: 'For which jobs: LOCAL_CSV for learning jobs, RDS, MYSQL, DWS, MRS or ORACLE for analysis jobs.',
      }),
      agentId: t.arg.id({ description: 'Only what this agent holds: `Agent:<agent>`, or the raw TICS id.' }),
    },
    resolve: ({ ticsId }, { type, agentId }, { loaders }) =>
      loaders.datasets.available(ticsId, type, agentId ? parseId('Agent', agentId)[0] : undefined),
  }),
}));

builder.objectField(Agent, 'datasets', (t) =>
  t.field({
    type: DatasetConnection,
    calls: [{ call: 'listAgentDatasets', per: 'page100', isNumbered: true }],
    description: 'What the agent holds, published or not.',
    args: pageArguments,
    resolve: ({ ticsId, leagueId }, page, { loaders, report }, info) =>
      connect(page, loaders.datasets.ofAgent(ticsId, leagueId), reportAt(report, info)),
  }),
);
