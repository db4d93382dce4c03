import { GatewayError } from '../../errors.ts';
import type { Instance } from '../../tics/instances/instance.ts';
import { quoted, schemas } from '../model/ddl.ts';
import { tables } from '../model/tables.ts';
import type { Row } from '../model/types.ts';
import type { Store, TableChange } from '../store/store.ts';
import type { Deletions } from './deletions.ts';
import type { WriteReferring } from './references.ts';
import { instanceRow, keyIn, statusEventRows, type RowContext } from './rows.ts';
import { pagesOf, type Source } from './source.ts';

/** What reads of runs need. */
export interface InstanceReads {
  readonly store: Store;
  readonly write: WriteReferring;
  /** Fresh loaders. */
  readonly source: () => Source;
  readonly context: () => RowContext;
  readonly deletions: Deletions;
  /** Runs that started before are not read. */
  readonly oldest: () => string;
}

const runs = `${schemas.current}.${quoted('job_instance')}`;

/** Unfinished runs that are asked for by their ids in one refresh, at most. */
const aloneAtMost = 50;

async function knownOf(store: Store, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const places = ids.map((_, index) => `$${index + 1}`).join(', ');
  const rows = await store.all({ text: `SELECT id FROM ${runs} WHERE id IN (${places})`, values: ids });
  return new Set(rows.map(({ id }) => String(id)));
}

/** Changes that rows of runs bring, with the states that the runs came into. */
export function instanceChanges(rows: readonly Row[], context: RowContext): readonly TableChange[] {
  return [
    { table: tables.job_instance, rows, mode: 'UPSERT' },
    {
      table: tables.job_instance_status_event,
      rows: rows.flatMap((row) => statusEventRows(row, context)),
      mode: 'INSERT',
    },
  ];
}

