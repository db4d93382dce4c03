import type { Random } from '../model/random.ts';
import type { DatasetColumn, FeatureType, LabelType, PrivacyPolicy } from '../model/world.ts';

const bare: DatasetColumn = {
  name: '',
  dataType: 'STRING',
  comment: '',
  length: undefined,
  scale: undefined,
  labelType: undefined,
  featureType: undefined,
  fieldSize: undefined,
  privacyType: undefined,
  privacyPolicy: 'NONE',
  privacyPolicyText: undefined,
};

/** A table for SQL. Each has one identifier column. */
export interface TableTemplate {
  readonly name: string;
  readonly schema: string;
  readonly description: string;
  readonly columns: readonly DatasetColumn[];
}

/** The join key of all tables. */
const personId: DatasetColumn = {
  ...bare,
  name: 'PERSON_ID',
  comment: '个人或法人标识',
  length: 32,
  privacyType: 'UNIQUE_ID',
};
function text(name: string, comment: string, length = 64): DatasetColumn {
  return {
    ...bare,
    name,
    comment,
    length,
    privacyType: 'NON_SENSITIVE',
  };
}
function secret(name: string, comment: string, privacyPolicy: PrivacyPolicy, policyText: string): DatasetColumn {
  return {
    ...bare,
    name,
    comment,
    length: 32,
    privacyType: 'SENSITIVE',
    privacyPolicy,
    privacyPolicyText: policyText,
  };
}
function amount(name: string, comment: string, isSensitive = true): DatasetColumn {
  return {
    ...bare,
    name,
    comment,
    dataType: 'DECIMAL',
    length: 18,
    scale: 2,
    privacyType: isSensitive ? 'SENSITIVE' : 'NON_SENSITIVE',
  };
}
function count(name: string, comment: string): DatasetColumn {
  return {
    ...bare,
    name,
    comment,
    dataType: 'INTEGER',
    length: 10,
    scale: 0,
    privacyType: 'NON_SENSITIVE',
  };
}
function date(name: string, comment: string): DatasetColumn {
  return {
    ...bare,
    name,
    comment,
    dataType: 'DATE',
    privacyType: 'NON_SENSITIVE',
  };
}

export const tableTemplates: readonly TableTemplate[] = [
  {
    name: 'customers',
    schema: 'crm',
    description: '客户主数据',
    columns: [
      personId,
      secret('PHONE', '手机号', 'MASK', '{"keepFirst":3,"keepLast":4}'),
      text('REGION', '所在区域'),
      text('SEGMENT', 'customer segment'),
      count('AGE', '年龄'),
      amount('YEARLY_SPEND', '年消费额'),
      date('REGISTERED_AT', '注册日期'),
    ],
  },
  {
    name: 'orders',
    schema: 'sales',
    description: 'Orders of the last two years',
    columns: [
      personId,
      text('CHANNEL', 'online or store'),
      text('CITY', '城市'),
      count('ITEM_CNT', 'items ordered'),
      amount('AMOUNT', 'amount paid'),
      amount('DISCOUNT_RATE', 'discount', false),
      date('ORDER_DATE', ''),
    ],
  },
  {
    name: 'loan_records',
    schema: 'risk',
    description: '贷款记录（脱敏）',
    columns: [
      personId,
      secret('ID_NO', '身份证号', 'HASH', 'SHA256'),
      text('PRODUCT', '贷款产品'),
      amount('BALANCE', '余额'),
      count('OVERDUE_DAYS', '逾期天数'),
      date('DUE_DATE', '到期日'),
    ],
  },
  {
    name: 'enterprises',
    schema: 'gov',
    description: '企业基础信息',
    columns: [
      personId,
      text('ENT_NAME', '企业名称', 128),
      text('INDUSTRY', '行业'),
      text('PROVINCE', '省份'),
      amount('TAX_TOTAL', '年纳税额'),
      count('STAFF_NUM', '从业人数'),
    ],
  },
  {
    name: 'hospital_stays',
    schema: 'his',
    description: '住院记录，仅供科研',
    columns: [
      personId,
      text('DEPARTMENT', '科室'),
      text('DIAGNOSIS_CODE', 'ICD-10'),
      count('STAY_DAYS', '住院天数'),
      amount('FEE_TOTAL', '总费用'),
      date('ADMITTED_AT', '入院日期'),
    ],
  },
  {
    name: 'claims',
    schema: 'insure',
    description: 'Motor claims',
    columns: [
      personId,
      secret('PLATE_NO', '车牌号', 'MASK', '{"keepFirst":2,"keepLast":2}'),
      text('VEHICLE_MODEL', 'vehicle model'),
      text('REGION', '出险区域'),
      amount('CLAIM_AMOUNT', 'amount claimed'),
      count('CLAIM_CNT', 'claims so far'),
    ],
  },
];

const id: DatasetColumn = { ...bare, name: 'id', comment: '样本标识', labelType: 'UNIQUE_ID', length: 32 };

function feature(
  name: string,
  featureType: FeatureType,
  fieldSize: number | undefined,
  labelType: LabelType = 'FEATURE',
): DatasetColumn {
  const isContinuous = featureType === 'CONTINUOUS';
  return {
    ...bare,
    name,
    dataType: isContinuous ? 'FLOAT' : 'INTEGER',
    scale: isContinuous ? 6 : 0,
    labelType,
    featureType,
    fieldSize,
  };
}

function label(name: string): DatasetColumn {
  return {
    ...bare,
    name,
    comment: '标签',
    dataType: 'INTEGER',
    labelType: 'LABEL',
  };
}
const filter: DatasetColumn = { ...bare, name: 'batch_no', comment: '批次', labelType: 'FILTER', length: 8 };

/** Kinds of files for learning. Guests have the label, hosts only features; iris files are the same at all partners. */
export type LearningKind = 'creditGuest' | 'creditHost' | 'clickGuest' | 'clickHost' | 'iris';

export function learningColumns(random: Random, kind: LearningKind): readonly DatasetColumn[] {
  const continuous = (prefix: string, count: number): DatasetColumn[] =>
    Array.from({ length: count }, (_, index) => feature(`${prefix}${index}`, 'CONTINUOUS', undefined));
  switch (kind) {
    case 'creditGuest':
      return [id, label('y'), ...continuous('x', random.int(4, 8)), filter];
    case 'creditHost':
      return [id, ...continuous('h', random.int(5, 9)), feature('level', 'DISCRETE', random.int(4, 12))];
    case 'clickGuest':
      return [
        id,
        label('clicked'),
        feature('user_id', 'DISCRETE', random.int(150, 900)),
        feature('hour', 'DISCRETE', 24),
        ...continuous('u', random.int(2, 4)),
      ];
    case 'clickHost':
      return [
        id,
        feature('movie_id', 'DISCRETE', random.int(100, 500)),
        feature('genres_0', 'MULTIHOT', undefined),
        feature('genres_1', 'MULTIHOT', undefined),
        feature('dummy_genres_0', 'MULTIHOT', undefined),
        feature('dummy_genres_1', 'MULTIHOT', undefined),
      ];
    case 'iris':
      return [
        id,
        ...['sepal_len', 'sepal_wid', 'petal_len', 'petal_wid'].map((name) => feature(name, 'CONTINUOUS', undefined)),
        label('species'),
      ];
  }
}
