import type { Planes } from '../../upstream/planes.ts';

/** Reads statistics. */
export const createStatisticsSource = (planes: Planes) => ({ planes });
