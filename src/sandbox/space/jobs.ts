import { recordPage, timestamp } from '../contract/formats.ts';
import type { Handlers } from '../contract/handler.ts';
import type { HorizontalJob, SqlJob, VerticalJob, World } from '../model/world.ts';
import { requestedLeague, ok, pageParameters } from './request.ts';

export const jobHandlers: Handlers = {
  /** §6.4.1 */
  listLeagueSqlJobs(request, world) {
    const { id } = requestedLeague(request, world);
    return ok(recordPage(world.jobsOfLeague(id, 'SQL'), pageParameters(request), (job) => sqlJobRow(world, job)));
  },

  /** §6.5.1: without prediction jobs, which only agents list. */
  listLeagueFlJobs(request, world) {
    const { id } = requestedLeague(request, world);
    return ok(recordPage(world.jobsOfLeague(id, 'HFL', 'VFL'), pageParameters(request), learningJobRow));
  },
};

function sqlJobRow(world: World, job: SqlJob) {
  return {
    id: job.id,
    name: job.name,
    description: job.description,
    deleted: false,
    job_type: job.type,
    domain_id: world.partner(job.partnerId)?.domainId ?? null,
    league_id: job.leagueId,
    creator_id: job.creatorId,
    creator_name: job.creatorName,
    create_time: timestamp(job.createdAtMs),
    update_user_id: job.updaterId,
    update_user_name: job.updaterName,
    update_time: timestamp(job.updatedAtMs),
    approval_status: job.approvalStatus,
  };
}

function learningJobRow(job: HorizontalJob | VerticalJob) {
  return {
    job_id: job.id,
    job_name: job.name,
    description: job.description,
    job_type: job.type,
    creator_name: job.creatorName,
    create_time: timestamp(job.createdAtMs),
    hfl_type: job.phase,
    hfl_platform_type: job.platform,
    algorithm_type: job.type === 'VFL' ? job.algorithm : null,
    learning_task_type: job.learningTask ?? null,
    approval_status: job.approvalStatus,
    is_single_predict: job.type === 'VFL' ? (job.isSinglePredict ?? null) : null,
    ext: job.ext ?? null,
  };
}
