import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../context.ts';
import { findRow } from '../../tics/pages.ts';
import { jsonText } from '../../upstream/wire.ts';
import { isUnderWay } from '../../tics/instances/states.ts';
import type { instanceTypes } from '../../tics/instances/enums.ts';
import type { JobApproval } from '../../tics/jobs/definition.ts';
import type { JobResult } from './payloads.ts';
import type { Job } from '../../tics/jobs/job.ts';
import { sqlExt, type ApprovalToSave, type NewSqlJob, type SqlJobChange } from '../../tics/jobs/sql/writes.ts';
import type { jobApprovalStatuses } from '../../tics/jobs/enums.ts';

/** Reconciles writes on jobs with an unknown outcome, as far as one read afterwards allows. */

/** The creation and change times of a new job may differ by this much. */
const sameTimeMs = 1000;

/** True if a job was never saved. One that was is older than the write in question. */
function isUntouched({ createdAt, updatedAt }: Job): boolean {
  return createdAt === null || updatedAt === null || Date.parse(updatedAt) - Date.parse(createdAt) <= sameTimeMs;
}

/** The created job: never saved, and of this name, which is unique in a league. */
export async function findNewSqlJob(
  { leagueId, name, description }: NewSqlJob,
  { loaders }: Context,
): Promise<JobResult | null> {
  const [list] = loaders.jobs.lists(leagueId, ['SQL'], {});
  const job = list && (await findRow(list.read, (row) => row.name === name));
  const isMeant =
    job?.approvalStatus.value === 'NEW' && isUntouched(job) && (job.description ?? '') === (description ?? '');
  return job !== undefined && isMeant ? { leagueId, kind: 'sql', jobId: job.ticsId } : null;
}

/** The requested approvals, without the decision, which is the partner's own whatever was sent. */
function asked({ partnerAlias, datasetNames, comment }: ApprovalToSave | JobApproval) {
  return {
    partnerAlias,
    datasetNames: datasetNames ?? [],
    comment: comment ?? '',
  };
}

/** True if the job has every field of a change. */
export async function isSaved(
  job: JobResult,
  { name, description, sql, executionParameters, approvals }: SqlJobChange,
  { loaders }: Context,
): Promise<boolean> {
  const saved = await loaders.jobs.sqlJob(job);
  const wanted = executionParameters ? jsonText(sqlExt(executionParameters)).value : saved.parameters.value;
  return (
    (name ?? saved.name) === saved.name &&
    (description ?? saved.description) === saved.description &&
    (sql ?? saved.sql) === saved.sql &&
    isDeepStrictEqual(wanted, saved.parameters.value) &&
    isDeepStrictEqual((approvals ?? saved.approvals).map(asked), saved.approvals.map(asked))
  );
}

/** True if the job's approval is in one of these states. */
export async function hasApprovalStatus(
  job: JobResult,
  statuses: readonly (keyof typeof jobApprovalStatuses)[],
  { loaders }: Context,
): Promise<boolean> {
  const { approvalStatus } = await loaders.jobs.sqlJob(job);
  return statuses.some((status) => status === approvalStatus.value);
}

/** The only running run of a job and type: the one that was started. Null if there is none, or more than one. */
export async function findRunUnderWay(
  { leagueId, jobId }: JobResult,
  { loaders }: Context,
  type?: keyof typeof instanceTypes,
): Promise<string | null> {
  const { rows } = await loaders.instances.allOfJob({ leagueId, jobId });
  const [run, ...others] = rows.filter((row) => isUnderWay(row) && (type === undefined || row.type.value === type));
  return run === undefined || others.length > 0 ? null : run.ticsId;
}
