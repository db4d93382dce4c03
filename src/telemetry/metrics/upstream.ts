import { errorCodes } from '../../errors.ts';
import type { MetricMaker } from './maker.ts';
import type { Observer, UpstreamName } from '../../upstream/observer.ts';

/** Statuses with label values of their own. Bounded, since an upstream can send any number. */
const knownStatuses: ReadonlySet<number> = new Set([
  200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 413, 429, 500, 502, 503, 504,
]);

function statusLabel(status: number | undefined): string {
  if (status === undefined) return 'none';
  return knownStatuses.has(status) ? String(status) : `${Math.floor(status / 100)}xx`;
}

/** The upstream as a label value. Bounded, since only configured agents are upstreams. */
function upstreamLabel({ plane, agentId }: UpstreamName): string {
  return agentId ?? plane;
}

const breakerStates = ['CLOSED', 'OPEN', 'HALF_OPEN'] as const;

/** Outcomes that an alert rule queries. */
const alertedOutcomes = Object.entries(errorCodes)
  .filter(([, { alerts }]) => alerts.length > 0)
  .map(([code]) => code);

/** The observer that counts. */
export interface UpstreamCounts extends Omit<Observer, 'callEnd' | 'write' | 'failover'> {
  /** Starts the series of the planes and of these agents at 0: Prometheus' `increase` misses the first value of a new series. */
  readonly begin: (agentIds: readonly string[]) => void;
}

/** Counts what happens between the gateway and its upstreams. */
export function countUpstream({ counter, gauge, histogram }: MetricMaker): UpstreamCounts {
  const running = gauge('tics_gateway_upstream_requests_running', 'Requests that wait for an upstream.', ['plane']);
  const requests = counter(
    'tics_gateway_upstream_requests_total',
    'Requests sent upstream, repeated ones and sign-ins included. `call` is the operation id of the table of calls, `status` the HTTP status or `none` where no answer came, `outcome` `OK`, `ABORTED` (the caller left) or an error code.',
    ['plane', 'call', 'status', 'outcome'],
  );
  const durations = histogram(
    'tics_gateway_upstream_request_duration_seconds',
    'Time from sending a request to its whole answer or its failure.',
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ['plane', 'call'],
  );
  const byUpstream = counter(
    'tics_gateway_upstream_outcomes_total',
    'Requests by upstream: `SPACE`, `IAM` or the id of a configured agent. `outcome` as above.',
    ['upstream', 'outcome'],
  );
  const retries = counter('tics_gateway_upstream_retries_total', 'Reads that were sent again, by why.', [
    'plane',
    'reason',
  ]);
  const breakers = gauge(
    'tics_gateway_breaker_state',
    '1 for the state that the breaker of an upstream is in, 0 for the others: `CLOSED` (calls go through), `OPEN` (none does), `HALF_OPEN` (one tries).',
    ['upstream', 'state'],
  );
  const openings = counter('tics_gateway_breaker_openings_total', 'How often the breaker of an upstream opened.', [
    'upstream',
  ]);
  const cache = counter(
    'tics_gateway_cache_reads_total',
    'Reads that came to the cache: `FRESH`, `STALE` (answered, and read anew behind it), `STALE_IF_ERROR` (the upstream failed), `MISS`, or `SHARED` (joined an identical read under way, counted as a miss too).',
    ['plane', 'call', 'outcome'],
  );
  const signIns = counter('tics_gateway_sign_ins_total', 'Sign-ins by upstream; a token lives for a day.', [
    'upstream',
    'outcome',
  ]);

  return {
    begin: (agentIds) => {
      for (const upstream of ['IAM', 'SPACE', ...agentIds]) {
        openings.inc({ upstream }, 0);
        for (const outcome of ['OK', ...alertedOutcomes]) {
          byUpstream.inc({ upstream, outcome }, 0);
          signIns.inc({ upstream, outcome }, 0);
        }
      }
    },
    requestStart: ({ plane }) => running.inc({ plane }),
    requestEnd: (request, { outcome, status, durationMs }) => {
      const { plane, call } = request;
      running.dec({ plane });
      requests.inc({ plane, call, status: statusLabel(status), outcome });
      durations.observe({ plane, call }, durationMs / 1000);
      byUpstream.inc({ upstream: upstreamLabel(request), outcome });
    },
    retry: ({ plane, reason }) => retries.inc({ plane, reason }),
    breakerState: (change) => {
      const upstream = upstreamLabel(change);
      for (const state of breakerStates) breakers.set({ upstream, state }, state === change.state ? 1 : 0);
      openings.inc({ upstream }, change.state === 'OPEN' ? 1 : 0);
    },
    cache: ({ plane, call, outcome }) => cache.inc({ plane, call, outcome }),
    signIn: (signIn) => signIns.inc({ upstream: upstreamLabel(signIn), outcome: signIn.outcome }),
  };
}
