import { getOperationAST, OperationTypeNode, type DocumentNode, type ExecutionResult } from 'graphql';
import { GatewayError } from '../../errors.ts';
import type { Context } from '../../graphql/context.ts';
import type { ResultBudget } from '../../graphql/resultBudget.ts';
import type { GatewayPlugin } from '../plugin.ts';

/** The error of a result over its limits. */
export function budgetError({ isExceeded, isStopped, limits }: ResultBudget): GatewayError | undefined {
  if (!isStopped) return undefined;
  return isExceeded
    ? new GatewayError(
        'RESULT_TOO_LARGE',
        `The result has more than ${limits.objects} objects, ${limits.values} values or ${limits.bytes} bytes. Ask for fewer with \`first\`, or in several operations.`,
      )
    : new GatewayError(
        'UPSTREAM_TIMEOUT',
        'The time limit ended before the result was complete. Ask for less in one operation.',
      );
}

/**
 * The result, or an error in its place when it was too large or took too long. A mutation keeps its data, with truncated
 * lists, beside the error: the caller must learn what was written.
 */
export function withinBudget(result: ExecutionResult, { operation }: Context, isMutation: boolean): ExecutionResult {
  if (!operation.result.isStopped) operation.result.takeData([result.data, result.errors]);
  const error = budgetError(operation.result);
  if (error === undefined) return result;
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

/** Ends operations whose result is too large or takes too long. */
export const useResultLimit: GatewayPlugin = {
  onExecute: ({ args }) => ({
    onExecuteDone: ({ result, setResult }) => {
      if (Symbol.asyncIterator in result) return;
      const context = args.contextValue;
      const limited = withinBudget(result, context, isMutation(args));
      if (limited !== result) setResult(limited);
    },
  }),
};
