import type { Handlers } from '../../contract/handler.ts';
import { connectorWrites } from './connectors.ts';
import { datasetWrites } from './datasets.ts';
import { instanceWrites } from './instances.ts';
import { learningJobWrites } from './learningJobs.ts';
import { learningRunWrites } from './learningRuns.ts';
import { noticeWrites } from './notices.ts';
import { sqlJobWrites } from './sqlJobs.ts';

/** All writes of the agent plane except sign-in. */
export const writingHandlers: Handlers = {
  ...connectorWrites,
  ...datasetWrites,
  ...noticeWrites,
  ...sqlJobWrites,
  ...learningJobWrites,
  ...learningRunWrites,
  ...instanceWrites,
};
