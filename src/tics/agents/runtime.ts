import type { components } from '../../upstream/generated/agent.d.ts';
import { flag, text } from '../../upstream/wire.ts';
import type { OpenEnum } from '../../upstream/openEnum.ts';
import {
  deployType,
  agentStatus,
  storageType,
  type deployTypes,
  type agentStatuses,
  type storageTypes,
} from './enums.ts';

/** Runtime of an agent, from its own plane. */
export interface AgentRuntime {
  readonly ticsId: string | null;
  readonly name: string | null;
  readonly status: OpenEnum<typeof agentStatuses>;
  readonly online: boolean | null;
  readonly trusted: boolean | null;
  readonly trustError: string | null;
  readonly projectId: string | null;
  readonly leagueId: string | null;
  readonly leagueName: string | null;
  readonly deployType: OpenEnum<typeof deployTypes>;
  readonly storageType: OpenEnum<typeof storageTypes>;
  readonly vpcId: string | null;
  readonly blockchainEnabled: boolean | null;
  readonly blockchainBrowserAddress: string | null;
}

const onlineWhen = {
  INIT: false,
  OFFLINE: false,
  ONLINE: true,
  FAULT: false,
  TRUSTING: true,
  TRUST: true,
  UNKNOWN: null,
};

/** True when an agent in this state is connected to its league. Null for states that do not decide it. */
export function isOnline({ value }: AgentRuntime['status']): boolean | null {
  return onlineWhen[value];
}

/** Translates the answer of `GET /v1/agents` (7.2.1). */
export function toRuntime(wire: components['schemas']['AgentRuntime']): AgentRuntime {
  const status = agentStatus(wire.status);
  return {
    ticsId: text(wire.agent_id),
    name: text(wire.agent_name),
    status,
    online: isOnline(status),
    trusted: flag(wire.trusted),
    // Empty when there is no error.
    trustError: text(wire.error_msg) || null,
    projectId: text(wire.project_id),
    leagueId: text(wire.league_id),
    leagueName: text(wire.league_name),
    deployType: deployType(wire.cluster_type),
    storageType: storageType(wire.storage_type),
    vpcId: text(wire.cce_vpc_id) || null,
    blockchainEnabled: flag(wire.bcs_enable),
    blockchainBrowserAddress: text(wire.bcs_endpoint),
  };
}
