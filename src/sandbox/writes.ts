import type { Handlers } from './handler.ts';
import { connectorWrites } from './writes/connectors.ts';
import { datasetWrites } from './writes/datasets.ts';
import { instanceWrites } from './writes/instances.ts';
import { learningJobWrites } from './writes/learningJobs.ts';
import { learningRunWrites } from './writes/learningRuns.ts';
import { noticeWrites } from './writes/notices.ts';
import { sqlJobWrites } from './writes/sqlJobs.ts';

/** Every writing call of the agent plane, besides signing in. */
export const writingHandlers: Handlers = {
  ...connectorWrites,
  ...datasetWrites,
  ...noticeWrites,
  ...sqlJobWrites,
  ...learningJobWrites,
  ...learningRunWrites,
  ...instanceWrites,
};
