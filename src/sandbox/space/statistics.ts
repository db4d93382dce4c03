import { withinDays } from '../contract/formats.ts';
import type { Handlers, SandboxRequest } from '../contract/handler.ts';
import type { Instance, Job, World } from '../model/world.ts';
import { requestedLeague, ok, textParameter } from './request.ts';

/** Counted from jobs and runs: jobs by creation day, runs by start day. Intercepted runs count as failed too. */
export const statisticsHandlers: Handlers = {
  /** §6.1.1: one row per published dataset. */
  getDatasetStatistics(request, world) {
    const league = requestedLeague(request, world);
    const runs = requestedRuns(request, world, league.id);
    const uses = new Map<string, { used: number; intercepted: number }>();
    for (const { datasetIds, status, intercepted } of runs) {
      for (const id of datasetIds) {
        const use = uses.get(id) ?? { used: 0, intercepted: 0 };
        uses.set(id, { used: use.used + 1, intercepted: use.intercepted + Number(status === 'FAILED' && intercepted) });
      }
    }
    return ok(
      world.datasetsOfLeague(league.id).map((dataset) => {
        const partner = world.partner(dataset.partnerId);
        const use = uses.get(dataset.id);
        return {
          dataset_id: dataset.id,
          dataset_name: dataset.name,
          dataset_use_cnt: use?.used ?? 0,
          dataset_intercept_cnt: use?.intercepted ?? 0,
          dataset_domain_name: partner?.domainName ?? null,
          dataset_domain_alias: partner?.alias ?? null,
        };
      }),
    );
  },

  /** §6.1.2 */
  getJobStatistics(request, world) {
    const league = requestedLeague(request, world);
    const counts = countRuns(requestedRuns(request, world, league.id));
    return ok({
      job_cnt: requestedJobs(request, world, league.id).length,
      job_ins_cnt: counts.all,
      job_ins_success_cnt: counts.succeeded,
      job_ins_fail_cnt: counts.failed,
      job_ins_intercept_cnt: counts.intercepted,
    });
  },

  /** §6.1.3: one row per member. Runs belong to their starter; every participant counts an access. */
  getPartnerStatistics(request, world) {
    const league = requestedLeague(request, world);
    const runs = requestedRuns(request, world, league.id);
    const jobs = requestedJobs(request, world, league.id);
    return ok(
      world.membersOfLeague(league.id).map((partner) => {
        const takesPart = ({ agentIds }: Instance): boolean =>
          agentIds.some((id) => world.agent(id)?.partnerId === partner.id);
        const counts = countRuns(runs.filter(({ partnerId }) => partnerId === partner.id));
        return {
          partner_domain_name: partner.domainName,
          partner_domain_alias: partner.alias,
          partner_access_cnt: runs.filter(takesPart).length,
          partner_job_cnt: jobs.filter(({ partnerId }) => partnerId === partner.id).length,
          partner_job_ins_cnt: counts.all,
          partner_job_ins_success_cnt: counts.succeeded,
          partner_job_ins_fail_cnt: counts.failed,
          partner_job_ins_intercept_cnt: counts.intercepted,
        };
      }),
    );
  },

  /** §6.1.4 */
  getOverview: (_, world) =>
    ok({
      agent_cnt: world.agents.length,
      instance_cnt: world.instances.length,
      league_cnt: world.leagues.length,
      notice_to_handle_cnt: world.membershipNotices.filter(
        ({ partnerId }) => world.partner(partnerId)?.status === 'JOIN_PENDING_APPROVAL',
      ).length,
    }),
};

function requestedDays(request: SandboxRequest): (ms: number) => boolean {
  return withinDays(textParameter(request, 'start_date'), textParameter(request, 'end_date'));
}

function requestedRuns(request: SandboxRequest, world: World, leagueId: string): readonly Instance[] {
  const within = requestedDays(request);
  return world.instancesOfLeague(leagueId).filter(({ startedAtMs }) => within(startedAtMs));
}

function requestedJobs(request: SandboxRequest, world: World, leagueId: string): readonly Job[] {
  const within = requestedDays(request);
  return world.jobsOfLeague(leagueId, 'SQL', 'HFL', 'VFL', 'PREDICT').filter(({ createdAtMs }) => within(createdAtMs));
}

function countRuns(runs: readonly Instance[]): Record<'all' | 'succeeded' | 'failed' | 'intercepted', number> {
  return {
    all: runs.length,
    succeeded: runs.filter(({ status }) => status === 'SUCCEEDED').length,
    failed: runs.filter(({ status }) => status === 'FAILED').length,
    intercepted: runs.filter(({ status, intercepted }) => status === 'FAILED' && intercepted).length,
  };
}
