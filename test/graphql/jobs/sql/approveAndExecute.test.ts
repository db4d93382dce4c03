import { describe, expect, test } from 'vitest';
import { breakPoints, refuseCall, resetCall } from '../../../support/faults.ts';
import { useStage } from '../../../support/gateway.ts';
import { rawId } from '../../../support/ids.ts';
import { mutate } from '../../../support/mutate.ts';
import { agentOf, foreignStatement, sqlJobWrites, type SqlJobPayload } from '../../../support/sqlJobs.ts';

const stage = useStage({ speed: 0 });
const { callsOf, cancel, execute, runsOf, savedJob, sqlJob, submit } = sqlJobWrites(stage);

describe('approval of SQL jobs', () => {
  test('asks the partners, and takes the job back', async () => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent, foreignStatement(stage, agent));
    expect(await submit({ id, agentId: agent.id })).toMatchObject({
      userErrors: [],
      job: { id, approvalStatus: 'APPROVING' },
    });
    expect(await cancel({ id, agentId: agent.id })).toMatchObject({
      userErrors: [],
      job: { id, approvalStatus: 'REVOKED' },
    });
    expect(await callsOf('submitSqlJobForApproval')).toHaveLength(1);
    expect(await callsOf('cancelSqlJobApproval')).toHaveLength(1);
  });

  test('a job that waits can not be submitted, and one that does not can not be taken back', async () => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent, foreignStatement(stage, agent));
    expect((await cancel({ id, agentId: agent.id })).userErrors).toMatchObject([
      { code: 'WRONG_STATE', call: 'cancelSqlJobApproval' },
    ]);
    await submit({ id, agentId: agent.id });
    expect((await submit({ id, agentId: agent.id })).userErrors).toMatchObject([
      { code: 'WRONG_STATE', call: 'submitSqlJobForApproval' },
    ]);
  });

  test.each(breakPoints)('answers that break off (%s) leave it unknown', async (at) => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent, foreignStatement(stage, agent));
    await resetCall(stage, 'submitSqlJobForApproval', at);
    const submitted = await submit({ id, agentId: agent.id });
    expect(submitted.userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'submitSqlJobForApproval' }]);
    expect(submitted.job?.approvalStatus ?? null).toBe(at === 'midAnswer' ? 'APPROVING' : null);
    await stage.sandbox.client.clearRules();
    if (at === 'before') await submit({ id, agentId: agent.id });
    await resetCall(stage, 'cancelSqlJobApproval', at);
    const cancelled = await cancel({ id, agentId: agent.id });
    expect(cancelled.userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'cancelSqlJobApproval' }]);
    expect(cancelled.job?.approvalStatus ?? null).toBe(at === 'midAnswer' ? 'REVOKED' : null);
    expect(await callsOf('cancelSqlJobApproval')).toHaveLength(1);
  });
});

describe('executeSqlJob', () => {
  test('answers with the run to watch', async () => {
    const agent = agentOf(stage, false);
    const id = await savedJob(agent);
    const payload = await execute({ id, agentId: agent.id });
    expect(payload).toMatchObject({
      userErrors: [],
      instance: { currentStatus: 'NEW', jobName: sqlJob(id).name, job: { id } },
      job: { id },
    });
    expect(runsOf(id).map((run) => `Instance:${agent.leagueId}/${run.id}`)).toEqual([payload.instance?.id]);
    expect(await callsOf('executeSqlJob')).toHaveLength(1);
    await stage.sandbox.client.advance(3_600_000);
    const query = 'query ($id: ID!) { instance(id: $id) { currentStatus } }';
    expect(await stage.data(query, { id: payload.instance?.id })).toEqual({ instance: { currentStatus: 'SUCCEEDED' } });
  });

  test('a run that no list contains yet is answered by its id', async () => {
    const agent = agentOf(stage, false);
    const id = await savedJob(agent);
    await stage.sandbox.client.setRules(
      ['listJobInstances', 'listLeagueInstances'].map((operationId) => ({
        operationId,
        fault: { kind: 'status', status: 500 } as const,
      })),
    );
    const payload = await mutate<SqlJobPayload>(
      stage,
      'executeSqlJob',
      { id, agentId: agent.id },
      'instance { id jobTicsId currentStatus }',
    );
    expect(payload).toMatchObject({
      userErrors: [],
      instance: { id: `Instance:${agent.leagueId}/${runsOf(id)[0]?.id}`, jobTicsId: rawId(id), currentStatus: 'NEW' },
    });
  });

  test.each<[string, number, string]>([
    ['QUEUE_FULL', 500, 'queue over length'],
    ['SQL_REFUSED', 400, '隐私规则检查不通过'],
    ['NOT_PUBLISHED', 409, '数据集未发布'],
    ['PARTNER_NOT_VERIFIED', 409, '合作方未通过验证'],
  ])('a refusal is told as %s', async (code, status, message) => {
    const agent = agentOf(stage, false);
    const id = await savedJob(agent);
    await refuseCall(stage, 'executeSqlJob', status, message);
    const payload = await execute({ id, agentId: agent.id });
    expect(payload.instance).toBeNull();
    expect(payload.userErrors).toMatchObject([{ code, call: 'executeSqlJob', upstreamCode: 'TICS_AGENT.1' }]);
    expect(payload.userErrors[0]?.message).toContain(message);
    expect(await callsOf('executeSqlJob')).toHaveLength(1);
  });

  test('a job that needs an approval and has none may not run', async () => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent);
    expect((await execute({ id, agentId: agent.id })).userErrors).toMatchObject([
      { code: 'WRONG_STATE', call: 'executeSqlJob' },
    ]);
  });

  test.each(breakPoints)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    const agent = agentOf(stage, false);
    const id = await savedJob(agent);
    await resetCall(stage, 'executeSqlJob', at);
    const payload = await execute({ id, agentId: agent.id });
    expect(payload.userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'executeSqlJob' }]);
    expect(await callsOf('executeSqlJob')).toHaveLength(1);
    const [started] = runsOf(id);
    expect(payload.instance?.id ?? null).toBe(started ? `Instance:${agent.leagueId}/${started.id}` : null);
    expect(started !== undefined).toBe(at === 'midAnswer');
  });
});
