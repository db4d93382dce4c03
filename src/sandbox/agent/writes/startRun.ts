import type { SandboxAnswer, SandboxRequest } from '../../contract/handler.ts';
import { startRun, type StartOptions } from '../../lifecycle/runner.ts';
import { isTerminal, type Job, type World } from '../../model/world.ts';
import { callerOf, agentError } from './caller.ts';

/** Starts a run on the agent that was asked, unless its queue is full; answers the instance's id. */
export function startRequestedRun(
  request: SandboxRequest,
  world: World,
  start: Omit<StartOptions, 'agentId' | 'executorName' | 'isExecuted'>,
): SandboxAnswer {
  const { agent, userName } = callerOf(request, world);
  const waiting = world
    .instancesOfAgent(agent.id)
    .filter(({ agentId, status }) => agentId === agent.id && !isTerminal(status));
  if (waiting.length >= world.limits.queueLength) throw agentError(request, 'queueFull', String(waiting.length));
  const instance = startRun(world, { ...start, agentId: agent.id, executorName: userName, isExecuted: true });
  return { status: 200, body: { job_instance_id: instance.id } };
}

/** Refuses what a job must not be done to while it runs. */
export function refuseWhileRunning(request: SandboxRequest, world: World, job: Job): void {
  const running = world.instancesOfJob(job.id).find(({ status }) => !isTerminal(status));
  if (running !== undefined) throw agentError(request, 'jobRunning', `instance ${running.id}`);
}

/**
 * Where the league asks for approvals, an SQL job must be approved. No call submits a learning job: a new one may run,
 * and only one whose approval is open or was denied may not. Of a prediction no call even tells the approval.
 */
export function refuseUnlessApproved(request: SandboxRequest, world: World, job: Job): void {
  if (!world.league(job.leagueId)?.approvalRequired) return;
  const isAllowed =
    job.type === 'PREDICT' || job.approvalStatus === 'APPROVED' || (job.type !== 'SQL' && job.approvalStatus === 'NEW');
  if (!isAllowed) throw agentError(request, 'notApproved', job.approvalStatus);
}
