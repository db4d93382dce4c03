import type { Caller, Role } from '../context.ts';

/** Whether a caller may do what a role is for; administrators may do everything. */
export const hasRole = ({ roles }: Caller, role: Role): boolean =>
  roles.includes(role) || roles.includes('ADMINISTRATOR');
