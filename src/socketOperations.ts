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
  readonly headers: Headers;
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** Told that it is a subscription before it begins; answers why it is not let in as one. */
  readonly streams?: () => GatewayError | undefined;
}

/** An answer, or a stream of them. */
export type SocketAnswer = ExecutionResult | AsyncIterableIterator<ExecutionResult>;

/** An operation that may be executed, or why not. */
export type OpenedOperation =
  | { readonly errors: readonly GraphQLError[] }
  | {
      readonly args: ExecutionArgs;
      readonly isSubscription: boolean;
      readonly run: () => Promise<SocketAnswer>;
      /** Nobody waits for it any more. */
      readonly leave: () => void;
    };

/** @param ended - is called once, when it has been answered wholly or refused */
export type OpenOperation = (operation: SocketOperation, ended?: () => void) => Promise<OpenedOperation>;

const isStream = (answer: SocketAnswer): answer is AsyncIterableIterator<ExecutionResult> =>
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
export const withoutHttp = (error: GraphQLError): GraphQLError => {
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
const untilEnd = (
  stream: AsyncIterableIterator<ExecutionResult>,
  ended: () => void,
  map: (result: ExecutionResult) => ExecutionResult,
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
  async ({ headers, query, operationName, variables, streams }, ended = () => undefined) => {
    const requestId = randomUUID();
    const record = { requestId, arrivedAtMs: performance.now() };
    const left = new AbortController();
    const leave = (): void => left.abort();

    const refuse = (errors: readonly GraphQLError[]): OpenedOperation => {
      tellRefusal(record, null, errors.map(codeOf), told);
      ended();
      return { errors: errors.map(withoutHttp) };
    };

    // As much of a request as is read: a whole one would be a good part of what a subscription weighs.
    const request = { method: 'POST', headers, signal: left.signal };
    const params = { query, operationName, variables };
    const { parse, validate, schema, contextFactory, execute, subscribe } = yoga.getEnveloped({
      ...record,
      ...(streams && { streams }),
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
            ended();
            return named(answer, requestId);
          }
          const end = (): void => {
            leave();
            ended();
          };
          return untilEnd(answer, end, (result) => named(result, requestId));
        } catch (error) {
          ended();
          return named({ errors: [maskError(error, told.log) as GraphQLError] }, requestId);
        }
      };
      return { args, isSubscription, run, leave };
    } catch (error) {
      return refuse([maskError(error, told.log) as GraphQLError]);
    }
  };
