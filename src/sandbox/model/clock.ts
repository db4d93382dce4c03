/** Takes a timer back; harmless once the timer has run. */
export type Cancel = () => void;

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

/**
 * The embedded TICS's own time. It starts where it is told, runs at any speed (0 stands still) and can be pushed ahead;
 * whatever happens in the world by itself happens through its timers. They never keep the process alive.
 */
export class Clock {
  #baseMs: number;
  #realBaseMs: number;
  #speed: number;
  #timers: Timer[] = [];
  #wakeUp: NodeJS.Timeout | undefined;
  /** While timers run, time stands at the timer's own moment. */
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

  /** When the next timer runs; undefined when there is none. */
  get nextAtMs(): number | undefined {
    return this.#timers[0]?.atMs;
  }

  get speed(): number {
    return this.#speed;
  }

  /** How many sandbox seconds a real one lasts, from now on. */
  setSpeed(speed: number): void {
    if (!(speed >= 0)) throw new RangeError(`speed must be 0 or more, not ${speed}`);
    this.#setBase(this.now());
    this.#speed = speed;
    this.#arm();
  }

  /** Moves time ahead and runs every timer that falls due, in order, before it returns. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`time only goes forward, not by ${ms}`);
    const targetMs = this.now() + ms;
    this.#runUntil(targetMs);
    this.#setBase(targetMs);
    this.#arm();
  }

  /** Runs something at a moment of sandbox time; a moment already gone means as soon as possible. */
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

  /** Stops the clock's own timer, for good. */
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
    // Node's timers hold 31 bits; a longer wait simply wakes up early and arms again.
    const delayMs = Math.min(Math.max(0, (next.atMs - this.now()) / this.#speed), 2 ** 31 - 1);
    this.#wakeUp = setTimeout(() => {
      this.#runUntil(this.now());
      this.#arm();
    }, Math.ceil(delayMs)).unref();
  }
}
