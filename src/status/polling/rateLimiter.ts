import type { Clock } from '../../time.ts';

/** Limits polls a second of each upstream. Scopes take turns, so that no scope's polls hold up another's. */
export interface RateLimiter {
  /** Runs at once, or when the limit allows it. A run that returns false does not count. */
  readonly schedule: (upstream: string, upstreamScope: string, run: () => boolean) => void;
  /** Runs nothing for that long. */
  readonly pause: (upstream: string, ms: number) => void;
  /** Runs nothing any more. */
  readonly close: () => void;
}

interface UpstreamQueue {
  /** By scope, in the order of their turns. */
  readonly waiting: Map<string, (() => boolean)[]>;
  /** Start times of the latest runs, at most as many as the limit. */
  readonly startedAtMs: number[];
  pausedUntilMs: number;
  cancel: (() => void) | undefined;
}

const windowMs = 1_000;

/**
 * @param perSecond - limit of each upstream, in any second
 * @param share - which this part of is this replica's: 1 of 3 while three of them poll
 */
export function createRateLimiter(clock: Clock, perSecond: number, share: () => number = () => 1): RateLimiter {
  const queues = new Map<string, UpstreamQueue>();
  let isClosed = false;

  const freeAtMs = ({ startedAtMs, pausedUntilMs }: UpstreamQueue): number => {
    const limit = Math.max(1, Math.floor(perSecond / share()));
    return Math.max(pausedUntilMs, (startedAtMs.at(-limit) ?? -windowMs) + windowMs);
  };

  /** Forgets upstreams that have been idle. */
  const sweep = (nowMs: number): void => {
    for (const [name, lane] of queues)
      if (lane.waiting.size === 0 && lane.pausedUntilMs <= nowMs && (lane.startedAtMs.at(-1) ?? 0) + windowMs <= nowMs)
        queues.delete(name);
  };

  const queueOf = (upstream: string): UpstreamQueue => {
    const found = queues.get(upstream);
    if (found !== undefined) return found;
    sweep(clock.nowMs());
    const lane: UpstreamQueue = { waiting: new Map(), startedAtMs: [], pausedUntilMs: 0, cancel: undefined };
    queues.set(upstream, lane);
    return lane;
  };

  const next = (lane: UpstreamQueue): (() => boolean) | undefined => {
    const [first] = lane.waiting;
    if (first === undefined) return undefined;
    const [upstreamScope, queue] = first;
    const run = queue.shift();
    lane.waiting.delete(upstreamScope);
    if (queue.length > 0) lane.waiting.set(upstreamScope, queue);
    return run;
  };

  const drain = (lane: UpstreamQueue): void => {
    while (!isClosed && lane.waiting.size > 0 && lane.cancel === undefined) {
      const nowMs = clock.nowMs();
      const waitMs = freeAtMs(lane) - nowMs;
      if (waitMs > 0) {
        lane.cancel = clock.after(waitMs, () => {
          lane.cancel = undefined;
          drain(lane);
        });
        return;
      }
      if (next(lane)?.() !== true) continue;
      lane.startedAtMs.push(nowMs);
      if (lane.startedAtMs.length > perSecond) lane.startedAtMs.shift();
    }
  };

  return {
    schedule: (upstream, upstreamScope, run) => {
      const lane = queueOf(upstream);
      const queue = lane.waiting.get(upstreamScope);
      if (queue === undefined) lane.waiting.set(upstreamScope, [run]);
      else queue.push(run);
      drain(lane);
    },
    pause: (upstream, ms) => {
      const lane = queueOf(upstream);
      lane.pausedUntilMs = Math.max(lane.pausedUntilMs, clock.nowMs() + ms);
    },
    close: () => {
      isClosed = true;
      for (const { cancel } of queues.values()) cancel?.();
      queues.clear();
    },
  };
}
