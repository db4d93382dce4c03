import { datasetHandlers } from './agent/datasets.ts';
import { instanceHandlers } from './agent/instances.ts';
import { itselfHandlers } from './agent/itself.ts';
import { jobHandlers } from './agent/jobs.ts';
import { noticeHandlers } from './agent/notices.ts';
import type { Handlers } from './handler.ts';
import { writingHandlers } from './writes.ts';

/** Every call of the agent plane but signing in, which is in `iam.ts`, since it hands out tokens. */
export const agentHandlers: Handlers = {
  ...itselfHandlers,
  ...datasetHandlers,
  ...noticeHandlers,
  ...jobHandlers,
  ...instanceHandlers,
  ...writingHandlers,
};
