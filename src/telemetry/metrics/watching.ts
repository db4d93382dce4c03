import type { MetricMaker } from './maker.ts';

/** Figures of the watches of one gateway. */
export interface WatchingFigures {
  readonly watches: number;
  readonly subscribers: number;
  readonly polls: number;
  readonly events: number;
  readonly lagMs: number;
}

/** Watches and WebSockets. After a reload figures come from several gateways: counts of the replaced ones must not be lost. */
export function countWatching({ counter, gauge }: MetricMaker) {
  const gateways = new Set<() => WatchingFigures>();
  const past = { polls: 0, events: 0 };
  const all = (): readonly WatchingFigures[] => [...gateways].map((figures) => figures());
  const sum = (name: 'watches' | 'subscribers' | 'polls' | 'events'): number =>
    all().reduce((total, figures) => total + figures[name], 0);

  gauge(
    'tics_gateway_watches',
    'Watched instances, leagues and agents, each counted once however many subscribers it has.',
    [],
    (target) => target.set(sum('watches')),
  );
  gauge('tics_gateway_subscribers', 'Open subscriptions to status changes.', [], (target) =>
    target.set(sum('subscribers')),
  );
  const total = (name: string, help: string, of: 'polls' | 'events'): void => {
    // prom-client's counters can only be incremented.
    let counted = 0;
    counter(name, help, [], (target) => {
      const now = past[of] + sum(of);
      target.inc(Math.max(0, now - counted));
      counted = now;
    });
  };
  total('tics_gateway_watch_polls_total', 'Polls of watched objects, each one upstream call or a few.', 'polls');
  total(
    'tics_gateway_watch_events_total',
    'Changes seen by polls, each counted once however many subscribers receive it.',
    'events',
  );
  gauge(
    'tics_gateway_watch_lag_seconds',
    'Delay of the latest poll. Grows when the rate limit of an upstream holds polls back.',
    [],
    (target) => target.set(Math.max(0, ...all().map(({ lagMs }) => lagMs)) / 1000),
  );
  const sockets = gauge('tics_gateway_sockets', 'Open WebSockets.');

  return {
    /** Exports the figures of a gateway's watches. Returns what removes them. */
    watching: (figures: () => WatchingFigures): (() => void) => {
      gateways.add(figures);
      return () => {
        if (!gateways.delete(figures)) return;
        const { polls, events } = figures();
        past.polls += polls;
        past.events += events;
      };
    },
    socketOpened: (): void => sockets.inc(),
    socketClosed: (): void => sockets.dec(),
  };
}
