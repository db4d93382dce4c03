import type { TicsConfig } from '../../config/config.ts';
import { GatewayError } from '../../errors.ts';
import type { CallScope } from '../../upstream/callScope.ts';
import { whileWaitedFor } from '../../upstream/deadline.ts';
import { silentObserver, type Observer, type UpstreamName } from '../../upstream/observer.ts';
import { createRestClient, type AgentClient, type SpaceClient } from '../../upstream/rest.ts';
import type { SharedReads } from '../../upstream/sharedReads.ts';
import type { OwnTokens, Source } from '../../upstream/tokens.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import { unavailable, type AgentUpstreams } from './agentUpstreams.ts';
import { createDirectory, type Directory } from './directory.ts';
import { createLeagueAgents } from './leagueAgents.ts';
import { ownCredentials, tokenMissing } from './ownTokens.ts';
import { refusingClient } from './refusingClient.ts';

/** The operation that planes are made for. */
export interface PlanesRequest extends Omit<CallScope, 'observer' | 'credentials'> {
  /** Tokens of the caller's own: its calls are sent with these alone. */
  readonly tokens?: OwnTokens | undefined;
  /** Observes all calls of the operation. */
  readonly observer?: Observer;
}

/** Both planes, as one operation sees them. */
export interface Planes {
  readonly space: SpaceClient;
  /**
   * The API of one agent.
   *
   * @throws GatewayError AGENT_UNAVAILABLE when its account is not configured or its address is not known.
   */
  readonly agent: (agentId: string) => Promise<AgentClient>;
  /**
   * Reads from an agent of the league: the named one, else the first one whose account is configured. When it can't be reached, the
   * next one is tried. The one place where reads choose their agent.
   *
   * @throws GatewayError AGENT_UNAVAILABLE when no agent of the league is configured, else the last one's error
   */
  readonly ofLeague: <Answer>(
    leagueId: string,
    ask: (client: AgentClient, agentId: string) => Promise<Answer>,
    agentId?: string,
  ) => Promise<Answer>;
  /**
   * For calls that both planes have: reads from the space plane, or from an agent of the league when the space plane is away or the
   * account has no right there.
   */
  readonly eitherPlane: <Answer>(
    leagueId: string,
    askSpace: (client: SpaceClient) => Promise<Answer>,
    askAgent: (client: AgentClient, agentId: string) => Promise<Answer>,
  ) => Promise<Answer>;
  /**
   * The agent that a write in a league goes to: the named one, else the only one whose account is configured.
   *
   * @throws GatewayError AGENT_REQUIRED when there are several, AGENT_UNAVAILABLE when there is none.
   */
  readonly forWriting: (
    leagueId: string,
    agentId?: string | null,
  ) => Promise<{ readonly agentId: string; readonly client: AgentClient }>;
  /** Ids of a league's agents whose accounts are configured: those that reads and writes in it may go to. */
  readonly agentsOf: (leagueId: string) => Promise<readonly string[]>;
  /** Ids of the agents whose accounts are configured. */
  readonly configuredAgentIds: readonly string[];
  /** Ids of the configured agents that the caller may see. */
  readonly visibleAgentIds: () => Promise<readonly string[]>;
  /** The value of `type` for leagues that the account has joined. It differs between versions of the service. */
  readonly joinedLeaguesType: NonNullable<TicsConfig['joinedLeaguesType']>;
  /** The league an agent is in, as the space plane lists it. */
  readonly leagueOf: (agentId: string) => Promise<string | undefined>;
}

/** Parts of the planes that all operations share. */
export interface PlanesParts extends Pick<Planes, 'joinedLeaguesType'> {
  readonly space: Upstream;
  readonly agents: AgentUpstreams;
  readonly directory: Directory;
  readonly shared: SharedReads;
  readonly iam: Upstream;
  /** Finds the project by a token of IAM, where none is configured. */
  readonly projectBy: (iam: () => SpaceClient) => Source<string>;
}

const noAgent = 'No agent of this league has an account configured here.';

/** True for a failure of the upstream rather than of the request: another upstream may answer. */
function anotherMayAnswer(error: unknown): boolean {
  return error instanceof GatewayError && error.facts.failover;
}

/** The first failure, with the shorter `retryAfter` of both. */
function waitingFor(first: unknown, other: unknown): unknown {
  if (!(first instanceof GatewayError && other instanceof GatewayError)) return first;
  const [ofFirst, ofOther] = [first.details.retryAfter, other.details.retryAfter];
  if (ofFirst === undefined || ofOther === undefined || ofFirst <= ofOther) return first;
  return new GatewayError(first.code, first.message, { ...first.details, retryAfter: ofOther });
}

