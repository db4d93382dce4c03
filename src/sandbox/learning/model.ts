import type { Encoding } from './encoding.ts';
import type { Classes } from './labels.ts';
import type { LinearModel } from './logisticRegression.ts';
import type { LaplaceMechanism } from './privacy.ts';

/** What one party brings to a model. */
export interface ModelParty {
  readonly agentId: string;
  readonly datasetName: string;
  readonly features: readonly string[];
  readonly idColumn: string | undefined;
  readonly encoding: Encoding;
  readonly mechanism: LaplaceMechanism | undefined;
}

/** A model as a training run leaves it. */
export interface TrainedModel {
  readonly kind: 'horizontal' | 'vertical';
  readonly instanceId: string;
  readonly classes: Classes;
  /** What quantities were scaled by before they were learned. */
  readonly scale: Scale;
  /** One for each thing to find out. */
  readonly models: readonly LinearModel[];
  /** One where the model is horizontal: anybody's rows do. */
  readonly parties: readonly ModelParty[];
  readonly labelParty: number;
  readonly label: string;
}

export interface Scale {
  readonly mean: number;
  readonly deviation: number;
}

export const unscaled: Scale = { mean: 0, deviation: 1 };

/** The mean and the deviation of some numbers. */
export function scaleOf(values: readonly number[]): Scale {
  const mean = values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length || 1));
  return { mean, deviation: deviation || 1 };
}
