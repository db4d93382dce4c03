import { GatewayError } from '../../errors.ts';
import { instanceStatuses, isTerminal } from '../../tics/instances/enums.ts';
import type { Instance } from '../../tics/instances/instance.ts';
import { quoted, schemas } from '../model/ddl.ts';
import { tables } from '../model/tables.ts';
import type { Row } from '../model/types.ts';
import { createQueue, type Store, type TableChange } from '../store/store.ts';
import { createBatches } from './batches.ts';
import type { Deletions } from './deletions.ts';
import type { WriteReferring } from './references.ts';
import { datedChanges, instanceRow, keyIn, statusEventRows, type RowContext } from './rows.ts';
import { isFromAgent, pagesOf, readWhole, type Source } from './source.ts';

/** What runs are read with. */
export interface InstanceReadOptions {
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

const statuses = Object.keys(instanceStatuses) as (keyof typeof instanceStatuses)[];
const unfinishedStatuses = statuses.filter((value) => !isTerminal({ value }));

/** Unfinished runs read by their ids in one refresh, at most. */
const byIdAtMost = 50;

/** Runs of the league are kept, deleted ones included. */
async function hasRuns(store: Store, leagueId: string): Promise<boolean> {
  const rows = await store.all({ text: `SELECT 1 FROM ${runs} WHERE league_id = $1 LIMIT 1`, values: [leagueId] });
  return rows.length > 0;
}

async function knownOf(store: Store, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const places = ids.map((_, index) => `$${index + 1}`).join(', ');
  const rows = await store.all({ text: `SELECT id FROM ${runs} WHERE id IN (${places})`, values: ids });
  return new Set(rows.map(({ id }) => String(id)));
}

/** Changes of runs, with the events of their statuses. A time that the service tells replaces the one when it was seen. */
export function instanceChanges(rows: readonly Row[], context: RowContext): readonly TableChange[] {
  const events = rows.flatMap((row) => statusEventRows(row, context));
  const table = tables.job_instance_status_event;
  return [
    ...datedChanges(tables.job_instance, rows, context),
    { table, rows: events.filter(({ observed }) => observed === false), mode: 'UPSERT' },
    { table, rows: events.filter(({ observed }) => observed === true), mode: 'INSERT' },
  ];
}

/** The first pages of a league's list. */
interface NewestPages {
  readonly ids: ReadonlySet<string>;
  /** Rows that the service counts in all; null where it does not count. */
  readonly total: number | null;
  /** At least one run was not kept before. */
  readonly hasNew: boolean;
  /** The list was read to its end. */
  readonly isWhole: boolean;
}

function totalOf({ total }: { readonly total: string | number | bigint | null }): number | null {
  return total === null ? null : Number(total);
}

/** Reads the runs of leagues: newest pages, runs that have not ended, and whole lists. */
export class InstanceReads {
  readonly #options: InstanceReadOptions;
  /** How many more runs the service counts than are kept, as the last whole read found it. */
  readonly #surplus = new Map<string, number>();
  readonly #inTurn = new Map<string, ReturnType<typeof createQueue>>();

  constructor(options: InstanceReadOptions) {
    this.#options = options;
  }

  /**
   * Reads what is new. Lists are newest first as far as is known; where the service counts other runs than are kept, the whole
   * list is read. Answers true where a row has changed.
   */
  readNewest(leagueId: string): Promise<boolean> {
    return this.#turnOf(leagueId)(() => this.#readNewest(leagueId));
  }

  /** Reads the whole list, page by page. Runs that two complete reads miss are marked as deleted. */
  sweep(leagueId: string): Promise<void> {
    return this.#turnOf(leagueId)(() => this.#sweep(leagueId));
  }

  /** Runs are missing and wait for a second read: a sweep is due before its time. */
  isSweepDue(leagueId: string): boolean {
    return this.#options.deletions.areWaiting('job_instance', leagueId);
  }

  /** One read of a league at a time: an earlier one would write older rows over those of a later one. */
  #turnOf(leagueId: string): ReturnType<typeof createQueue> {
    const inTurn = this.#inTurn.get(leagueId) ?? createQueue();
    this.#inTurn.set(leagueId, inTurn);
    return inTurn;
  }

  async #readNewest(leagueId: string): Promise<boolean> {
    const { store } = this.#options;
    const before = store.stampOf('job_instance');
    const { ids, total, hasNew, isWhole } = await this.#readNewestPages(leagueId);
    if (total !== null && !(await this.#isCountExpected(leagueId, total, isWhole))) await this.#sweep(leagueId);
    await this.#readUnfinished(leagueId, ids);
    if (hasNew) await this.#readJobs(leagueId);
    return store.stampOf('job_instance') !== before;
  }

  async #sweep(leagueId: string): Promise<void> {
    const { store, deletions, context, oldest } = this.#options;
    const at = context();
    const from = oldest();
    const ids = new Set<string>();
    let isComplete = true;
    let total: number | null = null;
    let earliest = at.readAt;
    for await (const { page, rows } of this.#keptPages(leagueId, at)) {
      for (const row of rows) {
        ids.add(String(row['id']));
        if (String(row['created_at']) < earliest) earliest = String(row['created_at']);
      }
      total = totalOf(page);
      if (page.gaps !== undefined || total === null || isFromAgent(page)) isComplete = false;
      if (areOlder(rows, from)) break;
      if (page.isLast && ids.size < (total ?? 0)) isComplete = false;
    }
    this.#surplus.set(leagueId, (total ?? 0) - (await this.#countOf(leagueId)));
    if (!isComplete) return;
    const among = earliest <= from ? `created_at >= '${earliest}'` : '';
    const gone = await deletions.missing({ table: 'job_instance', leagueId, ids, readAt: at.readAt }, among);
    if (gone.length > 0) await store.write(gone);
  }

