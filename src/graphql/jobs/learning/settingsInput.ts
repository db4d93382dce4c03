import { z } from 'zod';
import { builder } from '../../builder.ts';
import { closedEnum } from '../../shared/enums.ts';
import { countRule, decimalRule, maxInt, nameRule, optional, textRule } from '../../shared/limits.ts';
import { agentIdDescription } from '../../shared/mutations.ts';
import { serviceIdRule } from '../../shared/limits.ts';
import { Algorithm, HorizontalPhase } from '../../instances/type.ts';
import { LearningPlatform, LearningTask, WorkStep } from '../enums.ts';
import { mapField, mapRule, repetitionsRule } from './parametersInput.ts';
import {
  agentIdText,
  descriptionText,
  featureChoiceRule,
  HorizontalDatasetInput,
  horizontalDatasetRule,
  HostAgentInput,
  JobFeaturesInput,
  labelDatasetText,
  nameText,
  sharesLeague,
  targetFields,
  type JobTarget,
  jobRule,
  labelDatasetRule,
  namedAgentRule,
  VerticalDatasetInput,
  verticalDatasetRule,
} from './inputs.ts';
import {
  inDigits,
  writeHorizontalDatasets,
  writeParameters,
  type HorizontalSettings,
  type Maybe,
  type NewLearningJob,
  type VerticalSettings,
} from '../../../tics/jobs/learning/settings.ts';

interface CreateFederatedLearningJobInput extends NewLearningJob {
  readonly leagueId: string;
  readonly agentId?: Maybe<string>;
}

const LearningJobType = closedEnum('LearningJobType', 'Kinds of federated learning that a job can be created for.', {
  HFL: 'Horizontal: the partners have the same columns of different samples.',
  VFL: 'Vertical: the partners have different columns of the same samples.',
});

export const CreateFederatedLearningJobInput = builder
  .inputRef<CreateFederatedLearningJobInput>('CreateFederatedLearningJobInput')
  .implement({
    description: 'A learning job to create. Its datasets and settings are saved afterwards.',
    fields: (t) => ({
      leagueId: t.id({ required: true, description: '`League:<id>`, or the bare id.' }),
      agentId: t.id({ description: `The agent that initiates the job. ${agentIdDescription}` }),
      name: t.string({ required: true, description: nameText }),
      description: t.string({ description: descriptionText }),
      type: t.field({ type: LearningJobType, required: true, description: 'Horizontal or vertical.' }),
      phase: t.field({ type: HorizontalPhase.asInput(), description: 'Whether the job trains or measures a model.' }),
      platform: t.field({ type: LearningPlatform.asInput(), description: 'Where the job runs.' }),
      algorithm: t.field({ type: Algorithm.asInput(), description: 'The algorithm; of vertical jobs only.' }),
      learningTask: t.field({ type: LearningTask.asInput(), description: 'What the model learns.' }),
      modelInstanceId: t.id({
        description: 'The instance that trained the model to begin with, of the same league: `Instance:<league>/<id>`.',
      }),
      labelAgentId: t.id({ description: `The agent that has the label; of vertical jobs only. ${agentIdText}` }),
    }),
  });

/** The limits of `CreateFederatedLearningJobInput`. */
export const createFederatedLearningJobRules = z
  .object({
    leagueId: serviceIdRule('League'),
    agentId: optional(serviceIdRule('Agent')),
    name: nameRule,
    description: optional(textRule(512)),
    type: z.string(),
    algorithm: optional(z.string()),
    modelInstanceId: optional(serviceIdRule('Instance')),
    labelAgentId: optional(serviceIdRule('Agent')),
  })
  .superRefine(({ type, algorithm, labelAgentId, modelInstanceId, leagueId }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (type === 'HFL' && algorithm) refuse('algorithm', 'for vertical jobs only');
    if (type === 'HFL' && labelAgentId) refuse('labelAgentId', 'for vertical jobs only');
    if (!sharesLeague(modelInstanceId, leagueId)) refuse('modelInstanceId', 'of the same league');
  });

export const UpdateHorizontalJobInput = builder
  .inputRef<HorizontalSettings & JobTarget>('UpdateHorizontalJobInput')
  .implement({
    description:
      'All settings of a horizontal job, which take the place of those it has: what is left out, or null, it has no more.',
    fields: (t) => ({
      ...targetFields(t, 'hfl'),
      name: t.string({ required: true, description: nameText }),
      description: t.string({ description: descriptionText }),
      phase: t.field({
        type: HorizontalPhase.asInput(),
        required: true,
        description: 'Whether it trains or measures a model.',
      }),
      platform: t.field({ type: LearningPlatform.asInput(), required: true, description: 'Where the job runs.' }),
      rounds: t.int({ required: true, description: 'Rounds of training; 1 to 1000.' }),
      epochs: t.int({ required: true, description: 'How often the data is gone through in a round; 1 to 1000.' }),
      datasets: t.field({
        type: [HorizontalDatasetInput],
        required: true,
        description: 'The datasets; written as a list at most 1024 characters.',
      }),
      evaluationDatasetName: t.string({
        description: 'Name of the dataset on which the model is measured; a name as a job’s.',
      }),
      host: t.field({
        type: HostAgentInput,
        required: true,
        description: 'The agent that initiates the job; its id has at most 32 characters.',
      }),
      scriptPath: t.string({
        required: true,
        description: 'Path of the script that trains; at most 512 characters.',
      }),
      modelPath: t.string({ required: true, description: 'Path of the model; at most 512 characters.' }),
      initialWeightsPath: t.string({
        description: 'Path of the weights to start with; at most 512 characters.',
      }),
      engineTicsId: t.string({ description: 'Id of the engine on ModelArts; at most 50 characters.' }),
      resourceSpecTicsId: t.string({
        description: 'Id of the size of the resources on ModelArts; at most 50 characters.',
      }),
      parameters: mapField(
        t,
        'Further settings, such as parameters of the script: an open map, written as JSON at most 1024 characters.',
      ),
    }),
  });

