import { randomUUID } from 'node:crypto';
import { getOperationAST, GraphQLError, OperationTypeNode } from 'graphql';
import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLSchema } from 'graphql';
import type { YogaServerInstance } from 'graphql-yoga';
import type { Context } from './context.ts';
import { GatewayError } from './errors.ts';
import type { Logger } from './log.ts';
import { codeOf, maskError } from './mask.ts';
import type { Metrics } from './metrics.ts';
import { tellRefusal, type RequestRecord } from './operations.ts';

/** One operation that came over a socket. */
export interface SocketOperation {
  /** Of the request with which the socket was opened. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** Ends when nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/** An answer, or a stream of them. */
export type SocketAnswer = ExecutionResult | AsyncIterableIterator<ExecutionResult>;

/** An operation that may be executed, or why not. */
export type OpenedOperation =
  | { readonly errors: readonly GraphQLError[] }
  | { readonly args: ExecutionArgs; readonly isSubscription: boolean; readonly run: () => Promise<SocketAnswer> };

/** @param ended - is called once, when it has been answered wholly or refused */
export type OpenOperation = (operation: SocketOperation, ended?: () => void) => Promise<OpenedOperation>;

export const isStream = (answer: SocketAnswer): answer is AsyncIterableIterator<ExecutionResult> =>
  Symbol.asyncIterator in answer;

/** Yoga's hooks around graphql-js, which its types leave open. */
interface Enveloped {
  readonly parse: (query: string) => DocumentNode;
  readonly validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];
  readonly schema: GraphQLSchema;
  readonly contextFactory: () => unknown;
  readonly execute: (args: ExecutionArgs) => Promise<SocketAnswer>;
  readonly subscribe: (args: ExecutionArgs) => Promise<SocketAnswer>;
}

/** Yoga reads the HTTP status from there, and takes it out of its own answers. */
const withoutHttp = (error: GraphQLError): GraphQLError => {
  const { http, ...extensions } = error.extensions;
  const { message, nodes, source, positions, path } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
};

/** Errors name their request: there is no header that could. */
const named = (result: ExecutionResult, requestId: string): ExecutionResult =>
  result.errors === undefined
    ? result
    : { ...result, errors: result.errors.map(withoutHttp), extensions: { ...result.extensions, requestId } };

/** The same stream, which calls back once at its end, however it ends. */
export const untilEnd = (
  stream: AsyncIterableIterator<ExecutionResult>,
  ended: () => void,
  map: (result: ExecutionResult) => ExecutionResult = (result) => result,
): AsyncIterableIterator<ExecutionResult> => {
  let isOver = false;
  const end = (): void => {
    if (!isOver) ended();
    isOver = true;
  };
  return {
    next: async () => {
      try {
        const { done, value } = (await stream.next()) as IteratorResult<ExecutionResult, undefined>;
        if (done !== true) return { done: false, value: map(value) };
      } catch (error) {
        end();
        throw error;
      }
      end();
      return { done: true, value: undefined };
    },
    return: async () => {
      end();
      await stream.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};

/** Executes operations of sockets by Yoga's own hooks: whatever guards requests guards them too. */
export const createOpen =
  <Server extends RequestRecord>(
    yoga: YogaServerInstance<Server, Context>,
    told: { readonly log: Logger; readonly metrics: Metrics },
  ): OpenOperation =>
  async ({ headers, query, operationName, variables, signal }, ended = () => undefined) => {
    const requestId = randomUUID();
    const record = { requestId, arrivedAtMs: performance.now() };
    const left = new AbortController();
    const leave = (): void => left.abort(signal.reason);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    const end = (): void => {
      signal.removeEventListener('abort', leave);
      ended();
    };

    const refuse = (errors: readonly GraphQLError[]): OpenedOperation => {
      tellRefusal(record, null, errors.map(codeOf), told);
      end();
      return { errors: errors.map(withoutHttp) };
    };

    const request = new Request('http://socket/graphql', { method: 'POST', headers, signal: left.signal });
    const params = { query, operationName, variables };
    const { parse, validate, schema, contextFactory, execute, subscribe } = yoga.getEnveloped({
      ...record,
      request,
      params,
    } as never) as Enveloped;
    try {
      const document = parse(query);
      const faults = validate(schema, document);
      if (faults.length > 0) return refuse(faults);
      if (!getOperationAST(document, operationName))
        return refuse([new GatewayError('BAD_REQUEST', 'The document holds no operation of that name, or several.')]);
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
          if (!isStream(answer)) {
            end();
            return named(answer, requestId);
          }
          const leaveStream = (): void => {
            left.abort();
            end();
          };
          return untilEnd(answer, leaveStream, (result) => named(result, requestId));
        } catch (error) {
          end();
          return named({ errors: [maskError(error, told.log) as GraphQLError] }, requestId);
        }
      };
      return { args, isSubscription, run };
    } catch (error) {
      return refuse([maskError(error, told.log) as GraphQLError]);
    }
  };
