import { searchedPages, type CallCondition, type CallName, type FieldCall } from '../calls.ts';
import { instanceOfObject, jobIdCalls } from '../instances/calls.ts';
import { cannotAnswer } from '../leagues/calls.ts';
import type { JobKind } from '../../tics/jobs/job.ts';

type Conditions = readonly CallCondition[];

/** Types of jobs by the lists that return them. Jobs of other types may appear in any list. */
const sqlTypes = { argument: 'types', oneOf: ['SQL', 'DATA_EXCHANGE'] };
const learningTypes = { argument: 'types', oneOf: ['HFL', 'VFL', 'DATA_EXCHANGE'] };
const predictionTypes = { argument: 'types', oneOf: ['PREDICT', 'DATA_EXCHANGE'] };

const narrowed = ['filter', 'orderBy'];

const page = { per: 'page100', isAnchored: true, leavesOut: 'types' } as const;

/** Lists of a league's jobs. Filters, predictions and failures of the space plane go to an agent. */
export const jobListCalls: readonly FieldCall[] = [
  { call: 'listLeagueSqlJobs', ...page, onlyWhen: [sqlTypes, { omitted: narrowed }] },
  { call: 'listLeagueFlJobs', ...page, onlyWhen: [learningTypes, { omitted: narrowed }] },
  { call: 'listPredictionJobs', ...page, onlyWhen: predictionTypes },
  { call: 'listSqlJobs', ...page, onlyWhen: [sqlTypes, { given: narrowed }] },
  { call: 'listFlJobs', ...page, onlyWhen: [learningTypes, { given: narrowed }] },
  { call: 'listSqlJobs', ...page, onlyWhen: [sqlTypes, cannotAnswer] },
  { call: 'listFlJobs', ...page, onlyWhen: [learningTypes, cannotAnswer] },
];

/** No call reads the row of one job: its league's list is searched. */
function search(call: CallName, ...onlyWhen: Conditions): FieldCall {
  return { call, per: 'league', paged: true, atMost: searchedPages, onlyWhen };
}

function searches(sql: Conditions, learning: Conditions, predictions: Conditions): readonly FieldCall[] {
  return [
    search('listLeagueSqlJobs', ...sql),
    search('listSqlJobs', ...sql, cannotAnswer),
    search('listLeagueFlJobs', ...learning),
    search('listFlJobs', ...learning, cannotAnswer),
    search('listPredictionJobs', ...predictions),
  ];
}

const notListed = 'where its list does not hold it';

/** What `job` costs. */
export const jobById: readonly FieldCall[] = [
  ...searches([{ idOf: 'Job/sql' }], [{ idOf: 'Job/hfl' }], [{ idOf: 'Job/predict' }]),
  search('listLeagueFlJobs', { idOf: 'Job/vfl' }),
  search('listFlJobs', { idOf: 'Job/vfl' }, cannotAnswer),
  { call: 'getSqlJob', per: 'object', onlyWhen: [{ idOf: 'Job/sql' }, notListed] },
  { call: 'getHorizontalJob', per: 'object', onlyWhen: [{ idOf: 'Job/hfl' }, notListed] },
  { call: 'getVerticalJob', per: 'object', onlyWhen: [{ idOf: 'Job/vfl' }, notListed] },
];

const notRead = 'that was not read yet';

const jobSearches = searches([`an SQL job ${notRead}`], [`a learning job ${notRead}`], [`a prediction ${notRead}`]);

/** The job of a run. Free when the run was reached through its job. */
export const jobOfInstance: readonly FieldCall[] = [...jobIdCalls, ...jobSearches];

/** The job named in the answer to a call about a run. */
export const jobOfAnswerCalls: readonly FieldCall[] = [...instanceOfObject, ...jobSearches];

const kindNames = { hfl: 'a horizontal job', vfl: 'a vertical job', predict: 'a prediction' };

/** The SQL job of a payload. */
export const sqlJobOfPayload: readonly FieldCall[] = [
  search('listLeagueSqlJobs'),
  search('listSqlJobs', cannotAnswer),
  { call: 'getSqlJob', per: 'object', onlyWhen: notListed },
];

/** The learning job of a payload, of the kinds that its mutation accepts. */
export function learningJobOfPayload(...kinds: readonly Exclude<JobKind, 'sql'>[]): readonly FieldCall[] {
  const ofKind = (kind: Exclude<JobKind, 'sql'>): Conditions => (kinds.length === 1 ? [] : [kindNames[kind]]);
  const trained = kinds.filter((kind) => kind !== 'predict');
  const isTrained = trained.length === kinds.length ? [] : trained.map((kind) => kindNames[kind]);
  return [
    search('listLeagueFlJobs', ...isTrained),
    search('listFlJobs', ...isTrained, cannotAnswer),
    ...(kinds.includes('predict') ? [search('listPredictionJobs', ...ofKind('predict'))] : []),
    ...trained.map((kind): FieldCall => ({
      call: kind === 'hfl' ? 'getHorizontalJob' : 'getVerticalJob',
      per: 'object',
      onlyWhen: [...ofKind(kind), notListed],
    })),
  ];
}

/** The approval of a learning job. */
export const approvalCalls: readonly FieldCall[] = [search('listLeagueFlJobs', 'where an agent’s list was read')];

/** The actions that the caller may take on a job. */
export const jobActionCalls: readonly FieldCall[] = [
  ...approvalCalls,
  { call: 'listLeagueInstances', per: 'page100', onlyWhen: 'one of ours but predictions' },
  { call: 'listJobInstances', per: 'page100', onlyWhen: ['one of ours but predictions', cannotAnswer] },
  { call: 'getSqlJob', per: 'object', onlyWhen: 'an SQL job that was not submitted' },
  { call: 'getHorizontalJob', per: 'object', onlyWhen: 'a horizontal job' },
  { call: 'getVerticalJob', per: 'object', onlyWhen: 'a vertical job whose row names no agent' },
  { call: 'getAgentDeployment', per: 'operation', onlyWhen: 'an SQL job' },
  {
    call: 'listAgents',
    per: 'operation',
    paged: true,
    onlyWhen: ['an SQL job', 'where several agents are configured'],
  },
  { call: 'getLeague', per: 'league', onlyWhen: 'where it decides that the league asks for approvals' },
];