const maxListLength = 1024;
const maxExtLength = 1024;

/** The limits of `UpdateHorizontalJobInput`. */
export const updateHorizontalJobRules = z.object({
  id: jobRule('hfl'),
  agentId: optional(serviceIdRule('Agent')),
  name: nameRule,
  description: optional(textRule(512)),
  rounds: repetitionsRule,
  epochs: repetitionsRule,
  datasets: z
    .array(horizontalDatasetRule)
    .min(1, 'at least 1 dataset')
    .refine(
      (datasets) => writeHorizontalDatasets(datasets).length <= maxListLength,
      `at most ${maxListLength} characters when written as a list`,
    ),
  evaluationDatasetName: optional(nameRule),
  host: namedAgentRule,
  scriptPath: textRule(512),
  modelPath: textRule(512),
  initialWeightsPath: optional(textRule(512)),
  engineTicsId: optional(textRule(50)),
  resourceSpecTicsId: optional(textRule(50)),
  parameters: optional(
    mapRule.refine(
      (map) => writeParameters(map ?? {}).length <= maxExtLength,
      `at most ${maxExtLength} characters when written as JSON`,
    ),
  ),
});

export const UpdateVerticalJobInput = builder
  .inputRef<VerticalSettings & JobTarget>('UpdateVerticalJobInput')
  .implement({
    description:
      'All settings of a vertical job, which take the place of those it has: what is left out, or null, it has no more, its datasets and features too. What its algorithm does not use does nothing.',
    fields: (t) => ({
      ...targetFields(t, 'vfl'),
      name: t.string({ required: true, description: nameText }),
      description: t.string({ description: descriptionText }),
      algorithm: t.field({ type: Algorithm.asInput(), required: true, description: 'The algorithm.' }),
      learningTask: t.field({ type: LearningTask.asInput(), description: 'What the model learns.' }),
      workStep: t.field({
        type: WorkStep.asInput(),
        description: 'How far the job has come; else it stays where it is.',
      }),
      datasets: t.field({ type: [VerticalDatasetInput], description: 'The datasets.' }),
      hosts: t.field({ type: [HostAgentInput], description: 'The agents that take part.' }),
      features: t.field({ type: [JobFeaturesInput], description: 'The features, by dataset.' }),
      label: t.string({ description: 'Name of the column that is learned; at most 100 characters.' }),
      labelDatasetName: t.string({ description: labelDatasetText }),
      labelAgentId: t.id({ description: `The agent that has the label: ${agentIdText}` }),
      creatorAgentId: t.id({ description: `The agent that initiates the job: ${agentIdText}` }),
      predictsAlone: t.boolean({ description: 'Whether one partner predicts alone; else both do.' }),
      predictionThreshold: t.float({
        description: 'Probability from which a prediction counts as positive; 0 to 1.',
      }),
      learningRate: t.float({ description: 'Learning rate; 0 to 1, at most 16 characters when written.' }),
      epochs: t.int({ description: 'How often the data is gone through; at least 1.' }),
      batchSize: t.int({ description: 'How many samples a batch has; at least 1.' }),
      gradientEpsilon: t.float({ description: 'Gradient below which training counts as converged.' }),
      treeCount: t.int({ description: 'How many trees are grown; at least 1.' }),
      treeDepth: t.int({ description: 'How deep the trees are; at least 1.' }),
      splitCount: t.int({ description: 'How many points of splitting are tried; at least 1.' }),
    }),
  });

const maxRateLength = 16;

/** The limits of `UpdateVerticalJobInput`. */
export const updateVerticalJobRules = z.object({
  id: jobRule('vfl'),
  agentId: optional(serviceIdRule('Agent')),
  name: nameRule,
  description: optional(textRule(512)),
  datasets: optional(z.array(verticalDatasetRule)),
  hosts: optional(z.array(namedAgentRule)),
  features: optional(z.array(featureChoiceRule)),
  label: optional(textRule(100)),
  labelDatasetName: optional(labelDatasetRule),
  labelAgentId: optional(serviceIdRule('Agent')),
  creatorAgentId: optional(serviceIdRule('Agent')),
  predictionThreshold: optional(decimalRule(0, 1)),
  learningRate: optional(
    decimalRule(0, 1).refine(
      (rate) => (inDigits(rate) ?? '').length <= maxRateLength,
      `at most ${maxRateLength} characters when written`,
    ),
  ),
  epochs: optional(countRule(1, maxInt)),
  batchSize: optional(countRule(1, maxInt)),
  treeCount: optional(countRule(1, maxInt)),
  treeDepth: optional(countRule(1, maxInt)),
  splitCount: optional(countRule(1, maxInt)),
});
