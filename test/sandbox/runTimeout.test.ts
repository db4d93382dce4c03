import { expect, test } from 'vitest';
import { countStatement, createSqlJob, ownTable, sqlName, statusOf, textIn, useSandbox } from './fixture.ts';

const fixture = useSandbox({ runTimeoutMs: 1, queueLength: 2, partnerReviewMs: 0 });

test('a run that takes longer than it may fails with the text of a time-out', async () => {
  const { free, world } = fixture;
  const jobId = await createSqlJob(free, 'slow', countStatement(sqlName(world, ownTable(world, free))));
  const id = await textIn(free.league.post(`/sql-jobs/${jobId}/execute`), 'job_instance_id');
  await fixture.finish();
  expect(await statusOf(free, id)).toBe('FAILED');
  const reason = await textIn(free.league.get(`/job-instances/${id}/error-info`), 'error_info');
  expect(reason).toContain('TICS.SRV.90000010');
  const { runningAtMs = 0, endedAtMs } = world.instance(id) ?? {};
  expect(endedAtMs).toBe(runningAtMs + 1);
});

test('a queue is as long as it is made', async () => {
  const { free } = fixture;
  const jobId = await createSqlJob(free, 'queued', 'SELECT 1');
  const statuses: number[] = [];
  for (let index = 0; index < 3; index++) statuses.push((await free.league.post(`/sql-jobs/${jobId}/execute`)).status);
  expect(statuses).toEqual([200, 200, 409]);
});
