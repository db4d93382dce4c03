import { randomUUID } from 'node:crypto';
import { getOperationAST, type ExecutionResult } from 'graphql';
import type { Caller } from '../callers/caller.ts';
import type { Context } from '../graphql/context.ts';
import type { Logger } from '../telemetry/log.ts';
import type { operationFields, LogLine, refusalFields } from '../telemetry/logFields.ts';
import { userErrorsOf } from '../graphql/shared/userErrors.ts';
import { codeOf } from './maskErrors.ts';
import type { GatewayPlugin, OperationArgs } from './plugin.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { FinishedOperation } from '../telemetry/metrics/operations.ts';

/** Record of a request, before and after its execution. */
export interface RequestRecord {
  requestId?: string;
  /** By `performance.now()`. */
  arrivedAtMs?: number;
  /** Error codes of a request that was not executed. */
  refusalCodes?: readonly string[];
  /** Set with the context, just before execution. */
  readonly operation?: Context['operation'];
}

const requestIdForm = /^[\w.-]{1,64}$/;

/** The client's `X-Request-Id` if it is safe for log lines, else a new id. */
export function requestIdOf(given: string | readonly string[] | null | undefined): string {
  return typeof given === 'string' && requestIdForm.test(given) ? given : randomUUID();
}

/** Callers choose operation names: longer ones are cut in log lines. */
const maxNameLength = 100;

function isStream(result: object): boolean {
  return Symbol.asyncIterator in result;
}

interface IncrementalResult extends ExecutionResult {
  readonly incremental?: readonly ExecutionResult[];
}

function errorCodesOf({ errors = [], incremental = [] }: IncrementalResult): readonly string[] {
  return [errors, ...incremental.map(({ errors: later = [] }) => later)].flat().map(codeOf);
}

/** Targets of the operation log. */
export interface OperationReports {
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Reports one operation at its end to log, metrics and span. */
export class WatchedOperation {
  readonly #args: OperationArgs;
  readonly #reports: OperationReports;
  #codes: Set<string> | undefined;

  constructor(args: OperationArgs, reports: OperationReports) {
    this.#args = args;
    this.#reports = reports;
    reports.metrics.operationBegan();
  }

  /** A result. Streams have many. */
  take(answer: IncrementalResult): void {
    for (const code of errorCodesOf(answer)) (this.#codes ??= new Set()).add(code);
  }

  /** @param hasLeft - the client has disconnected */
  end(hasLeft = this.#args.contextValue.operation.clientSignal.aborted): void {
    const { operation, caller, arrivedAtMs }: Context & RequestRecord = this.#args.contextValue;
    const ast = getOperationAST(this.#args.document, this.#args.operationName);
    // Failures after a disconnect do not count as errors.
    const errorCodes = [...(this.#codes ?? [])].filter((code) => !hasLeft || code !== 'INTERNAL');
    const finished: FinishedOperation = {
      kind: ast?.operation ?? 'unknown',
      name: ast?.name?.value.slice(0, maxNameLength) ?? null,
      outcome: outcomeOf(errorCodes, hasLeft),
      errorCodes,
      userErrorCodes: userErrorsOf(operation),
      durationMs: performance.now() - (arrivedAtMs ?? operation.startedAtMs),
      cost: operation.usage.requests,
      shared: false,
    };
    operation.finished = finished;
    operation.trace?.end(finished);
    logOperation(finished, { requestId: operation.requestId, caller, operation }, this.#reports);
  }
}

function outcomeOf(errorCodes: readonly string[], hasLeft: boolean): FinishedOperation['outcome'] {
  if (hasLeft) return 'ABORTED';
  return errorCodes.length === 0 ? 'OK' : 'ERRORS';
}

/** Logs and counts an operation that has ended. */
function logOperation(
  finished: FinishedOperation,
  { requestId, caller, operation }: Pick<Context, 'caller' | 'operation'> & { readonly requestId: string },
  { log, metrics }: OperationReports,
): void {
  metrics.operationEnded(finished);
  const line: LogLine<typeof operationFields> = {
    requestId,
    traceId: operation.trace?.traceId ?? null,
    caller: caller.name,
    operation: finished.name,
    kind: finished.kind,
    durationMs: Math.round(finished.durationMs),
    upstreamCalls: finished.shared ? 0 : operation.usage.calls,
    upstreamMs: finished.shared ? 0 : Math.round(operation.usage.callsMs),
    cost: finished.cost,
    outcome: finished.outcome,
    errorCodes: finished.errorCodes,
    userErrorCodes: finished.userErrorCodes,
    shared: finished.shared,
  };
  log.info(line, 'operation');
}

/** Logs and counts a request that joined an identical operation. */
export function logShared(
  operation: Context['operation'],
  { caller, requestId, arrivedAtMs }: RequestRecord & { readonly caller: Caller },
  { result, hasLeft }: { readonly result: ExecutionResult; readonly hasLeft: boolean },
  reports: OperationReports,
): void {
  const errorCodes = hasLeft ? [] : [...new Set(errorCodesOf(result))];
  const { kind = 'query', name = null } = operation.finished ?? {};
  const durationMs = performance.now() - (arrivedAtMs ?? performance.now());
  const finished: FinishedOperation = {
    kind,
    name,
    errorCodes,
    durationMs,
    outcome: outcomeOf(errorCodes, hasLeft),
    userErrorCodes: [],
    cost: 0,
    shared: true,
  };
  reports.metrics.operationBegan();
  logOperation(finished, { requestId: requestId ?? operation.requestId, caller, operation }, reports);
}

/** Logs and counts a request that was not executed. Operations of WebSockets have no HTTP status. */
export function logRefusal(
  { requestId, arrivedAtMs }: RequestRecord,
  status: number | null,
  codes: readonly string[],
  { log, metrics }: OperationReports,
): void {
  const errorCodes = [...new Set(codes.length === 0 ? ['BAD_REQUEST'] : codes)];
  metrics.refused(errorCodes);
  const line: LogLine<typeof refusalFields> = {
    requestId: requestId ?? null,
    status,
    durationMs: Math.round(performance.now() - (arrivedAtMs ?? performance.now())),
    errorCodes,
  };
  log.info(line, 'request refused');
}

/** Logs one line for each operation, and one for each request that was refused before execution. */
export function useOperationLog(reports: OperationReports): GatewayPlugin<RequestRecord> {
  return {
    onRequest: ({ serverContext }) => {
      serverContext.arrivedAtMs = performance.now();
    },
    onExecute: ({ args }) => {
      const watched = new WatchedOperation(args, reports);
      return {
        // Ends with its result, or with the stream of results (`@defer`).
        onExecuteDone: ({ result }) => {
          if (isStream(result)) return { onNext: ({ result: next }) => watched.take(next), onEnd: () => watched.end() };
          watched.take(result);
          watched.end();
          return undefined;
        },
      };
    },
    onResultProcess: ({ result, serverContext }) => {
      if (serverContext.operation !== undefined || result === undefined || isStream(result)) return;
      serverContext.refusalCodes = [result].flat().flatMap((one) => errorCodesOf(one as IncrementalResult));
    },
    onResponse: ({ response, serverContext }) => {
      const { operation, refusalCodes = [] } = serverContext;
      if (operation !== undefined || (response.status < 400 && refusalCodes.length === 0)) return;
      logRefusal(serverContext, response.status, refusalCodes, reports);
    },
  };
}
