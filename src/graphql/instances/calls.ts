import { searchedPages, type FieldCall } from '../calls.ts';
import { cannotAnswer } from '../leagues/calls.ts';

const searches: readonly FieldCall[] = [
  { call: 'listLeagueInstances', per: 'league', onlyWhen: 'where more than two of a league are asked for' },
  { call: 'listLeagueInstances', per: 'page100', atMost: searchedPages, onlyWhen: 'where no agent answers' },
];

/** What `instance` costs. */
export const instanceById: readonly FieldCall[] = [{ call: 'listJobInstances', per: 'object' }, ...searches];

/** What an instance costs that another object leads to. */
export const instanceOfObject: readonly FieldCall[] = [
  { call: 'listJobInstances', per: 'object', onlyWhen: 'where the instance was not read yet' },
  ...searches,
];

/** What the rows of agents' lists leave out. */
export const runCalls: readonly FieldCall[] = [
  { call: 'listJobInstances', per: 'object', onlyWhen: 'where an agent’s list was read' },
  ...searches,
];

/** The state of a run, which the rows of agents' lists leave out. */
export const statusCalls: readonly FieldCall[] = [
  { call: 'getInstanceStatus', per: 'object', onlyWhen: 'where an agent’s list was read' },
];

/** The id of its job, which the rows of leagues' lists leave out. */
export const jobIdCalls: readonly FieldCall[] = [
  { call: 'getInstanceResult', per: 'object', onlyWhen: 'where a league’s list was read' },
];

const narrowed = ['filter', 'orderBy'];

/** Lists of instances of a league or of a job. */
export const instanceListCalls: readonly FieldCall[] = [
  { call: 'listLeagueInstances', per: 'page100', onlyWhen: { omitted: narrowed } },
  { call: 'listJobInstances', per: 'page100', onlyWhen: { given: narrowed } },
  { call: 'listJobInstances', per: 'page100', onlyWhen: cannotAnswer },
];

/** Rows of a result. No list tells which agents of a league know an instance. */
export const sampleCalls: readonly FieldCall[] = [
  { call: 'getResultSample', per: 'object' },
  { call: 'getResultSample', per: 'object', onlyWhen: 'of the league’s next agent, where the first does not know it' },
];

/** How far a run has got. */
export const progressCalls: readonly FieldCall[] = [
  { call: 'getExecutionGraph', per: 'object' },
  { call: 'getExecutionGraph', per: 'object', atMost: 20, onlyWhen: 'where the metrics do not tell the round' },
  ...runCalls,
];
