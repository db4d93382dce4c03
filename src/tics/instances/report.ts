import type { components } from '../../upstream/generated/space.d.ts';
import { memo } from '../../upstream/memo.ts';
import type { Planes } from '../planes/planes.ts';
import {
  commaList,
  count,
  instant,
  integer,
  jsonText,
  rows,
  text,
  type JsonText,
  type Long,
} from '../../upstream/wire.ts';
import type { OpenEnum } from '../../upstream/openEnum.ts';
import { toExecutionGraph, type ExecutionGraph } from './executionGraph.ts';
import { toMetrics, type Metrics } from './metrics.ts';
import {
  horizontalPhase,
  instanceStatus,
  instanceType,
  type horizontalPhases,
  type instanceStatuses,
  type instanceTypes,
} from './enums.ts';

type Schemas = components['schemas'];

/** A dataset that a run used, and its owner. */
export interface ReportDataset {
  readonly accountName: string | null;
  readonly partnerAlias: string | null;
  readonly datasetName: string | null;
  readonly agentName: string | null;
  readonly outputCount: Long | null;
}

/** Where a run took place. */
export interface ReportEnvironment {
  readonly regionId: string | null;
  readonly projectId: string | null;
  readonly leagueId: string | null;
  readonly leagueName: string | null;
  readonly aggregatorName: string | null;
}

/** Output of a run. */
export interface ReportOutput {
  readonly extra: JsonText;
  readonly metrics: Metrics | null;
  readonly storagePartnerAliases: readonly string[];
  readonly storageAgentNames: readonly string[];
}

/** Report of a run. */
export interface InstanceReport {
  readonly jobName: string | null;
  readonly status: OpenEnum<typeof instanceStatuses>;
  readonly type: OpenEnum<typeof instanceTypes>;
  /** Null for all but horizontal jobs. */
  readonly horizontalPhase: OpenEnum<typeof horizontalPhases> | null;
  readonly executorName: string | null;
  readonly startedAt: string | null;
  readonly datasets: readonly ReportDataset[];
  readonly environment: ReportEnvironment | null;
  readonly output: ReportOutput | null;
  readonly rounds: readonly ExecutionGraph[];
}

function toDataset(wire: Schemas['InstanceReportPartner']): ReportDataset {
  return {
    accountName: text(wire.partner_domain_name),
    partnerAlias: text(wire.partner_domain_alias),
    datasetName: text(wire.dataset_name),
    agentName: text(wire.agent_name),
    outputCount: count(wire.data_output_cnt ?? wire.data_output_count),
  };
}

function toEnvironment(wire: Schemas['InstanceReportEnvironment']): ReportEnvironment {
  return {
    regionId: text(wire.region_id),
    projectId: text(wire.project_id),
    leagueId: text(wire.league_id),
    leagueName: text(wire.league_name),
    aggregatorName: text(wire.agg_name),
  };
}

function toOutput(wire: Schemas['InstanceReportOutput']): ReportOutput {
  return {
    extra: jsonText(wire.ext),
    metrics: toMetrics(wire.metrics),
    storagePartnerAliases: commaList(wire.result_storage_domain_alias),
    storageAgentNames: commaList(wire.result_storage_agent_name),
  };
}

function toReport(wire: Schemas['InstanceReport']): InstanceReport {
  return {
    jobName: text(wire.job_report_base_info?.job_name),
    status: instanceStatus(wire.job_report_base_info?.status),
    type: instanceType(wire.job_report_base_info?.job_type),
    horizontalPhase: wire.job_report_base_info?.hfl_type ? horizontalPhase(wire.job_report_base_info.hfl_type) : null,
    executorName: text(wire.job_report_base_info?.executor),
    startedAt: instant(wire.job_report_base_info?.exe_time),
    datasets: rows(wire.job_report_partners).map(toDataset),
    environment: wire.job_report_env ? toEnvironment(wire.job_report_env) : null,
    output: wire.job_report_output ? toOutput(wire.job_report_output) : null,
    rounds: rows(wire.round_deploys).map(({ round_id: round, deploys }) => toExecutionGraph(integer(round), deploys)),
  };
}

/** Reads reports. */
export function createReportLoaders({ space }: Planes) {
  return {
    /** `GET …/leagues/{l}/job-instances/{i}/report` (6.6.3). */
    report: memo(async ({ leagueId, instanceId }: { leagueId: string; instanceId: string }): Promise<InstanceReport> =>
      toReport(await space.read('getInstanceReport', { path: { league_id: leagueId, instance_id: instanceId } })),
    ),
  };
}
