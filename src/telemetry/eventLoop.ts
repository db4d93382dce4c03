import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** How often lag is measured. */
const resolutionMs = 10;

/** How late timers ran, in seconds. */
export type Lag = Readonly<Record<'p50' | 'p90' | 'p99' | 'max', number>>;

/** Measures how late timers run, until it is stopped. */
export class LagMeter {
  readonly #delays = monitorEventLoopDelay({ resolution: resolutionMs });

  constructor() {
    this.#delays.enable();
  }

  /** The lag since the last call. */
  take(): Lag {
    const at = (percent: number): number => this.#lagSeconds(this.#delays.percentile(percent));
    const lag = { p50: at(50), p90: at(90), p99: at(99), max: this.#lagSeconds(this.#delays.max) };
    this.#delays.reset();
    return lag;
  }

  stop(): void {
    this.#delays.disable();
  }

  /** Node measures the time between two timers. What exceeds their interval is lag. */
  #lagSeconds(nanoseconds: number): number {
    return this.#delays.count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000);
  }
}

/** Time for which the event loop has been busy since the process started. */
export function busySeconds(): number {
  return performance.eventLoopUtilization().active / 1000;
}

/** Measures which share of its time the event loop is busy, from 0 to 1. */
export class UtilizationMeter {
  #before = performance.eventLoopUtilization();

  /** The share since the last call. */
  take(): number {
    const { utilization } = performance.eventLoopUtilization(this.#before);
    this.#before = performance.eventLoopUtilization();
    return utilization;
  }
}
