import { serviceError } from '../contract/errors.ts';
import type { SandboxAnswer, SandboxRequest } from '../contract/handler.ts';
import type { Agent, Instance, League, World } from '../model/world.ts';

/** Lookups of what a request names. Each throws 404. */

export function requestedLeague(request: SandboxRequest, world: World): League {
  const league = world.league(request.path.league_id ?? '');
  if (!league) throw serviceError('space', request.language, 'notFound', `league ${request.path.league_id}`);
  return league;
}

export function requestedInstance(request: SandboxRequest, world: World): Instance {
  const league = requestedLeague(request, world);
  const instance = world.instance(request.path.instance_id ?? '');
  if (instance?.leagueId !== league.id) {
    throw serviceError('space', request.language, 'notFound', `instance ${request.path.instance_id}`);
  }
  return instance;
}

/** One of our agents. */
export function requestedAgent(request: SandboxRequest, world: World): Agent {
  const agent = world.agent(request.path.agent_id ?? '');
  if (!agent?.isOwn) throw serviceError('space', request.language, 'notFound', `agent ${request.path.agent_id}`);
  return agent;
}

/** `offset` and `limit`; the contract requires both. */
export function pageParameters({ query }: SandboxRequest): { offset: number; limit: number } {
  return {
    offset: Number(query.offset),
    limit: Number(query.limit),
  };
}

export function textParameter({ query }: SandboxRequest, name: string): string | undefined {
  const value = query[name];
  return value === undefined || value === '' ? undefined : String(value);
}

/** The service's fuzzy match of names. */
export function containsIgnoreCase(name: string, asked: string | undefined): boolean {
  return asked === undefined || name.toLowerCase().includes(asked.toLowerCase());
}

export function ok(body: unknown): SandboxAnswer {
  return { status: 200, body };
}
