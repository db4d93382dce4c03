import { GatewayError, type Plane } from '../errors.ts';
import { isAwayStatus } from './refusals.ts';

/** CLOSED: calls are sent. OPEN: they fail at once. HALF_OPEN: they fail at once while a trial is in flight. */
export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/** How a call was admitted. A trial shows whether the upstream is back. */
export type Admission = 'CALL' | 'TRIAL';

/** Options of a breaker. */
export interface BreakerOptions {
  readonly plane: Plane;
  /** Called when the state changes. */
  readonly onState: (state: BreakerState) => void;
  readonly now?: () => number;
}

/**
 * Failures without an answer between them that open it. With more calls in flight it takes more: failures often come sooner than
 * answers.
 */
const failuresToOpen = 8;

/**
 * Time between trials: the first good answer comes within two seconds after an outage, at one call a second. The next trial does
 * not wait for one that hangs: else an upstream that is back stays paused until the hanging call times out.
 */
const pauseMs = 1_000;

/** True when the upstream itself did not answer. Any answer of its own, a refusal too, shows that it is up. */
function isOutage({ facts, details }: GatewayError): boolean {
  return facts.breaker === 'FAILURE' || isAwayStatus(details.status);
}

/** A circuit breaker: fails calls at once while their upstream does not answer, but for single trials. */
export class Breaker {
  readonly #plane: Plane;
  readonly #onState: (state: BreakerState) => void;
  readonly #now: () => number;
  #state: BreakerState = 'CLOSED';
  #failures = 0;
  #running = 0;
  #trials = 0;
  #openUntilMs = 0;

  constructor({ plane, onState, now = () => performance.now() }: BreakerOptions) {
    this.#plane = plane;
    this.#onState = onState;
    this.#now = now;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /**
   * Admits a call, which must {@link end}.
   *
   * @returns UPSTREAM_PAUSED, with `retryAfter`, when it is not admitted
   */
  begin(call: string): Admission | GatewayError {
    const waitMs = this.#state === 'CLOSED' ? 0 : this.#openUntilMs - this.#now();
    if (waitMs > 0) {
      const retryAfter = Math.ceil(waitMs / 1000);
      const message = `${call} was not sent: its server has not answered lately and is tried again in ${retryAfter} s.`;
      return new GatewayError('UPSTREAM_PAUSED', message, { plane: this.#plane, call, retryAfter });
    }
    this.#running += 1;
    if (this.#state === 'CLOSED') return 'CALL';
    this.#trials += 1;
    this.#pause();
    this.#become('HALF_OPEN');
    return 'TRIAL';
  }

  /**
   * Ends a call.
   *
   * @param error - undefined after an answer. Aborts by the caller and failures of IAM do not count.
   */
  end(admission: Admission, error?: unknown): void {
    this.#running -= 1;
    if (admission === 'TRIAL') this.#trials -= 1;
    const isOwn = error === undefined || (error instanceof GatewayError && error.details.plane === this.#plane);
    if (!isOwn) this.#undecided(admission);
    else if (error instanceof GatewayError && isOutage(error)) this.#failed(admission);
    else this.#succeeded();
  }

  #succeeded(): void {
    this.#failures = 0;
    this.#become('CLOSED');
  }

  #failed(admission: Admission): void {
    if (this.#state === 'CLOSED') {
      this.#failures += 1;
      if (this.#failures < Math.max(failuresToOpen, this.#running / 2)) return;
      this.#pause();
      this.#become('OPEN');
    } else if (admission === 'TRIAL' && this.#trials === 0) this.#become('OPEN');
  }

  /** An aborted trial decides nothing: the next call is a trial at once. */
  #undecided(admission: Admission): void {
    if (admission === 'CALL' || this.#state === 'CLOSED') return;
    this.#openUntilMs = this.#now();
    if (this.#trials === 0) this.#become('OPEN');
  }

  #pause(): void {
    this.#openUntilMs = this.#now() + pauseMs;
  }

  #become(state: BreakerState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#onState(state);
  }
}
