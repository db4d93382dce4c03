import type { Random } from '../model/random.ts';
import type {
  Agent,
  AgentCluster,
  AgentMachine,
  Connector,
  ConnectorType,
  DeployStatus,
  DeployType,
  League,
  LeagueNode,
  NodeStatus,
  Partner,
  StorageType,
  Tenant,
} from '../model/world.ts';
import { dayMs, seedBlockchain, userIdOf, usersOf } from './leagues.ts';
import { ownAgentNames } from './names.ts';

export interface SeededAgents {
  readonly agents: Agent[];
  readonly partnerAgents: Agent[];
  /** Standbys of high-availability agents. */
  readonly standbys: LeagueNode[];
  readonly connectors: Connector[];
}

/** What distinguishes an agent. */
interface Condition {
  readonly nodeStatus: NodeStatus;
  readonly deployStatus: DeployStatus;
  readonly deployEvent: string;
  readonly trustError: string;
}
const healthy: Condition = {
  nodeStatus: 'TRUST',
  deployStatus: 'RUNNING',
  deployEvent: 'Agent container is running',
  trustError: '',
};
const offline: Condition = {
  nodeStatus: 'OFFLINE',
  deployStatus: 'ABNORMAL',
  deployEvent: 'Closing agent container',
  trustError: '',
};
const untrusted: Condition = {
  nodeStatus: 'ONLINE',
  deployStatus: 'UPGRADE_FAILED',
  deployEvent: 'Upgrade failed, agent runs the previous image',
  trustError: '证书已过期，互信失败',
};

/**
 * At least one own agent per league. The first additional one is offline, the second not trusted; the very first is
 * deployed for high availability. Other partners have one agent each.
 */
export function seedAgents(
  root: Random,
  tenant: Tenant,
  { leagues, partners, agentCount }: { leagues: readonly League[]; partners: readonly Partner[]; agentCount: number },
): SeededAgents {
  const seeded: SeededAgents = { agents: [], partnerAgents: [], standbys: [], connectors: [] };
  for (let index = 0; index < Math.max(agentCount, leagues.length); index++) {
    const league = leagues[index % leagues.length];
    const partner = partners.find((candidate) => candidate.isOwn && candidate.leagueId === league?.id);
    if (!league || !partner) throw new Error('we have a part in every league');
    const extra = index - leagues.length;
    const condition = extra === 0 ? offline : extra === 1 ? untrusted : healthy;
    const name = ownAgentNames[index] ?? `agent_${root.fork(`agent-name/${index}`).id().slice(0, 4)}`;
    const agent = seedAgent(root, root.fork(`agent/${index}`), league, partner, { name, index, condition });
    seeded.agents.push(agent);
    if (agent.highAvailability) seeded.standbys.push(standbyOf(root.fork(`standby/${index}`), agent, partner.alias));
    seeded.connectors.push(...seedConnectors(root.fork(`connectors/${index}`), agent, index));
  }
  for (const partner of partners.filter(({ isOwn, status }) => !isOwn && status === 'JOINED')) {
    const league = leagues.find(({ id }) => id === partner.leagueId);
    if (!league) continue;
    const random = root.fork(`partner-agent/${partner.id}`);
    const name = `agent_${partner.domainName.split('_')[0] ?? ''}_${random.id().slice(0, 4)}`;
    const agent = seedAgent(root, random, league, partner, { name, index: random.int(1, 9), condition: healthy });
    seeded.partnerAgents.push(agent);
    seeded.connectors.push(...seedConnectors(random.fork('connectors'), agent, random.int(0, 9)));
  }
  return seeded;

  function seedAgent(
    users: Random,
    random: Random,
    league: League,
    partner: Partner,
    { name, index, condition }: { name: string; index: number; condition: Condition },
  ): Agent {
    const deployType: DeployType = index % 4 === 1 ? 'IEF' : 'CCE';
    const storage: StorageType = deployType === 'CCE' ? (index % 3 === 2 ? 'SFS_TURBO' : 'OBS') : 'HOST_PATH';
    const id = random.id();
    const creatorName = partner.isOwn ? tenant.account.user : (usersOf(partner.domainName)[0] ?? '');
    const createdAtMs = partner.joinedAtMs + random.int(60, 600) * 60_000;
    return {
      id,
      name,
      leagueId: league.id,
      partnerId: partner.id,
      isOwn: partner.isOwn,
      createdAtMs,
      updatedAtMs: createdAtMs + random.int(1, 60) * dayMs,
      creatorId: userIdOf(users, partner.domainName, creatorName),
      creatorName,
      creatorDomainId: partner.domainId,
      creatorProjectId: partner.projectId,
      imageId: String(random.int(100, 140)),
      version: condition === untrusted ? '1.14.2' : league.version,
      deployType,
      ...condition,
      highAvailability: partner.isOwn && index === 0,
      deletable: condition === offline,
      upgradable: condition === untrusted || league.status === 'UPDATING',
      storage,
      blockchain: index % 3 === 0 ? (league.blockchain ?? seedBlockchain(random)) : undefined,
      cluster: seedCluster(random, id, deployType, storage),
      machine: seedMachine(random, id, deployType, tenant.regionName),
      account: { user: 'admin', password: `Agent@${random.id().slice(0, 8)}` },
      consoleIp: '127.0.0.1',
      consolePort: 0,
    };
  }
}

