import { GatewayError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import { backoffMs, intervalMs, jittered, type IntervalRange, type Intervals } from './schedule.ts';

/** Schedules the polls of one object: soon after a change or a write, rarely otherwise, with backoff when polls fail. */
export class PollSchedule {
  readonly #clock: Clock;
  readonly #range: IntervalRange;
  readonly #intervals: Intervals;
  readonly #random: () => number;
  #changedAtMs = 0;
  #writtenAtMs = Number.NEGATIVE_INFINITY;
  #polledAtMs = Number.NEGATIVE_INFINITY;
  #notBeforeMs = 0;
  #failures = 0;
  #dueAtMs = 0;

  constructor(clock: Clock, range: IntervalRange, intervals: Intervals, random: () => number) {
    this.#clock = clock;
    this.#range = range;
    this.#intervals = intervals;
    this.#random = random;
  }

  dueAtMs(): number {
    return this.#dueAtMs;
  }

  /** Polls at once. */
  start(): void {
    this.#failures = 0;
    this.#changedAtMs = this.#clock.nowMs();
    this.pollIn(0);
  }

  /** A new subscriber receives the known state. Brings the next poll forward if that is not fresh. */
  subscribed(): void {
    if (this.#failures > 0) return;
    const freshUntilMs = this.#polledAtMs + this.#range.quickMs;
    this.#dueAtMs = Math.min(this.#dueAtMs, Math.max(freshUntilMs, this.#notBeforeMs));
  }

  changed(): void {
    this.#changedAtMs = this.#clock.nowMs();
  }

  /** Schedules the next poll after an interval. */
  succeeded(begunAtMs: number): void {
    this.#failures = 0;
    this.#polledAtMs = this.#clock.nowMs();
    // A write during the poll: the answer may be older than the write.
    this.#dueAtMs = this.#writtenAtMs >= begunAtMs ? this.#polledAtMs : this.#polledAtMs + this.#usualMs();
  }

  /**
   * Schedules the next poll with backoff, never before the service's Retry-After.
   *
   * @returns whether that is later than the slowest interval
   */
  failed(error: unknown): { readonly isAskedToWait: boolean } {
    const retryAfter = error instanceof GatewayError ? error.details.retryAfter : undefined;
    const nowMs = this.#clock.nowMs();
    this.#failures += 1;
    if (retryAfter !== undefined) this.#notBeforeMs = nowMs + retryAfter * 1000;
    this.#dueAtMs = nowMs + backoffMs(this.#usualMs(), this.#failures, this.#intervals.longestPauseMs, retryAfter);
    return { isAskedToWait: (retryAfter ?? 0) * 1000 > this.#range.slowestMs };
  }

  /** After a write: polls at once. */
  written(): void {
    this.#writtenAtMs = this.#clock.nowMs();
    this.#changedAtMs = this.#writtenAtMs;
    this.pollIn(0);
  }

  pollIn(ms: number): void {
    this.#dueAtMs = Math.max(this.#clock.nowMs() + ms, this.#notBeforeMs);
  }

  #usualMs(): number {
    const { slowing, jitter } = this.#intervals;
    return jittered(intervalMs(this.#range, slowing, this.#clock.nowMs() - this.#changedAtMs), jitter, this.#random);
  }
}
