import { choice, id, input, object, required } from '../../shared/input.ts';
import { oneOf } from '../../shared/limits.ts';
import { InstanceType } from '../../instances/type.ts';
import { Binning, LearningTask } from '../enums.ts';
import { jobName, targetFields } from '../inputs.ts';
import {
  creatorAgentId,
  jobFeatures,
  label,
  labelAgentId,
  labelDatasetName,
  refuseOtherLeagues,
  verticalDatasets,
} from './inputs.ts';
import { DifferentialPrivacyInput, ModelParametersInput } from './parametersInput.ts';

export const ExecuteHorizontalJobInput = input('ExecuteHorizontalJobInput', {
  description: 'A horizontal job to run, as it was saved.',
  fields: targetFields('hfl'),
});

/** The fields of what a run of training, evaluation or prediction may say instead of what the job says. */
export const verticalRunFields = {
  jobName,
  modelInstanceId: id('Instance', 'The instance of the same league that trained the model that is used, where one is'),
  datasets: verticalDatasets(),
  features: jobFeatures,
  label,
  labelDatasetName,
  labelAgentId,
  binning: choice(Binning.asInput(), 'How values are put into bins.'),
  learningTask: choice(LearningTask.asInput(), 'What the model learns.'),
  creatorAgentId,
  modelParameters: object(ModelParametersInput, 'What the model is made with.'),
  differentialPrivacy: object(DifferentialPrivacyInput, 'How the run is protected.'),
};

export const ExecuteVerticalJobInput = input('ExecuteVerticalJobInput', {
  description: 'A run of a vertical job. What is left out is as the job says.',
  fields: {
    ...targetFields('vfl', 'predict'),
    // Other types of runs have calls of their own.
    type: required(
      choice(InstanceType.asInput(), 'What the run does.', oneOf(['VFL_TRAIN', 'VFL_EVALUATE', 'VFL_PREDICT'])),
    ),
    ...verticalRunFields,
  },
  check: refuseOtherLeagues,
});
