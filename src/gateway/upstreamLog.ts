import { errorCodes } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { LogLine, upstreamFailureFields } from '../telemetry/logFields.ts';
import type { Observer } from '../upstream/observer.ts';

/** Logs each failed upstream request, without bodies, addresses and parameters. */
export function logUpstreamFailures(log: Logger, requestId: string | null): Pick<Observer, 'requestEnd'> {
  return {
    requestEnd: ({ plane, agentId = null, call }, end) => {
      const { outcome, status = null, upstreamCode = null, upstreamRequestId = null, reason = null, durationMs } = end;
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
      const level = outcome === 'ABORTED' ? 'debug' : errorCodes[outcome].logLevel;
      log[level](line, 'upstream call failed');
    },
  };
}
