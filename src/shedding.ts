import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

/** How much work the gateway takes on. */
export interface SheddingLimits {
  /** So many operations at once. */
  readonly operations: number;
  /** While the event loop's lag (p99 of the last seconds) is above this, nothing new is begun. */
  readonly eventLoopLagMs: number;
}

/** The limits of a gateway that is told of no others. */
export const defaultLimits: SheddingLimits = { operations: 500, eventLoopLagMs: 100 };

/** Why a request is refused. */
export type Overload = 'OPERATIONS' | 'EVENT_LOOP_LAG';

/** Decides whether one more operation is begun. */
export interface Shedding {
  /** Lets an operation in and answers what is to be called at its end, once; or says why it is not let in. */
  readonly enter: () => (() => void) | Overload;
  readonly close: () => void;
}

/** Where the lag is read. */
export interface LagReading {
  /** Milliseconds, at the 99th percentile. */
  readonly p99Ms: () => number;
  readonly close: () => void;
}

/** How often a timer is looked at. */
const resolutionMs = 10;

/** The window read is one to two of these long: with some 200 readings, a single pause is not yet the 99th percentile. */
const windowMs = 2_000;

const startHistogram = (): IntervalHistogram => {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return histogram;
};

/** Measures the lag over a sliding window: two histograms, of which the older one is read and the younger one takes its place. */
export const measureLag = (): LagReading => {
  let older = startHistogram();
  let younger = startHistogram();
  let isMeasured = false;
  const timer = setInterval(() => {
    older.reset();
    [older, younger] = [younger, older];
    isMeasured = true;
  }, windowMs).unref();
  return {
    // The histogram holds the time between two timers: what is above their interval is lag.
    p99Ms: () => (!isMeasured || older.count === 0 ? 0 : Math.max(0, older.percentile(99) / 1e6 - resolutionMs)),
    close: () => {
      clearInterval(timer);
      older.disable();
      younger.disable();
    },
  };
};

/** Sheds new work above the limits. What was let in is carried out. */
export const createShedding = (
  { operations, eventLoopLagMs }: SheddingLimits,
  lag: LagReading = measureLag(),
): Shedding => {
  let inFlight = 0;
  return {
    enter: () => {
      if (inFlight >= operations) return 'OPERATIONS';
      if (lag.p99Ms() > eventLoopLagMs) return 'EVENT_LOOP_LAG';
      inFlight += 1;
      return () => {
        inFlight -= 1;
      };
    },
    close: lag.close,
  };
};
