import { describe, expect, test } from 'vitest';
import { meaningOf, type UpstreamRefusal } from '../../../src/upstream/refusals.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import { agentCalls } from '../../../src/upstream/generated/calls.ts';
import { useStage } from '../../support/gateway.ts';

const stage = useStage();

interface Payload {
  readonly updateLeague: {
    readonly userErrors: readonly {
      readonly code: string;
      readonly message: string;
      readonly call: string | null;
      readonly upstreamCode: string | null;
      readonly retryAfter: number | null;
    }[];
  };
}

/** The payload of a write that the service answers in this way. */
async function refusedWith(status: number, body: unknown, retryAfter?: string) {
  await stage.sandbox.client.setRules([
    {
      operationId: 'updateLeague',
      fault: { kind: 'status', status, body, ...(retryAfter !== undefined && { retryAfter }) },
    },
  ]);
  const id = stage.sandbox.world.leaguesOfRole('OWNER')[0]?.id ?? '';
  const { updateLeague } = await stage.data<Payload>(
    `mutation ($id: ID!) {
      updateLeague(input: { id: $id, description: "x" }) { userErrors { code message call upstreamCode retryAfter } }
    }`,
    { id },
  );
  return updateLeague.userErrors;
}

describe('a refusal of the service', () => {
  test.each<[string, number, string, ErrorCode]>([
    ['a code of the service', 500, 'whatever', 'PARTNER_NOT_VERIFIED'],
    ['a text in English', 500, 'queue over length', 'QUEUE_FULL'],
    ['a text in Chinese', 400, '作业名称已存在', 'NAME_TAKEN'],
    ['a status alone', 403, 'something new', 'FORBIDDEN'],
    ['nothing that is known', 400, 'something new', 'UPSTREAM_REFUSED'],
  ])('is told by %s, and its own words come along', async (_, status, message, code) => {
    const upstreamCode = code === 'PARTNER_NOT_VERIFIED' ? 'TICS.SRV.40000023' : 'TICS.SRV.1';
    const errors = await refusedWith(status, { error_code: upstreamCode, error_msg: message });
    expect(errors).toEqual([
      {
        code,
        upstreamCode,
        call: 'updateLeague',
        message: expect.stringContaining(message) as string,
        retryAfter: null,
      },
    ]);
    expect(await stage.sandbox.client.calls({ operationId: 'updateLeague' })).toHaveLength(1);
  });

  test('that asks to wait says for how long', async () => {
    expect(await refusedWith(429, { error_code: '429', error_msg: 'slow down' }, '7')).toMatchObject([
      { code: 'RATE_LIMITED', retryAfter: 7 },
    ]);
  });

  test.each([502, 504])('of a proxy that lost the service (%i) leaves a write’s outcome unknown', async (status) => {
    const message = `updateLeague may have been carried out: HTTP ${status}`;
    expect(await refusedWith(status, '')).toMatchObject([{ code: 'OUTCOME_UNKNOWN', message }]);
  });

  test('no id in the answer leaves the outcome of a creation unknown', async () => {
    const agent = stage.sandbox.world.agents.find(({ nodeStatus }) => nodeStatus === 'TRUST');
    await stage.sandbox.client.setRules([
      { operationId: 'createSqlJob', fault: { kind: 'status', status: 200, body: { job_id: '' } } },
    ]);
    const { createSqlJob } = await stage.data<{ createSqlJob: object }>(
      'mutation ($input: CreateSqlJobInput!) { createSqlJob(input: $input) { userErrors { code call } } }',
      { input: { leagueId: agent?.leagueId, agentId: agent?.id, name: 'without an id' } },
    );
    expect(createSqlJob).toEqual({ userErrors: [{ code: 'OUTCOME_UNKNOWN', call: 'createSqlJob' }] });
  });

  test("the service's own time-out leaves a write's outcome unknown", async () => {
    const body = { error_code: 'TICS.SRV.90000010', error_msg: 'timed out' };
    expect(await refusedWith(500, body)).toMatchObject([
      { code: 'OUTCOME_UNKNOWN', upstreamCode: 'TICS.SRV.90000010' },
    ]);
  });
});