  /** Reads pages until one holds nothing new. */
  async #readNewestPages(leagueId: string): Promise<NewestPages> {
    const { store, context, oldest } = this.#options;
    const at = context();
    const from = oldest();
    const seen = new Set<string>();
    // The embedded engine looks through all rows for each page: for none where nothing can be found.
    const isFirst = !(await hasRuns(store, leagueId));
    let total: number | null = null;
    let hasNew = false;
    let isWhole = false;
    for await (const { page, rows } of this.#keptPages(leagueId, at)) {
      const ids = page.rows.map(({ ticsId }) => keyIn(leagueId, ticsId));
      const known: ReadonlySet<string> = isFirst ? new Set() : await knownOf(store, ids);
      ids.forEach((id) => seen.add(id));
      hasNew ||= ids.some((id) => !known.has(id));
      total = totalOf(page);
      isWhole = page.isLast;
      if (areOlder(rows, from) || (ids.length > 0 && ids.every((id) => known.has(id)))) break;
    }
    return { ids: seen, total, hasNew, isWhole };
  }

  /** The service counts as many runs as are kept, but for those that no list holds. */
  async #isCountExpected(leagueId: string, total: number, isWhole: boolean): Promise<boolean> {
    const difference = total - (await this.#countOf(leagueId));
    if (isWhole && difference >= 0) this.#surplus.set(leagueId, difference);
    return difference === (this.#surplus.get(leagueId) ?? 0);
  }

  /** Reads runs that have not ended and were not among the newest, by their ids. */
  async #readUnfinished(leagueId: string, seen: ReadonlySet<string>): Promise<void> {
    const { store, source, context } = this.#options;
    const rows = await store.all({
      text: `SELECT tics_id FROM ${runs} WHERE league_id = $1 AND deleted_at IS NULL AND NOT finished`,
      values: [leagueId],
    });
    const ids = rows.map((row) => String(row['tics_id'])).filter((id) => !seen.has(keyIn(leagueId, id)));
    const at = context();
    const underWay = ids.length > 1 ? await this.#listUnderWay(leagueId) : [];
    const listed = new Set(underWay.map(({ ticsId }) => ticsId));
    const left = ids.filter((id) => !listed.has(id)).slice(0, byIdAtMost);
    const found = await Promise.all(left.map((id) => source().instances.byId(leagueId, id)));
    await this.#keep(rowsOf([...underWay, ...found.filter((instance) => instance !== null)], at), at);
  }

  /** Runs that have not ended, as agents list them: one call. None where agents can't be asked. */
  async #listUnderWay(leagueId: string): Promise<readonly Instance[]> {
    try {
      const read = this.#options.source().instances.ofLeague({ leagueId, filter: { statuses: unfinishedStatuses } });
      return (await readWhole(read)).rows;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return [];
    }
  }

  /** Only agents' lists name the job of a run: pages of each agent are read until one holds nothing new. */
  async #readJobs(leagueId: string): Promise<void> {
    const { source, write } = this.#options;
    for (const agentId of await source().planes.agentsOf(leagueId)) {
      const batches = createBatches((instances: readonly Instance[]) => write(jobChanges(instances)));
      try {
        for await (const page of pagesOf(() => source().instances.ofAgent({ agentId, leagueId }))) {
          batches.collect(page.rows);
          const changed = await batches.writeFull();
          if (changed !== undefined && (changed.get('job_instance') ?? 0) === 0) break;
        }
        await batches.writeRest();
      } catch (error) {
        // Another agent may name it, or a later refresh.
        if (!(error instanceof GatewayError)) throw error;
      }
    }
  }

  /** The pages of a list, newest runs first. Their rows are kept when the next page is asked for, or the consumer stops. */
  async *#keptPages(leagueId: string, at: RowContext) {
    const batches = createBatches((rows: readonly Row[]) => this.#keep(rows, at));
    try {
      for await (const page of pagesOf(() => this.#options.source().instances.ofLeague({ leagueId }))) {
        const rows = rowsOf(page.rows, at);
        batches.collect(rows);
        yield { page, rows };
        await batches.writeFull();
      }
    } finally {
      await batches.writeRest();
    }
  }

  async #keep(rows: readonly Row[], at: RowContext): Promise<void> {
    if (rows.length > 0) await this.#options.write(instanceChanges(rows, at));
  }

  async #countOf(leagueId: string): Promise<number> {
    const [row] = await this.#options.store.all({
      text: `SELECT count(*) AS count FROM ${runs} WHERE league_id = $1 AND deleted_at IS NULL`,
      values: [leagueId],
    });
    return Number(row?.['count'] ?? 0);
  }
}

function rowsOf(instances: readonly Instance[], at: RowContext): readonly Row[] {
  return instances.map((instance) => instanceRow(instance, at)).filter((row) => row !== null);
}

/** The rest of a list, newest first, is older than what is read. */
function areOlder(rows: readonly Row[], oldest: string): boolean {
  return rows.length > 0 && rows.every((row) => String(row['created_at']) < oldest);
}

/** The jobs of known runs, each with an agent of the job. */
function jobChanges(instances: readonly Instance[]): readonly TableChange[] {
  const rows = instances
    .filter(({ jobId }) => jobId !== null)
    .map(({ leagueId, ticsId, jobId, jobName, agentId, createdAt }) => ({
      id: keyIn(leagueId, ticsId),
      league_id: leagueId,
      job_id: keyIn(leagueId, jobId ?? ''),
      agent_id: agentId,
      job_name: jobName,
      created_at: createdAt ?? new Date().toISOString(),
    }));
  return [{ table: tables.job_instance, rows, mode: 'UPDATE' }];
}
