import { parseId } from '../shared/ids.ts';
import { id, input, list, object, required, type Refuse } from '../shared/input.ts';
import { atLeastOne } from '../shared/limits.ts';
import { DatasetRegistrationInput } from './registrationInput.ts';

const agentId = required(id('Agent', 'The agent that holds the dataset, or is to hold it'));
const datasetId = required(id('Dataset', 'The dataset'));

function parsed(kind: 'Agent' | 'Connector', written: string): readonly string[] | null {
  try {
    return parseId(kind, written);
  } catch {
    return null;
  }
}

/** A connector reaches data of its own agent only. Ids that are none have their own rules. */
function checkConnector(
  { agentId, registration }: { readonly agentId: string; readonly registration: { readonly connectorId: string } },
  refuse: Refuse,
): void {
  const [agent, connector] = [parsed('Agent', agentId), parsed('Connector', registration.connectorId)];
  if (agent !== null && connector !== null && agent[0] !== connector[0])
    refuse(['registration', 'connectorId'], 'a connector of the agent in agentId');
}

function createdBy(name: string, description: string) {
  return input(name, {
    description,
    fields: { agentId, registration: required(object(DatasetRegistrationInput, 'What it is to be.')) },
    check: checkConnector,
  });
}

/** Input of `createDataset`. */
export const CreateDatasetInput = createdBy('CreateDatasetInput', 'A dataset to create.');
/** Input of `registerDataset`. */
export const RegisterDatasetInput = createdBy('RegisterDatasetInput', 'A dataset to create and to publish.');

/** Input of `updateDataset`. */
export const UpdateDatasetInput = input('UpdateDatasetInput', {
  description: 'What a dataset is to be.',
  fields: {
    id: datasetId,
    agentId,
    registration: required(object(DatasetRegistrationInput, 'All of it: what is left out, the dataset has no more.')),
  },
  check: checkConnector,
});

/** Input of `publishDataset`. */
export const PublishDatasetInput = input('PublishDatasetInput', {
  description: 'A dataset to publish.',
  fields: { id: datasetId, agentId },
});

function leagueIn(written: string): string | undefined {
  return /^Dataset:([^/]+)\//.exec(written)?.[1];
}

/** Input of `deleteDatasets`. */
export const DeleteDatasetsInput = input('DeleteDatasetsInput', {
  description: 'Which datasets are to be deleted.',
  fields: {
    ids: required(list(id('Dataset', ''), 'The datasets, all of one agent', atLeastOne('dataset'))),
    agentId: required(id('Agent', 'The agent that holds them')),
  },
  check: ({ ids }, refuse) => {
    const [league] = ids.map(leagueIn);
    for (const [index, given] of ids.entries())
      if (leagueIn(given) !== undefined && league !== undefined && leagueIn(given) !== league)
        refuse(['ids', index], 'of the same league as the first one');
  },
});
