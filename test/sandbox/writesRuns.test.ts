import { describe, expect, test } from 'vitest';
import {
  countStatement,
  createSqlJob,
  expectDone,
  expectRefusal,
  found,
  lastEvent,
  makeDataset,
  ownTable,
  page,
  publish,
  rowsOf,
  sqlName,
  statusOf,
  textIn,
  useSandbox,
  type AgentClient,
} from './fixture.ts';

const minuteMs = 60_000;
const fixture = useSandbox();
const nobody = '0'.repeat(32);

let jobs = 0;
function jobFor(client: AgentClient, sql?: string) {
  const statement = sql ?? countStatement(sqlName(fixture.world, ownTable(fixture.world, client)));
  return createSqlJob(client, `run ${++jobs}`, statement);
}
function execute(client: AgentClient, jobId: string) {
  return client.league.post(`/sql-jobs/${jobId}/execute`);
}
function run(client: AgentClient, jobId: string) {
  return textIn(execute(client, jobId), 'job_instance_id');
}
function errorOf(client: AgentClient, id: string) {
  return textIn(client.league.get(`/job-instances/${id}/error-info`), 'error_info');
}
function stop(client: AgentClient, id: string) {
  return client.league.post(`/instances/${id}/stop`);
}
/** Moves time ahead until a run has come to a state. */
async function waitFor(client: AgentClient, id: string, status: string) {
  for (let step = 0; (await statusOf(client, id)) !== status; step++) {
    if (step > 400) throw new Error(`the run never became ${status}`);
    await fixture.sandbox.client.advance(250);
  }
}

