import type {
  ConnectorAuthType,
  ConnectorStatus,
  ConnectorType,
  DatasetType,
  DeployStatus,
  DeployType,
  FeatureType,
  HaMode,
  LabelType,
  LeagueRole,
  LeagueStatus,
  NodeStatus,
  NodeType,
  NoticeStatus,
  PartnerStatus,
  PrivacyPolicy,
  PrivacyProtection,
  PrivacyType,
  Publication,
  ReviewStatus,
  StorageType,
} from './enums.ts';

export type * from './jobs.ts';

/** Credentials in plain text: the accounts of an embedded TICS protect nothing. */
export interface Account {
  user: string;
  password: string;
}

/** The tenant of the space plane: ours. */
export interface Tenant {
  domainId: string;
  domainName: string;
  projectId: string;
  regionName: string;
  userId: string;
  account: Account;
}

/** Settings of the blockchain that records evidence. */
export interface Blockchain {
  browserIp: string;
  channelName: string;
  organizationName: string;
  organizationHash: string;
  instanceId: string;
  instanceName: string;
}

export interface League {
  id: string;
  name: string;
  description: string;
  role: LeagueRole;
  status: LeagueStatus;
  version: string;
  createdAtMs: number;
  /** 0 = never. */
  expiresAtMs: number;
  creatorId: string;
  creatorName: string;
  accessControlled: boolean;
  approvalRequired: boolean;
  privacyProtection: PrivacyProtection;
  differentialPrivacy: boolean;
  resourceSpec: string;
  blockchain: Blockchain | undefined;
}

/** A tenant's membership of a league. Its alias is unique there; the creator's is `space_creator`. */
export interface Partner {
  id: string;
  leagueId: string;
  domainId: string;
  domainName: string;
  projectId: string;
  alias: string;
  status: PartnerStatus;
  isOwn: boolean;
  joinedAtMs: number;
}

/** An aggregator, its manager or the control node of a league, or a high-availability agent's standby. */
export interface LeagueNode {
  /** The agent's id for agents. */
  id: string;
  leagueId: string;
  name: string;
  type: NodeType;
  deployType: DeployType;
  status: NodeStatus;
  haMode: HaMode | undefined;
  partnerAlias: string | undefined;
  createdAtMs: number;
  updatedAtMs: number;
}

export interface AgentCluster {
  id: string;
  name: string;
  version: string;
  namespace: string;
  resourceSpec: string;
  webPort: number;
  accessAddress: string;
  /** Only with HOST_PATH storage. */
  hostPath: string | undefined;
  /** Only with OBS storage. */
  obsPvcName: string | undefined;
  persistenceId: string;
  vpcId: string;
  subnetId: string;
  natId: string;
  monitored: boolean;
}

export interface AgentMachine {
  id: string;
  serverId: string;
  name: string;
  ip: string;
  zone: string;
  natIp: string;
  natIpId: string;
  snatRuleId: string;
  endpointServiceId: string;
  serverToAgentEndpointId: string;
  serverToAgentEndpointIp: string;
  leagueServerSecurityRule: string;
  leagueServerSnatIp: string;
  iefInstanceId: string | undefined;
}

/** A trusted computing node (可信计算节点). Other partners' agents cannot be called. */
export interface Agent {
  id: string;
  name: string;
  leagueId: string;
  partnerId: string;
  isOwn: boolean;
  createdAtMs: number;
  updatedAtMs: number;
  creatorId: string;
  creatorName: string;
  creatorDomainId: string;
  creatorProjectId: string;
  imageId: string;
  version: string;
  deployType: DeployType;
  deployStatus: DeployStatus;
  deployEvent: string;
  highAvailability: boolean;
  deletable: boolean;
  upgradable: boolean;
  storage: StorageType;
  /** TRUST is trusted; ONLINE and TRUSTING are reachable, not trusted; OFFLINE and FAULT are unreachable. */
  nodeStatus: NodeStatus;
  /** Why it is not trusted; else empty. */
  trustError: string;
  blockchain: Blockchain | undefined;
  cluster: AgentCluster;
  machine: AgentMachine;
  account: Account;
  /** Assigned when its server listens. */
  consoleIp: string;
  consolePort: number;
}

export interface Connector {
  id: string;
  agentId: string;
  name: string;
  type: ConnectorType;
  status: ConnectorStatus;
  authType: ConnectorAuthType;
  /** Connector settings without passwords. */
  settings: Readonly<Record<string, string>>;
  createdAtMs: number;
}

export interface DatasetColumn {
  name: string;
  /** STRING, INTEGER, FLOAT, DECIMAL, DATE, … */
  dataType: string;
  comment: string;
  length: number | undefined;
  scale: number | undefined;
  labelType: LabelType | undefined;
  featureType: FeatureType | undefined;
  /** Number of values of a discrete feature. */
  fieldSize: number | undefined;
  privacyType: PrivacyType | undefined;
  privacyPolicy: PrivacyPolicy;
  /** Parameters of the policy, for example which digits are masked. */
  privacyPolicyText: string | undefined;
}

export interface DatasetTable {
  schema: string;
  name: string;
}

export interface DatasetFile {
  fileType: string;
  delimiter: string;
  hasHeader: boolean;
  dataPath: string;
  idPath: string;
  configPath: string;
  /** True when later steps filter by the aligned sample. */
  autoGenerate: boolean;
  multihot: readonly { features: readonly string[]; fieldSize: number }[];
}

export interface Dataset {
  id: string;
  leagueId: string;
  agentId: string;
  partnerId: string;
  connectorId: string;
  connectorName: string;
  name: string;
  description: string;
  type: DatasetType;
  publication: Publication;
  columns: readonly DatasetColumn[];
  extraColumns: readonly DatasetColumn[];
  /** Either `table` or `file` is set. */
  table: DatasetTable | undefined;
  file: DatasetFile | undefined;
  recordCount: number;
  createdAtMs: number;
  updatedAtMs: number;
  /** The published version of a dataset that was edited since. */
  leagueView?: Dataset | undefined;
}

/** A membership request; the partner's status is its status. */
export interface MembershipNotice {
  id: string;
  leagueId: string;
  partnerId: string;
  creatorId: string;
  creatorName: string;
  createdAtMs: number;
  updaterId: string;
  updaterName: string;
  updatedAtMs: number;
}

/** Asks an agent whether a job may use its datasets. */
export interface ApprovalNotice {
  id: string;
  agentId: string;
  leagueId: string;
  jobId: string;
  creatorPartnerAlias: string;
  /** Always DATASET_USE_APPROVAL in the seeded world. */
  type: string;
  status: NoticeStatus;
  reviewStatus: ReviewStatus;
  message: string;
  datasetIds: readonly string[];
  createdAtMs: number;
  /** 0 = not handled. */
  handledAtMs: number;
}

export type AuditSubject =
  /** Status and end are those of the instance. */
  | { readonly kind: 'run'; readonly instanceId: string }
  | { readonly kind: 'publication'; readonly datasetId: string; readonly datasetName: string }
  /** Any other action, as the service words it: `create job [x] id: [y]`. */
  | { readonly kind: 'action'; readonly action: string }
  | { readonly kind: 'membership'; readonly partnerId: string };

export interface AuditEvent {
  id: number;
  leagueId: string;
  startedAtMs: number;
  partnerId: string;
  agentId: string | undefined;
  subject: AuditSubject;
}
