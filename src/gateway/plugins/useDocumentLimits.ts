import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import { maxDirectivesRule } from '@escape.tech/graphql-armor-max-directives';
import { GraphQLError, parse, type Source, type ValidationContext } from 'graphql';
import type { LimitsConfig } from '../../config/config.ts';
import type { ErrorCode } from '../../errors.ts';
import type { GatewayPlugin } from '../plugin.ts';

export type DocumentLimits = Pick<LimitsConfig, 'depth' | 'aliases' | 'directives' | 'tokens'>;

/** Reports as a validation error: by default the rules throw, which hides errors of other rules. */
function report(context: ValidationContext | null, { message }: GraphQLError): void {
  const extensions = { code: 'GRAPHQL_VALIDATION_FAILED' satisfies ErrorCode };
  context?.reportError(new GraphQLError(message.replace('Syntax Error: ', ''), { extensions }));
}

/** Limits documents: tokens when parsing; depth, aliases and directives when validating. */
export function useDocumentLimits({ depth, aliases, directives, tokens }: DocumentLimits): GatewayPlugin {
  const rule = { propagateOnRejection: false, onReject: [report] };
  return {
    onParse: ({ setParseFn }) =>
      setParseFn((source, options) => parse(source as string | Source, { ...(options as object), maxTokens: tokens })),
    onValidate: ({ addValidationRule }) => {
      addValidationRule(maxDepthRule({ n: depth, flattenFragments: true, ...rule }));
      // The default list exempts `__typename` and others.
      addValidationRule(maxAliasesRule({ n: aliases, allowList: [], ...rule }));
      addValidationRule(maxDirectivesRule({ n: directives, ...rule }));
    },
  };
}
