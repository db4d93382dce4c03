import { GraphQLError, NoSchemaIntrospectionCustomRule, type ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ErrorCode } from '../../errors.ts';
import type { Context } from '../../graphql/context.ts';
import type { GatewayPlugin } from '../plugin.ts';

/** Removes suggestions ("Did you mean …"), which reveal the schema. */
function withoutSuggestions(message: string): string {
  return message.replace(/ ?Did you mean [^?]*\?/g, '');
}

/** Removes the suggestion at the end of a variable's error. Before it stands the caller's value, which may be long. */
function withoutSuggestion(error: GraphQLError): GraphQLError {
  const { message, nodes, extensions } = error;
  const start = message.lastIndexOf(' Did you mean ');
  return start < 0 ? error : new GraphQLError(message.slice(0, start), { nodes, extensions });
}

/** Errors of variables come from execution. Without `data` nothing was executed. */
function withHiddenNames(result: object, setResult: (result: ExecutionResult) => void): void {
  const { errors, ...rest }: ExecutionResult = result;
  if (errors !== undefined && !('data' in rest)) setResult({ ...rest, errors: errors.map(withoutSuggestion) });
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
  onExecute: () => ({ onExecuteDone: ({ result, setResult }) => withHiddenNames(result, setResult) }),
};

/** Removes suggestions from the errors of a subscription's variables. */
export const useHiddenSchemaOfStreams: Plugin<Context> = {
  onSubscribe: () => ({ onSubscribeResult: ({ result, setResult }) => withHiddenNames(result, setResult) }),
};
