import { recordPage, timestamp } from '../contract/formats.ts';
import type { Handlers } from '../contract/handler.ts';
import type { Agent, World } from '../model/world.ts';
import { requestedAgent, ok, containsIgnoreCase, pageParameters, textParameter } from './request.ts';

export const agentHandlers: Handlers = {
  /** §6.8.1: both filters are fuzzy. */
  listAgents(request, world) {
    const agentName = textParameter(request, 'agent_name');
    const leagueName = textParameter(request, 'league_name');
    const agents = world.agents.filter(
      ({ name, leagueId }) =>
        containsIgnoreCase(name, agentName) && containsIgnoreCase(world.league(leagueId)?.name ?? '', leagueName),
    );
    return ok(recordPage(agents, pageParameters(request), (agent) => agentRow(world, agent)));
  },

  /** §6.8.2 */
  getAgentDeployment(request, world) {
    const agent = requestedAgent(request, world);
    return ok({
      agent_deploy: profile(world, agent),
      agent_deploy_detail: detail(agent),
      agent_deploy_bcs: blockchain(agent),
      agent_deploy_node: machine(agent),
      agent_deploy_nat: {
        nat_id: agent.cluster.natId,
        project_id: agent.creatorProjectId,
        vpc_id: agent.cluster.vpcId,
        subnet_id: agent.cluster.subnetId,
      },
    });
  },
};

function agentRow(world: World, agent: Agent) {
  const league = world.league(agent.leagueId);
  return {
    agent_id: agent.id,
    agent_name: agent.name,
    league_id: agent.leagueId,
    league_name: league?.name ?? null,
    league_version: league?.version ?? null,
    image_version: agent.version,
    creator_domain_id: agent.creatorDomainId,
    creator_user_name: agent.creatorName,
    create_time: timestamp(agent.createdAtMs),
    deploy_type: agent.deployType,
    deploy_status: agent.deployStatus,
    deployment_event_information: agent.deployEvent,
    enable_delete: agent.deletable,
    enable_upgrade: agent.upgradable,
    // The service writes it under two names.
    is_high_avail: agent.highAvailability,
    highAvail: agent.highAvailability,
  };
}

function profile(world: World, agent: Agent) {
  const league = world.league(agent.leagueId);
  return {
    agent_id: agent.id,
    agent_name: agent.name,
    league_region_name: world.tenant.regionName,
    league_id: agent.leagueId,
    league_name: league?.name ?? null,
    league_version: league?.version ?? null,
    image_id: agent.imageId,
    image_version: agent.version,
    creator_project_id: agent.creatorProjectId,
    creator_name: agent.creatorName,
    creator_id: agent.creatorId,
    creator_domain_id: agent.creatorDomainId,
    create_time: timestamp(agent.createdAtMs),
    storage_mount_type: agent.storage,
    deploy_type: agent.deployType,
    deploy_status: agent.deployStatus,
    deployment_event_information: agent.deployEvent,
    bcs_flag: agent.blockchain !== undefined,
    cce_version: agent.cluster.version,
    aom_flag: agent.cluster.monitored,
    nat_id: agent.cluster.natId,
    high_avail: agent.highAvailability,
  };
}

function detail({ id, cluster, machine, consoleIp, consolePort }: Agent) {
  return {
    agent_id: id,
    agent_access_address: cluster.accessAddress,
    namespace_name: cluster.namespace,
    resource_spec_code: cluster.resourceSpec,
    ief_instance_id: machine.iefInstanceId ?? null,
    cce_cluster_id: cluster.id,
    cce_cluster_name: cluster.name,
    console_ip: consoleIp,
    console_port: consolePort,
    web_port: cluster.webPort,
    host_path: cluster.hostPath ?? null,
    obs_pvc_name: cluster.obsPvcName ?? null,
    persistence_id: cluster.persistenceId,
  };
}

function blockchain({ id, blockchain: chain }: Agent) {
  return chain
    ? {
        agent_id: id,
        bcs_ip: chain.browserIp,
        block_chain_id: chain.instanceId,
        block_chain_name: chain.instanceName,
        channel_name: chain.channelName,
        org_name: chain.organizationName,
        org_name_hash: chain.organizationHash,
      }
    : null;
}

function machine({ id, machine: node }: Agent) {
  return {
    ecs_server_id: node.serverId,
    node_id: node.id,
    agent_id: id,
    node_ip: node.ip,
    node_name: node.name,
    node_az: node.zone,
    nat_eip: node.natIp,
    nat_eip_id: node.natIpId,
    snat_rule_id: node.snatRuleId,
    league_server_snat_ip: node.leagueServerSnatIp,
    league_server_ip_security_group_rule: node.leagueServerSecurityRule,
    agent_vpcep_eps_id: node.endpointServiceId,
    server_to_agent_vpcep_epi_id: node.serverToAgentEndpointId,
    server_to_agent_vpcep_epi_ip: node.serverToAgentEndpointIp,
  };
}
