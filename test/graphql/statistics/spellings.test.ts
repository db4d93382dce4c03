import { expect, test } from 'vitest';
import { useStage } from '../../support/gateway.ts';

const stage = useStage();

/** Answers one call with a body of its own. */
function answer(operationId: string, body: object): Promise<void> {
  return stage.sandbox.client.setRules([{ operationId, fault: { kind: 'status', status: 200, body } }]);
}

test('counts are read under both spellings of 6.1.2', async () => {
  const [league] = stage.sandbox.world.leaguesOfRole('OWNER');
  const query =
    'query ($id: ID!) { league(id: $id) { statistics { jobs { succeededCount failedCount interceptedCount } } } }';
  const counts = { job_ins_successes_cnt: 7, job_ins_fail_cnt: 1, job_ins_intercepted_cnt: 3 };
  await answer('getJobStatistics', counts);
  expect(await stage.data(query, { id: league?.id })).toEqual({
    league: { statistics: { jobs: { succeededCount: 7, failedCount: 1, interceptedCount: 3 } } },
  });
});

test('output counts are read under both spellings of 6.6.3', async () => {
  const run = stage.sandbox.world.instances.find(({ status }) => status === 'SUCCEEDED');
  const query = 'query ($id: ID!) { instance(id: $id) { report { datasets { outputCount } } } }';
  const partners = [{ data_output_count: 12 }, { data_output_cnt: 5 }];
  await answer('getInstanceReport', { job_report_partners: partners });
  expect(await stage.data(query, { id: `Instance:${run?.leagueId}/${run?.id}` })).toEqual({
    instance: { report: { datasets: [{ outputCount: 12 }, { outputCount: 5 }] } },
  });
});
