import { createSourceEventStream, execute, GraphQLError, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from './context.ts';
import { GatewayError } from './errors.ts';
import { withReported } from './operations.ts';
import { withProvenance } from './provenance.ts';

/** The context of one event of a subscription, made from the subscription's own. */
export type EventContext = (context: Context, event: unknown) => Context;

type Answers = AsyncIterableIterator<ExecutionResult>;

const ended = { done: true, value: undefined } as const;

const rightEnded = (): GatewayError =>
  new GatewayError('UNAUTHENTICATED', 'Your right has ended. Subscribe again with a token that is valid, and `after`.');

/**
 * Answers each event in turn. A stream that fails, and one whose caller's right ends, ends with an answer that says why, on
 * every transport alike.
 */
const answerEvents = (
  events: AsyncIterable<unknown>,
  answer: (event: unknown) => Promise<ExecutionResult>,
  { caller: { right }, operation: { left } }: Context,
): Answers => {
  const iterator = events[Symbol.asyncIterator]();
  const leave = (): void => void iterator.return?.();
  let isOver = false;
  if (right?.aborted) leave();
  else right?.addEventListener('abort', leave, { once: true });
  const end = (): void => {
    isOver = true;
    right?.removeEventListener('abort', leave);
  };
  return {
    next: async () => {
      if (isOver) return ended;
      try {
        const { done, value } = (await iterator.next()) as IteratorResult<unknown, unknown>;
        const answered = done === true || right?.aborted ? undefined : await answer(value);
        if (right?.aborted) throw rightEnded();
        if (answered !== undefined) return { done: false, value: answered };
      } catch (error) {
        end();
        if (left.aborted) return ended;
        const { message } = error as Error;
        return { done: false, value: { errors: [new GraphQLError(message, { originalError: error as Error })] } };
      }
      end();
      return ended;
    },
    return: async () => {
      end();
      await iterator.return?.();
      return ended;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};

/** Executes a subscription: nothing that was read for one event is left when the next one comes. */
export const subscribeAnew = (eventContext: EventContext): Plugin<Context> => ({
  onSubscribe: ({ setSubscribeFn }) =>
    setSubscribeFn((async (args: ExecutionArgs): Promise<Answers | ExecutionResult> => {
      const subscribed = args.contextValue as Context;
      const events = await createSourceEventStream(args);
      if (!(Symbol.asyncIterator in events)) return events;
      // Thousands wait for long, and each event is read by sources of its own.
      Object.assign(subscribed, { planes: undefined, sources: undefined });
      return answerEvents(
        events,
        async (event) => {
          const contextValue = eventContext(subscribed, event);
          const result = await execute({ ...args, rootValue: event, contextValue });
          return withProvenance(withReported(result, contextValue), contextValue);
        },
        subscribed,
      );
    }) as never),
});
