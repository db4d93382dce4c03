import { datasetHandlers } from './datasets.ts';
import { instanceHandlers } from './instances.ts';
import { agentSelfHandlers } from './agentSelf.ts';
import { jobHandlers } from './jobs.ts';
import { noticeHandlers } from './notices.ts';
import type { Handlers } from '../contract/handler.ts';
import { writingHandlers } from './writes/handlers.ts';

/** All calls of the agent plane except sign-in, which `iam/handlers.ts` serves. */
export const agentHandlers: Handlers = {
  ...agentSelfHandlers,
  ...datasetHandlers,
  ...noticeHandlers,
  ...jobHandlers,
  ...instanceHandlers,
  ...writingHandlers,
};
