import { describe, expect, test } from 'vitest';
import type { Dataset, HorizontalJob, VerticalJob } from '../../src/sandbox/model/world.ts';
import {
  expectDone,
  expectRefusal,
  foreignJob,
  found,
  lastEvent,
  page,
  rowsOf,
  statusOf,
  textIn,
  useSandbox,
  type AgentClient,
} from './fixture.ts';

const fixture = useSandbox();
const nobody = '0'.repeat(32);

let jobs = 0;
function create(client: AgentClient, body: object) {
  return client.league.post('/fl-jobs', { name: `learning ${++jobs}`, agent_id: client.agent.id, ...body });
}
function created(client: AgentClient, body: object) {
  return textIn(create(client, body), 'job_id');
}
function nameOf(id: string): string {
  return fixture.world.job(id)?.name ?? '';
}
function horizontal(id: string) {
  return fixture.world.job(id) as HorizontalJob;
}
function vertical(id: string) {
  return fixture.world.job(id) as VerticalJob;
}
function aliasOf({ partnerId }: Dataset): string {
  return fixture.world.partner(partnerId)?.alias ?? '';
}

function files(client: AgentClient, start: string): Dataset[] {
  return fixture.world.datasetsOfLeague(client.leagueId).filter(({ name }) => name.startsWith(start));
}

/** A dataset with the label and one without, of two parties. */
function pair(client: AgentClient) {
  const guest = found('guest', files(client, 'credit_guest')[0]);
  const host = found(
    'host',
    files(client, 'credit_host').find(({ partnerId }) => partnerId !== guest.partnerId),
  );
  const featuresOf = (dataset: Dataset) => dataset.columns.filter((c) => c.labelType === 'FEATURE').map((c) => c.name);
  const label = found(
    'label',
    guest.columns.find(({ labelType }) => labelType === 'LABEL'),
  ).name;
  const both = [guest, host];
  return {
    guest,
    host,
    label,
    settings: {
      algorithm_type: 'LOGISTIC_REGRESSION',
      learning_task_type: 'CLASSIFICATION',
      datasets: both.map((d) => `${d.agentId}.${d.name}.${aliasOf(d)}`).join(','),
      features: both.map((d) => ({ agent_id: d.agentId, dataset_name: d.name, features: featuresOf(d) })),
      label,
      label_dataset: guest.name,
      label_agent: guest.agentId,
      learning_rate: '0.1',
      epoch: 3,
      batch_size: 64,
    },
  };
}

function saveVertical(client: AgentClient, id: string, change: object = {}) {
  return client.league.put(`/fl-vertical-jobs/${id}`, { job_name: nameOf(id), ...pair(client).settings, ...change });
}
async function verticalJob(client: AgentClient): Promise<string> {
  const id = await created(client, { job_type: 'VFL', algorithm_type: 'LOGISTIC_REGRESSION' });
  expect((await saveVertical(client, id)).status).toBe(200);
  return id;
}
function saveHorizontal(client: AgentClient, id: string, change: object = {}) {
  return client.league.put(`/fl-jobs/${id}`, {
    job_name: nameOf(id),
    hfl_type: 'TRAIN',
    hfl_platform_type: 'LOCAL',
    boot_file_url: '/uploadfiles/iris_train.py',
    model_file_url: '/uploadfiles/model.h5',
    round: 2,
    epoch: 3,
    host_agent_id: client.agent.id,
    host_agent_name: client.agent.name,
    datasets: files(client, 'iris')
      .map((d) => `${aliasOf(d)}.${d.name}`)
      .join(','),
    ...change,
  });
}
function executeVertical(client: AgentClient, id: string, type: string, body: object = {}) {
  return client.league.post(`/fl-vertical-jobs/${id}/execute`, { job_instance_type: type, ...body });
}
async function instanceOf(started: ReturnType<AgentClient['post']>) {
  const id = await textIn(started, 'job_instance_id');
  return found('instance', fixture.world.instance(id));
}
function parametersOf({ ext = '{}' }: { readonly ext: string | undefined }) {
  return JSON.parse(ext) as Record<string, unknown>;
}

