import { createSourceEventStream, execute } from 'graphql';
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { createLoaders, type Context } from '../graphql/context.ts';
import type { EventContexts } from './eventContext.ts';
import { GatewayError } from '../errors.ts';
import type { StatusEvent } from '../status/types.ts';
import type { Logger } from '../telemetry/log.ts';
import { maskError } from './maskErrors.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { WatchedOperation, type RequestRecord } from './operationLog.ts';
import type { OperationArgs } from './plugin.ts';
import { withReported } from './plugins/useReportedErrors.ts';
import { withinBudget } from './plugins/useResultLimit.ts';
import { withProvenance } from './provenance.ts';
import { withRequestId } from './refusal.ts';
import { refusingPlanes } from '../tics/planes/planes.ts';

/** Dependencies of subscription streams. */
export interface StreamTools {
  readonly events: EventContexts;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** The WebSocket operation that owns a stream. */
export interface StreamTransport {
  readonly requestId: string;
  /** Called once, at the end. */
  readonly ended: () => void;
}

/** Wraps a stream on its way through Yoga, which would add three iterators to anything iterable. */
export interface StreamResult {
  readonly stream: AnswerStream;
}

export function isStreamResult(answer: object): answer is StreamResult {
  return 'stream' in answer;
}

const over = { done: true, value: undefined } as const;

function sessionEnded(): GatewayError {
  return new GatewayError(
    'UNAUTHENTICATED',
    'The session has ended. Subscribe again with a valid key or token, and `after`.',
  );
}

/**
 * The answers of a subscription, one for each event. A stream that fails, or whose caller's session ends, ends with an
 * error on every transport alike. Errors are masked and counted here. A class, since there are thousands of streams:
 * closures would be most of the memory of each.
 */
export class AnswerStream implements AsyncIterableIterator<ExecutionResult, undefined> {
  readonly #events: AsyncIterator<unknown, unknown>;
  readonly #args: OperationArgs;
  readonly #context: Context;
  readonly #tools: StreamTools;
  readonly #watched: WatchedOperation;
  #transport: StreamTransport | undefined;
  #isOver = false;
  /** Cursor of the last event; undefined before the first. */
  cursor: string | undefined;

  constructor(events: AsyncIterable<unknown>, args: OperationArgs, tools: StreamTools) {
    this.#events = events[Symbol.asyncIterator]();
    this.#args = args;
    this.#context = args.contextValue;
    this.#tools = tools;
    this.#watched = new WatchedOperation(args, tools);
    const { sessionSignal } = this.#context.caller;
    if (sessionSignal?.aborted) this.handleEvent();
    else sessionSignal?.addEventListener('abort', this, { once: true });
  }

  /** Attaches the WebSocket operation that errors name from now on. */
  sentBy(transport: StreamTransport): this {
    this.#transport = transport;
    return this;
  }

  /** The caller's session has ended. */
  handleEvent(): void {
    void this.#events.return?.();
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    if (this.#isOver) return over;
    const { caller, operation } = this.#context;
    let answer: ExecutionResult | undefined;
    let isLast = false;
    try {
      const { done, value } = await this.#events.next();
      if (done !== true && !caller.sessionSignal?.aborted) {
        this.cursor = (value as StatusEvent<unknown>).cursor;
        answer = await this.#answer(value);
      }
      if (caller.sessionSignal?.aborted) throw sessionEnded();
    } catch (error) {
      answer = operation.clientSignal.aborted ? undefined : this.#masked({ errors: [error as GraphQLError] });
      isLast = true;
    }
    if (answer !== undefined) this.#watched.take(answer);
    if (isLast || answer === undefined) this.#end();
    if (answer === undefined) return over;
    return {
      done: false,
      value: this.#transport === undefined ? answer : withRequestId(answer, this.#transport.requestId),
    };
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.#end(true);
    await this.#events.return?.();
    return over;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Subscribers with the same document and scope share one result per event: thousands may watch a run. */
  #answer(event: unknown): Promise<ExecutionResult> {
    const { document, operationName, variableValues } = this.#args;
    const question = JSON.stringify([operationName, variableValues]);
    const answers = this.#tools.events.resultsOf(this.#context, event, document);
    const answer = answers.get(question) ?? this.#execute(event);
    answers.set(question, answer);
    return answer;
  }

  async #execute(event: unknown): Promise<ExecutionResult> {
    const contextValue = this.#tools.events.contextOf(this.#context, event);
    const result = await execute({ ...this.#args, rootValue: event, contextValue });
    const limited = withinBudget(withReported(result, contextValue), contextValue, false);
    return this.#masked(withProvenance(limited, contextValue));
  }

  #masked(answer: ExecutionResult): ExecutionResult {
    const { errors } = answer;
    if (errors === undefined) return answer;
    return { ...answer, errors: errors.map((error) => maskError(error, this.#tools.log)) };
  }

  #end(hasLeft?: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#context.caller.sessionSignal?.removeEventListener('abort', this);
    this.#watched.end(hasLeft);
    this.#transport?.ended();
  }
}

/** Each event has a context of its own; the subscription's serves its start only. */
const noPlanes = refusingPlanes(new Error('The subscription has begun: its events read by contexts of their own.'));
const noLoaders = createLoaders(noPlanes);

/**
 * The part of a subscription's arguments that events need. Yoga's context, loaders and planes would be most of the memory
 * of a subscription.
 */
function keptArgs({ schema, document, operationName, variableValues, contextValue }: OperationArgs): OperationArgs {
  const context: Context & RequestRecord = contextValue;
  const kept: Context & RequestRecord = {
    arrivedAtMs: context.arrivedAtMs ?? performance.now(),
    caller: context.caller,
    callerScope: context.callerScope,
    language: context.language,
    timeZone: context.timeZone,
    clock: context.clock,
    readRows: context.readRows,
    planes: noPlanes,
    watches: context.watches,
    scope: context.scope,
    lastEventId: undefined,
    loaders: noLoaders,
    report: context.report,
    operation: context.operation,
  };
  return { schema, document, operationName, variableValues, contextValue: kept };
}

/** Executes subscriptions: loaders are fresh for each event. */
export function useSubscriptions(tools: StreamTools): Plugin<Context> {
  return {
    onSubscribe: ({ setSubscribeFn }) =>
      setSubscribeFn((async (args: OperationArgs): Promise<StreamResult | ExecutionResult> => {
        const events = await createSourceEventStream(args);
        if (Symbol.asyncIterator in events) {
          const stream = new AnswerStream(events, keptArgs(args), tools);
          // The client may have left while the stream was created: nobody would end it.
          if (args.contextValue.operation.clientSignal.aborted) await stream.return();
          return { stream };
        }
        const watched = new WatchedOperation(args, tools);
        watched.take(events);
        watched.end();
        return events;
      }) as never),
    onExecutionResult: ({ result, ...event }) => {
      if (result !== undefined && isStreamResult(result)) event.setResult(result.stream);
    },
  };
}
