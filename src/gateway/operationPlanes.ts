import { isAccountList, restrictToLeagues } from '../callers/leagues.ts';
import type { Caller } from '../callers/caller.ts';
import { GatewayError } from '../errors.ts';
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

function tooManyCalls(most: number): GatewayError {
  return new GatewayError(
    'COST_LIMIT',
    `The operation has made ${most} upstream calls, as many as one may: lists of TICS are longer than it asks for.`,
  );
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
    const counts: Partial<Observer> = {
      callEnd: ({ call, durationMs, outcome }) => {
        usage.calls += 1;
        if (caller.leagues !== 'ALL' && isAccountList(call)) {
          if (lists.has(call)) usage.uncharged += 1;
          lists.add(call);
        }
        if (usage.calls - usage.uncharged > usage.most) deadline.cut(tooManyCalls(usage.most));
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
    return restrictToLeagues(upstreams.planes({ ...request, ...scope, observer: new Observers(observers) }), caller);
  };
}
