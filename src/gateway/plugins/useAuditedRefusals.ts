import type { DocumentNode, GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { ErrorCode } from '../../errors.ts';
import type { Audit } from '../audit.ts';
import { codeOf } from '../maskErrors.ts';
import { requestIdOf, type RequestRecord } from '../operationLog.ts';
import type { GatewayPlugin } from '../plugin.ts';
import type { Identified } from './useIdentity.ts';

/** The context of a request whose document is refused. */
type Refused = RequestRecord &
  Identified & { readonly request: Pick<Request, 'method'>; readonly params: GraphQLParams };

/** Yoga types the context of `onParse` and `onValidate` without the properties that the transport and other plugins add. */
function refusedOf(context: unknown): Refused {
  return context as Refused;
}

/** Audits mutations refused before admission: sent by GET, in an invalid document, or with invalid variables. */
export function useAuditedRefusals({ refused }: Pick<Audit, 'refused'>): GatewayPlugin {
  const record = (context: unknown, document: DocumentNode, code: ErrorCode): void => {
    const { caller, requestId, params } = refusedOf(context);
    if (caller === undefined) return;
    refused({ caller, requestId: requestIdOf(requestId) }, document, params.operationName, code);
  };
  return {
    onParse:
      ({ context }) =>
      ({ result }) => {
        const isGet = refusedOf(context).request.method === 'GET';
        if (isGet && !(result instanceof Error) && result !== null)
          record(context, result as DocumentNode, 'BAD_REQUEST');
      },
    onValidate:
      ({ params, context }) =>
      ({ result }) => {
        const [fault] = result as readonly GraphQLError[];
        if (fault !== undefined) record(context, params.documentAST as DocumentNode, 'GRAPHQL_VALIDATION_FAILED');
      },
    onExecute: ({ args }) => ({
      onExecuteDone: ({ result }) => {
        // `data` is missing, not even null: nothing was executed.
        if (Symbol.asyncIterator in result || 'data' in result) return;
        const [fault] = (result as { readonly errors?: readonly GraphQLError[] }).errors ?? [];
        if (fault !== undefined) record(args.contextValue, args.document, codeOf(fault));
      },
    }),
  };
}
