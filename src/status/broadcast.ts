import type { Clock } from '../time.ts';
import type { IntervalRange } from './polling/schedule.ts';
import { Freshness } from './streams/freshness.ts';
import { createHistory, type Entry, type History } from './streams/history.ts';
import { SubscriberStream, type Ending, type StreamStart } from './streams/subscriberStream.ts';
import type { AnyState, PollTarget, Staleness } from './types.ts';

/** The result of a poll, as it is delivered to subscribers. */
export interface Change<State> {
  readonly entries: readonly Entry<State>[];
  /** Time of the poll. Left out when the poll did not return all subjects. */
  readonly knownAt?: string;
  /** Polls fail. */
  readonly stale?: Staleness;
  /** The watch ends with these entries. */
  readonly ending?: Ending;
}

/** Options of one kind of watch. */
export interface WatchKind<State> {
  readonly kind: PollTarget['kind'];
  readonly interval: IntervalRange;
  /** Kept changes, for subscribers that resume. */
  readonly historySize: number;
  readonly snapshotOf: (entries: readonly Entry<State>[], since: string | null) => readonly Entry<State>[];
  /** The state to emit when polls fail before any has succeeded, and for a league without runs. */
  readonly unknownState: State;
  /** Emits empty snapshots too: having no states is a known state of its own. */
  readonly mayBeEmpty?: boolean;
}

/** The delivered changes of a watch, and the subscribers that read them. */
export class Broadcast<State extends AnyState> {
  readonly history: History<State>;
  readonly freshness: Freshness<State>;
  readonly subscribers = new Set<SubscriberStream<State>>();
  readonly #kind: WatchKind<State>;
  isKnown = false;
  ending: Ending | undefined;
  onEnd: ((error?: Error) => void) | undefined;

  constructor(kind: WatchKind<State>, epoch: string, clock: Clock) {
    this.#kind = kind;
    this.history = createHistory<State>(epoch, kind.historySize);
    this.freshness = new Freshness(this.history, clock, kind.unknownState);
  }

  join(from: StreamStart, onLeave: () => void): SubscriberStream<State> {
    const { kind, snapshotOf, mayBeEmpty = false } = this.#kind;
    const watched = {
      kind,
      history: this.history,
      isKnown: () => this.isKnown,
      ending: () => this.ending,
      snapshotOf,
      notice: () => this.freshness.notice,
      emptySnapshot: mayBeEmpty ? () => this.freshness.unknownEvent('SNAPSHOT_END') : undefined,
    };
    const stream = new SubscriberStream<State>(watched, from, () => {
      this.subscribers.delete(stream);
      onLeave();
    });
    this.subscribers.add(stream);
    return stream;
  }

  /** Wakes the subscribers. The entries must be in the history already. */
  publish({ knownAt, stale, ending }: Omit<Change<State>, 'entries'>): void {
    if (knownAt !== undefined) {
      this.isKnown = true;
      this.freshness.markFresh(knownAt);
    }
    if (stale !== undefined) this.freshness.markStale(stale);
    const isEnd = this.ending === undefined && ending !== undefined;
    if (isEnd) this.ending = ending;
    this.subscribers.forEach((stream) => stream.wake());
    if (isEnd) this.onEnd?.(ending.error);
  }
}
