import { day, flag, instant, integer, key, leagueId, lifecycleColumns, named, reference, text } from './columns.ts';
import type { Table } from './types.ts';

const ofLeague = { key: 'id', leagueColumn: 'league_id' } as const;

/** The day of a fact. */
const date = day('日期', "Day in the service's calendar: `date.date`.", '服务日历中的日期，即 `date.date`。', {
  required: true,
  references: 'date',
  keepsValue: true,
});

const final = flag('已结算', 'The day is over: its counts do not change.', '该日已结束，数值不再变化。', {
  required: true,
});

const jobInstance: Table = {
  ...ofLeague,
  name: 'job_instance',
  kind: 'fact',
  label: { en: 'Job instance', zh: '作业实例' },
  description: { en: 'One row a run of a job.', zh: '作业的每次运行一行。' },
  timeColumn: 'date',
  columns: named({
    id: key('League and id in TICS.', '联盟与 TICS 标识。'),
    league_id: leagueId,
    tics_id: text('TICS 标识', 'Id in TICS.', '在 TICS 中的标识。', { required: true }),
    job_id: reference('job', '作业', "The job. Known from agents' lists only.", '所属作业，仅计算节点的列表返回。', {
      filledOnce: true,
    }),
    job_name: text('作业名称', 'Name of the job.', '作业名称。'),
    agent_id: reference(
      'agent',
      '计算节点',
      'The first agent in whose list it was met.',
      '首个在其列表中出现的计算节点。',
      {
        filledOnce: true,
      },
    ),
    type: text('类型', 'What it runs, such as SQL or VFL_TRAIN.', '运行类型，如 SQL 或 VFL_TRAIN。'),
    status: text('状态', 'State, such as RUNNING or SUCCEEDED.', '状态，如 RUNNING 或 SUCCEEDED。', {
      required: true,
    }),
    finished: flag('已结束', 'SUCCEEDED, FAILED or TERMINATED.', '是否已结束（成功、失败或终止）。', {
      required: true,
    }),
    round_count: integer('轮数', 'How many rounds it runs.', '运行轮数。'),
    partners: text('参与方', 'The partners that take part, with commas between.', '参与方，以逗号分隔。'),
    partner_count: integer('参与方数', 'How many partners take part.', '参与方数量。'),
    started_at: instant('开始时间', 'When it started.', '开始时间。'),
    ended_at: instant('结束时间', 'When it ended.', '结束时间。'),
    duration_ms: integer('时长（毫秒）', 'From start to end, in milliseconds.', '从开始到结束的毫秒数。'),
    date,
    ...lifecycleColumns,
  }),
};

const statusEvent: Table = {
  ...ofLeague,
  name: 'job_instance_status_event',
  kind: 'fact',
  label: { en: 'Status event', zh: '状态变化' },
  description: {
    en: 'One row a state that a run came into. States between two reads are seen while somebody watches the run.',
    zh: '运行进入的每个状态一行；两次读取之间的状态仅在有人订阅该运行时可知。',
  },
  timeColumn: 'date',
  columns: named({
    id: key('Run and state.', '运行与状态。'),
    league_id: leagueId,
    job_instance_id: reference('job_instance', '作业实例', 'The run.', '所属运行。', { required: true }),
    status: text('状态', 'The state.', '状态。', { required: true }),
    occurred_at: instant(
      '发生时间',
      'When: start and end as the service tells them, else when it was first seen.',
      '发生时间：开始与结束取自服务，其余为首次发现的时间。',
      { required: true },
    ),
    observed: flag('观测所得', 'The time is when it was first seen.', '时间为首次发现的时间。', { required: true }),
    date,
    ...lifecycleColumns,
  }),
};

const runCounts = {
  job_count: integer('作业数', 'Jobs created on the day.', '当日创建的作业数。'),
  instance_count: integer('实例数', 'Runs started on the day.', '当日开始的运行数。'),
  succeeded_count: integer('成功数', 'Of these, succeeded.', '其中成功数。'),
  failed_count: integer('失败数', 'Of these, failed.', '其中失败数。'),
  intercepted_count: integer('拦截数', 'Of these, refused by privacy rules.', '其中被隐私规则拦截数。'),
} as const;

