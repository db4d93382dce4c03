import { randomUUID } from 'node:crypto';
import { getOperationAST, OperationTypeNode } from 'graphql';
import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import type { YogaServerInstance } from 'graphql-yoga';
import type { Context } from '../graphql/context.ts';
import type { Caller, Identify } from '../callers/caller.ts';
import type { PayerIdOf } from './plugins/useIdentity.ts';
import type { Logger } from '../telemetry/log.ts';
import { codeOf, maskError } from './maskErrors.ts';
import type { DocumentStore } from './documentStore.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { logRefusal, type RequestRecord } from './operationLog.ts';
import type { OperationPermit } from './operationPermit.ts';
import { refuseDeepParams } from './plugins/useNestingLimit.ts';
import { withoutHttp, withRequestId } from './refusal.ts';
import { isStreamResult, type AnswerStream, type StreamResult } from './subscriptionStreams.ts';

/** One operation received over a WebSocket. */
export interface SocketOperation {
  /** Headers of the upgrade request. */
  readonly headers: Headers;
  /** Empty when the document is sent by hash. */
  readonly query: string;
  readonly documentId?: unknown;
  readonly extensions?: unknown;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** The client's address. */
  readonly address?: string | undefined;
  /** The operation's place among those that run. */
  readonly permit?: OperationPermit | undefined;
}

/** A result, a stream of results, or an incremental result. */
export type SocketAnswer = ExecutionResult | AnswerStream | AsyncGenerator<ExecutionResult>;

/** An admitted operation, or the errors that refuse it. */
export type OpenedOperation =
  | { readonly errors: readonly GraphQLError[] }
  | {
      readonly isSubscription: boolean;
      readonly run: () => Promise<SocketAnswer>;
      /** Aborts it when its client has left. */
      readonly cancel: () => void;
    };

/** @param ended - called once, after a refusal or the last result */
export type OpenOperation = (operation: SocketOperation, ended?: () => void) => Promise<OpenedOperation>;

/** Yoga's hooks around graphql-js. Yoga leaves them untyped. */
interface Enveloped {
  readonly parse: (query: string) => DocumentNode;
  readonly validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];
  readonly schema: GraphQLSchema;
  readonly contextFactory: () => unknown;
  readonly execute: (args: ExecutionArgs) => Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;
  readonly subscribe: (args: ExecutionArgs) => Promise<ExecutionResult | StreamResult>;
}

/** The payloads of an incremental result. */
async function* inParts(
  parts: AsyncIterable<ExecutionResult>,
  requestId: string,
  ended: () => void,
): AsyncGenerator<ExecutionResult> {
  try {
    for await (const part of parts) yield withRequestId(part, requestId);
  } finally {
    ended();
  }
}

/** A top-level function: as a closure it would retain the whole scope for the life of a subscription. */
function aborting(controller: AbortController): () => void {
  return () => controller.abort();
}

/** Executes WebSocket operations through Yoga's hooks, so that the guards of HTTP requests apply to them too. */
export function createSocketOperations<Server extends RequestRecord>(
  yoga: YogaServerInstance<Server, Context>,
  options: {
    readonly log: Logger;
    readonly metrics: Metrics;
    readonly identify: Identify;
    readonly payerIdOf: PayerIdOf;
    readonly documents: DocumentStore;
  },
): OpenOperation {
  return async ({ headers, permit, address, ...operation }, ended = () => undefined) => {
    const { variables } = operation;
    // Some clients send an empty name for none.
    const operationName = operation.operationName || undefined;
    const requestId = randomUUID();
    const record = { requestId, arrivedAtMs: performance.now() };
    const left = new AbortController();

    const refuse = (errors: readonly GraphQLError[]): OpenedOperation => {
      logRefusal(record, null, errors.map(codeOf), options);
      ended();
      return { errors: errors.map(withoutHttp) };
    };

    // Only the parts that plugins read: a whole `Request` would be much of a subscription's memory.
    const request = { method: 'POST', headers, signal: left.signal };
    let caller: Caller;
    let payerId: string | undefined;
    let query: string;
    try {
      caller = await options.identify(request);
      payerId = options.payerIdOf(caller, address);
      const tooMany = payerId === undefined ? undefined : permit?.countFor(payerId);
      if (tooMany !== undefined) throw tooMany;
      refuseDeepParams(operation);
      query = options.documents.textOf(operation) ?? '';
    } catch (error) {
      return refuse([maskError(error, options.log)]);
    }
    const params = { query, operationName, variables };
    // Kept for the life of a subscription. If it began with a spread, V8 would create a hidden class for each.
    const { parse, validate, schema, contextFactory, execute, subscribe } = yoga.getEnveloped({
      request,
      params,
      caller,
      ...record,
      ...(permit && { permit }),
      ...(payerId !== undefined && { payerId }),
      ...(address !== undefined && { address }),
    } as never) as Enveloped;
    try {
      const document = parse(query);
      const faults = validate(schema, document);
      if (faults.length > 0) return refuse(faults);
      const isSubscription = getOperationAST(document, operationName)?.operation === OperationTypeNode.SUBSCRIPTION;
      const args: ExecutionArgs = {
        schema,
        document,
        contextValue: await contextFactory(),
        variableValues: variables ?? null,
        operationName: operationName ?? null,
      };
      const run = async (): Promise<SocketAnswer> => {
        try {
          const answer = await (isSubscription ? subscribe : execute)(args);
          if (isStreamResult(answer)) return answer.stream.sentBy({ requestId, ended });
          if (Symbol.asyncIterator in answer) return inParts(answer, requestId, ended);
          ended();
          return withRequestId(answer, requestId);
        } catch (error) {
          ended();
          return withRequestId({ errors: [maskError(error, options.log)] }, requestId);
        }
      };
      return { isSubscription, run, cancel: aborting(left) };
    } catch (error) {
      return refuse([maskError(error, options.log)]);
    }
  };
}
