import { describe, expect, test } from 'vitest';
import { useStage } from '../../../support/gateway.ts';
import { rawId } from '../../../support/ids.ts';
import { instanceOfOtherLeague, useLearningJobs } from '../../../support/learningJobs.ts';
import {
  differentialPrivacy,
  differentialPrivacyBody,
  invalidDifferentialPrivacy,
  invalidModelFields,
  invalidModelParameters,
  invalidPrivacyFields,
} from '../../../support/verticalParameters.ts';

const stage = useStage({ speed: 0 });
const jobs = useLearningJobs(stage);

describe('runs of vertical jobs', () => {
  test('truncateIds sends its settings under the names of the service', async () => {
    const trained = jobs.runOf(await jobs.start('executeVerticalJob', { id: jobs.vertical.id, type: 'VFL_TRAIN' }));
    await jobs.finishRuns();
    const payload = await jobs.start('truncateIds', {
      id: jobs.vertical.id,
      jobName: jobs.vertical.name,
      instanceId: `Instance:${jobs.fixture.leagueId}/${trained.id}`,
      datasetNames: [jobs.fixture.guest.name, jobs.fixture.host.name],
      labelDatasetName: jobs.fixture.guest.name,
      labelAgentId: jobs.fixture.guest.agentId,
      labelAgentName: 'guest',
      host: { agentId: jobs.fixture.host.agentId, name: 'host' },
      dataProtection: 'MPC',
      idColumn: 'id',
      prefixLength: 6,
      filterColumns: [],
    });
    expect(payload.userErrors).toEqual([]);
    expect(await jobs.bodyOf('truncateIds')).toEqual({
      league_id: jobs.fixture.leagueId,
      job_id: rawId(jobs.vertical.id),
      job_instance_type: 'VFL_ID_TRUNCATION',
      job_name: jobs.vertical.name,
      instance_id: trained.id,
      datasets: `${jobs.fixture.guest.name},${jobs.fixture.host.name}`,
      label_dataset: jobs.fixture.guest.name,
      label_agent: jobs.fixture.guest.agentId,
      label_agent_name: 'guest',
      host_agent_id: jobs.fixture.host.agentId,
      host_agent_name: 'host',
      data_protection_type: 'MPC',
      id_column_name: 'id',
      prefix_count: 6,
      filters: [],
    });
    await jobs.finishRuns();
  });

  test('truncateIds reports every broken rule and sends nothing', async () => {
    await jobs.expectFaults(
      'truncateIds',
      {
        id: jobs.vertical.id,
        jobName: ' a',
        instanceId: instanceOfOtherLeague,
        datasetNames: ['a', 'b,c'],
        labelDatasetName: 'x'.repeat(101),
        labelAgentId: 'x'.repeat(33),
        labelAgentName: 'x'.repeat(129),
        host: { agentId: '?', name: '' },
        idColumn: 'x'.repeat(201),
        prefixLength: 0,
        filterColumns: [''],
      },
      [
        'jobName',
        'instanceId',
        'datasetNames.1',
        'labelDatasetName',
        'labelAgentId',
        'labelAgentName',
        'host.agentId',
        'host.name',
        'idColumn',
        'prefixLength',
        'filterColumns.0',
      ],
    );
  });

  test('alignSamples makes the maps of the service from a list of parties', async () => {
    const { guest, host, parties } = jobs.fixture;
    const payload = await jobs.start('alignSamples', {
      id: jobs.vertical.id,
      jobName: jobs.vertical.name,
      algorithm: 'OPRF',
      parties,
      largeDataAgentId: host.agentId,
      creatorAgentId: jobs.fixture.agent.id,
      encryptsResult: false,
      runParameters: { aggregatorTaskMemory: '2048', agentTaskConcurrency: 2, homomorphicDictionary: true },
    });
    expect(payload.userErrors).toEqual([]);
    expect(await jobs.bodyOf('alignSamples')).toEqual({
      league_id: jobs.fixture.leagueId,
      job_id: rawId(jobs.vertical.id),
      job_instance_type: 'VFL_SAMPLE_ALIGNMENT',
      job_name: jobs.vertical.name,
      algorithm: 'OPRF',
      datasets: { [guest.agentId]: guest.name, [host.agentId]: host.name },
      align_ids: { [guest.agentId]: parties[0]?.idColumn, [host.agentId]: parties[1]?.idColumn },
      agents: [guest.agentId, host.agentId],
      agent_names: parties.map(({ agentName }) => agentName),
      dataset_ids: [guest.id, host.id],
      large_data_agent: host.agentId,
      job_creation_agent: jobs.fixture.agent.id,
      encrypted_res: false,
      external_param: { 'tics.task.memory.size': '2048', 'user.task.concurrency': 2, 'he.dict.enable': true },
    });
    await jobs.finishRuns();
    expect(jobs.runOf(payload), jobs.runOf(payload).failure?.en_us).toMatchObject({ status: 'SUCCEEDED' });
    await stage.sandbox.client.clearCalls();

    const nameless = parties.map(({ agentId, datasetName, idColumn }) => ({ agentId, datasetName, idColumn }));
    expect((await jobs.start('alignSamples', { id: jobs.vertical.id, parties: nameless })).userErrors).toEqual([]);
    const body = (await jobs.bodyOf('alignSamples')) as object;
    expect(Object.keys(body)).not.toContain('agent_names');
    expect(Object.keys(body)).not.toContain('dataset_ids');
    await jobs.finishRuns();
  });

  test('alignSamples reports every broken rule and sends nothing', async () => {
    const [first] = jobs.fixture.parties;
    await jobs.expectFaults(
      'alignSamples',
      {
        id: jobs.vertical.id,
        jobName: 'a<b',
        instanceId: instanceOfOtherLeague,
        parties: [
          first,
          { agentId: jobs.fixture.guest.agentId, datasetName: '', idColumn: '' },
          { agentId: '?', agentName: '', datasetId: 'Job:x', datasetName: 'x', idColumn: 'a,b' },
        ],
        largeDataAgentId: '?',
        creatorAgentId: '?',
        runParameters: { aggregatorCount: 0, streamCount: -1 },
      },
      [
        'jobName',
        'instanceId',
        'parties.1.agentId',
        'parties.1.agentName',
        'parties.1.datasetId',
        'parties.1.datasetName',
        'parties.1.idColumn',
        'parties.2.agentId',
        'parties.2.agentName',
        'parties.2.agentName',
        'parties.2.datasetId',
        'parties.2.idColumn',
        'largeDataAgentId',
        'creatorAgentId',
        'runParameters.aggregatorCount',
        'runParameters.streamCount',
      ],
    );
  });

  test('calculateInformationValue makes the map of features from a list', async () => {
    const { guest, host } = jobs.fixture;
    const payload = await jobs.start('calculateInformationValue', {
      id: jobs.vertical.id,
      ...jobs.fixture.featureSelection(jobs.vertical.name),
      learningTask: 'CLASSIFICATION',
      creatorAgentId: jobs.fixture.agent.id,
      predictsAlone: true,
      modelParameters: { splitCount: 7 },
      differentialPrivacy: { ...differentialPrivacy, enabled: false },
    });
    expect(payload.userErrors).toEqual([]);
    expect(await jobs.bodyOf('calculateInformationValue')).toEqual({
      job_instance_type: 'VFL_FEATURE_SELECTION',
      job_name: jobs.vertical.name,
      binning_type: 'DISTANCE',
      datasets: [guest, host]
        .map((dataset) => `${dataset.agentId}.${dataset.name}.${jobs.fixture.aliasOf(dataset)}`)
        .join(','),
      features: [{ agent_id: host.agentId, dataset_name: host.name, features: jobs.fixture.featuresOf(host) }],
      featuresList: {
        [`${jobs.fixture.aliasOf(host)}.${host.agentId}.${host.id}.${host.name}`]: jobs.fixture.featuresOf(host),
      },
      label: jobs.fixture.label,
      label_dataset: guest.name,
      label_agent: guest.agentId,
      learning_task_type: 'CLASSIFICATION',
      job_creation_agent: jobs.fixture.agent.id,
      is_single_predict: true,
      model_param: { split_num: 7 },
      vfl_external_param: { ...differentialPrivacyBody, 'dp.enabled': false },
    });
    await jobs.finishRuns();
    expect(jobs.runOf(payload), jobs.runOf(payload).failure?.en_us).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('calculateInformationValue reports every broken rule and sends nothing', async () => {
    const good = { id: jobs.vertical.id, ...jobs.fixture.featureSelection(jobs.vertical.name) };
    const [features] = good.features;
    await jobs.expectFaults(
      'calculateInformationValue',
      {
        ...good,
        jobName: '',
        instanceId: instanceOfOtherLeague,
        datasets: [],
        features: [
          features,
          { ...features, agentId: '?', partnerAlias: 'a.b' },
          { ...features, datasetId: 'x', datasetName: 'x,y' },
        ],
        label: 'x'.repeat(1001),
        labelDatasetName: 'x'.repeat(101),
        labelAgentId: '?',
        creatorAgentId: '?',
        modelParameters: invalidModelParameters,
        differentialPrivacy: invalidDifferentialPrivacy,
      },
      [
        'jobName',
        'instanceId',
        'datasets',
        'features.1.agentId',
        'features.1.partnerAlias',
        'features.1.datasetId',
        'features.2.datasetId',
        'features.2.datasetName',
        'label',
        'labelDatasetName',
        'labelAgentId',
        'creatorAgentId',
        ...invalidModelFields,
        ...invalidPrivacyFields,
      ],
    );
    await jobs.expectFaults('calculateInformationValue', { ...good, features: [] }, ['features']);
    // 7.12.2 requires all of them.
    const { enabled, ...others } = differentialPrivacy;
    await jobs.expectFaults(
      'calculateInformationValue',
      { ...good, differentialPrivacy: { enabled } },
      Object.keys(others).map((field) => `differentialPrivacy.${field}`),
    );
  });
});
