import { getOperationAST, OperationTypeNode, type DocumentNode, type ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { GatewayError } from '../../errors.ts';
import type { Context } from '../../graphql/context.ts';

/**
 * The result, or the error in its place when it was larger than allowed. A mutation keeps its data beside the error: what was
 * written must be told, with lists cut short.
 */
export function withinBudget(result: ExecutionResult, { operation }: Context, isMutation: boolean): ExecutionResult {
  const { isExceeded, limits } = operation.result;
  if (!isExceeded) return result;
  const error = new GatewayError(
    'RESULT_TOO_LARGE',
    `The result has more than ${limits.objects} objects or ${limits.values} values. Ask for fewer with \`first\`, or in several operations.`,
  );
  return isMutation ? { ...result, errors: [error] } : { data: null, errors: [error] };
}

function isMutation({
  document,
  operationName,
}: {
  readonly document: unknown;
  readonly operationName?: unknown;
}): boolean {
  const operation = getOperationAST(document as DocumentNode, operationName as string | undefined);
  return operation?.operation === OperationTypeNode.MUTATION;
}

/** Ends operations whose result is too large for one answer. */
export const useResultLimit: Plugin<Context> = {
  onExecute: ({ args }) => ({
    onExecuteDone: ({ result, setResult }) => {
      if (Symbol.asyncIterator in result) return;
      const context = args.contextValue as Context;
      if (context.operation.result.isExceeded) setResult(withinBudget(result, context, isMutation(args)));
    },
  }),
};
