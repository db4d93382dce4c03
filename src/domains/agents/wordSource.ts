import { wordReader } from '../../upstream/words.ts';

/** What agents are deployed on. */
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

/** States in which agents say to be. UNKNOWN is one of the service's own words. */
export const agentStatuses = {
  INIT: 'New, and not connected yet.',
  OFFLINE: 'Not reachable.',
  ONLINE: 'Reachable.',
  FAULT: 'Broken.',
  TRUSTING: 'Reachable; trust is being established.',
  TRUST: 'Reachable, and trust is established.',
} as const;

export const deployType = wordReader(deployTypes);
export const storageType = wordReader(storageTypes);
export const agentStatus = wordReader(agentStatuses);
