import { mapMaybePromise } from '../../maybePromise.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { formatId, formatOptionalId, parseId } from '../shared/ids.ts';
import { findNodesOf, found, Node } from '../shared/node.ts';
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
import type { Dataset as DatasetShape } from '../../tics/datasets/loaders.ts';
import { DatasetType } from './enums.ts';

function listing({ loaders }: Context, dataset: DatasetShape) {
  return loaders.datasets.listing(dataset);
}

function facts({ loaders }: Context, dataset: DatasetShape) {
  return loaders.datasets.facts(dataset);
}

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
  }),
});

// Fields that only the league's list has.
builder.objectFields(Dataset, (t) => ({
  description: t.string({
    calls: listingCalls,
    description: 'What the owner says of it.',
    resolve: (dataset, _, context) => mapMaybePromise(listing(context, dataset), (row) => row?.description),
  }),
  accountName: t.string({
    calls: listingCalls,
    description: 'Name of the account of the partner who owns it.',
    resolve: (dataset, _, context) => mapMaybePromise(listing(context, dataset), (row) => row?.accountName),
  }),
  columns: t.field({
    type: [DatasetColumn],
    nullable: { list: true, items: false },
    calls: listingCalls,
    description: 'Its columns as they were published; null before, when only `registration` has them.',
    resolve: (dataset, _, context) => mapMaybePromise(listing(context, dataset), (row) => row?.columns()),
  }),
}));

// Fields that the league's list has, and the agent's.
builder.objectFields(Dataset, (t) => ({
  dataType: t.field({
    type: DatasetType,
    calls: factCalls,
    description: 'Kind of the dataset; null when its list cannot be read.',
    resolve: (dataset, _, context) => mapMaybePromise(facts(context, dataset), (row) => row?.dataType.value),
  }),
  dataTypeText: t.string({
    calls: factCalls,
    description: 'The raw value of `dataType`.',
    resolve: (dataset, _, context) => mapMaybePromise(facts(context, dataset), (row) => row?.dataType.text),
  }),
  createdAt: t.field({
    type: 'DateTime',
    calls: factCalls,
    description: 'When it was registered.',
    resolve: (dataset, _, context) => mapMaybePromise(facts(context, dataset), (row) => row?.createdAt),
  }),
}));

// The agent that holds a dataset, and what it says of the dataset.
builder.objectFields(Dataset, (t) => ({
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
      'How its agent holds it: connector, table, publication. Available where the gateway has an account on that agent.',
    resolve: (dataset, _, { loaders }) => loaders.datasets.holding(dataset),
  }),
  registration: t.field({
    type: DatasetRegistration,
    calls: [{ call: 'getDatasetRegistration', per: 'object' }, ...holderCalls],
    description: 'How its owner registered it. Available where the gateway has an account on the agent that holds it.',
    resolve: (dataset, _, { loaders }) => loaders.datasets.registration(dataset),
  }),
}));

findNodesOf('Dataset', datasetById, ([leagueId = '', datasetId = ''], { loaders }) =>
  loaders.datasets.byId(leagueId, datasetId),
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
