import { numberedPage, timestamp } from '../contract/formats.ts';
import type { Handlers } from '../contract/handler.ts';
import { isOnline, isTrusted, type Connector } from '../model/world.ts';
import { ownAgent, pageParameters, textParameter } from './access.ts';

const blockchainBrowserPort = 30603;

function connectorRow({ id, name, type, createdAtMs, settings, status }: Connector) {
  return {
    id,
    name,
    status,
    connector_type: type,
    create_time: timestamp(createdAtMs),
    // Local files have no settings: the service then writes an empty object instead of JSON text.
    ext_info: Object.keys(settings).length === 0 ? {} : JSON.stringify(settings),
    connector_status: status,
  };
}

export const agentSelfHandlers: Handlers = {
  /** §7.2.1: booleans are strings here. */
  getAgentRuntime(request, world) {
    const agent = ownAgent(request, world);
    return {
      status: 200,
      body: {
        trusted: String(isTrusted(agent)),
        status: isOnline(agent) ? 'ONLINE' : 'OFFLINE',
        agent_id: agent.id,
        agent_name: agent.name,
        project_id: world.tenant.projectId,
        league_id: agent.leagueId,
        league_name: world.league(agent.leagueId)?.name ?? '',
        cluster_type: agent.deployType,
        storage_type: agent.storage,
        cce_vpc_id: agent.deployType === 'CCE' ? agent.cluster.vpcId : '',
        bcs_enable: String(agent.blockchain !== undefined),
        bcs_endpoint: `${agent.blockchain?.browserIp ?? ''}:${blockchainBrowserPort}`,
        error_msg: isTrusted(agent) ? '' : agent.trustError,
      },
    };
  },

  /** §7.3.2 */
  listConnectors(request, world) {
    const wanted = textParameter(request, 'connector_query_type');
    const connectors = world
      .connectorsOfAgent(ownAgent(request, world).id)
      .filter(({ type }) => wanted === undefined || type === wanted);
    return { status: 200, body: numberedPage(connectors, pageParameters(request), connectorRow) };
  },
};
