import type { Plane } from '../errors.ts';

/** Lifetimes of cached answers, in milliseconds since they were read. */
export interface CacheLife {
  /** Answers are reused for this long. */
  readonly freshMs: number;
  /** Answers are still reused for this long, while they are refreshed in the background. */
  readonly staleMs: number;
  /** Answers are reused for this long when the upstream fails. */
  readonly staleIfErrorMs: number;
}

/** An answer from the cache that an operation was served. */
export interface StaleAnswer {
  readonly plane: Plane;
  readonly call: string;
  readonly ageMs: number;
}

/** An answer of the cache. */
export interface CachedAnswer {
  readonly answer: unknown;
  readonly ageMs: number;
}

/** A reusable answer. STALE: it must be refreshed in the background. */
export interface FoundAnswer extends CachedAnswer {
  readonly outcome: 'FRESH' | 'STALE';
}

interface Entry {
  readonly answer: unknown;
  readonly bytes: number;
  readonly begunAtMs: number;
  readonly readAtMs: number;
}

/** Above this the oldest answers are evicted. Parsed, they take about three times as much memory. */
const maxBytes = 16_000_000;

/** Overhead of an entry besides answer and key. */
const entryBytes = 200;

/** Cached answers to reads of all upstreams. Keys contain the upstream scope and the language. */
export class AnswerCache {
  readonly #life: CacheLife;
  readonly #maxLifeMs: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  #heldBytes = 0;
  #epoch = 0;

  constructor(life: CacheLife, now: () => number = () => performance.now()) {
    this.#life = life;
    this.#maxLifeMs = Math.max(life.freshMs, life.staleMs, life.staleIfErrorMs);
    this.#now = now;
  }

  /** Counts writes: an answer requested before a write is not cached after it. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Finds a reusable answer. */
  find(key: string): FoundAnswer | undefined {
    const found = this.#found(key);
    if (found === undefined || found.ageMs >= Math.max(this.#life.freshMs, this.#life.staleMs)) return undefined;
    return { outcome: found.ageMs < this.#life.freshMs ? 'FRESH' : 'STALE', ...found };
  }

  /** Finds an answer for when the upstream fails. */
  findForError(key: string): CachedAnswer | undefined {
    const found = this.#found(key);
    return found !== undefined && found.ageMs < this.#life.staleIfErrorMs ? found : undefined;
  }

  /**
   * Keeps an answer, unless a read that began later has been answered already.
   *
   * @param epoch - {@link epoch} when it was requested
   * @param begunAtMs - when it was requested
   */
  keep(key: string, answer: unknown, answerBytes: number, epoch: number, begunAtMs = this.#now()): void {
    if (this.#maxLifeMs === 0 || epoch !== this.#epoch) return;
    if ((this.#entries.get(key)?.begunAtMs ?? -Infinity) > begunAtMs) return;
    this.#drop(key);
    // Keys count too: callers choose them, and many can be long.
    const bytes = answerBytes + key.length + entryBytes;
    const nowMs = this.#now();
    this.#entries.set(key, { answer, bytes, begunAtMs, readAtMs: nowMs });
    this.#heldBytes += bytes;
    for (const [oldest, { readAtMs }] of this.#entries) {
      if (this.#heldBytes <= maxBytes && nowMs - readAtMs < this.#maxLifeMs) return;
      this.#drop(oldest);
    }
  }

  /** Drops everything: after a write, earlier reads can be outdated. */
  clear(): void {
    this.#epoch += 1;
    this.#entries.clear();
    this.#heldBytes = 0;
  }

  #found(key: string): CachedAnswer | undefined {
    const entry = this.#entries.get(key);
    return entry && { answer: entry.answer, ageMs: this.#now() - entry.readAtMs };
  }

  #drop(key: string): void {
    this.#heldBytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
