import { describe, expect, test } from 'vitest';
import type { HorizontalJob } from '../../../../src/sandbox/model/world.ts';
import { breakPoints, resetCall } from '../../../support/faults.ts';
import { useStage } from '../../../support/gateway.ts';
import { rawId } from '../../../support/ids.ts';
import { useLearningJobs } from '../../../support/learningJobs.ts';
import { required } from '../../../support/required.ts';

const stage = useStage({ speed: 0 });
const jobs = useLearningJobs(stage);

describe('updateHorizontalJob', () => {
  const rest = {
    description: '横向',
    evaluationDatasetName: 'iris',
    initialWeightsPath: '/uploadfiles/weights.h5',
    engineTicsId: 'engine',
    resourceSpecTicsId: 'spec',
    parameters: { early_stop: true, agentId: 'Agent:kept as it is' },
  };

  test('saves all settings in one call', async () => {
    const calls = await stage.callsOf(async () => {
      const payload = await jobs.send(
        'updateHorizontalJob',
        jobs.horizontalSettings(rest),
        `job { name ... on HorizontalJob { definition {
          phase platform roundCount epochs datasets { partnerAlias name } evaluationDatasetName scriptPath modelPath
          initialWeightsPath engineTicsId resourceSpecTicsId parameters description
        } } }`,
      );
      const { id, agentId, name, host, ...definition } = jobs.horizontalSettings(rest);
      expect(payload).toMatchObject({ userErrors: [], job: { name, definition } });
    });
    expect(calls).toEqual({ updateHorizontalJob: 1, listLeagueFlJobs: 1, getHorizontalJob: 1 });
    expect(stage.sandbox.world.job(rawId(jobs.horizontalId)) as HorizontalJob).toMatchObject({
      rounds: 2,
      epochs: 3,
      engineId: 'engine',
    });
    const [call] = await jobs.callsOf('updateHorizontalJob');
    expect(call?.body).toMatchObject({
      host_agent_id: jobs.fixture.agent.id,
      host_agent_name: jobs.fixture.agent.name,
      datasets: jobs.fixture.irises.map(({ partnerAlias, name }) => `${partnerAlias}.${name}`).join(','),
      ext: JSON.stringify(rest.parameters),
    });
  });

  test('every broken rule is reported, and nothing is sent', async () => {
    await jobs.expectFaults(
      'updateHorizontalJob',
      jobs.horizontalSettings({
        id: jobs.vertical.id,
        agentId: '?',
        name: 'a*b',
        description: 'x'.repeat(513),
        roundCount: 0,
        epochs: 1001,
        datasets: [
          { partnerAlias: 'a.b', name: 'x,y' },
          { partnerAlias: '', name: ' x' },
        ],
        evaluationDatasetName: 'a?',
        host: { agentId: 'nobody here', name: 'x'.repeat(129) },
        scriptPath: 'x'.repeat(513),
        modelPath: 'x'.repeat(513),
        initialWeightsPath: 'x'.repeat(513),
        engineTicsId: 'x'.repeat(51),
        resourceSpecTicsId: 'x'.repeat(51),
        parameters: [1],
      }),
      [
        'id',
        'agentId',
        'name',
        'description',
        'roundCount',
        'epochs',
        'datasets.0.partnerAlias',
        'datasets.0.name',
        'datasets.1.partnerAlias',
        'datasets.1.name',
        'evaluationDatasetName',
        'host.agentId',
        'host.name',
        'scriptPath',
        'modelPath',
        'initialWeightsPath',
        'engineTicsId',
        'resourceSpecTicsId',
        'parameters',
      ],
    );
    await jobs.expectFaults(
      'updateHorizontalJob',
      jobs.horizontalSettings({ roundCount: 1001, epochs: 0, datasets: [], parameters: { text: 'x'.repeat(1024) } }),
      ['roundCount', 'epochs', 'datasets', 'parameters'],
    );
    const many = Array.from({ length: 103 }, () => ({ partnerAlias: 'abcd', name: 'efgh' }));
    await jobs.expectFaults('updateHorizontalJob', jobs.horizontalSettings({ datasets: many }), ['datasets']);
    await jobs.expectFaults('updateHorizontalJob', jobs.horizontalSettings({ id: 'Job:a/b' }), ['id']);
    await jobs.expectFaults(
      'updateHorizontalJob',
      jobs.horizontalSettings({ id: `Job:${jobs.fixture.leagueId}/hfl/${'x'.repeat(33)}` }),
      ['id'],
    );
  });

  test('a dataset that is not there is refused, and another partner’s job too', async () => {
    expect(
      (
        await jobs.send(
          'updateHorizontalJob',
          jobs.horizontalSettings({ datasets: [{ partnerAlias: 'no', name: 'body' }] }),
        )
      ).userErrors,
    ).toMatchObject([{ code: 'NOT_FOUND', call: 'updateHorizontalJob' }]);
    const foreign = required(
      stage.sandbox.world
        .jobsOfLeague(jobs.fixture.leagueId, 'HFL')
        .find(({ partnerId }) => partnerId !== jobs.fixture.agent.partnerId),
      'job of another partner',
    );
    expect(
      (
        await jobs.send(
          'updateHorizontalJob',
          jobs.horizontalSettings({ id: `Job:${jobs.fixture.leagueId}/hfl/${foreign.id}` }),
        )
      ).userErrors,
    ).toMatchObject([{ code: 'FORBIDDEN', call: 'updateHorizontalJob' }]);
    expect(await jobs.callsOf('updateHorizontalJob')).toHaveLength(2);
  });

  test.each(breakPoints)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    await resetCall(stage, 'updateHorizontalJob', at);
    const { job, userErrors } = await jobs.send(
      'updateHorizontalJob',
      jobs.horizontalSettings({ ...rest, description: at }),
    );
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'updateHorizontalJob' }]);
    expect(await jobs.callsOf('updateHorizontalJob')).toHaveLength(1);
    expect(job?.id ?? null).toBe(at === 'midAnswer' ? jobs.horizontalId : null);
  });
});