describe('what refusals mean', () => {
  const refusal = (message: string, more: Partial<UpstreamRefusal> = {}): UpstreamRefusal => ({
    purpose: agentCalls.executeSqlJob.purpose,
    status: 500,
    message,
    ...more,
  });

  test.each<[ErrorCode, UpstreamRefusal]>([
    ['QUEUE_FULL', refusal('作业队列已满（queue over length）')],
    ['QUEUE_FULL', refusal('queue over length', { status: 429 })],
    ['ACCOUNT_LOCKED', refusal('the account is locked', { purpose: 'SIGN_IN' })],
    ['UPSTREAM_FAILED', refusal('the dataset is locked', { purpose: agentCalls.updateSqlJob.purpose })],
    ['NAME_TAKEN', refusal('名称已存在: 隐私求交', { purpose: agentCalls.updateSqlJob.purpose })],
    ['NAME_TAKEN', refusal('the name is already taken: x')],
    ['NAME_TAKEN', refusal('Connector already exists.', { purpose: undefined })],
    ['NOT_PUBLISHED', refusal('数据集未发布')],
    ['NOT_PUBLISHED', refusal('the dataset is not published: bank')],
    ['WRONG_STATE', refusal('数据集已发布')],
    ['WRONG_STATE', refusal('the dataset is already published')],
    ['WRONG_STATE', refusal('作业未审批通过: NEW')],
    ['WRONG_STATE', refusal('the job is not approved: NEW')],
    ['WRONG_STATE', refusal('作业审批状态不允许该操作')],
    ['WRONG_STATE', refusal('the approval status of the job does not allow this')],
    ['WRONG_STATE', refusal('空间无需审批')],
    ['WRONG_STATE', refusal('the league does not ask for approvals')],
    ['WRONG_STATE', refusal('通知已处理或已撤销')],
    ['WRONG_STATE', refusal('the notice was handled or revoked')],
    ['WRONG_STATE', refusal('作业内容未保存: 隐私求交')],
    ['WRONG_STATE', refusal('the job has not been saved yet: privacy')],
    ['WRONG_STATE', refusal('作业正在运行')],
    ['WRONG_STATE', refusal('the job is running: instance 1')],
    ['WRONG_STATE', refusal('作业实例已结束')],
    ['WRONG_STATE', refusal('the job instance is over: FAILED')],
    ['WRONG_STATE', refusal('没有可用的模型')],
    ['WRONG_STATE', refusal('there is no model to use')],
    ['WRONG_STATE', refusal('资源正在使用，不允许操作')],
    ['WRONG_STATE', refusal('the resource is in use')],
    ['SQL_REFUSED', refusal('隐私规则检查不通过：敏感字段不允许直接出现在最终结果中')],
    ['SQL_REFUSED', refusal('Refused by the privacy rules: column age is SENSITIVE')],
    ['SQL_REFUSED', refusal('SQL语法错误', { purpose: agentCalls.updateSqlJob.purpose })],
    ['UPSTREAM_FAILED', refusal('SQL语法错误', { purpose: undefined })],
    ['PARTNER_NOT_VERIFIED', refusal('合作方未通过验证')],
    ['PARTNER_NOT_VERIFIED', refusal('x', { code: 'TICS.SRV.40000023' })],
    ['FORBIDDEN', refusal('操作无权限')],
    ['FORBIDDEN', refusal('no permission for this operation: job 1')],
    ['FORBIDDEN', refusal('无权限执行SQL作业')],
    ['FORBIDDEN', refusal('no permission to run this SQL job')],
    ['FORBIDDEN', refusal('SQL job 1: not yours', { status: 403 })],
    ['FORBIDDEN', refusal('x', { status: 403 })],
    ['NOT_FOUND', refusal('名称已存在', { status: 404 })],
    ['FORBIDDEN', refusal('操作无权限', { status: 401 })],
    ['SIGN_IN_REFUSED', refusal('The token is expired.', { status: 401 })],
    ['ACCOUNT_LOCKED', refusal('The account is locked.', { purpose: 'SIGN_IN', status: 401 })],
    ['UPSTREAM_REFUSED', refusal('请求参数错误: ext', { status: 400 })],
    ['UPSTREAM_FAILED', refusal('内部服务器错误')],
    ['UPSTREAM_FAILED', { status: 503 }],
    ['NAME_TAKEN', { purpose: 'CREATE', status: 409 }],
    ['UPSTREAM_REFUSED', { status: 409 }],
  ])('%s: %o', (code, said) => {
    expect(meaningOf(said)).toBe(code);
  });
});
