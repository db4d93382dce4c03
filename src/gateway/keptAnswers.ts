import type { ExecutionResult } from 'graphql';
import type { Context } from '../graphql/context.ts';
import { RecentTexts } from './recentTexts.ts';

type OperationRecord = Context['operation'];

/** A call whose cached answer stands in a kept answer. */
interface KeptRead {
  readonly plane: string;
  readonly call: string;
  readonly readAtMs: number;
}

/** A result that is sent as the bytes it was written to once. */
type WrittenResult = ExecutionResult & { readonly stringify: () => string };

interface KeptAnswer {
  readonly result: ExecutionResult;
  readonly operation: OperationRecord;
  readonly reads: readonly KeptRead[];
  readonly freshUntilMs: number;
  readonly epoch: number;
  written?: { readonly ages: string; readonly result: WrittenResult };
}

/** The oldest read of each call, which `extensions.stale` tells the age of. */
function oldestReads({ reads }: OperationRecord, nowMs: number): readonly KeptRead[] {
  const oldest = new Map<string, KeptRead>();
  for (const { plane, call, ageMs = 0 } of reads) {
    const readAtMs = nowMs - ageMs;
    const known = oldest.get(`${plane} ${call}`);
    if (known === undefined || known.readAtMs > readAtMs) oldest.set(`${plane} ${call}`, { plane, call, readAtMs });
  }
  return [...oldest.values()];
}

/** Nothing but data that was read through the cache: an answer with errors or failovers is not kept. */
function isKeepable({ errors }: ExecutionResult, { reads, usage, failovers }: OperationRecord): boolean {
  return (
    errors === undefined &&
    failovers.length === 0 &&
    usage.calls > 0 &&
    // Each call is one read of the cache, unless its answers are not cacheable.
    usage.calls === reads.length &&
    reads.every(({ outcome }) => outcome === 'MISS' || outcome === 'SHARED' || outcome === 'FRESH')
  );
}

/**
 * Whole answers, kept as bytes for as long as all reads in them are fresh in the cache of reads. Whatever empties that cache, such
 * as a write, ends them too.
 */
export class KeptAnswers {
  readonly #answers = new RecentTexts<KeptAnswer>();
  readonly #freshMs: number;
  readonly #epoch: () => number;

  /** @param epoch - counts how often the cache of reads was emptied */
  constructor(freshMs: number, epoch: () => number) {
    this.#freshMs = freshMs;
    this.#epoch = epoch;
  }

  get epoch(): number {
    return this.#epoch();
  }

  /**
   * Keeps an answer.
   *
   * @param epoch - {@link epoch} when its execution began
   */
  keep(key: string, result: ExecutionResult, operation: OperationRecord, epoch: number): void {
    if (epoch !== this.#epoch() || !isKeepable(result, operation)) return;
    const nowMs = performance.now();
    // A read that was sent for it is at most as old as its execution.
    const ageMs = Math.max(nowMs - operation.startedAtMs, ...operation.reads.map((read) => read.ageMs ?? 0));
    const { stale: _, ...extensions } = result.extensions ?? {};
    const { data } = result;
    const answer: KeptAnswer = {
      ...{ result: { data, extensions }, operation, epoch },
      reads: oldestReads(operation, nowMs),
      freshUntilMs: nowMs + this.#freshMs - ageMs,
    };
    this.#answers.delete(key);
    this.#answers.add(key, answer, key.length + this.#written(answer, nowMs).stringify().length);
  }

  /** A kept answer, and the operation that made it. */
  find(key: string): { readonly result: ExecutionResult; readonly operation: OperationRecord } | undefined {
    const answer = this.#answers.get(key);
    if (answer === undefined) return undefined;
    const nowMs = performance.now();
    if (answer.epoch === this.#epoch() && nowMs < answer.freshUntilMs)
      return { result: this.#written(answer, nowMs), operation: answer.operation };
    this.#answers.delete(key);
    return undefined;
  }

  /** It is written again when the ages in it have changed. */
  #written(answer: KeptAnswer, nowMs: number): WrittenResult {
    const stale = answer.reads.map(({ plane, call, readAtMs }) => ({
      ...{ plane, call },
      ageSeconds: Math.round((nowMs - readAtMs) / 1000),
    }));
    const ages = stale.map(({ ageSeconds }) => ageSeconds).join();
    if (answer.written?.ages !== ages) {
      const { data, extensions } = answer.result;
      const result = { data, extensions: { ...extensions, stale } };
      // Yoga types it as a text; Yoga and the JSON front hand it to the socket as it is.
      const bytes = Buffer.from(JSON.stringify(result)) as unknown as string;
      answer.written = { ages, result: Object.assign(result, { stringify: () => bytes }) };
    }
    return answer.written.result;
  }
}
