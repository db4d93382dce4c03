import { GatewayError } from '../errors.ts';
import type { WatchClock } from './clock.ts';
import type { AnyState } from './history.ts';
import { createMemory } from './ttlCache.ts';
import type { Watch } from './watch.ts';
import type { StatusEvent, WatchOptions } from './watches.ts';

/** How the looks at a thing that somebody watches are steered. */
export interface Steering {
  /** It may be due sooner than it was. */
  readonly hurry: () => void;
  /** Nobody watches it any more, or it has ended. */
  readonly stop: () => void;
}

/** How a thing is watched. */
export interface Subject<State extends AnyState> {
  /** Whoever gives the same key shares the watch. */
  readonly key: string;
  readonly make: () => Watch<State>;
  readonly start: (watch: Watch<State>) => Steering;
}

/** The watches that somebody has joined, and for a while those that nobody watches any more. */
export interface Registry<State extends AnyState> {
  /** Subscribes when it is iterated. */
  readonly stream: (subject: Subject<State>, options: WatchOptions) => AsyncIterable<StatusEvent<State>>;
  /** A watch has ended of itself. */
  readonly finished: (watch: Watch<State>, error?: Error) => void;
  readonly close: () => void;
  readonly figures: () => { readonly watches: number; readonly subscribers: number; readonly remembered: number };
}

/** Things that nobody watches any more but may resume to watch, at most. */
const mostRemembered = 1_000;

function reconnect(): GatewayError {
  return new GatewayError(
    'RECONNECT',
    'The gateway shuts down. Subscribe again, with `after`: the cursor of the last event.',
  );
}

/** A registry, which remembers for so long. */
export function createRegistry<State extends AnyState>(clock: WatchClock, rememberMs: number): Registry<State> {
  const live = new Map<string, { readonly watch: Watch<State>; readonly steering: Steering }>();
  const keys = new Map<Watch<State>, string>();
  const memory = createMemory<Watch<State>>(clock, rememberMs, mostRemembered);
  let subscribers = 0;
  let isClosed = false;

  /** Watches it no more; it is remembered, unless it ended badly. */
  const retire = (watch: Watch<State>, isKept: boolean): void => {
    const key = keys.get(watch);
    if (key === undefined) return;
    const steering = live.get(key)?.steering;
    keys.delete(watch);
    live.delete(key);
    steering?.stop();
    if (isKept) memory.keep(key, watch);
  };

  const watchOf = ({ key, make, start }: Subject<State>): Watch<State> => {
    const found = live.get(key)?.watch;
    if (found !== undefined) return found;
    const remembered = memory.peek(key);
    if (remembered?.ending() !== undefined) return remembered;
    const watch = memory.take(key) ?? make();
    keys.set(watch, key);
    live.set(key, { watch, steering: start(watch) });
    return watch;
  };

  const subscribe = (subject: Subject<State>, { after, signal }: WatchOptions): AsyncIterator<StatusEvent<State>> => {
    if (isClosed) return { next: () => Promise.reject(reconnect()) };
    if (signal.aborted) return { next: () => Promise.resolve({ done: true, value: undefined }) };
    const watch = watchOf(subject);
    const leave = (): void => void channel.return();
    const channel = watch.join(after, () => {
      subscribers -= 1;
      signal.removeEventListener('abort', leave);
      if (watch.channels.size === 0 && watch.ending() === undefined) retire(watch, true);
    });
    subscribers += 1;
    signal.addEventListener('abort', leave, { once: true });
    live.get(subject.key)?.steering.hurry();
    return channel;
  };

  return {
    stream: (subject, options) => ({ [Symbol.asyncIterator]: () => subscribe(subject, options) }),
    finished: (watch, error) => retire(watch, error === undefined),
    close: () => {
      isClosed = true;
      for (const watch of [...keys.keys()]) {
        retire(watch, false);
        watch.finish(reconnect());
      }
      memory.clear();
    },
    figures: () => ({ watches: live.size, subscribers, remembered: memory.size() }),
  };
}
