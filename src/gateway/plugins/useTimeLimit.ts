import { getOperationAST, OperationTypeNode } from 'graphql';
import type { Context } from '../../graphql/context.ts';
import type { ServerContext } from '../contextFactory.ts';
import type { GatewayPlugin } from '../plugin.ts';
import type { RunningOperations } from '../runningOperations.ts';

/** Uploads of driver files take longer than queries. */
const uploadMs = 120_000;

/**
 * Ends operations after a time limit. The answer has what was read by then, and errors for the rest; a write already sent
 * fails with OUTCOME_UNKNOWN. `waitForInstance` extends the limit itself.
 */
export function useTimeLimit(timeoutMs: number, running: RunningOperations): GatewayPlugin {
  return {
    onExecute: ({ args }) => {
      const { operation, caller, discardUpload, sharedSignal }: Context & ServerContext = args.contextValue;
      const ast = getOperationAST(args.document, args.operationName);
      if (ast?.operation !== OperationTypeNode.SUBSCRIPTION)
        operation.deadline.limit(timeoutMs + (discardUpload === undefined ? 0 : uploadMs));
      // Others may wait for a shared one. A mutation that was let in is carried out.
      const isOwnQuery = ast?.operation === OperationTypeNode.QUERY && sharedSignal === undefined;
      const remove = running.add(operation.deadline, isOwnQuery ? caller.sessionSignal : undefined);
      const end = (): void => {
        remove();
        operation.deadline.end();
      };
      return {
        // An incremental answer ends with its last payload.
        onExecuteDone: ({ result }) => {
          if (Symbol.asyncIterator in result) return { onEnd: end };
          end();
          return undefined;
        },
      };
    },
  };
}
