import { z } from 'zod';
import { builder } from '../../builder.ts';
import { closedEnum } from '../../shared/enums.ts';
import { countRule, maxInt, nameRule, optional, textRule } from '../../shared/limits.ts';
import { serviceIdRule } from '../../shared/limits.ts';
import { Binning, LearningTask } from '../enums.ts';
import {
  DifferentialPrivacyInput,
  fullDifferentialPrivacyRule,
  ModelParametersInput,
  modelParametersRule,
  type InputFields,
} from './parametersInput.ts';
import {
  agentIdText,
  columnsRule,
  elementRule,
  datasetNamesRule,
  HostAgentInput,
  instanceIdText,
  jobRule,
  JudgedFeaturesInput,
  judgedFeaturesRule,
  labelDatasetRule,
  labelDatasetText,
  labelText,
  namedAgentRule,
  nameText,
  refuseOtherLeagues,
  targetFields,
  VerticalDatasetInput,
  verticalDatasetRule,
  type JobTarget,
} from './inputs.ts';
import type { Alignment, AlignmentParty, IdTruncation, InformationValueRun } from '../../../tics/jobs/learning/run.ts';
import { SqlParametersInput, sqlParametersRule } from '../sql/parametersInput.ts';

/** What a vertical job does before it trains. */

const agentRule = serviceIdRule('Agent');

const DataProtectionEnum = closedEnum('DataProtection', 'How data is protected while ids are truncated.', {
  CLEAR_TEXT: 'Not at all.',
  SANDBOX: 'In a sandbox.',
  ARM_TRUST_ZONE: 'In a trusted zone of ARM.',
  INTEL_SGX_TEE: 'In a trusted execution environment of Intel.',
  MPC: 'By multi-party computation.',
});

export const TruncateIdsInput = builder.inputRef<IdTruncation & JobTarget>('TruncateIdsInput').implement({
  description: 'A coarse screening of the samples of a vertical job, by the beginnings of their ids.',
  fields: (t) => ({
    ...targetFields(t, 'vfl'),
    jobName: t.string({ description: nameText }),
    instanceId: t.id({ description: `An instance to go on from, ${instanceIdText}` }),
    datasetNames: t.stringList({ description: 'Names of the datasets; no commas.' }),
    labelDatasetName: t.string({ description: labelDatasetText }),
    labelAgentId: t.id({ description: `The agent that has the label: ${agentIdText}` }),
    labelAgentName: t.string({ description: 'Name of the agent that has the label; at most 128 characters.' }),
    host: t.field({ type: HostAgentInput, description: 'The agent that has no label.' }),
    dataProtection: t.field({ type: DataProtectionEnum, description: 'How data is protected.' }),
    idColumn: t.string({ description: 'Name of the column with the unique ids; at most 200 characters.' }),
    prefixLength: t.int({ description: 'How many first characters of the ids count; at least 1.' }),
    filterColumns: t.stringList({ description: 'Names of the columns to filter by.' }),
  }),
});

/** The limits of `TruncateIdsInput`. */
export const truncateIdsRules = z
  .object({
    id: jobRule('vfl'),
    agentId: optional(agentRule),
    jobName: optional(nameRule),
    instanceId: optional(serviceIdRule('Instance')),
    datasetNames: optional(datasetNamesRule),
    labelDatasetName: optional(labelDatasetRule),
    labelAgentId: optional(agentRule),
    labelAgentName: optional(textRule(128)),
    host: optional(namedAgentRule),
    idColumn: optional(textRule(200)),
    prefixLength: optional(countRule(1, maxInt)),
    filterColumns: optional(columnsRule),
  })
  .superRefine(refuseOtherLeagues);

const AlignmentAlgorithmEnum = closedEnum('AlignmentAlgorithm', 'How samples are aligned.', {
  OPRF: 'By an oblivious pseudo-random function: nobody learns the others’ ids.',
  SQL_JOIN: 'By a join.',
});

const AlignmentPartyInput = builder.inputRef<AlignmentParty>('AlignmentPartyInput').implement({
  description: 'One agent’s part in an alignment.',
  fields: (t) => ({
    agentId: t.id({ required: true, description: `The agent; each takes part once. ${agentIdText}` }),
    agentName: t.string({ description: 'Name of the agent; of all parties or of none.' }),
    datasetName: t.string({ required: true, description: 'Name of its dataset.' }),
    datasetId: t.id({ description: 'Its dataset, `Dataset:<league>/<id>`; of all parties or of none.' }),
    idColumn: t.string({
      required: true,
      description: 'Name of the column by which its samples are matched; no comma.',
    }),
  }),
});

/** The fields that say how samples are aligned. */
export function alignmentFields(t: InputFields) {
  return {
    jobName: t.string({ description: nameText }),
    instanceId: t.id({ description: `An instance to go on from, ${instanceIdText}` }),
    algorithm: t.field({ type: AlignmentAlgorithmEnum, description: 'How samples are aligned.' }),
    parties: t.field({ type: [AlignmentPartyInput], description: 'Who takes part with what; else as the job says.' }),
    largeDataAgentId: t.id({ description: `The agent with the larger dataset: ${agentIdText}` }),
    creatorAgentId: t.id({ description: `The agent that initiates the job: ${agentIdText}` }),
    encryptsResult: t.boolean({ description: 'Whether the result is saved encrypted.' }),
    runParameters: t.field({ type: SqlParametersInput, description: 'How the run is to use agents and aggregators.' }),
  };
}

