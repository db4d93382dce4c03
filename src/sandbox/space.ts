import type { Handlers } from './handler.ts';
import { agentHandlers } from './space/agents.ts';
import { auditHandlers } from './space/audit.ts';
import { datasetHandlers } from './space/datasets.ts';
import { instanceHandlers } from './space/instances.ts';
import { jobHandlers } from './space/jobs.ts';
import { leagueHandlers } from './space/leagues.ts';
import { statisticsHandlers } from './space/statistics.ts';

/** The calls of the space plane (§6), by operation id. */
export const spaceHandlers: Handlers = {
  ...statisticsHandlers,
  ...leagueHandlers,
  ...datasetHandlers,
  ...jobHandlers,
  ...instanceHandlers,
  ...auditHandlers,
  ...agentHandlers,
};
