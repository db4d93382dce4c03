import { serviceError } from '../contract/errors.ts';
import type { SandboxAnswer, SandboxRequest } from '../contract/handler.ts';
import type { Agent, Instance, League, World } from '../model/world.ts';

/** What a request asks for, found; unknown ids answer 404. */

export function requestedLeague(request: SandboxRequest, world: World): League {
  const league = world.league(request.path.league_id ?? '');
  if (!league) throw serviceError('space', request.language, 'notFound', `league ${request.path.league_id}`);
  return league;
}

/** A run of the league that is asked for, no other league's. */
export function requestedInstance(request: SandboxRequest, world: World): Instance {
  const league = requestedLeague(request, world);
  const instance = world.instance(request.path.instance_id ?? '');
  if (instance?.leagueId !== league.id) {
    throw serviceError('space', request.language, 'notFound', `instance ${request.path.instance_id}`);
  }
  return instance;
}

/** One of our agents; other partners' are not told of. */
export function requestedAgent(request: SandboxRequest, world: World): Agent {
  const agent = world.agent(request.path.agent_id ?? '');
  if (!agent?.isOwn) throw serviceError('space', request.language, 'notFound', `agent ${request.path.agent_id}`);
  return agent;
}

/** The slice a list call asks for; the contract requires both numbers. */
export function pageParameters({ query }: SandboxRequest): { offset: number; limit: number } {
  return {
    offset: Number(query.offset),
    limit: Number(query.limit),
  };
}

/** A query parameter that is text, if it was given. */
export function textParameter({ query }: SandboxRequest, name: string): string | undefined {
  const value = query[name];
  return value === undefined || value === '' ? undefined : String(value);
}

/** Fuzzy, as the service filters by name: part of it will do, in any case. */
export function containsIgnoreCase(name: string, asked: string | undefined): boolean {
  return asked === undefined || name.toLowerCase().includes(asked.toLowerCase());
}

export function ok(body: unknown): SandboxAnswer {
  return { status: 200, body };
}
