import { serviceError } from '../contract/errors.ts';
import type { SandboxRequest } from '../contract/handler.ts';
import type { Agent, Instance, Job, JobType, League, World } from '../model/world.ts';

/** Lookups of what a request names. Each throws the service's 404 or 403. */

/** The agent of the server that was called. */
export function ownAgent({ agentId = '', language, path }: SandboxRequest, world: World): Agent {
  const agent = world.agent(agentId);
  if (agent === undefined) throw serviceError('agent', language, 'notFound', `agent ${agentId}`);
  if (path.agent_id !== undefined && path.agent_id !== agent.id) {
    throw serviceError('agent', language, 'notPermitted', `agent ${path.agent_id}`);
  }
  return agent;
}

/** The league of the path. Throws 403 for any other than the agent's own. */
export function ownLeague(request: SandboxRequest, world: World): League {
  const { league_id: leagueId = '' } = request.path;
  const league = world.league(leagueId);
  if (league === undefined) throw serviceError('agent', request.language, 'notFound', `league ${leagueId}`);
  if (ownAgent(request, world).leagueId !== leagueId) {
    throw serviceError('agent', request.language, 'notPermitted', `league ${leagueId}`);
  }
  return league;
}

/** The job of the path. Throws 404 when it is of a type that the call does not serve. */
export function ownJob<T extends JobType>(
  request: SandboxRequest,
  world: World,
  ...types: readonly T[]
): Extract<Job, { readonly type: T }> {
  const { job_id: jobId = '' } = request.path;
  const league = ownLeague(request, world);
  const job = world.job(jobId);
  if (job?.leagueId !== league.id || !types.some((type) => type === job.type)) {
    throw serviceError('agent', request.language, 'notFound', `job ${jobId}`);
  }
  return job as Extract<Job, { readonly type: T }>;
}

export function ownInstance(request: SandboxRequest, world: World): Instance {
  const { instance_id: instanceId = '' } = request.path;
  const league = ownLeague(request, world);
  const instance = world.instance(instanceId);
  if (instance?.leagueId !== league.id)
    throw serviceError('agent', request.language, 'notFound', `instance ${instanceId}`);
  return instance;
}

/** `offset` and `limit`; the contract has checked them. */
export function pageParameters({ query }: SandboxRequest): { offset: number; limit: number } {
  return {
    offset: Number(query.offset ?? 0),
    limit: Number(query.limit ?? 0),
  };
}

/** A query parameter; undefined when empty. */
export function textParameter({ query }: SandboxRequest, name: string): string | undefined {
  const value = query[name];
  return value === undefined || value === '' ? undefined : String(value);
}