describe('learning jobs', () => {
  test('are created, and both planes see it at once', async () => {
    const { free } = fixture;
    const horizontalId = await created(free, {
      job_type: 'HFL',
      hfl_type: 'EVALUATE',
      hfl_platform_type: 'MODEL_ARTS',
    });
    const verticalId = await created(free, { job_type: 'VFL', algorithm_type: 'XG_BOOST', description: 'd' });
    for (const list of [free.league.get(`/fl-jobs?${page}`), fixture.space(free, `/fl-jobs?${page}`)]) {
      const [latest, earlier] = await rowsOf(list);
      expect(latest).toMatchObject({
        job_id: verticalId,
        job_type: 'VFL',
        algorithm_type: 'XG_BOOST',
        description: 'd',
      });
      expect(earlier).toMatchObject({ job_id: horizontalId, job_type: 'HFL', hfl_type: 'EVALUATE' });
    }
    expect((await free.league.get(`/fl-vertical-jobs/${verticalId}`)).json).toMatchObject({
      algorithm_type: 'XG_BOOST',
      work_step: 'DATA_SELECTION',
      current_agent_id: free.agent.id,
    });
    expect(await lastEvent(fixture, free)).toContain(`create [VFL] job [learning ${jobs}] id: [${verticalId}]`);
    await expectRefusal(create(free, { job_type: 'HFL', name: nameOf(verticalId) }), 409, 20);
    await expectRefusal(create(free, { job_type: 'HFL', agent_id: nobody }), 404, 5);
    await expectRefusal(create(free, { job_type: 'HFL', agent_id: fixture.first.agent.id }), 404, 5);
    await expectRefusal(create(free, { job_type: 'VFL', job_instance_id: nobody }), 404, 5, 'model');
  });

  test('are saved as a whole', async () => {
    const { free, sandbox, world } = fixture;
    const id = await verticalJob(free);
    const { guest, host, label, settings } = pair(free);
    expect((await free.league.get(`/fl-vertical-jobs/${id}`)).json).toMatchObject(settings);
    await sandbox.client.advance(1000);
    const saved = await saveVertical(free, id, { work_step: 'MODEL_TRAIN', epoch: undefined, tree_num: 5 });
    expect(saved.json).toBe('');
    expect(vertical(id)).toMatchObject({
      workStep: 'MODEL_TRAIN',
      epochs: undefined,
      treeCount: 5,
      label,
      datasetIds: [guest.id, host.id],
      updatedAtMs: world.clock.now(),
    });

    const other = await created(free, { job_type: 'HFL' });
    await expectDone(saveHorizontal(free, other, { ext: '{"seed":1}', eval_dataset_name: 'iris' }));
    expect((await free.league.get(`/fl-jobs/${other}`)).json).toMatchObject({
      round: 2,
      epoch: 3,
      ext: '{"seed":1}',
      boot_file_url: '/uploadfiles/iris_train.py',
      eval_dataset_name: 'iris',
    });
    expect(horizontal(other).datasetIds.length).toBeGreaterThan(1);
    expect(await lastEvent(fixture, free)).toContain('update [HFL] job');
  });

  test('are not saved with names taken, unknown datasets, or settings that are no JSON', async () => {
    const { free } = fixture;
    const id = await verticalJob(free);
    const other = await created(free, { job_type: 'HFL' });
    await expectRefusal(saveVertical(free, id, { job_name: nameOf(other) }), 409, 20);
    await expectRefusal(saveVertical(free, id, { datasets: `${nobody}.x.y` }), 404, 5, `${nobody}.x.y`);
    await expectRefusal(saveVertical(free, other), 404, 5);
    await expectRefusal(saveHorizontal(free, other, { job_name: nameOf(id) }), 409, 20);
    await expectRefusal(saveHorizontal(free, other, { datasets: 'nobody.nothing' }), 404, 5);
    await expectRefusal(saveHorizontal(free, other, { datasets: '' }), 400, 2, 'datasets');
    await expectRefusal(saveHorizontal(free, other, { ext: 'x' }), 400, 2, 'ext');
    await expectRefusal(saveHorizontal(free, id), 404, 5);
  });

  test('of somebody else are not to be touched', async () => {
    const { first, world } = fixture;
    const { id } = foreignJob(world, first, 'VFL');
    const other = foreignJob(world, first, 'HFL').id;
    await expectRefusal(saveVertical(first, id), 403, 3);
    await expectRefusal(saveHorizontal(first, other), 403, 3);
    await expectRefusal(first.league.delete(`/fl-jobs/${id}`), 403, 3);
    await expectRefusal(first.league.post(`/fl-jobs/${other}/execute`), 403, 3);
    await expectRefusal(executeVertical(first, id, 'VFL_TRAIN'), 403, 3);
    for (const step of ['idTruncation', 'sampleAlignment']) {
      const body = { job_instance_type: step === 'idTruncation' ? 'VFL_ID_TRUNCATION' : 'VFL_SAMPLE_ALIGNMENT' };
      await expectRefusal(first.league.post(`/fl-vertical-jobs/${id}/${step}`, body), 403, 3);
    }
  });

  test('are deleted unless they run', async () => {
    const { free } = fixture;
    const id = await created(free, { job_type: 'HFL' });
    await expectDone(saveHorizontal(free, id));
    await instanceOf(free.league.post(`/fl-jobs/${id}/execute`));
    await expectRefusal(free.league.delete(`/fl-jobs/${id}`), 409, 41);
    await fixture.finish();
    await expectDone(free.league.delete(`/fl-jobs/${id}`));
    expect((await free.league.get(`/fl-jobs/${id}`)).status).toBe(404);
    await expectRefusal(free.league.delete(`/fl-jobs/${id}`), 404, 5);
    expect(await lastEvent(fixture, free)).toContain('delete [HFL] job');
  });
});

