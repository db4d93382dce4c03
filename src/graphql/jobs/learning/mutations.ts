import type { Context } from '../../context.ts';
import { parseId } from '../../shared/ids.ts';
import type { Given } from '../../shared/input.ts';
import { mutation, type MutationOptions } from '../../shared/mutations.ts';
import { learningJobOfPayload } from '../calls.ts';
import { findRow } from '../../../tics/pages.ts';
import { horizontalSettings, newLearningJob, verticalSettings } from './upstreamIds.ts';
import type { JobTarget } from '../inputs.ts';
import { CreateFederatedLearningJobInput, UpdateHorizontalJobInput, UpdateVerticalJobInput } from './settingsInput.ts';
import type { NewLearningJob } from '../../../tics/jobs/learning/settings.ts';
import { agentTicsId, jobIdField, jobOf, jobResultOf, type JobResult, type MadeJobResult } from '../payloads.ts';
import type { WrittenJob } from '../../../tics/jobs/sql/writes.ts';
import { Job } from '../type.ts';

function jobPayload(...kinds: readonly ('hfl' | 'vfl')[]): MutationOptions<object, JobResult>['payload'] {
  return (t) => ({
    jobId: jobIdField(t),
    job: t.field({
      type: Job,
      calls: learningJobOfPayload(...kinds),
      description: 'The job as it now is.',
      resolve: (result, _, context, info) => jobOf(result, context, info),
    }),
  });
}

const kinds = { HFL: 'hfl', VFL: 'vfl' } as const;

/** The job of a target, and the agent to call. */
export function writtenJobOf({ id, agentId }: JobTarget): WrittenJob & JobResult {
  return {
    ...jobResultOf(id),
    agentId: agentTicsId(agentId),
  };
}

/** The job with an unknown outcome: by its name, which is unique in a league, and its age. */
async function findNewJob(
  leagueId: string,
  { name, description, type }: NewLearningJob,
  { loaders }: Context,
): Promise<JobResult | null> {
  const [list] = loaders.jobs.lists(leagueId, [type], {});
  const job = list && (await findRow(list.read, (row) => row.name === name && row.type.value === type));
  const isMeant = job !== undefined && (job.description ?? '') === (description ?? '');
  return isMeant ? { leagueId, kind: kinds[type], jobId: job.ticsId } : null;
}

mutation<Given<typeof CreateFederatedLearningJobInput>, MadeJobResult>('createFederatedLearningJob', {
  description:
    'Creates a horizontal or vertical learning job that has a name and an initiating agent only: `updateHorizontalJob` or `updateVerticalJob` save what it learns from. After OUTCOME_UNKNOWN, `job` is the job of this name, if there is one.',
  calls: [{ call: 'createFlJob', per: 'object' }],
  role: 'OPERATOR',
  input: CreateFederatedLearningJobInput,
  faultFields: { NAME_TAKEN: ['name'] },
  payload: jobPayload('hfl', 'vfl'),
  run: async ({ leagueId: league, agentId, ...job }, { loaders }) => {
    const [leagueId] = parseId('League', league);
    const target = { leagueId, agentId: agentTicsId(agentId) };
    const jobId = await loaders.learningWrites.create(target, newLearningJob(job));
    return { leagueId, kind: kinds[job.type], jobId, made: job };
  },
  reconcile: ({ leagueId, ...job }, context) => findNewJob(parseId('League', leagueId)[0], job, context),
});

mutation<Given<typeof UpdateHorizontalJobInput>, JobResult>('updateHorizontalJob', {
  description: 'Saves all settings of a horizontal job. After OUTCOME_UNKNOWN, `job` is answered if it has them.',
  calls: [{ call: 'updateHorizontalJob', per: 'object' }],
  role: 'OPERATOR',
  input: UpdateHorizontalJobInput,
  faultFields: { NAME_TAKEN: ['name'] },
  payload: jobPayload('hfl'),
  run: async ({ id, agentId, ...settings }, { loaders }) => {
    await loaders.learningWrites.updateHorizontal(writtenJobOf({ id, agentId }), horizontalSettings(settings));
    return jobResultOf(id);
  },
  reconcile: async ({ id, agentId, ...settings }, { loaders }) => {
    const job = writtenJobOf({ id, agentId });
    return (await loaders.learningWrites.hasHorizontal(job, horizontalSettings(settings))) ? job : null;
  },
});

mutation<Given<typeof UpdateVerticalJobInput>, JobResult>('updateVerticalJob', {
  description: 'Saves all settings of a vertical job. After OUTCOME_UNKNOWN, `job` is answered if it has them.',
  calls: [{ call: 'updateVerticalJob', per: 'object' }],
  role: 'OPERATOR',
  input: UpdateVerticalJobInput,
  faultFields: { NAME_TAKEN: ['name'] },
  payload: jobPayload('vfl'),
  run: async ({ id, agentId, ...settings }, { loaders }) => {
    await loaders.learningWrites.updateVertical(writtenJobOf({ id, agentId }), verticalSettings(settings));
    return jobResultOf(id);
  },
  reconcile: async ({ id, agentId, ...settings }, { loaders }) => {
    const job = writtenJobOf({ id, agentId });
    return (await loaders.learningWrites.hasVertical(job, verticalSettings(settings))) ? job : null;
  },
});
