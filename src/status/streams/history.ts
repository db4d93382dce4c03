import { formatCursor } from './cursor.ts';
import type { AnyState, PollAnswer, StatusEvent } from '../types.ts';

/** A change of one subject. The history of a league has one subject per instance. */
export interface Entry<State> {
  readonly subject: string;
  readonly event: StatusEvent<State>;
}

/** The kept part of a history, from which another one can continue. */
export interface HistoryLog<State> {
  readonly epoch: string;
  readonly sequence: number;
  /** The latest change of each subject, oldest first. */
  readonly latest: readonly Entry<State>[];
  /** The latest changes, oldest first. */
  readonly entries: readonly Entry<State>[];
}

/** The latest state of each subject of a watched object, and its latest changes in order. */
export interface History<State> {
  readonly epoch: string;
  /** The sequence of the latest change. 0 before the first. */
  readonly sequence: () => number;
  /** The change with that sequence. Undefined when it is no longer kept. */
  readonly at: (sequence: number) => Entry<State> | undefined;
  readonly latestOf: (subject: string) => StatusEvent<State> | undefined;
  /** The latest change of each subject, oldest first. */
  readonly latest: () => readonly Entry<State>[];
  /**
   * Records the state of a subject. Ignored when it is the known state, or when the subject has ended.
   *
   * @returns the change, if it was one. UNORDERED: the poll began before the known state was; either may be the newer one
   */
  readonly record: (subject: string, state: State, answer: PollAnswer) => Entry<State> | 'UNORDERED' | undefined;
  /** Appends a change that another history has recorded. */
  readonly append: (entry: Entry<State>) => void;
  readonly forget: (subject: string) => void;
  readonly log: () => HistoryLog<State>;
  /** Takes over another history, whose states are known since `knownAtMs`. */
  readonly load: (log: HistoryLog<State>, knownAtMs?: number) => void;
  /** Starts a new epoch: the next changes differ from those of other replicas. */
  readonly fork: (epoch: string) => void;
}

/** It would be no change. */
export function isSame(one: AnyState, other: AnyState): boolean {
  return one.status === other.status && one.fingerprint === other.fingerprint && one.isTerminal === other.isTerminal;
}

interface Known<State> {
  readonly entry: Entry<State>;
  knownAtMs: number;
}

/** @param size - number of kept changes */
export function createHistory<State extends AnyState>(firstEpoch: string, size: number): History<State> {
  const known = new Map<string, Known<State>>();
  const entries: Entry<State>[] = [];
  let epoch = firstEpoch;
  let sequence = 0;

  const at = (wanted: number): Entry<State> | undefined =>
    wanted > sequence - size && wanted <= sequence ? entries[wanted % size] : undefined;
  const latest = (): readonly Entry<State>[] =>
    [...known.values()].map(({ entry }) => entry).sort((one, other) => one.event.sequence - other.event.sequence);
  const kept = (): readonly Entry<State>[] =>
    Array.from({ length: Math.min(size, sequence) }, (_, index) =>
      at(sequence - Math.min(size, sequence) + index + 1),
    ).filter((entry) => entry !== undefined);
  const add = (entry: Entry<State>, knownAtMs: number): void => {
    sequence = entry.event.sequence;
    known.set(entry.subject, { entry, knownAtMs });
    entries[sequence % size] = entry;
  };
  const ownEvent = (event: StatusEvent<State>): StatusEvent<State> => {
    const cursor = formatCursor({ epoch, sequence: event.sequence });
    return cursor === event.cursor ? event : { ...event, cursor };
  };

  return {
    get epoch() {
      return epoch;
    },
    sequence: () => sequence,
    at,
    latestOf: (subject) => known.get(subject)?.entry.event,
    latest,
    record: (subject, state, { begunAtMs, answeredAtMs, observedAt }) => {
      const before = known.get(subject);
      if (before?.entry.event.isFinal === true) return undefined;
      const isOrdered = before === undefined || begunAtMs >= before.knownAtMs;
      if (before !== undefined && isSame(before.entry.event.state, state)) {
        if (isOrdered) before.knownAtMs = answeredAtMs;
        return undefined;
      }
      // An end is the last state, whatever the order.
      if (!isOrdered && state.isTerminal !== true) return 'UNORDERED';
      const event: StatusEvent<State> = {
        kind: 'CHANGE',
        cursor: formatCursor({ epoch, sequence: sequence + 1 }),
        sequence: sequence + 1,
        observedAt,
        previousStatus: before?.entry.event.state.status ?? null,
        state,
        isFinal: state.isTerminal === true,
        gap: null,
        stale: null,
      };
      const entry = { subject, event };
      add(entry, answeredAtMs);
      return entry;
    },
    append: ({ subject, event }) => add({ subject, event: ownEvent(event) }, -Infinity),
    forget: (subject) => void known.delete(subject),
    log: () => ({ epoch, sequence, latest: latest(), entries: kept() }),
    load: (log, knownAtMs = -Infinity) => {
      known.clear();
      entries.length = 0;
      ({ epoch, sequence } = log);
      for (const entry of log.latest) known.set(entry.subject, { entry, knownAtMs });
      for (const entry of log.entries) entries[entry.event.sequence % size] = entry;
    },
    fork: (next) => {
      epoch = next;
    },
  };
}
