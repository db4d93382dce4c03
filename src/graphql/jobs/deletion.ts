import { GatewayError } from '../../errors.ts';
import { id, input, required, writingAgentId, type Given } from '../shared/input.ts';
import { mutation } from '../shared/mutations.ts';
import { agentTicsId, jobIdOf, jobResultOf, type JobResult } from './payloads.ts';
import type { JobKind } from '../../tics/jobs/job.ts';

const DeleteJobInput = input('DeleteJobInput', {
  description: 'Which job is to be deleted.',
  fields: {
    id: required(id('Job', 'The job', 'sql', 'hfl', 'vfl')),
    agentId: writingAgentId,
  },
});

/** The kind of a job that the rules let through: none is a prediction. */
function deletableKind({ kind }: JobResult): Exclude<JobKind, 'predict'> {
  return kind === 'predict' ? 'hfl' : kind;
}

mutation<Given<typeof DeleteJobInput>, { deletedId: string }>('deleteJob', {
  description:
    'Deletes a job that does not run; what it has computed stays. No call deletes a prediction: its id is refused.',
  calls: [
    { call: 'deleteSqlJob', per: 'object', onlyWhen: { idOf: 'Job/sql' } },
    { call: 'deleteFlJob', per: 'object', onlyWhen: { idOf: 'Job/hfl' } },
    { call: 'deleteFlJob', per: 'object', onlyWhen: { idOf: 'Job/vfl' } },
  ],
  role: 'OPERATOR',
  input: DeleteJobInput,
  payload: (t) => ({
    deletedId: t.id({
      description: 'Id of the deleted job; null when it was not deleted.',
      resolve: ({ deletedId }) => deletedId,
    }),
  }),
  run: async ({ id, agentId }, { loaders }) => {
    const job = jobResultOf(id);
    await loaders.sqlJobWrites.delete(deletableKind(job), { ...job, agentId: agentTicsId(agentId) });
    return { deletedId: jobIdOf(job) };
  },
  reconcile: async ({ id }, { loaders }) => {
    const job = jobResultOf(id);
    const read = { sql: loaders.jobs.sqlJob, hfl: loaders.jobs.horizontalJob, vfl: loaders.jobs.verticalJob };
    try {
      await read[deletableKind(job)](job);
      return null;
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'NOT_FOUND') return { deletedId: jobIdOf(job) };
      throw error;
    }
  },
});
