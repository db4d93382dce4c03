/** Names of the seeded world, Chinese and English mixed. */

export const leagueNames = [
  '城市信贷联合风控空间',
  'Retail Insight League',
  '长三角医疗科研空间',
  '政务数据共享空间',
  'Cross-Border Marketing',
  '新能源车险定价空间',
  'Supply Chain Finance',
  '区域税务稽核空间',
];

export const leagueDescriptions = [
  '银行、运营商与政务数据联合建模，用于个人信贷风险评估',
  'Shared view of shoppers across brands, without sharing the shoppers',
  '多家医院联合开展病种研究，原始病历不出院',
  '委办局之间按需核验，用后即焚',
  'Audience overlap and look-alike models for partners in two countries',
  '',
];

/** Other tenants: account, preferred alias, users. */
export const tenants = [
  { domainName: 'city_commercial_bank', alias: 'citybank', users: ['zhang_wei', '李娜'] },
  { domainName: 'first_people_hospital', alias: 'hospital01', users: ['王芳', 'liu_yang'] },
  { domainName: 'north_telecom', alias: 'telecom_n', users: ['chen_jie', '赵磊'] },
  { domainName: 'green_retail', alias: 'retail_green', users: ['alice', '孙丽'] },
  { domainName: 'prov_tax_bureau', alias: 'taxbureau', users: ['周涛', 'wu_min'] },
  { domainName: 'harbor_insurance', alias: 'insure_hb', users: ['bob', '郑爽'] },
  { domainName: 'metro_logistics', alias: 'logistics', users: ['feng_lei', '何静'] },
  { domainName: 'data_exchange_ctr', alias: 'dayu002', users: ['高峰', 'lin_xia'] },
] as const;

export const ownUsers = ['tics_admin', '沈璐', 'operator01'];

export const ownAgentNames = [
  'agent_高可用',
  'agent_retail',
  'agent_科研一区',
  'agent_gov01',
  'agent_marketing',
  'agent_边缘网点',
  'agent_arm_test',
  'agent_备份中心',
];

export const jobPurposes = {
  SQL: ['客群重叠分析', 'region summary', '欠税企业核验', 'claims by channel', '住院费用统计', 'orders per segment'],
  PIR: ['黑名单隐匿查询', 'blind lookup'],
  HFL: ['iris 横向训练', 'tumor grading', '溶解度预测', 'meter reading forecast'],
  VFL: ['信贷评分卡', 'churn model', '车险定价模型', 'click-through rate', '再入院风险模型'],
  PREDICT: ['批量评分', 'monthly scoring', '单方预测'],
} as const;

export const descriptions = ['', '', '每月例行', 'pilot', '与合作方确认过口径', 'do not delete', '回归测试用'];

export const reviewMessages = {
  PASS: ['同意', 'ok', '字段使用合规，同意'],
  REJECT: ['敏感字段未脱敏，请修改后重新提交', 'join key not agreed', '使用范围超出约定'],
} as const;
