import type { Handlers } from '../contract/handler.ts';
import { agentHandlers } from './agents.ts';
import { auditHandlers } from './audit.ts';
import { datasetHandlers } from './datasets.ts';
import { instanceHandlers } from './instances.ts';
import { jobHandlers } from './jobs.ts';
import { leagueHandlers } from './leagues.ts';
import { statisticsHandlers } from './statistics.ts';

/** All calls of the space plane (§6). */
export const spaceHandlers: Handlers = {
  ...statisticsHandlers,
  ...leagueHandlers,
  ...datasetHandlers,
  ...jobHandlers,
  ...instanceHandlers,
  ...auditHandlers,
  ...agentHandlers,
};
