import { mapMaybePromise } from '../../maybePromise.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { runCalls } from '../instances/calls.ts';
import { InstanceResult, ResultSample } from '../instances/result.ts';
import { Instance } from '../instances/type.ts';
import { jobOfAnswerCalls, jobOfInstance } from './calls.ts';
import { LearningParameters } from './parameters.ts';
import { Job, jobIdOf } from './type.ts';
import { toLearningParameters } from '../../tics/jobs/parameters.ts';
import type { InstanceKey } from '../../tics/instances/instance.ts';
import type { Job as JobShape } from '../../tics/jobs/job.ts';

builder.objectFields(Instance, (t) => ({
  jobId: t.id({
    calls: jobOfInstance,
    description: 'Id of the job that was run, for `job(id:)`; null where the job is gone.',
    resolve: async (instance, _, { loaders }) => {
      const job = await loaders.jobs.ofInstance(instance, await loaders.instances.jobIdOf(instance));
      return job && jobIdOf(job);
    },
  }),
  job: t.field({
    type: Job,
    calls: jobOfInstance,
    description: 'The job that was run.',
    resolve: async (instance, _, { loaders }) =>
      loaders.jobs.ofInstance(instance, await loaders.instances.jobIdOf(instance)),
  }),
  learningParameters: t.field({
    type: LearningParameters,
    calls: runCalls,
    description: 'What `parameters` holds, by name; null where it is no document.',
    resolve: (instance, _, { loaders }) =>
      mapMaybePromise(
        loaders.instances.run(instance),
        (run) => run && toLearningParameters(instance.leagueId, run.parameters),
      ),
  }),
}));

/** The job of an instance whose answer holds only the raw job id: the type of the instance gives its kind. */
async function jobOfAnswer(
  { leagueId, instanceId, jobId }: InstanceKey & { readonly jobId: string | null },
  { loaders }: Context,
): Promise<JobShape | null> {
  const instance = jobId ? await loaders.instances.byId(leagueId, instanceId) : null;
  return instance && loaders.jobs.ofInstance(instance, jobId);
}

for (const answer of [InstanceResult, ResultSample])
  builder.objectField(answer, 'job', (t) =>
    t.field({
      type: Job,
      calls: jobOfAnswerCalls,
      description: 'The job that it is a run of.',
      resolve: (parent, _, context) => jobOfAnswer(parent, context),
    }),
  );
