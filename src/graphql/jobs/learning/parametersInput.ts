import type { InputFieldRef } from '@pothos/core';
import { z } from 'zod';
import { builder, type BuilderTypes } from '../../builder.ts';
import { closedEnum } from '../../shared/enums.ts';
import { countRule, decimalRule, maxInt, optional } from '../../shared/limits.ts';
import type { DifferentialPrivacy, ModelParameters } from '../../../tics/jobs/learning/run.ts';

/** A JSON object: an open map. */
export const mapRule = z
  .unknown()
  .refine(
    (value) => value === null || value === undefined || (typeof value === 'object' && !Array.isArray(value)),
    'an object',
  );

type Types = PothosSchemaTypes.ExtendDefaultTypes<BuilderTypes>;

/** What the fields of an input are made with. */
export type InputFields = PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>;

/** A field for an open map; `mapRule` sees to its being an object. */
export function mapField(t: InputFields, description: string) {
  return t.field({ type: 'JSON', description }) as InputFieldRef<Types, object | null | undefined>;
}

/** Rounds and epochs of horizontal jobs (7.9.5); vertical ones have no upper limit. */
export const repetitionsRule = countRule(1, 1000);

/** The limits of `ModelParametersInput`. */
export const modelParametersRule = z.object({
  predictionThreshold: optional(decimalRule(0, 1)),
  learningRate: optional(decimalRule(0, 1)),
  epochs: optional(countRule(1, maxInt)),
  batchSize: optional(countRule(1, maxInt)),
  treeCount: optional(countRule(1, maxInt)),
  treeDepth: optional(countRule(1, maxInt)),
  splitCount: optional(countRule(5, maxInt)),
  discreteEmbeddingSize: optional(countRule(4, maxInt)),
  multihotEmbeddingSize: optional(countRule(4, maxInt)),
  layerSizes: optional(z.array(countRule(1, maxInt))),
  reductionRatio: optional(countRule(2, maxInt)),
  lossParameters: optional(mapRule),
});

/** The names are those of `LearningParameters`, which reads them. */
export const ModelParametersInput = builder.inputRef<ModelParameters>('ModelParametersInput').implement({
  description: 'What a model is made with, or predicts with. What is left out is as the job says.',
  fields: (t) => ({
    predictionThreshold: t.float({
      description: 'Probability from which a prediction counts as positive; 0 to 1.',
    }),
    learningRate: t.float({ description: 'Learning rate; 0 to 1.' }),
    epochs: t.int({ description: 'How often the data is gone through; at least 1.' }),
    batchSize: t.int({ description: 'How many samples a batch has; at least 1.' }),
    treeCount: t.int({ description: 'How many trees are grown; at least 1.' }),
    treeDepth: t.int({ description: 'How deep the trees are; at least 1.' }),
    splitCount: t.int({ description: 'How many points of splitting are tried; at least 5.' }),
    discreteEmbeddingSize: t.int({
      description: 'Dimensions in which discrete features are embedded; at least 4.',
    }),
    multihotEmbeddingSize: t.int({
      description: 'Dimensions in which multihot features are embedded; at least 4.',
    }),
    layerSizes: t.intList({ description: 'How many nodes each layer of the perceptron has; each at least 1.' }),
    reductionRatio: t.int({ description: 'By how much the SENET layer reduces; at least 2.' }),
    saveFormat: t.string({ description: 'Format in which the model is saved.' }),
    lossFunction: t.string({ description: 'Loss function.' }),
    lossParameters: mapField(t, 'Parameters of the loss function: an open map.'),
  }),
});

type Bounds = readonly [least: keyof DifferentialPrivacy, greatest: keyof DifferentialPrivacy];

const bounds: readonly Bounds[] = [
  ['upperThresholdMin', 'upperThresholdMax'],
  ['lowerThresholdMin', 'lowerThresholdMax'],
];

/** The limits of `DifferentialPrivacyInput`. */
export const differentialPrivacyRule = z
  .object({
    enabled: z.boolean(),
    epsilon: optional(z.number()),
    upperThresholdMin: optional(z.number()),
    upperThresholdMax: optional(z.number()),
    lowerThresholdMin: optional(z.number()),
    lowerThresholdMax: optional(z.number()),
    originalOutputCount: optional(countRule(0, maxInt)),
    thresholdAdjustmentCount: optional(countRule(0, maxInt)),
    fillBackStore: optional(z.string()),
  })
  .superRefine((privacy, context) => {
    for (const [least, greatest] of bounds)
      if (Number(privacy[least] ?? -Infinity) > Number(privacy[greatest] ?? Infinity))
        context.addIssue({ code: 'custom', path: [greatest], message: `not below ${least}` });
  });

const privacyFields = [
  'epsilon',
  'upperThresholdMin',
  'upperThresholdMax',
  'lowerThresholdMin',
  'lowerThresholdMax',
  'originalOutputCount',
  'thresholdAdjustmentCount',
  'fillBackStore',
] as const;

/** The same, with all of its fields (7.12.2). */
export const fullDifferentialPrivacyRule = differentialPrivacyRule.superRefine((privacy, context) => {
  for (const field of privacyFields)
    if (privacy[field] === null || privacy[field] === undefined)
      context.addIssue({ code: 'custom', path: [field], message: 'required here' });
});

export const FillBackStore = closedEnum(
  'FillBackStore',
  'Where the partner who has the label keeps what it fills back under differential privacy.',
  {
    NONE: 'Nothing is filled back.',
    MEMORY: 'In memory, the service’s own choice.',
    DISK: 'On disk.',
  },
);

export const DifferentialPrivacyInput = builder.inputRef<DifferentialPrivacy>('DifferentialPrivacyInput').implement({
  description: 'How differential privacy protects a run.',
  fields: (t) => ({
    enabled: t.boolean({ required: true, description: 'Whether it does (`dp.enabled`).' }),
    epsilon: t.float({ description: 'Privacy budget (`dp.epsilon`).' }),
    upperThresholdMin: t.float({
      description: 'Least value of the upper threshold of outputs (`dp.output.threshold.high.min`).',
    }),
    upperThresholdMax: t.float({
      description: 'Greatest value of the upper threshold of outputs (`dp.output.threshold.high.max`).',
    }),
    lowerThresholdMin: t.float({
      description: 'Least value of the lower threshold of outputs (`dp.output.threshold.low.min`).',
    }),
    lowerThresholdMax: t.float({
      description: 'Greatest value of the lower threshold of outputs (`dp.output.threshold.low.max`).',
    }),
    originalOutputCount: t.int({
      description: 'For how many records back-propagation goes along the original outputs (`dp.backpg.origin.num`).',
    }),
    thresholdAdjustmentCount: t.int({
      description: 'After how many records the thresholds are adjusted (`dp.output.threshold.adjust.num`).',
    }),
    fillBackStore: t.field({
      type: FillBackStore,
      description: 'Where the partner who has the label keeps what it fills back (`dp.supply.store.policy`).',
    }),
  }),
});
