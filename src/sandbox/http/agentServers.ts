import type { RequestListener } from 'node:http';
import type { Agent, World } from '../model/world.ts';
import { startAgentServer, type AgentServer } from './servers.ts';

/** The HTTPS servers of all agents of a world, by agent id. */
export class AgentServers {
  readonly #listenerOf: (agentId: string) => RequestListener;
  readonly #portOf: (index: number) => number;
  #servers = new Map<string, AgentServer>();

  /** `portOf` maps an agent's position to a port; 0 takes any. */
  constructor(listenerOf: (agentId: string) => RequestListener, portOf: (index: number) => number) {
    this.#listenerOf = listenerOf;
    this.#portOf = portOf;
  }

  async start({ agents }: World): Promise<void> {
    const started = agents.map(async (agent: Agent, index) => {
      const server = await startAgentServer(agent, this.#listenerOf(agent.id), this.#portOf(index));
      return [agent.id, server] as const;
    });
    this.#servers = new Map(await Promise.all(started));
  }

  get(agentId: string): AgentServer | undefined {
    return this.#servers.get(agentId);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
  }
}
