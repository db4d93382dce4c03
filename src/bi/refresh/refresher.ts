import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Logger } from '../../telemetry/log.ts';
import type { TableFigures } from '../../telemetry/metrics/tables.ts';
import type { Deadline } from '../../upstream/deadline.ts';
import type { Planes } from '../../tics/planes/planes.ts';
import { quoted, schemas } from '../model/ddl.ts';
import { tableNames, type TableName } from '../model/types.ts';
import type { Store } from '../store/store.ts';
import { createAuditReads } from './audit.ts';
import { createBudget, withBudget } from './budget.ts';
import { createCalendar } from './calendar.ts';
import { createDeletions } from './deletions.ts';
import { createDimensionReads, noLeague } from './dimensions.ts';
import { FreshnessBook, type Freshness } from './freshness.ts';
import { createHistory, usageTables } from './history.ts';
import { InstanceReads } from './instances.ts';
import { createReferringWrites } from './references.ts';
import type { RowContext } from './rows.ts';
import { createSource, type Source } from './source.ts';
import { createUsageReads } from './usage.ts';

/** How often and how far BI reads. */
export interface RefreshOptions {
  /** Time between two refreshes of facts. */
  readonly factsMs: number;
  /** Time after which dimensions are read again, where nothing tells of a change before. */
  readonly dimensionsMs: number;
  /** Time between two reads of whole lists, which find what was deleted. */
  readonly sweepMs: number;
  /** A row that two whole reads miss, so far apart at least, is marked as deleted. */
  readonly confirmMs: number;
  readonly historyDays: number;
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

/** Keeps the tables fresh. */
export interface Refresher {
  /** Begins to refresh at intervals. */
  readonly start: () => void;
  /** Refreshes facts now; who asks while one runs waits for that one. */
  readonly refresh: () => Promise<void>;
  /** Reads all that is due, history included. */
  readonly readAll: () => Promise<void>;
  /** Reads whole lists now. */
  readonly sweep: () => Promise<void>;
  readonly freshness: (table: TableName, leagueId: string) => Freshness;
  /** The state that an answer from a table shows; null before the first read. */
  readonly asOf: (table: TableName, leagues: 'ALL' | readonly string[]) => string | null;
  readonly leagues: () => Promise<readonly string[]>;
  /** Days of history that are still to be read. */
  readonly pendingDays: () => number;
  readonly figures: () => TableFigures;
  readonly close: () => Promise<void>;
}

/** One run at a time: who asks meanwhile waits for it. */
function single(work: () => Promise<void>) {
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

/** Opens the refresher of a store. It reads nothing before it is started or asked. */
export async function openRefresher(
  { store, planes, timeZone, log }: RefresherDependencies,
  options: RefreshOptions,
): Promise<Refresher> {
  const { lease } = store;
  const stop = new AbortController();
  // Each call under way listens to it.
  setMaxListeners(0, stop.signal);
  const deadline: Deadline = { signal: stop.signal, remainingMs: () => Number.POSITIVE_INFINITY };
  const budget = createBudget(options, stop.signal);
  const calendar = createCalendar(timeZone);
  const source = (): Source => createSource(withBudget(planes(deadline), budget));
  const context = (): RowContext => ({ calendar, readAt: new Date().toISOString() });
  const oldest = (): string => new Date(Date.now() - options.historyDays * 86_400_000).toISOString();
  const deletions = createDeletions(store, options.confirmMs);
  const book = await FreshnessBook.open(store, (error, { tables, leagueId }) => {
    if (stop.signal.aborted) return false;
    log.warn({ err: error, tables, leagueId }, 'bi: a refresh failed');
    return true;
  });
  const reads = { store, write: createReferringWrites(store), source, context, deletions, oldest };
  const dimensions = createDimensionReads({ ...reads, leagues: options.leagues });
  const instances = new InstanceReads(reads);
  const audit = createAuditReads(reads);
  const usage = createUsageReads({ ...reads, historyDays: options.historyDays });
  const sweptAtMs = new Map<string, number>();

  const leagueRows = () =>
    store.all({
      text: `SELECT id, created_at FROM ${schemas.current}.${quoted('league')} WHERE deleted_at IS NULL ORDER BY id`,
      values: [],
    });
  const leagues = async (): Promise<readonly string[]> => (await leagueRows()).map(({ id }) => String(id));
  const forLeagues = async (work: (leagueId: string) => Promise<unknown>): Promise<void> => {
    await Promise.all((await leagues()).map(work));
  };

  const isDue = (table: TableName, leagueId: string, afterMs: number): boolean => {
    const { asOf } = book.of(table, leagueId);
    return asOf === null || Date.now() - Date.parse(asOf) >= afterMs;
  };

  const refreshAccount = async (): Promise<void> => {
    for (const table of ['league', 'agent'] as const)
      if (isDue(table, noLeague, options.dimensionsMs))
        await book.during([table], noLeague, dimensions.ofAccount[table]);
    if (isDue('date', noLeague, options.dimensionsMs)) await book.during(['date'], noLeague, usage.readDates);
  };

  const refreshDimensions = async (leagueId: string, isChanged: boolean): Promise<void> => {
    for (const table of ['partner', 'dataset', 'job'] as const)
      if (isChanged || isDue(table, leagueId, options.dimensionsMs))
        await book.during([table], leagueId, () => dimensions.ofLeague[table](leagueId));
  };

  /** What did not change since the last read is as fresh as the reads that say so. */
  const refreshToday = async (leagueId: string, isChanged: boolean): Promise<void> => {
    const { asOf } = book.of('job_instance', leagueId);
    if (isChanged || isDue('daily_job_usage', leagueId, options.dimensionsMs))
      await book.during(usageTables, leagueId, () => usage.readToday(leagueId));
    else if (asOf !== null && book.of('daily_job_usage', leagueId).errorCode === null)
      for (const table of usageTables) book.note(table, leagueId, { asOf });
  };

  const sweepLeague = async (leagueId: string): Promise<void> => {
    const done = await book.during(['job_instance', 'job_instance_status_event'], leagueId, async () => {
      await instances.sweep(leagueId);
      return true;
    });
    if (done) sweptAtMs.set(leagueId, Date.now());
  };

  const refreshFacts = async (leagueId: string): Promise<void> => {
    const isFirst = book.of('job', leagueId).asOf === null;
    // Runs refer to jobs: those are read first.
    if (isFirst) await refreshDimensions(leagueId, false);
    const [hasRuns = false, hasEvents = false] = await Promise.all([
      book.during(['job_instance', 'job_instance_status_event'], leagueId, () => instances.readNewest(leagueId)),
      book.during(['audit_event'], leagueId, () => audit.readNewest(leagueId)),
    ]);
    if (!isFirst) await refreshDimensions(leagueId, hasEvents);
    await refreshToday(leagueId, hasRuns || hasEvents);
    const sweptMs = sweptAtMs.get(leagueId);
    if (sweptMs === undefined) sweptAtMs.set(leagueId, Date.now());
    else if (
      Date.now() - sweptMs >= options.sweepMs ||
      (instances.isSweepDue(leagueId) && Date.now() - sweptMs >= options.confirmMs)
    )
      await sweepLeague(leagueId);
  };

  const refresh = single(async () => {
    await refreshAccount();
    await forLeagues(refreshFacts);
    await book.save();
    await lease.tellRefreshed();
  });

  const history = createHistory({
    ...{ usage, book, log, signal: stop.signal },
    leagues: async () =>
      (await leagueRows()).map(({ id, created_at: createdAt }) => ({
        id: String(id),
        createdAt: typeof createdAt === 'string' ? createdAt : null,
      })),
  });
  const readHistory = single(history.read);

  let isStarted = false;
  let timer: NodeJS.Timeout | undefined;
  let loop: Promise<void> = Promise.resolve();
  const figures = (): TableFigures => ({
    pendingDays: history.pendingDays(),
    historyDays: history.historyDays(),
    calls: budget.calls(),
    ageSeconds: Object.fromEntries(
      tableNames.flatMap((table) => {
        const asOf = book.asOf(table, 'ALL');
        return asOf === null ? [] : [[table, Math.max(0, (Date.now() - Date.parse(asOf)) / 1000)]];
      }),
    ),
  });

  const round = async (): Promise<void> => {
    await refresh.run();
    // History takes minutes; facts go on being refreshed meanwhile.
    readHistory.run().catch((error: unknown) => {
      if (!stop.signal.aborted) log.error({ err: error }, 'bi: reading history failed');
    });
  };

  const runOnce = (): void => {
    if (!lease.isHeld()) return log.info('bi: another gateway refreshes the tables');
    loop = round()
      .catch((error: unknown) => {
        if (!stop.signal.aborted) log.error({ err: error }, 'bi: a refresh failed');
      })
      .then(() => {
        if (!stop.signal.aborted) timer = setTimeout(runOnce, options.factsMs).unref();
      });
  };

  /** Readers who wait for another process to refresh, by their questions. */
  const waiting = new Map<string, () => void>();
  const goOn = (question: string): void => {
    waiting.get(question)?.();
    waiting.delete(question);
  };
  const allGoOn = (): void => [...waiting.keys()].forEach(goOn);
  const reload = async (): Promise<void> => {
    await store.reload();
    await book.reload();
  };
  const freshen = async (): Promise<void> => {
    if (lease.isHeld()) return refresh.run();
    const question = randomUUID();
    const refreshed = new Promise<void>((resolve) => waiting.set(question, resolve));
    await lease.ask(question);
    await refreshed;
  };
  const ignore = (): void => undefined;
  lease.onRefreshed(
    (question) =>
      void reload()
        .catch(ignore)
        .then(() => goOn(question)),
  );
  lease.onAsked((question) => {
    if (!lease.isHeld() || stop.signal.aborted) return;
    void refresh
      .run()
      .catch(ignore)
      .then(() => lease.tellRefreshed(question));
  });
  lease.onHeld(() => {
    if (stop.signal.aborted) return;
    void reload()
      .catch(ignore)
      .then(isStarted ? runOnce : refresh.run)
      .then(() => loop)
      .catch(ignore)
      .then(allGoOn);
  });

  return {
    start: () => {
      isStarted = true;
      runOnce();
    },
    refresh: freshen,
    readAll: async () => {
      await freshen();
      if (lease.isHeld()) await readHistory.run();
    },
    sweep: async () => {
      await forLeagues(sweepLeague);
      await forLeagues(async (leagueId) => refreshDimensions(leagueId, true));
      await book.save();
    },
    freshness: (table, leagueId) => book.of(table, leagueId),
    asOf: (table, seen) => (table === 'sync_status' ? store.stampOf(table) : book.asOf(table, seen)),
    leagues,
    pendingDays: history.pendingDays,
    figures,
    close: async () => {
      stop.abort(new Error('closed'));
      clearTimeout(timer);
      allGoOn();
      await loop;
      await Promise.all([refresh.idle(), readHistory.idle()]);
    },
  };
}
