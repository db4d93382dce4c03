import { errorCodes } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { LogLine, upstreamFailureFields } from '../telemetry/logFields.ts';
import type { Observer, RequestEnd } from '../upstream/observer.ts';

/** Consecutive connection failures of an upstream with one reason. */
interface Unreachable {
  readonly reason: string;
  failures: number;
}

/**
 * Logs each failed upstream request, without bodies, addresses and parameters. An unreachable upstream is a state: a
 * warning when it begins or its reason changes, a line when it ends; repetitions have level `debug`.
 *
 * @returns the observer of the requests of one operation, or of all for `null`
 */
export function createUpstreamLog(log: Logger): (requestId: string | null) => Pick<Observer, 'requestEnd'> {
  const unreachable = new Map<string, Unreachable>();

  /** True if the same failure was already logged. */
  const isRepeated = (upstream: string, { outcome, reason }: RequestEnd): boolean => {
    if (reason === undefined || outcome === 'OUTCOME_UNKNOWN') return false;
    const known = unreachable.get(upstream);
    if (known?.reason === reason) known.failures += 1;
    else unreachable.set(upstream, { reason, failures: 1 });
    return known?.reason === reason;
  };

  return (requestId) => ({
    requestEnd: ({ plane, agentId = null, call }, end) => {
      const { outcome, status = null, upstreamCode = null, upstreamRequestId = null, reason = null, durationMs } = end;
      const upstream = agentId ?? plane;
      const before = unreachable.get(upstream);
      if (before !== undefined && (outcome === 'OK' || status !== null)) {
        unreachable.delete(upstream);
        log.info({ plane, agentId, failures: before.failures }, 'upstream answers again');
      }
      if (outcome === 'OK') return;
      const line: LogLine<typeof upstreamFailureFields> = {
        requestId,
        plane,
        agentId,
        call,
        outcome,
        reason,
        status,
        upstreamCode,
        upstreamRequestId,
        durationMs: Math.round(durationMs),
      };
      const isQuiet = outcome === 'ABORTED' || isRepeated(upstream, end);
      const level = isQuiet ? 'debug' : errorCodes[outcome].logLevel;
      log[level](line, 'upstream call failed');
    },
  });
}
