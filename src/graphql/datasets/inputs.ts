import { z } from 'zod';
import { builder } from '../builder.ts';
import { DatasetRegistrationInput, type RegistrationInput } from './registrationInput.ts';
import { always, isConnectorOf, registrationRule, serviceIdRule } from './rules.ts';

interface AgentInput {
  readonly agentId: string;
}

/** A dataset of an agent. */
export interface OneDatasetInput extends AgentInput {
  readonly id: string;
}

/** A dataset that is to be. */
export interface CreateInput extends AgentInput {
  readonly registration: RegistrationInput;
}

/** What a dataset is to be. */
export interface UpdateInput extends OneDatasetInput, CreateInput {}

/** Datasets of an agent. */
export interface DeleteInput extends AgentInput {
  readonly ids: readonly string[];
}

const agentIdText = 'The agent that holds it, or is to hold it: `Agent:<id>`, or the bare id.';
const idText = '`Dataset:<league>/<dataset>`.';

function createdBy<Name extends string>(name: Name, description: string) {
  return builder.inputRef<CreateInput>(name).implement({
    description,
    fields: (t) => ({
      agentId: t.id({ required: true, description: agentIdText }),
      registration: t.field({ type: DatasetRegistrationInput, required: true, description: 'What it is to be.' }),
    }),
  });
}

/** Input of `createDataset`. */
export const CreateDatasetInput = createdBy('CreateDatasetInput', 'A dataset to create.');
/** Input of `registerDataset`. */
export const RegisterDatasetInput = createdBy('RegisterDatasetInput', 'A dataset to create and to publish.');

/** Input of `updateDataset`. */
export const UpdateDatasetInput = builder.inputRef<UpdateInput>('UpdateDatasetInput').implement({
  description: 'What a dataset is to be.',
  fields: (t) => ({
    id: t.id({ required: true, description: idText }),
    agentId: t.id({ required: true, description: agentIdText }),
    registration: t.field({
      type: DatasetRegistrationInput,
      required: true,
      description: 'All of it: what is left out, the dataset has no more.',
    }),
  }),
});

/** Input of `publishDataset`. */
export const PublishDatasetInput = builder.inputRef<OneDatasetInput>('PublishDatasetInput').implement({
  description: 'A dataset to publish.',
  fields: (t) => ({
    id: t.id({ required: true, description: idText }),
    agentId: t.id({ required: true, description: agentIdText }),
  }),
});

/** Input of `deleteDatasets`. */
export const DeleteDatasetsInput = builder.inputRef<DeleteInput>('DeleteDatasetsInput').implement({
  description: 'Datasets to delete.',
  fields: (t) => ({
    ids: t.idList({ required: true, description: 'At least one, all of one agent: `Dataset:<league>/<dataset>`.' }),
    agentId: t.id({ required: true, description: 'The agent that holds them: `Agent:<id>`, or the bare id.' }),
  }),
});

const agentRule = { agentId: serviceIdRule('Agent') };
const datasetRule = { ...agentRule, id: serviceIdRule('Dataset') };

/** Rules of what is published. */
export const publishRules = z.object(datasetRule);

const ownConnector = {
  path: ['registration', 'connectorId'],
  error: 'a connector of the agent in agentId',
  ...always,
};

/** Rules of what is created. */
export const createRules = z
  .object({ ...agentRule, registration: registrationRule })
  .refine(({ agentId, registration }) => isConnectorOf(agentId, registration.connectorId), ownConnector);

/** Rules of what is updated. */
export const updateRules = z
  .object({ ...datasetRule, registration: registrationRule })
  .refine(({ agentId, registration }) => isConnectorOf(agentId, registration.connectorId), ownConnector);

function leagueIn(datasetId: string): string | undefined {
  return /^Dataset:([^/]+)\//.exec(datasetId)?.[1];
}

/** Rules of what is deleted. */
export const deleteRules = z
  .object({ ...agentRule, ids: z.array(serviceIdRule('Dataset')).min(1, 'at least 1 dataset') })
  .superRefine(({ ids }, context) => {
    const [league] = ids.map(leagueIn);
    for (const [index, id] of ids.entries())
      if (leagueIn(id) !== undefined && league !== undefined && leagueIn(id) !== league)
        context.addIssue({ code: 'custom', path: ['ids', index], message: 'of the same league as the first one' });
  }, always);
