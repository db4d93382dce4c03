import type { ErrorCode } from '../../errors.ts';
import type { Clock } from '../../time.ts';

/** An upstream is not polled for a time. */
export interface Pause {
  readonly begunAtMs: number;
  readonly untilMs: number;
  /** The code of the failure that caused it. */
  readonly reason: ErrorCode;
}

/** Work that waits for its turn. */
export interface Waiting {
  /** A run that returns false does not count. */
  readonly run: () => boolean;
  /** Called when a pause delays it, and again when the pause is prolonged. */
  readonly onPause: (pause: Pause) => void;
}

/** Limits polls per second of each upstream. Scopes take turns, so that no scope delays another. */
export interface RateLimiter {
  /** Runs at once, or when the limit allows it. */
  readonly schedule: (upstream: string, upstreamScope: string, waiting: Waiting) => void;
  /** Pauses an upstream. */
  readonly pause: (upstream: string, ms: number, reason: ErrorCode) => void;
  /** Stops for good. */
  readonly close: () => void;
}

interface UpstreamQueue {
  /** By scope, in the order of their turns. */
  readonly waiting: Map<string, Waiting[]>;
  /** Start times of the latest runs, at most as many as the limit. */
  readonly startedAtMs: number[];
  pause: Pause | undefined;
  cancel: (() => void) | undefined;
}

/** So many runs in any time of this length. */
interface Rate {
  readonly runs: number;
  readonly windowMs: number;
}

/** Of 20 a second, three replicas have 6 in 0.9 s each, a hundred of them 1 in 5 s. */
function rateOf(perSecond: number, replicas: number): Rate {
  const runs = Math.max(1, Math.floor(perSecond / replicas));
  return { runs, windowMs: (1_000 * runs * replicas) / perSecond };
}

/**
 * @param perSecond - limit of each upstream, in any second, over all replicas
 * @param replicas - how many divide it evenly
 */
export function createRateLimiter(clock: Clock, perSecond: number, replicas: () => number = () => 1): RateLimiter {
  const queues = new Map<string, UpstreamQueue>();
  let isClosed = false;

  const freeAtMs = ({ startedAtMs, pause }: UpstreamQueue): number => {
    const { runs, windowMs } = rateOf(perSecond, replicas());
    return Math.max(pause?.untilMs ?? 0, (startedAtMs.at(-runs) ?? -windowMs) + windowMs);
  };

  /** Forgets upstreams that have been idle. */
  const sweep = (nowMs: number): void => {
    const { windowMs } = rateOf(perSecond, replicas());
    for (const [name, lane] of queues)
      if (
        lane.waiting.size === 0 &&
        (lane.pause?.untilMs ?? 0) <= nowMs &&
        (lane.startedAtMs.at(-1) ?? 0) + windowMs <= nowMs
      )
        queues.delete(name);
  };

  /** The current pause. */
  const pauseOf = ({ pause }: UpstreamQueue): Pause | undefined =>
    pause !== undefined && pause.untilMs > clock.nowMs() ? pause : undefined;

  const queueOf = (upstream: string): UpstreamQueue => {
    const found = queues.get(upstream);
    if (found !== undefined) return found;
    sweep(clock.nowMs());
    const lane: UpstreamQueue = { waiting: new Map(), startedAtMs: [], pause: undefined, cancel: undefined };
    queues.set(upstream, lane);
    return lane;
  };

  const next = (lane: UpstreamQueue): Waiting | undefined => {
    const [first] = lane.waiting;
    if (first === undefined) return undefined;
    const [upstreamScope, queue] = first;
    const waiting = queue.shift();
    lane.waiting.delete(upstreamScope);
    if (queue.length > 0) lane.waiting.set(upstreamScope, queue);
    return waiting;
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
      if (next(lane)?.run() !== true) continue;
      lane.startedAtMs.push(nowMs);
      if (lane.startedAtMs.length > perSecond) lane.startedAtMs.shift();
    }
  };

  return {
    schedule: (upstream, upstreamScope, waiting) => {
      const lane = queueOf(upstream);
      const queue = lane.waiting.get(upstreamScope);
      if (queue === undefined) lane.waiting.set(upstreamScope, [waiting]);
      else queue.push(waiting);
      const pause = pauseOf(lane);
      if (pause !== undefined) waiting.onPause(pause);
      drain(lane);
    },
    pause: (upstream, ms, reason) => {
      const lane = queueOf(upstream);
      const nowMs = clock.nowMs();
      const earlier = pauseOf(lane);
      if (earlier !== undefined && earlier.untilMs >= nowMs + ms) return;
      const pause = { begunAtMs: earlier?.begunAtMs ?? nowMs, untilMs: nowMs + ms, reason };
      lane.pause = pause;
      for (const queue of lane.waiting.values()) queue.forEach(({ onPause }) => onPause(pause));
    },
    close: () => {
      isClosed = true;
      for (const { cancel } of queues.values()) cancel?.();
      queues.clear();
    },
  };
}
