import { describe, expect, test } from 'vitest';
import { breakPoints, refuseCall, resetCall } from '../../../support/faults.ts';
import { useStage } from '../../../support/gateway.ts';
import { jobId, rawId } from '../../../support/ids.ts';
import { newName } from '../../../support/names.ts';
import { required } from '../../../support/required.ts';
import { agentOf, sqlJobWrites } from '../../../support/sqlJobs.ts';

const stage = useStage({ speed: 0 });
const { callsOf, create, execute, remove, savedJob, sqlJob, update } = sqlJobWrites(stage);

describe('createSqlJob', () => {
  test('makes a job with a name, on the agent that is named', async () => {
    const agent = agentOf(stage, true);
    const name = newName('analysis');
    const calls = await stage.callsOf(async () => {
      const payload = await create({
        leagueId: `League:${agent.leagueId}`,
        agentId: `Agent:${agent.id}`,
        name,
        description: '新作业',
      });
      expect(payload).toMatchObject({
        userErrors: [],
        job: { name, approvalStatus: 'NEW', definition: { sql: '', description: '新作业' } },
      });
      expect(sqlJob(payload.job?.id ?? '')).toMatchObject({ name, agentId: agent.id, leagueId: agent.leagueId });
    });
    expect(calls).toMatchObject({ createSqlJob: 1, listLeagueSqlJobs: 1, getSqlJob: 1 });
  });

  test('goes to the only agent of a league, and asks which where there are several', async () => {
    const { world } = stage.sandbox;
    const agentsOf = (leagueId: string) => world.agents.filter((agent) => agent.leagueId === leagueId);
    const lonely = required(
      world.agents.find(({ leagueId, nodeStatus }) => agentsOf(leagueId).length === 1 && nodeStatus === 'TRUST'),
      'league with one agent',
    );
    const payload = await create({ leagueId: lonely.leagueId, name: newName('analysis') });
    expect(sqlJob(payload.job?.id ?? '').agentId).toBe(lonely.id);
    const crowded = required(
      world.agents.find(({ leagueId }) => agentsOf(leagueId).length > 1),
      'league with several agents',
    );
    await stage.sandbox.client.clearCalls();
    expect((await create({ leagueId: crowded.leagueId, name: newName('analysis') })).userErrors).toMatchObject([
      { code: 'AGENT_REQUIRED', call: null, field: ['agentId'] },
    ]);
    expect(await callsOf('createSqlJob')).toEqual([]);
  });

  test('a name that is taken is refused', async () => {
    const agent = agentOf(stage, true);
    const { name } = required(stage.sandbox.world.jobsOfLeague(agent.leagueId, 'SQL')[0], 'job');
    const { job: none, userErrors } = await create({ leagueId: agent.leagueId, agentId: agent.id, name });
    expect(none).toBeNull();
    expect(userErrors).toMatchObject([
      {
        code: 'NAME_TAKEN',
        call: 'createSqlJob',
        upstreamCode: expect.stringContaining('TICS_AGENT') as string,
        field: ['name'],
      },
    ]);
    expect(await callsOf('createSqlJob')).toHaveLength(1);
  });

  test('409 without a text is a name that is taken', async () => {
    const agent = agentOf(stage, true);
    await refuseCall(stage, 'createSqlJob', 409, '');
    const { userErrors } = await create({ leagueId: agent.leagueId, agentId: agent.id, name: newName('analysis') });
    expect(userErrors).toMatchObject([{ code: 'NAME_TAKEN', call: 'createSqlJob' }]);
  });

  test.each(breakPoints)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    const agent = agentOf(stage, true);
    await resetCall(stage, 'createSqlJob', at);
    const name = newName('analysis');
    const { job: found, userErrors } = await create({ leagueId: agent.leagueId, agentId: agent.id, name });
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'createSqlJob' }]);
    expect(await callsOf('createSqlJob')).toHaveLength(1);
    expect(found?.name ?? null).toBe(at === 'midAnswer' ? name : null);
  });
});

describe('createSqlJob after OUTCOME_UNKNOWN', () => {
  test('does not take a job for the new one that was saved since it was made', async () => {
    const agent = agentOf(stage, true);
    const input = { leagueId: agent.leagueId, agentId: agent.id, name: newName('analysis') };
    const id = required((await create(input)).job?.id, 'new job');
    await stage.sandbox.client.advance(60_000);
    await update({ id, agentId: agent.id, sql: 'SELECT 1' });
    await resetCall(stage, 'createSqlJob', 'before');
    const { job: none, userErrors } = await create(input);
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'createSqlJob' }]);
    expect(none).toBeNull();
  });
});

describe('deleteJob', () => {
  test('deletes SQL jobs and learning jobs by their own calls', async () => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent);
    const calls = await stage.callsOf(async () =>
      expect(await remove({ id, agentId: agent.id })).toEqual({ deletedId: id, userErrors: [] }),
    );
    expect(calls).toEqual({ deleteSqlJob: 1 });
    expect(stage.sandbox.world.job(rawId(id))).toBeUndefined();

    for (const type of ['HFL', 'VFL'] as const) {
      const { world } = stage.sandbox;
      const learning = required(
        world
          .jobsOfLeague(agent.leagueId, type)
          .find(
            (own) =>
              own.partnerId === agent.partnerId &&
              world.instancesOfJob(own.id).every(({ endedAtMs }) => endedAtMs !== undefined),
          ),
        `${type} job`,
      );
      const learningId = jobId(learning, type.toLowerCase());
      const learningCalls = await stage.callsOf(async () =>
        expect(await remove({ id: learningId, agentId: agent.id })).toEqual({ deletedId: learningId, userErrors: [] }),
      );
      expect(learningCalls).toEqual({ deleteFlJob: 1 });
      expect(world.job(learning.id)).toBeUndefined();
    }
  });

  test('what was deleted is not read any more in the same operation', async () => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent);
    const { data, errors } = await stage.ask<{ removed: { deletedId: string }; again: { userErrors: object[] } }>(
      `mutation ($input: DeleteJobInput!) {
        removed: deleteJob(input: $input) { deletedId }
        again: deleteJob(input: $input) { deletedId userErrors { code } }
      }`,
      { input: { id, agentId: agent.id } },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      removed: { deletedId: id },
      again: { deletedId: null, userErrors: [{ code: 'NOT_FOUND' }] },
    });
  });

  test('one that runs is refused', async () => {
    const agent = agentOf(stage, false);
    const id = await savedJob(agent);
    await execute({ id, agentId: agent.id });
    expect(await remove({ id, agentId: agent.id })).toMatchObject({
      deletedId: null,
      userErrors: [{ code: 'WRONG_STATE', call: 'deleteSqlJob' }],
    });
  });

  test.each(breakPoints)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    const agent = agentOf(stage, true);
    const id = await savedJob(agent);
    await resetCall(stage, 'deleteSqlJob', at);
    expect(await remove({ id, agentId: agent.id })).toMatchObject({
      deletedId: at === 'midAnswer' ? id : null,
      userErrors: [{ code: 'OUTCOME_UNKNOWN', call: 'deleteSqlJob' }],
    });
    expect(await callsOf('deleteSqlJob')).toHaveLength(1);
  });
});
