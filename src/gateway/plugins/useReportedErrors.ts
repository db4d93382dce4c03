import type { ExecutionResult } from 'graphql';
import type { Context } from '../../graphql/context.ts';
import type { GatewayPlugin } from '../plugin.ts';

/** Adds to `errors` the failures that cost rows but not their field, such as one source of a merged list. */
export function withReported(result: ExecutionResult, { operation: { reported } }: Context): ExecutionResult {
  if (reported.length === 0) return result;
  const { errors = [], ...rest } = result;
  return { ...rest, errors: [...errors, ...reported] };
}

/** Adds them to queries and mutations. */
export const useReportedErrors: GatewayPlugin = {
  onExecute: ({ args }) => ({
    onExecuteDone: ({ result, setResult }) => {
      if (!(Symbol.asyncIterator in result)) setResult(withReported(result, args.contextValue));
    },
  }),
};
