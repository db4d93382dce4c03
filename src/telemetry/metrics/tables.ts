import type { MetricMaker } from './maker.ts';

/** Figures of the tables for BI tools. */
export interface TableFigures {
  /** Days of history that are still to be read, in all leagues. */
  readonly pendingDays: number;
  /** Days of history that were read or were to be read, since the start. */
  readonly historyDays: number;
  /** Upstream calls of refreshes so far. */
  readonly calls: number;
  /** Answers that ended before their last row, so far. */
  readonly cutAnswers: number;
  /** Age of what each table shows, in seconds. A table that was never read is not among them. */
  readonly ageSeconds: Readonly<Record<string, number>>;
}

/** Exports the figures of the tables, once they are open. */
export function countTables({ counter, gauge }: MetricMaker) {
  let figures: (() => TableFigures) | undefined;
  gauge(
    'tics_gateway_bi_pending_dates',
    'Days of history that the tables for BI tools still have to read, in all leagues.',
    [],
    (target) => target.set(figures?.().pendingDays ?? 0),
  );
  gauge(
    'tics_gateway_bi_history_dates',
    'Days of history that the tables for BI tools have read since the start, and those that are pending.',
    [],
    (target) => target.set(figures?.().historyDays ?? 0),
  );
  /** prom-client's counters can only be incremented. */
  const total = (name: string, help: string, read: (now: TableFigures) => number): void => {
    let counted = 0;
    counter(name, help, [], (target) => {
      const now = figures === undefined ? 0 : read(figures());
      target.inc(Math.max(0, now - counted));
      counted = now;
    });
  };
  total('tics_gateway_bi_calls_total', 'Upstream calls that refreshed the tables for BI tools.', ({ calls }) => calls);
  total(
    'tics_gateway_bi_cut_answers_total',
    'Answers from the tables for BI tools that ended before their last row: a limit, a key that ended, or a failure.',
    ({ cutAnswers }) => cutAnswers,
  );
  gauge(
    'tics_gateway_bi_age_seconds',
    'Age of the state that a table for BI tools shows, of the league where it is oldest.',
    ['table'],
    (target) => {
      for (const [table, age] of Object.entries(figures?.().ageSeconds ?? {})) target.set({ table }, age);
    },
  );
  return (read: () => TableFigures): void => {
    figures = read;
  };
}
