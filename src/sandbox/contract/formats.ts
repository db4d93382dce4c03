/** Wire formats of times and pages, shared by both planes. */

const dayMs = 24 * 60 * 60 * 1000;
/** The service uses Asia/Shanghai days; no daylight saving time. */
const serviceOffsetMs = 8 * 60 * 60 * 1000;

/** `2022-10-08T08:54:26.000+00:00`; null for undefined and 0. */
export function timestamp(ms: number | undefined): string | null {
  return ms === undefined || ms === 0 ? null : new Date(ms).toISOString().replace('Z', '+00:00');
}

/** `2022/11/03 21:34:35 GMT+8:00`, the format of execution graphs. */
export function taskTime(ms: number): string {
  return `${new Date(ms + serviceOffsetMs).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')} GMT+8:00`;
}

/** `yyyy-MM-dd` in the service's time zone. */
export function serviceDay(ms: number): string {
  return new Date(ms + serviceOffsetMs).toISOString().slice(0, 10);
}

/** Matches moments from one service day to another, both included. An undefined end is open. */
export function withinDays(from: string | undefined, to: string | undefined): (ms: number) => boolean {
  const fromMs = from === undefined ? -Infinity : Date.parse(`${from}T00:00:00Z`) - serviceOffsetMs;
  const untilMs = to === undefined ? Infinity : Date.parse(`${to}T00:00:00Z`) - serviceOffsetMs + dayMs;
  return (ms) => fromMs <= ms && ms < untilMs;
}

/** One page; `total` counts all rows. */
export interface Page<Row> {
  readonly total: number;
  readonly lists: readonly Row[];
}

/** `offset` counts records. */
export function recordPage<T, Row>(
  items: readonly T[],
  { offset, limit }: { offset: number; limit: number },
  toRow: (item: T) => Row,
): Page<Row> {
  return { total: items.length, lists: items.slice(offset, offset + limit).map(toRow) };
}

/** `offset` is a page number; 0 and 1 both mean the first page. */
export function numberedPage<T, Row>(
  items: readonly T[],
  { offset, limit }: { offset: number; limit: number },
  toRow: (item: T) => Row,
): Page<Row> {
  return recordPage(items, { offset: (Math.max(1, offset) - 1) * limit, limit }, toRow);
}
