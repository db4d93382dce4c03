import { parseId } from '../../shared/ids.ts';
import type { Alignment, IdTruncation, InformationValueRun, VerticalRun } from '../../../tics/jobs/learning/run.ts';
import type {
  FeatureChoice,
  HorizontalSettings,
  Maybe,
  NewLearningJob,
  VerticalSettings,
} from '../../../tics/jobs/learning/settings.ts';
import { bareAgentId } from '../payloads.ts';

/**
 * Inputs name things by their readable ids, the service by the bare ones: each of these answers the same input with bare
 * ids in it.
 */

const agent = (id: string): string => parseId('Agent', id)[0];
const instance = (id: Maybe<string>): string | undefined => (id ? parseId('Instance', id)[1] : undefined);
const dataset = (id: Maybe<string>): string | undefined => (id ? parseId('Dataset', id)[1] : undefined);

const ofAgent = <Part extends { readonly agentId: string }>(part: Part): Part => ({
  ...part,
  agentId: agent(part.agentId),
});
const features = (choices: Maybe<readonly FeatureChoice[]>) => choices?.map(ofAgent);

/** A job to create. */
export const newLearningJob = (job: NewLearningJob): NewLearningJob => ({
  ...job,
  modelInstanceId: instance(job.modelInstanceId),
  labelAgentId: bareAgentId(job.labelAgentId),
});

/** Settings of a horizontal job. */
export const horizontalSettings = (settings: HorizontalSettings): HorizontalSettings => ({
  ...settings,
  host: ofAgent(settings.host),
});

/** Settings of a vertical job. */
export const verticalSettings = (settings: VerticalSettings): VerticalSettings => ({
  ...settings,
  datasets: settings.datasets?.map(ofAgent),
  hosts: settings.hosts?.map(ofAgent),
  features: features(settings.features),
  labelAgentId: bareAgentId(settings.labelAgentId),
  creatorAgentId: bareAgentId(settings.creatorAgentId),
});

/** A run of training, evaluation or prediction. */
export const verticalRun = <Run extends Omit<VerticalRun, 'type'>>(run: Run): Run => ({
  ...run,
  modelInstanceId: instance(run.modelInstanceId),
  datasets: run.datasets?.map(ofAgent),
  features: features(run.features),
  labelAgentId: bareAgentId(run.labelAgentId),
  creatorAgentId: bareAgentId(run.creatorAgentId),
});

/** A screening of samples. */
export const idTruncation = (run: IdTruncation): IdTruncation => ({
  ...run,
  instanceId: instance(run.instanceId),
  labelAgentId: bareAgentId(run.labelAgentId),
  host: run.host && ofAgent(run.host),
});

/** An alignment of samples. */
export const alignment = (run: Alignment): Alignment => ({
  ...run,
  instanceId: instance(run.instanceId),
  parties: run.parties?.map((party) => ({ ...ofAgent(party), datasetId: dataset(party.datasetId) })),
  largeDataAgentId: bareAgentId(run.largeDataAgentId),
  creatorAgentId: bareAgentId(run.creatorAgentId),
});

/** A calculation of information values. */
export const informationValueRun = (run: InformationValueRun): InformationValueRun => ({
  ...run,
  instanceId: instance(run.instanceId),
  datasets: run.datasets.map(ofAgent),
  features: run.features.map((choice) => ({ ...ofAgent(choice), datasetId: parseId('Dataset', choice.datasetId)[1] })),
  labelAgentId: agent(run.labelAgentId),
  creatorAgentId: bareAgentId(run.creatorAgentId),
});