/**
 * The planes for one operation. A caller with its own tokens shares only connections with others: neither answers nor known agents
 * and projects.
 */
export function createPlanes(parts: PlanesParts, request: PlanesRequest): Planes {
  const { agents, shared, joinedLeaguesType } = parts;
  const { observer = silentObserver, tokens, ...asked } = request;
  const project = tokens && parts.projectBy(() => spaceClient(parts.iam));
  const scope: CallScope = {
    observer,
    ...asked,
    ...(tokens && project && { isUncached: true, credentials: ownCredentials(tokens, project) }),
  };
  const { signal } = scope.deadline;
  const isMissing = (upstream: UpstreamName): boolean => tokens !== undefined && tokens.of(upstream) === undefined;
  const spaceClient = (upstream: Upstream): SpaceClient =>
    isMissing(upstream.name) ? refusingClient(tokenMissing(upstream.name)) : createRestClient(upstream, scope, shared);
  const space = spaceClient(parts.space);
  const directory = tokens === undefined ? parts.directory : createDirectory(space);
  const leagues = () => whileWaitedFor(directory.leagues, signal);
  const agent = async (agentId: string): Promise<AgentClient> => {
    const name = { plane: 'AGENT', agentId } as const;
    if (agents.ids.includes(agentId) && isMissing(name)) throw tokenMissing(name);
    return createRestClient(await agents.find(agentId, signal, directory), scope, shared);
  };
  const usable = (ids: readonly string[]): readonly string[] =>
    tokens === undefined ? ids : ids.filter((agentId) => !isMissing({ plane: 'AGENT', agentId }));
  const leagueAgents = createLeagueAgents(agents.ids, leagues, agent, signal);
  const agentsOf = async (leagueId: string) => usable(await leagueAgents.ids(leagueId));
  const noAgentOf = (): GatewayError =>
    tokens === undefined ? unavailable(noAgent) : tokenMissing({ plane: 'AGENT' });

  const ofLeague: Planes['ofLeague'] = async (leagueId, ask, agentId) => {
    const { ids, areMembers } =
      agentId === undefined ? await leagueAgents.forReading(leagueId) : { ids: [agentId], areMembers: true };
    let failure: unknown = noAgentOf();
    for (const id of agentId === undefined ? usable(ids) : ids) {
      try {
        return await ask(await agent(id), id);
      } catch (error) {
        failure = error;
        // A refusal by an agent of another league does not predict the next agent's answer.
        if (areMembers && !anotherMayAnswer(error)) break;
        signal.throwIfAborted();
      }
    }
    throw failure;
  };

  return {
    space,
    agent,
    ofLeague,
    eitherPlane: async (leagueId, askSpace, askAgent) => {
      try {
        return await askSpace(space);
      } catch (error) {
        if (!anotherMayAnswer(error)) throw error;
        try {
          const answer = await ofLeague(leagueId, askAgent);
          if (error instanceof GatewayError) observer.failover(error.code);
          return answer;
        } catch (other) {
          // The space plane's error explains more than that no agent can be asked.
          throw waitingFor(error, other);
        }
      }
    },
    forWriting: async (leagueId, named) => {
      if (named) return { agentId: named, client: await agent(named) };
      const [only, ...others] = await agentsOf(leagueId);
      if (only === undefined) throw noAgentOf();
      if (others.length > 0)
        throw new GatewayError('AGENT_REQUIRED', 'Several agents of the league can do this: name one in agentId.');
      return { agentId: only, client: await agent(only) };
    },
    agentsOf,
    configuredAgentIds: usable(agents.ids),
    visibleAgentIds: () => Promise.resolve(usable(agents.ids)),
    joinedLeaguesType,
    leagueOf: async (agentId) => (await leagues()).get(agentId),
  };
}

/** Planes that reject every call. */
export function refusingPlanes(error: Error): Planes {
  const refuse = () => Promise.reject(error);
  return {
    space: refusingClient(error),
    agent: refuse,
    ofLeague: refuse,
    eitherPlane: refuse,
    forWriting: refuse,
    agentsOf: refuse,
    configuredAgentIds: [],
    visibleAgentIds: refuse,
    joinedLeaguesType: 'participativenormal',
    leagueOf: refuse,
  };
}
