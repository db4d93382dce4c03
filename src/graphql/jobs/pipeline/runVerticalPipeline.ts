import { builder } from '../../builder.ts';
import { closedEnum, openEnumFields } from '../../shared/enums.ts';
import { choice, input, integer, object, type Given } from '../../shared/input.ts';
import { between } from '../../shared/limits.ts';
import { mutation } from '../../shared/mutations.ts';
import { instanceById } from '../../instances/calls.ts';
import { learningJobOfPayload } from '../calls.ts';
import { Instance, InstanceStatus } from '../../instances/type.ts';
import { alignment, informationValueRun, verticalRun } from '../learning/upstreamIds.ts';
import { writtenJobOf } from '../learning/mutations.ts';
import { targetFields } from '../inputs.ts';
import { sharesLeague } from '../learning/inputs.ts';
import { verticalRunFields } from '../learning/runInput.ts';
import { instanceIdField, instanceOf, jobIdField, jobOf } from '../payloads.ts';
import {
  alignmentFields,
  checkInformationValue,
  checkParties,
  informationValueFields,
} from '../learning/preparationInput.ts';
import { Job } from '../type.ts';
import { pipelineSteps, runPipeline, type PipelineResult, type StepRun as StepRunShape } from './pipeline.ts';

const VerticalPipelineStep = closedEnum('VerticalPipelineStep', 'Steps of `runVerticalPipeline`, in their order.', {
  ALIGNMENT: pipelineSteps.ALIGNMENT.does,
  FEATURE_SELECTION: pipelineSteps.FEATURE_SELECTION.does,
  TRAINING: pipelineSteps.TRAINING.does,
});

const AlignmentStepInput = input('AlignmentStepInput', {
  description: 'How samples are to be aligned, as for `alignSamples`.',
  fields: alignmentFields,
  check: checkParties,
});

const FeatureSelectionStepInput = input('FeatureSelectionStepInput', {
  description: 'Which features to select from, and how, as for `calculateInformationValue`.',
  fields: informationValueFields,
  check: checkInformationValue,
});

const TrainingStepInput = input('TrainingStepInput', {
  description: 'How the model is to be trained, as for `executeVerticalJob`.',
  fields: verticalRunFields,
});

/** Clients and proxies do not wait longer for a response. */
const maxWaitSeconds = 60;
const usualWaitSeconds = 5;

const RunVerticalPipelineInput = input('RunVerticalPipelineInput', {
  description: 'A vertical job whose samples are to be aligned, features selected and model trained.',
  fields: {
    ...targetFields('vfl'),
    from: choice(
      VerticalPipelineStep,
      'The first step to take; ALIGNMENT where it is left out. The one before must have been begun.',
    ),
    waitSeconds: integer(
      `How long runs are waited for, all together; ${usualWaitSeconds} where it is left out.`,
      between(0, maxWaitSeconds),
    ),
    alignment: object(AlignmentStepInput, 'The alignment; else as the job says.'),
    featureSelection: object(
      FeatureSelectionStepInput,
      'The feature selection; required unless the pipeline goes on from TRAINING.',
    ),
    training: object(TrainingStepInput, 'The training; else as the job says.'),
  },
  check: ({ id, from, alignment, featureSelection, training }, refuse) => {
    if (!featureSelection && from !== 'TRAINING') refuse(['featureSelection'], 'required unless from is TRAINING');
    const instances = [
      [['alignment', 'instanceId'], alignment?.instanceId],
      [['featureSelection', 'instanceId'], featureSelection?.instanceId],
      [['training', 'modelInstanceId'], training?.modelInstanceId],
    ] as const;
    for (const [path, instanceId] of instances)
      if (!sharesLeague(instanceId, id)) refuse(path, 'of the same league as the job');
  },
});

const StepRun = builder.objectRef<StepRunShape>('VerticalPipelineStepRun').implement({
  description: 'One step of a pipeline, and its run.',
  fields: (t) => ({
    step: t.expose('step', { type: VerticalPipelineStep, nullable: false, description: 'The step.' }),
    instanceId: instanceIdField(t),
    instance: t.field({
      type: Instance,
      calls: instanceById,
      description: 'Its run.',
      resolve: (run, _, context) => instanceOf(run, context),
    }),
    ...openEnumFields(
      t,
      'status',
      InstanceStatus,
      'State of the run when it was last asked for; `instance { currentStatus }` is the one right now.',
    ),
  }),
});

mutation<Given<typeof RunVerticalPipelineInput>, PipelineResult>('runVerticalPipeline', {
  description:
    'Aligns samples, selects features and trains a model, each when the step before has succeeded. A step that fails stops the rest: `failedStep` says which one. Steps take minutes, so when `waitSeconds` are over it answers with the runs so far and `nextStep`: call it again with `from: <nextStep>` to go on. It is safe to interrupt and to call again: a run of its first step that is under way is watched rather than started again, and while a later step runs it is refused.',
  calls: [
    { call: 'alignSamples', per: 'object', onlyWhen: 'in its step' },
    { call: 'calculateInformationValue', per: 'object', onlyWhen: 'in its step' },
    { call: 'executeVerticalJob', per: 'object', onlyWhen: 'in its step' },
    { call: 'listJobInstances', per: 'object' },
    { call: 'getInstanceStatus', per: 'object', onlyWhen: 'of each run, at growing intervals' },
  ],
  role: 'OPERATOR',
  input: RunVerticalPipelineInput,
  payload: (t) => ({
    steps: t.field({
      type: [StepRun],
      nullable: { list: false, items: false },
      description:
        'The steps whose runs were begun, in their order; when it goes on from a later step, with the one before that.',
      resolve: ({ steps = [] }) => steps,
    }),
    nextStep: t.field({
      type: VerticalPipelineStep,
      description: 'The step to continue from; null when the last one has begun.',
      resolve: ({ nextStep }) => nextStep,
    }),
    failedStep: t.field({
      type: VerticalPipelineStep,
      description: 'The step that failed, or that could not be begun; null when none did.',
      resolve: ({ failedStep }) => failedStep,
    }),
    jobId: jobIdField(t),
    job: t.field({
      type: Job,
      calls: learningJobOfPayload('vfl'),
      description: 'The job as it now is.',
      resolve: (result, _, context, info) => jobOf(result, context, info),
    }),
  }),
  run: async (input, context) => {
    const { from, waitSeconds, featureSelection } = input;
    const waitMs = (waitSeconds ?? usualWaitSeconds) * 1000;
    context.operation.deadline.extend(waitMs);
    const written = writtenJobOf(input);
    const { learningWrites: writes } = context.loaders;
    const { agentId } = await context.planes.forWriting(written.leagueId, written.agentId);
    const job = { ...written, agentId };
    return runPipeline(
      {
        job: { leagueId: job.leagueId, kind: job.kind, jobId: job.jobId },
        agentId,
        from: from ?? 'ALIGNMENT',
        waitMs,
        start: {
          ALIGNMENT: () => writes.alignSamples(job, alignment(input.alignment ?? {})),
          FEATURE_SELECTION: () =>
            featureSelection
              ? writes.calculateInformationValue(job, informationValueRun(featureSelection))
              : // Rules see to its being there.
                Promise.reject(new Error('no featureSelection')),
          TRAINING: () => writes.executeVertical(job, { ...verticalRun(input.training ?? {}), type: 'VFL_TRAIN' }),
        },
      },
      context,
    );
  },
});
