import { tables } from '../model/tables.ts';
import type { Row } from '../model/types.ts';
import type { TableChange } from '../store/store.ts';

const dayMs = 86_400_000;

/** Days of the service's calendar, as `yyyy-MM-dd`. */
export interface Calendar {
  /** The day that an instant lies in. */
  readonly dayOf: (instant: string | number) => string;
  /** The first instant of a day, ISO 8601. */
  readonly startOf: (day: string) => string;
  /** Days from one to another, both included. */
  readonly days: (from: string, to: string) => readonly string[];
  /** The day so many days before. */
  readonly before: (day: string, days: number) => string;
}

/** A day that there is, such as 2024-02-29. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** The calendar of a time zone. */
export function createCalendar(timeZone: string): Calendar {
  // Canada writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const plus = (day: string, days: number): string =>
    new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);
  const dayOfMs = (ms: number): string => format.format(ms);
  return {
    startOf: (day) => {
      // No zone is more than 14 h from UTC; some days begin at 01:00.
      let [before, after] = [Date.parse(day) - dayMs, Date.parse(day) + dayMs];
      while (after - before > 1) {
        const middle = Math.floor((before + after) / 2);
        if (dayOfMs(middle) < day) before = middle;
        else after = middle;
      }
      return new Date(after).toISOString();
    },
    dayOf: (instant) => dayOfMs(typeof instant === 'number' ? instant : Date.parse(instant)),
    days: (from, to) => {
      const count = Math.round((Date.parse(to) - Date.parse(from)) / dayMs) + 1;
      return Array.from({ length: Math.max(0, count) }, (_, index) => plus(from, index));
    },
    before: (day, days) => plus(day, -days),
  };
}

/** Monday is 1, Sunday 7. */
function weekdayOf(at: Date): number {
  return ((at.getUTCDay() + 6) % 7) + 1;
}

/** The week of ISO 8601: that of its Thursday. */
function isoWeekOf(at: Date): string {
  const thursday = new Date(at.getTime() + (4 - weekdayOf(at)) * dayMs);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * dayMs)) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}

function dateRow(date: string): Row {
  const at = new Date(`${date}T00:00:00Z`);
  const [year, month, dayOfMonth] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  return {
    date,
    year: BigInt(year),
    quarter: BigInt(Math.ceil(month / 3)),
    month: BigInt(month),
    day_of_month: BigInt(dayOfMonth),
    day_of_week: BigInt(weekdayOf(at)),
    iso_week: isoWeekOf(at),
    year_month: date.slice(0, 7),
    weekend: weekdayOf(at) > 5,
    created_at: at.toISOString(),
  };
}

/** Adds days to the table of days. */
export function datesChange(days: Iterable<string>): TableChange {
  return { table: tables.date, rows: [...new Set(days)].map(dateRow), mode: 'INSERT' };
}
