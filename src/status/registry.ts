import { GatewayError } from '../errors.ts';
import type { Clock } from '../time.ts';
import { createTtlCache } from './streams/ttlCache.ts';
import type { Watch } from './watch.ts';
import type { AnyState, StatusEvent, WatchOptions } from './types.ts';

/** Controls the polling of a watched object. */
export interface Polling {
  /** Its next poll may be due sooner. */
  readonly reschedule: () => void;
  /** Called when the last subscriber has left, or when the watch has ended. */
  readonly stop: () => void;
}

/** Options of one watch. */
export interface WatchSpec<State extends AnyState> {
  /** Subscribers with the same key share the watch. */
  readonly key: string;
  readonly make: () => Watch<State>;
  readonly start: (watch: Watch<State>) => Polling;
  /** Drops the history with the last subscriber: it was read with a token that may expire. */
  readonly isForgotten: boolean;
}

/** Watches by key. Watches without subscribers are kept for a while, so that subscribers can resume. */
export interface Registry<State extends AnyState> {
  /** Subscribes on iteration. */
  readonly stream: (spec: WatchSpec<State>, options: WatchOptions) => AsyncIterable<StatusEvent<State>>;
  /** Keeps it watched for subscribers of other replicas, until the returned function is called. */
  readonly hold: (spec: WatchSpec<State>) => () => void;
  readonly close: () => void;
  readonly figures: () => { readonly watches: number; readonly subscribers: number; readonly remembered: number };
}

/** Watches kept without subscribers. */
const maxRemembered = 1_000;

function reconnect(): GatewayError {
  return new GatewayError(
    'RECONNECT',
    'The gateway shuts down. Subscribe again, with `after`: the cursor of the last event.',
  );
}

/** @param rememberMs - how long a watch without subscribers is kept */
export function createRegistry<State extends AnyState>(clock: Clock, rememberMs: number): Registry<State> {
  const live = new Map<
    string,
    { readonly watch: Watch<State>; readonly polling: Polling; readonly isForgotten: boolean }
  >();
  const keys = new Map<Watch<State>, string>();
  const held = new Set<string>();
  const withoutSubscribers = createTtlCache<Watch<State>>(clock, rememberMs, maxRemembered);
  let subscribers = 0;
  let isClosed = false;

  /** Stops polling. A watch that did not fail can be resumed. */
  const retire = (watch: Watch<State>, isKept: boolean): void => {
    const key = keys.get(watch);
    if (key === undefined) return;
    const { polling, isForgotten } = live.get(key) ?? {};
    keys.delete(watch);
    live.delete(key);
    polling?.stop();
    if (isKept && isForgotten !== true) withoutSubscribers.set(key, watch);
  };

  const watchOf = ({ key, make, start, isForgotten }: WatchSpec<State>): Watch<State> => {
    const found = live.get(key)?.watch;
    if (found !== undefined) return found;
    const remembered = withoutSubscribers.get(key);
    if (remembered?.ending() !== undefined) return remembered;
    const watch = withoutSubscribers.take(key) ?? make();
    watch.onEnd((error) => retire(watch, error === undefined));
    keys.set(watch, key);
    live.set(key, { watch, polling: start(watch), isForgotten });
    return watch;
  };

  const retireUnwatched = (key: string, watch: Watch<State>): void => {
    if (watch.subscribers.size === 0 && watch.ending() === undefined && !held.has(key)) retire(watch, true);
  };

  const subscribe = (spec: WatchSpec<State>, { signal, ...from }: WatchOptions): AsyncIterator<StatusEvent<State>> => {
    if (isClosed) return { next: () => Promise.reject(reconnect()) };
    if (signal.aborted) return { next: () => Promise.resolve({ done: true, value: undefined }) };
    const watch = watchOf(spec);
    const leave = (): void => void channel.return();
    const channel = watch.join(from, () => {
      subscribers -= 1;
      signal.removeEventListener('abort', leave);
      retireUnwatched(spec.key, watch);
    });
    subscribers += 1;
    signal.addEventListener('abort', leave, { once: true });
    live.get(spec.key)?.polling.reschedule();
    return channel;
  };

  return {
    stream: (spec, options) => ({ [Symbol.asyncIterator]: () => subscribe(spec, options) }),
    hold: (spec) => {
      if (isClosed) return () => undefined;
      held.add(spec.key);
      // Other replicas may no longer be able to read its end.
      if (withoutSubscribers.get(spec.key)?.ending() !== undefined) withoutSubscribers.take(spec.key);
      const watch = watchOf(spec);
      return () => {
        if (held.delete(spec.key)) retireUnwatched(spec.key, watch);
      };
    },
    close: () => {
      isClosed = true;
      for (const watch of [...keys.keys()]) {
        retire(watch, false);
        watch.end(reconnect());
      }
      withoutSubscribers.clear();
    },
    figures: () => ({ watches: live.size, subscribers, remembered: withoutSubscribers.size() }),
  };
}
