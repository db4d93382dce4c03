import type { DocumentNode, GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { ErrorCode } from '../../errors.ts';
import type { Audit } from '../audit.ts';
import { codeOf } from '../maskErrors.ts';
import { requestIdOf, type RequestRecord } from '../operationLog.ts';
import type { GatewayPlugin } from '../plugin.ts';
import type { Identified } from './useIdentity.ts';

/** What is known of a request when its document is refused. */
type Refused = RequestRecord &
  Identified & { readonly request: Pick<Request, 'method'>; readonly params: GraphQLParams };

/**
 * Audits mutations that are refused before they are admitted: sent by GET, with a fault in the document, or with variables that
 * do not fit.
 */
export function useAuditedRefusals({ refused }: Pick<Audit, 'refused'>): GatewayPlugin {
  const tell = (context: unknown, document: DocumentNode, code: ErrorCode): void => {
    const { caller, requestId, params } = context as Refused;
    if (caller === undefined) return;
    refused({ caller, requestId: requestIdOf(requestId) }, document, params.operationName, code);
  };
  return {
    onParse:
      ({ context }) =>
      ({ result }) => {
        const isGet = (context as unknown as Refused).request.method === 'GET';
        if (isGet && !(result instanceof Error) && result !== null)
          tell(context, result as DocumentNode, 'BAD_REQUEST');
      },
    onValidate:
      ({ params, context }) =>
      ({ result }) => {
        const [fault] = result as readonly GraphQLError[];
        if (fault !== undefined) tell(context, params.documentAST as DocumentNode, 'GRAPHQL_VALIDATION_FAILED');
      },
    onExecute: ({ args }) => ({
      onExecuteDone: ({ result }) => {
        // Nothing was executed: there are no data, not even null.
        if (Symbol.asyncIterator in result || 'data' in result) return;
        const [fault] = (result as { readonly errors?: readonly GraphQLError[] }).errors ?? [];
        if (fault !== undefined) tell(args.contextValue, args.document, codeOf(fault));
      },
    }),
  };
}
