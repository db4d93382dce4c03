import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { FetchAPI, GraphQLParams, Plugin } from 'graphql-yoga';
import type { CallerRequest } from '../callers/caller.ts';
import type { Context } from '../graphql/context.ts';
import type { MaybePromise } from '../maybePromise.ts';

/** The part of a `Request` that plugins may read. The JSON front makes one from node:http. */
export interface PluginRequest extends CallerRequest {
  readonly method: string;
  /** The path with its query string, or the whole URL. */
  readonly url: string;
  readonly body: ReadableStream<Uint8Array> | null;
}

/** The part of a `Response` that plugins may read and change. */
export interface PluginResponse {
  readonly status: number;
  readonly headers: {
    get(name: string): string | null;
    set(name: string, value: string): void;
    delete(name: string): void;
  };
}

/** Constructs a response from text. */
export type ResponseConstructor = new (
  body: string,
  init: { readonly status: number; readonly headers: Record<string, string> },
) => PluginResponse;

/** Payload of `onRequest`, before the body is read. */
export interface RequestEvent<Server> {
  readonly request: PluginRequest;
  readonly serverContext: Server;
  readonly fetchAPI: { readonly Response: ResponseConstructor };
  endResponse(this: void, response: PluginResponse): void;
}

/** Executes an operation by its parameters. */
export interface ParamsHandler {
  (operation: { request: PluginRequest; params: GraphQLParams; context: object }): MaybePromise<unknown>;
}

/** Payload of `onParams`. */
export interface ParamsEvent<Server> {
  readonly params: GraphQLParams;
  readonly request: PluginRequest;
  readonly context: Server;
  paramsHandler(
    this: void,
    operation: { request: PluginRequest; params: GraphQLParams; context: object },
  ): MaybePromise<unknown>;
  setParams(this: void, params: GraphQLParams): void;
  setParamsHandler(this: void, handler: ParamsHandler): void;
}

/** Arguments of an execution, with the context of the context factory. */
export interface OperationArgs extends ExecutionArgs {
  readonly contextValue: Context;
}

/** Payload of `onExecute`. */
export interface ExecuteEvent {
  readonly args: OperationArgs;
  executeFn(this: void, args: ExecutionArgs): MaybePromise<unknown>;
  setExecuteFn(this: void, execute: (args: ExecutionArgs) => MaybePromise<unknown>): void;
  setResultAndStopExecution(this: void, result: ExecutionResult): void;
}

/** Payload of `onExecuteDone`: a result, or a stream of results. */
export interface ExecuteDoneEvent {
  readonly result: object;
  setResult(this: void, result: ExecutionResult): void;
}

/** Hooks on the results of a stream. The JSON front has no streams. */
interface StreamHooks {
  onNext?(event: { readonly result: object }): void;
  onEnd?(): void;
}

/**
 * A Yoga plugin restricted to the hooks that both fronts call: Yoga and the JSON front.
 * Documents are parsed and validated by Yoga's own hooks, whichever front asks.
 */
export interface GatewayPlugin<Server = object> extends Pick<Plugin<Context>, 'onParse' | 'onValidate'> {
  onRequest?(event: RequestEvent<Server>): MaybePromise<void>;
  /** Called before the body is read. */
  onRequestParse?(event: {
    readonly request: PluginRequest;
    readonly serverContext: Server;
    setRequestParser(this: void, read: (request: PluginRequest) => Promise<GraphQLParams>): void;
  }): void;
  onParams?(event: ParamsEvent<Server>): void;
  onExecute?(
    event: ExecuteEvent,
  ): { onExecuteDone?(event: ExecuteDoneEvent): StreamHooks | undefined | void } | undefined | void;
  onResultProcess?(event: {
    readonly result: object | undefined;
    readonly serverContext: Server;
    setResultProcessor(
      this: void,
      write: (result: never, fetchAPI: FetchAPI, type: string) => unknown,
      type: string,
    ): void;
  }): void;
  onResponse?(event: { readonly response: PluginResponse; readonly serverContext: Server }): void;
}
