import { describe, expect, test } from 'vitest';
import type { Agent, Instance, SqlJob } from '../../../../src/sandbox/model/world.ts';
import { useStage } from '../../../support/gateway.ts';
import { mutate } from '../../../support/mutate.ts';

const stage = useStage({ speed: 0 });

function someone<Thing>(thing: Thing | undefined, what: string): Thing {
  if (thing === undefined) throw new Error(`the world has no ${what}`);
  return thing;
}

/** An agent that works, in a league that asks for approvals or in one that does not. */
function agentOf(asksForApproval: boolean): Agent {
  return someone(
    stage.sandbox.world.agents.find(
      ({ leagueId, nodeStatus }) =>
        nodeStatus === 'TRUST' && stage.sandbox.world.league(leagueId)?.approvalRequired === asksForApproval,
    ),
    'agent',
  );
}

function idOf({ leagueId, id }: { leagueId: string; id: string }, kind = 'sql'): string {
  return `Job:${leagueId}/${kind}/${id}`;
}
function bareId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}
function sqlJob(id: string): SqlJob {
  const job = stage.sandbox.world.job(bareId(id));
  if (job?.type !== 'SQL') throw new Error('there is no such SQL job');
  return job;
}

/** A statement over a table of this agent that its partner's own data answers. */
function ownStatement({ id, partnerId, leagueId }: Agent): string {
  const { world } = stage.sandbox;
  const dataset = someone(
    world.datasetsOfLeague(leagueId).find(({ agentId, table }) => agentId === id && table !== undefined),
    'published table',
  );
  return `SELECT COUNT(*) AS n FROM \`${world.partner(partnerId)?.alias ?? ''}\`.\`${dataset.name}\``;
}

/** A statement over another partner's table. */
function foreignStatement({ partnerId, leagueId }: Agent): string {
  const { world } = stage.sandbox;
  const dataset = someone(
    world
      .datasetsOfLeague(leagueId)
      .find((candidate) => candidate.partnerId !== partnerId && candidate.table !== undefined),
    'table of another partner',
  );
  return `SELECT COUNT(*) AS n FROM \`${world.partner(dataset.partnerId)?.alias ?? ''}\`.\`${dataset.name}\``;
}

let names = 0;
function newName(): string {
  return `analysis ${(names += 1)}`;
}

interface JobPayload {
  readonly job: {
    readonly id: string;
    readonly name: string;
    readonly approvalStatus: string;
    readonly definition: {
      readonly sql: string;
      readonly description: string;
      readonly parametersText: string;
      readonly executionParameters: object;
    };
  } | null;
  readonly instance: {
    readonly id: string;
    readonly currentStatus: string;
    readonly jobName: string;
    readonly job: { readonly id: string };
  } | null;
}

const job = 'job { id name approvalStatus definition { sql description parametersText } }';
const instance = 'instance { id currentStatus jobName job { id } }';

function create(input: object) {
  return mutate<JobPayload>(stage, 'createSqlJob', input, job);
}
function update(input: object) {
  return mutate<JobPayload>(stage, 'updateSqlJob', input, job);
}
function submit(input: object) {
  return mutate<JobPayload>(stage, 'submitSqlJobForApproval', input, job);
}
function cancel(input: object) {
  return mutate<JobPayload>(stage, 'cancelSqlJobApproval', input, job);
}
function execute(input: object) {
  return mutate<JobPayload>(stage, 'executeSqlJob', input, `${instance} ${job}`);
}
function remove(input: object) {
  return mutate<{ readonly deletedId: string | null }>(stage, 'deleteJob', input, 'deletedId');
}

async function writesOf(operationId: string) {
  return stage.sandbox.client.calls({ operationId });
}

/** A new job with a statement, made without looking. */
async function savedJob(agent: Agent, sql = ownStatement(agent)): Promise<string> {
  const { job: created } = await create({ leagueId: agent.leagueId, agentId: agent.id, name: newName() });
  const id = someone(created?.id, 'new job');
  expect((await update({ id, agentId: agent.id, sql })).userErrors).toEqual([]);
  await stage.sandbox.client.clearCalls();
  return id;
}

