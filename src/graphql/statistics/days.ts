import { GatewayError } from '../../errors.ts';

/** Lengths of the points of a series, by the calendar. */
export const intervals = {
  DAY: 'Day by day.',
  WEEK: 'Weeks from Monday to Sunday.',
  MONTH: 'Months of the calendar.',
} as const;

/** A length of the points of a series. */
export type Interval = keyof typeof intervals;

/** Days that belong together, the first and the last included, each as `2026-01-31`. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** A series has no more points than this; each costs up to three calls. */
export const maxPoints = 92;

const dayMs = 86_400_000;

/** The last day of the interval in which a day is. Days are reckoned in UTC, where all have 24 hours. */
const lastDayOf: Readonly<Record<Interval, (ms: number) => number>> = {
  DAY: (ms) => ms,
  WEEK: (ms) => ms + ((7 - new Date(ms).getUTCDay()) % 7) * dayMs,
  MONTH: (ms) => {
    const day = new Date(ms);
    return day.setUTCMonth(day.getUTCMonth() + 1, 0);
  },
};

function written(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/**
 * The days asked for, as they are.
 *
 * @throws GatewayError INVALID_ARGUMENT when the last one is before the first one.
 */
export function daysInOrder<Days extends { readonly from?: string | null; readonly to?: string | null }>(
  days: Days,
): Days {
  if (days.from && days.to && days.from > days.to)
    throw new GatewayError('INVALID_ARGUMENT', 'to: not before from; both days are included.');
  return days;
}

/**
 * Splits days at the borders of the calendar's weeks or months; the first and the last part may be shorter.
 *
 * @throws GatewayError INVALID_ARGUMENT when there are too many parts, or the last day is before the first one.
 */
export function split(days: DayRange, every: Interval): readonly DayRange[] {
  const { from, to } = daysInOrder(days);
  const lastMs = Date.parse(to);
  const parts: DayRange[] = [];
  for (let startMs = Date.parse(from); startMs <= lastMs;) {
    if (parts.length === maxPoints)
      throw new GatewayError(
        'INVALID_ARGUMENT',
        `every: at most ${maxPoints} points. Ask for fewer days, or for longer intervals.`,
      );
    const endMs = Math.min(lastDayOf[every](startMs), lastMs);
    parts.push({ from: written(startMs), to: written(endMs) });
    startMs = endMs + dayMs;
  }
  return parts;
}
