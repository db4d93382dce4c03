import type { Dispatcher } from 'undici';
import type { AgentConfig, TicsConfig } from '../config/config.ts';
import { GatewayError } from '../errors.ts';
import { AnswerCache, type CacheLife } from './cache.ts';
import type { CallScope, SharedReads } from './call.ts';
import { noDeadline, whileWaitedFor, type Deadline } from './deadline.ts';
import { createDirectory } from './directory.ts';
import { createDispatcher } from './dispatcher.ts';
import { agentCalls, spaceCalls } from './generated/calls.ts';
import { signInToAgent, signInToIam } from './iam.ts';
import { silentObserver, type Observer } from './observer.ts';
import { createRestClient, type AgentClient, type SpaceClient } from './rest.ts';
import { createAccounts, createTokenSource, type Accounts, type Source } from './tokens.ts';
import { Upstream } from './upstream.ts';

/** The operation that planes are made for. */
export interface PlanesRequest {
  /** Whose rights the answers show: they are kept and shared within this scope alone. */
  readonly upstreamScope: string;
  readonly language: string;
  readonly deadline: Deadline;
  /** Sees all that is done for the operation. */
  readonly observer?: Observer;
  /** Nothing that was read before stands in for what is to be read now, not even while the upstream fails. */
  readonly isUncached?: boolean;
}

/** What the upstreams are set to. */
export interface Resilience {
  /** Time limit of one attempt. */
  readonly callTimeoutMs: number;
  /** Whether reads are sent again where that can help. */
  readonly retries: boolean;
  readonly cache: CacheLife;
  /** Whether identical reads under way are one. */
  readonly sharing: boolean;
  /** What is remembered of accounts, where it outlives this configuration. */
  readonly accounts?: Accounts;
}

/** What a gateway does unless it is told otherwise: answers are kept for the time when the service is away. */
export const defaultResilience: Resilience = {
  callTimeoutMs: 10_000,
  retries: true,
  sharing: true,
  cache: { freshMs: 0, staleMs: 0, staleIfErrorMs: 300_000 },
};

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
   * Asks an agent of the league: the named one, else the first one whose account is configured. An agent that can't be
   * reached hands the question to the next. This is the one place where reads choose their agent.
   *
   * @throws GatewayError AGENT_UNAVAILABLE when no agent of the league is configured, else what the last one said.
   */
  readonly ofLeague: <Answer>(
    leagueId: string,
    ask: (client: AgentClient, agentId: string) => Promise<Answer>,
    agentId?: string,
  ) => Promise<Answer>;
  /**
   * For what both planes offer: the space plane, and an agent of the league where the space plane is away or the
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
  /** Those of them that the caller may see. */
  readonly visibleAgentIds: () => Promise<readonly string[]>;
  /** The word by which leagues that the account joined are asked for: it differs between versions of the service. */
  readonly joinedLeaguesType: NonNullable<TicsConfig['joinedLeaguesType']>;
  /** The league an agent is in, as the space plane lists it. */
  readonly leagueOf: (agentId: string) => Promise<string | undefined>;
}

/** The upstreams for the life of the process: sockets, tokens and what is known of the agents' addresses. */
export interface Upstreams {
  readonly planes: (request: PlanesRequest) => Planes;
  /** The configured agent that a league's questions go to first, as far as it is known by now. */
  readonly firstAgentOf: (leagueId: string) => string | undefined;
  /** Closes all connections at once: what is still under way then, such as a sign-in that hangs, fails. */
  readonly close: () => Promise<void>;
}

/** An agent at its present address. */
interface AgentUpstream {
  readonly upstream: Upstream;
  readonly pool: Dispatcher;
}

function unavailable(message: string): GatewayError {
  return new GatewayError('AGENT_UNAVAILABLE', message, { plane: 'AGENT' });
}

/** The agent is not configured here, or the caller may not know that it is. */
export function unknownAgent(): GatewayError {
  return unavailable('No account is configured for this agent.');
}

/** A failure that says more of the upstream than of the question: another upstream may answer. */
function anotherMayAnswer(error: unknown): boolean {
  return error instanceof GatewayError && error.facts.failover;
}

/** The first failure, which says to wait for whichever upstream answers sooner. */
function waitingFor(first: unknown, other: unknown): unknown {
  if (!(first instanceof GatewayError && other instanceof GatewayError)) return first;
  const [ofFirst, ofOther] = [first.details.retryAfter, other.details.retryAfter];
  if (ofFirst === undefined || ofOther === undefined || ofFirst <= ofOther) return first;
  return new GatewayError(first.code, first.message, { ...first.details, retryAfter: ofOther });
}

