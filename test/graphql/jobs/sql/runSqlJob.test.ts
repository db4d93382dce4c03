import { describe, expect, test } from 'vitest';
import type { Agent } from '../../../../src/sandbox/model/world.ts';
import { refuseCall, resetCall } from '../../../support/faults.ts';
import { useStage } from '../../../support/gateway.ts';
import { jobId, rawId } from '../../../support/ids.ts';
import { mutate } from '../../../support/mutate.ts';
import { newName } from '../../../support/names.ts';
import {
  agentOf,
  foreignStatement,
  instanceFields,
  jobFields,
  ownStatement,
  sqlJobWrites,
  type SqlJobPayload,
} from '../../../support/sqlJobs.ts';

const stage = useStage({ speed: 0 });
const { callsOf, execute, runsOf } = sqlJobWrites(stage);

describe('runSqlJob', () => {
  interface RunPayload extends SqlJobPayload {
    readonly failedStep: string | null;
    readonly waitsForApproval: boolean;
  }
  const runSql = (input: object) =>
    mutate<RunPayload>(stage, 'runSqlJob', input, `${jobFields} ${instanceFields} failedStep waitsForApproval`);
  const inputFor = (agent: Agent, sql = ownStatement(stage, agent)) => ({
    leagueId: agent.leagueId,
    agentId: agent.id,
    name: newName('analysis'),
    sql,
  });

  test('makes, saves and runs a job in one call, and answers with the run', async () => {
    const agent = agentOf(stage, false);
    const input = { ...inputFor(agent), description: 'at once', executionParameters: { streamCount: 2 } };
    const calls = await stage.callsOf(async () => {
      const payload = await runSql(input);
      expect(payload).toMatchObject({
        userErrors: [],
        failedStep: null,
        waitsForApproval: false,
        job: {
          name: input.name,
          definition: { sql: input.sql, description: 'at once', parametersText: '{"stream.count":2}' },
        },
        instance: { currentStatus: 'NEW', job: { id: payload.job?.id } },
      });
      await stage.sandbox.client.advance(3_600_000);
      const { instance: run } = await stage.data<{ instance: object }>(
        'query ($id: ID!) { instance(id: $id) { currentStatus sample { rows } } }',
        { id: payload.instance?.id },
      );
      expect(run).toMatchObject({ currentStatus: 'SUCCEEDED', sample: { rows: [[expect.any(String)]] } });
    });
    expect(calls).toMatchObject({ createSqlJob: 1, updateSqlJob: 1, getLeague: 1, executeSqlJob: 1 });
    expect(calls).not.toHaveProperty('submitSqlJobForApproval');
  });

  test('in a league that asks for approvals it waits for the partners', async () => {
    const agent = agentOf(stage, true);
    const payload = await runSql(inputFor(agent, foreignStatement(stage, agent)));
    expect(payload).toMatchObject({
      userErrors: [],
      failedStep: null,
      waitsForApproval: true,
      instance: null,
      job: { approvalStatus: 'APPROVING' },
    });
    expect(await callsOf('executeSqlJob')).toEqual([]);
    await stage.sandbox.client.reviewJob(rawId(payload.job?.id ?? ''), 'PASS');
    expect((await execute({ id: payload.job?.id, agentId: agent.id })).userErrors).toEqual([]);
  });

  test('there a job over its own data runs at once', async () => {
    const agent = agentOf(stage, true);
    expect(await runSql(inputFor(agent))).toMatchObject({
      userErrors: [],
      waitsForApproval: false,
      instance: { currentStatus: 'NEW' },
      job: { approvalStatus: 'APPROVED' },
    });
  });

  test('where the league can not be read, the service decides', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'getLeague', fault: { kind: 'status', status: 500 } }]);
    expect(await runSql(inputFor(agentOf(stage, false)))).toMatchObject({ userErrors: [], failedStep: null });
    expect(await runSql(inputFor(agentOf(stage, true)))).toMatchObject({
      userErrors: [{ code: 'WRONG_STATE', call: 'executeSqlJob' }],
      failedStep: 'EXECUTE',
    });
  });

  test.each<[string, string, boolean, readonly string[]]>([
    ['CREATE', 'createSqlJob', false, ['updateSqlJob', 'executeSqlJob']],
    ['SAVE', 'updateSqlJob', false, ['executeSqlJob']],
    ['SUBMIT_FOR_APPROVAL', 'submitSqlJobForApproval', true, ['executeSqlJob']],
    ['EXECUTE', 'executeSqlJob', false, []],
  ])('when %s is refused it ends there and holds what was made', async (step, call, asksForApproval, later) => {
    const agent = agentOf(stage, asksForApproval);
    await refuseCall(stage, call, 500, 'queue over length');
    const input = inputFor(agent);
    const payload = await runSql(input);
    expect(payload).toMatchObject({ failedStep: step, instance: null, userErrors: [{ code: 'QUEUE_FULL', call }] });
    expect(payload.job?.name ?? null).toBe(step === 'CREATE' ? null : input.name);
    expect(await callsOf(call)).toHaveLength(1);
    for (const operationId of later) expect(await callsOf(operationId)).toEqual([]);
  });

  test.each<[string, string, boolean, 'before' | 'midAnswer']>([
    ['CREATE', 'createSqlJob', false, 'before'],
    ['CREATE', 'createSqlJob', false, 'midAnswer'],
    ['SAVE', 'updateSqlJob', false, 'before'],
    ['SAVE', 'updateSqlJob', false, 'midAnswer'],
    ['SUBMIT_FOR_APPROVAL', 'submitSqlJobForApproval', true, 'midAnswer'],
    ['EXECUTE', 'executeSqlJob', false, 'before'],
    ['EXECUTE', 'executeSqlJob', false, 'midAnswer'],
  ])('when %s (%s, %s) breaks off (%s) nothing that was made is lost', async (step, call, asksForApproval, at) => {
    const agent = agentOf(stage, asksForApproval);
    await resetCall(stage, call, at);
    const input = inputFor(agent);
    const payload = await runSql(input);
    expect(payload).toMatchObject({ failedStep: step, userErrors: [{ code: 'OUTCOME_UNKNOWN', call }] });
    expect(await callsOf(call)).toHaveLength(1);
    const made = stage.sandbox.world.jobsOfLeague(agent.leagueId, 'SQL').find(({ name }) => name === input.name);
    expect(payload.job?.id ?? null).toBe(made ? jobId(made) : null);
    const [run] = made ? runsOf(jobId(made)) : [];
    expect(payload.instance?.id ?? null).toBe(run ? `Instance:${agent.leagueId}/${run.id}` : null);
  });
});
