import { expect, test } from 'vitest';
import { agentOf, ownStatement, sqlJobWrites } from '../../support/sqlJobs.ts';
import { useStage } from '../../support/gateway.ts';
import { mutate } from '../../support/mutate.ts';
import { newName } from '../../support/names.ts';

/** What a write was answered stands in its payload, even where all that is read back fails. */

const stage = useStage({ speed: 0 });
const { savedJob } = sqlJobWrites(stage);

const reads = [
  'listLeagueSqlJobs',
  'listSqlJobs',
  'getSqlJob',
  'listLeagueFlJobs',
  'listFlJobs',
  'getHorizontalJob',
  'getVerticalJob',
  'listConnectors',
  'listAgentDatasets',
  'listJobInstances',
  'listLeagueInstances',
];

function failReads(...others: readonly string[]) {
  return stage.sandbox.client.setRules(
    [...reads, ...others].map((operationId) => ({ operationId, fault: { kind: 'status', status: 500 } as const })),
  );
}

interface Payload {
  readonly jobId: string;
  readonly job: { readonly id: string; readonly name: string; readonly description: string };
}

test.each([
  ['createSqlJob', {}, 'sql'],
  ['createFederatedLearningJob', { type: 'HFL' }, 'hfl'],
  ['createFederatedLearningJob', { type: 'VFL' }, 'vfl'],
])('%s %j', async (name, settings, kind) => {
  const agent = agentOf(stage, true);
  await failReads();
  const given = { name: newName('job'), description: 'what for' };
  const { data, errors } = await stage.ask<{ readonly result: Payload }>(
    `mutation ($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) {
      result: ${name}(input: $input) { jobId job { id name description } userErrors { code } }
    }`,
    { input: { leagueId: agent.leagueId, agentId: agent.id, ...given, ...settings } },
  );
  // That the rows could not be read is told.
  expect(errors).toMatchObject([{ path: ['result', 'job'] }]);
  const payload = data.result;
  expect(payload).toMatchObject({ userErrors: [], job: { id: payload.jobId, ...given } });
  expect(payload.jobId).toMatch(new RegExp(`^Job:${agent.leagueId}/${kind}/.`));
  expect(stage.sandbox.world.job(payload.jobId.split('/').at(-1) ?? '')).toMatchObject({ name: given.name });
});

test('runSqlJob, where a later step fails', async () => {
  const agent = agentOf(stage, false);
  await failReads('executeSqlJob');
  const name = newName('job');
  const { data } = await stage.ask<{ readonly result: Payload }>(
    `mutation ($input: RunSqlJobInput!) {
      result: runSqlJob(input: $input) { jobId job { id name } instanceId failedStep }
    }`,
    { input: { leagueId: agent.leagueId, agentId: agent.id, name, sql: ownStatement(stage, agent) } },
  );
  expect(data.result).toMatchObject({ job: { id: data.result.jobId, name }, instanceId: null, failedStep: 'EXECUTE' });
});

test('executeSqlJob: the id of the run', async () => {
  const agent = agentOf(stage, false);
  const id = await savedJob(agent);
  await failReads();
  const payload = await mutate<{ readonly instanceId: string }>(
    stage,
    'executeSqlJob',
    { id, agentId: agent.id },
    'jobId instanceId instance { id }',
  );
  expect(payload.instanceId).toMatch(/^Instance:/);
  expect(payload).toMatchObject({ jobId: id, instance: { id: payload.instanceId } });
});
