import { GatewayError, type Plane } from '../errors.ts';
import type { Deadline } from './deadline.ts';
import type { Observer } from './observer.ts';
import type { SingleFlight } from './singleFlight.ts';

/** How long answers are kept, in milliseconds from when they were read. */
export interface CacheLife {
  /** So long an answer stands for a new one. */
  readonly freshMs: number;
  /** So long it is answered at once, and read anew behind the caller's back. */
  readonly staleMs: number;
  /** So long it is answered where the upstream fails. */
  readonly staleIfErrorMs: number;
}

/** An answer and how long it was on the wire. */
export interface Loaded<Answer> {
  readonly answer: Answer;
  readonly bytes: number;
}

/** An answer and, when it was not read for this caller just now, how old it is. */
export interface CachedAnswer<Answer> {
  readonly answer: Answer;
  readonly ageMs: number | null;
}

/** How a read was answered. SHARED: it joined an identical read under way. */
export type CacheOutcome = 'FRESH' | 'STALE' | 'STALE_IF_ERROR' | 'MISS' | 'SHARED';

/** Answers to reads. Keys say whose right and which language an answer belongs to: it is never shown to another. */
export interface AnswerCache {
  readonly read: <Answer>(
    key: string,
    load: () => Promise<Loaded<Answer>>,
    observe: (outcome: CacheOutcome) => void,
  ) => Promise<CachedAnswer<Answer>>;
  /** Drops everything: after a write of ours nothing that was read before is sure. */
  readonly clear: () => void;
}

/** The cache as one caller sees it: with its rights, in its language. */
export interface CallerCache {
  readonly read: <Answer>(what: KeptRead, load: (deadline: Deadline) => Promise<Loaded<Answer>>) => Promise<Answer>;
  readonly clear: () => void;
}

/** What is read: where, by which call, with which parameters. */
export interface KeptRead {
  readonly plane: Plane;
  readonly call: string;
  readonly origin: string;
  readonly request: unknown;
  /** False when the caller must always get the present state. */
  readonly cacheable?: boolean;
}

/** An answer that was not read for the caller just now. */
export interface StaleAnswer {
  readonly plane: Plane;
  readonly call: string;
  readonly ageMs: number;
}

/** Whose rights and language answers are kept for, and who is told of what was not read just now. */
export interface CacheCaller {
  readonly upstreamScope: string;
  readonly language: string;
  readonly observer: Observer;
  readonly onStale: (answer: StaleAnswer) => void;
  /** How long the caller waits. */
  readonly deadline: Deadline;
}

interface Entry {
  readonly answer: unknown;
  readonly bytes: number;
  readonly readAtMs: number;
}

/** The oldest answers make place for new ones above this, and those that nobody may be given any more go by themselves; in memory they take about three times as much. */
const maxBytes = 16_000_000;

/** What an entry weighs besides its answer and its key. */
const entryBytes = 200;

/** A cache for all upstreams. With a life of nothing it remembers nothing. */
export function createAnswerCache(
  { freshMs, staleMs, staleIfErrorMs }: CacheLife,
  now: () => number = Date.now,
): AnswerCache {
  const entries = new Map<string, Entry>();
  const renewing = new Set<string>();
  const longestMs = Math.max(freshMs, staleMs, staleIfErrorMs);
  /** Writes so far: an answer that was asked for before a write is not kept after it. */
  let epoch = 0;
  let heldBytes = 0;

  const drop = (key: string): void => {
    heldBytes -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  };

  const keep = (key: string, { answer, bytes: answerBytes }: Loaded<unknown>): void => {
    drop(key);
    // Callers choose what they ask for: many long questions with short answers weigh too.
    const bytes = answerBytes + key.length + entryBytes;
    entries.set(key, { answer, bytes, readAtMs: now() });
    heldBytes += bytes;
    for (const [oldest, { readAtMs }] of entries) {
      if (heldBytes <= maxBytes && now() - readAtMs < longestMs) return;
      drop(oldest);
    }
  };

  const renew = async <Answer>(key: string, load: () => Promise<Loaded<Answer>>): Promise<Answer> => {
    const begunIn = epoch;
    const loaded = await load();
    if (begunIn === epoch) keep(key, loaded);
    return loaded.answer;
  };

  return {
    clear: () => {
      epoch += 1;
      entries.clear();
      heldBytes = 0;
    },
    read: async <Answer>(
      key: string,
      load: () => Promise<Loaded<Answer>>,
      observe: (outcome: CacheOutcome) => void,
    ) => {
      const entry = entries.get(key);
      const ageMs = entry === undefined ? Infinity : now() - entry.readAtMs;
      const kept = entry?.answer as Answer;
      if (ageMs < freshMs) {
        observe('FRESH');
        return { answer: kept, ageMs };
      }
      if (ageMs < staleMs) {
        observe('STALE');
        if (!renewing.has(key)) {
          renewing.add(key);
          renew(key, load)
            .catch(() => undefined)
            .finally(() => renewing.delete(key));
        }
        return { answer: kept, ageMs };
      }
      try {
        const answer = await renew(key, load);
        observe('MISS');
        return { answer, ageMs: null };
      } catch (error) {
        if (!(error instanceof GatewayError && error.facts.staleIfError) || ageMs >= staleIfErrorMs) throw error;
        observe('STALE_IF_ERROR');
        return { answer: kept, ageMs };
      }
    },
  };
}

/** A view of the cache, and of the reads under way, for one caller. */
export function cacheOf(
  cache: AnswerCache,
  flight: SingleFlight,
  { upstreamScope, language, observer, onStale, deadline }: CacheCaller,
): CallerCache {
  return {
    clear: () => {
      cache.clear();
      flight.clear();
    },
    read: async ({ plane, call, origin, request, cacheable = true }, load) => {
      if (!cacheable) return (await load(deadline)).answer;
      const key = JSON.stringify([upstreamScope, language, origin, call, request]);
      const observe = (outcome: CacheOutcome): void => observer.cache({ plane, call, outcome });
      const join = () => flight.run(key, deadline, load, () => observe('SHARED'));
      const { answer, ageMs } = await cache.read(key, join, observe);
      if (ageMs !== null) onStale({ plane, call, ageMs });
      return answer;
    },
  };
}
