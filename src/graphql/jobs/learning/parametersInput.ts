import { closedEnum } from '../../shared/enums.ts';
import {
  boolean,
  choice,
  decimal,
  input,
  integer,
  isGiven,
  list,
  openMap,
  required,
  text,
  type Given,
  type Refuse,
} from '../../shared/input.ts';
import { atLeast, between } from '../../shared/limits.ts';

/** Parameters that runs and settings of learning jobs share. `LearningParameters` reads the same names. */
export const parameters = {
  predictionThreshold: decimal('Probability from which a prediction counts as positive.', between(0, 1)),
  learningRate: decimal('Learning rate.', between(0, 1)),
  epochs: integer('Epochs: passes over the data.', atLeast(1)),
  batchSize: integer('How many samples a batch has.', atLeast(1)),
  treeCount: integer('How many trees are grown.', atLeast(1)),
  treeDepth: integer('How deep the trees are.', atLeast(1)),
};

const splitCountText = 'How many points of splitting are tried.';

/** Settings of a job allow fewer points than its runs do (7.9.4, 7.9.10). */
export const savedSplitCount = integer(splitCountText, atLeast(1));

export const ModelParametersInput = input('ModelParametersInput', {
  description: 'What a model is made with, or predicts with. What is left out is as the job says.',
  fields: {
    ...parameters,
    splitCount: integer(splitCountText, atLeast(5)),
    discreteEmbeddingSize: integer('Dimensions in which discrete features are embedded.', atLeast(4)),
    multihotEmbeddingSize: integer('Dimensions in which multihot features are embedded.', atLeast(4)),
    layerSizes: list(integer('', atLeast(1)), 'How many nodes each layer of the perceptron has.'),
    reductionRatio: integer('By how much the SENET layer reduces.', atLeast(2)),
    saveFormat: text('Format in which the model is saved.'),
    lossFunction: text('Loss function.'),
    lossParameters: openMap('Parameters of the loss function.'),
  },
});

const FillBackStore = closedEnum(
  'FillBackStore',
  'Where the partner who has the label keeps what it fills back under differential privacy.',
  {
    NONE: 'Nothing is filled back.',
    MEMORY: 'In memory, the service’s own choice.',
    DISK: 'On disk.',
  },
);

const privacy = {
  epsilon: decimal('Privacy budget (`dp.epsilon`).'),
  upperThresholdMin: decimal('Least value of the upper threshold of outputs (`dp.output.threshold.high.min`).'),
  upperThresholdMax: decimal('Greatest value of the upper threshold of outputs (`dp.output.threshold.high.max`).'),
  lowerThresholdMin: decimal('Least value of the lower threshold of outputs (`dp.output.threshold.low.min`).'),
  lowerThresholdMax: decimal('Greatest value of the lower threshold of outputs (`dp.output.threshold.low.max`).'),
  originalOutputCount: integer(
    'For how many records back-propagation goes along the original outputs (`dp.backpg.origin.num`).',
    atLeast(0),
  ),
  thresholdAdjustmentCount: integer(
    'After how many records the thresholds are adjusted (`dp.output.threshold.adjust.num`).',
    atLeast(0),
  ),
  fillBackStore: choice(
    FillBackStore,
    'Where the partner who has the label keeps what it fills back (`dp.supply.store.policy`).',
  ),
};

const bounds = [
  ['upperThresholdMin', 'upperThresholdMax'],
  ['lowerThresholdMin', 'lowerThresholdMax'],
] as const;

export const DifferentialPrivacyInput = input('DifferentialPrivacyInput', {
  description: 'How differential privacy protects a run.',
  fields: { enabled: required(boolean('Whether it does (`dp.enabled`).')), ...privacy },
  check: (input, refuse) => {
    for (const [least, greatest] of bounds)
      if (Number(input[least] ?? -Infinity) > Number(input[greatest] ?? Infinity))
        refuse([greatest], `not below ${least}`);
  },
});

/** Refuses differential privacy that leaves out a field (7.12.2). */
export function requireWholePrivacy(
  given: Given<typeof DifferentialPrivacyInput> | null | undefined,
  refuse: Refuse,
): void {
  if (!given) return;
  const missing = (Object.keys(privacy) as (keyof typeof privacy)[]).filter((field) => !isGiven(given[field]));
  for (const field of missing) refuse(['differentialPrivacy', field], 'required here');
}
