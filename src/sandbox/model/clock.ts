/** Cancels a timer; no effect once it has run. */
export type Cancel = () => void;

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

/**
 * The clock of the embedded TICS. Runs at any speed, 0 stands still, and can be advanced. Its timers drive everything
 * that happens by itself; they do not keep the process alive.
 */
export class Clock {
  #baseMs: number;
  #realBaseMs: number;
  #speed: number;
  #timers: Timer[] = [];
  #wakeUp: NodeJS.Timeout | undefined;
  /** Set while timers run, to the timer's own moment. */
  #frozenAtMs: number | undefined;

  constructor(startMs: number, speed = 1) {
    this.#baseMs = startMs;
    this.#realBaseMs = performance.now();
    this.#speed = speed;
  }

  /** Epoch milliseconds, whole. */
  now(): number {
    if (this.#frozenAtMs !== undefined) return this.#frozenAtMs;
    return Math.floor(this.#baseMs + (performance.now() - this.#realBaseMs) * this.#speed);
  }

  /** Undefined without timers. */
  get nextAtMs(): number | undefined {
    return this.#timers[0]?.atMs;
  }

  get speed(): number {
    return this.#speed;
  }

  /** Sandbox seconds per real second, from now on. */
  setSpeed(speed: number): void {
    if (!(speed >= 0)) throw new RangeError(`speed must be 0 or more, not ${speed}`);
    this.#setBase(this.now());
    this.#speed = speed;
    this.#arm();
  }

  /** Advances the clock and runs all timers that are due, in order. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`time only goes forward, not by ${ms}`);
    const targetMs = this.now() + ms;
    this.#runUntil(targetMs);
    this.#setBase(targetMs);
    this.#arm();
  }

  /** Runs a callback at a moment; past ones as soon as possible. */
  at(atMs: number, run: () => void): Cancel {
    const timer = { atMs, run };
    const later = this.#timers.findIndex((other) => other.atMs > atMs);
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer);
    this.#arm();
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index !== -1) this.#timers.splice(index, 1);
    };
  }

  /** Stops all timers, for good. */
  stop(): void {
    this.#timers = [];
    clearTimeout(this.#wakeUp);
  }

  #setBase(baseMs: number): void {
    this.#baseMs = baseMs;
    this.#realBaseMs = performance.now();
  }

  #runUntil(targetMs: number): void {
    try {
      for (let next = this.#timers[0]; next && next.atMs <= targetMs; next = this.#timers[0]) {
        this.#timers.shift();
        this.#frozenAtMs = next.atMs;
        next.run();
      }
    } finally {
      this.#frozenAtMs = undefined;
    }
  }

  #arm(): void {
    if (this.#frozenAtMs !== undefined) return;
    clearTimeout(this.#wakeUp);
    const next = this.#timers[0];
    if (!next || this.#speed === 0) return;
    // setTimeout holds 31 bits; a longer wait wakes up early and arms again.
    const delayMs = Math.min(Math.max(0, (next.atMs - this.now()) / this.#speed), 2 ** 31 - 1);
    this.#wakeUp = setTimeout(() => {
      this.#runUntil(this.now());
      this.#arm();
    }, Math.ceil(delayMs)).unref();
  }
}
