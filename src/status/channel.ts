import { parseCursor } from './cursor.ts';
import type { Entry, History } from './history.ts';
import type { StatusEvent } from './watches.ts';

/** How a watch ended: with an error that its subscribers are given, or well. */
export interface Ending {
  readonly error?: Error;
}

/** What a channel reads of its watch. */
export interface Watched<State> {
  readonly history: History<State>;
  /** Whether its present state is known, and no older than the last look. */
  readonly isKnown: () => boolean;
  readonly ending: () => Ending | undefined;
  /** Whether a subject's present state is told to who has just come. */
  readonly isToldFirst: (event: StatusEvent<State>) => boolean;
}

/** One subscriber's stream. */
export interface Channel<State> extends AsyncIterator<StatusEvent<State>, undefined> {
  /** There may be something new to read, or the watch has ended. */
  readonly wake: () => void;
  readonly return: () => Promise<IteratorReturnResult<undefined>>;
}

type Result<State> = IteratorResult<StatusEvent<State>, undefined>;

interface Waiting<State> {
  readonly resolve: (result: Result<State>) => void;
  readonly reject: (error: Error) => void;
}

/** Of a subject whose changes were left out: the status told before them, and whether the subscriber misses them. */
interface LeftOut {
  readonly told: string | null;
  readonly isGap: boolean;
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * A reader of a history. It holds no queue, only the place up to which it has read: whoever reads slowly finds the latest state
 * of each subject, and whoever resumes finds every change since its cursor that the history has kept.
 *
 * @param leave - called once, when the subscriber has gone or has read everything
 */
export const createChannel = <State extends { readonly status: string }>(
  watched: Watched<State>,
  after: string | null | undefined,
  leave: () => void,
): Channel<State> => {
  const { history } = watched;
  /** The sequence up to which everything was read; null while the present state is to be told first. */
  let place: number | null = null;
  /** Up to here, changes are told one by one. */
  let toldSinglyUntil = 0;
  /** Present states that are still to be told. */
  let present: readonly Entry<State>[] = [];
  let hasGap = false;
  /** The status that was told last, of the subjects whose changes were left out since. */
  let toldBefore: Map<string, LeftOut> | undefined;
  let waiting: Waiting<State>[] | undefined;
  let hasLeft = false;

  if (after !== null && after !== undefined) {
    const from = parseCursor(after);
    if (from?.epoch === history.epoch && from.sequence > 0 && from.sequence <= history.sequence()) {
      place = from.sequence;
      toldSinglyUntil = history.sequence();
    } else hasGap = true;
  }

  /** Puts the present state before the reader: of all subjects that it is to know, which have changed since its place. */
  const begin = (): void => {
    const from = place ?? 0;
    present = history.latest().filter(({ event }) => event.sequence > from && (hasGap || watched.isToldFirst(event)));
    place = history.sequence();
    toldSinglyUntil = 0;
  };

  const beginOnceKnown = (): void => {
    if (place === null && watched.isKnown()) begin();
  };

  const leaveOut = ({ subject }: Entry<State>, leftOut: LeftOut): void => {
    toldBefore ??= new Map();
    if (!toldBefore.has(subject)) toldBefore.set(subject, leftOut);
  };

  const tell = ({ subject, event }: Entry<State>, told = event.previousStatus): StatusEvent<State> => {
    const leftOut = toldBefore?.get(subject);
    toldBefore?.delete(subject);
    const previousStatus = leftOut === undefined ? told : leftOut.told;
    const isGap = hasGap || leftOut?.isGap === true;
    return !isGap && previousStatus === event.previousStatus ? event : { ...event, previousStatus, hasGap: isGap };
  };

  const isSuperseded = ({ subject, event }: Entry<State>): boolean =>
    (history.latestOf(subject)?.sequence ?? 0) > event.sequence;

  const readPresent = (): StatusEvent<State> | undefined => {
    while (present.length > 0) {
      const [entry] = present as [Entry<State>];
      present = present.slice(1);
      if (isSuperseded(entry)) {
        leaveOut(entry, { told: null, isGap: hasGap });
        continue;
      }
      const event = tell(entry, null);
      if (present.length === 0) hasGap = false;
      return event;
    }
    return undefined;
  };

  const read = (): StatusEvent<State> | undefined => {
    beginOnceKnown();
    const first = readPresent();
    if (first !== undefined) return first;
    while (place !== null && place < history.sequence()) {
      const entry = history.at(place + 1);
      if (entry === undefined) {
        // Too slow for what the history keeps: begin again with the present.
        hasGap = true;
        begin();
        return readPresent() ?? read();
      }
      place += 1;
      if (place <= toldSinglyUntil || !isSuperseded(entry)) {
        const event = tell(entry);
        hasGap = false;
        return event;
      }
      leaveOut(entry, { told: entry.event.previousStatus, isGap: true });
    }
    return undefined;
  };

  const goAway = (): void => {
    if (hasLeft) return;
    hasLeft = true;
    present = [];
    leave();
  };

  /** What next() answers now, or undefined when there is nothing yet. */
  const attempt = (): Result<State> | undefined => {
    if (hasLeft) return done;
    const value = read();
    if (value !== undefined) return { done: false, value };
    const ending = watched.ending();
    if (ending === undefined) return undefined;
    goAway();
    if (ending.error !== undefined) throw ending.error;
    return done;
  };

  const wake = (): void => {
    beginOnceKnown();
    while (waiting !== undefined) {
      const [first, ...rest] = waiting as [Waiting<State>, ...Waiting<State>[]];
      try {
        const result = attempt();
        if (result === undefined) return;
        waiting = rest.length > 0 ? rest : undefined;
        first.resolve(result);
      } catch (error) {
        waiting = rest.length > 0 ? rest : undefined;
        first.reject(error as Error);
      }
    }
  };

  beginOnceKnown();
  return {
    wake,
    next: () =>
      new Promise((resolve, reject) => {
        waiting = [...(waiting ?? []), { resolve, reject }];
        wake();
      }),
    return: () => {
      goAway();
      wake();
      return Promise.resolve(done);
    },
  };
};
