import type { Source } from 'graphql';
import type { GatewayPlugin } from '../plugin.ts';
import { refusal } from '../refusal.ts';

/** graphql-js's parser, visitors and executor recurse: some thousand levels overflow the stack. */
export const maxNesting = 250;

/**
 * Strings and comments, whose brackets do not count; then brackets. An unterminated string is a token too: otherwise each
 * of its quotes would be tried as the start of another string, which takes 3 s for 100 kB.
 */
const tokens = /"""(?:\\"""|[^])*?(?:"""|$)|"(?:\\.|[^"\\\n])*"?|#[^\n\r]*|[{[(]|[}\])]/g;

function nestsTooDeeply(source: string): boolean {
  let depth = 0;
  for (const [token] of source.matchAll(tokens)) {
    if (token === '{' || token === '[' || token === '(') depth += 1;
    else if (token.length === 1 && token !== '#') depth -= 1;
    if (depth > maxNesting) return true;
  }
  return false;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/**
 * `JSON.parse` does not recurse, `JSON.stringify` does.
 *
 * @throws GatewayError BAD_REQUEST for variables or extensions that nest too deeply
 */
export function refuseDeepParams({
  variables,
  extensions,
}: { readonly [Part in 'variables' | 'extensions']?: unknown }): void {
  if (isDeeper(variables, maxNesting) || isDeeper(extensions, maxNesting))
    throw refusal('BAD_REQUEST', `Variables and extensions may nest ${maxNesting} levels.`);
}

/** Refuses documents and variables that nest too deeply. */
export const useNestingLimit: GatewayPlugin = {
  onParams: ({ params }) => refuseDeepParams(params),
  onParse: ({ params }) => {
    const source = params.source as string | Source;
    if (nestsTooDeeply(typeof source === 'string' ? source : source.body))
      throw refusal('GRAPHQL_PARSE_FAILED', `The document nests deeper than ${maxNesting} levels.`);
  },
};
