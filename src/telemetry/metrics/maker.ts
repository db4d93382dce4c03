import type { Counter, Gauge, Histogram } from 'prom-client';

/** One metric as the operator's page shows it. */
export interface MetricDescription {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

/** Brings the values up to date just before they are read. */
export type Collect<Target> = (target: Target) => void | Promise<void>;

/** Makes metrics. Each file here is a function that takes it. */
export interface MetricMaker {
  readonly counter: <Label extends string>(
    name: string,
    help: string,
    labels?: readonly Label[],
    collect?: Collect<Counter<Label>>,
  ) => Counter<Label>;
  readonly gauge: <Label extends string>(
    name: string,
    help: string,
    labels?: readonly Label[],
    collect?: Collect<Gauge<Label>>,
  ) => Gauge<Label>;
  readonly histogram: <Label extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly Label[],
  ) => Histogram<Label>;
}
