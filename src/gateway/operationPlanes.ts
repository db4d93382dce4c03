import { AccountPages, type AccountPage } from '../callers/accountPages.ts';
import { restrictToLeagues, type AccountLists } from '../callers/leagues.ts';
import type { Caller } from '../callers/caller.ts';
import type { OperationRecord } from '../graphql/context.ts';
import type { WatchScope } from '../status/types.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { OperationTrace } from '../telemetry/tracing.ts';
import { deadlineIn, whileWaitedFor, type Deadline } from '../upstream/deadline.ts';
import { Observers, type Observer } from '../upstream/observer.ts';
import type { Planes, PlanesRequest } from '../tics/planes/planes.ts';
import type { Upstreams } from '../tics/planes/upstreams.ts';

/** The operation that upstream calls belong to. */
interface PlanesOwner extends Pick<OperationRecord, 'usage' | 'requestId' | 'deadline'> {
  readonly caller: Pick<Caller, 'leagues' | 'name' | 'id'>;
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
  /** By the id of the request that upstream requests are sent for; null: the gateway sends them for itself. */
  readonly upstreamLog: (requestId: string | null) => Partial<Observer>;
  readonly metrics: Pick<Metrics, 'observer'>;
  readonly health: Partial<Observer>;
  /** Time limit of what the gateway reads for itself. */
  readonly timeoutMs: number;
}

/** A call whose types are known to whoever asks. */
type SendList = (call: string, request: object) => Promise<AccountPage>;

/** Creates planes whose calls are counted for the operation, logged with its request id and traced below its span. */
export function createOperationPlanes({
  upstreams,
  onWrite,
  upstreamLog,
  metrics,
  health,
  timeoutMs,
}: OperationPlanesOptions): OperationPlanes {
  const accountPages = new AccountPages();
  const own = new Observers([metrics.observer, health, upstreamLog(null)]);
  const accountLists = (caller: PlanesOwner['caller'], language: string, { signal }: Deadline): AccountLists => ({
    count: (call, filter) => accountPages.count(caller, JSON.stringify([call, filter])),
    pagesBehind: (call, filter, first) => {
      const key = JSON.stringify([call, filter, language, upstreams.cached.epoch()]);
      const read = accountPages.behind(key, first, (offset, limit) => {
        const deadline = deadlineIn(timeoutMs);
        const { space } = upstreams.planes({ upstreamScope: 'account lists', language, deadline, observer: own });
        return (space.read as SendList)(call, { query: { ...filter, offset, limit } });
      });
      return (offset, limit) => whileWaitedFor(() => read(offset, limit), signal);
    },
  });

  return ({ caller, scope, usage, requestId, trace, deadline }, request, observer) => {
    const admit = (call: string): Promise<void> | undefined => {
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
      // Lists of the caller's own account have no secrets for it.
      scope.tokens === undefined ? accountLists(caller, scope.language, request.deadline) : undefined,
    );
  };
}
