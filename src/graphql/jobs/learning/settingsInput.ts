import { closedEnum } from '../../shared/enums.ts';
import {
  boolean,
  choice,
  decimal,
  id,
  input,
  integer,
  list,
  object,
  openMap,
  required,
  text,
  writingAgentId,
} from '../../shared/input.ts';
import { atLeastOne, between, maxLength, nameLimits, writtenWithin } from '../../shared/limits.ts';
import { Algorithm, HorizontalPhase } from '../../instances/type.ts';
import { LearningPlatform, LearningTask, WorkStep } from '../enums.ts';
import { jobDescription, jobName, leagueId, targetFields } from '../inputs.ts';
import {
  creatorAgentId,
  HorizontalDatasetInput,
  HostAgentInput,
  jobFeatures,
  labelAgentId,
  labelDatasetName,
  sharesLeague,
  verticalDatasets,
} from './inputs.ts';
import { parameters, savedSplitCount } from './parametersInput.ts';
import { writeHorizontalDatasets, writeParameters } from '../../../tics/jobs/learning/settings.ts';

const LearningJobType = closedEnum('LearningJobType', 'Kinds of federated learning that a job can be created for.', {
  HFL: 'Horizontal: the partners have the same columns of different samples.',
  VFL: 'Vertical: the partners have different columns of the same samples.',
});

export const CreateFederatedLearningJobInput = input('CreateFederatedLearningJobInput', {
  description: 'A learning job to create. Its datasets and settings are saved afterwards.',
  fields: {
    leagueId,
    agentId: {
      ...writingAgentId,
      what: 'The agent that initiates the job. May be left out where the league has one agent whose account is configured.',
    },
    name: required(jobName),
    description: jobDescription,
    type: required(choice(LearningJobType, 'Horizontal or vertical.')),
    phase: choice(HorizontalPhase.asInput(), 'Whether the job trains or evaluates a model.'),
    platform: choice(LearningPlatform.asInput(), 'Where the job runs.'),
    algorithm: choice(Algorithm.asInput(), 'The algorithm; of vertical jobs only.'),
    learningTask: choice(LearningTask.asInput(), 'What the model learns.'),
    modelInstanceId: id('Instance', 'The instance of the same league that trained the model to begin with'),
    labelAgentId: id('Agent', 'The agent that has the label; of vertical jobs only'),
  },
  check: ({ type, algorithm, labelAgentId, modelInstanceId, leagueId }, refuse) => {
    if (type === 'HFL' && algorithm) refuse(['algorithm'], 'for vertical jobs only');
    if (type === 'HFL' && labelAgentId) refuse(['labelAgentId'], 'for vertical jobs only');
    if (!sharesLeague(modelInstanceId, leagueId)) refuse(['modelInstanceId'], 'of the same league');
  },
});

export const UpdateHorizontalJobInput = input('UpdateHorizontalJobInput', {
  description:
    'All settings of a horizontal job, which take the place of those it has: what is left out, or null, it has no more.',
  fields: {
    ...targetFields('hfl'),
    name: required(jobName),
    description: jobDescription,
    phase: required(choice(HorizontalPhase.asInput(), 'Whether it trains or evaluates a model.')),
    platform: required(choice(LearningPlatform.asInput(), 'Where the job runs.')),
    // Vertical jobs have no upper limit (7.9.4).
    roundCount: required(integer('How many rounds it trains.', between(1, 1000))),
    epochs: required(integer('Epochs: passes over the data in a round.', between(1, 1000))),
    datasets: required(
      list(
        object(HorizontalDatasetInput, ''),
        'The datasets.',
        atLeastOne('dataset'),
        writtenWithin(1024, 'as a list', writeHorizontalDatasets),
      ),
    ),
    evaluationDatasetName: text('Name of the dataset on which the model is evaluated.', ...nameLimits),
    host: required(object(HostAgentInput, 'The agent that initiates the job.')),
    scriptPath: required(text('Path of the script that trains.', maxLength(512))),
    modelPath: required(text('Path of the model.', maxLength(512))),
    initialWeightsPath: text('Path of the weights to start with.', maxLength(512)),
    engineTicsId: text('Id of the engine on ModelArts.', maxLength(50)),
    resourceSpecTicsId: text('Id of the size of the resources on ModelArts.', maxLength(50)),
    parameters: openMap(
      'Further settings, such as parameters of the script.',
      writtenWithin(1024, 'as JSON', writeParameters),
    ),
  },
});

export const UpdateVerticalJobInput = input('UpdateVerticalJobInput', {
  description:
    'All settings of a vertical job, which take the place of those it has: what is left out, or null, it has no more, its datasets and features too. What its algorithm does not use does nothing.',
  fields: {
    ...targetFields('vfl'),
    name: required(jobName),
    description: jobDescription,
    algorithm: required(choice(Algorithm.asInput(), 'The algorithm.')),
    learningTask: choice(LearningTask.asInput(), 'What the model learns.'),
    workStep: choice(WorkStep.asInput(), 'How far the job has come; else it stays where it is.'),
    datasets: verticalDatasets(),
    hosts: list(object(HostAgentInput, ''), 'The agents that take part.'),
    features: jobFeatures,
    label: text('Name of the column that holds the label.', maxLength(100)),
    labelDatasetName,
    labelAgentId,
    creatorAgentId,
    predictsAlone: boolean('Whether one partner predicts alone; else both do.'),
    ...parameters,
    learningRate: decimal('Learning rate.', between(0, 1), maxLength(16)),
    gradientEpsilon: decimal('Gradient below which training counts as converged.'),
    splitCount: savedSplitCount,
  },
});
