import { GraphQLError, NoSchemaIntrospectionCustomRule } from 'graphql';
import type { ErrorCode } from '../../errors.ts';
import type { GatewayPlugin } from '../plugin.ts';

/** Removes suggestions ("Did you mean …"), which reveal the schema. */
export function withoutSuggestions(message: string): string {
  return message.replace(/ ?Did you mean [^?]*\?/g, '');
}

/** Refuses introspection on every transport, and removes suggestions. */
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