function runsOf(id: string): readonly Instance[] {
  return stage.sandbox.world.instancesOfJob(bareId(id));
}

/** Lets one call break off, before it was carried out or after. */
function breaking(operationId: string, at: 'before' | 'midAnswer') {
  return stage.sandbox.client.setRules([{ operationId, fault: { kind: 'reset', at } }]);
}

function refusing(operationId: string, status: number, error_msg: string) {
  return stage.sandbox.client.setRules([
    { operationId, fault: { kind: 'status', status, body: { error_code: 'TICS_AGENT.1', error_msg } } },
  ]);
}

describe('createSqlJob', () => {
  test('makes a job with a name, on the agent that is named', async () => {
    const agent = agentOf(true);
    const name = newName();
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
    const lonely = someone(
      world.agents.find(({ leagueId, nodeStatus }) => agentsOf(leagueId).length === 1 && nodeStatus === 'TRUST'),
      'league with one agent',
    );
    const payload = await create({ leagueId: lonely.leagueId, name: newName() });
    expect(sqlJob(payload.job?.id ?? '').agentId).toBe(lonely.id);
    const crowded = someone(
      world.agents.find(({ leagueId }) => agentsOf(leagueId).length > 1),
      'league with several agents',
    );
    await stage.sandbox.client.clearCalls();
    expect((await create({ leagueId: crowded.leagueId, name: newName() })).userErrors).toMatchObject([
      { code: 'AGENT_REQUIRED', call: null, field: ['agentId'] },
    ]);
    expect(await writesOf('createSqlJob')).toEqual([]);
  });

  test('a name that is taken is refused', async () => {
    const agent = agentOf(true);
    const { name } = someone(stage.sandbox.world.jobsOfLeague(agent.leagueId, 'SQL')[0], 'job');
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
    expect(await writesOf('createSqlJob')).toHaveLength(1);
  });

  test.each(['before', 'midAnswer'] as const)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    const agent = agentOf(true);
    await breaking('createSqlJob', at);
    const name = newName();
    const { job: found, userErrors } = await create({ leagueId: agent.leagueId, agentId: agent.id, name });
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'createSqlJob' }]);
    expect(await writesOf('createSqlJob')).toHaveLength(1);
    expect(found?.name ?? null).toBe(at === 'midAnswer' ? name : null);
  });
});

