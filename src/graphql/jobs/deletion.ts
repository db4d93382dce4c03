import { z } from 'zod';
import { builder } from '../builder.ts';
import { GatewayError } from '../../errors.ts';
import { idRule, optional } from '../shared/limits.ts';
import { agentIdDescription, mutation } from '../shared/mutations.ts';
import { bareAgentId, jobIdOf, jobResultOf, type JobResult } from './payloads.ts';
import type { JobKind } from '../../tics/jobs/job.ts';

interface DeleteJobInput {
  readonly id: string;
  readonly agentId?: string | null | undefined;
}

const DeleteJobInput = builder.inputRef<DeleteJobInput>('DeleteJobInput').implement({
  description: 'Which job is to be deleted.',
  fields: (t) => ({
    id: t.id({ required: true, description: '`Job:<league>/<sql|hfl|vfl>/<id>`.' }),
    agentId: t.id({ description: agentIdDescription }),
  }),
});

/** The kind of a job that the rules let through: none is a prediction. */
function deletableKind({ kind }: JobResult): Exclude<JobKind, 'predict'> {
  return kind === 'predict' ? 'hfl' : kind;
}

mutation<DeleteJobInput, { deletedId: string }>('deleteJob', {
  description:
    'Deletes a job that does not run; what it has computed stays. No call deletes a prediction: its id is refused.',
  calls: [
    { call: 'deleteSqlJob', per: 'object', onlyWhen: { idOf: 'Job/sql' } },
    { call: 'deleteFlJob', per: 'object', onlyWhen: { idOf: 'Job/hfl' } },
    { call: 'deleteFlJob', per: 'object', onlyWhen: { idOf: 'Job/vfl' } },
  ],
  role: 'OPERATOR',
  input: DeleteJobInput,
  rules: z.object({
    id: idRule('Job').refine((id) => id.split('/')[1] !== 'predict', {
      message: 'the id of an SQL, a horizontal or a vertical job: no call deletes others',
    }),
    agentId: optional(idRule('Agent')),
  }),
  payload: (t) => ({
    deletedId: t.id({
      description: 'Id of the job that is no more; null when it was not deleted.',
      resolve: ({ deletedId }) => deletedId,
    }),
  }),
  run: async ({ id, agentId }, { loaders }) => {
    const job = jobResultOf(id);
    await loaders.sqlJobWrites.delete(deletableKind(job), { ...job, agentId: bareAgentId(agentId) });
    return { deletedId: jobIdOf(job) };
  },
  settle: async ({ id }, { loaders }) => {
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
