import type { Planes } from '../../upstream/planes.ts';

/** Reads jobs. */
export const createJobSource = (planes: Planes) => ({ planes });
