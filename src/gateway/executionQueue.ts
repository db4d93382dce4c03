import { errorCodes, GatewayError } from '../errors.ts';
import { UtilizationMeter } from '../telemetry/eventLoop.ts';
import { onAbort, type Deadline, reasonOf } from '../upstream/deadline.ts';

/** Minimum concurrency: keeps the core busy when nothing waits for upstream. */
const minAtOnce = 4;
const firstAtOnce = 16;
const maxAtOnce = 256;

/** While operations wait, concurrency is adapted this often. */
const adaptMs = 50;

/** Utilization of the event loop below which concurrency grows, and above which it shrinks. */
const idleBelow = 0.85;
const busyAbove = 0.97;

/** Weight of the latest interval in the moving average. */
const latestWeight = 0.1;

const maxRetryAfterSeconds = 60;

function overloaded(waitMs: number): GatewayError {
  const retryAfter = Math.min(maxRetryAfterSeconds, Math.max(1, Math.ceil(waitMs / 1_000)));
  const message = 'The gateway is overloaded: the query would not be executed in its time. Nothing was executed.';
  const error = new GatewayError('OVERLOADED', message, { retryAfter });
  error.extensions['http'] = { status: errorCodes.OVERLOADED.httpStatus, headers: { 'retry-after': `${retryAfter}` } };
  return error;
}

/** Decides when an operation is executed. */
export type Queue = Pick<ExecutionQueue, 'tryEnter' | 'enter' | 'leave'>;

/**
 * Limits concurrent execution: few operations at once are answered sooner, and cost less, than all at once. The others wait, fair
 * among callers. An operation is refused only when it can't start before its deadline.
 */
export class ExecutionQueue {
  /** Waiting operations by caller, in order. The caller whose turn is next comes first. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #waitingCount = 0;
  #running = 0;
  #atOnce = firstAtOnce;
  #betweenEndsMs = 0;
  #lastEndMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** True when the operation can execute now. It must `leave`. */
  tryEnter(): boolean {
    if (this.#waitingCount > 0 || this.#running >= this.#atOnce) return false;
    this.#running += 1;
    return true;
  }

  /**
   * Waits for its turn. Then it must `leave`.
   *
   * @throws GatewayError OVERLOADED, with `retryAfter`
   */
  enter(caller: string, { signal, remainingMs }: Deadline): Promise<void> {
    const waitMs = this.#expectedWaitMs();
    if (signal.aborted || waitMs > remainingMs()) return Promise.reject(overloaded(waitMs));
    return new Promise((resolve, reject) => {
      const stop = onAbort(signal, () => {
        this.#remove(caller, begin);
        const isLate = signal.reason instanceof GatewayError;
        reject(isLate ? overloaded(this.#expectedWaitMs()) : reasonOf(signal));
      });
      const begin = (): void => {
        stop();
        resolve();
      };
      const ofCaller = this.#waiting.get(caller) ?? new Set();
      this.#waiting.set(caller, ofCaller.add(begin));
      this.#waitingCount += 1;
      this.#startAdapting();
    });
  }

  /** An operation has been executed. */
  leave(): void {
    this.#running -= 1;
    const nowMs = performance.now();
    if (this.#waitingCount > 0 && this.#lastEndMs > 0)
      this.#betweenEndsMs += latestWeight * (nowMs - this.#lastEndMs - this.#betweenEndsMs);
    this.#lastEndMs = this.#waitingCount > 0 ? nowMs : 0;
    this.#beginNext();
  }

  #expectedWaitMs(): number {
    return this.#betweenEndsMs * (this.#waitingCount + 1);
  }

  #remove(caller: string, begin: () => void): void {
    const ofCaller = this.#waiting.get(caller);
    if (ofCaller?.delete(begin) !== true) return;
    this.#waitingCount -= 1;
    if (ofCaller.size === 0) this.#waiting.delete(caller);
  }

  #beginNext(): void {
    while (this.#running < this.#atOnce) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const [caller, ofCaller] = next;
      const [begin] = ofCaller;
      // Never: empty sets are removed.
      if (begin === undefined) return;
      this.#remove(caller, begin);
      // Round robin: the caller goes to the end.
      if (this.#waiting.delete(caller)) this.#waiting.set(caller, ofCaller);
      this.#running += 1;
      begin();
    }
  }

  #startAdapting(): void {
    if (this.#timer !== undefined) return;
    const meter = new UtilizationMeter();
    this.#timer = setInterval(() => this.#adapt(meter), adaptMs).unref();
  }

  #adapt(meter: UtilizationMeter): void {
    if (this.#waitingCount === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const utilization = meter.take();
    if (utilization < idleBelow) this.#atOnce = Math.min(maxAtOnce, Math.ceil(this.#atOnce * 1.25));
    if (utilization > busyAbove) this.#atOnce = Math.max(minAtOnce, Math.floor(this.#atOnce * 0.8));
    this.#beginNext();
  }
}
