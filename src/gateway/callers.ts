import type { Caller } from '../graphql/context.ts';

/** What is read of a request to find out who sends it. */
export type CallerRequest = Pick<Request, 'headers' | 'signal'>;

/** Finds out who sends a request. @throws GatewayError UNAUTHENTICATED */
export type Identify = (request: CallerRequest) => Caller | Promise<Caller>;

/** Until callers have identities of their own, all of them act with the rights of the configured account. */
export const anonymous: Caller = {
  upstreamScope: 'anonymous',
  name: 'anonymous',
  roles: ['VIEWER', 'OPERATOR', 'APPROVER', 'ADMINISTRATOR'],
  leagues: 'ALL',
};
