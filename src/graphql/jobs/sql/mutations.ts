import type { Context } from '../../context.ts';
import { parseId } from '../../shared/ids.ts';
import type { Given } from '../../shared/input.ts';
import { mutation, type MutationOptions } from '../../shared/mutations.ts';
import { instanceById } from '../../instances/calls.ts';
import { sqlJobOfPayload } from '../calls.ts';
import { Instance } from '../../instances/type.ts';
import type { JobTarget } from '../inputs.ts';
import { CreateSqlJobInput, sqlJobInput, UpdateSqlJobInput } from './inputs.ts';
import {
  agentTicsId,
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
import { SqlJob } from './type.ts';

const jobPayload: MutationOptions<object, JobResult>['payload'] = (t) => ({
  jobId: jobIdField(t),
  job: t.field({
    type: SqlJob,
    calls: sqlJobOfPayload,
    description: 'The job as it now is.',
    resolve: (result, _, context, info) => jobOf(result, context, info),
  }),
});

mutation<Given<typeof CreateSqlJobInput>, MadeJobResult>('createSqlJob', {
  description:
    'Creates an SQL job that has a name only; `runSqlJob` creates, saves and runs one at once. After OUTCOME_UNKNOWN, `job` is the job of this name that nobody has saved or submitted yet, if there is one.',
  calls: [{ call: 'createSqlJob', per: 'object' }],
  role: 'OPERATOR',
  input: CreateSqlJobInput,
  faultFields: { NAME_TAKEN: ['name'] },
  payload: jobPayload,
  run: async ({ leagueId, agentId, name, description }, { loaders }) => {
    const [league] = parseId('League', leagueId);
    const { jobId } = await loaders.sqlJobWrites.createSqlJob(
      { leagueId: league, name, description },
      agentTicsId(agentId),
    );
    return { leagueId: league, kind: 'sql', jobId, made: { name, description } };
  },
  reconcile: ({ leagueId, ...job }, context) =>
    findNewSqlJob({ ...job, leagueId: parseId('League', leagueId)[0] }, context),
});

mutation<Given<typeof UpdateSqlJobInput>, JobResult>('updateSqlJob', {
  description: 'Saves an SQL job. A partner’s approval is for what was saved before: the job must be submitted again.',
  calls: [
    { call: 'updateSqlJob', per: 'object' },
    { call: 'getSqlJob', per: 'object', onlyWhen: 'unless name, description, SQL and parameters are all given' },
  ],
  role: 'OPERATOR',
  input: UpdateSqlJobInput,
  faultFields: { NAME_TAKEN: ['name'], SQL_REFUSED: ['sql'] },
  payload: jobPayload,
  run: async ({ id, agentId, ...change }, { loaders }) => {
    const job = jobResultOf(id);
    await loaders.sqlJobWrites.saveSqlJob({ ...job, agentId: agentTicsId(agentId) }, change);
    return job;
  },
  reconcile: async ({ id, agentId, ...change }, context) => {
    const job = jobResultOf(id);
    return (await isSaved(job, change, context)) ? job : null;
  },
});

/** A mutation that changes a job's approval. It succeeded if the job is then in one of the resulting states. */
function approvalMutation(
  name: 'submitSqlJobForApproval' | 'cancelSqlJobApproval',
  description: string,
  leadsTo: Parameters<typeof hasApprovalStatus>[1],
  move: (writes: Context['loaders']['sqlJobWrites']) => Context['loaders']['sqlJobWrites']['submitSqlJob'],
): void {
  return mutation<JobTarget, JobResult>(name, {
    description,
    calls: [{ call: name, per: 'object' }],
    role: 'OPERATOR',
    input: sqlJobInput(`${name[0]?.toUpperCase()}${name.slice(1)}Input`, 'Which SQL job.'),
    payload: jobPayload,
    run: async ({ id, agentId }, { loaders }) => {
      const job = jobResultOf(id);
      await move(loaders.sqlJobWrites)({ ...job, agentId: agentTicsId(agentId) });
      return job;
    },
    reconcile: async ({ id }, context) => {
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

mutation<JobTarget, RunResult>('executeSqlJob', {
  description:
    'Runs an SQL job as it was saved. In a league that asks for approvals it must be approved. After OUTCOME_UNKNOWN, `instance` is the job’s run that is under way, if there is exactly one.',
  calls: [{ call: 'executeSqlJob', per: 'object' }],
  role: 'OPERATOR',
  input: sqlJobInput('ExecuteSqlJobInput', 'Which SQL job is to run.'),
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
    const { instanceId } = await loaders.sqlJobWrites.executeSqlJob({ ...job, agentId: agentTicsId(agentId) });
    return { ...job, instanceId };
  },
  reconcile: async ({ id }, context) => {
    const job = jobResultOf(id);
    const instanceId = await findRunUnderWay(job, context);
    return instanceId === null ? null : { ...job, instanceId };
  },
});
