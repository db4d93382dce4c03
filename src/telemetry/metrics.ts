import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { countOperations, type FinishedOperation } from './metrics/operations.ts';
import { measureProcess } from './metrics/process.ts';
import { countSharing, type SharingFigures } from './metrics/sharing.ts';
import { countTables, type TableFigures } from './metrics/tables.ts';
import { countUpstream, type UpstreamCounts } from './metrics/upstream.ts';
import { countWatching, type WatchingFigures } from './metrics/watching.ts';
import type { Collect, MetricDescription, MetricMaker } from './metrics/maker.ts';

/** Metrics of one gateway, for `GET /metrics`. */
export interface Metrics {
  /** Counts what happens between the gateway and its upstreams. */
  readonly observer: UpstreamCounts;
  /** Execution of an operation begins. */
  readonly operationBegan: () => void;
  /** Execution ended. `operationBegan` was called for it before. */
  readonly operationEnded: (operation: FinishedOperation) => void;
  /** A request was refused before execution. */
  readonly refused: (errorCodes: readonly string[]) => void;
  /** Exports the figures of a gateway's watches. Returns what removes them. */
  readonly watching: (figures: () => WatchingFigures) => () => void;
  /** Exports the figures of what replicas share. */
  readonly sharing: (figures: () => SharingFigures) => void;
  /** Exports the figures of the tables for BI tools. */
  readonly tables: (figures: () => TableFigures) => void;
  /** A WebSocket was opened or closed. */
  readonly socketOpened: () => void;
  readonly socketClosed: () => void;
  /** In Prometheus' text format. */
  readonly text: () => Promise<string>;
  readonly contentType: string;
  /** All metrics, for docs/operating.md and for the checks of dashboard and alerts. */
  readonly describe: () => readonly MetricDescription[];
  /** Stops measuring. */
  readonly close: () => void;
}

/** `prom-client` passes the metric to `collect` as `this`. */
function collecting<Target>(collect: Collect<Target> | undefined) {
  return (
    collect && {
      collect(this: Target): void | Promise<void> {
        return collect(this);
      },
    }
  );
}

/**
 * Metrics in a registry of their own, so that several gateways of one process do not meet.
 *
 * @param droppedLogLines - see `ProcessLog`
 */
export function createMetrics(droppedLogLines: () => number = () => 0): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const described: MetricDescription[] = [];

  const make: MetricMaker = {
    counter: (name, help, labels = [], collect) => {
      described.push({ name, type: 'counter', labels, help });
      return new Counter({ name, help, labelNames: [...labels], registers, ...collecting(collect) });
    },
    gauge: (name, help, labels = [], collect) => {
      described.push({ name, type: 'gauge', labels, help });
      return new Gauge({ name, help, labelNames: [...labels], registers, ...collecting(collect) });
    },
    histogram: (name, help, buckets, labels = []) => {
      described.push({ name, type: 'histogram', labels, help });
      return new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers });
    },
  };

  const { began, ended, refused } = countOperations(make);
  const observer = countUpstream(make);
  const sockets = countWatching(make);
  const sharing = countSharing(make);
  const tables = countTables(make);
  const close = measureProcess(make, droppedLogLines);

  return {
    observer,
    operationBegan: began,
    operationEnded: ended,
    refused,
    ...sockets,
    sharing,
    tables,
    text: () => registry.metrics(),
    contentType: registry.contentType,
    describe: () => described,
    close,
  };
}
