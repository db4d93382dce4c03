import type { Encoding } from './encoding.ts';
import type { Classes } from './labels.ts';
import type { LinearModel } from './logisticRegression.ts';
import type { LaplaceMechanism } from './privacy.ts';

/** A party's share of a model. */
export interface ModelParty {
  readonly agentId: string;
  readonly datasetName: string;
  readonly features: readonly string[];
  readonly idColumn: string | undefined;
  readonly encoding: Encoding;
  readonly mechanism: LaplaceMechanism | undefined;
}

export interface TrainedModel {
  readonly kind: 'horizontal' | 'vertical';
  readonly instanceId: string;
  readonly classes: Classes;
  /** How regression targets were standardised. */
  readonly scale: Scale;
  /** One per target. */
  readonly models: readonly LinearModel[];
  /** A horizontal model has one, for rows of any agent. */
  readonly parties: readonly ModelParty[];
  readonly labelParty: number;
  readonly label: string;
}

export interface Scale {
  readonly mean: number;
  readonly deviation: number;
}

export const unscaled: Scale = { mean: 0, deviation: 1 };

/** Mean and standard deviation. */
export function scaleOf(values: readonly number[]): Scale {
  const mean = values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length || 1));
  return { mean, deviation: deviation || 1 };
}
