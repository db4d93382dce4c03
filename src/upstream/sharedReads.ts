import { GatewayError, type Plane } from '../errors.ts';
import type { AnswerCache, CachedAnswer, FoundAnswer } from './cache.ts';
import type { CallRequest } from './callRequest.ts';
import type { CallScope } from './callScope.ts';
import type { Upstream } from './upstream.ts';

/** A read that others can join. */
export interface ReadUnderWay {
  readonly plane: Plane;
  /** Waits for its answer as long as the scope's deadline lets it. */
  readonly join: (scope: CallScope) => Promise<unknown>;
}

/**
 * Names a read in the cache and among the reads under way.
 *
 * @returns undefined for a read that shares nothing
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
 * A write that reached nobody changed nothing, and is no sign of a change: in an outage it must not take away the answers that
 * are kept for it.
 */
function mayHaveChanged(call: string, error: unknown): boolean {
  if (error === undefined) return true;
  return (
    error instanceof GatewayError &&
    error.details.call === call &&
    (error.code === 'OUTCOME_UNKNOWN' || ![undefined, 429, 503].includes(error.details.status))
  );
}

/** What the reads of all upstreams share: answers that are kept, and reads under way. */
export class SharedReads {
  readonly #cache: AnswerCache;
  /** Whether identical reads under way are one. */
  readonly #areJoined: boolean;
  readonly #underWay = new Map<string, ReadUnderWay>();

  constructor(cache: AnswerCache, areJoined: boolean) {
    this.#cache = cache;
    this.#areJoined = areJoined;
  }

  /** Counts writes, as {@link AnswerCache.epoch} does. */
  get epoch(): number {
    return this.#cache.epoch;
  }

  /** Finds an answer that stands for a new one. */
  find(key: string): FoundAnswer | undefined {
    return this.#cache.find(key);
  }

  /** Finds an answer for when the upstream fails. */
  findForError(key: string): CachedAnswer | undefined {
    return this.#cache.findForError(key);
  }

  isUnderWay(key: string): boolean {
    return this.#underWay.has(key);
  }

  /** The read under way to join. */
  toJoin(key: string): ReadUnderWay | undefined {
    return this.#areJoined ? this.#underWay.get(key) : undefined;
  }

  begin(key: string, read: ReadUnderWay): void {
    if (!this.#underWay.has(key)) this.#underWay.set(key, read);
  }

  end(key: string, read: ReadUnderWay): void {
    if (this.#underWay.get(key) === read) this.#underWay.delete(key);
  }

  /**
   * Keeps an answer.
   *
   * @param epoch - {@link epoch} when it was asked for
   */
  keep(key: string, answer: unknown, bytes: number, epoch: number): void {
    this.#cache.keep(key, answer, bytes, epoch);
  }

  /** A write has ended: unless it certainly changed nothing, nobody gets what was read or asked for before it. */
  afterWrite(call: string, error?: unknown): void {
    if (!mayHaveChanged(call, error)) return;
    this.#cache.clear();
    this.#underWay.clear();
  }
}
