import { describe, expect, test } from 'vitest';
import type { SqlJob } from '../../src/sandbox/model/world.ts';
import {
  countStatement,
  createSqlJob,
  expectDone,
  expectRefusal,
  foreignJob,
  foreignTable,
  found,
  lastEvent,
  makeDataset,
  ownTable,
  page,
  publish,
  rowsOf,
  sqlName,
  textIn,
  useSandbox,
  type AgentClient,
} from './fixture.ts';

const fixture = useSandbox();
const nobody = '0'.repeat(32);

function sqlJob(id: string): SqlJob {
  const job = fixture.world.job(id);
  if (job?.type !== 'SQL') throw new Error(`no SQL job ${id}`);
  return job;
}
async function detail(client: AgentClient, id: string) {
  return (await client.league.get(`/sql-jobs/${id}`)).json as {
    readonly sql_job_approval_status: string;
    readonly approval_records: readonly Readonly<Record<string, string>>[];
  };
}
async function approval(client: AgentClient, id: string) {
  return (await detail(client, id)).sql_job_approval_status;
}
function openNotice(client: AgentClient, jobId: string) {
  return found(
    'open notice',
    fixture.world.approvalNoticesOfAgent(client.agent.id).find((own) => own.jobId === jobId && own.status === 'OPEN'),
  ).id;
}
function review(client: AgentClient, noticeId: string, decision: string, message = '') {
  return client.post(`/${client.agent.id}/notices/${noticeId}/approval`, {
    approval_status: decision,
    approval_msg: message,
  });
}
function rename(client: AgentClient, id: string, name: string, sql = 'SELECT 1', ext = '{}') {
  return client.league.put(`/sql-jobs/${id}`, { name, sql_text: sql, ext });
}

