import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../graphql/context.ts';

/** Adds failures that cost rows but not their field (a source of a merged list) to an answer's `errors`. */
export function withReported(result: ExecutionResult, { operation: { reported } }: Context): ExecutionResult {
  if (reported.length === 0) return result;
  const { errors = [], ...rest } = result;
  return { ...rest, errors: [...errors, ...reported] };
}

/** Adds them to the answers of queries and mutations. */
export const useReportedErrors: Plugin<Context> = {
  onExecute: ({ args }) => ({
    onExecuteDone: ({ result, setResult }) => {
      if (!(Symbol.asyncIterator in result)) setResult(withReported(result, args.contextValue));
    },
  }),
};
