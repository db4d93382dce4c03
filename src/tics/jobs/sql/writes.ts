import { GatewayError } from '../../../errors.ts';
import type { components } from '../../../upstream/generated/agent.d.ts';
import { jsonInDigits } from '../../../upstream/json.ts';
import type { Planes } from '../../planes/planes.ts';
import { jsonText, record, text } from '../../../upstream/wire.ts';
import { writtenId } from '../../../upstream/written.ts';
import type { JobKey } from '../definition.ts';
import type { EnumValueOf } from '../../../upstream/openEnum.ts';
import { writeSqlParameters, type SqlParametersChoice } from './parametersWrites.ts';
import type { jobApprovalStatuses } from '../enums.ts';

/** A new analysis. */
export interface NewSqlJob {
  readonly leagueId: string;
  readonly name: string;
  readonly description?: string | null | undefined;
}

/** An approval request to one partner. */
export interface ApprovalToSave {
  readonly partnerAlias: string;
  readonly datasetNames?: readonly string[] | null | undefined;
  readonly status: EnumValueOf<typeof jobApprovalStatuses>;
  readonly comment?: string | null | undefined;
}

/** Changes to an SQL job. Null and missing values stay as they are, except approvals: a save resets them. */
export interface SqlJobChange {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly sql?: string | null | undefined;
  readonly executionParameters?: SqlParametersChoice | null | undefined;
  readonly approvalStatus?: EnumValueOf<typeof jobApprovalStatuses> | null | undefined;
  readonly approvals?: readonly ApprovalToSave[] | null | undefined;
}

/** A job, and the agent to write to: the named one, else the only one of the league. */
export interface WrittenJob extends JobKey {
  readonly agentId?: string | null | undefined;
}

/** Execution parameters as the `ext` of an SQL job: JSON in a string. */
export function sqlExt(parameters: SqlParametersChoice): string {
  return jsonInDigits(writeSqlParameters(parameters));
}

/** Names of datasets as a record of an approval has them. */
export function writeDatasetNames(names: readonly string[]): string {
  return names.join(',');
}

function toRecord({
  partnerAlias,
  datasetNames,
  status,
  comment,
}: ApprovalToSave): components['schemas']['SqlJobApprovalRecordInput'] {
  return {
    approval_partner_alias: partnerAlias,
    approval_status: status,
    datasets: datasetNames ? writeDatasetNames(datasetNames) : undefined,
    comment: comment ?? undefined,
  };
}

/** Writes SQL jobs. Each call goes to one agent and is sent once. */
export function createSqlJobWrites(planes: Planes) {
  const write = (call: 'submitSqlJobForApproval' | 'cancelSqlJobApproval') => async (job: WrittenJob) => {
    const { client } = await planes.forWriting(job.leagueId, job.agentId);
    await client.write(call, { path: { league_id: job.leagueId, job_id: job.jobId } });
  };

  return {
    /** `POST …/sql-jobs` (7.8.1): a name only; answers the job's id. */
    createSqlJob: async (
      { leagueId, name, description }: NewSqlJob,
      named?: string | null,
    ): Promise<{ readonly jobId: string }> => {
      const { agentId, client } = await planes.forWriting(leagueId, named);
      const answer = await client.write('createSqlJob', {
        path: { league_id: leagueId },
        body: { name, agent_id: agentId, ...(description && { description }) },
      });
      return { jobId: writtenId('createSqlJob', record(answer)['job_id']) };
    },
    /**
     * `PUT …/sql-jobs/{j}` (7.8.2). It saves the job as a whole, so what is not given is read first, from the same agent.
     */
    saveSqlJob: async (
      { leagueId, jobId, agentId }: WrittenJob,
      { name, description, sql, executionParameters, approvalStatus, approvals }: SqlJobChange,
    ): Promise<void> => {
      const { client } = await planes.forWriting(leagueId, agentId);
      const path = { league_id: leagueId, job_id: jobId };
      const isWhole = [name, description, sql, executionParameters].every(
        (given) => given !== null && given !== undefined,
      );
      const saved = isWhole ? {} : await client.read('getSqlJob', { path });
      // Every job has a name. An answer without one is no job and must not be saved in its place.
      if (!isWhole && !text(saved.name))
        throw new GatewayError('UPSTREAM_INVALID_ANSWER', 'The answer of getSqlJob holds no job; nothing was saved.', {
          plane: 'AGENT',
          call: 'getSqlJob',
        });
      await client.write('updateSqlJob', {
        path,
        body: {
          name: name ?? text(saved.name) ?? '',
          description: description ?? text(saved.description) ?? '',
          sql_text: sql ?? text(saved.sql_text) ?? '',
          ext: executionParameters ? sqlExt(executionParameters) : jsonText(saved.ext).text || '{}',
          sql_job_approval_status: approvalStatus ?? undefined,
          approval_records: approvals?.map(toRecord),
        },
      });
    },
    /** `POST …/sql-jobs/{j}/approval` (7.8.5). */
    submitSqlJob: write('submitSqlJobForApproval'),
    /** `POST …/sql-jobs/{j}/cancel-approval` (7.8.6). */
    withdrawSqlJob: write('cancelSqlJobApproval'),
    /** `POST …/sql-jobs/{j}/execute` (7.8.7); answers the id of the instance. */
    executeSqlJob: async ({ leagueId, jobId, agentId }: WrittenJob): Promise<{ readonly instanceId: string }> => {
      const { client } = await planes.forWriting(leagueId, agentId);
      const answer = await client.write('executeSqlJob', { path: { league_id: leagueId, job_id: jobId } });
      return { instanceId: writtenId('executeSqlJob', record(answer)['job_instance_id']) };
    },
    /** `DELETE …/sql-jobs/{j}` (7.8.8) or `DELETE …/fl-jobs/{j}` (7.9.8). */
    delete: async (kind: 'sql' | 'hfl' | 'vfl', { leagueId, jobId, agentId }: WrittenJob): Promise<void> => {
      const { client } = await planes.forWriting(leagueId, agentId);
      await client.write(kind === 'sql' ? 'deleteSqlJob' : 'deleteFlJob', {
        path: { league_id: leagueId, job_id: jobId },
      });
    },
  };
}
