import { isAccountList, restrictToLeagues } from '../callers/leagues.ts';
import type { Caller } from '../callers/caller.ts';
import type { OperationRecord } from '../graphql/context.ts';
import type { WatchScope } from '../status/types.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { OperationTrace } from '../telemetry/tracing.ts';
import { Observers, type Observer } from '../upstream/observer.ts';
import type { Planes, PlanesRequest } from '../tics/planes/planes.ts';
import type { Upstreams } from '../tics/planes/upstreams.ts';

/** The operation that upstream calls belong to. */
interface PlanesOwner extends Pick<OperationRecord, 'usage' | 'requestId' | 'deadline'> {
  readonly caller: Pick<Caller, 'leagues'>;
  readonly scope: WatchScope;
  readonly trace?: OperationTrace;
}

/** Creates the planes for one operation or one subscription event. */
export type OperationPlanes = (
  owner: PlanesOwner,
  request: Pick<PlanesRequest, 'deadline' | 'isUncached'>,
  observer: Pick<Observer, 'failover'> & Partial<Observer>,
) => Planes;

/** Options of {@link createOperationPlanes}. */
export interface OperationPlanesOptions {
  readonly upstreams: Upstreams;
  readonly onWrite: Observer['write'];
  /** By the id of the request that upstream requests are sent for. */
  readonly upstreamLog: (requestId: string) => Partial<Observer>;
  readonly metrics: Pick<Metrics, 'observer'>;
  readonly health: Partial<Observer>;
}

/** Creates planes whose calls are counted for the operation, logged with its request id and traced below its span. */
export function createOperationPlanes({
  upstreams,
  onWrite,
  upstreamLog,
  metrics,
  health,
}: OperationPlanesOptions): OperationPlanes {
  return ({ caller, scope, usage, requestId, trace, deadline }, request, observer) => {
    const lists = new Set<string>();
    /** Further pages of what the account sees: their number would tell of other leagues. */
    const isHidden = (call: string): boolean => {
      if (caller.leagues === 'ALL' || !isAccountList(call)) return false;
      const isFurther = lists.has(call);
      lists.add(call);
      return isFurther;
    };
    const admit = (call: string): Promise<void> | undefined => {
      if (isHidden(call)) return undefined;
      usage.charged += 1;
      if (usage.charged <= usage.claimed) return undefined;
      return usage.claim?.(call)?.catch((refusal: Error) => {
        usage.charged -= 1;
        deadline.cut(refusal);
        throw refusal;
      });
    };
    const counts: Partial<Observer> = {
      callEnd: ({ durationMs, outcome }) => {
        usage.calls += 1;
        if (outcome === 'OK') usage.succeeded += 1;
        usage.callsMs += durationMs;
      },
      requestStart: () => {
        usage.requests += 1;
      },
      requestEnd: ({ call, method }, { upstreamRequestId }) => {
        if (method !== 'GET') usage.writes.push({ call, upstreamRequestId });
      },
      write: onWrite,
    };
    const observers = [metrics.observer, health, upstreamLog(requestId), counts, observer];
    if (trace !== undefined) observers.push(trace.observer);
    return restrictToLeagues(
      upstreams.planes({ admit, observer: new Observers(observers), ...request, ...scope }),
      caller,
    );
  };
}
