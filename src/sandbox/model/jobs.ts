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

/** Jobs and their runs. */

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

/** The statement of a seeded job, with what is needed to tell how many rows it answers. */
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
  /** Of a seeded job, until it is edited. */
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
  /** The training run whose model it was created with, to evaluate it or to predict. */
  modelInstanceId: string | undefined;
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
  finalStatus: 'SUCCEEDED' | 'FAILED';
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
  /**
   * The job as it was when a write started the run, with what that write asked for put in: what is really executed.
   * Seeded runs have none; their course and results are drawn.
   */
  jobSnapshot: Job | undefined;
  /** The statement of a run of the seeded history, whatever became of its job since. */
  seededQuery?: SeededQuery | undefined;
  /** What an execution came to; known a while before the run ends, and told as the run gets there. */
  results: ExecutionResults | undefined;
  /** Why an executed run failed. */
  failure: Text | undefined;
}
