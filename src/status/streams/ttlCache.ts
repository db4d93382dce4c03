import type { Clock } from '../../time.ts';

/** Keeps values for a limited time. */
export interface TtlCache<Value> {
  readonly set: (key: string, value: Value) => void;
  /** Removes the value and returns it. */
  readonly take: (key: string) => Value | undefined;
  /** Does not extend its time. */
  readonly get: (key: string) => Value | undefined;
  readonly clear: () => void;
  readonly size: () => number;
}

/** Keeps at most `atMost` values, each for `forMs`. The oldest goes first. */
export function createTtlCache<Value>(clock: Clock, forMs: number, atMost: number): TtlCache<Value> {
  // In the order of expiry.
  const entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();
  let cancel: (() => void) | undefined;

  const setTimer = (): void => {
    const [first] = entries.values();
    if (first === undefined || cancel !== undefined) return;
    cancel = clock.after(first.untilMs - clock.nowMs(), () => {
      cancel = undefined;
      for (const [key, { untilMs }] of entries) {
        if (untilMs > clock.nowMs()) break;
        entries.delete(key);
      }
      setTimer();
    });
  };
  const stopTimer = (): void => {
    cancel?.();
    cancel = undefined;
  };

  return {
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, { value, untilMs: clock.nowMs() + forMs });
      const [oldest] = entries.keys();
      if (entries.size > atMost && oldest !== undefined) entries.delete(oldest);
      setTimer();
    },
    take: (key) => {
      const found = entries.get(key)?.value;
      entries.delete(key);
      if (entries.size === 0) stopTimer();
      return found;
    },
    get: (key) => entries.get(key)?.value,
    clear: () => {
      entries.clear();
      stopTimer();
    },
    size: () => entries.size,
  };
}
