import { z } from 'zod';
import { builder } from '../../builder.ts';
import { textRule } from '../../shared/limits.ts';
import { agentIdDescription } from '../../shared/mutations.ts';
import { serviceIdRule } from '../../shared/limits.ts';
import type { InputFields } from './parametersInput.ts';
import type { JudgedFeatures } from '../../../tics/jobs/learning/run.ts';
import type {
  FeatureChoice,
  HorizontalDataset,
  Maybe,
  NamedAgent,
  VerticalDataset,
} from '../../../tics/jobs/learning/settings.ts';
import type { JobKind } from '../../../tics/jobs/job.ts';

/** What the inputs of learning jobs are made of. */

/** What inputs say of their fields. */
export function jobIdText(kinds: string) {
  return `\`Job:<league>/${kinds}/<id>\`.`;
}
export const agentIdText = '`Agent:<id>`, or the bare id.';
export const instanceIdText = 'of the same league: `Instance:<league>/<id>`.';
export const nameText = 'Name of the job: 1 to 128 characters, no blank at either end, none of `\\ / : * ? " < >`.';
export const descriptionText = 'What the job is for; at most 512 characters.';
export const labelText = 'Name of the column that is learned; at most 1000 characters.';
export const labelDatasetText = 'Name of the dataset that has the label; at most 100 characters.';

/** The id of a job of some kinds. */
export function jobRule(...kinds: readonly JobKind[]) {
  return serviceIdRule('Job').refine((id) => kinds.some((kind) => kind === id.split('/')[1]), {
    error: `a job that looks like Job:<league>/${kinds.join('|')}/<job>`,
    // Of an id that is none, that is all there is to say.
    when: ({ issues }) => issues.length === 0,
  });
}

/** The league that the id of something in a league names. */
function leagueIn(id: string): string | undefined {
  return /^\w+:([^/]+)\/?/.exec(id)?.[1];
}

/** Whether something may be named together with something of another league; what is no id is told of alone. */
export function sharesLeague(id: Maybe<string>, other: string): boolean {
  const [one, two] = [leagueIn(id ?? ''), leagueIn(other) ?? other];
  return one === undefined || one === two;
}

/** Refuses instances of other leagues than the job's, whichever field names them. */
export function refuseOtherLeagues(
  { id, instanceId, modelInstanceId }: { id: string; instanceId?: Maybe<string>; modelInstanceId?: Maybe<string> },
  context: z.RefinementCtx,
): void {
  for (const [field, named] of Object.entries({ instanceId, modelInstanceId }))
    if (!sharesLeague(named, id))
      context.addIssue({ code: 'custom', path: [field], message: 'of the same league as the job' });
}

/** Which job is written to, through which agent. */
export interface JobTarget {
  readonly id: string;
  readonly agentId?: Maybe<string>;
}

/** The fields that name both. */
export function targetFields(t: InputFields, kinds: string) {
  return {
    id: t.id({ required: true, description: jobIdText(kinds) }),
    agentId: t.id({ description: agentIdDescription }),
  };
}

/** What stands between the commas of a list: it must be found again. */
export const elementRule = z
  .string()
  .min(1, 'at least 1 character')
  .regex(/^[^,，]*$/, 'no comma')
  .refine((text) => text === text.trim(), 'no blanks at either end');

/** What stands between dots as well. */
const aliasRule = elementRule.regex(/^[^.]*$/, 'no dot');

/** Names of columns. */
export const columnsRule = z.array(elementRule);
/** Names of datasets. */
export const datasetNamesRule = z.array(elementRule);

/** The limits of `HostAgentInput`. */
export const namedAgentRule = z.object({
  agentId: serviceIdRule('Agent'),
  name: elementRule.max(128, 'at most 128 characters'),
});

/** The limits of `HorizontalDatasetInput`. */
export const horizontalDatasetRule = z.object({ partnerAlias: aliasRule, name: elementRule });
/** The limits of `VerticalDatasetInput`. */
export const verticalDatasetRule = z.object({
  agentId: serviceIdRule('Agent'),
  partnerAlias: aliasRule,
  name: elementRule,
});
/** The limits of `JobFeaturesInput`. */
export const featureChoiceRule = z.object({
  agentId: serviceIdRule('Agent'),
  datasetName: elementRule,
  features: columnsRule,
});
/** The limits of `JudgedFeaturesInput`. */
export const judgedFeaturesRule = featureChoiceRule.extend({
  partnerAlias: aliasRule,
  datasetId: serviceIdRule('Dataset'),
});

/** Labels stand in fields of their own. */
export const labelDatasetRule = textRule(100);

const datasetNameText = 'Name of the dataset; no comma.';
const aliasText = 'Alias of the partner who owns it; no dot, no comma.';

export const HostAgentInput = builder.inputRef<NamedAgent>('HostAgentInput').implement({
  description: 'An agent that takes part in a job, by its id and its name.',
  fields: (t) => ({
    agentId: t.id({ required: true, description: agentIdText }),
    name: t.string({ required: true, description: 'Name of the agent; at most 128 characters, no comma.' }),
  }),
});

export const HorizontalDatasetInput = builder.inputRef<HorizontalDataset>('HorizontalDatasetInput').implement({
  description: 'A dataset as horizontal jobs name it: by its owner and its name.',
  fields: (t) => ({
    partnerAlias: t.string({ required: true, description: aliasText }),
    name: t.string({ required: true, description: datasetNameText }),
  }),
});

export const VerticalDatasetInput = builder.inputRef<VerticalDataset>('VerticalDatasetInput').implement({
  description: 'A dataset as vertical jobs name it: by its agent, its owner and its name.',
  fields: (t) => ({
    agentId: t.id({ required: true, description: `The dataset’s agent: ${agentIdText}` }),
    partnerAlias: t.string({ required: true, description: aliasText }),
    name: t.string({ required: true, description: datasetNameText }),
  }),
});

export const JobFeaturesInput = builder.inputRef<FeatureChoice>('JobFeaturesInput').implement({
  description: 'The features that a job takes from one dataset.',
  fields: (t) => ({
    agentId: t.id({ required: true, description: `The dataset’s agent: ${agentIdText}` }),
    datasetName: t.string({ required: true, description: datasetNameText }),
    features: t.stringList({ required: true, description: 'Names of the columns.' }),
  }),
});

export const JudgedFeaturesInput = builder.inputRef<JudgedFeatures>('JudgedFeaturesInput').implement({
  description: 'The features of one dataset whose information values are wanted.',
  fields: (t) => ({
    partnerAlias: t.string({ required: true, description: aliasText }),
    agentId: t.id({ required: true, description: `The dataset’s agent: ${agentIdText}` }),
    datasetId: t.id({ required: true, description: '`Dataset:<league>/<id>`.' }),
    datasetName: t.string({ required: true, description: datasetNameText }),
    features: t.stringList({ required: true, description: 'Names of the columns.' }),
  }),
});
