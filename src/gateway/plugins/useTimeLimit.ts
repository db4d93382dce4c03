import { getOperationAST, OperationTypeNode, type DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../graphql/context.ts';

/** Ends queries after a time limit; whatever has come by then is answered, and the rest says that the time was up. */
export function useTimeLimit(timeoutMs: number): Plugin<Context> {
  return {
    onExecute: ({ args }) => {
      const { deadline } = (args.contextValue as Context).operation;
      const ast = getOperationAST(args.document as DocumentNode, args.operationName as string | undefined);
      if (ast?.operation === OperationTypeNode.QUERY) deadline.limit(timeoutMs);
      return { onExecuteDone: () => deadline.end() };
    },
  };
}
