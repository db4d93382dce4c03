import { ownAgent, ownJob } from '../access.ts';
import { serviceError, type ErrorName } from '../../contract/errors.ts';
import type { SandboxAnswer, SandboxRequest, ServiceError } from '../../contract/handler.ts';
import type { Agent, Job, JobType, World } from '../../model/world.ts';

/** The account that calls, acting for its agent's partner. */
export interface Caller {
  readonly agent: Agent;
  readonly partnerId: string;
  readonly userId: string;
  readonly userName: string;
}

export function callerOf(request: SandboxRequest, world: World): Caller {
  const agent = ownAgent(request, world);
  const { user } = agent.account;
  return {
    agent,
    partnerId: agent.partnerId,
    userId: world.random.fork(`user/${agent.id}/${user}`).id(),
    userName: user,
  };
}

/** The job of the path. Throws 403 when another partner owns it. */
export function editableJob<T extends JobType>(
  request: SandboxRequest,
  world: World,
  ...types: readonly T[]
): Extract<Job, { readonly type: T }> {
  const job = ownJob(request, world, ...types);
  if (job.partnerId !== ownAgent(request, world).partnerId) throw agentError(request, 'notPermitted', `job ${job.id}`);
  return job;
}

export function agentError({ language }: SandboxRequest, refusal: ErrorName, detail?: string): ServiceError {
  return serviceError('agent', language, refusal, detail);
}

/** Most writes answer an empty body. */
export const emptyAnswer: SandboxAnswer = { status: 200 };

/** Adds an audit event such as `create job [x] id: [y]`. */
export function audit(world: World, { agent, partnerId }: Caller, action: string): void {
  return world.addAuditEvent({
    leagueId: agent.leagueId,
    startedAtMs: world.clock.now(),
    partnerId,
    agentId: agent.id,
    subject: { kind: 'action', action },
  });
}
