/** Enumerations of the service. No other file spells their values. */

/** Statuses of a run, in order. `SUBMITING` is the service's spelling. */
export const runStatuses = [
  'NEW',
  'SUBMITING',
  'ACCEPTED',
  'DEPLOYING',
  'PENDING',
  'RUNNING',
  'TERMINATING',
  'SUCCEEDED',
  'FAILED',
  'TERMINATED',
] as const;
export type RunStatus = (typeof runStatuses)[number];

const terminalStatuses: ReadonlySet<RunStatus> = new Set<RunStatus>(['SUCCEEDED', 'FAILED', 'TERMINATED']);
export function isTerminal(status: RunStatus): boolean {
  return terminalStatuses.has(status);
}

/** PIR_SQL is listed for the agent plane only (7.10.2, 7.11.5): private lookups run as SQL here. */
export const instanceTypes = [
  'SQL',
  'HFL',
  'VFL_ID_TRUNCATION',
  'VFL_SAMPLE_ALIGNMENT',
  'VFL_FEATURE_SELECTION',
  'VFL_TRAIN',
  'VFL_EVALUATE',
  'VFL_PREDICT',
] as const;
export type InstanceType = (typeof instanceTypes)[number];

export const jobTypes = ['SQL', 'HFL', 'VFL', 'PREDICT'] as const;
export type JobType = (typeof jobTypes)[number];

export const approvalStatuses = ['NEW', 'APPROVING', 'APPROVED', 'REJECTED', 'REVOKED'] as const;
export type ApprovalStatus = (typeof approvalStatuses)[number];

/** Review status of an approval notice. */
export type ReviewStatus = 'NEW' | 'APPROVING' | 'PASS' | 'REJECT';
export type NoticeStatus = 'OPEN' | 'DONE' | 'REVOKED';

export type LeagueRole = 'OWNER' | 'PARTNER';
export type LeagueStatus =
  | 'CREATING'
  | 'CREATE_FAILED'
  | 'NORMAL'
  | 'UPDATING'
  | 'UPDATE_FAILED'
  | 'ROLLING'
  | 'ROLL_FAILED'
  | 'DELETING'
  | 'DELETE_FAILED'
  | 'DELETED';
export type PrivacyProtection = 'STANDARD' | 'HIGH';
export type PartnerStatus = 'JOINED' | 'JOIN_PENDING_APPROVAL' | 'JOIN_REJECTED' | 'QUIT';

export type NodeType = 'AGENT' | 'AGG' | 'AGG_MANAGER' | 'SERVER';
export type NodeStatus = 'INIT' | 'UNKNOWN' | 'OFFLINE' | 'ONLINE' | 'FAULT' | 'TRUSTING' | 'TRUST';
export type HaMode = 'ACTIVE' | 'STANDBY';

/** EXTERNAL is listed for 6.8.1 only: no agent here is deployed so. */
export type DeployType = 'CCE' | 'IEF';
export type DeployStatus =
  | 'ABNORMAL'
  | 'RESTARTING'
  | 'DEPLOYING'
  | 'DEPLOY_FAILED'
  | 'DEPLOY_SUCCESS'
  | 'RUNNING'
  | 'UPGRADING'
  | 'UPGRADE_FAILED';
export type StorageType = 'HOST_PATH' | 'OBS' | 'SFS_TURBO';

export const connectorTypes = ['LOCAL', 'MRS', 'RDS_MYSQL', 'DWS', 'JDBC', 'MYSQL', 'ORACLE'] as const;
export type ConnectorType = (typeof connectorTypes)[number];
export type ConnectorStatus = 'NORMAL' | 'ABNORMAL' | 'STARTING';
export type ConnectorAuthType = 'PWD' | 'AK_SK';

export const datasetTypes = ['LOCAL_CSV', 'MRS', 'RDS', 'DWS', 'MYSQL', 'ORACLE'] as const;
/** `LOCAL_CSV` is for learning, all others for SQL. */
export type DatasetType = (typeof datasetTypes)[number];
/** `EDITED`: the league still sees the published version. */
export type Publication = 'UNPUBLISHED' | 'PUBLISHED' | 'EDITED';

export type LabelType = 'FEATURE' | 'LABEL' | 'UNIQUE_ID' | 'FILTER';
export type PrivacyType = 'UNIQUE_ID' | 'SENSITIVE' | 'NON_SENSITIVE';
export type PrivacyPolicy = 'NONE' | 'HASH' | 'MASK' | 'ANONYMIZE';
export type FeatureType = 'CONTINUOUS' | 'DISCRETE' | 'MULTIHOT';

export const algorithms = ['XG_BOOST', 'LIGHT_BGM', 'LOGISTIC_REGRESSION', 'NEURAL_NETWORK', 'FIBINET'] as const;
export type Algorithm = (typeof algorithms)[number];
export type LearningTask = 'CLASSIFICATION' | 'REGRESSION';
export type HorizontalPhase = 'TRAIN' | 'EVALUATE';
export type LearningPlatform = 'LOCAL' | 'MODEL_ARTS';
export const workSteps = [
  'DATA_SELECTION',
  'SAMPLE_ALIGNMENT',
  'FEATURE_SELECTION',
  'MODEL_TRAIN',
  'MODEL_EVALUATION',
  'MODEL_PREDICT',
] as const;
export type WorkStep = (typeof workSteps)[number];
/** The step that a vertical job reaches by a run. */
export const stepAfter: Readonly<Partial<Record<InstanceType, WorkStep>>> = {
  VFL_ID_TRUNCATION: 'SAMPLE_ALIGNMENT',
  VFL_SAMPLE_ALIGNMENT: 'FEATURE_SELECTION',
  VFL_FEATURE_SELECTION: 'MODEL_TRAIN',
  VFL_TRAIN: 'MODEL_EVALUATION',
  VFL_EVALUATE: 'MODEL_PREDICT',
};
export type BinningType = 'DISTANCE' | 'FREQUENCY';
