import { agentOfObject } from '../agents/calls.ts';
import { searchedPages, type FieldCall } from '../calls.ts';

const unlisted = 'of each agent, where the league’s list does not hold it';

/** What `dataset` costs. */
export const datasetById: readonly FieldCall[] = [
  { call: 'listLeagueDatasets', per: 'page100', atMost: searchedPages },
  { call: 'listAgentDatasets', per: 'page100', eachAgent: true, atMost: searchedPages, onlyWhen: unlisted },
];

/** What a dataset costs that another object leads to. */
export const datasetOfObject: readonly FieldCall[] = [
  {
    call: 'listLeagueDatasets',
    per: 'league',
    paged: true,
    atMost: searchedPages,
    onlyWhen: 'where it was not read yet',
  },
  { call: 'listAgentDatasets', per: 'agent', paged: true, atMost: searchedPages, onlyWhen: unlisted },
];

/** What the league's list tells. */
export const listingCalls: readonly FieldCall[] = [
  {
    call: 'listLeagueDatasets',
    per: 'league',
    paged: true,
    atMost: searchedPages,
    onlyWhen: 'where the dataset was not met in `League.datasets`',
  },
];

/** What the league's list and the agent's tell alike. */
export const factCalls: readonly FieldCall[] = listingCalls.map((call) => ({
  ...call,
  onlyWhen: 'where the dataset was met in `League.availableDatasets` alone',
}));

/** What the list of available datasets tells. Files and tables have one each. */
export const availabilityCalls: readonly FieldCall[] = [
  {
    call: 'listAvailableDatasets',
    per: 'league',
    atMost: 2,
    onlyWhen: 'where the dataset was not met in `League.availableDatasets`',
  },
];

/** Which agent holds a dataset. */
export const holderCalls: readonly FieldCall[] = [
  {
    call: 'listAvailableDatasets',
    per: 'league',
    atMost: 2,
    onlyWhen: 'where the dataset was met in `League.datasets` alone',
  },
];

/** What the list of the agent that holds a dataset tells. */
export const holdingCalls: readonly FieldCall[] = [
  ...holderCalls,
  {
    call: 'listAgentDatasets',
    per: 'agent',
    paged: true,
    atMost: searchedPages,
    onlyWhen: 'where the dataset was not met in `Agent.datasets`',
  },
];

/** The agent itself. */
export const holdingAgentCalls: readonly FieldCall[] = [...holderCalls, ...agentOfObject];

/** No call reads one dataset of an agent: its list is searched. */
export const agentDatasetSearch: readonly FieldCall[] = [
  { call: 'listAgentDatasets', per: 'page100', atMost: searchedPages },
];
