import { z } from 'zod';
import { builder } from '../../builder.ts';
import { nameRule, optional, textRule } from '../../shared/limits.ts';
import { serviceIdRule } from '../../shared/limits.ts';
import { InstanceType } from '../../instances/type.ts';
import { Binning, LearningTask } from '../enums.ts';
import {
  DifferentialPrivacyInput,
  differentialPrivacyRule,
  ModelParametersInput,
  modelParametersRule,
  type InputFields,
} from './parametersInput.ts';
import {
  agentIdText,
  featureChoiceRule,
  instanceIdText,
  JobFeaturesInput,
  jobRule,
  labelDatasetRule,
  labelDatasetText,
  labelText,
  nameText,
  refuseOtherLeagues,
  targetFields,
  VerticalDatasetInput,
  verticalDatasetRule,
  type JobTarget,
} from './inputs.ts';
import type { VerticalRun } from '../../../tics/jobs/learning/run.ts';

const agentRule = serviceIdRule('Agent');

export const ExecuteHorizontalJobInput = builder.inputRef<JobTarget>('ExecuteHorizontalJobInput').implement({
  description: 'A horizontal job to run, as it was saved.',
  fields: (t) => targetFields(t, 'hfl'),
});

/** The limits of `ExecuteHorizontalJobInput`. */
export const executeHorizontalJobRules = z.object({ id: jobRule('hfl'), agentId: optional(agentRule) });

/** What a run of training, evaluation or prediction may say instead of what the job says. */
export type VerticalRunChoice = Omit<VerticalRun, 'type'>;

/** The fields that say it. */
export function verticalRunFields(t: InputFields) {
  return {
    jobName: t.string({ description: nameText }),
    modelInstanceId: t.id({
      description: `The instance that trained the model that is used, where one is, ${instanceIdText}`,
    }),
    datasets: t.field({ type: [VerticalDatasetInput], description: 'The datasets.' }),
    features: t.field({ type: [JobFeaturesInput], description: 'The features, by dataset.' }),
    label: t.string({ description: labelText }),
    labelDatasetName: t.string({ description: labelDatasetText }),
    labelAgentId: t.id({ description: `The agent that has the label: ${agentIdText}` }),
    binning: t.field({ type: Binning.asInput(), description: 'How values are put into bins.' }),
    learningTask: t.field({ type: LearningTask.asInput(), description: 'What the model learns.' }),
    creatorAgentId: t.id({ description: `The agent that initiates the job: ${agentIdText}` }),
    modelParameters: t.field({ type: ModelParametersInput, description: 'What the model is made with.' }),
    differentialPrivacy: t.field({ type: DifferentialPrivacyInput, description: 'How the run is protected.' }),
  };
}

/** The limits of these fields. */
export const verticalRunRule = z.object({
  jobName: optional(nameRule),
  modelInstanceId: optional(serviceIdRule('Instance')),
  datasets: optional(z.array(verticalDatasetRule)),
  features: optional(z.array(featureChoiceRule)),
  label: optional(textRule(1000)),
  labelDatasetName: optional(labelDatasetRule),
  labelAgentId: optional(agentRule),
  creatorAgentId: optional(agentRule),
  modelParameters: optional(modelParametersRule),
  differentialPrivacy: optional(differentialPrivacyRule),
});

export const ExecuteVerticalJobInput = builder.inputRef<VerticalRun & JobTarget>('ExecuteVerticalJobInput').implement({
  description: 'A run of a vertical job. What is left out is as the job says.',
  fields: (t) => ({
    ...targetFields(t, 'vfl|predict'),
    type: t.field({
      type: InstanceType.asInput(),
      required: true,
      description: 'What the run does: VFL_TRAIN, VFL_EVALUATE or VFL_PREDICT.',
    }),
    ...verticalRunFields(t),
  }),
});

/** Types of runs that `executeVerticalJob` starts; the others have calls of their own. */
const executedTypes = ['VFL_TRAIN', 'VFL_EVALUATE', 'VFL_PREDICT'];

/** The limits of `ExecuteVerticalJobInput`. */
export const executeVerticalJobRules = verticalRunRule
  .extend({
    id: jobRule('vfl', 'predict'),
    agentId: optional(agentRule),
    type: z.string().refine((type) => executedTypes.includes(type), `one of ${executedTypes.join(', ')}`),
  })
  .superRefine(refuseOtherLeagues);
