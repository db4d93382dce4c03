import { getOperationAST, type DocumentNode, type ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from './context.ts';
import type { Logger } from './log.ts';
import { codeOf } from './mask.ts';

const isStream = (result: object): boolean => Symbol.asyncIterator in result;

const errorCodesOf = ({ errors = [] }: ExecutionResult): readonly string[] => [...new Set(errors.map(codeOf))];

/** One JSON line an operation: who asked what, how long it took, and what it cost upstream. */
export const logOperations = (log: Logger): Plugin<Context> => ({
  onExecute: ({ args }) => {
    const { operation, caller } = args.contextValue as Context;
    const ast = getOperationAST(args.document as DocumentNode, args.operationName as string | undefined);
    return {
      onExecuteDone: ({ result }) => {
        if (isStream(result)) return;
        const errorCodes = errorCodesOf(result as ExecutionResult);
        log.info(
          {
            requestId: operation.requestId,
            caller: caller.name,
            operation: ast?.name?.value ?? null,
            kind: ast?.operation ?? null,
            durationMs: Math.round(performance.now() - operation.startedAtMs),
            upstreamCalls: operation.calls.length,
            upstreamMs: Math.round(operation.calls.reduce((sum, { durationMs }) => sum + durationMs, 0)),
            outcome: errorCodes.length === 0 ? 'OK' : 'ERRORS',
            errorCodes,
          },
          'operation',
        );
      },
    };
  },
});

/** Adds failures that cost rows but not their field (a source of a merged list) to the answer's `errors`. */
export const addReported: Plugin<Context> = {
  onExecute: ({ args }) => ({
    onExecuteDone: ({ result, setResult }) => {
      const { reported } = (args.contextValue as Context).operation;
      if (reported.length === 0 || isStream(result)) return;
      const { errors = [], ...rest } = result as ExecutionResult;
      setResult({ ...rest, errors: [...errors, ...reported] });
    },
  }),
};
