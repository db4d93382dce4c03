import type { LogPosition } from '../../shared/watches.ts';
import type { Clock } from '../../time.ts';
import type { Broadcast, Change } from '../broadcast.ts';
import type { History, HistoryLog } from '../streams/history.ts';
import { moveTo } from '../streams/moved.ts';
import type { AnyState } from '../types.ts';

/** A watch that another replica polls, or whose polls are published to other replicas before they are delivered here. */
export interface SharedWatch<State extends AnyState> {
  readonly position: () => LogPosition;
  /** The delivered changes. */
  readonly log: () => HistoryLog<State>;
  readonly isKnown: () => boolean;
  /** Makes subscribers wait until the next poll, or the next change from another replica. */
  readonly wait: () => void;
  /** Delivers a change to the subscribers. */
  readonly deliver: (change: Change<State>) => void;
  /** Replaces the delivered changes with the shared log. */
  readonly adopt: (log: HistoryLog<State>, status: Omit<Change<State>, 'entries'>) => void;
  /** Continues polling from the delivered changes. */
  readonly rewind: () => void;
  /** Sends the results of polls to `publish`. Without it, they are delivered at once. */
  readonly publishTo: (publish: ((change: Change<State>) => void) | undefined) => void;
  /** Starts a new epoch: the next changes differ from those of other replicas. */
  readonly fork: () => void;
}

/**
 * The shared part of a watch. Polls have a history of their own then: changes are delivered once they are published to all
 * replicas.
 *
 * @param polled - the history of the polls; that of the broadcast where the watch is not shared
 * @returns `emit` sends the result of a poll on its way
 */
export function shareWatch<State extends AnyState>(
  broadcast: Broadcast<State>,
  polled: History<State>,
  { clock, newEpoch }: { readonly clock: Clock; readonly newEpoch: () => string },
): { readonly shared: SharedWatch<State>; readonly emit: (change: Change<State>) => void } {
  const { history: delivered, subscribers } = broadcast;
  let publish: ((change: Change<State>) => void) | undefined;
  const shared: SharedWatch<State> = {
    position: () => ({ epoch: delivered.epoch, sequence: delivered.sequence() }),
    log: delivered.log,
    isKnown: () => broadcast.isKnown,
    wait: () => {
      broadcast.isKnown = false;
      broadcast.freshness.started();
    },
    deliver: ({ entries, ...status }) => {
      for (const entry of entries) if (entry.event.sequence > delivered.sequence()) delivered.append(entry);
      broadcast.publish(status);
    },
    adopt: (log, status) => {
      const missing = log.entries.filter(({ event }) => event.sequence > delivered.sequence());
      if (log.epoch === delivered.epoch && missing.length === log.sequence - delivered.sequence())
        missing.forEach(delivered.append);
      else if (log.epoch === delivered.epoch && log.sequence > delivered.sequence()) delivered.load(log);
      else {
        const moved = moveTo(delivered, log);
        subscribers.forEach((stream) => stream.moved(moved));
      }
      broadcast.publish(status);
    },
    // Polls under way began before these states were known.
    rewind: () => polled.load(delivered.log(), clock.nowMs()),
    publishTo: (next) => {
      publish = next;
    },
    fork: () => {
      const epoch = newEpoch();
      delivered.fork(epoch);
      polled.fork(epoch);
    },
  };
  const emit = (change: Change<State>): void => {
    if (publish !== undefined) publish(change);
    else if (polled === delivered) broadcast.publish(change);
    else shared.deliver(change);
  };
  return { shared, emit };
}
