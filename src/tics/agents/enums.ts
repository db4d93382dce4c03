import { openEnumReader } from '../../upstream/openEnum.ts';

/** Agents are nodes of their leagues and have the same states. */
export {
  deployType,
  nodeStatus as agentStatus,
  type deployTypes,
  type nodeStatuses as agentStatuses,
} from '../leagues/computeNode.ts';

/** Kinds of storage that agents work with. */
export const storageTypes = {
  HOST_PATH: 'A path of the host.',
  OBS: 'The object storage of the cloud.',
  SFS_TURBO: 'A fast shared file system of the cloud.',
} as const;

/** Reads a kind of storage. */
export const storageType = openEnumReader(storageTypes);
