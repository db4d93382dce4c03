import type { Clock } from '../../time.ts';
import type { AnyState, EventKind, Staleness, StatusEvent } from '../types.ts';
import { formatCursor } from './cursor.ts';
import type { History } from './history.ts';

/** Failed polls in a row before subscribers receive STALE. */
const failuresToStale = 2;

/** Emits STALE when polls fail and FRESH when they succeed again. Both repeat the last state, or the unknown state. */
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
   * Counts a failed poll.
   *
   * @param isAskedToWait - the service allows no poll soon
   * @returns the time of the last successful poll, once subscribers should receive STALE
   */
  failed(isAskedToWait: boolean): string | undefined {
    const wasStale = this.#failures >= failuresToStale;
    this.#failures = isAskedToWait ? Math.max(this.#failures + 1, failuresToStale) : this.#failures + 1;
    return !wasStale && this.#failures >= failuresToStale ? this.#succeededAt : undefined;
  }

  /** @returns true for a new or prolonged pause */
  held(pauseBegunAtMs: number): boolean {
    const isAnother = pauseBegunAtMs > this.#heldAtMs;
    this.#heldAtMs = pauseBegunAtMs;
    return isAnother;
  }

  markStale(stale: Staleness): void {
    this.#succeededAt = stale.since;
    this.#notice = this.#repeat('STALE', stale);
  }

  markFresh(observedAt: string): void {
    this.#succeededAt = observedAt;
    if (this.#notice?.kind === 'STALE') this.#notice = this.#repeat('FRESH', null);
  }

  #now(): string {
    return new Date(this.#clock.timeOfDayMs()).toISOString();
  }

  /** For a run or agent that no poll has found, and for a league without known runs. */
  unknownEvent(kind: EventKind): StatusEvent<State> {
    const { epoch, sequence: latest } = this.#history;
    const sequence = latest();
    const unknown = { previousStatus: null, isFinal: false, gap: null, stale: null } as const;
    const cursor = formatCursor({ epoch, sequence });
    return { kind, cursor, sequence, observedAt: this.#succeededAt, state: this.#unknownState, ...unknown };
  }

  #repeat(kind: 'STALE' | 'FRESH', stale: Staleness | null): StatusEvent<State> {
    const events = this.#history.latest().map(({ event }) => event);
    const last = events.findLast(({ isFinal }) => !isFinal) ?? events.at(-1);
    if (last === undefined) return { ...this.unknownEvent(kind), observedAt: this.#now(), stale };
    return { ...last, kind, previousStatus: last.state.status, stale };
  }
}
