import { day, flag, instant, integer, key, leagueId, lifecycleColumns, named, reference, text } from './columns.ts';
import type { Table } from './types.ts';

const ticsId = text('TICS 标识', 'Id in TICS.', '在 TICS 中的标识。', { required: true });

const date: Table = {
  name: 'date',
  kind: 'dimension',
  label: { en: 'Date', zh: '日期' },
  description: {
    en: "One row a day of the service's calendar, over all days of the facts.",
    zh: '服务日历中的每一天一行，覆盖所有事实的日期。',
  },
  key: 'date',
  timeColumn: 'date',
  columns: named({
    date: day('日期', 'The day.', '日期。', { required: true, immutable: true }),
    year: integer('年', 'Year.', '年份。', { required: true }),
    quarter: integer('季度', 'Quarter, 1 to 4.', '季度，1 至 4。', { required: true }),
    month: integer('月', 'Month, 1 to 12.', '月份，1 至 12。', { required: true }),
    day_of_month: integer('日', 'Day of the month, from 1.', '当月第几日。', { required: true }),
    day_of_week: integer('星期', 'Day of the week, 1 (Monday) to 7 (Sunday).', '星期，1（周一）至 7（周日）。', {
      required: true,
    }),
    iso_week: text('ISO 周', 'Week as ISO 8601 counts it, such as 2026-W07.', 'ISO 8601 周，如 2026-W07。', {
      required: true,
    }),
    year_month: text('年月', 'Year and month, such as 2026-02.', '年月，如 2026-02。', { required: true }),
    weekend: flag('周末', 'Saturday or Sunday.', '是否为周六或周日。', { required: true }),
    ...lifecycleColumns,
  }),
};

const league: Table = {
  name: 'league',
  kind: 'dimension',
  label: { en: 'League', zh: '联盟' },
  description: { en: 'The leagues that the account sees.', zh: '账号可见的联盟。' },
  key: 'id',
  timeColumn: 'created_at',
  leagueColumn: 'id',
  columns: named({
    id: key('Id in TICS.', '在 TICS 中的标识。'),
    name: text('名称', 'Name.', '名称。'),
    status: text('状态', 'State, such as NORMAL.', '状态，如 NORMAL。'),
    role: text('角色', 'OWNER where the account created it, else PARTNER.', '账号创建的为 OWNER，否则为 PARTNER。'),
    version: text('版本', 'Version.', '版本。'),
    creator_name: text('创建者', 'Who created it.', '创建者名称。'),
    member_count: integer('成员数', 'How many partners it has.', '合作方数量。'),
    expires_at: instant('到期时间', 'When it expires.', '到期时间。'),
    ...lifecycleColumns,
  }),
};

const partner: Table = {
  name: 'partner',
  kind: 'dimension',
  label: { en: 'Partner', zh: '合作方' },
  description: { en: 'The partners of each league.', zh: '各联盟的合作方。' },
  key: 'id',
  timeColumn: 'created_at',
  leagueColumn: 'league_id',
  columns: named({
    id: key('League and account name.', '联盟与账号名。'),
    league_id: leagueId,
    tics_id: text('TICS 标识', 'Id in TICS.', '在 TICS 中的标识。'),
    account_name: text('账号名', 'Name of its account.', '账号名称。'),
    alias: text('别名', 'Its name in the league.', '在联盟中的名称。'),
    status: text('状态', 'State, such as JOINED.', '状态，如 JOINED。'),
    ...lifecycleColumns,
  }),
};

const agent: Table = {
  name: 'agent',
  kind: 'dimension',
  label: { en: 'Agent', zh: '计算节点' },
  description: { en: 'The agents that the account sees.', zh: '账号可见的计算节点。' },
  key: 'id',
  timeColumn: 'created_at',
  leagueColumn: 'league_id',
  columns: named({
    id: key('Id in TICS.', '在 TICS 中的标识。'),
    league_id: reference('league', '联盟', 'The league it is in.', '所属联盟。'),
    name: text('名称', 'Name.', '名称。'),
    version: text('版本', 'Version.', '版本。'),
    deploy_type: text('部署方式', 'How it is deployed.', '部署方式。'),
    deploy_status: text('部署状态', 'State of its deployment.', '部署状态。'),
    high_availability: flag('高可用', 'Runs with a standby.', '是否高可用。'),
    creator_name: text('创建者', 'Who created it.', '创建者名称。'),
    ...lifecycleColumns,
  }),
};

const dataset: Table = {
  name: 'dataset',
  kind: 'dimension',
  label: { en: 'Dataset', zh: '数据集' },
  description: { en: 'The datasets that partners have published.', zh: '合作方已发布的数据集。' },
  key: 'id',
  timeColumn: 'created_at',
  leagueColumn: 'league_id',
  columns: named({
    id: key('League and id in TICS.', '联盟与 TICS 标识。'),
    league_id: leagueId,
    tics_id: ticsId,
    name: text('名称', 'Name.', '名称。'),
    description: text('描述', 'Description.', '描述。', { keepsValue: true }),
    data_type: text('类型', 'Where its rows come from, such as MYSQL.', '数据来源类型，如 MYSQL。', {
      keepsValue: true,
    }),
    partner_id: reference('partner', '合作方', 'The partner that published it.', '发布方。', { keepsValue: true }),
    column_count: integer('列数', 'How many columns it has.', '列数。', { keepsValue: true }),
    ...lifecycleColumns,
  }),
};

const job: Table = {
  name: 'job',
  kind: 'dimension',
  label: { en: 'Job', zh: '作业' },
  description: { en: 'Analysis, learning and prediction jobs.', zh: '分析、学习与预测作业。' },
  key: 'id',
  timeColumn: 'created_at',
  leagueColumn: 'league_id',
  columns: named({
    id: key('League and id in TICS.', '联盟与 TICS 标识。'),
    league_id: leagueId,
    tics_id: ticsId,
    name: text('名称', 'Name.', '名称。'),
    description: text('描述', 'Description.', '描述。', { keepsValue: true }),
    type: text('类型', 'SQL, HFL, VFL, PREDICT or DATA_EXCHANGE.', 'SQL、HFL、VFL、PREDICT 或 DATA_EXCHANGE。', {
      keepsValue: true,
    }),
    approval_status: text('审批状态', 'State of its approval.', '审批状态。', { keepsValue: true }),
    algorithm: text('算法', 'Algorithm of a vertical job.', '纵向作业的算法。', { keepsValue: true }),
    creator_name: text('创建者', 'Who created it.', '创建者名称。', { keepsValue: true }),
    date: day('日期', "Day of its creation, in the service's calendar.", '创建日期（服务日历）。', {
      references: 'date',
      keepsValue: true,
    }),
    ...lifecycleColumns,
  }),
};

export const dimensions: readonly Table[] = [date, league, partner, agent, dataset, job];
