import {
  BREAK,
  getOperationAST,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FieldNode,
  type GraphQLError,
  visit,
} from 'graphql';
import type { Queue } from '../executionQueue.ts';
import type { Context } from '../../graphql/context.ts';
import type { GatewayPlugin } from '../plugin.ts';
import type { Identified } from './useIdentity.ts';

/** True if the document has the field `waitForInstance`. Its name in a comment or a text is none. */
function waitsForRun(document: DocumentNode): boolean {
  if (document.loc?.source.body.includes('waitForInstance') !== true) return false;
  let isFound = false;
  const find = ({ name }: FieldNode): unknown => {
    isFound ||= name.value === 'waitForInstance';
    return isFound ? BREAK : undefined;
  };
  visit(document, { Field: find });
  return isFound;
}

/** Mutations skip the queue, and so do operations that wait for a run. */
function isQueued(document: DocumentNode, operationName: string | undefined): boolean {
  return getOperationAST(document, operationName)?.operation === OperationTypeNode.QUERY && !waitsForRun(document);
}

/** Makes queries wait in the execution queue, within their time limit. */
export function useAdmission(queue: Queue): GatewayPlugin {
  return {
    onExecute: ({ args, executeFn, setExecuteFn }) => {
      if (!isQueued(args.document, args.operationName as string | undefined)) return;
      const { caller, payerId, operation }: Context & Identified = args.contextValue;
      setExecuteFn(async (given: ExecutionArgs): Promise<ExecutionResult> => {
        try {
          if (!queue.tryEnter()) await queue.enter(payerId ?? caller.name, operation.deadline);
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
