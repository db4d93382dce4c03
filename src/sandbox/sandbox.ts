import { agentHandlers } from './agent/handlers.ts';
import { createCallLog } from './http/callLog.ts';
import { createSandboxClient, type SandboxClient } from './client.ts';
import { loadContract } from './contract/contract.ts';
import {
  createControlListener,
  reviewJob,
  setInstanceStatus,
  type AgentAccess,
  type SandboxInfo,
  type StateChange,
} from './control/port.ts';
import { createAgentSignIn, createIamHandlers } from './iam/handlers.ts';
import { AgentServers } from './http/agentServers.ts';
import { createPlaneListener, type PlaneOptions } from './http/plane.ts';
import { createRules } from './faults/rules.ts';
import { createWorld, type WorldOptions } from './seed/createWorld.ts';
import { startPlainServer } from './http/servers.ts';
import { spaceHandlers } from './space/handlers.ts';
import { isOnline, type Agent, type World } from './model/world.ts';
import { createSignInLimiter, createTokens, tokenAudience, type Tokens } from './iam/tokens.ts';
import { createVariants, type Variant } from './faults/variants.ts';

export interface SandboxOptions extends Partial<WorldOptions> {
  /** Port of the control server; the others follow. Any free ports when undefined. */
  readonly firstPort?: number;
}

/** A running embedded TICS. */
export interface Sandbox extends SandboxInfo {
  /** A reset replaces it. */
  readonly world: World;
  readonly client: SandboxClient;
  close(): Promise<void>;
}

/** Starts both planes, IAM and the control port. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { firstPort = 0 } = options;
  const port = (index: number): number => (firstPort === 0 ? 0 : firstPort + index);
  const current = new CurrentWorld(options);
  const urls = { space: '', iam: '', control: '' };
  const { planeOptions, variants } = createPlaneOptions(current, urls);
  const agentServers = new AgentServers(
    (agentId) => createPlaneListener('agent', agentId, planeOptions),
    (index) => port(3 + index),
  );
  const agentAccess = (): AgentAccess[] => current.world.agents.map((agent) => accessTo(agent, agentServers));
  const info = (): SandboxInfo => sandboxInfo(current.world, urls, agentAccess());
  const { contract, calls, rules, tokens, contractFaults } = planeOptions;

  const control = await startPlainServer(
    createControlListener({
      calls,
      rules,
      variants,
      operationIds: new Set(contract.operations.keys()),
      contractFaults,
      world: () => current.world,
      info,
      seeding: () => current.seeding,
      change: (change) => changeState(change, current, agentServers, tokens),
    }),
    port(0),
  );
  const space = await startPlainServer(createPlaneListener('space', undefined, planeOptions), port(1));
  const iam = await startPlainServer(createPlaneListener('iam', undefined, planeOptions), port(2));
  Object.assign(urls, { control: control.url, space: space.url, iam: iam.url });
  await agentServers.start(current.world);

  return {
    ...info(),
    get agents() {
      return agentAccess();
    },
    get world() {
      return current.world;
    },
    client: createSandboxClient(control.url),
    async close() {
      await current.stop();
      await Promise.all([agentServers.close(), control.close(), space.close(), iam.close()]);
    },
  };
}

interface Urls {
  readonly space: string;
  readonly iam: string;
  readonly control: string;
}

/** The world being served. */
class CurrentWorld {
  readonly #options: SandboxOptions;
  seeding: { readonly seed: number; readonly scale: number };
  world: World;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.seeding = { seed: options.seed ?? 1, scale: options.scale ?? 1 };
    this.world = this.#create(this.seeding);
  }

  /** Stops the clock and all executions. */
  async stop(): Promise<void> {
    this.world.clock.stop();
    this.world.executions.abortAll();
    await this.world.executions.settled();
  }

  /** The world stays if there can be no such one. */
  async replace({
    seed = this.seeding.seed,
    scale = this.seeding.scale,
    nowMs,
  }: StateChange & { kind: 'reset' }): Promise<void> {
    const next = this.#create({ seed, scale }, nowMs);
    await this.stop();
    this.seeding = { seed, scale };
    this.world = next;
  }

  #create(seeding: CurrentWorld['seeding'], nowMs = this.#options.nowMs ?? Date.now()): World {
    return createWorld({ ...this.#options, ...seeding, nowMs });
  }
}

function createPlaneOptions(
  current: CurrentWorld,
  urls: Urls,
): { planeOptions: PlaneOptions; variants: readonly Variant[] } {
  const contract = loadContract();
  const clock = { now: () => current.world.clock.now() };
  const tokens = createTokens(clock);
  const variants = createVariants(contract);
  const iamHandlers = createIamHandlers(
    tokens,
    () => urls.space,
    () => urls.iam,
  );
  const planeOptions: PlaneOptions = {
    contract,
    handlers: {
      ...iamHandlers,
      ...createAgentSignIn(tokens, createSignInLimiter(clock)),
      ...spaceHandlers,
      ...agentHandlers,
    },
    world: () => current.world,
    tokens,
    rules: createRules(),
    calls: createCallLog(),
    variants: new Map(variants.map((variant) => [variant.name, variant])),
    contractFaults: [],
  };
  return { planeOptions, variants };
}

function accessTo({ id, name, leagueId, consoleIp, consolePort, account }: Agent, servers: AgentServers): AgentAccess {
  return {
    id,
    name,
    leagueId,
    url: `https://${consoleIp}:${consolePort}`,
    ...account,
    certificate: servers.get(id)?.certificate ?? '',
  };
}

function sandboxInfo({ tenant }: World, urls: Urls, agents: readonly AgentAccess[]): SandboxInfo {
  return {
    spaceUrl: urls.space,
    iamUrl: urls.iam,
    controlUrl: urls.control,
    projectId: tenant.projectId,
    region: tenant.regionName,
    account: { domain: tenant.domainName, ...tenant.account },
    agents,
  };
}

async function changeState(
  change: StateChange,
  current: CurrentWorld,
  servers: AgentServers,
  tokens: Tokens,
): Promise<void> {
  const { world } = current;
  switch (change.kind) {
    case 'reset':
      await current.replace(change);
      await servers.close();
      tokens.expire();
      return servers.start(current.world);
    case 'agent':
      return changeAgent(change, world, servers);
    case 'expireTokens':
      return tokens.expire(
        change.agentId === undefined && change.plane === undefined
          ? undefined
          : tokenAudience(change.agentId === undefined ? 'iam' : 'agent', change.agentId),
      );
    case 'account':
      world.tenant.account.password = change.password;
      return;
    case 'instance':
      return setInstanceStatus(world, change.instanceId, change.status);
    case 'review':
      return reviewJob(world, change);
  }
}

async function changeAgent(
  change: StateChange & { kind: 'agent' },
  world: World,
  servers: AgentServers,
): Promise<void> {
  const agent = world.agent(change.agentId);
  const server = servers.get(change.agentId);
  if (agent === undefined || server === undefined) throw new RangeError(`there is no agent ${change.agentId}`);
  if (change.password !== undefined) agent.account.password = change.password;
  if (change.renewCertificate) await server.renewCertificate();
  if (change.moveToPort !== undefined) await server.move(change.moveToPort);
  if (change.nodeStatus !== undefined) {
    agent.nodeStatus = change.nodeStatus;
    await server.setListening(isOnline(agent));
  }
  if (change.deployStatus !== undefined) agent.deployStatus = change.deployStatus;
  if (change.isListening !== undefined) await server.setListening(change.isListening);
}
