import type { ExecutionResult } from 'graphql';
import type { Context } from '../../graphql/context.ts';
import type { GatewayPlugin } from '../plugin.ts';

/** Adds failures that cost rows but not their field (a source of a merged list) to `errors`. */
export function withReported(result: ExecutionResult, { operation: { reported } }: Context): ExecutionResult {
  if (reported.length === 0) return result;
  const { errors = [], ...rest } = result;
  return { ...rest, errors: [...errors, ...reported] };
}

/** Adds them to the answers of queries and mutations. */
export const useReportedErrors: GatewayPlugin = {
  onExecute: ({ args }) => ({
    onExecuteDone: ({ result, setResult }) => {
      if (!(Symbol.asyncIterator in result)) setResult(withReported(result, args.contextValue));
    },
  }),
};
