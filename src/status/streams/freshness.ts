import type { Clock } from '../../time.ts';
import type { AnyState, StatusEvent } from '../types.ts';
import { formatCursor } from './cursor.ts';
import type { History } from './history.ts';

/** Polls that fail in a row until subscribers are told: one alone passes. */
const failuresToStale = 2;

/**
 * Tells subscribers that polls fail, and that they succeed again. It repeats the last state: there is nothing to repeat of a
 * league before its first poll has succeeded.
 */
export class Freshness<State extends AnyState> {
  readonly #history: History<State>;
  readonly #clock: Clock;
  readonly #unknownState: State | undefined;
  #failures = 0;
  #succeededAt: string;
  #notice: StatusEvent<State> | undefined;

  constructor(history: History<State>, clock: Clock, unknownState: State | undefined) {
    this.#history = history;
    this.#clock = clock;
    this.#unknownState = unknownState;
    this.#succeededAt = this.#now();
  }

  get notice(): StatusEvent<State> | undefined {
    return this.#notice;
  }

  started(): void {
    this.#failures = 0;
    this.#succeededAt = this.#now();
    this.#notice = undefined;
  }

  succeeded(observedAt: string): void {
    this.#failures = 0;
    this.#succeededAt = observedAt;
  }

  /** Since when no poll has succeeded, once subscribers are to be told. */
  failed(): string | undefined {
    this.#failures += 1;
    return this.#failures === failuresToStale ? this.#succeededAt : undefined;
  }

  tellStale(since: string): void {
    this.#succeededAt = since;
    this.#notice = this.#repeat('STALE', since);
  }

  tellFresh(observedAt: string): void {
    this.#succeededAt = observedAt;
    if (this.#notice?.kind === 'STALE') this.#notice = this.#repeat('FRESH', null);
  }

  #now(): string {
    return new Date(this.#clock.timeOfDayMs()).toISOString();
  }

  #repeat(kind: 'STALE' | 'FRESH', staleSince: string | null): StatusEvent<State> | undefined {
    const events = this.#history.latest().map(({ event }) => event);
    const last = events.findLast(({ isFinal }) => !isFinal) ?? events.at(-1) ?? this.#unknownEvent();
    const previousStatus = last === undefined || last.sequence === 0 ? null : last.state.status;
    return last && { ...last, kind, previousStatus, staleSince };
  }

  #unknownEvent(): StatusEvent<State> | undefined {
    const state = this.#unknownState;
    if (state === undefined) return undefined;
    const cursor = formatCursor({ epoch: this.#history.epoch, sequence: 0 });
    const untold = { previousStatus: null, isFinal: false, gap: null, staleSince: null } as const;
    return { ...untold, kind: 'STALE', cursor, sequence: 0, observedAt: this.#now(), state };
  }
}
