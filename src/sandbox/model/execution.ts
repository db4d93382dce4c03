/** Measured on held-out rows; each from 0 to 1. */
export interface Metrics {
  readonly accuracy: number;
  readonly auc: number;
  readonly f1: number;
  readonly ks: number;
  readonly recall: number;
  readonly precision: number;
}

/** The result of an execution. */
export type Execution =
  | { readonly kind: 'succeeded'; readonly results: ExecutionResults }
  /** `intercepted`: refused by the privacy rules. */
  | { readonly kind: 'failed'; readonly message: string; readonly intercepted?: boolean };

export interface ExecutionResults {
  readonly sample?: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | number | null)[])[];
  };
  /** Rows of the output. */
  readonly recordCount?: number;
  /** One per round. */
  readonly metrics?: readonly Metrics[];
  /** Best first. */
  readonly informationValues?: readonly InformationValue[];
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
  readonly parties: readonly {
    readonly agentId: string;
    readonly datasetName: string;
    readonly recordCount: number;
    readonly keptCount: number;
  }[];
}
