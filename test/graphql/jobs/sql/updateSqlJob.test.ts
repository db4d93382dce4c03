import { describe, expect, test } from 'vitest';
import type { Agent } from '../../../../src/sandbox/model/world.ts';
import { breakPoints, resetCall } from '../../../support/faults.ts';
import { useStage } from '../../../support/gateway.ts';
import { mutate } from '../../../support/mutate.ts';
import { newName } from '../../../support/names.ts';
import { required } from '../../../support/required.ts';
import { agentOf, sqlJobWrites, type SqlJobPayload } from '../../../support/sqlJobs.ts';
import { jobId } from '../../../support/ids.ts';

const stage = useStage({ speed: 0 });
const { callsOf, execute, savedJob, sqlJob, submit, update } = sqlJobWrites(stage);

describe('updateSqlJob', () => {
  const parameters = {
    aggregatorCount: 2,
    agentTaskMemory: '4096',
    aggregatorTaskMemory: '2048',
    streamCount: 3,
    homomorphicDictionary: true,
    saveBatchCount: 4,
    maxResultFileSize: '10',
    aggregatorTaskConcurrency: 5,
    agentTaskConcurrency: 6,
    pushComplexSqlDown: false,
  };

  test('saves everything at once in one call, and the execution parameters under their own names', async () => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent);
    const change = { name: newName('analysis'), description: 'later', sql: 'SELECT 1' };
    const calls = await stage.callsOf(async () => {
      const payload = await mutate<SqlJobPayload>(
        stage,
        'updateSqlJob',
        { id, agentId: agent.id, ...change, executionParameters: parameters },
        `job { name definition { sql description executionParameters { ${Object.keys(parameters).join(' ')} } } }`,
      );
      expect(payload).toMatchObject({
        userErrors: [],
        job: {
          name: change.name,
          definition: { sql: change.sql, description: 'later', executionParameters: parameters },
        },
      });
    });
    expect(calls).toEqual({ updateSqlJob: 1, listLeagueSqlJobs: 1, getSqlJob: 1 });
    expect(JSON.parse(sqlJob(id).ext ?? '')).toEqual({
      'agg.count': 2,
      'user.task.memory.size': '4096',
      'tics.task.memory.size': '2048',
      'stream.count': 3,
      'he.dict.enable': true,
      'save.batch.count': 4,
      'max.result.file.size': '10',
      'tics.task.concurrency': 5,
      'user.task.concurrency': 6,
      'complex.sql.push.connector': false,
    });
  });

  test('fields that are left out keep their values: they are read first', async () => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent);
    await update({ id, agentId: agent.id, description: 'kept', executionParameters: { streamCount: 2 } });
    const before = { ...sqlJob(id) };
    const calls = await stage.callsOf(() => update({ id, agentId: agent.id, sql: 'SELECT 2' }));
    expect(calls).toEqual({ updateSqlJob: 1, listLeagueSqlJobs: 1, getSqlJob: 2 });
    expect(sqlJob(id)).toMatchObject({
      name: before.name,
      description: 'kept',
      sql: 'SELECT 2',
      ext: JSON.stringify({ 'stream.count': 2 }),
    });
  });

  test.each([{}, { name: null, description: null, sql: null, executionParameters: null, approvals: null }])(
    'nothing to change (%j) is not sent, so that an approval stays',
    async (change) => {
      const agent = agentOf(stage, true);
      const id = await savedJob(agent);
      await submit({ id, agentId: agent.id });
      await stage.sandbox.client.clearCalls();
      const { job: none, userErrors } = await update({ id, agentId: agent.id, ...change });
      expect(none).toBeNull();
      expect(userErrors).toMatchObject([
        {
          code: 'INVALID_INPUT',
          message: expect.stringContaining('name, description, sql, executionParameters, approvals') as string,
          field: [],
          call: null,
        },
      ]);
      expect(await stage.sandbox.client.calls()).toEqual([]);
      expect(sqlJob(id).approvalStatus).toBe('APPROVED');
    },
  );

  test('the state of the approval is sent along, and the agent that is asked is named', async () => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent);
    const { userErrors } = await update({ id, agentId: agent.id, sql: 'SELECT 2', approvalStatus: 'REVOKED' });
    expect(userErrors).toEqual([]);
    expect((await stage.sandbox.client.calls({ operationId: 'updateSqlJob' }))[0]?.body).toMatchObject({
      sql_job_approval_status: 'REVOKED',
    });
    const reads = await stage.sandbox.client.calls({ operationId: 'getSqlJob' });
    expect(reads.map(({ headers }) => headers['agent-id'])).toContain(agent.id);
  });

  test('a definition is read as the named agent', async () => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent);
    await stage.data(
      'query ($id: ID!, $agentId: ID!) { job(id: $id) { ... on SqlJob { definition(agentId: $agentId) { sql } } } }',
      { id, agentId: `Agent:${agent.id}` },
    );
    const reads = await stage.sandbox.client.calls({ operationId: 'getSqlJob' });
    expect(reads.map(({ headers }) => headers['agent-id'])).toEqual([agent.id]);
  });

  test('taking away the description is a change', async () => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent);
    await update({ id, agentId: agent.id, description: 'kept' });
    expect((await update({ id, agentId: agent.id, description: '' })).job?.definition.description).toBe('');
  });

  test('when it can not be read, nothing is written', async () => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent);
    await stage.sandbox.client.setRules([{ operationId: 'getSqlJob', fault: { kind: 'status', status: 500 } }]);
    const { userErrors } = await mutate(stage, 'updateSqlJob', { id, agentId: agent.id, sql: 'SELECT 2' });
    expect(userErrors).toMatchObject([{ code: 'UPSTREAM_FAILED', call: 'getSqlJob' }]);
    expect(await callsOf('updateSqlJob')).toEqual([]);
  });

  test('nothing is written when the read before it answers no job: its statement would be lost', async () => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent);
    await stage.sandbox.client.setRules([
      { operationId: 'getSqlJob', fault: { kind: 'status', status: 200, body: { code: 'OK' } } },
    ]);
    const { userErrors } = await mutate(stage, 'updateSqlJob', { id, agentId: agent.id, name: newName('analysis') });
    expect(userErrors).toMatchObject([{ code: 'UPSTREAM_INVALID_ANSWER', call: 'getSqlJob' }]);
    expect(await callsOf('updateSqlJob')).toEqual([]);
  });

  describe('whom to ask for approval', () => {
    const selection =
      'job { approvalStatus definition { sql approvals { partnerAlias datasetNames status comment } } }';
    interface Approved {
      readonly job: { readonly approvalStatus: string; readonly definition: { readonly approvals: object[] } } | null;
    }
    const save = (input: object) => mutate<Approved>(stage, 'updateSqlJob', input, selection);
    /** A partner of the league that is not the agent's own, with a dataset of it. */
    const otherPartner = ({ partnerId, leagueId }: Agent) => {
      const { world } = stage.sandbox;
      const dataset = required(
        world.datasetsOfLeague(leagueId).find((candidate) => candidate.partnerId !== partnerId),
        'dataset of another partner',
      );
      return { partnerAlias: world.partner(dataset.partnerId)?.alias ?? '', datasetNames: [dataset.name] };
    };

    test('is saved in the same call, and no decision with it', async () => {
      const agent = agentOf(stage, true);
      const id = await savedJob(agent);
      const other = otherPartner(agent);
      const comment = 'for the yearly report';
      const payload = await save({
        id,
        agentId: agent.id,
        approvals: [{ ...other, status: 'APPROVED', comment }],
      });
      expect(payload).toMatchObject({
        userErrors: [],
        job: { approvalStatus: 'NEW', definition: { approvals: [{ ...other, status: 'NEW', comment }] } },
      });
      const [call, ...more] = await callsOf('updateSqlJob');
      expect(more).toEqual([]);
      expect(call?.body).toMatchObject({
        approval_records: [
          {
            approval_partner_alias: other.partnerAlias,
            approval_status: 'APPROVED',
            datasets: other.datasetNames[0],
            comment,
          },
        ],
      });
      expect((await execute({ id, agentId: agent.id })).userErrors).toMatchObject([{ code: 'WRONG_STATE' }]);
    });

    test('is NEW where no decision is given, and is gone when it is left out of the next save', async () => {
      const agent = agentOf(stage, true);
      const id = await savedJob(agent);
      const { partnerAlias } = otherPartner(agent);
      await save({ id, agentId: agent.id, approvals: [{ partnerAlias }] });
      expect((await callsOf('updateSqlJob'))[0]?.body).toMatchObject({
        approval_records: [{ approval_partner_alias: partnerAlias, approval_status: 'NEW' }],
      });
      await stage.sandbox.client.clearCalls();
      expect((await save({ id, agentId: agent.id, description: 'later' })).job?.definition.approvals).toEqual([]);
      expect((await callsOf('updateSqlJob'))[0]?.body).not.toHaveProperty('approval_records');
    });

    test('an alias that is not of the league is refused, and nothing is saved', async () => {
      const agent = agentOf(stage, true);
      const id = await savedJob(agent);
      const before = { ...sqlJob(id) };
      const { userErrors } = await save({
        id,
        agentId: agent.id,
        sql: 'SELECT 3',
        approvals: [{ partnerAlias: 'nobody_here' }],
      });
      expect(userErrors).toMatchObject([{ code: 'NOT_FOUND', call: 'updateSqlJob' }]);
      expect(sqlJob(id)).toEqual(before);
    });

    test.each(breakPoints)('an answer that breaks off (%s) leaves it unknown', async (at) => {
      const agent = agentOf(stage, true);
      const id = await savedJob(agent);
      const approvals = [{ ...otherPartner(agent), comment: 'please' }];
      await resetCall(stage, 'updateSqlJob', at);
      const payload = await save({ id, agentId: agent.id, approvals });
      expect(payload.userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'updateSqlJob' }]);
      expect(payload.job?.definition.approvals ?? null).toEqual(
        at === 'midAnswer' ? [{ ...approvals[0], status: 'NEW' }] : null,
      );
    });
  });

  test("another partner's job is not ours to change", async () => {
    const agent = agentOf(stage, true);
    const foreign = required(
      stage.sandbox.world.jobsOfLeague(agent.leagueId, 'SQL').find(({ partnerId }) => partnerId !== agent.partnerId),
      'job of another partner',
    );
    expect((await update({ id: jobId(foreign), agentId: agent.id, sql: 'SELECT 1' })).userErrors).toMatchObject([
      { code: 'FORBIDDEN', call: 'updateSqlJob' },
    ]);
  });

  test.each(breakPoints)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent);
    await resetCall(stage, 'updateSqlJob', at);
    const { job: found, userErrors } = await update({
      id,
      agentId: agent.id,
      sql: `SELECT '${at}'`,
      executionParameters: { streamCount: 7 },
    });
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'updateSqlJob' }]);
    expect(await callsOf('updateSqlJob')).toHaveLength(1);
    expect(found?.definition.sql ?? null).toBe(at === 'midAnswer' ? `SELECT '${at}'` : null);
  });
});
