import type { TicsConfig } from '../../config/config.ts';
import type { SharedWrites } from '../../shared/writes.ts';
import { AnswerCache, type CacheLife } from '../../upstream/cache.ts';
import type { CallScope } from '../../upstream/callScope.ts';
import type { TrustedCertificates } from '../../upstream/certificates.ts';
import { noDeadline } from '../../upstream/deadline.ts';
import { createDispatcher, defaultConnections } from '../../upstream/dispatcher.ts';
import { spaceCalls } from '../../upstream/generated/calls.ts';
import { silentObserver, type Observer } from '../../upstream/observer.ts';
import { createRestClient, type SpaceClient } from '../../upstream/rest.ts';
import { hideFromTexts } from '../../upstream/secrets.ts';
import { SharedReads } from '../../upstream/sharedReads.ts';
import { createAccountTokens } from '../../upstream/sharedSignIn.ts';
import { createAccounts, type Accounts } from '../../upstream/tokens.ts';
import { Upstream } from '../../upstream/upstream.ts';
import { AgentUpstreams } from './agentUpstreams.ts';
import { createDirectory } from './directory.ts';
import { createPlanes, type Planes, type PlanesRequest } from './planes.ts';
import { createProjectSource } from './project.ts';
import { signInToIam } from './signIn.ts';

/** Settings of the upstreams. */
export interface Resilience {
  /** Connections to one upstream, and so calls to it at once. */
  readonly connections: number;
  /** Time limit of one attempt. */
  readonly callTimeoutMs: number;
  /** Retries failed reads. */
  readonly retries: boolean;
  readonly cache: CacheLife;
  /** Shares identical reads in flight. */
  readonly sharing: boolean;
  /** Sign-in state of accounts, kept across reloads of the configuration. */
  readonly accounts?: Accounts;
  /** Writes of other replicas. Left out: this is the only one. */
  readonly writes?: SharedWrites | undefined;
  /** Certificates of agents that were trusted on first use. */
  readonly trusted?: TrustedCertificates | undefined;
}

/** Defaults: answers are cached for outages only. */
export const defaultResilience: Resilience = {
  connections: defaultConnections,
  callTimeoutMs: 10_000,
  retries: true,
  sharing: true,
  cache: { freshMs: 0, staleMs: 0, staleIfErrorMs: 300_000 },
};

/** The upstreams of one configuration: sockets, tokens and the agents' addresses. */
export interface Upstreams {
  readonly planes: (request: PlanesRequest) => Planes;
  /** The configured agent that reads of a league go to first, as far as it is known. */
  readonly firstAgentOf: (leagueId: string) => string | undefined;
  /** The cache of reads: how long its answers are fresh, and how often it was emptied. */
  readonly cached: { readonly freshMs: number; readonly epoch: () => number };
  /** Closes all connections at once. Calls in flight, such as a sign-in that hangs, fail. */
  readonly close: () => Promise<void>;
}

/**
 * The upstreams of a configuration. Makes no call before the first read.
 *
 * @param observer - for calls that belong to no operation: sign-ins and the list of agents
 */
export function createUpstreams(
  config: TicsConfig,
  {
    connections,
    callTimeoutMs,
    retries,
    sharing,
    cache: life,
    accounts = createAccounts(),
    writes,
    trusted,
  }: Resilience = defaultResilience,
  observer: Observer = silentObserver,
): Upstreams {
  // Before any call: one upstream may echo the password of another.
  for (const { password } of [config.account, ...config.agents]) hideFromTexts(password);
  const shared = new SharedReads(new AnswerCache(life), sharing, writes);
  // Belongs to no operation: a caller that leaves does not cancel shared reads.
  const forAll: CallScope = {
    upstreamScope: 'gateway',
    language: config.language,
    deadline: noDeadline,
    observer,
  };
  const spacePool = createDispatcher(config.spaceUrl, { connections, proxy: config.proxy });
  const iamPool = createDispatcher(config.iamUrl, { connections, proxy: config.proxy });
  const tokens = createAccountTokens(
    accounts,
    ['IAM', config.iamUrl, config.account, config.projectId ?? config.region],
    () => signInToIam(iamPool, config, observer),
  );
  const projectBy = (client: () => SpaceClient) => createProjectSource(config, client);
  const project = projectBy(() => iam);
  const common = { project, callsAtOnce: connections, timeoutMs: callTimeoutMs, retries, observer };
  const ofAccount = { ...common, calls: spaceCalls, tokens };
  const iamUpstream = new Upstream({
    ...ofAccount,
    name: { plane: 'IAM' },
    origin: config.iamUrl,
    dispatcher: iamPool,
  });
  const iam: SpaceClient = createRestClient(iamUpstream, forAll, shared);
  const space = new Upstream({
    ...ofAccount,
    name: { plane: 'SPACE' },
    origin: config.spaceUrl,
    dispatcher: spacePool,
  });
  const directory = createDirectory(createRestClient(space, forAll, shared));
  const agents = new AgentUpstreams({ config, directory, accounts, trusted, common });
  const { joinedLeaguesType = 'participativenormal' } = config;

  return {
    planes: (request) =>
      createPlanes({ space, iam: iamUpstream, projectBy, agents, directory, shared, joinedLeaguesType }, request),
    firstAgentOf: (leagueId) => {
      const leagueOf = directory.leaguesKnown();
      return agents.ids.find((id) => leagueOf.get(id) === leagueId);
    },
    cached: { freshMs: life.freshMs, epoch: () => shared.epoch },
    close: async () => {
      shared.close();
      await Promise.all([spacePool.destroy(), iamPool.destroy(), agents.close()]);
    },
  };
}
