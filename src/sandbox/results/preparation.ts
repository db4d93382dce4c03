import { Random } from '../model/random.ts';
import type { BinningType, Instance, InstanceType, RunStatus, VerticalJob, World } from '../model/world.ts';
import { isSynthetic } from './synthetic.ts';
import { alignedCount, pathOf, resultRecordCount } from './result.ts';

function latest(world: World, job: VerticalJob, type: InstanceType): Instance | undefined {
  return world.instancesOfJob(job.id).find((instance) => instance.type === type);
}

export interface FeatureSelection {
  readonly instanceId: string;
  readonly binning: BinningType | undefined;
  readonly status: RunStatus;
  /** Information values as JSON text, best first; undefined until it succeeded. */
  readonly resultText: string | undefined;
}

/** Result of the latest feature selection. */
export function featureSelectionOf(
  world: World,
  job: VerticalJob,
  type: InstanceType = 'VFL_FEATURE_SELECTION',
): FeatureSelection | undefined {
  const instance = latest(world, job, type);
  if (!instance) return undefined;
  const { id, status } = instance;
  const succeeded = status === 'SUCCEEDED' && type === 'VFL_FEATURE_SELECTION';
  return {
    instanceId: id,
    binning: (instance.jobSnapshot?.type === 'VFL' ? instance.jobSnapshot : job).binning,
    status,
    resultText: succeeded ? JSON.stringify(informationValues(world, job, instance)) : undefined,
  };
}

function informationValues(world: World, job: VerticalJob, instance: Instance): readonly object[] {
  if (!isSynthetic(instance)) return calculatedValues(world, instance);
  const random = new Random(`${instance.id}/iv`);
  const values = job.features.flatMap(({ agentId, datasetName, features }) =>
    features.map((feature) => ({
      partner_alias: world.aliasOfAgent(agentId),
      agent_id: agentId,
      dataset_name: datasetName,
      feature,
      iv: Number((random.next() ** 2 * 0.8).toFixed(4)),
      bins: random.int(5, 10),
    })),
  );
  return values.sort((a, b) => b.iv - a.iv);
}

function calculatedValues(world: World, { results }: Instance): readonly object[] {
  return (results?.informationValues ?? []).map(({ agentId, datasetName, feature, iv, bins }) => ({
    partner_alias: world.aliasOfAgent(agentId),
    agent_id: agentId,
    dataset_name: datasetName,
    feature,
    iv,
    bins,
  }));
}

export interface SampleAlignment {
  readonly instanceId: string;
  readonly type: InstanceType;
  readonly status: RunStatus;
  /** `alias.dataset,alias.dataset`. */
  readonly datasets: string;
  readonly recordCount: number;
  readonly path: string | undefined;
  /** Per-party counts as JSON text; executed runs only. */
  readonly resultText: string | undefined;
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
}

/** Result of the latest alignment. */
export function sampleAlignmentOf(
  world: World,
  job: VerticalJob,
  type: InstanceType = 'VFL_SAMPLE_ALIGNMENT',
): SampleAlignment | undefined {
  const instance = latest(world, job, type);
  if (!instance) return undefined;
  const succeeded = instance.status === 'SUCCEEDED';
  return {
    instanceId: instance.id,
    type: instance.type,
    status: instance.status,
    datasets: instance.datasetIds
      .map((id) => world.dataset(id))
      .filter((dataset) => dataset !== undefined)
      .map(({ partnerId, name }) => `${world.partner(partnerId)?.alias ?? ''}.${name}`)
      .join(','),
    recordCount: succeeded ? recordCountOf(world, instance) : 0,
    path: succeeded ? pathOf(instance) : undefined,
    resultText: succeeded ? partiesText(world, instance) : undefined,
    startedAtMs: instance.startedAtMs,
    endedAtMs: instance.endedAtMs,
  };
}

function recordCountOf(world: World, instance: Instance): number {
  return isSynthetic(instance)
    ? alignedCount(world, { id: instance.jobId, datasetIds: instance.datasetIds })
    : resultRecordCount(world, instance);
}

function partiesText(world: World, { results }: Instance): string | undefined {
  return (
    results?.alignment &&
    JSON.stringify(
      results.alignment.parties.map(({ agentId, datasetName, recordCount, keptCount }) => ({
        partner_alias: world.aliasOfAgent(agentId),
        agent_id: agentId,
        dataset_name: datasetName,
        record_count: recordCount,
        kept_count: keptCount,
      })),
    )
  );
}
