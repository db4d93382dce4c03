import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import { hasRole, type Caller, type CallerRequest, type Identify } from '../../callers/caller.ts';
import { errorCodes, GatewayError } from '../../errors.ts';
import { neededRoles } from '../../graphql/neededRole.ts';
import type { Logger } from '../../telemetry/log.ts';
import { codeOf, maskError } from '../maskErrors.ts';
import type { RequestRecord } from '../operationLog.ts';
import type { OperationPermit } from '../operationPermit.ts';
import type { GatewayPlugin, PluginRequest, PluginResponse, ResponseConstructor } from '../plugin.ts';
import { refusal } from '../refusal.ts';

/** The part of the context that is set when a request starts. */
export interface Identified {
  caller?: Caller;
  /** Whose places and turns the operation takes. Undefined for anonymous callers. */
  payerId?: string;
}

/** Identifies who pays for an operation of a caller at an address. */
export type PayerIdOf = (caller: Caller, address: string | undefined) => string | undefined;

/** The part of the transport that counts operations of callers. */
interface Counted {
  readonly permit?: Pick<OperationPermit, 'countFor'> | undefined;
  readonly address?: string | undefined;
}

function refuseEnded(caller: Caller): Caller {
  if (caller.sessionSignal?.aborted)
    throw new GatewayError('UNAUTHENTICATED', 'The key or token is no longer valid. Send a valid one.');
  return caller;
}

/**
 * Identifies the caller of a request, synchronously where possible.
 *
 * @throws GatewayError UNAUTHENTICATED, also when the caller's session has ended
 */
export function identifyValid(identify: Identify, request: CallerRequest): Caller | Promise<Caller> {
  const caller = identify(request);
  return caller instanceof Promise ? caller.then(refuseEnded) : refuseEnded(caller);
}

/** `WWW-Authenticate` (RFC 6750, section 3): names the scheme, and whether sent credentials are invalid. */
function challengeFor({ headers }: CallerRequest): string {
  const isGiven = headers.has('authorization') || headers.has('x-api-key');
  return `Bearer realm="TICS"${isGiven ? ', error="invalid_token"' : ''}`;
}

/** 401 with a challenge, or another status when identification itself failed. */
function refusalResponse(request: PluginRequest, error: GraphQLError, ResponseOf: ResponseConstructor): PluginResponse {
  const isWanted = request.headers.get('accept')?.includes('application/graphql-response+json') === true;
  const { http, retryAfter, ...extensions } = error.extensions;
  const isToWait = typeof retryAfter === 'number';
  const shown = { message: error.message, extensions: { ...extensions, ...(isToWait && { retryAfter }) } };
  return new ResponseOf(JSON.stringify({ errors: [shown] }), {
    status: errorCodes[codeOf(error)].httpStatus ?? 401,
    headers: {
      'content-type': `application/${isWanted ? 'graphql-response+json' : 'json'}; charset=utf-8`,
      ...(isToWait && { 'retry-after': `${retryAfter}` }),
      ...(codeOf(error) === 'UNAUTHENTICATED' && { 'www-authenticate': challengeFor(request) }),
    },
  });
}

/** Identifies the caller before the body is read, and counts its operations. WebSocket operations are identified when they start. */
export function useIdentity(
  identify: Identify,
  payerIdOf: PayerIdOf,
  log: Logger,
): GatewayPlugin<RequestRecord & Identified & Counted> {
  return {
    onRequest: ({ request, serverContext, ...event }) => {
      const refuse = (error: unknown): void => {
        const shown = maskError(error, log);
        serverContext.refusalCodes = [codeOf(shown)];
        event.endResponse(refusalResponse(request, shown, event.fetchAPI.Response));
      };
      const accept = (caller: Caller): void => {
        serverContext.caller = caller;
        const payerId = payerIdOf(caller, serverContext.address);
        if (payerId === undefined) return;
        serverContext.payerId = payerId;
        const tooMany = serverContext.permit?.countFor(payerId);
        if (tooMany !== undefined) refuse(tooMany);
      };
      try {
        const caller = identifyValid(identify, request);
        return caller instanceof Promise ? caller.then(accept, refuse) : accept(caller);
      } catch (error) {
        return refuse(error);
      }
    },
  };
}

/**
 * Refuses an operation whose caller lacks the required role, before it is executed.
 *
 * @throws GatewayError FORBIDDEN, HTTP 403
 */
export function refuseWithoutRole(
  caller: Caller,
  schema: GraphQLSchema,
  document: DocumentNode | undefined,
  operationName: string | null | undefined,
): void {
  if (document === undefined) return;
  const missing = neededRoles(schema, document, operationName).find((role) => !hasRole(caller, role));
  if (missing !== undefined)
    throw refusal('FORBIDDEN', `This needs the role ${missing}.`, errorCodes.FORBIDDEN.httpStatus);
}
