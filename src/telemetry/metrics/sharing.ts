import type { MetricMaker } from './maker.ts';

/** Figures of what replicas share through Valkey or Redis. */
export interface SharingFigures {
  readonly answers: boolean;
  readonly replicas: number;
  readonly commands: number;
  readonly failures: number;
  readonly unreadable: number;
  readonly watches: {
    readonly leases: number;
    readonly published: number;
    readonly applied: number;
    readonly failovers: number;
  };
}

/** Exports the figures of the connection, once there is one. */
export function countSharing({ counter, gauge }: MetricMaker) {
  let figures: (() => SharingFigures) | undefined;
  gauge(
    'tics_gateway_redis_up',
    '1 while Valkey or Redis answers; 0 while this replica relies on its own memory, or where none is configured.',
    [],
    (target) => target.set(figures?.().answers === true ? 1 : 0),
  );
  gauge('tics_gateway_replicas', 'Replicas that are alive, as this one sees it.', [], (target) =>
    target.set(figures?.().replicas ?? 1),
  );
  gauge(
    'tics_gateway_watch_leases',
    'Leases of this replica: leagues and agents that it polls for the subscribers of all replicas.',
    [],
    (target) => target.set(figures?.().watches.leases ?? 0),
  );
  const total = (name: string, help: string, of: (figures: SharingFigures) => number): void => {
    // prom-client's counters can only be incremented.
    let counted = 0;
    counter(name, help, [], (target) => {
      const now = figures === undefined ? 0 : of(figures());
      target.inc(Math.max(0, now - counted));
      counted = now;
    });
  };
  total('tics_gateway_redis_commands_total', 'Commands sent to Valkey or Redis.', ({ commands }) => commands);
  total('tics_gateway_redis_failures_total', 'Commands that failed or came too late.', ({ failures }) => failures);
  total(
    'tics_gateway_redis_unreadable_total',
    'Values that could not be read: of another version, or encrypted by another key.',
    ({ unreadable }) => unreadable,
  );
  total(
    'tics_gateway_watch_publications_total',
    'Results of polls that this replica has published to all replicas.',
    ({ watches }) => watches.published,
  );
  total(
    'tics_gateway_watch_applied_events_total',
    'Changes that other replicas have published, as this one has taken them over.',
    ({ watches }) => watches.applied,
  );
  total(
    'tics_gateway_watch_failovers_total',
    'Leases that this replica has taken from replicas that were dead.',
    ({ watches }) => watches.failovers,
  );
  return (read: () => SharingFigures): void => {
    figures = read;
  };
}