/**
 * The upstreams that a configuration names. Nothing is called before the first question.
 *
 * @param observer - is told of what is sent for no operation in particular: sign-ins, and where the agents are
 */
export function createUpstreams(
  config: TicsConfig,
  { callTimeoutMs, retries, sharing, cache: life, accounts = createAccounts() }: Resilience = defaultResilience,
  observer: Observer = silentObserver,
): Upstreams {
  const shared: SharedReads = { cache: new AnswerCache(life), underWay: new Map(), areJoined: sharing };
  const common = { timeoutMs: callTimeoutMs, retries, observer };
  const spacePool = createDispatcher(config.spaceUrl, { proxy: config.proxy });
  const iamPool = createDispatcher(config.iamUrl, { proxy: config.proxy });
  const spaceTokens = createTokenSource(
    () => signInToIam(iamPool, config, observer),
    accounts.of(['IAM', config.iamUrl, config.account, config.projectId ?? config.region]),
  );
  const configured = new Map(config.agents.map((agent) => [agent.id, agent]));
  const agents = new Map<string, AgentUpstream>();

  /** Connections and token of an agent at its present address; another address is another upstream. */
  const agentUpstream = (agent: AgentConfig, origin: string): Upstream => {
    const known = agents.get(agent.id);
    if (known?.upstream.origin === origin) return known.upstream;
    void known?.pool.close();
    const pool = createDispatcher(origin, {
      certificate: agent.certificate,
      proxy: config.proxy?.agents === 'on' ? config.proxy : undefined,
    });
    const upstream = new Upstream({
      ...common,
      name: { plane: 'AGENT', agentId: agent.id },
      calls: agentCalls,
      origin,
      dispatcher: pool,
      tokens: createTokenSource(
        () => signInToAgent(pool, origin, agent, observer),
        accounts.of(['AGENT', origin, agent]),
      ),
      project: projectSource,
      // A failover may have moved it: the next call looks its address up again.
      onMoved: () => directory.forget(agent.id),
    });
    agents.set(agent.id, { upstream, pool });
    return upstream;
  };

  const scopeOf = ({ observer: watching = silentObserver, ...request }: PlanesRequest): CallScope => ({
    ...request,
    observer: watching,
  });

  /** What all operations share is read for none of them in particular: whoever leaves does not end it for the others. */
  const forAll = scopeOf({
    upstreamScope: 'gateway',
    language: config.language,
    deadline: noDeadline,
    observer,
  });
  /** `GET /v3/projects` (reference 1.4). */
  const findProject = async (): Promise<string> => {
    const { projects } = await iam.read('listProjects', { query: { name: config.region } });
    const found = projects?.find(({ name }) => name === config.region)?.id;
    if (found) return found;
    throw new GatewayError('UPSTREAM_INVALID_ANSWER', 'The account has no project in the configured region.', {
      plane: 'IAM',
      call: 'listProjects',
    });
  };

  /** The project of the region, found once where none is configured. */
  let projectId = config.projectId;
  let pendingProject: Promise<string> | undefined;
  const projectSource: Source<string> = {
    current: () => projectId,
    get: async () => {
      pendingProject ??= findProject().finally(() => (pendingProject = undefined));
      projectId ??= await pendingProject;
      return projectId;
    },
  };

  const ofAccount = { ...common, calls: spaceCalls, tokens: spaceTokens, project: projectSource };
  const spaceUpstream = new Upstream({
    ...ofAccount,
    name: { plane: 'SPACE' },
    origin: config.spaceUrl,
    dispatcher: spacePool,
  });
  const iamUpstream = new Upstream({
    ...ofAccount,
    name: { plane: 'IAM' },
    origin: config.iamUrl,
    dispatcher: iamPool,
  });
  const iam: SpaceClient = createRestClient(iamUpstream, forAll, shared);
  const directory = createDirectory(createRestClient(spaceUpstream, forAll, shared));

  const planes = (request: PlanesRequest): Planes => {
    const scope = scopeOf(request);
    const { signal } = request.deadline;
    const space: SpaceClient = createRestClient(spaceUpstream, scope, shared);
    const leagues = () => whileWaitedFor(directory.leagues, signal);

    const agent = async (agentId: string): Promise<AgentClient> => {
      const account = configured.get(agentId);
      if (account === undefined) throw unknownAgent();
      const origin = account.url ?? (await whileWaitedFor(() => directory.address(agentId), signal));
      if (origin === undefined) throw unavailable('The space plane knows no address of this agent.');
      return createRestClient(agentUpstream(account, origin), scope, shared);
    };

    const leagueSaidBy = async (agentId: string): Promise<readonly [string, string][]> => {
      try {
        const { league_id: leagueId } = await (await agent(agentId)).read('getAgentRuntime');
        return leagueId ? [[agentId, leagueId]] : [];
      } catch {
        return [];
      }
    };

    /** League ids by agent: as the space plane lists them, else as each of several agents says itself (7.2.1). */
    const leaguesOfAgents = async (): Promise<ReadonlyMap<string, string>> => {
      try {
        return await leagues();
      } catch {
        signal.throwIfAborted();
        if (configured.size === 1) return new Map();
        return new Map((await Promise.all([...configured.keys()].map(leagueSaidBy))).flat());
      }
    };

    /**
     * The configured agents of a league. One that no list names yet (it has just joined) may be of any league: such agents are
     * asked where none is known, and it is for them to refuse.
     */
    const candidatesOf = async (
      leagueId: string,
    ): Promise<{ readonly ids: readonly string[]; readonly areMembers: boolean }> => {
      const leagueOf = await leaguesOfAgents();
      const ids = [...configured.keys()];
      const members = ids.filter((id) => leagueOf.get(id) === leagueId);
      return members.length > 0
        ? { ids: members, areMembers: true }
        : { ids: ids.filter((id) => !leagueOf.has(id)), areMembers: false };
    };
    const agentsOf = async (leagueId: string): Promise<readonly string[]> => (await candidatesOf(leagueId)).ids;

    /** For a read, the only configured agent is asked whatever is said of it: it refuses what it does not know. */
    const candidatesFor: typeof candidatesOf = async (leagueId) => {
      const candidates = await candidatesOf(leagueId);
      return candidates.ids.length === 0 && configured.size === 1
        ? { ids: [...configured.keys()], areMembers: false }
        : candidates;
    };

    const ofLeague: Planes['ofLeague'] = async (leagueId, ask, agentId) => {
      const { ids, areMembers } =
        agentId === undefined ? await candidatesFor(leagueId) : { ids: [agentId], areMembers: true };
      let failure: unknown = unavailable('No agent of this league has an account configured here.');
      for (const id of ids) {
        try {
          return await ask(await agent(id), id);
        } catch (error) {
          failure = error;
          // The refusal of an agent of another league says nothing of what the next one answers.
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
      eitherPlane: async (leagueId, askSpace, askAgentOfLeague) => {
        try {
          return await askSpace(space);
        } catch (error) {
          if (!anotherMayAnswer(error)) throw error;
          try {
            const answer = await ofLeague(leagueId, askAgentOfLeague);
            if (error instanceof GatewayError) scope.observer.failover(error.code);
            return answer;
          } catch (other) {
            // The space plane's own refusal explains more than that there is no other way.
            throw waitingFor(error, other);
          }
        }
      },
      forWriting: async (leagueId, named) => {
        if (named) return { agentId: named, client: await agent(named) };
        const [only, ...others] = await agentsOf(leagueId);
        if (only === undefined) throw unavailable('No agent of this league has an account configured here.');
        if (others.length > 0)
          throw new GatewayError('AGENT_REQUIRED', 'Several agents of the league could do it: name one in agentId.');
        return { agentId: only, client: await agent(only) };
      },
      agentsOf,
      configuredAgentIds: [...configured.keys()],
      visibleAgentIds: () => Promise.resolve([...configured.keys()]),
      joinedLeaguesType: config.joinedLeaguesType ?? 'participativenormal',
      leagueOf: async (agentId) => (await leagues()).get(agentId),
    };
  };

  return {
    planes,
    firstAgentOf: (leagueId) => {
      const leagueOf = directory.leaguesKnown();
      return [...configured.keys()].find((id) => leagueOf.get(id) === leagueId);
    },
    close: async () => {
      const ofAgents = [...agents.values()];
      // The planes are always there; an agent may be one that is configured no more.
      for (const { upstream } of ofAgents) upstream.retire();
      const pools = [spacePool, iamPool, ...ofAgents.map(({ pool }) => pool)];
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}
