import { createBreaker, type BreakerState } from './breaker.ts';
import type { Deadline } from './deadline.ts';
import { createLimit } from './limit.ts';
import type { Observer, UpstreamName } from './observer.ts';
import { createRetrying } from './retry.ts';

/** What stands between the gateway and one upstream: breaker, concurrency limit, and retries of reads. */
export interface Guard {
  /** Runs a read, again where that can help. */
  readonly read: <Answer>(call: string, caller: Deadline, work: () => Promise<Answer>) => Promise<Answer>;
  /** Runs a write, once. */
  readonly write: <Answer>(call: string, caller: Deadline, work: () => Promise<Answer>) => Promise<Answer>;
  /** The upstream is not asked any more: an open breaker is no news of it then. */
  readonly close: () => void;
}

/** What the guards of all upstreams are set to. */
export interface GuardOptions {
  readonly observer: Observer;
  /** Whether reads are sent again. */
  readonly retries: boolean;
}

/** Calls to one upstream at once; as many as it has sockets. */
const callsAtOnce = 64;

/** The guard of one upstream. */
export function createGuard(name: UpstreamName, { observer, retries }: GuardOptions): Guard {
  const observe = (state: BreakerState): void => observer.breakerState({ ...name, state });
  const breaker = createBreaker({ plane: name.plane, observe });
  const limit = createLimit(callsAtOnce);
  const retrying = createRetrying({ observe: (reason) => observer.retry({ ...name, reason }) });
  observe(breaker.state());

  // The breaker is asked when the turn has come: the upstream may have been given up meanwhile, and then the queue goes by at once.
  const once: Guard['write'] = (call, { signal }, work) => limit.run(signal, () => breaker.run(call, work));
  return {
    write: once,
    read: retries ? (call, caller, work) => retrying.run(caller, () => once(call, caller, work)) : once,
    close: () => {
      if (breaker.state() !== 'CLOSED') observe('CLOSED');
    },
  };
}
