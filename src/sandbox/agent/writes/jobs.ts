import { ownLeague } from '../access.ts';
import { revokeNotices } from '../../lifecycle/approval.ts';
import type { SandboxRequest } from '../../contract/handler.ts';
import type { Job, World } from '../../model/world.ts';
import { audit, callerOf, agentError } from './caller.ts';
import { refuseWhileRunning } from './startRun.ts';

/** Shared by the writes of all job types. */

/** Throws NAME_TAKEN when another job of the league has the name. */
export function refuseTakenName(request: SandboxRequest, world: World, name: string, job?: Job): void {
  const others = world.jobsOfLeague(ownLeague(request, world).id, 'SQL', 'HFL', 'VFL', 'PREDICT');
  if (others.some((other) => other !== job && other.name === name)) throw agentError(request, 'nameTaken', name);
}

/** Throws when `ext` is not a JSON object. */
export function checkExt(request: SandboxRequest, ext: string | undefined): void {
  if (ext === undefined) return;
  try {
    const parsed: unknown = JSON.parse(ext);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return;
  } catch {
    // Falls through to the error.
  }
  throw agentError(request, 'requestInvalid', 'ext must be an object in JSON');
}

/** The fields of a new job. Its agent must belong to the caller's partner. */
export function newJob(request: SandboxRequest, world: World) {
  const {
    agent_id: agentId,
    name,
    description = '',
  } = request.body as {
    readonly agent_id: string;
    readonly name: string;
    readonly description?: string;
  };
  const league = ownLeague(request, world);
  const { partnerId, userId, userName } = callerOf(request, world);
  const agent = world.agent(agentId);
  if (agent?.leagueId !== league.id) throw agentError(request, 'notFound', `agent ${agentId}`);
  if (agent.partnerId !== partnerId) throw agentError(request, 'notPermitted', `agent ${agentId}`);
  refuseTakenName(request, world, name);
  const nowMs = world.clock.now();
  return {
    id: world.random.id(),
    leagueId: league.id,
    agentId,
    partnerId,
    name,
    description,
    approvalStatus: 'NEW',
    approvals: [],
    creatorId: userId,
    creatorName: userName,
    createdAtMs: nowMs,
    updaterId: userId,
    updaterName: userName,
    updatedAtMs: nowMs,
    datasetIds: [],
    ext: undefined,
  } as const;
}

export function addJob(request: SandboxRequest, world: World, job: Job): { status: number; body: unknown } {
  world.addJob(job);
  audit(world, callerOf(request, world), `create [${job.type}] job [${job.name}] id: [${job.id}]`);
  return { status: 200, body: { job_id: job.id } };
}

/** Updates who changed the job, and when. */
export function touch(request: SandboxRequest, world: World, job: Job): void {
  const caller = callerOf(request, world);
  job.updaterId = caller.userId;
  job.updaterName = caller.userName;
  job.updatedAtMs = world.clock.now();
  audit(world, caller, `update [${job.type}] job [${job.name}] id: [${job.id}]`);
}

/** Keeps the instances: history outlives its job. */
export function deleteJob(request: SandboxRequest, world: World, job: Job): void {
  refuseWhileRunning(request, world, job);
  revokeNotices(world, job);
  world.removeJob(job.id);
  audit(world, callerOf(request, world), `delete [${job.type}] job [${job.name}] id: [${job.id}]`);
}
