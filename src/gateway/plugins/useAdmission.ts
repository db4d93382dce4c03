import {
  getOperationAST,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
} from 'graphql';
import type { Queue } from '../executionQueue.ts';
import type { GatewayPlugin } from '../plugin.ts';

/** Mutations skip the queue, and so do operations that only wait for a run. */
function isQueued(document: DocumentNode, operationName: string | undefined): boolean {
  const ast = getOperationAST(document, operationName);
  return ast?.operation === OperationTypeNode.QUERY && document.loc?.source.body.includes('waitForInstance') !== true;
}

/** Makes queries wait in the execution queue, within their time limit. */
export function useAdmission(queue: Queue): GatewayPlugin {
  return {
    onExecute: ({ args, executeFn, setExecuteFn }) => {
      if (!isQueued(args.document, args.operationName as string | undefined)) return;
      const { caller, operation } = args.contextValue;
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