describe('a run', () => {
  test('goes through its states to its end, and everybody is told', async () => {
    const { free, sandbox, world } = fixture;
    const count = async () => Number(await textIn(fixture.space(free, '/jobs-statistics'), 'job_ins_cnt'));
    const before = await count();
    const jobId = await jobFor(free);
    const id = await run(free, jobId);
    expect(await statusOf(free, id)).toBe('NEW');
    expect(await count()).toBe(before + 1);
    const lists = [
      free.league.get(`/job-instances?${page}&job_id=${jobId}`),
      fixture.space(free, `/job-instances?${page}&job_id=${jobId}`),
    ];
    for (const list of lists)
      expect(await rowsOf(list)).toMatchObject([{ id, status: 'NEW', job_instance_type: 'SQL' }]);
    const [newest] = await rowsOf(free.get(`/${free.agent.id}/job-instances?${page}`));
    expect(newest).toMatchObject({ id, job_id: jobId });
    expect(await lastEvent(fixture, free)).toContain(`execute [SQL] job [run ${jobs}] id: [${id}]`);

    const states = [await statusOf(free, id)];
    for (let step = 0; step < 400 && states.at(-1) !== 'SUCCEEDED'; step++) {
      await sandbox.client.advance(250);
      const status = await statusOf(free, id);
      if (status !== states.at(-1)) states.push(status);
    }
    expect(states).toEqual(['NEW', 'SUBMITING', 'ACCEPTED', 'DEPLOYING', 'PENDING', 'RUNNING', 'SUCCEEDED']);
    expect(world.instance(id)?.results).toBeDefined();
    expect(await lastEvent(fixture, free)).toContain('[SUCCEEDED]');
    const sample = (await free.get(`/${free.agent.id}/job-instances/${id}/sample`)).json;
    expect(sample).toMatchObject({ status: 'SUCCEEDED', job_id: jobId });
    expect((await free.league.get(`/job-instances/${id}/result`)).json).toMatchObject({ job_id: jobId });
  });

  test('ends at the same moment however time was moved ahead', async () => {
    const { free, sandbox, world } = fixture;
    const jobId = await jobFor(free);
    const [first, second] = [await run(free, jobId), await run(free, jobId)];
    await sandbox.client.advance(60 * minuteMs);
    for (const id of [first, second]) {
      const { status, runningAtMs = 0, endedAtMs = 0, runMs } = found('instance', world.instance(id));
      expect(status).toBe('SUCCEEDED');
      expect(endedAtMs - runningAtMs).toBe(runMs);
      expect(runMs).toBeLessThan(minuteMs);
    }
  });

  test('is never over before its execution is, and known to be when everything has settled', async () => {
    const { free, sandbox, world } = fixture;
    const id = await run(free, await jobFor(free));
    const instance = found('instance', world.instance(id));
    world.clock.advance(60 * minuteMs);
    expect(instance.status).toBe('RUNNING');
    await sandbox.client.settled();
    expect(instance.status).toBe('SUCCEEDED');
    expect(instance.endedAtMs).toBe(world.clock.now());
  });

  test('fails with the reason that its execution gives', async () => {
    const { free, world } = fixture;
    const id = await run(free, await jobFor(free, 'SELECT x FROM `NOBODY`.`NOTHING`'));
    await fixture.finish();
    expect(await statusOf(free, id)).toBe('FAILED');
    expect(await errorOf(free, id)).toBe(world.instance(id)?.failure?.en_us);
    expect(await errorOf(free, id)).not.toBe('');
    expect(await lastEvent(fixture, free)).toContain('[FAILED]');
  });

  test('fails when an agent that it needs is offline or not trusted', async () => {
    const { free, untrusted, sandbox, world } = fixture;
    const name = found('agent', world.agent(free.agent.id)).name;
    const early = await run(free, await jobFor(free));
    world.agents.filter(({ id }) => id === free.agent.id).forEach((agent) => (agent.nodeStatus = 'OFFLINE'));
    await fixture.finish();
    expect(await statusOf(free, early)).toBe('FAILED');
    expect(await errorOf(free, early)).toContain(`[${name}] is offline`);
    await sandbox.client.setAgentStatus(free.agent.id, 'TRUST');

    const late = await run(free, await jobFor(free));
    await waitFor(free, late, 'RUNNING');
    await sandbox.client.settled();
    world.agents.filter(({ id }) => id === free.agent.id).forEach((agent) => (agent.nodeStatus = 'FAULT'));
    await fixture.finish();
    expect(await errorOf(free, late)).toContain('is offline');
    await sandbox.client.setAgentStatus(free.agent.id, 'TRUST');

    const datasetId = await makeDataset(untrusted, 'of_untrusted');
    await expectDone(publish(untrusted, datasetId));
    const jobId = await jobFor(untrusted, countStatement(sqlName(world, found('dataset', world.dataset(datasetId)))));
    await expectDone(untrusted.league.post(`/sql-jobs/${jobId}/approval`));
    const id = await run(untrusted, jobId);
    await fixture.finish();
    expect(await errorOf(untrusted, id)).toContain('TICS.SRV.40000023');
  });

  test('executes the job as it was when it started', async () => {
    const { free, world } = fixture;
    const jobId = await jobFor(free);
    const id = await run(free, jobId);
    await expectDone(free.league.put(`/sql-jobs/${jobId}`, { name: 'edited in between', sql_text: 'nonsense' }));
    await fixture.finish();
    expect(await statusOf(free, id), world.instance(id)?.failure?.en_us).toBe('SUCCEEDED');
  });

  test('can be stopped once, by those who started it, until it is over', async () => {
    const { free, first, world, sandbox } = fixture;
    const jobId = await jobFor(free);
    for (const status of ['NEW', 'RUNNING']) {
      const id = await run(free, jobId);
      await waitFor(free, id, status);
      await expectDone(stop(free, id));
      expect(await statusOf(free, id)).toBe('TERMINATING');
      expect(await lastEvent(fixture, free)).toMatch(/stop job|execute/);
      await expectRefusal(stop(free, id), 409, 43, 'TERMINATING');
      await sandbox.client.advance(10_000);
      expect(await statusOf(free, id)).toBe('TERMINATED');
      expect(await errorOf(free, id)).toBe('Stopped by a user');
      expect(world.instance(id)?.endedAtMs).toBeDefined();
      await expectRefusal(stop(free, id), 409, 43, 'TERMINATED');
      await fixture.finish();
      expect(await statusOf(free, id)).toBe('TERMINATED');
    }
    await expectRefusal(stop(free, nobody), 404, 5);
    const elsewhere = found('instance', world.instancesOfLeague(first.leagueId)[0]);
    await expectRefusal(stop(free, elsewhere.id), 404, 5);
    const foreign = found(
      'run of another tenant',
      world.instancesOfLeague(free.leagueId).find(({ partnerId }) => !world.partner(partnerId)?.isOwn),
    );
    await expectRefusal(stop(free, foreign.id), 403, 3);
  });

  test('keeps its job from being deleted until it is over', async () => {
    const { free, world } = fixture;
    const jobId = await jobFor(free);
    const id = await run(free, jobId);
    await expectRefusal(free.league.delete(`/sql-jobs/${jobId}`), 409, 41, id);
    await fixture.finish();
    await expectDone(free.league.delete(`/sql-jobs/${jobId}`));
    expect(world.instance(id)).toBeDefined();
    const [row] = await rowsOf(free.league.get(`/job-instances?offset=0&limit=1`));
    expect(row).toMatchObject({ id, status: 'SUCCEEDED' });
  });

  test('needs a job that was saved', async () => {
    const { free } = fixture;
    await expectRefusal(execute(free, await createSqlJob(free, 'never saved')), 409, 40);
    await expectRefusal(execute(free, nobody), 404, 5);
  });

  test('waits in a queue that is full after ten', async () => {
    const { free } = fixture;
    await fixture.finish();
    const jobId = await jobFor(free);
    const ids = await Promise.all(Array.from({ length: 10 }, () => run(free, jobId)));
    expect(new Set(ids).size).toBe(10);
    await expectRefusal(execute(free, jobId), 409, 42, 'queue over length');
    await expectDone(stop(free, found('instance', ids[0])));
    await fixture.sandbox.client.advance(4000);
    expect((await execute(free, jobId)).status).toBe(200);
    await fixture.finish();
    for (const id of ids.slice(1)) expect(await statusOf(free, id)).toBe('SUCCEEDED');
  });

  test('that was put into its end by hand still tells something', async () => {
    const { free, sandbox, world } = fixture;
    const id = await run(free, await jobFor(free));
    await sandbox.client.setInstanceStatus(id, 'FAILED');
    expect(await errorOf(free, id)).not.toBe('');
    await sandbox.client.setInstanceStatus(id, 'RUNNING');
    await fixture.finish();
    expect(await statusOf(free, id)).toBe('SUCCEEDED');
    expect(world.instance(id)?.failure).toBeUndefined();
  });
});
