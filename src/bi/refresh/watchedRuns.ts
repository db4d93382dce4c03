import type { Logger } from '../../telemetry/log.ts';
import { quoted, schemas } from '../model/ddl.ts';
import { tables } from '../model/tables.ts';
import type { TableName } from '../model/types.ts';
import type { Store } from '../store/store.ts';
import type { Calendar } from './calendar.ts';
import type { WriteReferring } from './references.ts';
import { keyIn, statusEventRow } from './rows.ts';

/** A state of a run, and when a poll saw it. */
export interface WatchedRun {
  readonly leagueId: string;
  readonly instanceId: string;
  readonly status: string;
  /** The service tells when runs come into this state: they start or end. */
  readonly hasTime: boolean;
  readonly seenAt: string;
}

/** What the states of watched runs are kept with. */
export interface WatchedRunsOptions {
  readonly store: Store;
  readonly write: WriteReferring;
  readonly calendar: Calendar;
  readonly log: Logger;
  /** The league's runs are in the tables. */
  readonly isKept: (leagueId: string) => boolean;
  /** Reads the newest runs of a league, and those that have not ended. Does not throw. */
  readonly refreshRuns: (leagueId: string) => Promise<void>;
}

/** States that are remembered: most polls find none that is new. About 150 bytes each. */
const maxSeen = 20_000;

/** States of a league that wait to be written. What comes beyond is left to the next refresh. */
const maxWaiting = 1_000;

function runKeyOf({ leagueId, instanceId }: WatchedRun): string {
  return keyIn(leagueId, instanceId);
}

function eventKeyOf(run: WatchedRun): string {
  return `${runKeyOf(run)}/${run.status}`;
}

/**
 * Keeps the states of runs that subscriptions poll. A state that is not in the tables yet becomes an event of its run, and has the
 * league's runs read: one call, however many of them have changed. Of the processes that share a store, the one that refreshes it
 * does so for the others too.
 */
export class WatchedRuns {
  readonly #options: WatchedRunsOptions;
  readonly #seen = new Set<string>();
  /** States that wait, by league. A league that is here is being kept. */
  readonly #waiting = new Map<string, WatchedRun[]>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: WatchedRunsOptions) {
    this.#options = options;
  }

  /** Takes what a poll returned. */
  observe(runs: readonly WatchedRun[]): void {
    const { isKept } = this.#options;
    const unseen = runs.filter((run) => isKept(run.leagueId) && !this.#seen.has(eventKeyOf(run)));
    if (unseen.length === 0) return;
    for (const run of unseen) this.#remember(eventKeyOf(run));
    for (const run of unseen) this.#add(run);
  }

  /** Resolves when all that was observed is written. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #remember(key: string): void {
    this.#seen.add(key);
    const [oldest] = this.#seen;
    if (this.#seen.size > maxSeen && oldest !== undefined) this.#seen.delete(oldest);
  }

  #add(run: WatchedRun): void {
    const waiting = this.#waiting.get(run.leagueId);
    if (waiting !== undefined) {
      if (waiting.length < maxWaiting) waiting.push(run);
      return;
    }
    this.#waiting.set(run.leagueId, [run]);
    const running: Promise<void> = this.#keepAll(run.leagueId).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #keepAll(leagueId: string): Promise<void> {
    // What else the same poll returned is added first.
    await Promise.resolve();
    for (let runs = this.#take(leagueId); runs.length > 0; runs = this.#take(leagueId))
      try {
        await this.#keep(leagueId, runs);
      } catch (error) {
        for (const run of runs) this.#seen.delete(eventKeyOf(run));
        this.#options.log.warn({ err: error, leagueId }, 'bi: watched runs were not kept; the next poll tries again');
      }
    this.#waiting.delete(leagueId);
  }

  #take(leagueId: string): readonly WatchedRun[] {
    return this.#waiting.get(leagueId)?.splice(0) ?? [];
  }

  async #keep(leagueId: string, runs: readonly WatchedRun[]): Promise<void> {
    const known = await this.#knownOf('job_instance_status_event', runs.map(eventKeyOf));
    const changed = runs.filter((run) => !known.has(eventKeyOf(run)));
    if (changed.length === 0) return;
    const { lease } = this.#options.store;
    if (!lease.isHeld()) return lease.publishWatched(changed.map((run) => JSON.stringify(run)));
    const unknown = await this.#writeEvents(changed.filter(({ hasTime }) => !hasTime));
    await this.#options.refreshRuns(leagueId);
    await this.#writeEvents([...unknown, ...changed.filter(({ hasTime }) => hasTime)]);
  }

  /** Writes events of runs that are in the tables. Answers the others. */
  async #writeEvents(runs: readonly WatchedRun[]): Promise<readonly WatchedRun[]> {
    const { write, calendar } = this.#options;
    if (runs.length === 0) return [];
    const known = await this.#knownOf('job_instance', runs.map(runKeyOf));
    const rows = runs
      .filter((run) => known.has(runKeyOf(run)))
      .map((run) =>
        statusEventRow(
          { id: runKeyOf(run), league_id: run.leagueId },
          { status: run.status, at: null },
          { readAt: run.seenAt, calendar },
        ),
      );
    await write([{ table: tables.job_instance_status_event, rows, mode: 'INSERT' }]);
    return runs.filter((run) => !known.has(runKeyOf(run)));
  }

  async #knownOf(table: TableName, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const places = ids.map((_, index) => `$${index + 1}`).join(', ');
    const rows = await this.#options.store.all({
      text: `SELECT id FROM ${schemas.current}.${quoted(table)} WHERE id IN (${places})`,
      values: ids,
    });
    return new Set(rows.map(({ id }) => String(id)));
  }
}