/** Reads the runs of leagues. */
export function createInstanceReads({ store, write, source, context, deletions, oldest }: InstanceReads) {
  /** How many more runs the service counts than are kept, as the last whole read found it. */
  const surplus = new Map<string, number>();

  const keep = async (instances: readonly Instance[], at: RowContext): Promise<readonly Row[]> => {
    const rows = instances.map((instance) => instanceRow(instance, at)).filter((row) => row !== null);
    if (rows.length > 0) await write(instanceChanges(rows, at));
    return rows;
  };

  const countOf = async (leagueId: string): Promise<number> => {
    const [row] = await store.all({
      text: `SELECT count(*) AS count FROM ${runs} WHERE league_id = $1 AND deleted_at IS NULL`,
      values: [leagueId],
    });
    return Number(row?.['count'] ?? 0);
  };

  /** Runs of a league that have not ended, as far as is known. */
  const unfinished = async (leagueId: string): Promise<readonly string[]> => {
    const rows = await store.all({
      text: `SELECT tics_id FROM ${runs} WHERE league_id = $1 AND deleted_at IS NULL AND NOT finished`,
      values: [leagueId],
    });
    return rows.map((row) => String(row['tics_id']));
  };

  /** Runs that have not ended and were not among the newest are asked for by their ids. */
  const readUnfinished = async (leagueId: string, seen: ReadonlySet<string>): Promise<void> => {
    const ids = (await unfinished(leagueId)).filter((id) => !seen.has(keyIn(leagueId, id)));
    const at = context();
    const found = await Promise.all(ids.slice(0, aloneAtMost).map((id) => source().instances.byId(leagueId, id)));
    await keep(
      found.filter((instance) => instance !== null),
      at,
    );
  };

  /** The whole list, page by page. What two of these miss is gone. */
  const sweep = async (leagueId: string): Promise<void> => {
    const at = context();
    const from = oldest();
    const ids = new Set<string>();
    let isComplete = true;
    let total: number | null = null;
    let earliest = at.readAt;
    for await (const page of pagesOf(() => source().instances.ofLeague({ leagueId }))) {
      const rows = await keep(page.rows, at);
      for (const row of rows) {
        ids.add(String(row['id']));
        if (String(row['created_at']) < earliest) earliest = String(row['created_at']);
      }
      total = page.total === null ? null : Number(page.total);
      if (page.gaps !== undefined || total === null) isComplete = false;
      if (rows.length > 0 && rows.every((row) => String(row['created_at']) < from)) break;
      if (page.isLast && ids.size < (total ?? 0)) isComplete = false;
    }
    surplus.set(leagueId, (total ?? 0) - (await countOf(leagueId)));
    if (!isComplete) return;
    const among = earliest <= from ? `created_at >= '${earliest}'` : '';
    const read = { table: 'job_instance', leagueId, ids, readAt: at.readAt } as const;
    const gone = await deletions.missing(read, among);
    if (gone.length > 0) await store.write(gone);
  };

  /**
   * The newest runs: pages until one holds nothing new. Lists are newest first as far as is known; where the service counts
   * others than are kept, the whole list is read.
   */
  const readNewest = async (leagueId: string): Promise<boolean> => {
    const at = context();
    const before = store.stampOf('job_instance');
    const from = oldest();
    const seen = new Set<string>();
    let total: number | null = null;
    let hasNew = false;
    let isWhole = false;
    for await (const page of pagesOf(() => source().instances.ofLeague({ leagueId }))) {
      const ids = page.rows.map(({ ticsId }) => keyIn(leagueId, ticsId));
      const known = await knownOf(store, ids);
      const rows = await keep(page.rows, at);
      ids.forEach((id) => seen.add(id));
      hasNew ||= ids.some((id) => !known.has(id));
      total = page.total === null ? null : Number(page.total);
      isWhole = page.isLast;
      if (rows.length > 0 && rows.every((row) => String(row['created_at']) < from)) break;
      if (ids.length > 0 && ids.every((id) => known.has(id))) break;
    }
    if (total !== null) {
      const difference = total - (await countOf(leagueId));
      if (isWhole && difference >= 0) surplus.set(leagueId, difference);
      if (difference !== (surplus.get(leagueId) ?? 0)) await sweep(leagueId);
    }
    await readUnfinished(leagueId, seen);
    if (hasNew) await readJobs(leagueId);
    return store.stampOf('job_instance') !== before;
  };

  /** Only agents' lists tell the job of a run: pages of each agent until one tells nothing new. */
  const readJobs = async (leagueId: string): Promise<void> => {
    const { planes } = source();
    for (const agentId of await planes.agentsOf(leagueId)) {
      try {
        for await (const page of pagesOf(() => source().instances.ofAgent({ agentId, leagueId }))) {
          const changed = await write(jobChanges(page.rows));
          if ((changed.get('job_instance') ?? 0) === 0) break;
        }
      } catch (error) {
        // Another agent, or a later refresh, may tell.
        if (!(error instanceof GatewayError)) throw error;
      }
    }
  };

  return {
    /** Reads what is new. Answers whether anything changed. */
    readNewest,
    sweep,
    /** Rows wait to be missed again: a sweep is due before its time. */
    isSweepDue: (leagueId: string): boolean => deletions.areWaiting('job_instance', leagueId),
  };
}

/** Which job, and an agent of which, known runs are of. */
function jobChanges(instances: readonly Instance[]): readonly TableChange[] {
  const rows = instances
    .filter(({ jobId }) => jobId !== null)
    .map(({ leagueId, ticsId, jobId, jobName, agentId, createdAt }) => ({
      id: keyIn(leagueId, ticsId),
      league_id: leagueId,
      job_id: keyIn(leagueId, jobId ?? ''),
      agent_id: agentId,
      ...{ job_name: jobName, created_at: createdAt ?? new Date().toISOString() },
    }));
  return [{ table: tables.job_instance, rows, mode: 'UPDATE' }];
}
