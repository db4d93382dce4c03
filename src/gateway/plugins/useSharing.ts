import { getOperationAST, OperationTypeNode, type DocumentNode, type ExecutionResult } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import { callerScopeOf, type Caller, type RequestHeaders } from '../../callers/caller.ts';
import type { Context, Language } from '../../graphql/context.ts';
import type { SharedWrites } from '../../shared/writes.ts';
import { createDeadline } from '../../upstream/deadline.ts';
import { languageOf } from '../language.ts';
import { maskError } from '../maskErrors.ts';
import { logShared, type OperationReports, type RequestRecord } from '../operationLog.ts';
import type { GatewayPlugin, PluginRequest } from '../plugin.ts';
import type { AnswerCache } from '../answerCache.ts';
import { SharedExecution, SharedExecutions } from '../sharedExecution.ts';
import type { Identified } from './useIdentity.ts';
import { costHeader } from './useCost.ts';
import { acceptedType, type Negotiation } from './useNegotiation.ts';

/** A request on its way to execution. */
interface SharingRequest extends Omit<RequestRecord, 'operation'>, Identified, Negotiation {
  readonly discardUpload?: unknown;
  readonly address?: string | undefined;
  operation?: Context['operation'];
}

function hasCaller(request: SharingRequest): request is SharingRequest & { caller: Caller } {
  return request.caller !== undefined;
}

/** Options of {@link useSharing}. */
export interface SharingOptions {
  /** The default language. */
  readonly language: Language;
  /** Time limit of an operation, per waiting request. */
  readonly timeoutMs: number;
  readonly reports: OperationReports;
  /** Writes of other replicas; undefined for a single one. */
  readonly writes?: SharedWrites | undefined;
  /** Undefined without a cache of reads. */
  readonly answerCache?: AnswerCache | undefined;
}

/** The partial result that exists at the time limit still reaches the requests that wait for it. */
const graceMs = 50;

/** Documents with any of these words may write, stream, or wait on purpose. */
const unshareable = /\b(mutation|subscription|defer|stream|waitForInstance)\b/;

/** Requests with equal keys share one execution. Undefined for requests that are never shared. */
function keyOf(
  { caller, accepted, discardUpload }: SharingRequest,
  { query, operationName, variables, extensions }: GraphQLParams,
  headers: RequestHeaders,
  defaultLanguage: Language,
): string | undefined {
  if (caller === undefined || accepted === undefined || discardUpload !== undefined) return undefined;
  if (typeof query !== 'string' || unshareable.test(query)) return undefined;
  return JSON.stringify([
    // `viewer` returns the name and expiry of a key.
    [callerScopeOf(caller), caller.id, caller.name, caller.expiresAt],
    languageOf(headers.get('accept-language'), defaultLanguage),
    [query, operationName, variables, extensions],
    acceptedType(accepted),
    headers.get(costHeader),
  ]);
}

function isMutation({ document, operationName }: { readonly document: unknown; readonly operationName?: unknown }) {
  const ast = getOperationAST(document as DocumentNode, operationName as string | undefined);
  return ast?.operation === OperationTypeNode.MUTATION;
}

/** The part of a request that the execution reads. */
function recordOf({ requestId, arrivedAtMs, caller, payerId, accepted, address }: SharingRequest) {
  return {
    ...(requestId !== undefined && { requestId }),
    ...(arrivedAtMs !== undefined && { arrivedAtMs }),
    ...(caller && { caller }),
    ...(payerId !== undefined && { payerId }),
    ...(accepted && { accepted }),
    ...(address !== undefined && { address }),
  };
}

/**
 * Executes identical concurrent queries once: same caller, language, document, operation name, variables, extensions and
 * media type. A request that disconnects or times out does not affect the others. After a mutation on any replica, earlier
 * executions are not joined: a caller reads its own writes. With a cache of reads, whole answers are cached too.
 */
export function useSharing({
  language,
  timeoutMs,
  reports,
  writes,
  answerCache,
}: SharingOptions): GatewayPlugin<SharingRequest> {
  const executions = new SharedExecutions(writes);

  const wait = async (execution: SharedExecution, request: PluginRequest): Promise<ExecutionResult> => {
    const deadline = createDeadline(request.signal);
    deadline.limit(timeoutMs + graceMs);
    try {
      return await execution.wait(deadline.signal);
    } catch (error) {
      return { data: null, errors: [maskError(error, reports.log)] };
    } finally {
      deadline.end();
    }
  };

  return {
    onExecute: ({ args }) => (isMutation(args) ? { onExecuteDone: () => executions.clear() } : undefined),
    onParams: ({ params, request, context, paramsHandler, setParamsHandler }) => {
      const own: SharingRequest = context;
      const key = keyOf(own, params, request.headers, language);
      if (key === undefined) return;
      const known = executions.isCurrent() ? answerCache?.find(key) : undefined;
      if (known !== undefined) {
        const { operation, result } = known;
        return setParamsHandler(() => {
          own.operation = operation;
          const { aborted: hasLeft } = request.signal;
          if (hasCaller(own)) logShared(operation, own, { result, hasLeft }, reports);
          return result;
        });
      }

      const begin = (): SharedExecution => {
        const { method, url, headers, signal } = request;
        const asked: PluginRequest = { method, url, headers, signal, body: null };
        const execution = new SharedExecution(recordOf(own), async (shared) => {
          const epoch = answerCache?.epoch ?? 0;
          const result = (await paramsHandler({ request: asked, params, context: shared })) as ExecutionResult;
          if (shared.operation !== undefined) answerCache?.keep(key, result, shared.operation, epoch);
          return result;
        });
        executions.add(key, execution);
        return execution;
      };

      setParamsHandler(async () => {
        const joined = executions.find(key);
        joined?.extend(timeoutMs);
        const execution = joined ?? begin();
        const result = await wait(execution, request);
        const { operation } = execution.context;
        // Undefined if nothing was executed: the request is logged as refused.
        if (operation !== undefined) own.operation = operation;
        if (joined && operation && hasCaller(own))
          logShared(operation, own, { result, hasLeft: request.signal.aborted }, reports);
        return result;
      });
    },
  };
}
