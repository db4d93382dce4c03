import { id, input, list, object, required, text, type Refuse } from '../../shared/input.ts';
import { maxLength, type Limit } from '../../shared/limits.ts';
import { columnNames, datasetName, listable, listableBetweenDots } from '../inputs.ts';
import type { Maybe } from '../../../tics/jobs/learning/settings.ts';

/** Fields that inputs of learning jobs share. */

/** Label of a run; settings of a job have their own limit. */
export const label = text('Name of the column that holds the label.', maxLength(1000));
/** The dataset that has the label. */
export const labelDatasetName = text('Name of the dataset that has the label.', maxLength(100));
/** The agent that has the label. */
export const labelAgentId = id('Agent', 'The agent that has the label');
/** The agent that initiates the job. */
export const creatorAgentId = id('Agent', 'The agent that initiates the job');
/** A run that another one continues from. */
export const resumedInstanceId = id('Instance', 'An instance of the same league to go on from');

const datasetAgentId = required(id('Agent', 'The dataset’s agent'));
const partnerAlias = required(text('Alias of the partner who owns it.', listableBetweenDots));
const features = required(columnNames('Names of the columns.'));

export const HostAgentInput = input('HostAgentInput', {
  description: 'An agent that takes part in a job, by its id and its name.',
  fields: {
    agentId: required(id('Agent', 'The agent')),
    name: required(text('Name of the agent.', listable, maxLength(128))),
  },
});

export const HorizontalDatasetInput = input('HorizontalDatasetInput', {
  description: 'A dataset as horizontal jobs name it: by its owner and its name.',
  fields: { partnerAlias, name: required(datasetName) },
});

const VerticalDatasetInput = input('VerticalDatasetInput', {
  description: 'A dataset as vertical jobs name it: by its agent, its owner and its name.',
  fields: { agentId: datasetAgentId, partnerAlias, name: required(datasetName) },
});

const JobFeaturesInput = input('JobFeaturesInput', {
  description: 'The features that a job takes from one dataset.',
  fields: { agentId: datasetAgentId, datasetName: required(datasetName), features },
});

export const CandidateFeaturesInput = input('CandidateFeaturesInput', {
  description: 'The features of one dataset whose information values are wanted.',
  fields: {
    partnerAlias,
    agentId: datasetAgentId,
    datasetId: required(id('Dataset', 'The dataset')),
    datasetName: required(datasetName),
    features,
  },
});

/** Datasets of a vertical job. */
export function verticalDatasets(...limits: readonly Limit<readonly unknown[]>[]) {
  return list(object(VerticalDatasetInput, ''), 'The datasets.', ...limits);
}
/** Features of a vertical job. */
export const jobFeatures = list(object(JobFeaturesInput, ''), 'The features, by dataset.');

/** The league part of a global id. */
function leagueIn(id: string): string | undefined {
  return /^\w+:([^/]+)\/?/.exec(id)?.[1];
}

/** True if both are of one league. Malformed ids are reported by their own rule. */
export function sharesLeague(id: Maybe<string>, other: string): boolean {
  const [one, two] = [leagueIn(id ?? ''), leagueIn(other) ?? other];
  return one === undefined || one === two;
}

/** Refuses instances of other leagues than the job's, whichever field names them. */
export function refuseOtherLeagues(
  {
    id,
    instanceId,
    modelInstanceId,
  }: { readonly id: string; readonly instanceId?: Maybe<string>; readonly modelInstanceId?: Maybe<string> },
  refuse: Refuse,
): void {
  for (const [field, named] of Object.entries({ instanceId, modelInstanceId }))
    if (!sharesLeague(named, id)) refuse([field], 'of the same league as the job');
}
