import { getOperationAST, OperationTypeNode } from 'graphql';
import type { Context } from '../../graphql/context.ts';
import type { GatewayPlugin } from '../plugin.ts';
import type { RunningOperations } from '../runningOperations.ts';
import type { BodyContext } from './useRequestBody.ts';

/** Uploads of driver files take longer than queries. */
const uploadMs = 120_000;

/**
 * Ends operations after a time limit. What has come by then is answered, and the rest says that the time was up; a write that
 * had begun to be sent says OUTCOME_UNKNOWN. Fields that are asked to wait extend the limit themselves.
 */
export function useTimeLimit(timeoutMs: number, running: RunningOperations): GatewayPlugin {
  return {
    onExecute: ({ args }) => {
      const { operation, discardUpload }: Context & BodyContext = args.contextValue;
      const ast = getOperationAST(args.document, args.operationName);
      if (ast?.operation !== OperationTypeNode.SUBSCRIPTION)
        operation.deadline.limit(timeoutMs + (discardUpload === undefined ? 0 : uploadMs));
      const remove = running.add(operation.deadline);
      const end = (): void => {
        remove();
        operation.deadline.end();
      };
      return {
        // An answer in parts ends with its last one.
        onExecuteDone: ({ result }) => {
          if (Symbol.asyncIterator in result) return { onEnd: end };
          end();
          return undefined;
        },
      };
    },
  };
}