function seedCluster(random: Random, agentId: string, deployType: DeployType, storage: StorageType): AgentCluster {
  return {
    id: random.uuid(),
    name: `tics-agent-${agentId}`,
    version: random.pick(['v1.19.10', 'v1.21.7', 'v1.25.3']),
    namespace: deployType === 'CCE' ? 'default' : 'tics',
    resourceSpec: random.pick(['agent.small', 'agent.middle', 'agent.large']),
    webPort: random.int(30_000, 31_999),
    accessAddress: `https://192.0.2.${random.int(10, 200)}:${random.int(30_000, 31_999)}`,
    hostPath: storage === 'HOST_PATH' ? '/tics' : undefined,
    obsPvcName: storage === 'OBS' ? `cce-obs-${agentId}` : undefined,
    persistenceId: `pvc-${random.uuid()}`,
    vpcId: deployType === 'CCE' ? random.uuid() : '',
    subnetId: random.uuid(),
    natId: random.uuid(),
    monitored: random.chance(0.5),
  };
}

function seedMachine(random: Random, agentId: string, deployType: DeployType, regionName: string): AgentMachine {
  const serverId = random.uuid();
  return {
    id: deployType === 'CCE' ? random.uuid() : serverId,
    serverId,
    name: `node-${agentId}-0`,
    ip: `198.51.100.${random.int(2, 250)}`,
    zone: `${regionName}${random.pick(['a', 'b', 'c'])}`,
    natIp: `203.0.113.${random.int(2, 250)}`,
    natIpId: random.uuid(),
    snatRuleId: random.uuid(),
    endpointServiceId: random.uuid(),
    serverToAgentEndpointId: random.uuid(),
    serverToAgentEndpointIp: `198.51.100.${random.int(2, 250)}`,
    leagueServerSecurityRule: random.uuid(),
    leagueServerSnatIp: `203.0.113.${random.int(2, 250)}`,
    iefInstanceId: deployType === 'IEF' ? random.uuid() : undefined,
  };
}

function standbyOf(random: Random, agent: Agent, alias: string): LeagueNode {
  return {
    id: random.id(),
    leagueId: agent.leagueId,
    name: `${agent.name}_standby`,
    type: 'AGENT',
    deployType: agent.deployType,
    status: 'ONLINE',
    haMode: 'STANDBY',
    partnerAlias: alias,
    createdAtMs: agent.createdAtMs + 60_000,
    updatedAtMs: agent.updatedAtMs,
  };
}

const databases = ['RDS_MYSQL', 'MRS', 'DWS', 'MYSQL', 'ORACLE'] as const;

/** LOCAL on every agent, three databases in turn, and some broken JDBC connectors. */
function seedConnectors(random: Random, agent: Agent, index: number): Connector[] {
  const types: ConnectorType[] = ['LOCAL'];
  for (let position = 0; position < 3; position++)
    types.push(databases[(index + position) % databases.length] ?? 'MRS');
  if (index % 3 === 2) types.push('JDBC');
  return types.map((type, position) => ({
    id: random.id(),
    agentId: agent.id,
    name: type === 'LOCAL' ? 'localConnector' : `${type.toLowerCase()}_${random.pick(['prod', 'test', 'dw'])}`,
    type,
    status: type === 'JDBC' ? (index % 2 === 0 ? 'ABNORMAL' : 'STARTING') : 'NORMAL',
    authType: type === 'MRS' && index % 2 === 1 ? 'AK_SK' : 'PWD',
    settings: settingsOf(random, type),
    createdAtMs: agent.createdAtMs + (position + 1) * 3_600_000,
  }));
}

function settingsOf(random: Random, type: ConnectorType): Readonly<Record<string, string>> {
  const host = `198.51.100.${random.int(2, 250)}`;
  const user = { user_name: random.pick(['reader', 'tics', 'report']) };
  switch (type) {
    case 'LOCAL':
      return {};
    case 'MRS':
      return { master_node_ip: host, cluster_id: random.uuid(), ...user };
    case 'RDS_MYSQL':
      return {
        rds: `${random.id()}in01`,
        jdbc_url: `jdbc:mysql://${host}:3306`,
        driver_name: 'mysql-connector-java-8.0.20.jar',
        properties: '',
        ...user,
      };
    case 'DWS':
      return {
        dws: random.uuid(),
        jdbc_url: `jdbc:postgresql://${host}:8000/postgres`,
        driver_name: 'dws-jdbc-1.7.1.jar',
        properties: '',
        ...user,
      };
    case 'MYSQL':
    case 'JDBC':
      return {
        jdbc_url: `jdbc:mysql://${host}:3306`,
        driver_name: 'mysql-connector-java-8.0.20.jar',
        properties: 'useSSL=true',
        ...user,
      };
    case 'ORACLE':
      return { database_name: 'ORCL', database_ip: host, database_port: '1521', ...user };
  }
}
