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
import { createPlaneListener, type ContractFault, type PlaneOptions } from './http/plane.ts';
import { createRules } from './faults/rules.ts';
import { createWorld, type WorldOptions } from './seed/createWorld.ts';
import { startAgentServer, startPlainServer, type AgentServer } from './http/servers.ts';
import { spaceHandlers } from './space/handlers.ts';
import { isOnline, type World } from './model/world.ts';
import { createSignInLimiter, createTokens, tokenAudience } from './iam/tokens.ts';
import { createVariants } from './faults/variants.ts';

export interface SandboxOptions extends Partial<WorldOptions> {
  /** The control port's number; space plane, IAM and agents take those that follow. Without it, any that are free. */
  readonly firstPort?: number;
}

/** An embedded TICS that runs. */
export interface Sandbox extends SandboxInfo {
  /** What it knows; another object after a reset. */
  readonly world: World;
  readonly client: SandboxClient;
  close(): Promise<void>;
}

/** Starts both planes, IAM and the control port. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { firstPort = 0, ...worldOptions } = options;
  const port = (index: number): number => (firstPort === 0 ? 0 : firstPort + index);
  let seeding = { seed: options.seed ?? 1, scale: options.scale ?? 1 };
  const populate = (nowMs = options.nowMs ?? Date.now()): World => createWorld({ ...worldOptions, ...seeding, nowMs });
  let world = populate();

  const contract = loadContract();
  const clock = { now: () => world.clock.now() };
  const tokens = createTokens(clock);
  const rules = createRules();
  const calls = createCallLog();
  const variants = createVariants(contract);
  const contractFaults: ContractFault[] = [];
  const urls = { space: '', iam: '', control: '' };
  const parts: PlaneOptions = {
    contract,
    handlers: {
      ...createIamHandlers(
        tokens,
        () => urls.space,
        () => urls.iam,
      ),
      ...createAgentSignIn(tokens, createSignInLimiter(clock)),
      ...spaceHandlers,
      ...agentHandlers,
    },
    world: () => world,
    tokens,
    rules,
    calls,
    variants: new Map(variants.map((variant) => [variant.name, variant])),
    contractFaults,
  };

  let agentServers = new Map<string, AgentServer>();
  const startAgents = async (): Promise<void> => {
    const started = world.agents.map(async (agent, index) => {
      const listener = createPlaneListener('agent', agent.id, parts);
      return [agent.id, await startAgentServer(agent, listener, port(3 + index))] as const;
    });
    agentServers = new Map(await Promise.all(started));
  };
  const stopAgents = async (): Promise<void> => {
    await Promise.all([...agentServers.values()].map((server) => server.close()));
  };

  const agentAccess = (): AgentAccess[] =>
    world.agents.map(({ id, name, leagueId, consoleIp, consolePort, account }) => ({
      id,
      name,
      leagueId,
      url: `https://${consoleIp}:${consolePort}`,
      ...account,
      certificate: agentServers.get(id)?.certificate ?? '',
    }));

  const info = (): SandboxInfo => ({
    spaceUrl: urls.space,
    iamUrl: urls.iam,
    controlUrl: urls.control,
    projectId: world.tenant.projectId,
    region: world.tenant.regionName,
    account: { domain: world.tenant.domainName, ...world.tenant.account },
    agents: agentAccess(),
  });

  const leaveWorld = (): Promise<void> => {
    world.clock.stop();
    world.executions.abortAll();
    return world.executions.settled();
  };

  const reset = async ({ seed, scale, nowMs }: StateChange & { kind: 'reset' }): Promise<void> => {
    seeding = { seed: seed ?? seeding.seed, scale: scale ?? seeding.scale };
    await leaveWorld();
    await stopAgents();
    tokens.expire();
    world = populate(nowMs);
    await startAgents();
  };

  const changeAgent = async (change: StateChange & { kind: 'agent' }): Promise<void> => {
    const agent = world.agent(change.agentId);
    const server = agentServers.get(change.agentId);
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
  };

  const change = async (asked: StateChange): Promise<void> => {
    switch (asked.kind) {
      case 'reset':
        return reset(asked);
      case 'agent':
        return changeAgent(asked);
      case 'expireTokens':
        return tokens.expire(
          asked.agentId === undefined && asked.plane === undefined
            ? undefined
            : tokenAudience(asked.agentId === undefined ? 'iam' : 'agent', asked.agentId),
        );
      case 'account':
        world.tenant.account.password = asked.password;
        return;
      case 'instance':
        return setInstanceStatus(world, asked.instanceId, asked.status);
      case 'review':
        return reviewJob(world, asked);
    }
  };

  const control = await startPlainServer(
    createControlListener({
      calls,
      rules,
      variants,
      operationIds: new Set(contract.operations.keys()),
      contractFaults,
      world: () => world,
      info,
      seeding: () => seeding,
      change,
    }),
    port(0),
  );
  const space = await startPlainServer(createPlaneListener('space', undefined, parts), port(1));
  const iam = await startPlainServer(createPlaneListener('iam', undefined, parts), port(2));
  Object.assign(urls, { control: control.url, space: space.url, iam: iam.url });
  await startAgents();

  return {
    ...info(),
    get agents() {
      return agentAccess();
    },
    get world() {
      return world;
    },
    client: createSandboxClient(control.url),
    async close() {
      await leaveWorld();
      await Promise.all([stopAgents(), control.close(), space.close(), iam.close()]);
    },
  };
}
