import type { Agent } from '../../tics/agents/loaders.ts';
import type { AuditEvent } from '../../tics/audit/loaders.ts';
import type { Dataset } from '../../tics/datasets/loaders.ts';
import { isTerminal } from '../../tics/instances/enums.ts';
import { partnerAliasesOf, type Instance } from '../../tics/instances/instance.ts';
import type { Job } from '../../tics/jobs/job.ts';
import type { League } from '../../tics/leagues/loaders.ts';
import type { Partner } from '../../tics/leagues/partner.ts';
import type { DatasetUsage, JobUsage, PartnerUsage } from '../../tics/statistics/loaders.ts';
import type { Long } from '../../upstream/wire.ts';
import type { Row, Table } from '../model/types.ts';
import type { TableChange } from '../store/store.ts';
import type { Calendar } from './calendar.ts';

/** What rows are made with. */
export interface RowContext {
  readonly calendar: Calendar;
  /** When the read began: what stands for the time of what has none. */
  readonly readAt: string;
}

/** The day of what the service tells a time of. */
function dayOf(instant: string | null, { calendar }: RowContext): string | null {
  return instant === null ? null : calendar.dayOf(instant);
}

/** Changes of rows of which some may have no day: these keep the one on which they were first read. */
export function datedChanges(
  table: Table,
  rows: readonly Row[],
  { calendar, readAt }: RowContext,
): readonly TableChange[] {
  const undated = rows.filter(({ date }) => date === null);
  return [
    { table, rows: undated.map((row) => ({ ...row, date: calendar.dayOf(readAt) })), mode: 'INSERT' },
    { table, rows, mode: 'UPSERT' },
  ];
}

/** The key of what a league holds. */
export function keyIn(leagueId: string, id: string): string {
  return `${leagueId}/${id}`;
}

/** A value nobody listed is shown as the service writes it. */
function valueOf({ value, text }: { readonly value: string; readonly text: string | null }): string | null {
  return value === 'UNKNOWN' ? text : value;
}

function long(value: Long | null): bigint | null {
  return value === null ? null : BigInt(value);
}

function partnerKey(leagueId: string, name: string | null): string | null {
  return name === null || name === '' ? null : keyIn(leagueId, name);
}

export function leagueRow(league: League, { readAt }: RowContext): Row {
  return {
    id: league.ticsId,
    name: league.name,
    status: valueOf(league.status),
    role: valueOf(league.role),
    version: league.version,
    creator_name: league.creatorName,
    member_count: long(league.memberCount),
    expires_at: league.expiresAt,
    created_at: league.createdAt ?? readAt,
  };
}

/** Null for a partner without any name: nothing could refer to it. */
export function partnerRow(leagueId: string, partner: Partner, { readAt }: RowContext): Row | null {
  const id = partnerKey(leagueId, partner.accountName ?? partner.alias ?? partner.ticsId);
  return id === null
    ? null
    : {
        id,
        league_id: leagueId,
        tics_id: partner.ticsId,
        account_name: partner.accountName,
        alias: partner.alias,
        status: valueOf(partner.status),
        created_at: readAt,
      };
}

export function agentRow(agent: Agent, { readAt }: RowContext): Row {
  return {
    id: agent.ticsId,
    league_id: agent.leagueId,
    name: agent.name,
    version: agent.version,
    deploy_type: valueOf(agent.deployType),
    deploy_status: valueOf(agent.deployStatus),
    high_availability: agent.highAvailability,
    creator_name: agent.creatorName,
    created_at: agent.createdAt ?? readAt,
  };
}

export function datasetRow({ leagueId, ticsId, name, listing }: Dataset, { readAt }: RowContext): Row {
  return {
    id: keyIn(leagueId, ticsId),
    league_id: leagueId,
    tics_id: ticsId,
    name,
    description: listing?.description ?? null,
    data_type: listing && valueOf(listing.dataType),
    partner_id: partnerKey(leagueId, listing?.accountName ?? null),
    column_count: listing && BigInt(listing.columns().length),
    created_at: listing?.createdAt ?? readAt,
  };
}

export function jobRow(job: Job, context: RowContext): Row {
  return {
    id: keyIn(job.leagueId, job.ticsId),
    league_id: job.leagueId,
    tics_id: job.ticsId,
    name: job.name,
    description: job.description,
    type: valueOf(job.type),
    approval_status: valueOf(job.approvalStatus),
    algorithm: valueOf(job.algorithm),
    creator_name: job.creatorName,
    date: dayOf(job.createdAt, context),
    created_at: job.createdAt ?? context.readAt,
  };
}

