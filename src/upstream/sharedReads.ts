import { GatewayError, type Plane } from '../errors.ts';
import type { SharedWrites } from '../shared/writes.ts';
import { within } from '../time.ts';
import type { AnswerCache, CachedAnswer, FoundAnswer } from './cache.ts';
import type { CallRequest } from './callRequest.ts';
import type { CallScope } from './callScope.ts';
import type { Upstream } from './upstream.ts';

/** A read in flight that others can join. */
export interface ReadUnderWay {
  readonly plane: Plane;
  /** Waits for its answer until the scope's deadline. */
  readonly join: (scope: CallScope) => Promise<unknown>;
}

/**
 * The key of a read in the cache and among the reads in flight.
 *
 * @returns undefined for a read that is not shared
 */
export function keyOfRead(
  upstream: Upstream,
  call: string,
  request: CallRequest,
  { upstreamScope, language, isUncached = false }: CallScope,
): string | undefined {
  if (isUncached || upstream.factsOf(call).cacheable === false) return undefined;
  return JSON.stringify([upstreamScope, language, upstream.origin, call, request]);
}

/**
 * False for a write that did not reach the service: in an outage it must not drop the cached answers.
 */
function mayHaveChanged(call: string, error: unknown): boolean {
  if (error === undefined) return true;
  return (
    error instanceof GatewayError &&
    error.details.call === call &&
    (error.code === 'OUTCOME_UNKNOWN' || ![undefined, 429, 503].includes(error.details.status))
  );
}

/** Cached answers and reads in flight of all upstreams. */
export class SharedReads {
  readonly #cache: AnswerCache;
  /** True to share identical reads in flight. */
  readonly #areJoined: boolean;
  readonly #writes: SharedWrites | undefined;
  readonly #unsubscribe: (() => void) | undefined;
  /** The announcement of this replica's latest write to the others. */
  #announced: Promise<void> | undefined;
  readonly #underWay = new Map<string, ReadUnderWay>();

  /** @param writes - of other replicas; left out: this is the only one */
  constructor(cache: AnswerCache, areJoined: boolean, writes?: SharedWrites) {
    this.#cache = cache;
    this.#areJoined = areJoined;
    this.#writes = writes;
    this.#unsubscribe = writes?.onWrite(() => this.#forget());
  }

  /** Counts writes, as {@link AnswerCache.epoch} does. */
  get epoch(): number {
    return this.#cache.epoch;
  }

  /** Finds a reusable answer. */
  find(key: string): FoundAnswer | undefined {
    return this.#writes?.isCurrent() === false ? undefined : this.#cache.find(key);
  }

  /** Finds an answer for when the upstream fails. It carries its age, so it is used even while writes may be missed. */
  findForError(key: string): CachedAnswer | undefined {
    return this.#cache.findForError(key);
  }

  isUnderWay(key: string): boolean {
    return this.#underWay.has(key);
  }

  /** The read in flight to join, if any. */
  toJoin(key: string): ReadUnderWay | undefined {
    return this.#areJoined && this.#writes?.isCurrent() !== false ? this.#underWay.get(key) : undefined;
  }

  begin(key: string, read: ReadUnderWay): void {
    if (!this.#underWay.has(key)) this.#underWay.set(key, read);
  }

  end(key: string, read: ReadUnderWay): void {
    if (this.#underWay.get(key) === read) this.#underWay.delete(key);
  }

  /**
   * Keeps an answer, unless a read that began later has been answered already.
   *
   * @param epoch - {@link epoch} when it was requested
   * @param begunAtMs - when it was requested
   */
  keep(key: string, answer: unknown, bytes: number, epoch: number, begunAtMs: number): void {
    this.#cache.keep(key, answer, bytes, epoch, begunAtMs);
  }

  /** A write has ended: unless it certainly changed nothing, earlier reads are neither reused nor joined. */
  afterWrite(call: string, error?: unknown): void {
    if (!mayHaveChanged(call, error)) return;
    this.#forget();
    this.#announced = this.#writes?.announce();
  }

  /** Delays the result of a write until no replica answers from earlier reads, for at most `maxMs`. */
  async onceAnnounced<Value>(answer: Promise<Value>, maxMs: () => number): Promise<Value> {
    try {
      return await answer;
    } finally {
      if (this.#announced !== undefined) await within(this.#announced, maxMs(), () => undefined);
    }
  }

  close(): void {
    this.#unsubscribe?.();
  }

  #forget(): void {
    this.#cache.clear();
    this.#underWay.clear();
  }
}
