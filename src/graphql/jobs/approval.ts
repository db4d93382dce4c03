import type { BuilderTypes } from '../builder.ts';
import type { FieldCall } from '../calls.ts';
import type { Context } from '../context.ts';
import { JobApprovalStatus } from './enums.ts';
import type { Job as JobShape } from '../../tics/jobs/job.ts';

/** Builds the fields of a job. */
export type JobFields = PothosSchemaTypes.FieldBuilder<PothosSchemaTypes.ExtendDefaultTypes<BuilderTypes>, JobShape>;

/** The approval of a job. Rows of agents' lists of learning jobs lack it: then another list is read. */
export function approvalFields(t: JobFields, calls: readonly FieldCall[] = []) {
  return {
    approvalStatus: t.field({
      type: JobApprovalStatus,
      calls,
      description: 'State of the job’s approval.',
      resolve: async (job: JobShape, _: unknown, { loaders }: Context) => (await loaders.jobs.approvalOf(job)).value,
    }),
    approvalStatusText: t.string({
      calls,
      description: 'The raw value of `approvalStatus`.',
      resolve: async (job: JobShape, _: unknown, { loaders }: Context) => (await loaders.jobs.approvalOf(job)).text,
    }),
  };
}
