import { askForApproval, withdrawFromApproval } from '../approval.ts';
import type { Handlers, SandboxRequest } from '../handler.ts';
import type { SqlJob, World } from '../state.ts';
import { audit, callerOf, changeableJob, done, refused } from './caller.ts';
import { addJob, checkExt, deleteJob, newJob, refuseTakenName, touch } from './jobs.ts';
import { datasetsInStatement, unpublishedInStatement } from './references.ts';
import { refuseUnlessApproved, startAsked } from './start.ts';

/** The body of updateSqlJob. States and records of approval come along and are the service's own matter. */
interface SqlJobInput {
  readonly name: string;
  readonly description?: string;
  readonly sql_text: string;
  readonly ext?: string;
}

const datasetIdsOf = (world: World, { leagueId, sql }: SqlJob): string[] =>
  datasetsInStatement(world, leagueId, sql).map(({ id }) => id);

/** A job with a statement over datasets that the league sees; which those are is looked up anew. */
const runnableJob = (request: SandboxRequest, world: World): SqlJob => {
  const job = changeableJob(request, world, 'SQL');
  if (job.sql.trim() === '') throw refused(request, 'jobIncomplete', job.name);
  const hidden = unpublishedInStatement(world, job.partnerId, job.sql);
  if (hidden !== undefined) throw refused(request, 'notPublished', hidden.name);
  job.datasetIds = datasetIdsOf(world, job);
  return job;
};

export const sqlJobWrites: Handlers = {
  /** §7.8.1 */
  createSqlJob: (request, world) =>
    addJob(request, world, { ...newJob(request, world), type: 'SQL', sql: '', isPrivateLookup: false }),

  /** §7.8.2: whatever was said of the job before is said of another one. */
  updateSqlJob(request, world) {
    const job = changeableJob(request, world, 'SQL');
    const { name, description = '', sql_text: sql, ext } = request.body as SqlJobInput;
    refuseTakenName(request, world, name, job);
    checkExt(request, ext);
    Object.assign(job, { name, description, sql, ext });
    job.datasetIds = datasetIdsOf(world, job);
    withdrawFromApproval(world, job, 'NEW');
    touch(request, world, job);
    return done;
  },

  /** §7.8.5 */
  submitSqlJobForApproval(request, world) {
    const job = runnableJob(request, world);
    if (!world.league(job.leagueId)?.approvalRequired) throw refused(request, 'approvalNotNeeded');
    if (job.approvalStatus === 'APPROVING' || job.approvalStatus === 'APPROVED') {
      throw refused(request, 'wrongApprovalStatus', job.approvalStatus);
    }
    askForApproval(world, job);
    audit(world, callerOf(request, world), `submit job [${job.name}] id: [${job.id}] for approval`);
    return done;
  },

  /** §7.8.6 */
  cancelSqlJobApproval(request, world) {
    const job = changeableJob(request, world, 'SQL');
    if (job.approvalStatus !== 'APPROVING') throw refused(request, 'wrongApprovalStatus', job.approvalStatus);
    withdrawFromApproval(world, job, 'REVOKED');
    audit(world, callerOf(request, world), `cancel approval of job [${job.name}] id: [${job.id}]`);
    return done;
  },

  /** §7.8.7 */
  executeSqlJob(request, world) {
    const job = runnableJob(request, world);
    refuseUnlessApproved(request, world, job);
    return startAsked(request, world, { job, type: job.isPrivateLookup ? 'PIR_SQL' : 'SQL' });
  },

  /** §7.8.8 */
  deleteSqlJob(request, world) {
    deleteJob(request, world, changeableJob(request, world, 'SQL'));
    return done;
  },
};
