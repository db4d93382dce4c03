/** How many runs of a day are in a state. */
export interface DayCount {
  readonly date: string;
  readonly status: string;
  readonly count: number;
}

const colors: Readonly<Record<string, string>> = {
  SUCCEEDED: '#2e7d5b',
  FAILED: '#c0392b',
  TERMINATED: '#8a8f98',
  RUNNING: '#2f6fb3',
};
const otherColor = '#b58a2b';

const size = { width: 960, height: 260, left: 40, right: 8, top: 30, bottom: 24 } as const;

/** Text in HTML or SVG. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A step of the axis: 1, 2 or 5 times a power of ten, at most five steps. */
function stepOf(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, highest / 5)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => highest / step <= 5) ?? highest;
}

/** Runs by day and state, one bar a day, as SVG that needs nothing else. */
export function runsChart(days: readonly string[], counts: readonly DayCount[]): string {
  const statuses = [...new Set(counts.map(({ status }) => status))].sort();
  const byDay = new Map<string, DayCount[]>(days.map((day) => [day, []]));
  for (const count of counts) byDay.get(count.date)?.push(count);
  const totals = [...byDay.values()].map((day) => day.reduce((sum, { count }) => sum + count, 0));
  const highest = Math.max(1, ...totals);
  const { width, height, left, right, top, bottom } = size;
  const inner = { width: width - left - right, height: height - top - bottom };
  const y = (count: number): number => top + inner.height * (1 - count / highest);
  const slot = inner.width / Math.max(1, days.length);
  const bars = [...byDay].map(([day, parts], index) => {
    let below = 0;
    const x = left + index * slot;
    const sorted = [...parts].sort((one, other) => (one.status < other.status ? -1 : 1));
    return sorted
      .map(({ status, count }) => {
        const from = y(below);
        below += count;
        const title = `${day} ${status}: ${count}`;
        return `<rect x="${x.toFixed(1)}" y="${y(below).toFixed(1)}" width="${Math.max(1, slot - 1).toFixed(1)}" height="${(from - y(below)).toFixed(1)}" fill="${colors[status] ?? otherColor}"><title>${escaped(title)}</title></rect>`;
      })
      .join('');
  });
  const step = stepOf(highest);
  const lines = Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => {
    const at = y(index * step).toFixed(1);
    return `<line x1="${left}" x2="${width - right}" y1="${at}" y2="${at}" class="grid"/><text x="${left - 6}" y="${at}" dy="4" text-anchor="end">${index * step}</text>`;
  });
  const marks = days.flatMap((day, index) =>
    index % Math.ceil(days.length / 6) === 0
      ? [`<text x="${(left + index * slot).toFixed(1)}" y="${height - 6}">${escaped(day)}</text>`]
      : [],
  );
  const legend = statuses.map((status, index) => {
    const x = left + index * 130;
    return `<rect x="${x}" y="6" width="10" height="10" fill="${colors[status] ?? otherColor}"/><text x="${x + 15}" y="15">${escaped(status)}</text>`;
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Runs by day and status">${[...lines, ...bars, ...marks, ...legend].join('')}</svg>`;
}