describe('createSqlJob after OUTCOME_UNKNOWN', () => {
  test('does not take a job for the new one that was saved since it was made', async () => {
    const agent = agentOf(true);
    const input = { leagueId: agent.leagueId, agentId: agent.id, name: newName() };
    const id = someone((await create(input)).job?.id, 'new job');
    await stage.sandbox.client.advance(60_000);
    await update({ id, agentId: agent.id, sql: 'SELECT 1' });
    await breaking('createSqlJob', 'before');
    const { job: none, userErrors } = await create(input);
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'createSqlJob' }]);
    expect(none).toBeNull();
  });
});

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
    const agent = agentOf(true);
    const id = await savedJob(agent);
    const change = { name: newName(), description: 'later', sql: 'SELECT 1' };
    const calls = await stage.callsOf(async () => {
      const payload = await mutate<JobPayload>(
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

  test('what is left out stays as it is: it is read first', async () => {
    const agent = agentOf(true);
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
      const agent = agentOf(true);
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

  test('taking away the description is a change', async () => {
    const agent = agentOf(true);
    const id = await savedJob(agent);
    await update({ id, agentId: agent.id, description: 'kept' });
    expect((await update({ id, agentId: agent.id, description: '' })).job?.definition.description).toBe('');
  });

  test('when it can not be read, nothing is written', async () => {
    const agent = agentOf(true);
    const id = await savedJob(agent);
    await stage.sandbox.client.setRules([{ operationId: 'getSqlJob', fault: { kind: 'status', status: 500 } }]);
    const { userErrors } = await mutate(stage, 'updateSqlJob', { id, agentId: agent.id, sql: 'SELECT 2' });
    expect(userErrors).toMatchObject([{ code: 'UPSTREAM_FAILED', call: 'getSqlJob' }]);
    expect(await writesOf('updateSqlJob')).toEqual([]);
  });

  test('when what is read is no job, nothing is written: its statement would be lost', async () => {
    const agent = agentOf(true);
    const id = await savedJob(agent);
    await stage.sandbox.client.setRules([
      { operationId: 'getSqlJob', fault: { kind: 'status', status: 200, body: { code: 'OK' } } },
    ]);
    const { userErrors } = await mutate(stage, 'updateSqlJob', { id, agentId: agent.id, name: newName() });
    expect(userErrors).toMatchObject([{ code: 'UPSTREAM_INVALID_ANSWER', call: 'getSqlJob' }]);
    expect(await writesOf('updateSqlJob')).toEqual([]);
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
      const dataset = someone(
        world.datasetsOfLeague(leagueId).find((candidate) => candidate.partnerId !== partnerId),
        'dataset of another partner',
      );
      return { partnerAlias: world.partner(dataset.partnerId)?.alias ?? '', datasetNames: [dataset.name] };
    };

    test('is saved in the same call, and no decision with it', async () => {
      const agent = agentOf(true);
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
      const [call, ...more] = await writesOf('updateSqlJob');
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
      const agent = agentOf(true);
      const id = await savedJob(agent);
      const { partnerAlias } = otherPartner(agent);
      await save({ id, agentId: agent.id, approvals: [{ partnerAlias }] });
      expect((await writesOf('updateSqlJob'))[0]?.body).toMatchObject({
        approval_records: [{ approval_partner_alias: partnerAlias, approval_status: 'NEW' }],
      });
      await stage.sandbox.client.clearCalls();
      expect((await save({ id, agentId: agent.id, description: 'later' })).job?.definition.approvals).toEqual([]);
      expect((await writesOf('updateSqlJob'))[0]?.body).not.toHaveProperty('approval_records');
    });

    test('is refused where it names nobody of the league, and nothing is saved', async () => {
      const agent = agentOf(true);
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

    test.each(['before', 'midAnswer'] as const)('an answer that breaks off (%s) leaves it unknown', async (at) => {
      const agent = agentOf(true);
      const id = await savedJob(agent);
      const approvals = [{ ...otherPartner(agent), comment: 'please' }];
      await breaking('updateSqlJob', at);
      const payload = await save({ id, agentId: agent.id, approvals });
      expect(payload.userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'updateSqlJob' }]);
      expect(payload.job?.definition.approvals ?? null).toEqual(
        at === 'midAnswer' ? [{ ...approvals[0], status: 'NEW' }] : null,
      );
    });
  });

  test("another partner's job is not ours to change", async () => {
    const agent = agentOf(true);
    const foreign = someone(
      stage.sandbox.world.jobsOfLeague(agent.leagueId, 'SQL').find(({ partnerId }) => partnerId !== agent.partnerId),
      'job of another partner',
    );
    expect((await update({ id: idOf(foreign), agentId: agent.id, sql: 'SELECT 1' })).userErrors).toMatchObject([
      { code: 'FORBIDDEN', call: 'updateSqlJob' },
    ]);
  });

  test.each(['before', 'midAnswer'] as const)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    const agent = agentOf(true);
    const id = await savedJob(agent);
    await breaking('updateSqlJob', at);
    const { job: found, userErrors } = await update({
      id,
      agentId: agent.id,
      sql: `SELECT '${at}'`,
      executionParameters: { streamCount: 7 },
    });
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'updateSqlJob' }]);
    expect(await writesOf('updateSqlJob')).toHaveLength(1);
    expect(found?.definition.sql ?? null).toBe(at === 'midAnswer' ? `SELECT '${at}'` : null);
  });
});