const partyRule = z.object({
  agentId: agentRule,
  agentName: optional(z.string().min(1, 'at least 1 character')),
  datasetName: z.string().min(1, 'at least 1 character'),
  datasetId: optional(serviceIdRule('Dataset')),
  idColumn: elementRule,
});

/** The service takes maps by agent, and lists in the order of the agents. */
const partiesRule = z.array(partyRule).superRefine((parties, context) => {
  const refuse = (index: number, field: string, message: string) =>
    context.addIssue({ code: 'custom', path: [index, field], message });
  const bare = parties.map(({ agentId }) => agentId.replace(/^Agent:/, ''));
  parties.forEach((party, index) => {
    if (bare.indexOf(bare[index] ?? '') < index) refuse(index, 'agentId', 'each agent once');
    for (const field of ['agentName', 'datasetId'] as const)
      if (!party[field] && parties.some((other) => other[field]))
        refuse(index, field, 'required: other parties have it');
  });
});

/** The limits of these fields. */
export const alignmentRule = z.object({
  jobName: optional(nameRule),
  instanceId: optional(serviceIdRule('Instance')),
  parties: optional(partiesRule),
  largeDataAgentId: optional(agentRule),
  creatorAgentId: optional(agentRule),
  runParameters: optional(sqlParametersRule),
});

export const AlignSamplesInput = builder.inputRef<Alignment & JobTarget>('AlignSamplesInput').implement({
  description: 'An alignment of the samples that the datasets of a vertical job have in common.',
  fields: (t) => ({ ...targetFields(t, 'vfl'), ...alignmentFields(t) }),
});

/** The limits of `AlignSamplesInput`. */
export const alignSamplesRules = alignmentRule
  .extend({ id: jobRule('vfl'), agentId: optional(agentRule) })
  .superRefine(refuseOtherLeagues);

/** The fields that say which information values are calculated, and how. */
export function informationValueFields(t: InputFields) {
  return {
    jobName: t.string({ required: true, description: nameText }),
    instanceId: t.id({ description: `An instance to go on from, ${instanceIdText}` }),
    binning: t.field({ type: Binning.asInput(), required: true, description: 'How values are put into bins.' }),
    datasets: t.field({ type: [VerticalDatasetInput], required: true, description: 'The datasets; at least 1.' }),
    features: t.field({
      type: [JudgedFeaturesInput],
      required: true,
      description: 'The features to judge; at least 1 dataset, each once.',
    }),
    label: t.string({ required: true, description: labelText }),
    labelDatasetName: t.string({ required: true, description: labelDatasetText }),
    labelAgentId: t.id({ required: true, description: `The agent that has the label: ${agentIdText}` }),
    learningTask: t.field({ type: LearningTask.asInput(), description: 'What the model learns.' }),
    creatorAgentId: t.id({ description: `The agent that initiates the job: ${agentIdText}` }),
    predictsAlone: t.boolean({ description: 'Whether one partner predicts alone; else both do.' }),
    modelParameters: t.field({ type: ModelParametersInput, description: 'Such as how many bins: `splitCount`.' }),
    differentialPrivacy: t.field({
      type: DifferentialPrivacyInput,
      description: 'How the run is protected; with all of its fields.',
    }),
  };
}

const featuresRule = z
  .array(judgedFeaturesRule)
  .min(1, 'at least 1 dataset')
  .superRefine((choices, context) => {
    const ids = choices.map(({ datasetId }) => datasetId);
    ids.forEach((id, index) => {
      if (ids.indexOf(id) < index)
        context.addIssue({ code: 'custom', path: [index, 'datasetId'], message: 'each dataset once' });
    });
  });

/** The limits of these fields. */
export const informationValueRule = z.object({
  jobName: nameRule,
  instanceId: optional(serviceIdRule('Instance')),
  datasets: z.array(verticalDatasetRule).min(1, 'at least 1 dataset'),
  features: featuresRule,
  label: textRule(1000),
  labelDatasetName: labelDatasetRule,
  labelAgentId: agentRule,
  creatorAgentId: optional(agentRule),
  modelParameters: optional(modelParametersRule),
  differentialPrivacy: optional(fullDifferentialPrivacyRule),
});

export const CalculateInformationValueInput = builder
  .inputRef<InformationValueRun & JobTarget>('CalculateInformationValueInput')
  .implement({
    description: 'A binning of the features of a vertical job, and a calculation of their information values.',
    fields: (t) => ({ ...targetFields(t, 'vfl'), ...informationValueFields(t) }),
  });

/** The limits of `CalculateInformationValueInput`. */
export const calculateInformationValueRules = informationValueRule
  .extend({ id: jobRule('vfl'), agentId: optional(agentRule) })
  .superRefine(refuseOtherLeagues);
