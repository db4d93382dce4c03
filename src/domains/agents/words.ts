import { wordReader } from '../../upstream/words.ts';

/** Kinds of machines that agents and other nodes of a league are deployed on. */
export const deployTypes = {
  CCE: 'A cluster of the cloud container engine.',
  IEF: 'An edge node.',
  EXTERNAL: 'A machine outside the cloud.',
} as const;

/** Kinds of storage that agents work with. */
export const storageTypes = {
  HOST_PATH: 'A path of the host.',
  OBS: 'The object storage of the cloud.',
  SFS_TURBO: 'A fast shared file system of the cloud.',
} as const;

/** States of an agent or another node of a league, as far as it can be reached and trusted. UNKNOWN is one of them. */
export const nodeStatuses = {
  INIT: 'New, and not connected yet.',
  OFFLINE: 'Not reachable.',
  ONLINE: 'Reachable.',
  FAULT: 'Broken.',
  TRUSTING: 'Reachable; trust is being established.',
  TRUST: 'Reachable and trusted.',
} as const;

export const deployType = wordReader(deployTypes);
export const storageType = wordReader(storageTypes);
export const nodeStatus = wordReader(nodeStatuses);
