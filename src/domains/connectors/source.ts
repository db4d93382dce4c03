import type { Planes } from '../../upstream/planes.ts';

/** Reads connectors. */
export const createConnectorSource = (planes: Planes) => ({ planes });
