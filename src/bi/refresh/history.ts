import type { Logger } from '../../telemetry/log.ts';
import type { TableName } from '../model/types.ts';
import type { FreshnessBook } from './freshness.ts';
import type { createUsageReads } from './usage.ts';

/** Tables that are read day by day. */
export const usageTables: readonly TableName[] = ['daily_job_usage', 'daily_dataset_usage', 'daily_partner_usage'];

/** Time between two lines of the log about progress. */
const progressLogMs = 10_000;

interface LeagueDays {
  readonly leagueId: string;
  readonly days: readonly string[];
}

/** What the history is read with. */
export interface HistoryReads {
  readonly usage: Pick<ReturnType<typeof createUsageReads>, 'pending' | 'readHistory'>;
  readonly book: FreshnessBook;
  /** Ids of all leagues, and when each was created. */
  readonly leagues: () => Promise<readonly { readonly id: string; readonly createdAt: string | null }[]>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

function sumOf(days: ReadonlyMap<string, number>, leagues: 'ALL' | readonly string[] = 'ALL'): number {
  return [...days].reduce(
    (sum, [leagueId, count]) => (leagues === 'ALL' || leagues.includes(leagueId) ? sum + count : sum),
    0,
  );
}

/** Reads the days that are over, all leagues side by side, and tells how far it is. */
export function createHistory({ usage, book, leagues, log, signal }: HistoryReads) {
  const pending = new Map<string, number>();
  /** Days that were pending at first. */
  const all = new Map<string, number>();
  let loggedMs = 0;

  const note = (leagueId: string, left: number): void => {
    pending.set(leagueId, left);
    for (const table of usageTables) book.note(table, leagueId, { pendingDays: left });
  };

  const tell = (): void => {
    loggedMs = Date.now();
    log.info({ pendingDays: sumOf(pending), historyDays: sumOf(all) }, 'bi: reading history');
  };

  const readLeague = async ({ leagueId, days }: LeagueDays): Promise<void> => {
    if (days.length === 0) return;
    const onProgress = (left: number): void => {
      note(leagueId, left);
      if (Date.now() - loggedMs >= progressLogMs) tell();
    };
    await book.during(usageTables, leagueId, () => usage.readHistory(leagueId, days, { signal, onProgress }));
  };

  return {
    read: async (): Promise<void> => {
      const found = await Promise.all(
        (await leagues()).map(async ({ id: leagueId, createdAt }): Promise<LeagueDays> => ({
          leagueId,
          days: await usage.pending(leagueId, createdAt),
        })),
      );
      for (const { leagueId, days } of found) {
        all.set(leagueId, Math.max(days.length, all.get(leagueId) ?? 0));
        note(leagueId, days.length);
      }
      if (sumOf(pending) > 0) tell();
      await Promise.all(found.map(readLeague));
      await book.save();
    },
    /** Days of some leagues that are still to be read. */
    pendingDays: (of: 'ALL' | readonly string[]): number => sumOf(pending, of),
    /** Days that were to be read at first. */
    historyDays: (): number => sumOf(all),
  };
}
