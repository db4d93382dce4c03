import type { components } from '../../upstream/generated/space.d.ts';
import { flag, integer, record, text } from '../../upstream/wire.ts';
import type { OpenEnum } from '../../upstream/openEnum.ts';
import type { Blockchain } from '../leagues/loaders.ts';
import { storageType, type storageTypes } from './enums.ts';

type Schemas = components['schemas'];

/** The machine that an agent runs on. */
export interface AgentMachine {
  readonly nodeId: string | null;
  readonly serverId: string | null;
  readonly name: string | null;
  readonly privateIp: string | null;
  readonly availabilityZone: string | null;
  readonly publicIp: string | null;
  readonly publicIpId: string | null;
  readonly snatRuleId: string | null;
  readonly leagueServerIp: string | null;
  readonly leagueServerSecurityRuleId: string | null;
  readonly endpointServiceId: string | null;
  readonly serverEndpointId: string | null;
  readonly serverEndpointIp: string | null;
}

/** The NAT gateway of an agent. */
export interface NatGateway {
  readonly id: string | null;
  readonly projectId: string | null;
  readonly vpcId: string | null;
  readonly subnetId: string | null;
}

/** The blockchain of an agent. */
export interface AgentBlockchain extends Blockchain {
  readonly organizationHash: string | null;
  readonly address: string | null;
}

/** Deployment of an agent. */
export interface AgentDeployment {
  readonly regionName: string | null;
  readonly creatorId: string | null;
  readonly creatorProjectId: string | null;
  readonly imageId: string | null;
  readonly storageType: OpenEnum<typeof storageTypes>;
  readonly blockchainEnabled: boolean | null;
  readonly monitored: boolean | null;
  readonly natGatewayId: string | null;
  readonly clusterVersion: string | null;
  readonly clusterId: string | null;
  readonly clusterName: string | null;
  readonly namespace: string | null;
  readonly edgeInstanceId: string | null;
  readonly resourceSpec: string | null;
  readonly accessAddress: string | null;
  readonly webPort: number | null;
  readonly consoleIp: string | null;
  readonly consolePort: number | null;
  readonly hostPath: string | null;
  readonly volumeClaimName: string | null;
  readonly persistentStorageId: string | null;
  readonly blockchain: AgentBlockchain | null;
  readonly machine: AgentMachine | null;
  readonly natGateway: NatGateway | null;
}

/** A part of the deployment, or null where the answer leaves it out. */
function part<Part extends object>(facts: Part): Part | null {
  return Object.values(facts).every((fact) => fact === null) ? null : facts;
}

function toBlockchain(wire: Schemas['AgentDeploymentBlockchain']): AgentBlockchain | null {
  return part({
    id: text(wire.block_chain_id),
    name: text(wire.block_chain_name),
    channelName: text(wire.channel_name),
    organizationName: text(wire.org_name),
    organizationHash: text(wire.org_name_hash),
    address: text(wire.bcs_ip),
  });
}

function toMachine(wire: Schemas['AgentDeploymentNode']): AgentMachine | null {
  // The reference's own table garbles the names of these two.
  const { server_to_agent_vpcep_epid: garbledId, server_to_agent_vpcep_ip: garbledIp } = record(wire);
  return part({
    nodeId: text(wire.node_id),
    serverId: text(wire.ecs_server_id),
    name: text(wire.node_name),
    privateIp: text(wire.node_ip),
    availabilityZone: text(wire.node_az),
    publicIp: text(wire.nat_eip),
    publicIpId: text(wire.nat_eip_id),
    snatRuleId: text(wire.snat_rule_id),
    leagueServerIp: text(wire.league_server_snat_ip),
    leagueServerSecurityRuleId: text(wire.league_server_ip_security_group_rule),
    endpointServiceId: text(wire.agent_vpcep_eps_id),
    serverEndpointId: text(wire.server_to_agent_vpcep_epi_id ?? garbledId),
    serverEndpointIp: text(wire.server_to_agent_vpcep_epi_ip ?? garbledIp),
  });
}

function toNatGateway(wire: Schemas['AgentDeploymentGateway']): NatGateway | null {
  return part({
    id: text(wire.nat_id),
    projectId: text(wire.project_id),
    vpcId: text(wire.vpc_id),
    subnetId: text(wire.subnet_id),
  });
}

/** Translates the answer of `GET /v1/{p}/agents/{a}` (6.8.2), except what the agent's list row has too. */
export function toDeployment(wire: Schemas['AgentDeployment']): AgentDeployment {
  const { agent_deploy: profile, agent_deploy_detail: detail } = wire;
  return {
    regionName: text(profile?.league_region_name),
    creatorId: text(profile?.creator_id),
    creatorProjectId: text(profile?.creator_project_id),
    imageId: text(profile?.image_id),
    storageType: storageType(profile?.storage_mount_type),
    blockchainEnabled: flag(profile?.bcs_flag),
    monitored: flag(profile?.aom_flag),
    natGatewayId: text(profile?.nat_id),
    clusterVersion: text(profile?.cce_version),
    clusterId: text(detail?.cce_cluster_id),
    clusterName: text(detail?.cce_cluster_name),
    namespace: text(detail?.namespace_name),
    // In no table of the reference, but answered.
    edgeInstanceId: text(record(detail)['ief_instance_id']),
    resourceSpec: text(detail?.resource_spec_code),
    accessAddress: text(detail?.agent_access_address),
    webPort: integer(detail?.web_port),
    consoleIp: text(detail?.console_ip),
    consolePort: integer(detail?.console_port),
    hostPath: text(detail?.host_path),
    volumeClaimName: text(detail?.obs_pvc_name),
    persistentStorageId: text(detail?.persistence_id),
    blockchain: toBlockchain(wire.agent_deploy_bcs ?? {}),
    machine: toMachine(wire.agent_deploy_node ?? {}),
    natGateway: toNatGateway(wire.agent_deploy_nat ?? {}),
  };
}
