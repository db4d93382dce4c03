/** How many runs of a day are in a state. */
export interface DayCount {
  readonly date: string;
  readonly status: string;
  readonly count: number;
}

/** They differ in lightness too, for those who see red and green alike. */
const colors: Readonly<Record<string, string>> = {
  SUCCEEDED: '#5fae8b',
  FAILED: '#b3261e',
  TERMINATED: '#8a8f98',
  RUNNING: '#2f6fb3',
};
const otherColor = '#b58a2b';

/** Its margins hold the text of phones, where letters are twice as large beside the bars. */
const size = { width: 960, height: 260, left: 56, right: 8, top: 18, bottom: 32 } as const;

/** Text in HTML or SVG. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A step of the axis: 1, 2 or 5 times a power of ten, at most five steps. */
function stepOf(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, highest / 5)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => highest / step <= 5) ?? highest;
}

/** Runs by day and state, one bar a day, as HTML and SVG that need nothing else. The legend has the sums. */
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
      ? [`<text x="${(left + index * slot).toFixed(1)}" y="${height - 8}">${escaped(day)}</text>`]
      : [],
  );
  const legend = statuses.map((status) => {
    const runs = counts.reduce((sum, count) => (count.status === status ? sum + count.count : sum), 0);
    return `<li><i style="background:${colors[status] ?? otherColor}"></i>${escaped(status)} <b>${runs.toLocaleString('en')}</b></li>`;
  });
  return `<ul class="legend">${legend.join('')}</ul><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Runs by day and status">${[...lines, ...bars, ...marks].join('')}</svg>`;
}
