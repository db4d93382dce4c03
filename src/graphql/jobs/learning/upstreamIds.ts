import { parseId } from '../../shared/ids.ts';
import type { Alignment, IdTruncation, InformationValueRun, VerticalRun } from '../../../tics/jobs/learning/run.ts';
import type {
  FeatureChoice,
  HorizontalSettings,
  Maybe,
  NewLearningJob,
  VerticalSettings,
} from '../../../tics/jobs/learning/settings.ts';
import { agentTicsId } from '../payloads.ts';

/**
 * Inputs hold global ids, the service takes raw ones. Each of these functions returns the input with raw ids.
 */

function agent(id: string): string {
  return parseId('Agent', id)[0];
}
function instance(id: Maybe<string>): string | undefined {
  return id ? parseId('Instance', id)[1] : undefined;
}
function dataset(id: Maybe<string>): string | undefined {
  return id ? parseId('Dataset', id)[1] : undefined;
}

function ofAgent<Part extends { readonly agentId: string }>(part: Part): Part {
  return {
    ...part,
    agentId: agent(part.agentId),
  };
}
function features(choices: Maybe<readonly FeatureChoice[]>) {
  return choices?.map(ofAgent);
}

/** A job to create. */
export function newLearningJob(job: NewLearningJob): NewLearningJob {
  return {
    ...job,
    modelInstanceId: instance(job.modelInstanceId),
    labelAgentId: agentTicsId(job.labelAgentId),
  };
}

/** Settings of a horizontal job. */
export function horizontalSettings(settings: HorizontalSettings): HorizontalSettings {
  return {
    ...settings,
    host: ofAgent(settings.host),
  };
}

/** Settings of a vertical job. */
export function verticalSettings(settings: VerticalSettings): VerticalSettings {
  return {
    ...settings,
    datasets: settings.datasets?.map(ofAgent),
    hosts: settings.hosts?.map(ofAgent),
    features: features(settings.features),
    labelAgentId: agentTicsId(settings.labelAgentId),
    creatorAgentId: agentTicsId(settings.creatorAgentId),
  };
}

/** A run of training, evaluation or prediction. */
export function verticalRun<Run extends Omit<VerticalRun, 'type'>>(run: Run): Run {
  return {
    ...run,
    modelInstanceId: instance(run.modelInstanceId),
    datasets: run.datasets?.map(ofAgent),
    features: features(run.features),
    labelAgentId: agentTicsId(run.labelAgentId),
    creatorAgentId: agentTicsId(run.creatorAgentId),
  };
}

/** A screening of samples. */
export function idTruncation(run: IdTruncation): IdTruncation {
  return {
    ...run,
    instanceId: instance(run.instanceId),
    labelAgentId: agentTicsId(run.labelAgentId),
    host: run.host && ofAgent(run.host),
  };
}

/** An alignment of samples. */
export function alignment(run: Alignment): Alignment {
  return {
    ...run,
    instanceId: instance(run.instanceId),
    parties: run.parties?.map((party) => ({ ...ofAgent(party), datasetId: dataset(party.datasetId) })),
    largeDataAgentId: agentTicsId(run.largeDataAgentId),
    creatorAgentId: agentTicsId(run.creatorAgentId),
  };
}

/** A calculation of information values. */
export function informationValueRun(run: InformationValueRun): InformationValueRun {
  return {
    ...run,
    instanceId: instance(run.instanceId),
    datasets: run.datasets.map(ofAgent),
    features: run.features.map((choice) => ({
      ...ofAgent(choice),
      datasetId: parseId('Dataset', choice.datasetId)[1],
    })),
    labelAgentId: agent(run.labelAgentId),
    creatorAgentId: agentTicsId(run.creatorAgentId),
  };
}
