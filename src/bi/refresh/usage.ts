import { quoted, schemas } from '../model/ddl.ts';
import { tables } from '../model/tables.ts';
import type { Row } from '../model/types.ts';
import type { Store, TableChange } from '../store/store.ts';
import { datesChange } from './calendar.ts';
import type { WriteReferring } from './references.ts';
import { datasetUsageRow, isEmptyUsage, jobUsageRow, partnerUsageRow, type RowContext, type UsageDay } from './rows.ts';
import type { Source } from './source.ts';

/** A day counts as over this long after its midnight: what is counted late is counted by then. */
const closingMs = 300_000;

/** Days that are asked for together, to find out that nothing happened in any of them. */
const daysTogether = 8;

/** What reads of usage need. */
export interface UsageReads {
  readonly store: Store;
  readonly write: WriteReferring;
  readonly source: () => Source;
  readonly context: () => RowContext;
  readonly historyDays: number;
}

/** Reads the statistics of leagues day by day. A day that is over is asked for once, ever. */
export function createUsageReads({ store, write, source, context, historyDays }: UsageReads) {
  const closedDay = ({ calendar }: RowContext): string => calendar.before(calendar.dayOf(Date.now() - closingMs), 1);

  /** Days of history that are not read yet, the newest first. */
  const pending = async (leagueId: string, createdAt: string | null): Promise<readonly string[]> => {
    const { calendar } = context();
    const last = closedDay(context());
    const earliest = calendar.before(last, historyDays - 1);
    const created = createdAt === null ? earliest : calendar.dayOf(createdAt);
    const known = await store.all({
      text: `SELECT "date" AS day FROM ${schemas.current}.${quoted('daily_job_usage')} WHERE league_id = $1 AND final`,
      values: [leagueId],
    });
    const read = new Set(known.map(({ day }) => String(day)));
    return calendar
      .days(created > earliest ? created : earliest, last)
      .filter((day) => !read.has(day))
      .reverse();
  };

  /** The rows of one day: one call, and two more where anything happened. */
  const rowsOfDay = async (day: UsageDay): Promise<readonly TableChange[]> => {
    const { statistics } = source();
    const days = { leagueId: day.leagueId, from: day.date, to: day.date };
    const jobs = jobUsageRow(day, await statistics.jobs(days));
    const changes: TableChange[] = [{ table: tables.daily_job_usage, rows: [jobs], mode: 'UPSERT' }];
    if (isEmptyUsage(jobs)) return changes;
    const [datasets, partners] = await Promise.all([statistics.datasets(days), statistics.partners(days)]);
    const kept = (rows: readonly (Row | null)[]) =>
      rows.filter((row) => row !== null).filter((row) => !isEmptyUsage(row));
    return [
      ...changes,
      {
        table: tables.daily_dataset_usage,
        rows: kept(datasets.map((usage) => datasetUsageRow(day, usage))),
        mode: 'UPSERT',
      },
      {
        table: tables.daily_partner_usage,
        rows: kept(partners.map((usage) => partnerUsageRow(day, usage))),
        mode: 'UPSERT',
      },
    ];
  };

  /** What stands for days of which their total says that nothing happened. */
  const emptyDays = async (leagueId: string, days: readonly string[]): Promise<readonly TableChange[] | undefined> => {
    const [to, from] = [days[0] ?? null, days.at(-1) ?? null];
    const usage = await source().statistics.jobs({ leagueId, from, to });
    if (!isEmptyUsage(jobUsageRow({ leagueId, date: '', final: true }, usage))) return undefined;
    const rows = days.map((date) => jobUsageRow({ leagueId, date, final: true }, usage));
    return [{ table: tables.daily_job_usage, rows, mode: 'UPSERT' }];
  };

  return {
    pending,
    /**
     * Reads days that are over, in groups; each group is kept when it is read, so that a restart goes on behind it.
     *
     * @param days - from `pending`
     */
    readHistory: async (
      leagueId: string,
      days: readonly string[],
      { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (left: number) => void },
    ): Promise<void> => {
      for (let first = 0; first < days.length; first += daysTogether) {
        signal.throwIfAborted();
        const group = days.slice(first, first + daysTogether);
        const empty = group.length > 1 ? await emptyDays(leagueId, group) : undefined;
        await write(
          empty ?? (await Promise.all(group.map((date) => rowsOfDay({ leagueId, date, final: true })))).flat(),
        );
        onProgress(days.length - first - group.length);
      }
    },
    /** Reads today, whose counts still grow. */
    readToday: async (leagueId: string): Promise<void> => {
      const { calendar } = context();
      const from = calendar.before(closedDay(context()), -1);
      const days = calendar.days(from, calendar.dayOf(Date.now()));
      const read = await Promise.all(
        days.map(async (date) => ({ date, changes: await rowsOfDay({ leagueId, date, final: false }) })),
      );
      // A day that has closed meanwhile is the history's, which may have read it by now.
      await write(read.filter(({ date }) => date > closedDay(context())).flatMap(({ changes }) => changes));
    },
    /** The table of days covers the history, days on which nothing happened included. */
    readDates: async (): Promise<void> => {
      const { calendar } = context();
      const today = calendar.dayOf(Date.now());
      await store.write([datesChange(calendar.days(calendar.before(today, historyDays), today))]);
    },
  };
}
