import type { Clock } from '../../time.ts';
import type { AnyState, EventKind, Staleness, StatusEvent } from '../types.ts';
import { formatCursor } from './cursor.ts';
import type { History } from './history.ts';

/** Polls that fail in a row until subscribers are told: one alone passes. */
const failuresToStale = 2;

/** Tells subscribers that polls fail, and that they succeed again. It repeats the last state, or that nothing is known. */
export class Freshness<State extends AnyState> {
  readonly #history: History<State>;
  readonly #clock: Clock;
  readonly #unknownState: State;
  #failures = 0;
  #heldAtMs = Number.NEGATIVE_INFINITY;
  #succeededAt: string;
  #notice: StatusEvent<State> | undefined;

  constructor(history: History<State>, clock: Clock, unknownState: State) {
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

  /**
   * Since when no poll has succeeded, once subscribers are to be told.
   *
   * @param isAskedToWait - the service allows no poll soon
   */
  failed(isAskedToWait: boolean): string | undefined {
    const wasTold = this.#failures >= failuresToStale;
    this.#failures = isAskedToWait ? Math.max(this.#failures + 1, failuresToStale) : this.#failures + 1;
    return !wasTold && this.#failures >= failuresToStale ? this.#succeededAt : undefined;
  }

  /** @returns whether a pause that holds up a poll is another one than before: it may have been prolonged */
  held(pauseBegunAtMs: number): boolean {
    const isAnother = pauseBegunAtMs > this.#heldAtMs;
    this.#heldAtMs = pauseBegunAtMs;
    return isAnother;
  }

  tellStale(stale: Staleness): void {
    this.#succeededAt = stale.since;
    this.#notice = this.#repeat('STALE', stale);
  }

  tellFresh(observedAt: string): void {
    this.#succeededAt = observedAt;
    if (this.#notice?.kind === 'STALE') this.#notice = this.#repeat('FRESH', null);
  }

  #now(): string {
    return new Date(this.#clock.timeOfDayMs()).toISOString();
  }

  /** Of a run or an agent that no poll has seen, and of a league where no run is known. */
  unknownEvent(kind: EventKind): StatusEvent<State> {
    const { epoch, sequence: latest } = this.#history;
    const sequence = latest();
    const untold = { previousStatus: null, isFinal: false, gap: null, stale: null } as const;
    const cursor = formatCursor({ epoch, sequence });
    return { ...untold, kind, cursor, sequence, observedAt: this.#succeededAt, state: this.#unknownState };
  }

  #repeat(kind: 'STALE' | 'FRESH', stale: Staleness | null): StatusEvent<State> {
    const events = this.#history.latest().map(({ event }) => event);
    const last = events.findLast(({ isFinal }) => !isFinal) ?? events.at(-1);
    if (last === undefined) return { ...this.unknownEvent(kind), observedAt: this.#now(), stale };
    return { ...last, kind, previousStatus: last.state.status, stale };
  }
}
