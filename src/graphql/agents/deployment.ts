import { builder } from '../builder.ts';
import { formatOptionalId } from '../shared/ids.ts';
import { openEnum, openEnumFields } from '../shared/enums.ts';
import { DeployType, ComputeNodeStatus } from '../leagues/computeNode.ts';
import { Blockchain } from '../leagues/type.ts';
import type {
  AgentBlockchain as AgentBlockchainShape,
  AgentDeployment as AgentDeploymentShape,
  AgentMachine as AgentMachineShape,
  NatGateway as NatGatewayShape,
} from '../../tics/agents/deployment.ts';
import type { AgentRuntime as AgentRuntimeShape } from '../../tics/agents/runtime.ts';
import { storageTypes } from '../../tics/agents/enums.ts';

const StorageType = openEnum('StorageType', 'Storage that an agent works with.', storageTypes);

/** Agents are nodes of their leagues, in the same states. */
export const AgentStatus = ComputeNodeStatus;

const AgentMachine = builder.objectRef<AgentMachineShape>('AgentMachine').implement({
  description: 'The machine that an agent runs on, and how it is reached.',
  fields: (t) => ({
    nodeTicsId: t.exposeString('nodeId', {
      description: 'Id of the machine; where the agent runs in a cluster, of the cluster’s node.',
    }),
    serverTicsId: t.exposeString('serverId', {
      description: 'Id of the cloud server (ECS); on edge nodes the same as `nodeTicsId`.',
    }),
    name: t.exposeString('name', { description: 'Name of the cloud server.' }),
    privateIp: t.exposeString('privateIp', { description: 'Private IP address of the cloud server.' }),
    availabilityZone: t.exposeString('availabilityZone', { description: 'Availability zone of the cloud server.' }),
    publicIp: t.exposeString('publicIp', { description: 'Public IP address (EIP) at the NAT gateway.' }),
    publicIpTicsId: t.exposeString('publicIpId', { description: 'Id of that public IP address.' }),
    snatRuleTicsId: t.exposeString('snatRuleId', { description: 'Id of the SNAT rule bound to the machine.' }),
    leagueServerIp: t.exposeString('leagueServerIp', {
      description: 'Address from which the league’s server calls; the security group must let it in.',
    }),
    leagueServerSecurityRuleTicsId: t.exposeString('leagueServerSecurityRuleId', {
      description: 'Id of the security group’s rule that lets it in.',
    }),
    endpointServiceTicsId: t.exposeString('endpointServiceId', {
      description: 'Id of the agent’s VPC endpoint service, where it has no public IP address.',
    }),
    serverEndpointTicsId: t.exposeString('serverEndpointId', {
      description: 'Id of the VPC endpoint through which the league’s server reaches the agent.',
    }),
    serverEndpointIp: t.exposeString('serverEndpointIp', { description: 'IP address of that VPC endpoint.' }),
  }),
});

const NatGateway = builder.objectRef<NatGatewayShape>('NatGateway').implement({
  description: 'The NAT gateway that an agent is reached through.',
  fields: (t) => ({
    ticsId: t.exposeString('id', { description: 'Id of the gateway.' }),
    projectTicsId: t.exposeString('projectId', { description: 'Id of the project that the gateway belongs to.' }),
    vpcTicsId: t.exposeString('vpcId', { description: 'Id of the cluster’s virtual private cloud.' }),
    subnetTicsId: t.exposeString('subnetId', { description: 'Id of the cluster’s subnet.' }),
  }),
});

const AgentBlockchain = builder.objectRef<AgentBlockchainShape>('AgentBlockchain').implement({
  description: 'The blockchain of an agent.',
  interfaces: [Blockchain],
  fields: (t) => ({
    organizationHash: t.exposeString('organizationHash', { description: 'Hash of the organization’s name.' }),
    address: t.exposeString('address', { description: 'IP address of the blockchain.' }),
  }),
});

