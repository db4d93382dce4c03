import type { ExecutionResult } from 'graphql';
import type { Context } from '../graphql/context.ts';
import type { GatewayPlugin } from './plugin.ts';

/**
 * Reports in `extensions` the parts of a response that were not just read from their own plane: `stale` lists calls answered from
 * the cache, with their age; `failovers` says why agents answered in place of the space plane.
 */
export function withProvenance(
  result: ExecutionResult,
  { operation: { staleAnswers, failovers } }: Context,
): ExecutionResult {
  if (staleAnswers.length === 0 && failovers.length === 0) return result;
  const ages = new Map<string, { plane: string; call: string; ageSeconds: number }>();
  for (const { plane, call, ageMs } of staleAnswers) {
    const ageSeconds = Math.max(Math.round(ageMs / 1000), ages.get(`${plane} ${call}`)?.ageSeconds ?? 0);
    ages.set(`${plane} ${call}`, { plane, call, ageSeconds });
  }
  const { extensions, ...rest } = result;
  return {
    ...rest,
    extensions: {
      ...extensions,
      ...(ages.size > 0 && { stale: [...ages.values()] }),
      ...(failovers.length > 0 && { failovers: [...new Set(failovers)].map((code) => ({ to: 'AGENT', code })) }),
    },
  };
}

/** Adds it to the responses of queries and mutations. */
export const useProvenance: GatewayPlugin = {
  onExecute: ({ args }) => ({
    onExecuteDone: ({ result, setResult }) => {
      if (!(Symbol.asyncIterator in result)) setResult(withProvenance(result, args.contextValue));
    },
  }),
};
