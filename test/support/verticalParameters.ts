// Optional parameters of runs of vertical jobs: as inputs, as the body that is sent for them, and inputs that break each rule.

export const differentialPrivacy = {
  enabled: true,
  epsilon: 10,
  upperThresholdMin: 0.6,
  upperThresholdMax: 0.9,
  lowerThresholdMin: 0.1,
  lowerThresholdMax: 0.4,
  originalOutputCount: 100,
  thresholdAdjustmentCount: 200,
  fillBackStore: 'MEMORY',
};
export const differentialPrivacyBody = {
  'dp.enabled': true,
  'dp.epsilon': 10,
  'dp.output.threshold.high.min': 0.6,
  'dp.output.threshold.high.max': 0.9,
  'dp.output.threshold.low.min': '0.1',
  'dp.output.threshold.low.max': '0.4',
  'dp.backpg.origin.num': '100',
  'dp.output.threshold.adjust.num': '200',
  'dp.supply.store.policy': '1',
};
export const modelParameters = {
  predictionThreshold: 0.5,
  learningRate: 0.5,
  epochs: 2,
  batchSize: 32,
  treeCount: 2,
  treeDepth: 3,
  splitCount: 7,
  discreteEmbeddingSize: 4,
  multihotEmbeddingSize: 5,
  layerSizes: [8, 4],
  reductionRatio: 2,
  saveFormat: 'h5',
  lossFunction: 'cross_entropy',
  lossParameters: { l2: 0.01 },
};
export const modelParametersBody = {
  predict_threshold: '0.5',
  learning_rate: '0.5',
  epoch: 2,
  batch_size: 32,
  tree_num: 2,
  tree_depth: 3,
  split_num: 7,
  discrete_embedding_size: 4,
  multihot_embedding_size: 5,
  mlp_dims: [8, 4],
  reduction_ratio: 2,
  save_format: 'h5',
  loss_function: 'cross_entropy',
  loss_param: '{"l2":0.01}',
};
export const invalidModelParameters = {
  predictionThreshold: 2,
  learningRate: -1,
  epochs: 0,
  batchSize: 0,
  treeCount: 0,
  treeDepth: 0,
  splitCount: 4,
  discreteEmbeddingSize: 3,
  multihotEmbeddingSize: 3,
  layerSizes: [0],
  reductionRatio: 1,
  lossParameters: 'text',
};
export const invalidModelFields = Object.keys(invalidModelParameters).map((field) =>
  field === 'layerSizes' ? 'modelParameters.layerSizes.0' : `modelParameters.${field}`,
);
export const invalidDifferentialPrivacy = {
  ...differentialPrivacy,
  upperThresholdMin: 1,
  lowerThresholdMax: 0,
  originalOutputCount: -1,
  thresholdAdjustmentCount: -1,
};
export const invalidPrivacyFields = [
  'upperThresholdMax',
  'lowerThresholdMax',
  'originalOutputCount',
  'thresholdAdjustmentCount',
].map((field) => `differentialPrivacy.${field}`);
