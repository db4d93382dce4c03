import { errorCodes } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { LogLine, upstreamFailureFields } from '../telemetry/logFields.ts';
import type { Observer } from '../upstream/observer.ts';

/** A line for each request to an upstream that failed. Bodies, addresses and what was asked for stay out of it. */
export function logUpstreamFailures(log: Logger, requestId: string | null): Pick<Observer, 'upstreamCall'> {
  return {
    upstreamCall: ({ plane, agentId = null, call }) => ({
      headers: {},
      end: ({ outcome, status = null, upstreamCode = null, upstreamRequestId = null, durationMs }) => {
        if (outcome === 'OK') return;
        const line: LogLine<typeof upstreamFailureFields> = {
          requestId,
          plane,
          agentId,
          call,
          outcome,
          status,
          upstreamCode,
          upstreamRequestId,
          durationMs: Math.round(durationMs),
        };
        const level = outcome === 'ABORTED' ? 'debug' : errorCodes[outcome].logLevel;
        log[level](line, 'upstream call failed');
      },
    }),
  };
}
