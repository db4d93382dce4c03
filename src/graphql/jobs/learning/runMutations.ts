import type { CallName } from '../../calls.ts';
import type { Context } from '../../context.ts';
import type { Input } from '../../shared/input.ts';
import { mutation } from '../../shared/mutations.ts';
import { instanceById } from '../../instances/calls.ts';
import { learningJobOfPayload } from '../calls.ts';
import { Instance } from '../../instances/type.ts';
import type { instanceTypes } from '../../../tics/instances/enums.ts';
import { alignment, idTruncation, informationValueRun, verticalRun } from './upstreamIds.ts';
import { writtenJobOf } from './mutations.ts';
import type { JobTarget } from '../inputs.ts';
import { ExecuteHorizontalJobInput, ExecuteVerticalJobInput } from './runInput.ts';
import { findRunUnderWay } from '../reconcile.ts';
import { instanceIdField, instanceOf, jobIdField, jobOf, jobResultOf, type RunResult } from '../payloads.ts';
import { AlignSamplesInput, CalculateInformationValueInput, TruncateIdsInput } from './preparationInput.ts';
import type { WrittenJob } from '../../../tics/jobs/sql/writes.ts';
import { Job } from '../type.ts';

type RunType = keyof typeof instanceTypes;

interface RunMutation<Given extends JobTarget> {
  readonly does: string;
  /** Kinds of jobs that it accepts. */
  readonly kinds: readonly ('hfl' | 'vfl' | 'predict')[];
  readonly input: Input<Given>;
  readonly typeOf: (input: Given) => RunType;
  readonly start: (writes: Context['loaders']['learningWrites'], job: WrittenJob, input: Given) => Promise<string>;
}

/** A mutation that starts a run with the call of the same name. */
function runMutation<Given extends JobTarget>(
  name: CallName,
  { does, kinds, input: inputType, typeOf, start }: RunMutation<Given>,
): void {
  return mutation<Given, RunResult>(name, {
    description: `${does} After OUTCOME_UNKNOWN, \`instance\` is the job’s run of this type that is under way, if there is exactly one.`,
    calls: [{ call: name, per: 'object' }],
    role: 'OPERATOR',
    input: inputType,
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
        type: Job,
        calls: learningJobOfPayload(...kinds),
        description: 'The job as it now is.',
        resolve: (result, _, context, info) => jobOf(result, context, info),
      }),
    }),
    run: async (input, { loaders }) => ({
      ...jobResultOf(input.id),
      instanceId: await start(loaders.learningWrites, writtenJobOf(input), input),
    }),
    reconcile: async (input, context) => {
      const job = jobResultOf(input.id);
      const instanceId = await findRunUnderWay(job, context, typeOf(input));
      return instanceId === null ? null : { ...job, instanceId };
    },
  });
}

runMutation('executeHorizontalJob', {
  does: 'Runs a horizontal job as it was saved.',
  kinds: ['hfl'],
  input: ExecuteHorizontalJobInput,
  typeOf: () => 'HFL',
  start: (writes, job) => writes.executeHorizontal(job),
});

runMutation('executeVerticalJob', {
  does: 'Trains, evaluates or predicts with a vertical job.',
  kinds: ['vfl', 'predict'],
  input: ExecuteVerticalJobInput,
  typeOf: ({ type }) => type,
  start: (writes, job, { id, agentId, ...run }) => writes.executeVertical(job, verticalRun(run)),
});

runMutation('truncateIds', {
  does: 'Screens the samples of a vertical job coarsely, by the beginnings of their ids.',
  kinds: ['vfl'],
  input: TruncateIdsInput,
  typeOf: () => 'VFL_ID_TRUNCATION',
  start: (writes, job, { id, agentId, ...run }) => writes.truncateIds(job, idTruncation(run)),
});

runMutation('alignSamples', {
  does: 'Aligns the samples that the datasets of a vertical job have in common.',
  kinds: ['vfl'],
  input: AlignSamplesInput,
  typeOf: () => 'VFL_SAMPLE_ALIGNMENT',
  start: (writes, job, { id, agentId, ...run }) => writes.alignSamples(job, alignment(run)),
});

runMutation('calculateInformationValue', {
  does: 'Puts the values of features into bins and calculates the features’ information values.',
  kinds: ['vfl'],
  input: CalculateInformationValueInput,
  typeOf: () => 'VFL_FEATURE_SELECTION',
  start: (writes, job, { id, agentId, ...run }) => writes.calculateInformationValue(job, informationValueRun(run)),
});
