/** Measured on held-out rows; each from 0 to 1. */
export interface Metrics {
  readonly accuracy: number;
  readonly auc: number;
  readonly f1: number;
  readonly ks: number;
  readonly recall: number;
  readonly precision: number;
}

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