describe('approval of SQL jobs', () => {
  test('asks the partners, and takes the job back', async () => {
    const agent = agentOf(true);
    const id = await savedJob(agent, foreignStatement(agent));
    expect(await submit({ id, agentId: agent.id })).toMatchObject({
      userErrors: [],
      job: { id, approvalStatus: 'APPROVING' },
    });
    expect(await cancel({ id, agentId: agent.id })).toMatchObject({
      userErrors: [],
      job: { id, approvalStatus: 'REVOKED' },
    });
    expect(await writesOf('submitSqlJobForApproval')).toHaveLength(1);
    expect(await writesOf('cancelSqlJobApproval')).toHaveLength(1);
  });

  test('a job that waits can not be submitted, and one that does not can not be taken back', async () => {
    const agent = agentOf(true);
    const id = await savedJob(agent, foreignStatement(agent));
    expect((await cancel({ id, agentId: agent.id })).userErrors).toMatchObject([
      { code: 'WRONG_STATE', call: 'cancelSqlJobApproval' },
    ]);
    await submit({ id, agentId: agent.id });
    expect((await submit({ id, agentId: agent.id })).userErrors).toMatchObject([
      { code: 'WRONG_STATE', call: 'submitSqlJobForApproval' },
    ]);
  });

  test.each(['before', 'midAnswer'] as const)('answers that break off (%s) leave it unknown', async (at) => {
    const agent = agentOf(true);
    const id = await savedJob(agent, foreignStatement(agent));
    await breaking('submitSqlJobForApproval', at);
    const submitted = await submit({ id, agentId: agent.id });
    expect(submitted.userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'submitSqlJobForApproval' }]);
    expect(submitted.job?.approvalStatus ?? null).toBe(at === 'midAnswer' ? 'APPROVING' : null);
    await stage.sandbox.client.clearRules();
    if (at === 'before') await submit({ id, agentId: agent.id });
    await breaking('cancelSqlJobApproval', at);
    const cancelled = await cancel({ id, agentId: agent.id });
    expect(cancelled.userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'cancelSqlJobApproval' }]);
    expect(cancelled.job?.approvalStatus ?? null).toBe(at === 'midAnswer' ? 'REVOKED' : null);
    expect(await writesOf('cancelSqlJobApproval')).toHaveLength(1);
  });
});

describe('executeSqlJob', () => {
  test('answers with the run to watch', async () => {
    const agent = agentOf(false);
    const id = await savedJob(agent);
    const payload = await execute({ id, agentId: agent.id });
    expect(payload).toMatchObject({
      userErrors: [],
      instance: { currentStatus: 'NEW', jobName: sqlJob(id).name, job: { id } },
      job: { id },
    });
    expect(runsOf(id).map((run) => `Instance:${agent.leagueId}/${run.id}`)).toEqual([payload.instance?.id]);
    expect(await writesOf('executeSqlJob')).toHaveLength(1);
    await stage.sandbox.client.advance(3_600_000);
    const query = 'query ($id: ID!) { instance(id: $id) { currentStatus } }';
    expect(await stage.data(query, { id: payload.instance?.id })).toEqual({ instance: { currentStatus: 'SUCCEEDED' } });
  });

  test('a run that no list tells of yet is answered all the same', async () => {
    const agent = agentOf(false);
    const id = await savedJob(agent);
    await stage.sandbox.client.setRules(
      ['listJobInstances', 'listLeagueInstances'].map((operationId) => ({
        operationId,
        fault: { kind: 'status', status: 500 } as const,
      })),
    );
    const payload = await mutate<JobPayload>(
      stage,
      'executeSqlJob',
      { id, agentId: agent.id },
      'instance { id jobId currentStatus }',
    );
    expect(payload).toMatchObject({
      userErrors: [],
      instance: { id: `Instance:${agent.leagueId}/${runsOf(id)[0]?.id}`, jobId: bareId(id), currentStatus: 'NEW' },
    });
  });

  test.each<[string, number, string]>([
    ['QUEUE_FULL', 500, 'queue over length'],
    ['SQL_REFUSED', 400, '隐私规则检查不通过'],
    ['NOT_PUBLISHED', 409, '数据集未发布'],
    ['PARTNER_NOT_VERIFIED', 409, '合作方未通过验证'],
  ])('a refusal is told as %s', async (code, status, message) => {
    const agent = agentOf(false);
    const id = await savedJob(agent);
    await refusing('executeSqlJob', status, message);
    const payload = await execute({ id, agentId: agent.id });
    expect(payload.instance).toBeNull();
    expect(payload.userErrors).toMatchObject([{ code, call: 'executeSqlJob', upstreamCode: 'TICS_AGENT.1' }]);
    expect(payload.userErrors[0]?.message).toContain(message);
    expect(await writesOf('executeSqlJob')).toHaveLength(1);
  });

  test('a job that needs an approval and has none may not run', async () => {
    const agent = agentOf(true);
    const id = await savedJob(agent);
    expect((await execute({ id, agentId: agent.id })).userErrors).toMatchObject([
      { code: 'WRONG_STATE', call: 'executeSqlJob' },
    ]);
  });

  test.each(['before', 'midAnswer'] as const)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    const agent = agentOf(false);
    const id = await savedJob(agent);
    await breaking('executeSqlJob', at);
    const payload = await execute({ id, agentId: agent.id });
    expect(payload.userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'executeSqlJob' }]);
    expect(await writesOf('executeSqlJob')).toHaveLength(1);
    const [started] = runsOf(id);
    expect(payload.instance?.id ?? null).toBe(started ? `Instance:${agent.leagueId}/${started.id}` : null);
    expect(started !== undefined).toBe(at === 'midAnswer');
  });
});

