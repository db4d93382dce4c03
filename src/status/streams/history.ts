import { formatCursor } from './cursor.ts';
import type { AnyState, PollAnswer, StatusEvent } from '../types.ts';

/** A change, and its subject: the history of a league has one subject for each instance. */
export interface Entry<State> {
  readonly subject: string;
  readonly event: StatusEvent<State>;
}

/** The latest state of each subject of a watched object, and its latest changes in order. */
export interface History<State> {
  readonly epoch: string;
  /** Of the latest change. 0 before the first. */
  readonly sequence: () => number;
  /** The change with that sequence. Undefined when it is not kept any more. */
  readonly at: (sequence: number) => Entry<State> | undefined;
  readonly latestOf: (subject: string) => StatusEvent<State> | undefined;
  /** The latest change of each subject, oldest first. */
  readonly latest: () => readonly Entry<State>[];
  /**
   * Records the state of a subject. Ignored when it is the known state, when a poll that began later has answered already, or
   * when the subject has ended.
   *
   * @returns whether it was a change
   */
  readonly record: (subject: string, state: State, answer: Pick<PollAnswer, 'pollNumber' | 'observedAt'>) => boolean;
  readonly forget: (subject: string) => void;
}

function isSame(one: AnyState, other: AnyState): boolean {
  return one.status === other.status && one.fingerprint === other.fingerprint && one.isTerminal === other.isTerminal;
}

interface Known<State> {
  readonly entry: Entry<State>;
  pollNumber: number;
}

/** @param size - changes that are kept */
export function createHistory<State extends AnyState>(epoch: string, size: number): History<State> {
  const known = new Map<string, Known<State>>();
  const entries: Entry<State>[] = [];
  let sequence = 0;

  return {
    epoch,
    sequence: () => sequence,
    at: (wanted) => (wanted > sequence - size && wanted <= sequence ? entries[wanted % size] : undefined),
    latestOf: (subject) => known.get(subject)?.entry.event,
    latest: () =>
      [...known.values()].map(({ entry }) => entry).sort((one, other) => one.event.sequence - other.event.sequence),
    record: (subject, state, { pollNumber, observedAt }) => {
      const before = known.get(subject);
      if (before !== undefined && (before.pollNumber > pollNumber || before.entry.event.isFinal)) return false;
      if (before !== undefined && isSame(before.entry.event.state, state)) {
        before.pollNumber = pollNumber;
        return false;
      }
      sequence += 1;
      const event: StatusEvent<State> = {
        kind: 'CHANGE',
        cursor: formatCursor({ epoch, sequence }),
        sequence,
        observedAt,
        previousStatus: before?.entry.event.state.status ?? null,
        state,
        isFinal: state.isTerminal === true,
        gap: null,
        staleSince: null,
      };
      const entry = { subject, event };
      known.set(subject, { entry, pollNumber });
      entries[sequence % size] = entry;
      return true;
    },
    forget: (subject) => void known.delete(subject),
  };
}
