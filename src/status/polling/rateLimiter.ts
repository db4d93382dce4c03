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

/** The current pause. */
function pauseAt(nowMs: number, { pause }: UpstreamQueue): Pause | undefined {
  return pause !== undefined && pause.untilMs > nowMs ? pause : undefined;
}

/** The earliest time of the next run. */
function freeAtMs({ startedAtMs, pause }: UpstreamQueue, { runs, windowMs }: Rate): number {
  return Math.max(pause?.untilMs ?? 0, (startedAtMs.at(-runs) ?? -windowMs) + windowMs);
}

function isIdle(nowMs: number, queue: UpstreamQueue, { windowMs }: Rate): boolean {
  const hasRunLately = (queue.startedAtMs.at(-1) ?? 0) + windowMs > nowMs;
  return queue.waiting.size === 0 && pauseAt(nowMs, queue) === undefined && !hasRunLately;
}

/** Takes the first of the scope whose turn it is; the scope goes to the end. */
function takeNext({ waiting }: UpstreamQueue): Waiting | undefined {
  const [first] = waiting;
  if (first === undefined) return undefined;
  const [upstreamScope, ofScope] = first;
  const next = ofScope.shift();
  waiting.delete(upstreamScope);
  if (ofScope.length > 0) waiting.set(upstreamScope, ofScope);
  return next;
}

/**
 * @param perSecond - limit of each upstream, in any second, over all replicas
 * @param replicas - how many divide it evenly
 */
export function createRateLimiter(clock: Clock, perSecond: number, replicas: () => number = () => 1): RateLimiter {
  const queues = new Map<string, UpstreamQueue>();
  let isClosed = false;

  const rate = (): Rate => rateOf(perSecond, replicas());

  const queueOf = (upstream: string): UpstreamQueue => {
    const known = queues.get(upstream);
    if (known !== undefined) return known;
    const nowMs = clock.nowMs();
    for (const [name, queue] of queues) if (isIdle(nowMs, queue, rate())) queues.delete(name);
    const queue: UpstreamQueue = { waiting: new Map(), startedAtMs: [], pause: undefined, cancel: undefined };
    queues.set(upstream, queue);
    return queue;
  };

  const drain = (queue: UpstreamQueue): void => {
    while (!isClosed && queue.waiting.size > 0 && queue.cancel === undefined) {
      const nowMs = clock.nowMs();
      const waitMs = freeAtMs(queue, rate()) - nowMs;
      if (waitMs > 0) {
        queue.cancel = clock.after(waitMs, () => {
          queue.cancel = undefined;
          drain(queue);
        });
        return;
      }
      if (takeNext(queue)?.run() !== true) continue;
      queue.startedAtMs.push(nowMs);
      if (queue.startedAtMs.length > perSecond) queue.startedAtMs.shift();
    }
  };

  return {
    schedule: (upstream, upstreamScope, waiting) => {
      const queue = queueOf(upstream);
      const ofScope = queue.waiting.get(upstreamScope);
      if (ofScope === undefined) queue.waiting.set(upstreamScope, [waiting]);
      else ofScope.push(waiting);
      const pause = pauseAt(clock.nowMs(), queue);
      if (pause !== undefined) waiting.onPause(pause);
      drain(queue);
    },
    pause: (upstream, ms, reason) => {
      const queue = queueOf(upstream);
      const nowMs = clock.nowMs();
      const earlier = pauseAt(nowMs, queue);
      if (earlier !== undefined && earlier.untilMs >= nowMs + ms) return;
      const pause = { begunAtMs: earlier?.begunAtMs ?? nowMs, untilMs: nowMs + ms, reason };
      queue.pause = pause;
      for (const ofScope of queue.waiting.values()) ofScope.forEach(({ onPause }) => onPause(pause));
    },
    close: () => {
      isClosed = true;
      for (const { cancel } of queues.values()) cancel?.();
      queues.clear();
    },
  };
}
