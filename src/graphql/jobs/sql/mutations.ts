import { z } from 'zod';
import { builder } from '../../builder.ts';
import type { Context } from '../../context.ts';
import { parseId } from '../../shared/ids.ts';
import { idRule, nameRule, optional, textRule, updateRules } from '../../shared/limits.ts';
import { agentIdDescription, mutation, type MutationOptions } from '../../shared/mutations.ts';
import { instanceById } from '../../instances/calls.ts';
import { sqlJobOfPayload } from '../calls.ts';
import { Instance } from '../../instances/type.ts';
import { approvalsRule, JobApprovalInput } from './approvalInput.ts';
import type { InputFields } from '../learning/parametersInput.ts';
import { descriptionText, nameText } from '../learning/inputs.ts';
import {
  bareAgentId,
  instanceIdField,
  instanceOf,
  jobIdField,
  jobOf,
  jobResultOf,
  type JobResult,
  type MadeJobResult,
  type RunResult,
} from '../payloads.ts';
import { findNewSqlJob, findRunUnderWay, hasApprovalStatus, isSaved } from '../reconcile.ts';
import { SqlParametersInput, sqlParametersRule } from './parametersInput.ts';
import type { SqlParametersChoice } from '../../../tics/jobs/sql/parametersWrites.ts';
import { sqlExt, type NewSqlJob, type SqlJobChange } from '../../../tics/jobs/sql/writes.ts';
import { JobApprovalStatus } from '../enums.ts';
import { SqlJob } from '../type.ts';

const sqlJobIdDescription = '`Job:<league>/sql/<id>`.';

/** What inputs say of their `sql`. */
export const sqlDescription =
  'The SQL, at most 8000 characters. Tables are written as the partner’s alias and the dataset’s name: `ALIAS.DATASET`.';

const descriptionRule = textRule(512);

/** The limits of a statement. */
export const sqlRule = textRule(8000).refine((sql) => sql.trim() !== '', 'a statement');

const maxExtLength = 1024;

/** Execution parameters are kept as JSON in a string, whose length counts. */
export const executionParametersRule = sqlParametersRule
  .loose()
  .refine((parameters) => sqlExt(parameters as SqlParametersChoice).length <= maxExtLength, {
    message: `at most ${maxExtLength} characters for all together, as JSON`,
    // Beside faults of single parameters too.
    when: ({ value }) => typeof value === 'object' && value !== null,
  });

/** Ids of SQL jobs only. */
const sqlJobIdRule = idRule('Job').refine((id) => !id.startsWith('Job:') || id.split('/')[1] === 'sql', {
  message: 'the id of an SQL job',
});

const agentIdRule = optional(idRule('Agent'));

const jobPayload: MutationOptions<object, JobResult>['payload'] = (t) => ({
  jobId: jobIdField(t),
  job: t.field({
    type: SqlJob,
    calls: sqlJobOfPayload,
    description: 'The job as it now is.',
    resolve: (result, _, context, info) => jobOf(result, context, info),
  }),
});

interface CreateSqlJobInput extends NewSqlJob {
  readonly agentId?: string | null | undefined;
}

/** What a new SQL job is named and where it is. */
export function newSqlJobFields(t: InputFields) {
  return {
    leagueId: t.id({ required: true, description: 'The league of the job, `League:<id>` or the bare id.' }),
    agentId: t.id({ description: agentIdDescription }),
    name: t.string({ required: true, description: nameText }),
    description: t.string({ description: descriptionText }),
  };
}

const CreateSqlJobInput = builder.inputRef<CreateSqlJobInput>('CreateSqlJobInput').implement({
  description: 'A new SQL job: its name. What it computes is saved by `updateSqlJob`.',
  fields: newSqlJobFields,
});

/** The rules of these fields. */
export const newSqlJobRules = {
  leagueId: idRule('League'),
  agentId: agentIdRule,
  name: nameRule,
  description: optional(descriptionRule),
};

mutation<CreateSqlJobInput, MadeJobResult>('createSqlJob', {
  description:
    'Makes an SQL job that has a name only; `runSqlJob` makes, saves and runs one at once. After OUTCOME_UNKNOWN, `job` is the job of this name that nobody has saved or submitted yet, if there is one.',
  calls: [{ call: 'createSqlJob', per: 'object' }],
  role: 'OPERATOR',
  input: CreateSqlJobInput,
  rules: z.object(newSqlJobRules),
  faultFields: { NAME_TAKEN: ['name'] },
  payload: jobPayload,
  run: async ({ leagueId, agentId, name, description }, { loaders }) => {
    const [league] = parseId('League', leagueId);
    const { jobId } = await loaders.sqlJobWrites.createSqlJob(
      { leagueId: league, name, description },
      bareAgentId(agentId),
    );
    return { leagueId: league, kind: 'sql', jobId, made: { name, description } };
  },
  settle: ({ leagueId, ...job }, context) =>
    findNewSqlJob({ ...job, leagueId: parseId('League', leagueId)[0] }, context),
});

interface UpdateSqlJobInput extends SqlJobChange {
  readonly id: string;
  readonly agentId?: string | null | undefined;
}

