import type { Planes } from '../../upstream/planes.ts';

/** Reads audit. */
export const createAuditSource = (planes: Planes) => ({ planes });
