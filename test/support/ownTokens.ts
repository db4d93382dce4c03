import { createHash } from 'node:crypto';
import type { Sandbox } from '../../src/sandbox/start.ts';
import { signInToAgent, signInToIam } from '../../src/tics/planes/signIn.ts';
import { createDispatcher } from '../../src/upstream/dispatcher.ts';
import { silentObserver } from '../../src/upstream/observer.ts';
import { configFor } from './gateway.ts';

/** Tokens that a user got from TICS without the gateway. */
export interface UserTokens {
  readonly iam: string;
  /** By agent id. */
  readonly agents: Readonly<Record<string, string>>;
}

/** Signs in at IAM and at agents, as users do. */
export async function signIn(sandbox: Sandbox, agentIds: readonly string[]): Promise<UserTokens> {
  const config = configFor(sandbox);
  const iam = createDispatcher(config.iamUrl);
  const { value } = await signInToIam(iam, config, silentObserver);
  await iam.close();
  const agents: Record<string, string> = {};
  for (const agent of config.agents) {
    if (!agentIds.includes(agent.id) || agent.url === undefined) continue;
    const pool = createDispatcher(agent.url, { certificate: agent.certificate });
    agents[agent.id] = (await signInToAgent(pool, agent.url, agent, silentObserver)).value;
    await pool.close();
  }
  return { iam: value, agents };
}

/** The headers, or fields of `connection_init`, that bring tokens. */
export function headersOf({ iam, agents }: Partial<UserTokens>): Record<string, string> {
  const pairs = Object.entries(agents ?? {}).map(([id, token]) => `${id}=${token}`);
  return {
    ...(iam !== undefined && { 'X-Auth-Token': iam }),
    ...(pairs.length > 0 && { 'X-Agent-Token': pairs.join(', ') }),
  };
}

/** As the call log of the embedded TICS names a token. */
export function fingerprintOf(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 12);
}