describe('deleteJob', () => {
  test('deletes SQL jobs and learning jobs by their own calls', async () => {
    const agent = agentOf(true);
    const id = await savedJob(agent);
    const calls = await stage.callsOf(async () =>
      expect(await remove({ id, agentId: agent.id })).toEqual({ deletedId: id, userErrors: [] }),
    );
    expect(calls).toEqual({ deleteSqlJob: 1 });
    expect(stage.sandbox.world.job(bareId(id))).toBeUndefined();

    for (const type of ['HFL', 'VFL'] as const) {
      const { world } = stage.sandbox;
      const learning = someone(
        world
          .jobsOfLeague(agent.leagueId, type)
          .find(
            (own) =>
              own.partnerId === agent.partnerId &&
              world.instancesOfJob(own.id).every(({ endedAtMs }) => endedAtMs !== undefined),
          ),
        `${type} job`,
      );
      const learningId = idOf(learning, type.toLowerCase());
      const learningCalls = await stage.callsOf(async () =>
        expect(await remove({ id: learningId, agentId: agent.id })).toEqual({ deletedId: learningId, userErrors: [] }),
      );
      expect(learningCalls).toEqual({ deleteFlJob: 1 });
      expect(world.job(learning.id)).toBeUndefined();
    }
  });

  test('what was deleted is not read any more in the same operation', async () => {
    const agent = agentOf(true);
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
    const agent = agentOf(false);
    const id = await savedJob(agent);
    await execute({ id, agentId: agent.id });
    expect(await remove({ id, agentId: agent.id })).toMatchObject({
      deletedId: null,
      userErrors: [{ code: 'WRONG_STATE', call: 'deleteSqlJob' }],
    });
  });

  test.each(['before', 'midAnswer'] as const)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    const agent = agentOf(true);
    const id = await savedJob(agent);
    await breaking('deleteSqlJob', at);
    expect(await remove({ id, agentId: agent.id })).toMatchObject({
      deletedId: at === 'midAnswer' ? id : null,
      userErrors: [{ code: 'OUTCOME_UNKNOWN', call: 'deleteSqlJob' }],
    });
    expect(await writesOf('deleteSqlJob')).toHaveLength(1);
  });
});

