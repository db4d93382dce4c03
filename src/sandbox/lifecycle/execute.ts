import { executeLearning } from '../learning/execute.ts';
import type { Metrics } from '../results/metrics.ts';
import { executeSql } from '../sql/execute.ts';
import type { Instance, World } from '../model/world.ts';

/** What a run came to: what it answers when it succeeded, or why it failed. */
export type Execution =
  | { readonly kind: 'succeeded'; readonly results: ExecutionResults }
  /** `intercepted`: refused by the privacy rules. */
  | { readonly kind: 'failed'; readonly message: string; readonly intercepted?: boolean };

export interface ExecutionResults {
  readonly sample?: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | number | null)[])[];
  };
  /** Rows the run put out. */
  readonly recordCount?: number;
  /** One for each round, the last is the final one. */
  readonly metrics?: readonly Metrics[];
  /** What each feature tells about the label, best first. */
  readonly informationValues?: readonly InformationValue[];
  /** What an alignment found to be common. */
  readonly alignment?: AlignmentResult;
  /** The training run whose model was used. */
  readonly modelInstanceId?: string;
}

export interface InformationValue {
  readonly agentId: string;
  readonly datasetName: string;
  readonly feature: string;
  readonly iv: number;
  readonly bins: number;
}

export interface AlignmentResult {
  readonly recordCount: number;
  /** What became of each party's records. */
  readonly parties: readonly {
    readonly agentId: string;
    readonly datasetName: string;
    readonly recordCount: number;
    readonly keptCount: number;
  }[];
}

/** Runs what an instance stands for. Called once when the instance enters RUNNING; the runner waits for it before it ends the run. */
export type Execute = (world: World, instance: Instance, signal: AbortSignal) => Promise<Execution>;

export const executeInstance: Execute = (world, instance, signal) =>
  instance.type === 'SQL' || instance.type === 'PIR_SQL'
    ? executeSql(world, instance, signal)
    : executeLearning(world, instance, signal);
