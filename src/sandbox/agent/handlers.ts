import { datasetHandlers } from './datasets.ts';
import { instanceHandlers } from './instances.ts';
import { agentSelfHandlers } from './agentSelf.ts';
import { jobHandlers } from './jobs.ts';
import { noticeHandlers } from './notices.ts';
import type { Handlers } from '../contract/handler.ts';
import { writingHandlers } from './writes/handlers.ts';

/** Every call of the agent plane but signing in, which is in `iam.ts`, since it hands out tokens. */
export const agentHandlers: Handlers = {
  ...agentSelfHandlers,
  ...datasetHandlers,
  ...noticeHandlers,
  ...jobHandlers,
  ...instanceHandlers,
  ...writingHandlers,
};
