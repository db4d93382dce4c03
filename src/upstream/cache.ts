import type { Plane } from '../errors.ts';

/** How long answers are kept, in milliseconds from when they were read. */
export interface CacheLife {
  /** So long an answer stands for a new one. */
  readonly freshMs: number;
  /** So long it is answered at once, and read anew behind the caller's back. */
  readonly staleMs: number;
  /** So long it is answered where the upstream fails. */
  readonly staleIfErrorMs: number;
}

/** An answer that was not read for the caller just now. */
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

/** An answer that stands for a new one: FRESH as it is, STALE when it must be read anew behind the caller's back. */
export interface FoundAnswer extends CachedAnswer {
  readonly outcome: 'FRESH' | 'STALE';
}

interface Entry {
  readonly answer: unknown;
  readonly bytes: number;
  readonly readAtMs: number;
}

/** The oldest answers make place for new ones above this; in memory they take about three times as much. */
const maxBytes = 16_000_000;

/** Bytes of an entry besides its answer and its key. */
const entryBytes = 200;

/** Answers to reads of all upstreams. Keys say whose right and which language an answer belongs to. */
export class AnswerCache {
  readonly #life: CacheLife;
  readonly #longestMs: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  #heldBytes = 0;
  #epoch = 0;

  constructor(life: CacheLife, now: () => number = () => performance.now()) {
    this.#life = life;
    this.#longestMs = Math.max(life.freshMs, life.staleMs, life.staleIfErrorMs);
    this.#now = now;
  }

  /** Counts writes: an answer that was asked for before a write is not kept after it. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Finds an answer that stands for a new one. */
  find(key: string): FoundAnswer | undefined {
    const found = this.#found(key);
    if (found === undefined || found.ageMs >= Math.max(this.#life.freshMs, this.#life.staleMs)) return undefined;
    return { ...found, outcome: found.ageMs < this.#life.freshMs ? 'FRESH' : 'STALE' };
  }

  /** Finds an answer for when the upstream fails. */
  findForError(key: string): CachedAnswer | undefined {
    const found = this.#found(key);
    return found !== undefined && found.ageMs < this.#life.staleIfErrorMs ? found : undefined;
  }

  /**
   * Keeps an answer.
   *
   * @param epoch - {@link epoch} when it was asked for
   */
  keep(key: string, answer: unknown, answerBytes: number, epoch: number): void {
    if (this.#longestMs === 0 || epoch !== this.#epoch) return;
    this.#drop(key);
    // Callers choose what they ask for: many long questions with short answers weigh too.
    const bytes = answerBytes + key.length + entryBytes;
    const nowMs = this.#now();
    this.#entries.set(key, { answer, bytes, readAtMs: nowMs });
    this.#heldBytes += bytes;
    for (const [oldest, { readAtMs }] of this.#entries) {
      if (this.#heldBytes <= maxBytes && nowMs - readAtMs < this.#longestMs) return;
      this.#drop(oldest);
    }
  }

  /** Drops everything: after a write of ours nothing that was read before is sure. */
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
