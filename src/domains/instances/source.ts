import type { Planes } from '../../upstream/planes.ts';

/** Reads instances. */
export const createInstanceSource = (planes: Planes) => ({ planes });
