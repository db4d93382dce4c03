import { setMaxListeners } from 'node:events';
import { GraphQLError } from 'graphql';
import type { ReadRows } from '../bi/rows.ts';
import { GatewayError } from '../errors.ts';
import { createLoaders, type Context, type Language, type OperationRecord } from '../graphql/context.ts';
import { ResultBudget, type ResultLimits } from '../graphql/resultBudget.ts';
import { callerScopeOf, refuseOwnTokens, type Caller, type CallerRequest } from '../callers/caller.ts';
import type { Watches } from '../status/types.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Clock } from '../time.ts';
import { createDeadline, withoutLimit, type Signal } from '../upstream/deadline.ts';
import type { Audit } from './audit.ts';
import { restrictWatches } from './leagueWatches.ts';
import { languageOf } from './language.ts';
import type { OperationPlanes } from './operationPlanes.ts';

/** Options of {@link createOperationContext}. */
export interface OperationContextOptions {
  readonly language: Language;
  readonly timeZone: string;
  readonly planes: OperationPlanes;
  readonly watches: Watches;
  readonly clock: Clock;
  readonly readRows: ReadRows;
  readonly tracing: Tracing | undefined;
  readonly resultLimits: ResultLimits;
  readonly audit: Pick<Audit, 'end'>;
}

/** Creates the context of one operation. */
export type OperationContext = (
  caller: Caller,
  request: CallerRequest & {
    /** Aborts when the last client of a shared operation has disconnected. */
    readonly sharedSignal?: Signal | undefined;
  },
  requestId: string,
  isSubscription: boolean,
) => Context;

/** Collects failures that appear in `errors` beside the data of their field. */
export function reportTo(reported: GraphQLError[]): Context['report'] {
  return (error, path) => reported.push(new GraphQLError(error.message, { path, originalError: error }));
}

/** @throws GatewayError TABLES_UNAVAILABLE */
export function withoutTables(): never {
  throw new GatewayError('TABLES_UNAVAILABLE', 'The tables for BI tools are switched off (bi: off).');
}

/** The context of an operation: its caller, language, loaders, deadline and record. */
export function createOperationContext(options: OperationContextOptions): OperationContext {
  const { timeZone, watches, clock, readRows, tracing } = options;
  return (caller, request, requestId, isSubscription) => {
    // Each stream of the caller adds a listener: many are not a leak.
    if (caller.sessionSignal !== undefined) setMaxListeners(0, caller.sessionSignal);
    const language = languageOf(request.headers.get('accept-language'), options.language);
    const trace = tracing?.operation(request.headers, requestId);
    const operation: OperationRecord = {
      requestId,
      startedAtMs: performance.now(),
      clientSignal: request.signal,
      usage: { calls: 0, charged: 0, claimed: Infinity, callsMs: 0, succeeded: 0, requests: 0, writes: [] },
      onMutation: (mutation) => options.audit.end({ caller, requestId }, mutation),
      reported: [],
      staleAnswers: [],
      reads: [],
      failovers: [],
      deadline: isSubscription ? withoutLimit(request.signal) : createDeadline(request.sharedSignal ?? request.signal),
      result: new ResultBudget(options.resultLimits),
      ...(trace && { trace }),
    };
    const { upstreamScope, tokens } = caller;
    const scope = { upstreamScope, language, ...(tokens && { tokens }) };
    const planes = options.planes(
      { caller, scope, ...operation },
      { deadline: operation.deadline },
      {
        cache: (read) => {
          const { plane, call, ageMs } = read;
          operation.reads.push(read);
          if (ageMs !== undefined) operation.staleAnswers.push({ plane, call, ageMs });
        },
        failover: (code) => operation.failovers.push(code),
      },
    );
    return {
      caller,
      callerScope: callerScopeOf(caller),
      language,
      timeZone,
      clock,
      readRows: async (...query) => {
        refuseOwnTokens(caller);
        return readRows(...query);
      },
      planes,
      watches: restrictWatches(watches, caller, planes),
      scope,
      lastEventId: isSubscription ? request.headers.get('last-event-id') || undefined : undefined,
      loaders: createLoaders(planes),
      report: reportTo(operation.reported),
      operation,
    };
  };
}
