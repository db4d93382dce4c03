import type { Counter, Gauge, Histogram } from 'prom-client';

/** A metric as docs/operating.md lists it. */
export interface MetricDescription {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

/** Updates the values when they are scraped. */
export type Collect<Target> = (target: Target) => void | Promise<void>;

/** Registers metrics. Each file of this folder exports a function that takes it. */
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
