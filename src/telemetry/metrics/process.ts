import { readdir } from 'node:fs/promises';
import { busySeconds, LagMeter } from '../eventLoop.ts';
import type { MetricMaker } from './maker.ts';

/**
 * Event loop, memory, CPU and files of the process. Hand-written because the default metrics of `prom-client` observe the
 * garbage collector and the event loop for ever.
 *
 * @returns stops measuring
 */
export function measureProcess({ counter, gauge }: MetricMaker, droppedLogLines: () => number): () => void {
  const lag = new LagMeter();
  gauge(
    'tics_gateway_event_loop_lag_seconds',
    'How late timers ran since the figures were read last: `stat` p50, p90, p99 and max.',
    ['stat'],
    (target) => {
      for (const [stat, seconds] of Object.entries(lag.take())) target.set({ stat }, seconds);
    },
  );
  const total = (name: string, help: string, read: () => number): void => {
    // prom-client's counters can only be incremented.
    let counted = 0;
    counter(name, help, [], (target) => {
      const now = read();
      target.inc(Math.max(0, now - counted));
      counted = now;
    });
  };
  total(
    'tics_gateway_event_loop_busy_seconds_total',
    'Time in which the event loop was busy; its rate is its share of one processor.',
    busySeconds,
  );
  total('process_cpu_seconds_total', 'Processor time, user and system.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  total(
    'tics_gateway_log_lines_dropped_total',
    'Lines of the log that could not be written and are lost.',
    droppedLogLines,
  );
  gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.', [], (target) =>
    target.set(performance.timeOrigin / 1000),
  );
  gauge('process_resident_memory_bytes', 'Memory that the process holds.', [], (target) =>
    target.set(process.memoryUsage.rss()),
  );
  gauge('nodejs_heap_used_bytes', 'JavaScript heap in use.', [], (target) =>
    target.set(process.memoryUsage().heapUsed),
  );
  gauge('process_open_fds', 'Open files and sockets; only where the system has /proc.', [], async (target) => {
    const open = await readdir('/proc/self/fd').catch(() => undefined);
    if (open === undefined) target.remove();
    else target.set(open.length);
  });
  return () => lag.stop();
}
