import { randomUUID } from 'node:crypto';
import { getOperationAST, OperationTypeNode } from 'graphql';
import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import type { YogaServerInstance } from 'graphql-yoga';
import type { Context } from '../graphql/context.ts';
import type { Caller, Identify } from '../callers/caller.ts';
import type { GatewayError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { codeOf, maskError } from './maskErrors.ts';
import type { DocumentStore } from './documentStore.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { logRefusal, type RequestRecord } from './operationLog.ts';
import { refuseDeepParams } from './plugins/useNestingLimit.ts';
import { withoutHttp, withRequestId } from './refusal.ts';
import { isStreamResult, type AnswerStream, type StreamResult } from './subscriptionStreams.ts';

/** One operation that came over a socket. */
export interface SocketOperation {
  /** Of the request with which the socket was opened. */
  readonly headers: Headers;
  /** Empty where the document is named by its hash. */
  readonly query: string;
  readonly documentId?: unknown;
  readonly extensions?: unknown;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** The client's, as the server knows it. */
  readonly address?: string | undefined;
  /** Told that it is a subscription before it begins; answers why it is not let in as one. */
  readonly streams?: () => GatewayError | undefined;
}

/** An answer, a stream of them, or the parts of one. */
export type SocketAnswer = ExecutionResult | AnswerStream | AsyncGenerator<ExecutionResult>;

/** An operation that may be executed, or why not. */
export type OpenedOperation =
  | { readonly errors: readonly GraphQLError[] }
  | {
      readonly isSubscription: boolean;
      readonly run: () => Promise<SocketAnswer>;
      /** Nobody waits for it any more. */
      readonly leave: () => void;
    };

/** @param ended - is called once, when it has been answered wholly or refused */
export type OpenOperation = (operation: SocketOperation, ended?: () => void) => Promise<OpenedOperation>;

/** Yoga's hooks around graphql-js, which its types leave open. */
interface Enveloped {
  readonly parse: (query: string) => DocumentNode;
  readonly validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];
  readonly schema: GraphQLSchema;
  readonly contextFactory: () => unknown;
  readonly execute: (args: ExecutionArgs) => Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;
  readonly subscribe: (args: ExecutionArgs) => Promise<ExecutionResult | StreamResult>;
}

/** The parts of an answer to `@defer`, as they come. */
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

/** A function of its own: one made within another would keep all that the other has, as long as a subscription. */
function aborting(controller: AbortController): () => void {
  return () => controller.abort();
}

/** Executes operations of sockets by Yoga's own hooks: whatever guards requests guards them too. */
export function createSocketOperations<Server extends RequestRecord>(
  yoga: YogaServerInstance<Server, Context>,
  told: {
    readonly log: Logger;
    readonly metrics: Metrics;
    readonly identify: Identify;
    readonly documents: DocumentStore;
  },
): OpenOperation {
  return async ({ headers, streams, address, ...operation }, ended = () => undefined) => {
    const { operationName, variables } = operation;
    const requestId = randomUUID();
    const record = { requestId, arrivedAtMs: performance.now() };
    const left = new AbortController();

    const refuse = (errors: readonly GraphQLError[]): OpenedOperation => {
      logRefusal(record, null, errors.map(codeOf), told);
      ended();
      return { errors: errors.map(withoutHttp) };
    };

    // As much of a request as is read: a whole one would be a good part of what a subscription weighs.
    const request = { method: 'POST', headers, signal: left.signal };
    let caller: Caller;
    let query: string;
    try {
      caller = await told.identify(request);
      refuseDeepParams(operation);
      query = told.documents.textOf(operation) ?? '';
    } catch (error) {
      return refuse([maskError(error, told.log)]);
    }
    const params = { query, operationName, variables };
    // It is kept as long as a subscription: were it to begin with a spread, V8 would make a shape of its own for each.
    const { parse, validate, schema, contextFactory, execute, subscribe } = yoga.getEnveloped({
      request,
      params,
      caller,
      ...record,
      ...(streams && { streams }),
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
          return withRequestId({ errors: [maskError(error, told.log)] }, requestId);
        }
      };
      return { isSubscription, run, leave: aborting(left) };
    } catch (error) {
      return refuse([maskError(error, told.log)]);
    }
  };
}
