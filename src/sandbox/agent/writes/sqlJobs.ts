import { requestApproval, resetApproval } from '../../lifecycle/approval.ts';
import type { Handlers, SandboxRequest } from '../../contract/handler.ts';
import type { ApprovalRecord, SqlJob, World } from '../../model/world.ts';
import { audit, callerOf, editableJob, emptyAnswer, agentError } from './caller.ts';
import { addJob, checkExt, deleteJob, newJob, refuseTakenName, touch } from './jobs.ts';
import { datasetsByName } from './datasetReferences.ts';
import { datasetsOfStatement, submissionError, type StatementDatasets } from './statementDatasets.ts';
import { refuseUnlessApproved, startRequestedRun } from './startRun.ts';

/** The body of updateSqlJob. The service ignores its approval status. */
interface SqlJobInput {
  readonly name: string;
  readonly description?: string;
  readonly sql_text: string;
  readonly ext?: string;
  readonly approval_records?: readonly {
    readonly approval_partner_alias: string;
    readonly datasets?: string;
    readonly comment?: string;
  }[];
}

/** The approval records of the request. Each partner once; its datasets must be visible to the league. */
function recordsOf(request: SandboxRequest, world: World, job: SqlJob): ApprovalRecord[] {
  const { approval_records: records = [] } = request.body as SqlJobInput;
  const aliases = records.map(({ approval_partner_alias: alias }) => alias);
  const known = world.partnersOfLeague(job.leagueId).map(({ alias }) => alias);
  const unknown = aliases.find((alias) => !known.includes(alias));
  if (unknown !== undefined) throw agentError(request, 'notFound', `partner ${unknown}`);
  if (new Set(aliases).size < aliases.length) throw agentError(request, 'requestInvalid', 'each partner once');
  return records.map(({ approval_partner_alias: partnerAlias, datasets = '', comment = '' }) => ({
    partnerAlias,
    datasetNames: datasetsByName(request, world, partnerAlias, datasets).map(({ name }) => name),
    // Only the partner decides, and decisions on the previous version are void.
    status: 'NEW',
    comment,
  }));
}

/** The job of the path and the datasets of its statement. Throws NOT_PUBLISHED for an own one that is not published. */
async function readableJob(
  request: SandboxRequest,
  world: World,
): Promise<{ readonly job: SqlJob; readonly statement: StatementDatasets }> {
  const job = editableJob(request, world, 'SQL');
  if (job.sql.trim() === '') throw agentError(request, 'jobIncomplete', job.name);
  const statement = await datasetsOfStatement(world, job, job.sql);
  if (statement.unpublished !== undefined) throw agentError(request, 'notPublished', statement.unpublished.name);
  return { job, statement };
}

function idsOf({ datasets }: StatementDatasets): string[] {
  return datasets.map(({ id }) => id);
}

export const sqlJobWrites: Handlers = {
  /** §7.8.1 */
  createSqlJob: (request, world) =>
    addJob(request, world, { ...newJob(request, world), type: 'SQL', sql: '', isPrivateLookup: false }),

  /** §7.8.2: resets the approval. */
  async updateSqlJob(request, world) {
    const job = editableJob(request, world, 'SQL');
    const { name, description = '', sql_text: sql, ext } = request.body as SqlJobInput;
    const statement = await datasetsOfStatement(world, job, sql);
    refuseTakenName(request, world, name, job);
    checkExt(request, ext);
    const approvals = recordsOf(request, world, job);
    Object.assign(job, { name, description, sql, ext, seededQuery: undefined });
    job.datasetIds = idsOf(statement);
    resetApproval(world, job, 'NEW');
    job.approvals = approvals;
    touch(request, world, job);
    return emptyAnswer;
  },

  /** §7.8.5 */
  async submitSqlJobForApproval(request, world) {
    const { job, statement } = await readableJob(request, world);
    if (!world.league(job.leagueId)?.approvalRequired) throw agentError(request, 'approvalNotNeeded');
    if (job.approvalStatus === 'APPROVING' || job.approvalStatus === 'APPROVED') {
      throw agentError(request, 'wrongApprovalStatus', job.approvalStatus);
    }
    const error = submissionError(request, statement);
    if (error) throw error;
    job.datasetIds = idsOf(statement);
    requestApproval(world, job);
    audit(world, callerOf(request, world), `submit job [${job.name}] id: [${job.id}] for approval`);
    return emptyAnswer;
  },

  /** §7.8.6 */
  cancelSqlJobApproval(request, world) {
    const job = editableJob(request, world, 'SQL');
    if (job.approvalStatus !== 'APPROVING') throw agentError(request, 'wrongApprovalStatus', job.approvalStatus);
    resetApproval(world, job, 'REVOKED');
    audit(world, callerOf(request, world), `cancel approval of job [${job.name}] id: [${job.id}]`);
    return emptyAnswer;
  },

  /** §7.8.7 */
  async executeSqlJob(request, world) {
    const { job, statement } = await readableJob(request, world);
    refuseUnlessApproved(request, world, job);
    // An approval covers the datasets that were submitted.
    if (!world.league(job.leagueId)?.approvalRequired) job.datasetIds = idsOf(statement);
    return startRequestedRun(request, world, { job, type: 'SQL' });
  },

  /** §7.8.8 */
  deleteSqlJob(request, world) {
    deleteJob(request, world, editableJob(request, world, 'SQL'));
    return emptyAnswer;
  },
};
