import type { WatchClock } from './clock.ts';

/** Gives looks their turns, so that no upstream is asked more often than it may be, and nobody's looks crowd out another's. */
export interface Turns {
  /** Runs when it is its turn: at once unless the upstream's ceiling is reached. What says that it had no use for its turn costs none. */
  readonly take: (upstream: string, upstreamScope: string, run: () => boolean) => void;
  /** Gives no turns for that long. */
  readonly pause: (upstream: string, ms: number) => void;
  /** Gives no turns any more. */
  readonly close: () => void;
}

interface Lane {
  /** Whoever waits, by right; the first right is the next to have a turn. */
  readonly waiting: Map<string, (() => boolean)[]>;
  /** When the latest turns were given, as many as the ceiling. */
  readonly given: number[];
  pausedUntilMs: number;
  cancel: (() => void) | undefined;
}

/** Of any second. */
const spanMs = 1_000;

/** Turns for any number of upstreams; `perSecond` is the ceiling of each. */
export function createTurns(clock: WatchClock, perSecond: number): Turns {
  const lanes = new Map<string, Lane>();
  let isClosed = false;

  const freeAtMs = ({ given, pausedUntilMs }: Lane): number =>
    Math.max(pausedUntilMs, given.length < perSecond ? 0 : (given[0] ?? 0) + spanMs);

  /** Upstreams that have been quiet are forgotten. */
  const sweep = (nowMs: number): void => {
    for (const [name, lane] of lanes)
      if (lane.waiting.size === 0 && lane.pausedUntilMs <= nowMs && (lane.given.at(-1) ?? 0) + spanMs <= nowMs)
        lanes.delete(name);
  };

  const laneOf = (upstream: string): Lane => {
    const found = lanes.get(upstream);
    if (found !== undefined) return found;
    sweep(clock.nowMs());
    const lane: Lane = { waiting: new Map(), given: [], pausedUntilMs: 0, cancel: undefined };
    lanes.set(upstream, lane);
    return lane;
  };

  const next = (lane: Lane): (() => boolean) | undefined => {
    const [first] = lane.waiting;
    if (first === undefined) return undefined;
    const [upstreamScope, queue] = first;
    const run = queue.shift();
    lane.waiting.delete(upstreamScope);
    if (queue.length > 0) lane.waiting.set(upstreamScope, queue);
    return run;
  };

  const give = (lane: Lane): void => {
    while (!isClosed && lane.waiting.size > 0 && lane.cancel === undefined) {
      const nowMs = clock.nowMs();
      const waitMs = freeAtMs(lane) - nowMs;
      if (waitMs > 0) {
        lane.cancel = clock.after(waitMs, () => {
          lane.cancel = undefined;
          give(lane);
        });
        return;
      }
      if (next(lane)?.() !== true) continue;
      lane.given.push(nowMs);
      if (lane.given.length > perSecond) lane.given.shift();
    }
  };

  return {
    take: (upstream, upstreamScope, run) => {
      const lane = laneOf(upstream);
      const queue = lane.waiting.get(upstreamScope);
      if (queue === undefined) lane.waiting.set(upstreamScope, [run]);
      else queue.push(run);
      give(lane);
    },
    pause: (upstream, ms) => {
      const lane = laneOf(upstream);
      lane.pausedUntilMs = Math.max(lane.pausedUntilMs, clock.nowMs() + ms);
    },
    close: () => {
      isClosed = true;
      for (const { cancel } of lanes.values()) cancel?.();
      lanes.clear();
    },
  };
}
