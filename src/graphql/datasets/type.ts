import { mapMaybePromise } from '../../upstream/maybePromise.ts';
import { builder } from '../builder.ts';
import { formatId, formatOptionalId, parseId } from '../shared/ids.ts';
import { findNodesOf, found, Node } from '../shared/node.ts';
import { connect, connectionOf, pageArguments, rowsOf } from '../shared/page.ts';
import { reportAt } from '../shared/partialErrors.ts';
import { Agent } from '../agents/type.ts';
import { leagueOfObject } from '../leagues/calls.ts';
import { League } from '../leagues/type.ts';
import {
  availabilityCalls,
  datasetById,
  factCalls,
  holderCalls,
  holdingAgentCalls,
  holdingCalls,
  listingCalls,
} from './calls.ts';
import { DatasetColumn } from './columns.ts';
import { DatasetAvailability, DatasetHolding } from './holding.ts';
import { DatasetPrivacy, DatasetRegistration } from './registration.ts';
import type { Dataset as DatasetShape, PartnerDatasets as PartnerDatasetsShape } from '../../tics/datasets/loaders.ts';
import { DatasetType } from './enums.ts';

export { DatasetColumn, DatasetType };

export const Dataset = builder.objectRef<DatasetShape>('Dataset').implement({
  description:
    'A dataset: a table or a file that a partner registered on an agent and published to the league. The same object wherever it is met: what one list does not tell is looked up in another when it is asked for.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: '`Dataset:<league>/<dataset>`.',
      resolve: ({ leagueId, ticsId }) => formatId('Dataset', leagueId, ticsId),
    }),
    ticsId: t.exposeString('ticsId', { nullable: false, description: 'The raw id that the service uses.' }),
    leagueId: t.id({
      resolve: ({ leagueId }) => formatId('League', leagueId),
      nullable: false,
      description: 'Id of the league it belongs to.',
    }),
    league: t.field({
      type: League,
      calls: leagueOfObject,
      description: 'The league it belongs to.',
      resolve: ({ leagueId }, _, { loaders }) => loaders.leagues.byId(leagueId),
    }),
    name: t.exposeString('name', { description: 'Name of the dataset; jobs name it so.' }),
    description: t.string({
      calls: listingCalls,
      description: 'What the owner says of it.',
      resolve: (dataset, _, { loaders }) =>
        mapMaybePromise(loaders.datasets.listing(dataset), (told) => told?.description),
    }),
    dataType: t.field({
      type: DatasetType,
      calls: factCalls,
      description: 'Kind of the dataset; null when its list cannot be read.',
      resolve: (dataset, _, { loaders }) =>
        mapMaybePromise(loaders.datasets.facts(dataset), (told) => told?.dataType.value),
    }),
    dataTypeText: t.string({
      calls: factCalls,
      description: 'The raw value of `dataType`.',
      resolve: (dataset, _, { loaders }) =>
        mapMaybePromise(loaders.datasets.facts(dataset), (told) => told?.dataType.text),
    }),
    accountName: t.string({
      calls: listingCalls,
      description: 'Name of the account of the partner who owns it.',
      resolve: (dataset, _, { loaders }) =>
        mapMaybePromise(loaders.datasets.listing(dataset), (told) => told?.accountName),
    }),
    createdAt: t.field({
      type: 'DateTime',
      calls: factCalls,
      description: 'When it was registered.',
      resolve: (dataset, _, { loaders }) => mapMaybePromise(loaders.datasets.facts(dataset), (told) => told?.createdAt),
    }),
    columns: t.field({
      type: [DatasetColumn],
      nullable: { list: true, items: false },
      calls: listingCalls,
      description: 'Its columns as they were published; null before, when only `registration` has them.',
      resolve: (dataset, _, { loaders }) =>
        mapMaybePromise(loaders.datasets.listing(dataset), (told) => told?.columns()),
    }),
    agentId: t.id({
      calls: holderCalls,
      description: 'Id of the agent that holds it.',
      resolve: async (dataset, _, { loaders }) => formatOptionalId('Agent', await loaders.datasets.agentId(dataset)),
    }),
    agent: t.field({
      type: Agent,
      calls: holdingAgentCalls,
      description: 'The agent that holds it; null when it is another company’s, which the account does not see.',
      resolve: async (dataset, _, { loaders }) => {
        const agentId = await loaders.datasets.agentId(dataset);
        return agentId ? loaders.agents.byId(agentId) : null;
      },
    }),
    holding: t.field({
      type: DatasetHolding,
      calls: holdingCalls,
      description:
        'How its agent holds it: connector, table, publication. Told only where the gateway has an account on that agent.',
      resolve: (dataset, _, { loaders }) => loaders.datasets.holding(dataset),
    }),
    availability: t.field({
      type: DatasetAvailability,
      calls: availabilityCalls,
      description: 'What jobs need to know of it; null before it is published.',
      resolve: (dataset, _, { loaders }) => loaders.datasets.availability(dataset),
    }),
    privacy: t.field({
      type: DatasetPrivacy,
      calls: [{ call: 'getDatasetPrivacy', per: 'object' }],
      description: 'Its published columns with their privacy.',
      resolve: (dataset, _, { loaders }) => loaders.datasets.privacy(dataset),
    }),
    registration: t.field({
      type: DatasetRegistration,
      calls: [{ call: 'getDatasetRegistration', per: 'object' }, ...holderCalls],
      description:
        'How its owner registered it; told only where the gateway has an account on the agent that holds it.',
      resolve: (dataset, _, { loaders }) => loaders.datasets.registration(dataset),
    }),
  }),
});

findNodesOf('Dataset', datasetById, ([leagueId = '', datasetId = ''], { loaders }) =>
  loaders.datasets.byId(leagueId, datasetId),
);

export const DatasetConnection = connectionOf('Dataset', Dataset, 'datasets');

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
      agentId: t.arg.id({ description: 'Only what this agent holds: `Agent:<agent>`, or the bare id.' }),
    },
    resolve: ({ ticsId }, { type, agentId }, { loaders }) =>
      loaders.datasets.available(ticsId, type, agentId ? parseId('Agent', agentId)[0] : undefined),
  }),
}));

builder.objectField(Agent, 'datasets', (t) =>
  t.field({
    type: DatasetConnection,
    calls: [{ call: 'listAgentDatasets', per: 'page100' }],
    description: 'What the agent holds, published or not.',
    args: pageArguments,
    resolve: ({ ticsId, leagueId }, page, { loaders, report }, info) =>
      connect(page, loaders.datasets.ofAgent(ticsId, leagueId), reportAt(report, info)),
  }),
);

builder.queryFields((t) => ({
  dataset: t.field({
    type: Dataset,
    calls: datasetById,
    description:
      'A dataset, by its id. No call reads one alone: the league’s list is searched, and for what is not published the lists of its agents.',
    args: { id: t.arg.id({ required: true, description: '`Dataset:<league>/<dataset>`.' }) },
    resolve: (_, { id }, { loaders }) => found(loaders.datasets.byId(...parseId('Dataset', id))),
  }),
}));
