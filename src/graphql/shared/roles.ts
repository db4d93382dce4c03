import type { Caller, Role } from '../context.ts';
import { GatewayError } from '../../errors.ts';

/** True when the caller has the role. Administrators have all. */
export function hasRole({ roles }: Caller, role: Role): boolean {
  return roles.includes(role) || roles.includes('ADMINISTRATOR');
}

/**
 * Lets only those go on who have a role.
 *
 * @throws GatewayError FORBIDDEN
 */
export function expectRole(caller: Caller, role: Role): void {
  if (!hasRole(caller, role)) throw new GatewayError('FORBIDDEN', `This needs the role ${role}.`);
}
