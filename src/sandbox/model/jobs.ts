import type { ExecutionResults } from './execution.ts';
import type { Text } from './text.ts';
import type {
  Algorithm,
  ApprovalStatus,
  BinningType,
  HorizontalPhase,
  InstanceType,
  LearningPlatform,
  LearningTask,
  RunStatus,
  WorkStep,
} from './enums.ts';

/** A partner's approval of a job that uses its datasets. */
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
  /** JSON text as it was saved. */
  ext: string | undefined;
}

/** The statement of a seeded job, with what is needed to count its rows. */
export type SeededQuery =
  | {
      readonly kind: 'join';
      readonly sql: string;
      readonly leftId: string;
      readonly rightId: string;
      readonly groupColumn: string;
    }
  | {
      readonly kind: 'lookup';
      readonly sql: string;
      readonly datasetId: string;
      readonly keyColumn: string;
      readonly key: string;
    };

export interface SqlJob extends JobBase {
  type: 'SQL';
  sql: string;
  /** A private lookup (隐匿查询). */
  isPrivateLookup: boolean;
  /** Undefined once a seeded job was edited. */
  seededQuery?: SeededQuery | undefined;
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

/** Features of one dataset that a vertical job uses. */
export interface FeatureChoice {
  agentId: string;
  datasetName: string;
  features: readonly string[];
}

interface VerticalModel {
  algorithm: Algorithm;
  learningTask: LearningTask | undefined;
  /** Decimals as text, as the service stores them. */
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
  /** The model it was created with, for evaluation or prediction. */
  modelInstanceId: string | undefined;
  binning: BinningType | undefined;
}

export interface PredictionJob extends JobBase, VerticalModel {
  type: 'PREDICT';
  /** The training run of the model. */
  modelInstanceId: string;
}

export type Job = SqlJob | HorizontalJob | VerticalJob | PredictionJob;

/** A run of a job. */
export interface Instance {
  id: string;
  leagueId: string;
  jobId: string;
  jobName: string;
  type: InstanceType;
  status: RunStatus;
  /** Start of the current status. */
  statusSinceMs: number;
  startedAtMs: number;
  /** End of PENDING. */
  runningAtMs: number | undefined;
  endedAtMs: number | undefined;
  /** Rounds in total; `World.roundOf` gives the current one. */
  rounds: number;
  /** Duration of RUNNING. */
  runMs: number;
  /** Status at the end, unless it is stopped. */
  finalStatus: 'SUCCEEDED' | 'FAILED';
  /** Refused by the privacy rules: FAILED, and counted as intercepted. */
  intercepted: boolean;
  /** The starting agent and its partner. */
  agentId: string;
  partnerId: string;
  executorName: string;
  /** All participants: the starting agent and the owners of the datasets. */
  agentIds: readonly string[];
  datasetIds: readonly string[];
  isSinglePredict: boolean | undefined;
  /** Parameters as JSON text. */
  ext: string | undefined;
  /**
   * The job with the request's overrides at the start: what is executed. Undefined for seeded runs, whose results are
   * synthetic.
   */
  jobSnapshot: Job | undefined;
  /** The statement of a seeded run, which outlives its job. */
  seededQuery?: SeededQuery | undefined;
  /** The result of the execution; set before the run ends, and revealed as it proceeds. */
  results: ExecutionResults | undefined;
  /** Why it failed. */
  failure: Text | undefined;
}