describe('runSqlJob', () => {
  interface RunPayload extends JobPayload {
    readonly failedStep: string | null;
    readonly waitsForApproval: boolean;
  }
  const runSql = (input: object) =>
    mutate<RunPayload>(stage, 'runSqlJob', input, `${job} ${instance} failedStep waitsForApproval`);
  const inputFor = (agent: Agent, sql = ownStatement(agent)) => ({
    leagueId: agent.leagueId,
    agentId: agent.id,
    name: newName(),
    sql,
  });

  test('makes, saves and runs a job in one call, and answers with the run', async () => {
    const agent = agentOf(false);
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
    const agent = agentOf(true);
    const payload = await runSql(inputFor(agent, foreignStatement(agent)));
    expect(payload).toMatchObject({
      userErrors: [],
      failedStep: null,
      waitsForApproval: true,
      instance: null,
      job: { approvalStatus: 'APPROVING' },
    });
    expect(await writesOf('executeSqlJob')).toEqual([]);
    await stage.sandbox.client.reviewJob(bareId(payload.job?.id ?? ''), 'PASS');
    expect((await execute({ id: payload.job?.id, agentId: agent.id })).userErrors).toEqual([]);
  });

  test('there a job over its own data runs at once', async () => {
    const agent = agentOf(true);
    expect(await runSql(inputFor(agent))).toMatchObject({
      userErrors: [],
      waitsForApproval: false,
      instance: { currentStatus: 'NEW' },
      job: { approvalStatus: 'APPROVED' },
    });
  });

  test('where the league can not be read, the service decides', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'getLeague', fault: { kind: 'status', status: 500 } }]);
    expect(await runSql(inputFor(agentOf(false)))).toMatchObject({ userErrors: [], failedStep: null });
    expect(await runSql(inputFor(agentOf(true)))).toMatchObject({
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
    const agent = agentOf(asksForApproval);
    await refusing(call, 500, 'queue over length');
    const input = inputFor(agent);
    const payload = await runSql(input);
    expect(payload).toMatchObject({ failedStep: step, instance: null, userErrors: [{ code: 'QUEUE_FULL', call }] });
    expect(payload.job?.name ?? null).toBe(step === 'CREATE' ? null : input.name);
    expect(await writesOf(call)).toHaveLength(1);
    for (const operationId of later) expect(await writesOf(operationId)).toEqual([]);
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
    const agent = agentOf(asksForApproval);
    await breaking(call, at);
    const input = inputFor(agent);
    const payload = await runSql(input);
    expect(payload).toMatchObject({ failedStep: step, userErrors: [{ code: 'OUTCOME_UNKNOWN', call }] });
    expect(await writesOf(call)).toHaveLength(1);
    const made = stage.sandbox.world.jobsOfLeague(agent.leagueId, 'SQL').find(({ name }) => name === input.name);
    expect(payload.job?.id ?? null).toBe(made ? idOf(made) : null);
    const [run] = made ? runsOf(idOf(made)) : [];
    expect(payload.instance?.id ?? null).toBe(run ? `Instance:${agent.leagueId}/${run.id}` : null);
  });
});

