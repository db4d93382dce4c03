import { GatewayError } from '../errors.ts';
import type { Signal } from '../upstream/deadline.ts';
import type { CallerTokens } from './callerTokens.ts';

/** Roles. Every role reads; ADMINISTRATOR has all of them. */
export const roles = {
  VIEWER: 'Reads.',
  OPERATOR: 'Makes jobs, runs and stops them.',
  APPROVER: 'Decides whether jobs may use datasets.',
  ADMINISTRATOR: 'Changes leagues, connectors and datasets; may do all that the others may.',
} as const;

export type Role = keyof typeof roles;

export function isRole(name: string): name is Role {
  return Object.hasOwn(roles, name);
}

export const roleNames: readonly Role[] = Object.keys(roles).filter(isRole);

/** The caller of an operation. */
export interface Caller {
  /** Whose token is used upstream. Callers with equal scopes share reads and polls; others never do. */
  readonly upstreamScope: string;
  readonly name: string;
  /** Identifies the caller where names are equal; the name by default. */
  readonly id?: string;
  /** Tokens of TICS that it brought: it acts upstream with these alone. */
  readonly tokens?: CallerTokens;
  /** Pays for it where it is not the caller itself: the key or subject that stands beside tokens of TICS. */
  readonly payer?: string;
  /** Not identified: has no budget of its own. */
  readonly isAnonymous?: true;
  readonly roles: readonly Role[];
  /** Ids of the leagues that the caller may see, or all that the account sees. */
  readonly leagues: 'ALL' | readonly string[];
  /** When its key or token ends, ISO 8601. Left out: never. */
  readonly expiresAt?: string;
  /** Aborts when the session ends: its token expired, was revoked, or was renewed with other rights. Streams end with it. */
  readonly sessionSignal?: AbortSignal;
}

/** Parts of a request that identify its sender. */
export interface CallerRequest {
  readonly headers: RequestHeaders;
  readonly signal: Signal;
}

/** Headers of a request, by their names in lower case. */
export type RequestHeaders = Pick<Headers, 'get' | 'has'>;

/** Authenticates a request by its headers. @throws GatewayError UNAUTHENTICATED */
export type Identify = (request: CallerRequest) => Caller | Promise<Caller>;

export function hasRole({ roles: held }: Pick<Caller, 'roles'>, role: Role): boolean {
  return held.includes(role) || held.includes('ADMINISTRATOR') || (role === 'VIEWER' && held.length > 0);
}

/** True when the caller may see data of the league. */
export function maySee({ leagues }: Pick<Caller, 'leagues'>, leagueId: string | null | undefined): boolean {
  return leagues === 'ALL' || (typeof leagueId === 'string' && leagues.includes(leagueId));
}

const scopes = new WeakMap<Caller, string>();

/** Key of whole answers: callers with equal scopes are answered alike. */
export function callerScopeOf(caller: Caller): string {
  const known = scopes.get(caller);
  if (known !== undefined) return known;
  const { upstreamScope, roles: held, leagues } = caller;
  const scope = JSON.stringify([
    upstreamScope,
    [...new Set(held)].sort(),
    leagues === 'ALL' ? leagues : [...new Set(leagues)].sort(),
  ]);
  scopes.set(caller, scope);
  return scope;
}

/**
 * The tables are read by the account: callers with tokens of their own can't read them.
 *
 * @throws GatewayError FORBIDDEN
 */
export function refuseOwnTokens({ tokens }: Pick<Caller, 'tokens'>): void {
  if (tokens === undefined) return;
  throw new GatewayError('FORBIDDEN', 'The tables for BI tools are not for callers with tokens of TICS of their own.');
}
