import type { Planes } from '../../upstream/planes.ts';

/** Reads notices. */
export const createNoticeSource = (planes: Planes) => ({ planes });
