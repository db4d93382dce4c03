import {
  changesSomething,
  choice,
  input,
  list,
  object,
  required,
  text,
  withDefault,
  writingAgentId,
  type Given,
  type Refuse,
} from '../../shared/input.ts';
import { lengthBetween, maxLength, notBlank, writtenWithin } from '../../shared/limits.ts';
import { sqlExt, writeDatasetNames } from '../../../tics/jobs/sql/writes.ts';
import { JobApprovalStatus } from '../enums.ts';
import { datasetNames, jobDescription, jobName, leagueId, targetFields } from '../inputs.ts';
import { SqlParametersInput } from './parametersInput.ts';

/** Inputs of mutations on SQL jobs. */

const sql = text(
  'The SQL. Tables are written as the partner’s alias and the dataset’s name: `ALIAS.DATASET`.',
  maxLength(8000),
  notBlank,
);

const executionParameters = object(
  SqlParametersInput,
  'How the job is to run.',
  writtenWithin(1024, 'as JSON', sqlExt),
);

/** `JobApproval` reads the same names. */
const JobApprovalInput = input('JobApprovalInput', {
  description: 'What one partner is to be asked for by an SQL job.',
  fields: {
    partnerAlias: required(text('Alias of the partner to ask.', lengthBetween(6, 128))),
    datasetNames: datasetNames(
      'Names of the partner’s datasets that it is about.',
      writtenWithin(1000, 'as a list', writeDatasetNames),
    ),
    status: withDefault(
      choice(
        JobApprovalStatus.asInput(),
        'The partner’s decision, which the service asks to be sent along. It is the partner’s own: one that is sent decides nothing.',
      ),
      'NEW',
    ),
    comment: text('A remark for the partner.', maxLength(2000)),
  },
});

const newJobFields = { leagueId, agentId: writingAgentId, name: required(jobName), description: jobDescription };

/** Input of `createSqlJob`. */
export const CreateSqlJobInput = input('CreateSqlJobInput', {
  description: 'A new SQL job: its name. What it computes is saved by `updateSqlJob`.',
  fields: newJobFields,
});

/** Input of `runSqlJob`. */
export const RunSqlJobInput = input('RunSqlJobInput', {
  description: 'A new SQL job that is to run at once.',
  fields: {
    ...newJobFields,
    name: {
      ...jobName,
      what: `${jobName.what} Left out, the job is named by the time and random digits, such as \`query 2026-01-31 080000 3f9a2c\`.`,
    },
    sql: required(sql),
    executionParameters,
  },
});

const change = {
  name: jobName,
  description: { ...jobDescription, what: `${jobDescription.what} An empty one to have none.` },
  sql,
  executionParameters: {
    ...executionParameters,
    what: `${executionParameters.what} Takes the place of all that was set before.`,
  },
  approvals: list(
    object(JobApprovalInput, ''),
    'Whom the job is to ask for what, each partner once. They are saved with the job; saving ends those that were there before, so where this is left out there are none. Whom it does ask, the service decides when the job is submitted, by the datasets that its SQL reads.',
  ),
  approvalStatus: choice(
    JobApprovalStatus.asInput(),
    'State of the approval, which the service takes with a save. It decides nothing: a save puts it back to NEW.',
  ),
};

function checkApprovals(approvals: readonly Given<typeof JobApprovalInput>[], refuse: Refuse): void {
  const aliases = approvals.map(({ partnerAlias }) => partnerAlias);
  for (const [index, alias] of aliases.entries())
    if (aliases.indexOf(alias) < index) refuse(['approvals', index, 'partnerAlias'], 'each partner once');
}

/** Input of `updateSqlJob`. */
export const UpdateSqlJobInput = input('UpdateSqlJobInput', {
  description:
    'What to change of an SQL job, one field at least. What is left out, or null, is saved as the job has it; approvals are not.',
  fields: { ...targetFields('sql'), ...change },
  check: (input, refuse) => {
    changesSomething(change)(input, refuse);
    checkApprovals(input.approvals ?? [], refuse);
  },
});

/** An input that names an SQL job and no more. */
export function sqlJobInput(name: string, description: string) {
  return input(name, { description, fields: targetFields('sql') });
}
