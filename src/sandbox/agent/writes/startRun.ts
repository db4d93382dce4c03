import type { SandboxAnswer, SandboxRequest } from '../../contract/handler.ts';
import { startRun, type StartOptions } from '../../lifecycle/runner.ts';
import { isTerminal, type Job, type World } from '../../model/world.ts';
import { callerOf, agentError } from './caller.ts';

/** Starts a run on the called agent and answers its id. Throws QUEUE_FULL. */
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

/** Throws JOB_RUNNING while the job has a run that is not over. */
export function refuseWhileRunning(request: SandboxRequest, world: World, job: Job): void {
  const running = world.instancesOfJob(job.id).find(({ status }) => !isTerminal(status));
  if (running !== undefined) throw agentError(request, 'jobRunning', `instance ${running.id}`);
}

/**
 * Throws NOT_APPROVED in leagues that require approvals. No call submits a learning job, so NEW is enough for those;
 * prediction jobs have no approval status at all.
 */
export function refuseUnlessApproved(request: SandboxRequest, world: World, job: Job): void {
  if (!world.league(job.leagueId)?.approvalRequired) return;
  const isAllowed =
    job.type === 'PREDICT' || job.approvalStatus === 'APPROVED' || (job.type !== 'SQL' && job.approvalStatus === 'NEW');
  if (!isAllowed) throw agentError(request, 'notApproved', job.approvalStatus);
}
