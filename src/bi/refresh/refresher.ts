import { setMaxListeners } from 'node:events';
import type { Logger } from '../../telemetry/log.ts';
import type { TableFigures } from '../../telemetry/metrics/tables.ts';
import type { Deadline } from '../../upstream/deadline.ts';
import type { OnRuns } from '../../status/polling/polls.ts';
import type { Planes } from '../../tics/planes/planes.ts';
import { quoted, schemas } from '../model/ddl.ts';
import { tableNames, type TableName } from '../model/types.ts';
import type { Store } from '../store/store.ts';
import { createAuditReads } from './audit.ts';
import { createBudget, withBudget, type Budget } from './budget.ts';
import { createCalendar } from './calendar.ts';
import { createDeletions } from './deletions.ts';
import { createDimensionReads } from './dimensions.ts';
import { FreshnessBook, type Freshness } from './freshness.ts';
import { createHistory } from './history.ts';
import { InstanceReads } from './instances.ts';
import { createReferringWrites } from './references.ts';
import type { RowContext } from './rows.ts';
import { RemoteRefreshes } from './remoteRefreshes.ts';
import { createSource, type Source } from './source.ts';
import { TableReads, type TableReadIntervals } from './tableReads.ts';
import { createUsageReads } from './usage.ts';
import { WatchedRuns, type WatchedRun } from './watchedRuns.ts';

/** Figures of refreshes. */
export type RefreshFigures = Omit<TableFigures, 'cutAnswers'>;

/** How often and how far BI reads. */
export interface RefreshOptions extends TableReadIntervals {
  /** Time between two refreshes of facts. */
  readonly factsMs: number;
  readonly historyDays: number;
  /** The leagues that BI is limited to; all without. */
  readonly leagues?: readonly string[] | undefined;
  readonly callsPerSecond: number;
}

/** What a refresher is made of. */
export interface RefresherDependencies {
  readonly store: Store;
  /** The upstreams as the account of the gateway sees them. */
  readonly planes: (deadline: Deadline) => Planes;
  readonly timeZone: string;
  readonly log: Logger;
}

/** One run at a time: callers that come meanwhile wait for it. */
function createSingleRun(work: () => Promise<void>) {
  let running: Promise<void> | undefined;
  return {
    run: (): Promise<void> => {
      running ??= work().finally(() => (running = undefined));
      return running;
    },
    /** Resolves when none runs. */
    idle: async (): Promise<void> => {
      await running?.catch(() => undefined);
    },
  };
}

/** What keeps the tables of a store fresh. */
interface RefresherParts {
  readonly store: Store;
  readonly log: Logger;
  readonly book: FreshnessBook;
  readonly reads: TableReads;
  readonly watchedRuns: WatchedRuns;
  readonly history: ReturnType<typeof createHistory>;
  readonly budget: Budget;
  /** Leagues that are kept. */
  readonly leagues: () => Promise<readonly LeagueRow[]>;
  /** Ends all reads. */
  readonly stop: AbortController;
}

