import { ownInstance } from '../access.ts';
import type { Handlers } from '../../contract/handler.ts';
import { stopRun } from '../../lifecycle/runner.ts';
import { audit, callerOf, emptyAnswer, agentError } from './caller.ts';

export const instanceWrites: Handlers = {
  /** §7.11.3: only the partner that started a run may stop it. */
  stopInstance(request, world) {
    const caller = callerOf(request, world);
    const instance = ownInstance(request, world);
    if (instance.partnerId !== caller.partnerId) throw agentError(request, 'notPermitted', `instance ${instance.id}`);
    if (!stopRun(world, instance)) throw agentError(request, 'instanceOver', instance.status);
    audit(world, caller, `stop job [${instance.jobName}] id: [${instance.id}]`);
    return emptyAnswer;
  },
};