describe('local rules', () => {
  const anyJob = `Job:${'a'.repeat(32)}/sql/${'b'.repeat(32)}`;
  const names: readonly [string, object, string][] = [
    ['an empty name', { name: '' }, 'name'],
    ['a name that is too long', { name: 'x'.repeat(129) }, 'name'],
    ['a blank at the end of a name', { name: 'x ' }, 'name'],
    ...[...'\\/:*?"<>'].map((sign): [string, object, string] => [`${sign} in a name`, { name: `a${sign}b` }, 'name']),
    ['a description that is too long', { description: 'x'.repeat(513) }, 'description'],
    ['another kind of agent id', { agentId: 'Job:a/sql/b' }, 'agentId'],
  ];
  const statements: readonly [string, object, string][] = [
    ['SQL that is too long', { sql: `SELECT ${'x'.repeat(7994)}` }, 'sql'],
    ['SQL that is blank', { sql: ' \n' }, 'sql'],
    [
      'parameters that are too long together',
      { executionParameters: { agentTaskMemory: '9'.repeat(600), maxResultFileSize: '9'.repeat(600) } },
      'executionParameters',
    ],
    ...['aggregatorCount', 'streamCount', 'saveBatchCount', 'aggregatorTaskConcurrency', 'agentTaskConcurrency'].map(
      (name): [string, object, string] => [
        `${name} of nothing`,
        { executionParameters: { [name]: 0 } },
        `executionParameters.${name}`,
      ],
    ),
  ];
  const asked = { partnerAlias: 'partner' };
  const approvals: readonly [string, object, string][] = [
    ['an alias that is too short', { approvals: [{ partnerAlias: 'x'.repeat(5) }] }, 'approvals.0.partnerAlias'],
    ['an alias that is too long', { approvals: [{ partnerAlias: 'x'.repeat(129) }] }, 'approvals.0.partnerAlias'],
    ['a partner that is asked twice', { approvals: [asked, asked] }, 'approvals.1.partnerAlias'],
    ['a remark that is too long', { approvals: [{ ...asked, comment: 'x'.repeat(2001) }] }, 'approvals.0.comment'],
    ['a decision that is none', { approvals: [{ ...asked, status: 'UNKNOWN' }] }, 'approvals.0.status'],
    [
      'a comma in the name of a dataset',
      { approvals: [{ ...asked, datasetNames: ['a,b'] }] },
      'approvals.0.datasetNames.0',
    ],
    [
      'names of datasets that are too long together',
      { approvals: [{ ...asked, datasetNames: ['x'.repeat(500), 'y'.repeat(500)] }] },
      'approvals.0.datasetNames',
    ],
  ];
  const jobIds: readonly [string, object, string][] = [
    ['an id of another kind', { id: 'League:a' }, 'id'],
    ['the id of a job of another kind', { id: anyJob.replace('/sql/', '/vfl/') }, 'id'],
    ['another kind of agent id', { agentId: 'Job:a/sql/b' }, 'agentId'],
  ];
  const of = (
    mutation: string,
    valid: object,
    faults: readonly [string, object, string][],
  ): readonly [string, string, object, string][] =>
    faults.map(([what, fault, field]) => [mutation, what, { ...valid, ...fault }, field]);

  const newJob = { leagueId: 'a'.repeat(32), name: 'x' };
  const league: readonly [string, object, string][] = [
    ['another kind of league id', { leagueId: 'Job:a' }, 'leagueId'],
  ];

  test.each([
    ...of('createSqlJob', newJob, [...league, ...names]),
    ...of('updateSqlJob', { id: anyJob, sql: 'SELECT 1' }, [...jobIds, ...names, ...statements, ...approvals]),
    ...of('submitSqlJobForApproval', { id: anyJob }, jobIds),
    ...of('cancelSqlJobApproval', { id: anyJob }, jobIds),
    ...of('executeSqlJob', { id: anyJob }, jobIds),
    ...of('runSqlJob', { ...newJob, sql: 'SELECT 1' }, [...league, ...names, ...statements]),
    ...of('deleteJob', { id: anyJob }, [
      ['an id of another kind', { id: 'League:a' }, 'id'],
      ['the id of a prediction', { id: anyJob.replace('/sql/', '/predict/') }, 'id'],
      ['another kind of agent id', { agentId: 'Job:a/sql/b' }, 'agentId'],
    ]),
  ])('%s refuses %s', async (mutation, _, input, field) => {
    const { userErrors } = await mutate(stage, mutation, input);
    expect(userErrors.map((error) => [error.code, error.field?.join('.'), error.call])).toEqual([
      ['INVALID_INPUT', field, null],
    ]);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test('all faults are told at once', async () => {
    const { userErrors } = await mutate(stage, 'runSqlJob', {
      leagueId: 'League:?',
      agentId: 'x:y',
      name: '?',
      description: 'x'.repeat(513),
      sql: '',
      executionParameters: { streamCount: 0, agentTaskMemory: '9'.repeat(1100) },
    });
    expect(userErrors.map(({ field }) => field?.join('.')).sort()).toEqual([
      'agentId',
      'description',
      'executionParameters',
      'executionParameters.streamCount',
      'leagueId',
      'name',
      'sql',
    ]);
  });
});
