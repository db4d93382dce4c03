import type { Maybe } from '../../tics/jobs/learning/settings.ts';
import type { JobKind } from '../../tics/jobs/job.ts';
import { id, list, required, text, writingAgentId } from '../shared/input.ts';
import { maxLength, nameLimits, type Limit } from '../shared/limits.ts';

/** Fields that the inputs of SQL jobs and of learning jobs share. */

/** Name of a job. */
export const jobName = text('Name of the job.', ...nameLimits);

/** Description of a job. */
export const jobDescription = text('What the job is for.', maxLength(512));

/** The league of a new job. */
export const leagueId = required(id('League', 'The league of the job'));

/** The job to write to, and the agent to write through. */
export interface JobTarget {
  readonly id: string;
  readonly agentId?: Maybe<string>;
}

/** The fields of a target: a job of one of some kinds, and the agent. */
export function targetFields(...kinds: readonly JobKind[]) {
  return { id: required(id('Job', 'The job', ...kinds)), agentId: writingAgentId };
}

function isListable(name: string, separators: RegExp): boolean {
  return name !== '' && !separators.test(name) && name === name.trim();
}

/** A name that the service stores in a comma-separated list, so it may hold no comma. */
export const listable: Limit<string> = {
  expected: 'not empty, no comma, no blank at either end',
  accepts: (name) => isListable(name, /[,，]/),
};

/** A name that is also separated by dots. */
export const listableBetweenDots: Limit<string> = {
  expected: 'not empty, no comma, no dot, no blank at either end',
  accepts: (name) => isListable(name, /[,，.]/),
};

/** Name of a dataset, in a list. */
export const datasetName = text('Name of the dataset.', listable);

/** Names of datasets. */
export function datasetNames(what: string, ...limits: readonly Limit<readonly string[]>[]) {
  return list(datasetName, what, ...limits);
}

/** Names of columns. */
export function columnNames(what: string) {
  return list(text('', listable), what);
}
