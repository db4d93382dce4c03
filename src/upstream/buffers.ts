/** An answer that is being received. */
export interface Receiving {
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Buffered bytes of all upstreams together, above which answers are received one at a time. */
const maxBufferedBytes = 16_000_000;

/**
 * Bounds the bytes that all answers buffer together. Above the bound one answer is received at a time, so that each can complete;
 * the others are paused by TCP backpressure.
 */
class AnswerBuffers {
  readonly #maxBytes: number;
  readonly #paused = new Set<Receiving>();
  /** The one answer that is received above the bound. */
  #active: Receiving | undefined;
  #bytes = 0;

  constructor(maxBytes = maxBufferedBytes) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes buffered now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a chunk, and pauses its answer above the bound. */
  add(answer: Receiving, bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#maxBytes) return;
    this.#active ??= answer;
    if (this.#active === answer) return;
    this.#paused.add(answer);
    answer.pause();
  }

  /**
   * Removes an answer that was read or cancelled.
   *
   * @param bytes - all that was added for it
   */
  release(answer: Receiving, bytes: number): void {
    this.#bytes -= bytes;
    this.#paused.delete(answer);
    if (this.#active === answer) this.#active = undefined;
    if (this.#paused.size === 0) return;
    const areAllReceived = this.#bytes <= this.#maxBytes;
    for (const paused of [...this.#paused]) {
      if (!areAllReceived && this.#active !== undefined) break;
      this.#active ??= paused;
      this.#paused.delete(paused);
      // Deferred: the parser of the ending answer is still running, and undici runs one at a time.
      queueMicrotask(() => paused.resume());
    }
  }
}

/** All answers of the process. */
export const answerBuffers = new AnswerBuffers();
