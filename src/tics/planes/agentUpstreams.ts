import type { Dispatcher } from 'undici';
import { trustOnFirstUse, type AgentConfig, type TicsConfig } from '../../config/config.ts';
import { GatewayError } from '../../errors.ts';
import { createAddressPolicy, type AddressPolicy } from '../../upstream/addressPolicy.ts';
import type { TrustedCertificates } from '../../upstream/certificates.ts';
import { whileWaitedFor, type Signal } from '../../upstream/deadline.ts';
import { createDispatcher, type ExpectedCertificate } from '../../upstream/dispatcher.ts';
import { agentCalls } from '../../upstream/generated/calls.ts';
import { createAccountTokens } from '../../upstream/sharedSignIn.ts';
import type { Accounts } from '../../upstream/tokens.ts';
import { Upstream, type UpstreamOptions } from '../../upstream/upstream.ts';
import type { Directory } from './directory.ts';
import { signInToAgent } from './signIn.ts';

/** Dependencies of agent upstreams. */
export interface AgentUpstreamsOptions {
  readonly config: Pick<TicsConfig, 'agents' | 'agentNetworks' | 'proxy'>;
  readonly directory: Directory;
  readonly accounts: Accounts;
  /** Where agents have `trust-on-first-use`. */
  readonly trusted: TrustedCertificates | undefined;
  readonly common: Pick<UpstreamOptions, 'project' | 'callsAtOnce' | 'timeoutMs' | 'retries' | 'observer'>;
}

/** An agent at its present address. */
interface ReachedAgent {
  readonly upstream: Upstream;
  readonly pool: Dispatcher;
}

/** The error for an agent that can't be called. */
export function unavailable(message: string): GatewayError {
  return new GatewayError('AGENT_UNAVAILABLE', message, { plane: 'AGENT' });
}

/** The error for an agent that is not configured, or that the caller may not see. */
export function unknownAgent(): GatewayError {
  return unavailable('No account is configured for this agent.');
}

/** Agents with a configured account. Each is an upstream with its own connections, token and guards. */
export class AgentUpstreams {
  /** Ids in the order of the configuration. */
  readonly ids: readonly string[];
  readonly #options: AgentUpstreamsOptions;
  readonly #configured: ReadonlyMap<string, AgentConfig>;
  readonly #addresses: AddressPolicy;
  readonly #reached = new Map<string, ReachedAgent>();
  #isClosed = false;

  constructor(options: AgentUpstreamsOptions) {
    const { agents, agentNetworks } = options.config;
    this.#options = options;
    this.#addresses = createAddressPolicy(agentNetworks);
    this.#configured = new Map(agents.map((agent) => [agent.id, agent]));
    this.ids = [...this.#configured.keys()];
  }

  /**
   * The upstream of an agent, at the configured address or the one that the space plane knows.
   *
   * @param directory - whose answers are the caller's
   * @throws GatewayError AGENT_UNAVAILABLE when its account is not configured or its address is not known, or the reason of `signal`
   */
  async find(
    agentId: string,
    signal: Signal,
    directory: Pick<Directory, 'address'> = this.#options.directory,
  ): Promise<Upstream> {
    const agent = this.#configured.get(agentId);
    if (agent === undefined) throw unknownAgent();
    const origin = agent.url ?? (await whileWaitedFor(() => directory.address(agentId), signal));
    if (origin === undefined) throw unavailable('The space plane lists no address for this agent.');
    const known = this.#reached.get(agentId);
    if (known?.upstream.origin === origin) return known.upstream;
    // Who fell back on an agent when the connections to the space plane ended would open one that nobody closes.
    if (this.#isClosed) throw unavailable('The gateway is closed.');
    void known?.pool.close();
    const reached = this.#reach(agent, origin);
    this.#reached.set(agentId, reached);
    return reached.upstream;
  }

  #reach(agent: AgentConfig, origin: string): ReachedAgent {
    const { config, accounts, common, directory } = this.#options;
    const pool = createDispatcher(origin, {
      connections: common.callsAtOnce,
      certificate: this.#certificateOf(agent),
      addresses: agent.url === undefined ? this.#addresses : undefined,
      proxy: config.proxy?.agents === 'on' ? config.proxy : undefined,
    });
    const upstream = new Upstream({
      ...common,
      name: { plane: 'AGENT', agentId: agent.id },
      calls: agentCalls,
      origin,
      dispatcher: pool,
      tokens: createAccountTokens(accounts, ['AGENT', origin, agent], () =>
        signInToAgent(pool, origin, agent, common.observer),
      ),
      // A failover may have moved it: the next call looks its address up again.
      onMoved: () => directory.forget(agent.id),
    });
    return { upstream, pool };
  }

  /** @throws Error when the certificate is to be trusted on first use and nothing can be kept */
  #certificateOf({ id, certificate }: AgentConfig): ExpectedCertificate | undefined {
    if (certificate !== trustOnFirstUse) return certificate;
    const { trusted } = this.#options;
    if (trusted === undefined) throw new Error(`${trustOnFirstUse} needs a place for what is trusted.`);
    return { name: id, trusted };
  }

  /** Closes all connections at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const reached = [...this.#reached.values()];
    // Their metrics end: an agent may no longer be configured.
    for (const { upstream } of reached) upstream.retire();
    await Promise.all(reached.map(({ pool }) => pool.destroy()));
  }
}
