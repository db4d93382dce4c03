import { datasetHandlers } from './agent/datasets.ts';
import { instanceHandlers } from './agent/instances.ts';
import { itselfHandlers } from './agent/itself.ts';
import { jobHandlers } from './agent/jobs.ts';
import { noticeHandlers } from './agent/notices.ts';
import type { Handlers } from './handler.ts';

/**
 * Every reading call of the agent plane. Signing in is in `iam.ts`, since it hands out tokens; calls that write have no
 * handler yet, and the server says so with 501.
 */
export const agentHandlers: Handlers = {
  ...itselfHandlers,
  ...datasetHandlers,
  ...noticeHandlers,
  ...jobHandlers,
  ...instanceHandlers,
};
