import {
  getOperationAST,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
} from 'graphql';
import type { Context } from '../../graphql/context.ts';
import type { Queue } from '../executionQueue.ts';
import type { GatewayPlugin } from '../plugin.ts';

/** Mutations do not wait behind queries, and what only waits for a run takes nobody's turn. */
function isQueued(document: DocumentNode, operationName: string | undefined): boolean {
  const ast = getOperationAST(document, operationName);
  return ast?.operation === OperationTypeNode.QUERY && document.loc?.source.body.includes('waitForInstance') !== true;
}

/** Lets queries execute when their turn has come, within their time limit. */
export function useAdmission(queue: Queue): GatewayPlugin {
  return {
    onExecute: ({ args, executeFn, setExecuteFn }) => {
      if (!isQueued(args.document, args.operationName as string | undefined)) return;
      const { caller, operation } = args.contextValue as Context;
      setExecuteFn(async (given: ExecutionArgs): Promise<ExecutionResult> => {
        try {
          if (!queue.tryEnter()) await queue.enter(caller.name, operation.deadline);
        } catch (error) {
          return { data: null, errors: [error as GraphQLError] };
        }
        try {
          return (await executeFn(given)) as ExecutionResult;
        } finally {
          queue.leave();
        }
      });
    },
  };
}
