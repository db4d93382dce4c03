import type { Algorithm, Instance, InstanceType, World } from '../model/world.ts';

/** A step of a round; one task per node that performs it. */
export interface Step {
  /** Heading; neighbouring steps of a node with the same heading form a stage. */
  readonly stage: string;
  /** Prefix of the task's id. */
  readonly className: string;
  readonly name: string;
  readonly place: 'EACH' | 'AGG' | 'STARTER' | 'LABEL';
  /** Relative duration. */
  readonly share: number;
  readonly output: 'NONE' | 'RECORDS' | 'RESULT';
  readonly labelAgentId?: string;
  readonly checksPrivacy?: boolean;
  readonly showsSql?: boolean;
  readonly saves?: boolean;
}

const algorithmNames: Readonly<Record<Algorithm, readonly [className: string, name: string]>> = {
  XG_BOOST: ['XgBoost', 'XGBoost'],
  LIGHT_BGM: ['LightGbm', 'LightGBM'],
  LOGISTIC_REGRESSION: ['LogisticRegression', '逻辑回归'],
  NEURAL_NETWORK: ['NeuralNetwork', '神经网络'],
  FIBINET: ['FiBiNet', 'FiBiNet'],
};

/** The steps of a round. A single agent needs no aggregator. */
export function stepsOf(world: World, instance: Instance): readonly Step[] {
  const job = world.job(instance.jobId);
  const isVertical = job?.type === 'VFL' || job?.type === 'PREDICT';
  const labelAgentId = isVertical ? job.labelAgentId : undefined;
  const steps = stepsOfType(
    instance.type,
    isVertical ? job.algorithm : 'LOGISTIC_REGRESSION',
    job?.type === 'SQL' && job.isPrivateLookup,
  );
  const isAlone = instance.agentIds.length === 1;
  return steps
    .filter(({ place }) => !isAlone || place !== 'AGG')
    .map((step) => ({
      ...step,
      ...(labelAgentId !== undefined && { labelAgentId }),
      ...(isAlone && step.className === 'SQLExecute' && { output: 'RESULT' as const }),
    }));
}

const load: Step = {
  stage: '数据读取阶段',
  className: 'LoadDataset',
  name: '读取数据集',
  place: 'EACH',
  share: 2,
  output: 'RECORDS',
};
function save(name: string, place: Step['place'] = 'EACH'): Step {
  return {
    stage: '最终结果存储阶段',
    className: 'SaveResult',
    name,
    place,
    share: 1,
    output: 'NONE',
    saves: true,
  };
}
function compute(className: string, name: string, share = 6): Step {
  return {
    stage: '执行算法阶段',
    className,
    name,
    place: 'EACH',
    share,
    output: 'NONE',
  };
}
function coordinate(className: string, name: string): Step {
  return {
    stage: '协调算法执行阶段',
    className,
    name,
    place: 'AGG',
    share: 3,
    output: 'RESULT',
  };
}

function stepsOfType(type: InstanceType, algorithm: Algorithm, isLookup: boolean): readonly Step[] {
  const [algorithmClass, algorithmName] = algorithmNames[algorithm];
  switch (type) {
    case 'SQL':
      return [
        {
          stage: '数据读取阶段',
          className: 'SQLValidate',
          name: '隐私规则检查',
          place: 'EACH',
          share: 1,
          output: 'NONE',
          checksPrivacy: true,
          showsSql: true,
        },
        {
          stage: '数据读取阶段',
          className: 'SQLExecute',
          name: '本地SQL计算',
          place: 'EACH',
          share: 4,
          output: 'RECORDS',
          showsSql: true,
        },
        !isLookup
          ? { ...coordinate('EncryptedJoin', '密文联合计算'), stage: '联合计算阶段' }
          : { ...coordinate('PrivateLookup', '隐匿查询计算'), stage: '联合计算阶段' },
        save('结果存储', 'STARTER'),
      ];
    case 'HFL':
      return [load, compute('LocalTrain', '本地模型训练'), coordinate('ModelAggregate', '模型聚合'), save('模型更新')];
    case 'VFL_ID_TRUNCATION':
      return [load, coordinate('IdTruncate', 'ID前缀截断'), save('截断结果存储')];
    case 'VFL_SAMPLE_ALIGNMENT':
      return [load, compute('OprfBlind', 'ID加密'), coordinate('OprfIntersect', '密文求交'), save('对齐结果存储')];
    case 'VFL_FEATURE_SELECTION':
      return [load, compute('Binning', '特征分箱'), coordinate('IvCalculate', 'IV计算'), save('IV结果存储', 'LABEL')];
    case 'VFL_TRAIN':
      return [
        load,
        compute(`${algorithmClass}MessagePassing`, `执行${algorithmName}计算`),
        coordinate(`${algorithmClass}Coordinator`, `协调${algorithmName}计算`),
        save('模型存储'),
      ];
    case 'VFL_EVALUATE':
      return [
        load,
        compute(`${algorithmClass}Predict`, `${algorithmName}推理`),
        coordinate('Evaluate', '模型评估'),
        save('评估结果存储', 'LABEL'),
      ];
    case 'VFL_PREDICT':
      return [
        load,
        compute(`${algorithmClass}Predict`, `${algorithmName}推理`),
        coordinate('PredictMerge', '预测结果合并'),
        save('预测结果存储', 'STARTER'),
      ];
  }
}
