import type { Planes } from '../../upstream/planes.ts';

/** Reads agents. */
export const createAgentSource = (planes: Planes) => ({ planes });
