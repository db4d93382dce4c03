import type { components } from '../../upstream/generated/space.d.ts';
import { memo } from '../../upstream/memo.ts';
import type { Planes } from '../planes/planes.ts';
import { count, rows, text, type Long } from '../../upstream/wire.ts';

type Schemas = components['schemas'];

/** A range of days in one league, both ends included. A missing end is open. */
export interface LeagueDays {
  readonly leagueId: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** Use of one dataset. */
export interface DatasetUsage {
  readonly leagueId: string;
  readonly datasetId: string | null;
  readonly datasetName: string | null;
  readonly accountName: string | null;
  readonly partnerAlias: string | null;
  readonly useCount: Long | null;
  readonly interceptedCount: Long | null;
}

/** Counts of jobs and instances. */
export interface JobUsage {
  readonly jobCount: Long | null;
  readonly instanceCount: Long | null;
  readonly succeededCount: Long | null;
  readonly failedCount: Long | null;
  readonly interceptedCount: Long | null;
}

/** Counts of one partner. */
export interface PartnerUsage extends JobUsage {
  readonly accountName: string | null;
  readonly partnerAlias: string | null;
  readonly accessCount: Long | null;
}

/** Counts of the account. */
export interface Overview {
  readonly leagueCount: Long | null;
  readonly agentCount: Long | null;
  readonly instanceCount: Long | null;
  readonly openNoticeCount: Long | null;
}

function toDatasetUsage(leagueId: string) {
  return (wire: Schemas['DatasetStatisticsRow']): DatasetUsage => ({
    leagueId,
    datasetId: text(wire.dataset_id),
    datasetName: text(wire.dataset_name),
    accountName: text(wire.dataset_domain_name),
    partnerAlias: text(wire.dataset_domain_alias),
    useCount: count(wire.dataset_use_cnt),
    interceptedCount: count(wire.dataset_intercept_cnt),
  });
}

function toJobUsage(wire: Schemas['JobStatistics']): JobUsage {
  return {
    jobCount: count(wire.job_cnt),
    instanceCount: count(wire.job_ins_cnt),
    succeededCount: count(wire.job_ins_success_cnt ?? wire.job_ins_successes_cnt),
    failedCount: count(wire.job_ins_fail_cnt),
    interceptedCount: count(wire.job_ins_intercept_cnt ?? wire.job_ins_intercepted_cnt),
  };
}

function toPartnerUsage(wire: Schemas['PartnerStatisticsRow']): PartnerUsage {
  return {
    accountName: text(wire.partner_domain_name),
    partnerAlias: text(wire.partner_domain_alias),
    accessCount: count(wire.partner_access_cnt),
    jobCount: count(wire.partner_job_cnt),
    instanceCount: count(wire.partner_job_ins_cnt),
    succeededCount: count(wire.partner_job_ins_success_cnt),
    failedCount: count(wire.partner_job_ins_fail_cnt),
    interceptedCount: count(wire.partner_job_ins_intercept_cnt),
  };
}

function toOverview(wire: Schemas['Overview']): Overview {
  return {
    leagueCount: count(wire.league_cnt),
    agentCount: count(wire.agent_cnt),
    instanceCount: count(wire.instance_cnt),
    openNoticeCount: count(wire.notice_to_handle_cnt),
  };
}

function requestOf({ leagueId, from, to }: LeagueDays) {
  return {
    path: { league_id: leagueId },
    query: { start_date: from ?? undefined, end_date: to ?? undefined },
  };
}

/** Reads statistics: totals over days of the service's calendar. */
export function createStatisticsLoaders({ space }: Planes) {
  /** `GET /v1/{p}/leagues/{l}/datasets-statistics` (6.1.1). A table of the reference nests the rows once more. */
  const datasets = memo(async (days: LeagueDays): Promise<readonly DatasetUsage[]> =>
    rows(rows(await space.read('getDatasetStatistics', requestOf(days))).flat()).map(toDatasetUsage(days.leagueId)),
  );

  return {
    datasets,
    /** Use of one dataset. Read from the league's rows: no call returns one alone. */
    dataset: async (days: LeagueDays, datasetId: string): Promise<DatasetUsage | undefined> =>
      (await datasets(days)).find((row) => row.datasetId === datasetId),
    /** `GET /v1/{p}/leagues/{l}/jobs-statistics` (6.1.2). */
    jobs: memo(async (days: LeagueDays) => toJobUsage(await space.read('getJobStatistics', requestOf(days)))),
    /** `GET /v1/{p}/leagues/{l}/partners-statistics` (6.1.3). A table of the reference nests the rows once more. */
    partners: memo(async (days: LeagueDays): Promise<readonly PartnerUsage[]> =>
      rows(rows(await space.read('getPartnerStatistics', requestOf(days))).flat()).map(toPartnerUsage),
    ),
    /** `GET /v1/{p}/overview/statistics` (6.1.4). */
    overview: memo<void, Overview>(async () => toOverview(await space.read('getOverview'))),
  };
}