const dailyDatasetUsage: Table = {
  ...ofLeague,
  name: 'daily_dataset_usage',
  kind: 'fact',
  label: { en: 'Daily use of datasets', zh: '数据集每日使用' },
  description: { en: 'Use of each dataset on each day.', zh: '每个数据集每日的使用情况。' },
  timeColumn: 'date',
  columns: named({
    id: key('Dataset and day.', '数据集与日期。'),
    league_id: leagueId,
    date,
    dataset_id: reference('dataset', '数据集', 'The dataset.', '数据集。', { required: true }),
    partner_id: reference('partner', '合作方', 'The partner that holds it.', '持有方。'),
    use_count: integer('使用次数', 'Runs that used it.', '使用它的运行数。'),
    intercepted_count: integer('拦截次数', 'Of these, refused by privacy rules.', '其中被隐私规则拦截数。'),
    final,
    ...lifecycleColumns,
  }),
};

const dailyPartnerUsage: Table = {
  ...ofLeague,
  name: 'daily_partner_usage',
  kind: 'fact',
  label: { en: 'Daily use by partners', zh: '合作方每日使用' },
  description: { en: 'Jobs and runs of each partner on each day.', zh: '每个合作方每日的作业与运行。' },
  timeColumn: 'date',
  columns: named({
    id: key('Partner and day.', '合作方与日期。'),
    league_id: leagueId,
    date,
    partner_id: reference('partner', '合作方', 'The partner.', '合作方。', { required: true }),
    access_count: integer('参与次数', 'Runs that it took part in.', '参与的运行数。'),
    ...runCounts,
    final,
    ...lifecycleColumns,
  }),
};

const dailyJobUsage: Table = {
  ...ofLeague,
  name: 'daily_job_usage',
  kind: 'fact',
  label: { en: 'Daily jobs', zh: '每日作业' },
  description: { en: 'Jobs and runs of each league on each day.', zh: '每个联盟每日的作业与运行。' },
  timeColumn: 'date',
  columns: named({
    id: key('League and day.', '联盟与日期。'),
    league_id: leagueId,
    date,
    ...runCounts,
    final,
    ...lifecycleColumns,
  }),
};

const auditEvent: Table = {
  ...ofLeague,
  name: 'audit_event',
  kind: 'fact',
  label: { en: 'Audit event', zh: '审计事件' },
  description: { en: "The leagues' audit logs.", zh: '联盟的审计日志。' },
  timeColumn: 'date',
  columns: named({
    id: key('League and id in TICS.', '联盟与 TICS 标识。'),
    league_id: leagueId,
    tics_id: text('TICS 标识', 'Id in TICS.', '在 TICS 中的标识。'),
    text: text('内容', 'What happened.', '事件内容。'),
    status: text('状态', "State, in the words of a run's.", '状态，用词与运行相同。'),
    started_at: instant('开始时间', 'When it began.', '开始时间。'),
    ended_at: instant('结束时间', 'When it ended.', '结束时间。'),
    partner_alias: text('合作方别名', 'The partner whose event it is.', '事件所属合作方。'),
    agent_name: text('计算节点名称', 'The agent that began it.', '发起的计算节点。'),
    date,
    ...lifecycleColumns,
  }),
};

const syncStatus: Table = {
  name: 'sync_status',
  kind: 'status',
  label: { en: 'Freshness', zh: '同步状态' },
  description: {
    en: 'How old each table is in each league, and why.',
    zh: '每个表在每个联盟中的数据新旧及原因。',
  },
  key: 'id',
  timeColumn: 'updated_at',
  leagueColumn: 'league_id',
  columns: named({
    id: key('Table and league.', '表与联盟。'),
    table_name: text('表', 'The table.', '表名。', { required: true }),
    league_id: text('联盟', 'The league.', '联盟。', { required: true }),
    row_count: integer('行数', 'Rows that are not deleted.', '未删除的行数。', { required: true }),
    as_of: instant('数据截至', 'When it was last read in full.', '最近一次完整读取的时间。'),
    lag_ms: integer(
      '延迟（毫秒）',
      'How long ago that was when the row was asked for, in milliseconds.',
      '查询时距数据截至时间的毫秒数。',
      { computed: 'LAG' },
    ),
    watermark: instant(
      '水位',
      'When the newest change of these rows was seen: pass it as `updated_since`.',
      '所见最近一次变化的时间，可用作 `updated_since`。',
    ),
    attempted_at: instant('尝试时间', 'When it was last tried.', '最近一次尝试的时间。'),
    error_code: text('错误码', 'Why the last attempt failed; empty where it did not.', '最近一次失败的原因。'),
    error: text('错误', 'The same in words.', '错误说明。'),
    pending_days: integer('待补天数', 'Days of history that are still to be read.', '尚待读取的历史天数。'),
    ...lifecycleColumns,
  }),
};

export const facts: readonly Table[] = [
  jobInstance,
  statusEvent,
  dailyDatasetUsage,
  dailyPartnerUsage,
  dailyJobUsage,
  auditEvent,
  syncStatus,
];
