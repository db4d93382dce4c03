import { formatCursor } from './cursor.ts';
import type { StatusEvent } from './watches.ts';

/** What every state tells, whatever it is a state of. */
export interface AnyState {
  readonly status: string;
  readonly fingerprint: string;
  readonly isTerminal?: boolean;
}

/** A change, and which of the watched things it is a change of: a league is many. */
export interface Entry<State> {
  readonly subject: string;
  readonly event: StatusEvent<State>;
}

/** One answer of upstream. Looks are numbered as they are begun. */
export interface Sighting {
  readonly lookNumber: number;
  readonly observedAt: string;
}

/** What was seen of one watched thing: the latest state of each subject, and the latest changes in their order. */
export interface History<State> {
  readonly epoch: string;
  /** Of the latest change; 0 before the first. */
  readonly sequence: () => number;
  /** The change with that sequence, unless it is too long ago. */
  readonly at: (sequence: number) => Entry<State> | undefined;
  readonly latestOf: (subject: string) => StatusEvent<State> | undefined;
  /** The latest change of each subject, in the order in which they happened. */
  readonly latest: () => readonly Entry<State>[];
  /**
   * Takes down what a look saw. Nothing changes when it saw what was known, when a look that was begun later has answered
   * already, or when the subject has ended.
   *
   * @returns whether it was a change
   */
  readonly observe: (subject: string, state: State, sighting: Sighting) => boolean;
  readonly forget: (subject: string) => void;
}

function isSame(one: AnyState, other: AnyState): boolean {
  return one.status === other.status && one.fingerprint === other.fingerprint && one.isTerminal === other.isTerminal;
}

interface Known<State> {
  readonly entry: Entry<State>;
  lookNumber: number;
}

/** The history of a thing, which keeps so many of its latest changes. */
export function createHistory<State extends AnyState>(epoch: string, kept: number): History<State> {
  const known = new Map<string, Known<State>>();
  const entries: Entry<State>[] = [];
  let sequence = 0;

  return {
    epoch,
    sequence: () => sequence,
    at: (wanted) => (wanted > sequence - kept && wanted <= sequence ? entries[wanted % kept] : undefined),
    latestOf: (subject) => known.get(subject)?.entry.event,
    latest: () =>
      [...known.values()].map(({ entry }) => entry).sort((one, other) => one.event.sequence - other.event.sequence),
    observe: (subject, state, { lookNumber, observedAt }) => {
      const before = known.get(subject);
      if (before !== undefined && (before.lookNumber > lookNumber || before.entry.event.isFinal)) return false;
      if (before !== undefined && isSame(before.entry.event.state, state)) {
        before.lookNumber = lookNumber;
        return false;
      }
      sequence += 1;
      const event: StatusEvent<State> = {
        cursor: formatCursor({ epoch, sequence }),
        sequence,
        observedAt,
        previousStatus: before?.entry.event.state.status ?? null,
        state,
        isFinal: state.isTerminal === true,
        hasGap: false,
      };
      const entry = { subject, event };
      known.set(subject, { entry, lookNumber });
      entries[sequence % kept] = entry;
      return true;
    },
    forget: (subject) => void known.delete(subject),
  };
}