describe('learning runs', () => {
  test('of horizontal jobs go to their end', async () => {
    const { free } = fixture;
    const id = await created(free, { job_type: 'HFL' });
    await expectRefusal(free.league.post(`/fl-jobs/${id}/execute`), 409, 40);
    await expectDone(saveHorizontal(free, id));
    const instance = await instanceOf(free.league.post(`/fl-jobs/${id}/execute`));
    expect(instance).toMatchObject({ type: 'HFL', rounds: 2, status: 'NEW', jobId: id });
    await fixture.finish();
    expect(await statusOf(free, instance.id)).toBe('SUCCEEDED');
    const models = await rowsOf(free.league.get(`/fl-job-instances?${page}&job_id=${id}`));
    expect(models.map((row) => row.id)).toEqual([instance.id]);
    await expectRefusal(free.league.post(`/fl-jobs/${nobody}/execute`), 404, 5);
  });

  test('prepare, train, evaluate and predict with what the requests say', async () => {
    const { free, world } = fixture;
    const { guest, host, label, settings } = pair(free);
    const id = await verticalJob(free);
    const path = `/fl-vertical-jobs/${id}`;

    const truncated = await instanceOf(
      free.league.post(`${path}/idTruncation`, {
        job_instance_type: 'VFL_ID_TRUNCATION',
        instance_id: id,
        id_column_name: 'id',
        prefix_count: 6,
        filters: [],
      }),
    );
    expect(truncated).toMatchObject({ type: 'VFL_ID_TRUNCATION', datasetIds: [guest.id, host.id] });
    expect(parametersOf(truncated)).toMatchObject({ id_column_name: 'id', prefix_count: 6 });
    await fixture.finish();

    const aligned = await instanceOf(
      free.league.post(`${path}/sampleAlignment`, {
        job_instance_type: 'VFL_SAMPLE_ALIGNMENT',
        algorithm: 'OPRF',
        datasets: { [guest.agentId]: guest.name, [host.agentId]: host.name },
        dataset_ids: [host.id, guest.id],
      }),
    );
    expect(aligned).toMatchObject({ type: 'VFL_SAMPLE_ALIGNMENT', datasetIds: [host.id, guest.id] });
    await fixture.finish();
    const alignment = await free.league.get(`${path}/sample-alignment-result?job_instance_type=VFL_SAMPLE_ALIGNMENT`);
    expect(alignment.json).toMatchObject({ instance_id: aligned.id, sa_status: 'SUCCEEDED' });
    expect(vertical(id).workStep).toBe('FEATURE_SELECTION');

    const selected = await instanceOf(free.league.post(`${path}/ivcalculate`, informationValue(free, id)));
    expect(selected).toMatchObject({ type: 'VFL_FEATURE_SELECTION', datasetIds: [guest.id, host.id] });
    expect(selected.jobSnapshot).toMatchObject({ features: [{ datasetName: host.name }], splitCount: 7 });
    expect(vertical(id)).toMatchObject({ binning: 'DISTANCE', splitCount: undefined });
    await fixture.finish();
    const selection = await free.league.get(
      `${path}/features-selection-result?job_instance_type=VFL_FEATURE_SELECTION`,
    );
    expect(selection.json).toMatchObject({
      instance_id: selected.id,
      binning_type: 'DISTANCE',
      fs_status: 'SUCCEEDED',
    });

    await expectRefusal(executeVertical(free, id, 'VFL_PREDICT'), 409, 44);
    const model = await instanceOf(
      executeVertical(free, id, 'VFL_TRAIN', {
        model_param: { learning_rate: '0.5', epoch: 2, batch_size: 32, mlp_dims: [8, 4] },
        vfl_external_param: { 'dp.enabled': false },
      }),
    );
    expect(model).toMatchObject({ type: 'VFL_TRAIN', rounds: 2 });
    expect(model.jobSnapshot).toMatchObject({ learningRate: '0.5', epochs: 2, batchSize: 32 });
    expect(vertical(id)).toMatchObject({ learningRate: settings.learning_rate, epochs: settings.epoch });
    expect(parametersOf(model)).toMatchObject({ label, epoch: 2, mlp_dims: [8, 4], job_creation_agent: free.agent.id });
    await fixture.finish();
    expect(await statusOf(free, model.id)).toBe('SUCCEEDED');
    const models = await rowsOf(free.league.get(`/fl-job-instances?${page}&job_id=${id}`));
    expect(models).toMatchObject([{ id: model.id }]);

    const evaluated = await instanceOf(executeVertical(free, id, 'VFL_EVALUATE', { instance_id: id }));
    expect(parametersOf(evaluated).instance_id).toBe(model.id);
    const predicted = await instanceOf(executeVertical(free, id, 'VFL_PREDICT', { instance_id: model.id }));
    expect(parametersOf(predicted).instance_id).toBe(model.id);
    await fixture.finish();
    expect(vertical(id).workStep).toBe('MODEL_PREDICT');
    for (const { id: instanceId } of [evaluated, predicted]) {
      expect(await statusOf(free, instanceId), world.instance(instanceId)?.failure?.en_us).toBe('SUCCEEDED');
    }

    const copy = await created(free, { job_type: 'VFL', job_instance_id: model.id });
    expect(vertical(copy)).toMatchObject({ label, modelInstanceId: model.id, datasetIds: [guest.id, host.id] });
    const again = await instanceOf(executeVertical(free, copy, 'VFL_PREDICT'));
    expect(parametersOf(again).instance_id).toBe(model.id);
    await fixture.finish();
  });

  const informationValue = (client: AgentClient, id: string, change: object = {}) => {
    const { host, label, settings, guest } = pair(client);
    return {
      binning_type: 'DISTANCE',
      job_name: nameOf(id),
      featuresList: { [`${aliasOf(host)}.${host.agentId}.${host.id}.${host.name}`]: settings.features[1]?.features },
      job_instance_type: 'VFL_FEATURE_SELECTION',
      label,
      label_dataset: guest.name,
      label_agent: guest.agentId,
      datasets: settings.datasets,
      model_param: { split_num: 7 },
      vfl_external_param: {
        'dp.enabled': false,
        'dp.epsilon': 10,
        'dp.output.threshold.high.min': 0.6,
        'dp.output.threshold.high.max': 0.9,
        'dp.output.threshold.low.min': '0.1',
        'dp.output.threshold.low.max': '0.4',
        'dp.backpg.origin.num': '100',
        'dp.output.threshold.adjust.num': '100',
        'dp.supply.store.policy': '1',
      },
      ...change,
    };
  };

  test('need a job that was saved, the step of their call, and datasets and models that exist', async () => {
    const { free } = fixture;
    const empty = await created(free, { job_type: 'VFL' });
    await expectRefusal(executeVertical(free, empty, 'VFL_TRAIN'), 409, 40);
    const truncate = (id: string, type: string) =>
      free.league.post(`/fl-vertical-jobs/${id}/idTruncation`, { job_instance_type: type });
    const align = (id: string, body: object) => free.league.post(`/fl-vertical-jobs/${id}/sampleAlignment`, body);
    await expectRefusal(truncate(empty, 'VFL_ID_TRUNCATION'), 409, 40);
    await expectRefusal(align(empty, {}), 409, 40);

    const id = await verticalJob(free);
    await expectRefusal(truncate(id, 'VFL_TRAIN'), 400, 2, 'VFL_ID_TRUNCATION');
    await expectRefusal(align(id, { job_instance_type: 'VFL_TRAIN' }), 400, 2, 'VFL_SAMPLE_ALIGNMENT');
    await expectRefusal(align(id, { dataset_ids: [nobody] }), 404, 5);
    await expectRefusal(align(id, { datasets: { [nobody]: 'x' } }), 404, 5);
    const calculate = (change: object) =>
      free.league.post(`/fl-vertical-jobs/${id}/ivcalculate`, informationValue(free, id, change));
    await expectRefusal(calculate({ job_instance_type: 'VFL_TRAIN' }), 400, 2);
    await expectRefusal(calculate({ datasets: 'a.b.c' }), 404, 5);
    await expectRefusal(executeVertical(free, id, 'VFL_SAMPLE_ALIGNMENT'), 400, 2, 'VFL_TRAIN');
    await expectRefusal(executeVertical(free, id, 'VFL_EVALUATE', { instance_id: nobody }), 404, 5, 'model');
    expect((await saveVertical(free, id, { label: undefined })).status).toBe(200);
    await expectRefusal(executeVertical(free, id, 'VFL_TRAIN'), 409, 40, 'label');
    await expectRefusal(executeVertical(free, nobody, 'VFL_TRAIN'), 404, 5);
  });

  test('of seeded predictions use the model they were made with', async () => {
    const { world, sandbox } = fixture;
    const job = found(
      'prediction of ours',
      world.jobs.find(
        (own) =>
          own.type === 'PREDICT' &&
          [fixture.first, fixture.free].some(({ leagueId }) => leagueId === own.leagueId) &&
          world.partner(own.partnerId)?.isOwn &&
          (own.approvalStatus === 'APPROVED' || !world.league(own.leagueId)?.approvalRequired),
      ),
    );
    if (job.type !== 'PREDICT') throw new Error('not a prediction');
    const client = job.leagueId === fixture.free.leagueId ? fixture.free : fixture.first;
    await expectRefusal(executeVertical(client, job.id, 'VFL_TRAIN'), 400, 2);
    const instance = await instanceOf(executeVertical(client, job.id, 'VFL_PREDICT'));
    expect(parametersOf(instance).instance_id).toBe(job.modelInstanceId);
    await sandbox.client.advance(0);
    await fixture.finish();
  });

  test('ask for no approval that no call can ask for, and heed one that is open or denied', async () => {
    const { first, world } = fixture;
    const id = await created(first, { job_type: 'HFL' });
    await expectDone(saveHorizontal(first, id));
    expect((await first.league.post(`/fl-jobs/${id}/execute`)).status).toBe(200);
    await fixture.finish();
    horizontal(id).approvalStatus = 'REJECTED';
    await expectRefusal(first.league.post(`/fl-jobs/${id}/execute`), 409, 30, 'REJECTED');
    expect(world.job(id)?.type).toBe('HFL');
  });
});