/** Keeps the tables fresh. Of the processes that share a store, the one that holds the lease reads. */
export class Refresher {
  readonly #parts: RefresherParts;
  readonly #factsMs: number;
  readonly #remote: RemoteRefreshes;
  readonly #refresh = createSingleRun(() => this.#refreshTables());
  readonly #readHistory = createSingleRun(() => this.#parts.history.read());
  #isStarted = false;
  #timer: NodeJS.Timeout | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(parts: RefresherParts, factsMs: number) {
    const { lease } = parts.store;
    this.#parts = parts;
    this.#factsMs = factsMs;
    this.#remote = new RemoteRefreshes(lease);
    lease.onRefreshed((requestId) => void this.#reload().then(() => this.#remote.finish(requestId)));
    lease.onRequest((requestId) => this.#serve(requestId));
    lease.onWatched((text) => this.#observe([JSON.parse(text) as WatchedRun]));
    lease.onHeld(() => void this.#takeOver());
  }

  /** Begins to refresh at intervals. */
  start(): void {
    this.#isStarted = true;
    this.#runLoop();
  }

  /** Refreshes facts now, here or where the lease is held; while a refresh runs, waits for that one. */
  refresh(): Promise<void> {
    return this.#parts.store.lease.isHeld() ? this.#refresh.run() : this.#remote.refresh();
  }

  /** Reads all that is due, history included. */
  async readAll(): Promise<void> {
    await this.refresh();
    if (this.#parts.store.lease.isHeld()) await this.#readHistory.run();
  }

  /** Reads whole lists now. */
  async sweep(): Promise<void> {
    const { book, reads } = this.#parts;
    await this.#forLeagues((leagueId) => reads.sweepLeague(leagueId));
    await this.#forLeagues((leagueId) => reads.refreshDimensions(leagueId, true));
    await book.save();
  }

  /** Keeps the states of runs that subscriptions poll. */
  onRuns(runs: Parameters<OnRuns>[0]): void {
    const seenAt = new Date().toISOString();
    this.#observe(
      runs.map(({ leagueId, instanceId, status, isTerminal }) => ({
        leagueId,
        instanceId,
        status,
        seenAt,
        hasTime: isTerminal || status === 'NEW',
      })),
    );
  }

  freshness(table: TableName, leagueId: string): Freshness {
    return this.#parts.book.of(table, leagueId);
  }

  /** The state that an answer from a table shows; null before the first read. */
  asOf(table: TableName, leagues: 'ALL' | readonly string[]): string | null {
    const { store, book } = this.#parts;
    return table === 'sync_status' ? store.stampOf(table) : book.asOf(table, leagues);
  }

  async leagues(): Promise<readonly string[]> {
    return (await this.#parts.leagues()).map(({ id }) => id);
  }

  /** Days of history of some leagues that are still to be read. */
  pendingDays(leagues: 'ALL' | readonly string[]): number {
    return this.#parts.history.pendingDays(leagues);
  }

  figures(): RefreshFigures {
    const { book, history, budget } = this.#parts;
    const ages = tableNames.flatMap((table) => {
      const asOf = book.asOf(table, 'ALL');
      return asOf === null ? [] : [[table, Math.max(0, (Date.now() - Date.parse(asOf)) / 1000)] as const];
    });
    return {
      pendingDays: history.pendingDays('ALL'),
      historyDays: history.historyDays(),
      calls: budget.calls(),
      ageSeconds: Object.fromEntries(ages),
    };
  }

  async close(): Promise<void> {
    this.#parts.stop.abort(new Error('closed'));
    clearTimeout(this.#timer);
    this.#remote.finishAll();
    await this.#loop;
    await Promise.all([this.#refresh.idle(), this.#readHistory.idle(), this.#parts.watchedRuns.idle()]);
  }

  get #isClosed(): boolean {
    return this.#parts.stop.signal.aborted;
  }

  #observe(runs: readonly WatchedRun[]): void {
    if (!this.#isClosed) this.#parts.watchedRuns.observe(runs);
  }

  async #forLeagues(work: (leagueId: string) => Promise<void>): Promise<void> {
    await Promise.all((await this.leagues()).map(work));
  }

  async #refreshTables(): Promise<void> {
    const { store, book, reads } = this.#parts;
    await reads.refreshAccount();
    book.keepLeagues(await this.leagues());
    await this.#forLeagues((leagueId) => reads.refreshLeague(leagueId));
    await book.save();
    await store.lease.publishRefreshed();
  }

  /** Refreshes, and again after the interval. */
  #runLoop(): void {
    const { store, log } = this.#parts;
    if (!store.lease.isHeld()) return log.info('bi: another gateway refreshes the tables');
    this.#loop = this.#refresh
      .run()
      // History takes minutes; facts are refreshed meanwhile.
      .then(() => {
        if (this.#isClosed) return;
        void this.#readHistory.run().catch((error: unknown) => {
          if (!this.#isClosed) this.#parts.log.error({ err: error }, 'bi: reading history failed');
        });
      })
      .catch((error: unknown) => {
        if (!this.#isClosed) this.#parts.log.error({ err: error }, 'bi: a refresh failed');
      })
      .then(() => {
        // The lease may have been lost and taken again meanwhile: one timer, however many runs.
        clearTimeout(this.#timer);
        if (!this.#isClosed) this.#timer = setTimeout(() => this.#runLoop(), this.#factsMs).unref();
      });
  }

  /** Reads what another process has written. A failure is mended by the next reload. */
  async #reload(): Promise<void> {
    const { store, book } = this.#parts;
    await store
      .reload()
      .then(() => book.reload())
      .catch(() => undefined);
  }

  /** Refreshes for another process. A failure stands in `sync_status`. */
  #serve(requestId: string): void {
    const { lease } = this.#parts.store;
    if (!lease.isHeld() || this.#isClosed) return;
    void this.#refresh
      .run()
      .catch(() => undefined)
      .then(() => lease.publishRefreshed(requestId));
  }

  /** Refreshes from now on: the process that held the lease is gone. */
  async #takeOver(): Promise<void> {
    if (this.#isClosed) return;
    const isStarted = this.#isStarted;
    await this.#reload();
    if (isStarted) this.#runLoop();
    else await this.#refresh.run().catch(() => undefined);
    await this.#loop;
    this.#remote.finishAll();
  }
}

interface LeagueRow {
  readonly id: string;
  readonly createdAt: string | null;
}

/** Leagues that are not deleted. */
async function leagueRows(store: Store): Promise<readonly LeagueRow[]> {
  const rows = await store.all({
    text: `SELECT id, created_at FROM ${schemas.current}.${quoted('league')} WHERE deleted_at IS NULL ORDER BY id`,
    values: [],
  });
  return rows.map(({ id, created_at: createdAt }) => ({
    id: String(id),
    createdAt: typeof createdAt === 'string' ? createdAt : null,
  }));
}

/** Opens the refresher of a store. It reads nothing before it is started or called. */
export async function openRefresher(
  { store, planes, timeZone, log }: RefresherDependencies,
  options: RefreshOptions,
): Promise<Refresher> {
  const stop = new AbortController();
  // Each call under way listens to it.
  setMaxListeners(0, stop.signal);
  const deadline: Deadline = { signal: stop.signal, remainingMs: () => Number.POSITIVE_INFINITY };
  const budget = createBudget(options, stop.signal);
  const calendar = createCalendar(timeZone);
  const book = await FreshnessBook.open(store, (error, { tables, leagueId }) => {
    if (stop.signal.aborted) return false;
    log.warn({ err: error, tables, leagueId }, 'bi: a refresh failed');
    return true;
  });
  const common = {
    store,
    log,
    calendar,
    write: createReferringWrites(store),
    source: (): Source => createSource(withBudget(planes(deadline), budget)),
    context: (): RowContext => ({ calendar, readAt: new Date().toISOString() }),
    deletions: createDeletions(store, options.confirmMs),
    oldest: (): string => new Date(Date.now() - options.historyDays * 86_400_000).toISOString(),
  };
  const usage = createUsageReads({ ...common, historyDays: options.historyDays });
  const dimensions = createDimensionReads({ ...common, leagues: options.leagues });
  const sources = { book, usage, dimensions, instances: new InstanceReads(common), audit: createAuditReads(common) };
  const reads = new TableReads(sources, options);
  const isWanted = (leagueId: string): boolean => options.leagues?.includes(leagueId) ?? true;
  const watchedRuns = new WatchedRuns({
    ...common,
    isKept: (leagueId) => book.of('job_instance', leagueId).asOf !== null && isWanted(leagueId),
    refreshRuns: async (leagueId) => {
      await reads.refreshRuns(leagueId);
      await store.lease.publishRefreshed();
    },
  });
  // One that the configuration leaves out from now on is not deleted yet.
  const leagues = async () => (await leagueRows(store)).filter(({ id }) => isWanted(id));
  const history = createHistory({ usage, book, log, leagues, signal: stop.signal });
  return new Refresher({ store, log, book, reads, watchedRuns, history, budget, leagues, stop }, options.factsMs);
}
