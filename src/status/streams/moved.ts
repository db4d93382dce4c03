import type { AnyState } from '../types.ts';
import { isSame, type Entry, type History, type HistoryLog } from './history.ts';

/** The difference between a history and the one that it replaces. */
export interface Moved<State> {
  /** The latest change of each subject whose state differs. */
  readonly differing: readonly Entry<State>[];
  /** Subjects that had ended in the former history, and not yet in this one. */
  readonly ended: ReadonlySet<string>;
  /** The last sequence of the former history. */
  readonly endedAt: number;
}

/** Replaces the content of a history by a log. */
export function moveTo<State extends AnyState>(history: History<State>, log: HistoryLog<State>): Moved<State> {
  const former = new Map(history.latest().map((entry) => [entry.subject, entry.event]));
  const endedAt = history.sequence();
  history.load(log);
  const hasEnded = ({ subject }: Entry<State>): boolean => former.get(subject)?.isFinal === true;
  const differing = log.latest.filter((entry) => {
    const before = former.get(entry.subject);
    return !hasEnded(entry) && (before === undefined || !isSame(before.state, entry.event.state));
  });
  const ended = log.latest.filter((entry) => hasEnded(entry) && !entry.event.isFinal).map(({ subject }) => subject);
  return { differing, ended: new Set(ended), endedAt };
}
