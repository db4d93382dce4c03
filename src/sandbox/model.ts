import type {
  Algorithm,
  ApprovalStatus,
  BinningType,
  ConnectorAuthType,
  ConnectorStatus,
  ConnectorType,
  DatasetType,
  DeployStatus,
  DeployType,
  FeatureType,
  HaMode,
  HorizontalPhase,
  InstanceType,
  LabelType,
  LeagueRole,
  LeagueStatus,
  LearningPlatform,
  LearningTask,
  NodeStatus,
  NodeType,
  NoticeStatus,
  PartnerStatus,
  PrivacyPolicy,
  PrivacyProtection,
  PrivacyType,
  Publication,
  ReviewStatus,
  RunStatus,
  StorageType,
  WorkStep,
} from './words.ts';

/** Who signs in where, in clear text: the accounts of an embedded TICS protect nothing. */
export interface Account {
  user: string;
  password: string;
}

/** The tenant the space plane is asked for: ours. */
export interface Tenant {
  domainId: string;
  domainName: string;
  projectId: string;
  regionName: string;
  userId: string;
  account: Account;
}

/** Where a league or an agent keeps its evidence, when it does. */
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

/** A tenant's part in one league. Its alias is unique there; the league's creator is `space_creator`. */
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
  /** For an agent: the agent's id. */
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

/** A trusted computing node (可信计算节点). Those of other partners are known by name only: they are not asked. */
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
  /** TRUST = online and trusted; ONLINE, TRUSTING = online, not trusted; OFFLINE, FAULT = away. */
  nodeStatus: NodeStatus;
  /** Why the agent is not trusted; empty when it is. */
  trustError: string;
  blockchain: Blockchain | undefined;
  cluster: AgentCluster;
  machine: AgentMachine;
  account: Account;
  /** Assigned when the agent's server listens. */
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
  /** What the connector was configured with; passwords are kept out of it. */
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
  /** How many values a discrete feature takes. */
  fieldSize: number | undefined;
  privacyType: PrivacyType | undefined;
  privacyPolicy: PrivacyPolicy;
  /** How the policy is applied, e.g. which digits are masked. */
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
  /** Whether later steps filter by the aligned sample. */
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
  /** Either a table or a file. */
  table: DatasetTable | undefined;
  file: DatasetFile | undefined;
  recordCount: number;
  createdAtMs: number;
  updatedAtMs: number;
}

/** What one partner says of a job that uses its datasets. */
export interface ApprovalRecord {
  partnerAlias: string;
  datasetNames: readonly string[];
  status: ApprovalStatus;
  comment: string;
}

interface JobBase {
  id: string;
  leagueId: string;
  /** The agent it was created on. */
  agentId: string;
  partnerId: string;
  name: string;
  description: string;
  approvalStatus: ApprovalStatus;
  approvals: readonly ApprovalRecord[];
  creatorId: string;
  creatorName: string;
  createdAtMs: number;
  updaterId: string;
  updaterName: string;
  updatedAtMs: number;
  datasetIds: readonly string[];
  /** JSON text, as it was saved. */
  ext: string | undefined;
}

export interface SqlJob extends JobBase {
  type: 'SQL';
  sql: string;
  /** A private lookup (隐匿查询): its runs are PIR_SQL. */
  isPrivateLookup: boolean;
}

export interface HorizontalJob extends JobBase {
  type: 'HFL';
  phase: HorizontalPhase;
  platform: LearningPlatform;
  learningTask: LearningTask | undefined;
  rounds: number | undefined;
  epochs: number | undefined;
  bootFileUrl: string | undefined;
  modelFileUrl: string | undefined;
  initialWeightUrl: string | undefined;
  engineId: string | undefined;
  specId: string | undefined;
  evaluationDatasetName: string | undefined;
}

/** The features of one dataset that a vertical job uses. */
export interface FeatureChoice {
  agentId: string;
  datasetName: string;
  features: readonly string[];
}

interface VerticalModel {
  algorithm: Algorithm;
  learningTask: LearningTask | undefined;
  /** Numbers in text, as the service keeps them. */
  learningRate: string | undefined;
  predictThreshold: string | undefined;
  features: readonly FeatureChoice[];
  label: string | undefined;
  labelDatasetName: string | undefined;
  labelAgentId: string | undefined;
  epochs: number | undefined;
  batchSize: number | undefined;
  treeCount: number | undefined;
  treeDepth: number | undefined;
  splitCount: number | undefined;
  isSinglePredict: boolean | undefined;
}

export interface VerticalJob extends JobBase, VerticalModel {
  type: 'VFL';
  phase: HorizontalPhase;
  platform: LearningPlatform;
  workStep: WorkStep;
  gradientEpsilon: string | undefined;
  binning: BinningType | undefined;
}

export interface PredictionJob extends JobBase, VerticalModel {
  type: 'PREDICT';
  /** The training instance it predicts with. */
  modelInstanceId: string;
}

export type Job = SqlJob | HorizontalJob | VerticalJob | PredictionJob;

/** One run of a job. */
export interface Instance {
  id: string;
  leagueId: string;
  jobId: string;
  jobName: string;
  type: InstanceType;
  status: RunStatus;
  /** When it entered that state. */
  statusSinceMs: number;
  startedAtMs: number;
  /** When it left PENDING; undefined before. */
  runningAtMs: number | undefined;
  endedAtMs: number | undefined;
  /** Rounds it will take; World.roundOf tells which it is in. */
  rounds: number;
  /** How long it will take from RUNNING to its end. */
  runMs: number;
  /** How it will end (or ended, unless it was stopped). */
  outcome: 'SUCCEEDED' | 'FAILED';
  /** Refused by the privacy rules: it ends FAILED and counts as intercepted. */
  intercepted: boolean;
  /** The agent that started it, and that agent's partner. */
  agentId: string;
  partnerId: string;
  executorName: string;
  /** Every agent that takes part: the starter and the owners of the datasets. */
  agentIds: readonly string[];
  datasetIds: readonly string[];
  isSinglePredict: boolean | undefined;
  /** JSON text of the parameters it was started with. */
  ext: string | undefined;
}

/** Somebody joins, is invited to, or leaves a league; the partner's state is the notice's. */
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

/** An agent is asked whether a job may use its datasets. */
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
  /** Status and end are the instance's. */
  | { readonly kind: 'run'; readonly instanceId: string }
  | { readonly kind: 'publication'; readonly datasetId: string }
  | { readonly kind: 'membership'; readonly partnerId: string };

export interface AuditEvent {
  id: number;
  leagueId: string;
  startedAtMs: number;
  partnerId: string;
  agentId: string | undefined;
  subject: AuditSubject;
}