describe('SQL jobs', () => {
  test('are created, saved and deleted, and both planes see it at once', async () => {
    const { first, world } = fixture;
    const statistics = async () => Number(await textIn(fixture.space(first, '/jobs-statistics'), 'job_cnt'));
    const before = await statistics();
    const id = await createSqlJob(first, 'sql-test');
    const rows = async () => [
      (await rowsOf(first.league.get(`/sql-jobs?${page}`)))[0],
      (await rowsOf(fixture.space(first, `/sql-jobs?${page}`)))[0],
    ];
    for (const row of await rows()) {
      expect(row).toMatchObject({ id, name: 'sql-test', approval_status: 'NEW', creator_name: first.agent.user });
    }
    expect(await statistics()).toBe(before + 1);
    expect(await lastEvent(fixture, first)).toContain(`create [SQL] job [sql-test] id: [${id}], [SUCCEEDED]`);

    const { name, id: datasetId } = ownTable(world, first);
    const sql = `select * from ${sqlName(world, ownTable(world, first))} -- ${name}`;
    await sandboxHour();
    await expectDone(first.league.put(`/sql-jobs/${id}`, { name: 'sql-test2', description: 'd', sql_text: sql }));
    expect(await detail(first, id)).toMatchObject({ name: 'sql-test2', description: 'd', sql_text: sql });
    for (const row of await rows()) expect(row).toMatchObject({ name: 'sql-test2' });
    expect(sqlJob(id)).toMatchObject({ datasetIds: [datasetId], updatedAtMs: world.clock.now() });

    await expectDone(first.league.delete(`/sql-jobs/${id}`));
    expect((await first.league.get(`/sql-jobs/${id}`)).status).toBe(404);
    expect(await statistics()).toBe(before);
    expect(await lastEvent(fixture, first)).toContain('delete [SQL] job [sql-test2]');
    await expectRefusal(first.league.delete(`/sql-jobs/${id}`), 404, 5);
  });

  const sandboxHour = () => fixture.sandbox.client.advance(60 * 60_000);

  test('have names of their own, an agent of ours in the league, and ext in JSON', async () => {
    const { first, second, free, world } = fixture;
    const id = await createSqlJob(first, 'taken');
    const create = (body: object) => first.league.post('/sql-jobs', body);
    await expectRefusal(create({ name: 'taken', agent_id: first.agent.id }), 409, 20, 'taken');
    await expectRefusal(create({ name: 'other', agent_id: nobody }), 404, 5);
    await expectRefusal(create({ name: 'other', agent_id: free.agent.id }), 404, 5);
    await expectRefusal(create({ name: 'other', agent_id: foreignTable(world, first).agentId }), 403, 3);
    const foreign = first.get(`/../${fixture.sandbox.projectId}/leagues/${free.leagueId}/sql-jobs/${id}`);
    expect((await foreign).status).toBe(403);

    const other = await createSqlJob(second, 'not taken');
    await expectRefusal(rename(first, other, 'taken'), 409, 20);
    await expectDone(rename(first, other, 'not taken'));
    for (const ext of ['', 'x', '[]', 'null']) await expectRefusal(rename(first, id, 'taken', '', ext), 400, 2, 'ext');
    await expectRefusal(rename(first, nobody, 'x'), 404, 5);
    await expectRefusal(rename(first, foreignJob(world, first, 'HFL').id, 'x'), 404, 5);
  });

  test('of somebody else are not to be touched', async () => {
    const { first, world } = fixture;
    const { id, name } = foreignJob(world, first, 'SQL');
    await expectRefusal(rename(first, id, name), 403, 3);
    await expectRefusal(first.league.delete(`/sql-jobs/${id}`), 403, 3);
    for (const action of ['approval', 'cancel-approval', 'execute']) {
      await expectRefusal(first.league.post(`/sql-jobs/${id}/${action}`), 403, 3);
    }
  });

  test('find the datasets that a statement names, however it writes them', async () => {
    const { first, world } = fixture;
    const own = ownTable(world, first);
    const other = foreignTable(world, first);
    const alias = world.partner(own.partnerId)?.alias ?? '';
    const id = await createSqlJob(first, 'names');
    const idsFor = async (sql: string) => {
      await expectDone(rename(first, id, 'names', sql));
      return new Set(sqlJob(id).datasetIds);
    };
    expect(await idsFor(`select a.x from ${alias} . ${own.name} a`)).toEqual(new Set([own.id]));
    expect(await idsFor(`select 1 from LEAGUE_CREATOR.${own.name.toUpperCase()}`)).toEqual(new Set([own.id]));
    expect(await idsFor(countStatement(sqlName(world, own), sqlName(world, other)))).toEqual(
      new Set([own.id, other.id]),
    );
    expect(await idsFor(`select '${alias}.${own.name}' /* ${alias}.${own.name} */ from nowhere.nothing`)).toEqual(
      new Set(),
    );
  });
});

