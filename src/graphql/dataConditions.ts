import type { CallName } from './calls.ts';

/** What the document reveals about the objects on which a field is selected. */
export interface SelectedObjects {
  /** Their type, or the interface by which they are selected. */
  readonly type: string;
  readonly objects: number;
  /** Calls of the field that led to them. */
  readonly by: readonly CallName[];
  /** They are below a league or an agent that was read. */
  readonly isBelowLeague: boolean;
  readonly isBelowAgent: boolean;
}

/** Types that are of a kind for certain; an interface may be of any. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  'an SQL job': ['SqlJob'],
  'a horizontal job': ['HorizontalJob'],
  'a vertical job': ['VerticalJob'],
  'a prediction': ['PredictionJob'],
  'one of ours but predictions': ['SqlJob', 'HorizontalJob', 'VerticalJob', 'OtherJob'],
};
const jobTypes = ['SqlJob', 'HorizontalJob', 'VerticalJob', 'PredictionJob', 'OtherJob'];

/** Lists of agents. Their rows lack fields that leagues' lists have. */
const agentLists: readonly CallName[] = ['listAgentInstances', 'listSqlJobs', 'listFlJobs', 'listPredictionJobs'];

/** Conditions that hold only when TICS fails. */
const failures = /can’t answer|no agent answers|does not answer/;

/** Conditions that the document decides, by their text. */
const decisions: Readonly<Record<string, (objects: SelectedObjects, call: CallName) => boolean>> = {
  'where an agent’s list was read': ({ by }) => by.some((call) => agentLists.includes(call)),
  'where a league’s list was read': ({ by }) => !by.includes('listAgentInstances'),
  'where the dataset was met in `League.datasets` alone': ({ by }) => by.includes('listLeagueDatasets'),
  'where the dataset was met in `League.availableDatasets` alone': ({ by }) => by.includes('listAvailableDatasets'),
  'where the dataset was not met in `League.datasets`': ({ by }) => !by.includes('listLeagueDatasets'),
  'where the dataset was not met in `League.availableDatasets`': ({ by }) => !by.includes('listAvailableDatasets'),
  'where the dataset was not met in `Agent.datasets`': ({ by }) => !by.includes('listAgentDatasets'),
  'where the agent was not read from a list': ({ by }) => !by.includes('listAgents'),
  'where the agent was not read yet': ({ isBelowAgent }) => !isBelowAgent,
  'where the league was not read yet': ({ isBelowLeague }) => !isBelowLeague,
  'where several were not': ({ objects, isBelowLeague, isBelowAgent }, call) =>
    objects > 1 && !(call === 'listLeagues' ? isBelowLeague : isBelowAgent),
  // Already claimed for each object.
  'where several are asked for': () => false,
  'where more than two of a league are asked for': ({ objects }) => objects > 2,
};

/** Whether a condition on data of TICS may hold for the objects, as long as TICS does not fail. */
export function mayHold(condition: string, call: CallName, objects: SelectedObjects): boolean {
  if (failures.test(condition)) return false;
  const kind = Object.keys(kinds).find((words) => condition.startsWith(words));
  if (kind !== undefined && jobTypes.includes(objects.type) && kinds[kind]?.includes(objects.type) !== true)
    return false;
  return decisions[condition]?.(objects, call) ?? true;
}
