import type { ExecutionResult } from 'graphql';
import type { Context } from '../graphql/context.ts';
import type { GatewayPlugin } from './plugin.ts';

/**
 * Tells in `extensions` what of an answer was not read from where it belongs just now: `stale` lists calls whose kept answers
 * stand in it, with their age; `failovers` tells why agents answered in the space plane's place.
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

/** Tells it in the answers of queries and mutations. */
export const useProvenance: GatewayPlugin = {
  onExecute: ({ args }) => ({
    onExecuteDone: ({ result, setResult }) => {
      if (!(Symbol.asyncIterator in result)) setResult(withProvenance(result, args.contextValue as Context));
    },
  }),
};
