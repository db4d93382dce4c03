import type { Planes } from '../../upstream/planes.ts';

/** Reads datasets. */
export const createDatasetSource = (planes: Planes) => ({ planes });
