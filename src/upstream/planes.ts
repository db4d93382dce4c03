import type { Pool } from 'undici';
import type { AgentConfig, TicsConfig } from '../config/config.ts';
import { GatewayError, type ErrorCode } from '../errors.ts';
import { cacheOf, createAnswerCache, type CacheLife, type CallerCache, type StaleAnswer } from './cache.ts';
import { noDeadline, type Deadline } from './deadline.ts';
import { createDirectory } from './directory.ts';
import { createDispatcher } from './dispatcher.ts';
import { agentCalls, spaceCalls } from './generated/calls.ts';
import { createGuard, type Guard } from './guard.ts';
import { signInToAgent, signInToIam } from './iam.ts';
import { silentObserver, type Observer } from './observer.ts';
import { createSingleFlight, noSharing } from './singleFlight.ts';
import { createRestClient, type AgentClient, type CallFacts, type CallRecord, type SpaceClient } from './rest.ts';
import { createAccounts, createTokenSource, type Accounts, type Source, type TokenSource } from './tokens.ts';
import { whileWaitedFor } from './waiting.ts';

/** On whose behalf, in which language and for how long one operation calls upstream. */
export interface PlanesRequest {
  /** Whose rights the answers show: what is kept is kept for this key alone. */
  readonly upstreamScope: string;
  readonly language: string;
  readonly deadline: Deadline;
  readonly onCall: (record: CallRecord) => void;
  /** Told of every request that is sent for the operation. */
  readonly observer?: Observer;
  /** Told of answers that were not read just now. */
  readonly onStale?: (answer: StaleAnswer) => void;
  /** Told when an agent answered in the space plane's place, and why. */
  readonly onFailover?: (code: ErrorCode) => void;
  /** Nothing that was read before stands in for what is to be read now, not even while the upstream fails. */
  readonly isUncached?: boolean;
  /** Told after each write to an agent, whatever became of it. */
  readonly onWrite?: (write: SentWrite) => void;
}

/** A write that was sent, and what its path names. */
export interface SentWrite {
  readonly call: string;
  /** Whether it starts or stops runs. */
  readonly run: 'STARTS' | 'STOPS' | undefined;
  readonly leagueId: string | undefined;
  readonly instanceId: string | undefined;
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

interface AgentUpstream {
  readonly origin: string;
  readonly dispatcher: Pool;
  readonly tokens: TokenSource;
  readonly guard: Guard;
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

/** The same client, whose writes are told of. */
function tellWrites(client: AgentClient, { onWrite }: PlanesRequest): AgentClient {
  return onWrite === undefined
    ? client
    : {
        read: client.read,
        write: (call, ...request) => {
          const { path = {} } = (request[0] ?? {}) as { readonly path?: Readonly<Record<string, string>> };
          const { run, league = '', instance = '' }: CallFacts = agentCalls[call];
          return client
            .write(call, ...request)
            .finally(() => onWrite({ call, run, leagueId: path[league], instanceId: path[instance] }));
        },
      };
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
  const spacePool = createDispatcher(config.spaceUrl);
  const iamPool = createDispatcher(config.iamUrl);
  const guardOptions = { observer, retries };
  const spaceGuard = createGuard({ plane: 'SPACE' }, guardOptions);
  const iamGuard = createGuard({ plane: 'IAM' }, guardOptions);
  const cache = createAnswerCache(life);
  const flight = sharing ? createSingleFlight() : noSharing;
  const spaceTokens = createTokenSource(
    () => signInToIam(iamPool, config, observer),
    accounts.of(['IAM', config.iamUrl, config.account, config.projectId ?? config.region]),
  );
  const configured = new Map(config.agents.map((agent) => [agent.id, agent]));
  const agents = new Map<string, AgentUpstream>();

  /** Connections and token of an agent at its present address; another address is another upstream. */
  const agentUpstream = (agent: AgentConfig, origin: string): AgentUpstream => {
    const known = agents.get(agent.id);
    if (known?.origin === origin) return known;
    void known?.dispatcher.close();
    const dispatcher = createDispatcher(origin, agent.certificate);
    const tokens = createTokenSource(
      () => signInToAgent(dispatcher, origin, agent, observer),
      accounts.of(['AGENT', origin, agent]),
    );
    const guard = createGuard({ plane: 'AGENT', agentId: agent.id }, guardOptions);
    const upstream = { origin, dispatcher, tokens, guard };
    agents.set(agent.id, upstream);
    return upstream;
  };

  const optionsFor = (request: PlanesRequest) => {
    const watching = request.observer ?? silentObserver;
    const onStale = request.onStale ?? (() => undefined);
    const cached = cacheOf(cache, flight, { ...request, observer: watching, onStale });
    const readAnew: CallerCache['read'] = async (_, load) => (await load(request.deadline)).answer;
    return {
      language: request.language,
      deadline: request.deadline,
      onCall: request.onCall,
      observer: watching,
      cache: request.isUncached ? { ...cached, read: readAnew } : cached,
    };
  };

  const spaceClient = (plane: 'IAM' | 'SPACE', request: PlanesRequest): SpaceClient =>
    createRestClient({
      ...optionsFor(request),
      timeoutMs: callTimeoutMs,
      plane,
      calls: spaceCalls,
      origin: plane === 'IAM' ? config.iamUrl : config.spaceUrl,
      dispatcher: plane === 'IAM' ? iamPool : spacePool,
      tokens: spaceTokens,
      guard: plane === 'IAM' ? iamGuard : spaceGuard,
      project: projectSource,
    });

  /** What all operations share is read for none of them in particular: whoever leaves does not end it for the others. */
  const forAll: PlanesRequest = {
    upstreamScope: 'gateway',
    language: config.language,
    deadline: noDeadline,
    onCall: () => undefined,
    observer,
  };
  /** `GET /v3/projects` (reference 1.4). */
  const findProject = async (): Promise<string> => {
    const { projects } = await spaceClient('IAM', forAll).read('listProjects', { query: { name: config.region } });
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

  const directory = createDirectory(spaceClient('SPACE', forAll));

  const planes = (request: PlanesRequest): Planes => {
    const { signal } = request.deadline;
    const space = spaceClient('SPACE', request);
    const leagues = () => whileWaitedFor(directory.leagues, signal);

    const agent = async (agentId: string): Promise<AgentClient> => {
      const account = configured.get(agentId);
      if (account === undefined) throw unknownAgent();
      const origin = account.url ?? (await whileWaitedFor(() => directory.address(agentId), signal));
      if (origin === undefined) throw unavailable('The space plane knows no address of this agent.');
      const { dispatcher, tokens, guard } = agentUpstream(account, origin);
      const client: AgentClient = createRestClient({
        ...optionsFor(request),
        timeoutMs: callTimeoutMs,
        plane: 'AGENT',
        agentId,
        calls: agentCalls,
        origin,
        dispatcher,
        tokens,
        guard,
        project: projectSource,
        onFailure: ({ facts }) => {
          // A failover may have moved it: the next call looks its address up again.
          if (facts.relocate) directory.forget(agentId);
        },
      });
      return tellWrites(client, request);
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
            if (error instanceof GatewayError) request.onFailover?.(error.code);
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
      for (const { guard } of ofAgents) guard.close();
      const pools = [spacePool, iamPool, ...ofAgents.map(({ dispatcher }) => dispatcher)];
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}
