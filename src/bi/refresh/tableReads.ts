import type { TableName } from '../model/types.ts';
import type { createAuditReads } from './audit.ts';
import { noLeague, type createDimensionReads } from './dimensions.ts';
import type { FreshnessBook } from './freshness.ts';
import { usageTables } from './history.ts';
import type { InstanceReads } from './instances.ts';
import type { createUsageReads } from './usage.ts';

/** When tables are due. */
export interface TableReadIntervals {
  /** Time after which dimensions are read again, where no event announces a change before. */
  readonly dimensionsMs: number;
  /** Time between two reads of whole lists, which find what was deleted. */
  readonly sweepMs: number;
  /** A row that two whole reads miss, so far apart at least, is marked as deleted. */
  readonly confirmMs: number;
}

/** The reads of each kind of table. */
export interface TableReadSources {
  readonly book: FreshnessBook;
  readonly dimensions: ReturnType<typeof createDimensionReads>;
  readonly instances: InstanceReads;
  readonly audit: ReturnType<typeof createAuditReads>;
  readonly usage: ReturnType<typeof createUsageReads>;
}

const instanceTables = ['job_instance', 'job_instance_status_event'] as const;

/** Reads the tables that are due, and notes how fresh each is. */
export class TableReads {
  readonly #sources: TableReadSources;
  readonly #intervals: TableReadIntervals;
  readonly #sweptAtMs = new Map<string, number>();
  /** Leagues whose runs were read and whose usage of today was not. */
  readonly #changed = new Set<string>();

  constructor(sources: TableReadSources, intervals: TableReadIntervals) {
    this.#sources = sources;
    this.#intervals = intervals;
  }

  /** Leagues, agents and days. */
  async refreshAccount(): Promise<void> {
    const { book, dimensions, usage } = this.#sources;
    for (const table of ['league', 'agent'] as const)
      if (this.#isDimensionDue(table, noLeague)) await book.during([table], noLeague, dimensions.ofAccount[table]);
    if (this.#isDimensionDue('date', noLeague)) await book.during(['date'], noLeague, usage.readDates);
  }

  /** Runs and events of a league, then the dimensions and days that they change. */
  async refreshLeague(leagueId: string): Promise<void> {
    const { book, audit } = this.#sources;
    const isFirst = book.of('job', leagueId).asOf === null;
    // Runs refer to jobs: those are read first.
    if (isFirst) await this.refreshDimensions(leagueId, false);
    const [, hasEvents = false] = await Promise.all([
      this.refreshRuns(leagueId),
      book.during(['audit_event'], leagueId, () => audit.readNewest(leagueId)),
    ]);
    if (!isFirst) await this.refreshDimensions(leagueId, hasEvents);
    await this.#refreshToday(leagueId, this.#changed.delete(leagueId) || hasEvents);
    const sweptAtMs = this.#sweptAtMs.get(leagueId);
    if (sweptAtMs === undefined) this.#sweptAtMs.set(leagueId, Date.now());
    else if (this.#isSweepDue(leagueId, Date.now() - sweptAtMs)) await this.sweepLeague(leagueId);
  }

  /** The newest runs of a league, and those that have not ended. */
  async refreshRuns(leagueId: string): Promise<void> {
    const { book, instances } = this.#sources;
    if (await book.during(instanceTables, leagueId, () => instances.readNewest(leagueId))) this.#changed.add(leagueId);
  }

  async refreshDimensions(leagueId: string, isChanged: boolean): Promise<void> {
    const { book, dimensions } = this.#sources;
    for (const table of ['partner', 'dataset', 'job'] as const)
      if (isChanged || this.#isDimensionDue(table, leagueId))
        await book.during([table], leagueId, () => dimensions.ofLeague[table](leagueId));
  }

  /** Reads the whole list of runs. */
  async sweepLeague(leagueId: string): Promise<void> {
    const { book, instances } = this.#sources;
    const isSwept = await book.during(instanceTables, leagueId, async () => {
      await instances.sweep(leagueId);
      return true;
    });
    if (isSwept) this.#sweptAtMs.set(leagueId, Date.now());
  }

  /** Usage that has not changed is as fresh as the reads of runs and events that say so. */
  async #refreshToday(leagueId: string, isChanged: boolean): Promise<void> {
    const { book, usage } = this.#sources;
    const { asOf } = book.of('job_instance', leagueId);
    if (isChanged || this.#isDimensionDue('daily_job_usage', leagueId))
      await book.during(usageTables, leagueId, () => usage.readToday(leagueId));
    else if (asOf !== null && book.of('daily_job_usage', leagueId).errorCode === null)
      for (const table of usageTables) book.note(table, leagueId, { asOf });
  }

  #isDimensionDue(table: TableName, leagueId: string): boolean {
    const { asOf } = this.#sources.book.of(table, leagueId);
    return asOf === null || Date.now() - Date.parse(asOf) >= this.#intervals.dimensionsMs;
  }

  #isSweepDue(leagueId: string, sinceMs: number): boolean {
    const { sweepMs, confirmMs } = this.#intervals;
    return sinceMs >= sweepMs || (this.#sources.instances.isSweepDue(leagueId) && sinceMs >= confirmMs);
  }
}
