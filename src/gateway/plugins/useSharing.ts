import {
  getOperationAST,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
} from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { callerScopeOf } from '../../callers/caller.ts';
import type { Context, Language } from '../../graphql/context.ts';
import { createDeadline } from '../../upstream/deadline.ts';
import { createSingleFlight } from '../../upstream/singleFlight.ts';
import { languageOf } from '../language.ts';
import { maskError } from '../maskErrors.ts';
import { logShared, type OperationReports, type RequestRecord } from '../operationLog.ts';
import { acceptedType, type Negotiation } from './useNegotiation.ts';
import type { Identified } from './useIdentity.ts';

/** What a request is shared by. */
interface SharingRequest extends RequestRecord, Identified, Negotiation {
  readonly discardUpload?: unknown;
}

/** An operation that is executed for all requests that ask the same while it runs. */
interface SharedExecution extends RequestRecord, Identified, Negotiation {
  /** Aborts when the last of them has left. */
  readonly sharedSignal: AbortSignal;
}

/** What shared operations are made of. */
export interface SharingOptions {
  /** The language of a request that names none. */
  readonly language: Language;
  /** Time limit of an operation, for each of those who wait for it. */
  readonly timeoutMs: number;
  readonly reports: OperationReports;
}

/** A partial result comes at the time limit, and is told before those who wait are given up. */
const graceMs = 50;

/** Documents with any of these words may write, be answered in parts, or wait for long on purpose. */
const unshareable = /\b(mutation|subscription|defer|stream|waitForInstance)\b/;

function keyOf(
  { caller, accepted, discardUpload }: SharingRequest,
  { query, operationName, variables, extensions }: GraphQLParams,
  language: Language,
): string | undefined {
  if (caller === undefined || accepted === undefined || discardUpload !== undefined) return undefined;
  if (typeof query !== 'string' || unshareable.test(query)) return undefined;
  // `viewer` tells the name of a key, and when it ends.
  const scope = [callerScopeOf(caller), caller.name, caller.expiresAt];
  return JSON.stringify([scope, language, query, operationName, variables, acceptedType(accepted), extensions]);
}

/** The same result, which is written as JSON once for all who are answered with it. */
function writtenOnce(result: ExecutionResult): ExecutionResult {
  let text: string | undefined;
  return Object.assign(result, { stringify: (sent: object) => (text ??= JSON.stringify(sent)) });
}

/**
 * Executes identical queries that are under way once: of one caller, in one language, with equal document, operation name,
 * variables, extensions and media type. Whoever leaves, or has no time left, touches nobody else. After a mutation of ours
 * nothing is joined any more that began before: its caller reads what it wrote.
 */
export function useSharing({ language, timeoutMs, reports }: SharingOptions): Plugin<Context, SharingRequest> {
  const flight = createSingleFlight();
  const running = new Map<string, SharedExecution>();

  return {
    onExecute: ({ args: { document, operationName } }) => {
      const ast = getOperationAST(document as DocumentNode, operationName as string | undefined);
      if (ast?.operation === OperationTypeNode.MUTATION) return { onExecuteDone: () => flight.clear() };
      return undefined;
    },
    onParams: ({ params, request, context: serverContext, paramsHandler, setParamsHandler }) => {
      const own = serverContext as unknown as SharingRequest & { operation?: Context['operation'] };
      const key = keyOf(own, params, languageOf(request.headers.get('accept-language'), language));
      if (key === undefined) return;
      const { caller } = own;

      setParamsHandler(async () => {
        const deadline = createDeadline(request.signal);
        deadline.limit(timeoutMs + graceMs);
        let joined: SharedExecution | undefined;
        let execution: SharedExecution | undefined;
        const join = (): void => {
          joined = execution = running.get(key);
          // It has as much time as the last who joined.
          joined?.operation?.deadline.limit(timeoutMs);
        };
        const start = async ({ signal }: { readonly signal: AbortSignal }): Promise<ExecutionResult> => {
          const { requestId, arrivedAtMs, accepted } = own;
          const started: SharedExecution = Object.assign(
            { sharedSignal: signal },
            requestId !== undefined && { requestId },
            arrivedAtMs !== undefined && { arrivedAtMs },
            caller && { caller },
            accepted && { accepted },
          );
          execution = started;
          running.set(key, started);
          try {
            const { method, url, headers } = request;
            const leader = { method, url, headers, signal: request.signal } as unknown as Request;
            const result = await paramsHandler({ request: leader, params, context: started as never });
            return writtenOnce(result as ExecutionResult);
          } finally {
            if (running.get(key) === started) running.delete(key);
          }
        };
        let result: ExecutionResult;
        try {
          result = await flight.run(key, deadline, start, join);
        } catch (error) {
          result = { data: null, errors: [maskError(error, reports.log) as GraphQLError] };
        } finally {
          deadline.end();
        }
        const { operation } = execution ?? {};
        if (operation !== undefined) own.operation = operation;
        if (joined && operation && caller)
          logShared(operation, { ...own, caller }, { result, hasLeft: request.signal.aborted }, reports);
        return result;
      });
    },
  };
}
