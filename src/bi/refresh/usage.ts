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

type Statistics = Source['statistics'];

function usedRows(rows: readonly (Row | null)[]): readonly Row[] {
  return rows.filter((row) => row !== null).filter((row) => !isEmptyUsage(row));
}

/** The rows of one day: one call, and two more where anything happened. */
async function rowsOfDay(statistics: Statistics, day: UsageDay): Promise<readonly TableChange[]> {
  const days = { leagueId: day.leagueId, from: day.date, to: day.date };
  const jobs = jobUsageRow(day, await statistics.jobs(days));
  const changes: TableChange[] = [{ table: tables.daily_job_usage, rows: [jobs], mode: 'UPSERT' }];
  if (isEmptyUsage(jobs)) return changes;
  const [datasets, partners] = await Promise.all([statistics.datasets(days), statistics.partners(days)]);
  const datasetRows = usedRows(datasets.map((usage) => datasetUsageRow(day, usage)));
  const partnerRows = usedRows(partners.map((usage) => partnerUsageRow(day, usage)));
  return [
    ...changes,
    { table: tables.daily_dataset_usage, rows: datasetRows, mode: 'UPSERT' },
    { table: tables.daily_partner_usage, rows: partnerRows, mode: 'UPSERT' },
  ];
}

/** The rows of several days at once, where their total says that nothing happened; undefined where something did. */
async function rowsOfEmptyDays(
  statistics: Statistics,
  leagueId: string,
  days: readonly string[],
): Promise<readonly TableChange[] | undefined> {
  const [to, from] = [days[0] ?? null, days.at(-1) ?? null];
  const usage = await statistics.jobs({ leagueId, from, to });
  if (!isEmptyUsage(jobUsageRow({ leagueId, date: '', final: true }, usage))) return undefined;
  const rows = days.map((date) => jobUsageRow({ leagueId, date, final: true }, usage));
  return [{ table: tables.daily_job_usage, rows, mode: 'UPSERT' }];
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
        const { statistics } = source();
        const empty = group.length > 1 ? await rowsOfEmptyDays(statistics, leagueId, group) : undefined;
        const readDay = (date: string) => rowsOfDay(statistics, { leagueId, date, final: true });
        await write(empty ?? (await Promise.all(group.map(readDay))).flat());
        onProgress(days.length - first - group.length);
      }
    },
    /** Reads today, whose counts still grow. */
    readToday: async (leagueId: string): Promise<void> => {
      const { calendar } = context();
      const { statistics } = source();
      const from = calendar.before(closedDay(context()), -1);
      const days = calendar.days(from, calendar.dayOf(Date.now()));
      const read = await Promise.all(
        days.map(async (date) => ({ date, changes: await rowsOfDay(statistics, { leagueId, date, final: false }) })),
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
