import type { HorizontalPhase, Instance, InstanceType, RunStatus, World } from '../model/world.ts';
import { executionGraph } from './graph.ts';
import type { GraphNode } from './graph.ts';
import { metricsOf } from './metrics.ts';
import type { Metrics } from '../model/execution.ts';
import { recordsRead } from './synthetic.ts';
import { resultRecordCount, storageAgentsOf } from './result.ts';

export interface InstanceReport {
  readonly status: RunStatus;
  readonly type: InstanceType;
  readonly jobName: string;
  readonly executorName: string;
  readonly executedAtMs: number;
  /** Of a horizontal job. */
  readonly phase: HorizontalPhase | undefined;
  readonly aggregatorName: string;
  readonly ext: string | undefined;
  readonly metrics: Metrics | undefined;
  readonly storageAgentNames: readonly string[];
  readonly storageAliases: readonly string[];
  readonly parties: readonly {
    readonly domainName: string;
    readonly alias: string;
    readonly datasetName: string;
    readonly agentName: string;
    readonly outputCount: number;
  }[];
  readonly rounds: readonly { readonly round: number; readonly nodes: readonly GraphNode[] }[];
}

/** The report of a run as far as it has got. */
export function reportOf(world: World, instance: Instance): InstanceReport {
  const job = world.job(instance.jobId);
  const metrics = metricsOf(world, instance);
  const storageAgentIds = storageAgentsOf(instance);
  const aggregator = world.nodesOfLeague(instance.leagueId).find(({ type }) => type === 'AGG');
  return {
    status: instance.status,
    type: instance.type,
    jobName: instance.jobName,
    executorName: instance.executorName,
    executedAtMs: instance.startedAtMs,
    phase: job?.type === 'HFL' ? job.phase : undefined,
    aggregatorName: `${aggregator?.name ?? ''}(SANDBOX)`,
    ext: instance.ext,
    metrics,
    storageAgentNames: storageAgentIds.map((id) => world.agent(id)?.name ?? ''),
    storageAliases: [...new Set(storageAgentIds.map((id) => world.aliasOfAgent(id)))],
    parties: parties(world, instance),
    rounds: Array.from({ length: world.roundOf(instance) }, (_, index) => ({
      round: index + 1,
      nodes: executionGraph(world, instance, index + 1),
    })),
  };
}

function parties(world: World, instance: Instance): InstanceReport['parties'] {
  const isAloneAnalysis = instance.agentIds.length === 1 && instance.type === 'SQL';
  return instance.datasetIds
    .map((id) => world.dataset(id))
    .filter((dataset) => dataset !== undefined)
    .map((dataset) => {
      const partner = world.partner(dataset.partnerId);
      const output = isAloneAnalysis ? resultRecordCount(world, instance) : recordsRead(instance, dataset);
      return {
        domainName: partner?.domainName ?? '',
        alias: partner?.alias ?? '',
        datasetName: dataset.name,
        agentName: world.agent(dataset.agentId)?.name ?? '',
        outputCount: instance.status === 'SUCCEEDED' ? output : 0,
      };
    });
}
