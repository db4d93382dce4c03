import { describe, expect, test } from 'vitest';
import { verticalRunBody } from '../../../../src/tics/jobs/learning/run.ts';
import { useStage } from '../../../support/gateway.ts';
import { makeLearningJob, makeVerticalJob } from '../../../support/learning.ts';
import { instanceOfOtherLeague, useLearningJobs } from '../../../support/learningJobs.ts';
import {
  differentialPrivacy,
  differentialPrivacyBody,
  invalidDifferentialPrivacy,
  invalidModelFields,
  invalidModelParameters,
  invalidPrivacyFields,
  modelParameters,
  modelParametersBody,
} from '../../../support/verticalParameters.ts';

const stage = useStage({ speed: 0 });
const jobs = useLearningJobs(stage);

test('epochs have no upper limit, and small numbers go out in digits', async () => {
  const payload = await jobs.start('executeVerticalJob', {
    id: jobs.vertical.id,
    type: 'VFL_TRAIN',
    modelParameters: { epochs: 1500, learningRate: 1e-7 },
  });
  expect(payload.userErrors).toEqual([]);
  expect(await jobs.bodyOf('executeVerticalJob')).toMatchObject({
    model_param: { epoch: 1500, learning_rate: '0.0000001' },
  });
  const { model_param: sent } = verticalRunBody({
    type: 'VFL_TRAIN',
    modelParameters: { lossParameters: { l2: 1e-7 } },
  });
  expect(sent?.loss_param).toBe('{"l2":0.0000001}');
  await jobs.finishRuns();
});

describe('runs of vertical jobs', () => {
  test.each(['CLASSIFICATION', 'REGRESSION'])('a %s that diverges fails and says so', async (learningTask) => {
    const payload = await jobs.start('executeVerticalJob', {
      id: jobs.vertical.id,
      type: 'VFL_TRAIN',
      learningTask,
      modelParameters: { epochs: 100, batchSize: 16, learningRate: 0.1, lossParameters: { l2: 25 } },
    });
    expect(payload.userErrors).toEqual([]);
    await jobs.finishRuns();
    const run = jobs.runOf(payload);
    expect(run.status).toBe('FAILED');
    expect(run.failure?.en_us).toContain('diverged');
  });

  test('executeVerticalJob sends settings that override the job’s, under the upstream names', async () => {
    const payload = await jobs.start('executeVerticalJob', {
      id: jobs.vertical.id,
      type: 'VFL_TRAIN',
      jobName: jobs.vertical.name,
      datasets: jobs.fixture.verticalSettings.datasets,
      features: jobs.fixture.verticalSettings.features,
      label: jobs.fixture.label,
      labelDatasetName: jobs.fixture.guest.name,
      labelAgentId: jobs.fixture.guest.agentId,
      binning: 'FREQUENCY',
      learningTask: 'CLASSIFICATION',
      creatorAgentId: `Agent:${jobs.fixture.agent.id}`,
      modelParameters: modelParameters,
      differentialPrivacy: differentialPrivacy,
    });
    expect(payload.userErrors).toEqual([]);
    const { guest, host } = jobs.fixture;
    expect(await jobs.bodyOf('executeVerticalJob')).toEqual({
      job_instance_type: 'VFL_TRAIN',
      job_name: jobs.vertical.name,
      datasets: [guest, host]
        .map((dataset) => `${dataset.agentId}.${dataset.name}.${jobs.fixture.aliasOf(dataset)}`)
        .join(','),
      features: [guest, host].map((dataset) => ({
        agent_id: dataset.agentId,
        dataset_name: dataset.name,
        features: jobs.fixture.featuresOf(dataset),
      })),
      label: jobs.fixture.label,
      label_dataset: guest.name,
      label_agent: guest.agentId,
      binning_type: 'FREQUENCY',
      learning_task_type: 'CLASSIFICATION',
      job_creation_agent: jobs.fixture.agent.id,
      model_param: modelParametersBody,
      vfl_external_param: differentialPrivacyBody,
    });
    await jobs.finishRuns();
    const run = jobs.runOf(payload);
    expect(run, run.failure?.en_us).toMatchObject({ status: 'SUCCEEDED' });

    for (const type of ['VFL_EVALUATE', 'VFL_PREDICT']) {
      const used = await jobs.start('executeVerticalJob', {
        id: jobs.vertical.id,
        type,
        modelInstanceId: `Instance:${jobs.fixture.leagueId}/${run.id}`,
      });
      expect(used).toMatchObject({ userErrors: [], instance: { type } });
      expect(jobs.runOf(used).ext).toContain(run.id);
    }
    await jobs.finishRuns();
  });

  test('executeVerticalJob reports every broken rule and sends nothing', async () => {
    await jobs.expectFaults(
      'executeVerticalJob',
      {
        id: jobs.vertical.id,
        type: 'VFL_SAMPLE_ALIGNMENT',
        jobName: 'a|b"',
        modelInstanceId: instanceOfOtherLeague,
        datasets: [{ agentId: '?', partnerAlias: 'a', name: 'b' }],
        features: [{ agentId: '?', datasetName: 'a', features: [''] }],
        label: 'x'.repeat(1001),
        labelDatasetName: 'x'.repeat(101),
        labelAgentId: '?',
        creatorAgentId: '?',
        modelParameters: invalidModelParameters,
        differentialPrivacy: invalidDifferentialPrivacy,
      },
      [
        'type',
        'jobName',
        'modelInstanceId',
        'datasets.0.agentId',
        'features.0.agentId',
        'features.0.features.0',
        'label',
        'labelDatasetName',
        'labelAgentId',
        'creatorAgentId',
        ...invalidModelFields,
        ...invalidPrivacyFields,
      ],
    );
    for (const type of ['SQL', 'HFL', 'PIR_SQL'])
      await jobs.expectFaults('executeVerticalJob', { id: jobs.vertical.id, type }, ['type']);
  });

  test('without a model there is nothing to predict with', async () => {
    const fresh = await makeVerticalJob(stage, jobs.fixture);
    expect((await jobs.start('executeVerticalJob', { id: fresh.id, type: 'VFL_PREDICT' })).userErrors).toMatchObject([
      { code: 'WRONG_STATE', call: 'executeVerticalJob' },
    ]);
  });

  test('a job that was never saved can not be run', async () => {
    const empty = await makeLearningJob(stage, jobs.fixture, 'VFL');
    expect((await jobs.start('executeVerticalJob', { id: empty.id, type: 'VFL_TRAIN' })).userErrors).toMatchObject([
      { code: 'WRONG_STATE', call: 'executeVerticalJob' },
    ]);
  });
});
