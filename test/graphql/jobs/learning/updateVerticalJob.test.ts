import { describe, expect, test } from 'vitest';
import type { VerticalJob } from '../../../../src/sandbox/model/world.ts';
import { breakPoints, resetCall } from '../../../support/faults.ts';
import { useStage } from '../../../support/gateway.ts';
import { rawId } from '../../../support/ids.ts';
import { useLearningJobs } from '../../../support/learningJobs.ts';

const stage = useStage({ speed: 0 });
const jobs = useLearningJobs(stage);

test('epochs have no upper limit', async () => {
  const { userErrors } = await jobs.send('updateVerticalJob', jobs.verticalSettings({ epochs: 1001 }));
  expect(userErrors).toEqual([]);
  expect(await jobs.bodyOf('updateVerticalJob')).toMatchObject({ epoch: 1001 });
});

describe('updateVerticalJob', () => {
  const rest = {
    description: '纵向',
    workStep: 'MODEL_TRAIN',
    predictsAlone: true,
    predictionThreshold: 0.4,
    gradientEpsilon: 0.001,
    treeCount: 3,
    treeDepth: 4,
    splitCount: 5,
  };

  test('saves all settings in one call, decimals as digits', async () => {
    const calls = await stage.callsOf(async () => {
      const payload = await jobs.send(
        'updateVerticalJob',
        jobs.verticalSettings({
          ...rest,
          creatorAgentId: jobs.fixture.agent.id,
          hosts: [
            { agentId: jobs.fixture.guest.agentId, name: 'one' },
            { agentId: jobs.fixture.host.agentId, name: 'two' },
          ],
        }),
        `job { name ... on VerticalJob { definition {
          description algorithm learningTask workStep datasets { agentId name partnerAlias }
          features { agentId datasetName features } label labelDatasetName labelAgentId predictsAlone predictionThreshold
          learningRate epochs batchSize gradientEpsilon treeCount treeDepth splitCount
        } } }`,
      );
      expect(payload).toMatchObject({
        userErrors: [],
        job: {
          name: jobs.vertical.name,
          definition: {
            ...jobs.fixture.verticalSettings,
            ...rest,
            predictionThreshold: '0.4',
            learningRate: '0.1',
            gradientEpsilon: '0.001',
            labelAgentId: `Agent:${jobs.fixture.guest.agentId}`,
          },
        },
      });
    });
    expect(calls).toEqual({ updateVerticalJob: 1, listLeagueFlJobs: 1, getVerticalJob: 1 });
    expect(await jobs.bodyOf('updateVerticalJob')).toMatchObject({
      learning_rate: '0.1',
      predict_threshold: '0.4',
      grad_epsilon: '0.001',
      current_agent_id: jobs.fixture.agent.id,
      host_agent_id: `${jobs.fixture.guest.agentId},${jobs.fixture.host.agentId}`,
      host_agent_name: 'one,two',
    });
    expect(stage.sandbox.world.job(rawId(jobs.vertical.id)) as VerticalJob).toMatchObject({
      epochs: 2,
      treeCount: 3,
      learningRate: '0.1',
    });
  });

  test('every broken rule is reported, and nothing is sent', async () => {
    await jobs.expectFaults(
      'updateVerticalJob',
      jobs.verticalSettings({
        id: jobs.horizontalId,
        agentId: '?',
        name: '',
        description: 'x'.repeat(513),
        datasets: [{ agentId: 'Job:x', partnerAlias: 'a.b', name: 'x，y' }],
        hosts: [{ agentId: '?', name: 'a,b' }],
        features: [{ agentId: '?', datasetName: '', features: ['a', ''] }],
        label: 'x'.repeat(101),
        labelDatasetName: 'x'.repeat(101),
        labelAgentId: '?',
        creatorAgentId: '?',
        predictionThreshold: 1.1,
        learningRate: 0.1 + 0.2,
        epochs: 0,
        batchSize: 0,
        treeCount: 0,
        treeDepth: 0,
        splitCount: 0,
      }),
      [
        'id',
        'agentId',
        'name',
        'description',
        'datasets.0.agentId',
        'datasets.0.partnerAlias',
        'datasets.0.name',
        'hosts.0.agentId',
        'hosts.0.name',
        'features.0.agentId',
        'features.0.datasetName',
        'features.0.features.1',
        'label',
        'labelDatasetName',
        'labelAgentId',
        'creatorAgentId',
        'predictionThreshold',
        'learningRate',
        'epochs',
        'batchSize',
        'treeCount',
        'treeDepth',
        'splitCount',
      ],
    );
    await jobs.expectFaults(
      'updateVerticalJob',
      jobs.verticalSettings({ learningRate: -0.1, predictionThreshold: -0.1, epochs: -1 }),
      ['learningRate', 'predictionThreshold', 'epochs'],
    );
  });

  test('a name that is taken is refused', async () => {
    const taken = stage.sandbox.world.job(rawId(jobs.horizontalId))?.name;
    expect((await jobs.send('updateVerticalJob', jobs.verticalSettings({ name: taken }))).userErrors).toMatchObject([
      { code: 'NAME_TAKEN', call: 'updateVerticalJob', field: ['name'] },
    ]);
    expect(await jobs.callsOf('updateVerticalJob')).toHaveLength(1);
  });

  test.each(breakPoints)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    await resetCall(stage, 'updateVerticalJob', at);
    const { job, userErrors } = await jobs.send('updateVerticalJob', jobs.verticalSettings({ description: at }));
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'updateVerticalJob' }]);
    expect(await jobs.callsOf('updateVerticalJob')).toHaveLength(1);
    expect(job?.id ?? null).toBe(at === 'midAnswer' ? jobs.vertical.id : null);
  });
});