export const AgentDeployment = builder.objectRef<AgentDeploymentShape>('AgentDeployment').implement({
  description: 'How an agent is deployed.',
  fields: (t) => ({
    regionName: t.exposeString('regionName', { description: 'Region of the league that the agent is in.' }),
    creatorTicsId: t.exposeString('creatorId', { description: 'Id of the user who created the agent.' }),
    creatorProjectTicsId: t.exposeString('creatorProjectId', { description: 'Project in which it was created.' }),
    imageTicsId: t.exposeString('imageId', { description: 'Id of the image that the agent runs.' }),
    ...openEnumFields(t, 'storageType', StorageType, 'Storage that the agent works with.'),
    blockchainEnabled: t.exposeBoolean('blockchainEnabled', {
      description: 'Whether a blockchain keeps the evidence of what the agent does.',
    }),
    monitored: t.exposeBoolean('monitored', { description: 'Whether the cloud’s monitoring (AOM) watches the agent.' }),
    natGatewayTicsId: t.exposeString('natGatewayId', { description: 'Id of the NAT gateway that the agent uses.' }),
    clusterTicsId: t.exposeString('clusterId', { description: 'Id of the container cluster (CCE).' }),
    clusterName: t.exposeString('clusterName', { description: 'Name of the container cluster.' }),
    clusterVersion: t.exposeString('clusterVersion', { description: 'Version of the container cluster.' }),
    namespace: t.exposeString('namespace', { description: 'Namespace in the cluster.' }),
    edgeInstanceTicsId: t.exposeString('edgeInstanceId', { description: 'Id of the edge service’s instance (IEF).' }),
    resourceSpec: t.exposeString('resourceSpec', { description: 'Size of the deployment, such as `agent.middle`.' }),
    accessAddress: t.exposeString('accessAddress', { description: 'Address at which people reach the agent.' }),
    webPort: t.exposeInt('webPort', { description: 'Port of the agent’s web pages.' }),
    consoleIp: t.exposeString('consoleIp', { description: 'IP address of the agent’s own API.' }),
    consolePort: t.exposeInt('consolePort', { description: 'Port of the agent’s own API.' }),
    hostPath: t.exposeString('hostPath', { description: 'Path on the host, where the storage is HOST_PATH.' }),
    volumeClaimName: t.exposeString('volumeClaimName', {
      description: 'Volume claim in the cluster, where the storage is OBS.',
    }),
    persistentStorageTicsId: t.exposeString('persistentStorageId', { description: 'Id of the persistent storage.' }),
    blockchain: t.expose('blockchain', {
      type: AgentBlockchain,
      description: 'Where the evidence is kept, if anywhere.',
    }),
    machine: t.expose('machine', { type: AgentMachine, description: 'The machine that the agent runs on.' }),
    natGateway: t.expose('natGateway', {
      type: NatGateway,
      description: 'The NAT gateway that it is reached through.',
    }),
  }),
});

export const AgentRuntime = builder.objectRef<AgentRuntimeShape>('AgentRuntime').implement({
  description: 'State of an agent as it reports it.',
  fields: (t) => ({
    agentId: t.id({
      description: 'The id of the agent as it reports it.',
      resolve: ({ ticsId }) => formatOptionalId('Agent', ticsId),
    }),
    name: t.exposeString('name', { description: 'Name of the agent.' }),
    online: t.exposeBoolean('online', {
      description: 'Whether the agent is connected to its league; null where `status` does not tell.',
    }),
    ...openEnumFields(t, 'status', AgentStatus, 'State of the agent.'),
    trusted: t.exposeBoolean('trusted', { description: 'Whether the agent and its league trust each other.' }),
    trustError: t.exposeString('trustError', {
      description: 'Why trust could not be established; null where it was.',
    }),
    projectTicsId: t.exposeString('projectId', { description: 'Id of the project that the agent belongs to.' }),
    leagueId: t.id({
      resolve: ({ leagueId }) => formatOptionalId('League', leagueId),
      description: 'Id of the league that it has joined.',
    }),
    leagueName: t.exposeString('leagueName', { description: 'Name of that league.' }),
    ...openEnumFields(t, 'deployType', DeployType, 'What the agent is deployed on.'),
    ...openEnumFields(t, 'storageType', StorageType, 'Storage that the agent works with.'),
    vpcTicsId: t.exposeString('vpcId', {
      description: 'Id of the virtual private cloud of the cluster’s node; null outside of clusters.',
    }),
    blockchainEnabled: t.exposeBoolean('blockchainEnabled', {
      description: 'Whether a blockchain keeps the evidence of what the agent does.',
    }),
    blockchainBrowserAddress: t.exposeString('blockchainBrowserAddress', {
      description: 'Address of the blockchain browser; sometimes the port alone, such as `:30603`.',
    }),
  }),
});
