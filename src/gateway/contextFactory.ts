import { getOperationAST, OperationTypeNode, type DocumentNode } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { CallerRequest } from '../callers/caller.ts';
import { sessionEnded } from '../callers/session.ts';
import { GatewayError } from '../errors.ts';
import type { Context } from '../graphql/context.ts';
import { schema } from '../graphql/schema.ts';
import type { Signal } from '../upstream/deadline.ts';
import { mapMaybePromise } from '../maybePromise.ts';
import type { Audit } from './audit.ts';
import type { OperationContext } from './operationContext.ts';
import { requestIdOf, type RequestRecord } from './operationLog.ts';
import type { CostLimit } from './plugins/useCost.ts';
import { refuseWithoutRole, type Identified } from './plugins/useIdentity.ts';
import { isAnsweredInParts, mayBeAnsweredInParts } from './plugins/useIncrementalDelivery.ts';
import { acceptedType, refuseUnacceptable, type Negotiation, type StreamKind } from './plugins/useNegotiation.ts';
import { refusal } from './refusal.ts';
import type { BodyContext } from './plugins/useRequestBody.ts';
import type { SocketOperation } from './webSocketOperations.ts';

/** Properties of a WebSocket operation that its admission needs. */
export type Progress = Pick<SocketOperation, 'permit' | 'address'>;

/** The context that the transport passes with a request. */
export interface ServerContext extends RequestRecord, Progress, Negotiation, Identified, BodyContext {
  /** Set once it is parsed. */
  readonly document?: DocumentNode;
  readonly sharedSignal?: Signal;
}

/** Options of the context factory. */
export interface InitialContext extends ServerContext {
  readonly request: CallerRequest;
  readonly params: GraphQLParams;
}

function isOfSubscription({ document, params }: InitialContext): boolean {
  return (
    document !== undefined &&
    getOperationAST(document, params.operationName)?.operation === OperationTypeNode.SUBSCRIPTION
  );
}

/** Undefined for a single result. */
function streamKind(
  isSubscription: boolean,
  { document, params, accepted = [] }: InitialContext,
): StreamKind | undefined {
  if (isSubscription) return 'events';
  if (document === undefined || !mayBeAnsweredInParts(document)) return undefined;
  // With nothing deferred, a client that reads parts only gets one.
  return isAnsweredInParts(document, params) || acceptedType(accepted) === undefined ? 'parts' : undefined;
}

/** Admits an operation and creates its context. @throws GatewayError when it is refused */
export type ContextFactory = (initial: InitialContext) => Context | Promise<Context>;

/**
 * Admits operations that can be answered and whose caller has the role and the budget for them. Refused mutations are audited.
 */
export function createContextFactory({
  createContext,
  audit,
  cost,
}: {
  readonly createContext: OperationContext;
  readonly audit: Audit;
  readonly cost: CostLimit | undefined;
}): ContextFactory {
  return (initial) => {
    const isSubscription = isOfSubscription(initial);
    // The limit of subscriptions applies before any work, on all transports.
    const tooMany = isSubscription ? initial.permit?.streams() : undefined;
    if (tooMany !== undefined) throw tooMany;
    const { caller, request, document, params, address, sharedSignal } = initial;
    if (caller === undefined) throw new GatewayError('UNAUTHENTICATED', 'The caller is not authenticated.');
    const requestId = requestIdOf(initial.requestId);
    const { headers, signal } = request;
    const { operationName, variables } = params;
    const admit = () => {
      // It may have ended while the body arrived.
      if (caller.sessionSignal?.aborted) throw refusal('UNAUTHENTICATED', sessionEnded().message, 401);
      refuseUnacceptable(initial, streamKind(isSubscription, initial));
      refuseWithoutRole(caller, schema, document, operationName);
      return cost?.admit({ caller, address, document, operationName, variables, headers });
    };
    return mapMaybePromise(audit.refusing({ caller, requestId }, document, operationName, admit), (remember) => {
      const context = createContext(caller, { headers, signal, sharedSignal }, requestId, isSubscription);
      remember?.(context.operation);
      return context;
    });
  };
}
