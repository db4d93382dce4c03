import { GraphQLError, NoSchemaIntrospectionCustomRule } from 'graphql';
import type { ErrorCode } from '../../errors.ts';
import type { GatewayPlugin } from '../plugin.ts';

/** A message without what it suggests in place of a wrong name: names of the schema are not to be found out by trying. */
export function withoutSuggestions(message: string): string {
  return message.replace(/ ?Did you mean [^?]*\?/g, '');
}

/** Refuses introspection, over every transport, and suggests no names. */
export const useHiddenSchema: GatewayPlugin = {
  onValidate: ({ addValidationRule }) => {
    addValidationRule(NoSchemaIntrospectionCustomRule);
    return ({ result, setResult }) =>
      setResult(
        (result as readonly GraphQLError[]).map(({ message, nodes, extensions }) => {
          const code = extensions['code'] ?? ('GRAPHQL_VALIDATION_FAILED' satisfies ErrorCode);
          return new GraphQLError(withoutSuggestions(message), { nodes, extensions: { ...extensions, code } });
        }),
      );
  },
};
