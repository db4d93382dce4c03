import type { components } from '../../upstream/generated/space.d.ts';
import { memo } from '../../upstream/memo.ts';
import { readRows, type Page, type ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import { instant, text } from '../../upstream/wire.ts';
import { openEnumReader, type OpenEnum } from '../../upstream/openEnum.ts';

/** Kinds of nodes. */
export const nodeTypes = {
  AGENT: 'An agent: the trusted computing node of a partner.',
  AGG: 'An aggregator, which joins what the agents computed.',
  AGG_MANAGER: 'A manager of aggregators.',
  SERVER: 'The control node of the league.',
} as const;

/** States of a node, agents included. UNKNOWN is also a value of the service. */
export const nodeStatuses = {
  INIT: 'Set up, not connected yet.',
  OFFLINE: 'Not reachable.',
  ONLINE: 'Reachable, not trusted.',
  FAULT: 'Faulty.',
  TRUSTING: 'Reachable; trust is being established.',
  TRUST: 'Reachable and trusted.',
} as const;

/** Where nodes are deployed, agents included. */
export const deployTypes = {
  CCE: 'A cluster of the cloud container engine (CCE).',
  IEF: 'An edge node (IEF).',
  EXTERNAL: 'A machine outside the cloud.',
} as const;

/** Roles of a node in a high-availability pair. */
export const haModes = {
  ACTIVE: 'It does the work.',
  STANDBY: 'It waits to take over.',
} as const;

const nodeType = openEnumReader(nodeTypes);
/** Reads the state of a node. */
export const nodeStatus = openEnumReader(nodeStatuses);
/** Reads the platform of a node. */
export const deployType = openEnumReader(deployTypes);
const haMode = openEnumReader(haModes);

/** A node of a league. */
export interface ComputeNode {
  readonly ticsId: string | null;
  readonly name: string | null;
  readonly type: OpenEnum<typeof nodeTypes>;
  readonly status: OpenEnum<typeof nodeStatuses>;
  readonly deployType: OpenEnum<typeof deployTypes>;
  /** Null for a node that has no standby. */
  readonly haMode: OpenEnum<typeof haModes> | null;
  readonly partnerAlias: string | null;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
}

function toNode(wire: components['schemas']['LeagueNodeRow']): ComputeNode {
  return {
    ticsId: text(wire.node_id),
    name: text(wire.node_name),
    type: nodeType(wire.ne_node_type),
    status: nodeStatus(wire.ne_status),
    deployType: deployType(wire.ne_deploy_type),
    haMode: text(wire.ha_mode) ? haMode(wire.ha_mode) : null,
    partnerAlias: text(wire.partner_alias),
    createdAt: instant(wire.create_time),
    updatedAt: instant(wire.update_time),
  };
}

/** `GET /v1/{p}/leagues/{l}/nodes` (6.2.3): offset and limit count records. */
export function createNodeLists({ space }: Planes): (leagueId: string) => ReadPage<ComputeNode> {
  const page = memo(
    async ({ leagueId, ...query }: { leagueId: string; offset: number; limit: number }): Promise<Page<ComputeNode>> => {
      const answer = await space.read('listLeagueNodes', { path: { league_id: leagueId }, query });
      return readRows('listLeagueNodes', answer, toNode);
    },
  );
  return (leagueId) => (offset, limit) => page({ leagueId, offset, limit });
}