const UpdateSqlJobInput = builder.inputRef<UpdateSqlJobInput>('UpdateSqlJobInput').implement({
  description:
    'What to change of an SQL job, one field at least. What is left out, or null, is saved as the job has it; approvals are not.',
  fields: (t) => ({
    id: t.id({ required: true, description: sqlJobIdDescription }),
    agentId: t.id({ description: agentIdDescription }),
    name: t.string({ description: nameText }),
    description: t.string({ description: 'What the job is for; at most 512 characters, none to have none.' }),
    sql: t.string({ description: sqlDescription }),
    executionParameters: t.field({
      type: SqlParametersInput,
      description: 'How the job is to run; takes the place of all that was set before.',
    }),
    approvalStatus: t.field({
      type: JobApprovalStatus.asInput(),
      description:
        'State of the approval, which the service takes with a save. It decides nothing: a save puts it back to NEW.',
    }),
    approvals: t.field({
      type: [JobApprovalInput],
      description:
        'Whom the job is to ask for what, each partner once. They are saved with the job; saving ends those that were there before, so where this is left out there are none. Whom it does ask, the service decides when the job is submitted, by the datasets that its SQL reads.',
    }),
  }),
});

mutation<UpdateSqlJobInput, JobResult>('updateSqlJob', {
  description: 'Saves an SQL job. A partner’s approval is for what was saved before: the job must be submitted again.',
  calls: [
    { call: 'updateSqlJob', per: 'object' },
    { call: 'getSqlJob', per: 'object', onlyWhen: 'unless name, description, SQL and parameters are all given' },
  ],
  role: 'OPERATOR',
  input: UpdateSqlJobInput,
  rules: updateRules(
    { id: sqlJobIdRule, agentId: agentIdRule },
    {
      name: optional(nameRule),
      description: optional(descriptionRule),
      sql: optional(sqlRule),
      executionParameters: optional(executionParametersRule),
      approvals: optional(approvalsRule),
      approvalStatus: optional(z.string()),
    },
  ),
  faultFields: { NAME_TAKEN: ['name'], SQL_REFUSED: ['sql'] },
  payload: jobPayload,
  run: async ({ id, agentId, ...change }, { loaders }) => {
    const job = jobResultOf(id);
    await loaders.sqlJobWrites.saveSqlJob({ ...job, agentId: bareAgentId(agentId) }, change);
    return job;
  },
  settle: async ({ id, agentId, ...change }, context) => {
    const job = jobResultOf(id);
    return (await isSaved(job, change, context)) ? job : null;
  },
});

interface SqlJobInput {
  readonly id: string;
  readonly agentId?: string | null | undefined;
}

/** An input that names a job and no more. */
function jobInput(name: string, description: string) {
  return builder.inputRef<SqlJobInput>(name).implement({
    description,
    fields: (t) => ({
      id: t.id({ required: true, description: sqlJobIdDescription }),
      agentId: t.id({ description: agentIdDescription }),
    }),
  });
}

const sqlJobRules = z.object({ id: sqlJobIdRule, agentId: agentIdRule });

/** A mutation that moves a job's approval; it was carried out if the job is in one of the states that it leads to. */
function approvalMutation(
  name: 'submitSqlJobForApproval' | 'cancelSqlJobApproval',
  description: string,
  leadsTo: Parameters<typeof hasApprovalStatus>[1],
  move: (writes: Context['loaders']['sqlJobWrites']) => Context['loaders']['sqlJobWrites']['submitSqlJob'],
): void {
  return mutation<SqlJobInput, JobResult>(name, {
    description,
    calls: [{ call: name, per: 'object' }],
    role: 'OPERATOR',
    input: jobInput(`${name[0]?.toUpperCase()}${name.slice(1)}Input`, 'Which SQL job.'),
    rules: sqlJobRules,
    payload: jobPayload,
    run: async ({ id, agentId }, { loaders }) => {
      const job = jobResultOf(id);
      await move(loaders.sqlJobWrites)({ ...job, agentId: bareAgentId(agentId) });
      return job;
    },
    settle: async ({ id }, context) => {
      const job = jobResultOf(id);
      return (await hasApprovalStatus(job, leadsTo, context)) ? job : null;
    },
  });
}

approvalMutation(
  'submitSqlJobForApproval',
  'Asks the partners whose datasets an SQL job reads to approve it; it may run when all have agreed. A job that reads nobody else’s data is approved at once.',
  ['APPROVING', 'APPROVED'],
  ({ submitSqlJob }) => submitSqlJob,
);

approvalMutation(
  'cancelSqlJobApproval',
  'Takes an SQL job back from approval.',
  ['REVOKED', 'NEW'],
  ({ withdrawSqlJob }) => withdrawSqlJob,
);

mutation<SqlJobInput, RunResult>('executeSqlJob', {
  description:
    'Runs an SQL job as it was saved. In a league that asks for approvals it must be approved. After OUTCOME_UNKNOWN, `instance` is the job’s run that is under way, if there is exactly one.',
  calls: [{ call: 'executeSqlJob', per: 'object' }],
  role: 'OPERATOR',
  input: jobInput('ExecuteSqlJobInput', 'Which SQL job is to run.'),
  rules: sqlJobRules,
  payload: (t) => ({
    instanceId: instanceIdField(t),
    instance: t.field({
      type: Instance,
      calls: instanceById,
      description: 'The run that was started: watch its `currentStatus`.',
      resolve: (result, _, context) => instanceOf(result, context),
    }),
    jobId: jobIdField(t),
    job: t.field({
      type: SqlJob,
      calls: sqlJobOfPayload,
      description: 'The job as it now is.',
      resolve: (result, _, context, info) => jobOf(result, context, info),
    }),
  }),
  run: async ({ id, agentId }, { loaders }) => {
    const job = jobResultOf(id);
    const { instanceId } = await loaders.sqlJobWrites.executeSqlJob({ ...job, agentId: bareAgentId(agentId) });
    return { ...job, instanceId };
  },
  settle: async ({ id }, context) => {
    const job = jobResultOf(id);
    const instanceId = await findRunUnderWay(job, context);
    return instanceId === null ? null : { ...job, instanceId };
  },
});