describe('approval', () => {
  const joint = async (name: string) => {
    const { first, second, world } = fixture;
    const datasetId = await makeDataset(second, `for_${name.replace(' ', '_')}`);
    await expectDone(publish(second, datasetId));
    const shared = found('dataset', world.dataset(datasetId));
    const tables = [ownTable(world, first), shared, foreignTable(world, first)] as const;
    const id = await createSqlJob(first, name, countStatement(...tables.map((table) => sqlName(world, table))));
    return { id, tables };
  };
  const submit = (id: string) => fixture.first.league.post(`/sql-jobs/${id}/approval`);
  const cancel = (id: string) => fixture.first.league.post(`/sql-jobs/${id}/cancel-approval`);
  const execute = (id: string) => fixture.first.league.post(`/sql-jobs/${id}/execute`);

  test('is asked of every agent whose data is used, and given when all agree', async () => {
    const { first, second, world, sandbox } = fixture;
    const { id, tables } = await joint('joint');
    await expectRefusal(execute(id), 409, 30, 'NEW');
    await expectDone(submit(id));
    expect(await lastEvent(fixture, first)).toContain('submit job [joint]');
    expect(await approval(second, id)).toBe('APPROVING');
    const aliases = tables.slice(1).map(({ partnerId }) => world.partner(partnerId)?.alias);
    expect((await detail(first, id)).approval_records).toEqual(
      expect.arrayContaining(
        aliases.map((alias): unknown =>
          expect.objectContaining({ approval_partner_alias: alias, approval_status: 'APPROVING' }),
        ),
      ),
    );
    expect(world.approvalNoticesOfJob(id)).toHaveLength(2);
    await expectRefusal(submit(id), 409, 31, 'APPROVING');
    await expectRefusal(execute(id), 409, 30, 'APPROVING');

    const noticeId = openNotice(second, id);
    const notices = () => rowsOf(second.get(`/${second.agent.id}/notices?${page}`));
    expect((await notices())[0]).toMatchObject({ id: noticeId, notice_status: 'OPEN', handle_time: null });
    await expectDone(review(second, noticeId, 'PASS', 'fine'));
    expect((await notices())[0]).toMatchObject({ id: noticeId, notice_status: 'DONE' });
    expect((await second.get(`/${second.agent.id}/notices/${noticeId}`)).json).toMatchObject({
      approval_status: 'PASS',
      approval_msg: 'fine',
    });
    expect(await lastEvent(fixture, second)).toContain('approve job [joint]');
    await expectRefusal(review(second, noticeId, 'REJECT'), 409, 33, 'DONE');

    expect(await approval(first, id)).toBe('APPROVING');
    await sandbox.client.reviewJob(id, 'PASS', 'ok');
    expect(await approval(first, id)).toBe('APPROVED');
    const [row] = await rowsOf(fixture.space(first, `/sql-jobs?${page}`));
    expect(row).toMatchObject({ id, approval_status: 'APPROVED' });
    await expectRefusal(submit(id), 409, 31, 'APPROVED');
    await expectRefusal(cancel(id), 409, 31);
    expect((await execute(id)).status).toBe(200);
    await fixture.finish();
  });

  test('is given by partners of other tenants after a while', async () => {
    const { first, world, sandbox } = fixture;
    const id = await createSqlJob(first, 'with others', countStatement(sqlName(world, foreignTable(world, first))));
    await expectDone(submit(id));
    await sandbox.client.advance(world.limits.partnerReviewMs - 1);
    expect(await approval(first, id)).toBe('APPROVING');
    await sandbox.client.advance(1);
    expect(await approval(first, id)).toBe('APPROVED');
  });

  test('is denied by one, and can be asked for again', async () => {
    const { first, second, world } = fixture;
    const { id } = await joint('denied');
    await expectDone(submit(id));
    const noticeId = openNotice(second, id);
    await expectDone(review(second, noticeId, 'REJECT', 'no'));
    expect(await approval(first, id)).toBe('REJECTED');
    expect(world.approvalNoticesOfJob(id).map(({ status }) => status)).toEqual(
      expect.arrayContaining(['DONE', 'REVOKED']),
    );
    await expectRefusal(execute(id), 409, 30, 'REJECTED');
    await expectDone(submit(id));
    expect(await approval(first, id)).toBe('APPROVING');
    await expectDone(review(second, openNotice(second, id), 'PASS'));
  });

  test('can be called off', async () => {
    const { first, second, world } = fixture;
    const { id } = await joint('called off');
    await expectRefusal(cancel(id), 409, 31, 'NEW');
    await expectDone(submit(id));
    const noticeId = openNotice(second, id);
    await expectDone(cancel(id));
    expect(await lastEvent(fixture, first)).toContain('cancel approval of job [called off]');
    expect(await approval(first, id)).toBe('REVOKED');
    expect(world.approvalNoticesOfJob(id).map(({ status }) => status)).toEqual(['REVOKED', 'REVOKED']);
    await expectRefusal(review(second, noticeId, 'PASS'), 409, 33, 'REVOKED');
    await expectDone(submit(id));
    expect(await approval(first, id)).toBe('APPROVING');
  });

  test('ends when the job is edited or deleted', async () => {
    const { first, second, world } = fixture;
    const { id } = await joint('edited');
    await expectDone(submit(id));
    const noticeId = openNotice(second, id);
    await expectDone(rename(first, id, 'edited', sqlJob(id).sql));
    expect(await detail(first, id)).toMatchObject({ sql_job_approval_status: 'NEW', approval_records: [] });
    await expectRefusal(review(second, noticeId, 'PASS'), 409, 33);
    await expectDone(submit(id));
    await expectDone(first.league.delete(`/sql-jobs/${id}`));
    expect(world.approvalNoticesOfJob(id).every(({ status }) => status === 'REVOKED')).toBe(true);
  });

  test('is noted with the job: whom it asks for what, and why, but nothing that they would have said', async () => {
    const { first, world, sandbox } = fixture;
    const { id, name, partnerId } = foreignTable(world, first);
    const alias = world.partner(partnerId)?.alias ?? '';
    const sql = countStatement(sqlName(world, found('dataset', world.dataset(id))));
    const jobId = await createSqlJob(first, 'with a remark', sql);
    const save = (...records: readonly object[]) =>
      first.league.put(`/sql-jobs/${jobId}`, { name: 'with a remark', sql_text: sql, approval_records: records });
    const record = { approval_partner_alias: alias, approval_status: 'APPROVED', datasets: name, comment: 'please' };
    const records = async () => (await detail(first, jobId)).approval_records;

    await expectDone(save(record));
    expect(await records()).toEqual([{ ...record, approval_status: 'NEW' }]);
    expect(await approval(first, jobId)).toBe('NEW');
    await expectRefusal(save(record, record), 400, 2, 'once');
    await expectRefusal(save({ ...record, approval_partner_alias: 'nobody' }), 404, 5, 'nobody');
    await expectRefusal(save({ ...record, datasets: `${name},nothing` }), 404, 5, 'nothing');
    await expectRefusal(save({ ...record, approval_partner_alias: 'short' }), 400, 2);
    expect(await records()).toHaveLength(1);

    await expectDone(submit(jobId));
    expect(await records()).toEqual([{ ...record, approval_status: 'APPROVING' }]);
    await sandbox.client.reviewJob(jobId, 'REJECT', 'no');
    await expectDone(submit(jobId));
    expect(await records()).toEqual([{ ...record, approval_status: 'APPROVING', comment: '' }]);
    await expectDone(cancel(jobId));
  });

  test('is needed for data of others only, and not in every league', async () => {
    const { first, free, world } = fixture;
    const own = await createSqlJob(first, 'own data', countStatement(sqlName(world, ownTable(world, first))));
    await expectRefusal(execute(own), 409, 30);
    await expectDone(submit(own));
    expect(await approval(first, own)).toBe('APPROVED');

    const id = await createSqlJob(free, 'free', 'SELECT 1');
    await expectRefusal(free.league.post(`/sql-jobs/${id}/approval`), 409, 32);
  });

  test('is asked for whole jobs over published data', async () => {
    const { first, world } = fixture;
    await expectRefusal(submit(await createSqlJob(first, 'empty')), 409, 40);
    await expectRefusal(submit(nobody), 404, 5);
    const dataset = found('dataset', world.dataset(await makeDataset(first, 'hidden')));
    const id = await createSqlJob(first, 'of hidden data', countStatement(sqlName(world, dataset)));
    await expectRefusal(submit(id), 409, 23, 'hidden');
    await expectRefusal(execute(id), 409, 23, 'hidden');
    await expectDone(publish(first, dataset.id));
    await expectDone(submit(id));
    expect(await approval(first, id)).toBe('APPROVED');
  });

  test('of jobs of others is ours to give, once, at the agent that was asked', async () => {
    const { world, sandbox } = fixture;
    const notice = found(
      'open notice of the seeded world',
      sandbox.agents.flatMap(({ id }) => world.approvalNoticesOfAgent(id)).find(({ status }) => status === 'OPEN'),
    );
    const clients = [fixture.first, fixture.second, fixture.free, fixture.untrusted];
    for (const client of clients) {
      if (client.agent.id === notice.agentId) await expectDone(review(client, notice.id, 'PASS'));
      else await expectRefusal(review(client, notice.id, 'PASS'), 404, 5);
    }
    await expectRefusal(review(fixture.first, nobody, 'PASS'), 404, 5);
    const other = fixture.first.post(`/${fixture.second.agent.id}/notices/${notice.id}/approval`, {
      approval_status: 'PASS',
    });
    await expectRefusal(other, 403, 3);
  });
});