/** The row of a run; null where the source does not tell its state. */
export function instanceRow(instance: Instance, context: RowContext): Row | null {
  const { leagueId, ticsId, run } = instance;
  if (run === null) return null;
  const { startedAt, endedAt } = run;
  return {
    id: keyIn(leagueId, ticsId),
    league_id: leagueId,
    tics_id: ticsId,
    job_id: instance.jobId && keyIn(leagueId, instance.jobId),
    job_name: instance.jobName,
    agent_id: instance.agentId,
    type: valueOf(instance.type),
    status: valueOf(run.status) ?? 'UNKNOWN',
    finished: isTerminal(run.status),
    round_count: instance.roundCount === null ? null : BigInt(instance.roundCount),
    partners: partnerAliasesOf(run).join(','),
    partner_count: BigInt(partnerAliasesOf(run).length),
    started_at: startedAt,
    ended_at: endedAt,
    duration_ms: startedAt && endedAt ? BigInt(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt))) : null,
    // The service counts runs on the day of their start.
    date: dayOf(startedAt ?? instance.createdAt, context),
    created_at: instance.createdAt ?? startedAt ?? context.readAt,
  };
}

/** A state that a run came into, at a time that the service tells, or when it was read. */
export function statusEventRow(
  { id, league_id }: Row,
  { status, at }: { readonly status: string; readonly at: string | null },
  { readAt, calendar }: RowContext,
): Row {
  return {
    id: `${String(id)}/${status}`,
    league_id: league_id ?? null,
    job_instance_id: id ?? null,
    status,
    occurred_at: at ?? readAt,
    observed: at === null,
    date: calendar.dayOf(at ?? readAt),
    created_at: at ?? readAt,
  };
}

/** States that a run is known to have come into: its first one, and the one that it is in. */
export function statusEventRows(row: Row, context: RowContext): readonly Row[] {
  const event = (status: string, at: string | null): Row => statusEventRow(row, { status, at }, context);
  const [status, startedAt, endedAt] = [String(row['status']), row['started_at'], row['ended_at']];
  const began = typeof startedAt === 'string' ? [event('NEW', startedAt)] : [];
  if (status === 'NEW') return began.length > 0 ? began : [event('NEW', null)];
  return [...began, event(status, row['finished'] === true && typeof endedAt === 'string' ? endedAt : null)];
}

export function auditRow(leagueId: string, audit: AuditEvent, context: RowContext): Row {
  const startedAt = audit.startedAt ?? audit.updatedAt ?? audit.endedAt;
  // One without an id is known by what it says.
  const id = audit.ticsId ?? `${startedAt ?? ''}:${audit.text ?? ''}`;
  return {
    id: keyIn(leagueId, id),
    league_id: leagueId,
    tics_id: audit.ticsId,
    text: audit.text,
    status: valueOf(audit.status),
    started_at: audit.startedAt,
    ended_at: audit.endedAt,
    partner_alias: audit.partnerAlias,
    agent_name: audit.agentName,
    date: dayOf(startedAt, context),
    created_at: startedAt ?? context.readAt,
  };
}

/** A day of a league's usage. */
export interface UsageDay {
  readonly leagueId: string;
  readonly date: string;
  readonly final: boolean;
}

function dayColumns({ leagueId, date, final }: UsageDay) {
  // The day itself, so that partitions by `created_at` are those by day.
  return { league_id: leagueId, date, final, created_at: `${date}T00:00:00.000Z` };
}

function runCounts(usage: JobUsage) {
  return {
    job_count: long(usage.jobCount),
    instance_count: long(usage.instanceCount),
    succeeded_count: long(usage.succeededCount),
    failed_count: long(usage.failedCount),
    intercepted_count: long(usage.interceptedCount),
  };
}

export function jobUsageRow(day: UsageDay, usage: JobUsage): Row {
  return { id: keyIn(day.leagueId, day.date), ...dayColumns(day), ...runCounts(usage) };
}

/** Null where nothing can refer to the dataset. */
export function datasetUsageRow(day: UsageDay, usage: DatasetUsage): Row | null {
  const { datasetId, accountName, useCount, interceptedCount } = usage;
  return datasetId === null
    ? null
    : {
        id: `${keyIn(day.leagueId, day.date)}/${datasetId}`,
        ...dayColumns(day),
        dataset_id: keyIn(day.leagueId, datasetId),
        partner_id: partnerKey(day.leagueId, accountName),
        use_count: long(useCount),
        intercepted_count: long(interceptedCount),
      };
}

/** Null for a partner without any name. */
export function partnerUsageRow(day: UsageDay, usage: PartnerUsage): Row | null {
  const partnerId = partnerKey(day.leagueId, usage.accountName ?? usage.partnerAlias);
  return partnerId === null
    ? null
    : {
        id: `${keyIn(day.leagueId, day.date)}/${partnerId.slice(day.leagueId.length + 1)}`,
        ...dayColumns(day),
        partner_id: partnerId,
        access_count: long(usage.accessCount),
        ...runCounts(usage),
      };
}

/** Nothing happened: days of datasets and partners are kept only where something did. */
export function isEmptyUsage(row: Row): boolean {
  return Object.entries(row).every(([name, value]) => !name.endsWith('_count') || value === null || value === 0n);
}
