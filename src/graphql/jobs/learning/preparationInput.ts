import { closedEnum } from '../../shared/enums.ts';
import {
  boolean,
  choice,
  id,
  input,
  integer,
  list,
  object,
  required,
  text,
  type Given,
  type Refuse,
  type ShapeOf,
} from '../../shared/input.ts';
import { atLeast, atLeastOne, filled, maxLength } from '../../shared/limits.ts';
import { Binning, LearningTask } from '../enums.ts';
import { columnNames, datasetNames, jobName, listable, targetFields } from '../inputs.ts';
import { SqlParametersInput } from '../sql/parametersInput.ts';
import {
  creatorAgentId,
  HostAgentInput,
  CandidateFeaturesInput,
  label,
  labelAgentId,
  labelDatasetName,
  refuseOtherLeagues,
  resumedInstanceId,
  verticalDatasets,
} from './inputs.ts';
import { DifferentialPrivacyInput, ModelParametersInput, requireWholePrivacy } from './parametersInput.ts';

/** What a vertical job does before it trains. */

const DataProtectionEnum = closedEnum('DataProtection', 'How data is protected while ids are truncated.', {
  CLEAR_TEXT: 'Not at all.',
  SANDBOX: 'In a sandbox.',
  ARM_TRUST_ZONE: 'In a trusted zone of ARM.',
  INTEL_SGX_TEE: 'In a trusted execution environment of Intel.',
  MPC: 'By multi-party computation.',
});

export const TruncateIdsInput = input('TruncateIdsInput', {
  description: 'A coarse screening of the samples of a vertical job, by the beginnings of their ids.',
  fields: {
    ...targetFields('vfl'),
    jobName,
    instanceId: resumedInstanceId,
    datasetNames: datasetNames('Names of the datasets.'),
    labelDatasetName,
    labelAgentId,
    labelAgentName: text('Name of the agent that has the label.', maxLength(128)),
    host: object(HostAgentInput, 'The agent that has no label.'),
    dataProtection: choice(DataProtectionEnum, 'How data is protected.'),
    idColumn: text('Name of the column with the unique ids.', maxLength(200)),
    prefixLength: integer('How many first characters of the ids count.', atLeast(1)),
    filterColumns: columnNames('Names of the columns to filter by.'),
  },
  check: refuseOtherLeagues,
});

const AlignmentAlgorithmEnum = closedEnum('AlignmentAlgorithm', 'How samples are aligned.', {
  OPRF: 'By an oblivious pseudo-random function: nobody learns the others’ ids.',
  SQL_JOIN: 'By a join.',
});

const AlignmentPartyInput = input('AlignmentPartyInput', {
  description: 'One agent’s part in an alignment.',
  fields: {
    agentId: required(id('Agent', 'The agent; each takes part once')),
    agentName: text('Name of the agent; of all parties or of none.', filled),
    datasetName: required(text('Name of its dataset.', filled)),
    datasetId: id('Dataset', 'Its dataset; of all parties or of none'),
    idColumn: required(text('Name of the column by which its samples are matched.', listable)),
  },
});

/** The fields that say how samples are aligned. */
export const alignmentFields = {
  jobName,
  instanceId: resumedInstanceId,
  algorithm: choice(AlignmentAlgorithmEnum, 'How samples are aligned.'),
  parties: list(object(AlignmentPartyInput, ''), 'Who takes part with what; else as the job says.'),
  largeDataAgentId: id('Agent', 'The agent with the larger dataset'),
  creatorAgentId,
  encryptsResult: boolean('Whether the result is saved encrypted.'),
  runParameters: object(SqlParametersInput, 'How the run is to use agents and aggregators.'),
};

type Parties = readonly Given<typeof AlignmentPartyInput>[] | null | undefined;

/** The service takes maps by agent, and lists in the order of the agents. */
export function checkParties({ parties }: { readonly parties?: Parties }, refuse: Refuse): void {
  const given = parties ?? [];
  const bare = given.map(({ agentId }) => agentId.replace(/^Agent:/, ''));
  given.forEach((party, index) => {
    if (bare.indexOf(bare[index] ?? '') < index) refuse(['parties', index, 'agentId'], 'each agent once');
    for (const field of ['agentName', 'datasetId'] as const)
      if (!party[field] && given.some((other) => other[field]))
        refuse(['parties', index, field], 'required: other parties have it');
  });
}

export const AlignSamplesInput = input('AlignSamplesInput', {
  description: 'An alignment of the samples that the datasets of a vertical job have in common.',
  fields: { ...targetFields('vfl'), ...alignmentFields },
  check: (input, refuse) => {
    checkParties(input, refuse);
    refuseOtherLeagues(input, refuse);
  },
});

/** The fields that say which information values are calculated, and how. */
export const informationValueFields = {
  jobName: required(jobName),
  instanceId: resumedInstanceId,
  binning: required(choice(Binning.asInput(), 'How values are put into bins.')),
  datasets: required(verticalDatasets(atLeastOne('dataset'))),
  features: required(
    list(object(CandidateFeaturesInput, ''), 'The features to select from; each dataset once.', atLeastOne('dataset')),
  ),
  label: required(label),
  labelDatasetName: required(labelDatasetName),
  labelAgentId: required(labelAgentId),
  learningTask: choice(LearningTask.asInput(), 'What the model learns.'),
  creatorAgentId,
  predictsAlone: boolean('Whether one partner predicts alone; else both do.'),
  modelParameters: object(ModelParametersInput, 'Such as how many bins: `splitCount`.'),
  differentialPrivacy: object(DifferentialPrivacyInput, 'How the run is protected; with all of its fields.'),
};

type InformationValue = ShapeOf<typeof informationValueFields>;

/** Each dataset is named once, and differential privacy has all of its fields (7.12.2). */
export function checkInformationValue({ features, differentialPrivacy }: InformationValue, refuse: Refuse): void {
  const ids = features.map(({ datasetId }) => datasetId);
  for (const [index, datasetId] of ids.entries())
    if (ids.indexOf(datasetId) < index) refuse(['features', index, 'datasetId'], 'each dataset once');
  requireWholePrivacy(differentialPrivacy, refuse);
}

export const CalculateInformationValueInput = input('CalculateInformationValueInput', {
  description: 'A binning of the features of a vertical job, and a calculation of their information values.',
  fields: { ...targetFields('vfl'), ...informationValueFields },
  check: (input, refuse) => {
    checkInformationValue(input, refuse);
    refuseOtherLeagues(input, refuse);
  },
});
