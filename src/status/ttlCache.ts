import type { WatchClock } from './clock.ts';

/** Keeps things for a while. */
export interface Memory<Thing> {
  readonly keep: (key: string, thing: Thing) => void;
  /** What was kept, which then is kept no more. */
  readonly take: (key: string) => Thing | undefined;
  /** What was kept; the time it is kept for goes on. */
  readonly peek: (key: string) => Thing | undefined;
  readonly clear: () => void;
  readonly size: () => number;
}

/** A memory of so many things at most, each for so long. */
export function createMemory<Thing>(clock: WatchClock, forMs: number, atMost: number): Memory<Thing> {
  // In the order in which they are forgotten.
  const kept = new Map<string, { readonly thing: Thing; readonly untilMs: number }>();
  let cancel: (() => void) | undefined;

  const setTimer = (): void => {
    const [first] = kept.values();
    if (first === undefined || cancel !== undefined) return;
    cancel = clock.after(first.untilMs - clock.nowMs(), () => {
      cancel = undefined;
      for (const [key, { untilMs }] of kept) {
        if (untilMs > clock.nowMs()) break;
        kept.delete(key);
      }
      setTimer();
    });
  };
  const stopTimer = (): void => {
    cancel?.();
    cancel = undefined;
  };

  return {
    keep: (key, thing) => {
      kept.delete(key);
      kept.set(key, { thing, untilMs: clock.nowMs() + forMs });
      const [oldest] = kept.keys();
      if (kept.size > atMost && oldest !== undefined) kept.delete(oldest);
      setTimer();
    },
    take: (key) => {
      const found = kept.get(key)?.thing;
      kept.delete(key);
      if (kept.size === 0) stopTimer();
      return found;
    },
    peek: (key) => kept.get(key)?.thing,
    clear: () => {
      kept.clear();
      stopTimer();
    },
    size: () => kept.size,
  };
}
