import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import type { LoadLimits } from '../config/config.ts';
import { errorCodes, GatewayError } from '../errors.ts';

/** An operation that was let in. */
export interface Place {
  /** It is a subscription, which waits more than it works, and is counted with its like; answers why it is not let in as one. */
  readonly streams: () => GatewayError | undefined;
  /** It has ended. */
  readonly leave: () => void;
}

/** Decides whether one more operation is begun. */
export interface Shedding {
  /** Lets an operation in, or says why not. */
  readonly enter: () => Place | GatewayError;
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

function startHistogram(): IntervalHistogram {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return histogram;
}

/** Measures the lag over a sliding window: two histograms, of which the older one is read and the younger one takes its place. */
export function measureLag(): LagReading {
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
}

/**
 * As many operations are begun however much the event loop lags: if so few are under way, others make the machine busy, and
 * refusing would help nobody.
 */
const operationsInSpiteOfLag = 8;

/** Overload passes in seconds, or not at all. */
const retryAfter = 2;

function refusal(why: string): GatewayError {
  const error = new GatewayError('OVERLOADED', `${why} Nothing was executed.`, { retryAfter });
  error.extensions['http'] = { status: errorCodes.OVERLOADED.httpStatus, headers: { 'retry-after': `${retryAfter}` } };
  return error;
}

/** Sheds new work above the limits. What was let in is carried out. */
export function createShedding(limits: LoadLimits, lag: LagReading = measureLag()): Shedding {
  const taken = { operations: 0, subscriptions: 0 };

  const takePlace = (): Place => {
    let kind: keyof typeof taken | undefined = 'operations';
    taken[kind] += 1;
    const leave = (): void => {
      if (kind !== undefined) taken[kind] -= 1;
      kind = undefined;
    };
    return {
      leave,
      streams: () => {
        // Its caller may have left before it was read.
        if (kind === undefined) return undefined;
        if (taken.subscriptions >= limits.subscriptions)
          return refusal('The gateway carries as many subscriptions as it may.');
        leave();
        kind = 'subscriptions';
        taken[kind] += 1;
        return undefined;
      },
    };
  };

  return {
    enter: () => {
      if (taken.operations >= limits.operations) return refusal('The gateway executes as many operations as it may.');
      if (taken.operations >= operationsInSpiteOfLag && lag.p99Ms() > limits.eventLoopLagMs)
        return refusal('The gateway is overloaded at the moment.');
      return takePlace();
    },
    close: lag.close,
  };
}
