import type { ExecutionResult } from 'graphql';
import type { Context } from '../graphql/context.ts';
import { RecentTexts } from './recentTexts.ts';
import { writtenOnce, type WrittenResult } from './writtenResult.ts';

type OperationRecord = Context['operation'];

/** A call whose cached result is part of a cached answer. */
interface CachedRead {
  readonly plane: string;
  readonly call: string;
  readonly readAtMs: number;
}

interface CachedAnswer {
  readonly result: ExecutionResult;
  readonly operation: OperationRecord;
  readonly reads: readonly CachedRead[];
  readonly freshUntilMs: number;
  readonly epoch: number;
  written?: { readonly ages: string; readonly result: WrittenResult };
}

/** The oldest read of each call, whose age `extensions.stale` reports. */
function oldestReads({ reads }: OperationRecord, nowMs: number): readonly CachedRead[] {
  const oldest = new Map<string, CachedRead>();
  for (const { plane, call, ageMs = 0 } of reads) {
    const readAtMs = nowMs - ageMs;
    const known = oldest.get(`${plane} ${call}`);
    if (known === undefined || known.readAtMs > readAtMs) oldest.set(`${plane} ${call}`, { plane, call, readAtMs });
  }
  return [...oldest.values()];
}

/** True if all data came through the cache of reads: answers with errors or failovers are not cached. */
function isCacheable({ errors }: ExecutionResult, { reads, usage, failovers }: OperationRecord): boolean {
  return (
    errors === undefined &&
    failovers.length === 0 &&
    usage.calls > 0 &&
    // Every call has one entry in `reads` unless its result is not cacheable.
    usage.calls === reads.length &&
    reads.every(({ outcome }) => outcome === 'MISS' || outcome === 'SHARED' || outcome === 'FRESH')
  );
}

/**
 * Caches whole answers as bytes while all reads in them are fresh in the cache of reads. Whatever invalidates that cache,
 * such as a write, invalidates them too.
 */
export class AnswerCache {
  readonly #answers = new RecentTexts<CachedAnswer>();
  readonly #freshMs: number;
  readonly #epoch: () => number;

  /** @param epoch - increases each time the cache of reads is invalidated */
  constructor(freshMs: number, epoch: () => number) {
    this.#freshMs = freshMs;
    this.#epoch = epoch;
  }

  get epoch(): number {
    return this.#epoch();
  }

  /**
   * Caches an answer.
   *
   * @param epoch - {@link epoch} when its execution began
   */
  keep(key: string, result: ExecutionResult, operation: OperationRecord, epoch: number): void {
    if (epoch !== this.#epoch() || !isCacheable(result, operation)) return;
    const nowMs = performance.now();
    // A read without an age was sent during the execution, so it is no older than that.
    const ageMs = Math.max(nowMs - operation.startedAtMs, ...operation.reads.map((read) => read.ageMs ?? 0));
    const { stale: _, ...extensions } = result.extensions ?? {};
    const { data } = result;
    const answer: CachedAnswer = {
      result: { data, extensions },
      operation,
      epoch,
      reads: oldestReads(operation, nowMs),
      freshUntilMs: nowMs + this.#freshMs - ageMs,
    };
    this.#answers.delete(key);
    this.#answers.add(key, answer, key.length + this.#written(answer, nowMs).stringify().length);
  }

  /** A cached answer and the operation that made it. */
  find(key: string): { readonly result: ExecutionResult; readonly operation: OperationRecord } | undefined {
    const answer = this.#answers.get(key);
    if (answer === undefined) return undefined;
    const nowMs = performance.now();
    if (answer.epoch === this.#epoch() && nowMs < answer.freshUntilMs)
      return { result: this.#written(answer, nowMs), operation: answer.operation };
    this.#answers.delete(key);
    return undefined;
  }

  /** Serialized again when the ages in it have changed. */
  #written(answer: CachedAnswer, nowMs: number): WrittenResult {
    const stale = answer.reads.map(({ plane, call, readAtMs }) => ({
      plane,
      call,
      ageSeconds: Math.round((nowMs - readAtMs) / 1000),
    }));
    const ages = stale.map(({ ageSeconds }) => ageSeconds).join();
    if (answer.written?.ages !== ages) {
      const { data, extensions } = answer.result;
      const result = { data, extensions: { ...extensions, stale } };
      answer.written = { ages, result: writtenOnce(result, answer.operation.result.largeParts) };
    }
    return answer.written.result;
  }
}
