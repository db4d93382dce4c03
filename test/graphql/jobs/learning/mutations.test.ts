import { beforeAll, describe, expect, test } from 'vitest';
import type { HorizontalJob, Instance, VerticalJob } from '../../../../src/sandbox/model/world.ts';
import { useStage } from '../../../support/gateway.ts';
import {
  bareId,
  learningDesk,
  makeLearningJob,
  makeVerticalJob,
  newName,
  someone,
  type LearningDesk,
} from '../../../support/learning.ts';
import { mutate } from '../../../support/mutate.ts';

const stage = useStage({ speed: 0 });

let desk: LearningDesk;
let horizontalId: string;
let vertical: { readonly id: string; readonly name: string };
beforeAll(async () => {
  desk = learningDesk(stage);
  horizontalId = (await makeLearningJob(stage, desk, 'HFL')).id;
  await mutate(stage, 'updateHorizontalJob', horizontalSettings());
  vertical = await makeVerticalJob(stage, desk);
});

interface Payload {
  readonly job: { readonly id: string; readonly name: string } | null;
  readonly instance?: {
    readonly id: string;
    readonly type: string;
    readonly currentStatus: string;
    readonly job: { readonly id: string };
  } | null;
}

function world() {
  return stage.sandbox.world;
}
function send(name: string, input: object, selection = 'job { id name }') {
  return mutate<Payload>(stage, name, input, selection);
}
function start(name: string, input: object) {
  return send(
    name,
    { agentId: desk.agent.id, ...input },
    'job { id name } instance { id type currentStatus job { id } }',
  );
}
function sent(operationId: string) {
  return stage.sandbox.client.calls({ operationId });
}
async function bodyOf(operationId: string): Promise<unknown> {
  const calls = await sent(operationId);
  expect(calls).toHaveLength(1);
  return calls[0]?.body;
}
function runOf(payload: Payload): Instance {
  return someone(world().instance(bareId(payload.instance?.id ?? '')), 'instance of the payload');
}
function latestRun(jobId: string): Instance | undefined {
  return world().instancesOfJob(bareId(jobId))[0];
}
function finish() {
  return stage.sandbox.client.advance(3_600_000);
}
function breaking(operationId: string, at: 'before' | 'midAnswer') {
  return stage.sandbox.client.setRules([{ operationId, fault: { kind: 'reset', at } }]);
}
function refusing(operationId: string, error_msg: string) {
  return stage.sandbox.client.setRules([
    { operationId, fault: { kind: 'status', status: 500, body: { error_code: 'TICS_AGENT.1', error_msg } } },
  ]);
}

function horizontalSettings(change: object = {}) {
  return {
    id: horizontalId,
    agentId: desk.agent.id,
    name: world().job(bareId(horizontalId))?.name ?? newName(),
    phase: 'TRAIN',
    platform: 'LOCAL',
    rounds: 2,
    epochs: 3,
    datasets: desk.irises,
    host: { agentId: `Agent:${desk.agent.id}`, name: desk.agent.name },
    scriptPath: '/uploadfiles/iris_train.py',
    modelPath: '/uploadfiles/model.h5',
    ...change,
  };
}
function verticalSettings(change: object = {}) {
  return {
    ...vertical,
    agentId: desk.agent.id,
    ...desk.verticalSettings,
    ...change,
  };
}

/** All broken rules are told, by their fields in the order of their names, and nothing is sent. */
async function expectFaults(name: string, input: object, fields: readonly string[]) {
  await stage.sandbox.client.clearCalls();
  const { userErrors } = await mutate(stage, name, input);
  expect(userErrors.map(({ field }) => field?.join('.')).sort(), JSON.stringify(userErrors)).toEqual(
    [...fields].sort(),
  );
  for (const { code, call } of userErrors) expect({ code, call }).toEqual({ code: 'INVALID_INPUT', call: null });
  expect(await stage.sandbox.client.calls()).toEqual([]);
}

function long(length: number): string {
  return 'x'.repeat(length);
}
const otherLeague = `Instance:${'0'.repeat(32)}/${'1'.repeat(32)}`;

describe('createFederatedLearningJob', () => {
  test('makes a job with all that it can be told, and the payload reads it', async () => {
    const name = newName();
    const calls = await stage.callsOf(async () => {
      const payload = await send(
        'createFederatedLearningJob',
        {
          leagueId: `League:${desk.leagueId}`,
          agentId: `Agent:${desk.agent.id}`,
          name,
          description: '风控模型',
          type: 'VFL',
          phase: 'TRAIN',
          platform: 'LOCAL',
          algorithm: 'XG_BOOST',
          learningTask: 'CLASSIFICATION',
          labelAgentId: desk.guest.agentId,
        },
        'job { __typename id name description ... on VerticalJob { algorithm learningTask definition { labelAgentId } } }',
      );
      expect(payload).toMatchObject({
        userErrors: [],
        job: {
          __typename: 'VerticalJob',
          name,
          description: '风控模型',
          algorithm: 'XG_BOOST',
          learningTask: 'CLASSIFICATION',
          definition: { labelAgentId: desk.guest.agentId },
        },
      });
      expect(world().job(bareId(payload.job?.id ?? ''))).toMatchObject({ type: 'VFL', name, agentId: desk.agent.id });
    });
    expect(calls).toMatchObject({ createFlJob: 1, listLeagueFlJobs: 1, getVerticalJob: 1 });
  });

  test('begins with a model, and the body names it by its bare id', async () => {
    const model = someone(
      world()
        .modelsOfLeague(desk.leagueId)
        .find(({ type }) => type === 'VFL_TRAIN'),
      'model',
    );
    const { userErrors } = await send('createFederatedLearningJob', {
      leagueId: desk.leagueId,
      agentId: desk.agent.id,
      name: newName(),
      type: 'VFL',
      modelInstanceId: `Instance:${desk.leagueId}/${model.id}`,
    });
    expect(userErrors).toEqual([]);
    expect(await bodyOf('createFlJob')).toMatchObject({ job_instance_id: model.id, agent_id: desk.agent.id });
  });

  test('goes to the only agent of a league, and asks which where there are several', async () => {
    const agentsOf = (leagueId: string) => world().agentsOfLeague(leagueId);
    const lonely = someone(
      world().agents.find(({ leagueId, nodeStatus }) => agentsOf(leagueId).length === 1 && nodeStatus === 'TRUST'),
      'league with one agent',
    );
    const made = await send('createFederatedLearningJob', { leagueId: lonely.leagueId, name: newName(), type: 'HFL' });
    expect(world().job(bareId(made.job?.id ?? ''))?.agentId).toBe(lonely.id);
    const crowded = someone(
      world().leagues.find(({ id }) => agentsOf(id).length > 1),
      'league with several agents',
    );
    await stage.sandbox.client.clearCalls();
    expect(
      (await send('createFederatedLearningJob', { leagueId: crowded.id, name: newName(), type: 'HFL' })).userErrors,
    ).toMatchObject([{ code: 'AGENT_REQUIRED' }]);
    expect(await sent('createFlJob')).toEqual([]);
  });

  test('reads after it in the same operation see the job', async () => {
    interface Counted {
      readonly jobs: { readonly totalCount: number };
    }
    const jobs = 'jobs(types: [HFL], first: 1) { totalCount }';
    const before = await stage.data<{ league: Counted }>(`query ($id: ID!) { league(id: $id) { ${jobs} } }`, {
      id: desk.leagueId,
    });
    const after = await stage.data<{ result: { job: { league: Counted } } }>(
      `mutation ($input: CreateFederatedLearningJobInput!) {
        result: createFederatedLearningJob(input: $input) { job { league { ${jobs} } } }
      }`,
      { input: { leagueId: desk.leagueId, agentId: desk.agent.id, name: newName(), type: 'HFL' } },
    );
    expect(after.result.job.league.jobs.totalCount).toBe(before.league.jobs.totalCount + 1);
  });

  test('every broken rule is told, and nothing is sent', async () => {
    await expectFaults(
      'createFederatedLearningJob',
      {
        leagueId: 'Agent:x',
        agentId: 'League:x',
        name: long(129),
        description: long(513),
        type: 'HFL',
        phase: 'UNKNOWN',
        platform: 'UNKNOWN',
        algorithm: 'XG_BOOST',
        learningTask: 'UNKNOWN',
        modelInstanceId: 'Job:x',
        labelAgentId: long(33),
      },
      [
        'leagueId',
        'agentId',
        'name',
        'description',
        'phase',
        'platform',
        'algorithm',
        'learningTask',
        'modelInstanceId',
        'labelAgentId',
        // Of vertical jobs only.
        'labelAgentId',
      ],
    );
    for (const name of ['', ' a', 'a ', 'a/b', 'a:b'])
      await expectFaults('createFederatedLearningJob', { leagueId: desk.leagueId, name, type: 'HFL' }, ['name']);
    await expectFaults(
      'createFederatedLearningJob',
      { leagueId: desk.leagueId, name: 'a', type: 'VFL', algorithm: 'UNKNOWN', modelInstanceId: otherLeague },
      ['algorithm', 'modelInstanceId'],
    );
  });

  test('a name that is taken is refused', async () => {
    const { job, userErrors } = await send('createFederatedLearningJob', {
      leagueId: desk.leagueId,
      agentId: desk.agent.id,
      name: vertical.name,
      type: 'VFL',
    });
    expect(job).toBeNull();
    expect(userErrors).toMatchObject([
      { code: 'NAME_TAKEN', call: 'createFlJob', upstreamCode: expect.stringContaining('TICS_AGENT') as string },
    ]);
    expect(await sent('createFlJob')).toHaveLength(1);
  });

  test.each(['before', 'midAnswer'] as const)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    await breaking('createFlJob', at);
    const name = newName();
    const { job, userErrors } = await send('createFederatedLearningJob', {
      leagueId: desk.leagueId,
      agentId: desk.agent.id,
      name,
      type: 'HFL',
    });
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'createFlJob' }]);
    expect(await sent('createFlJob')).toHaveLength(1);
    expect(job?.name ?? null).toBe(at === 'midAnswer' ? name : null);
  });
});

describe('updateHorizontalJob', () => {
  const rest = {
    description: '横向',
    evaluationDatasetName: 'iris',
    initialWeightsPath: '/uploadfiles/weights.h5',
    engineId: 'engine',
    resourceSpecId: 'spec',
    parameters: { early_stop: true, agentId: 'Agent:kept as it is' },
  };

  test('saves all settings in one call', async () => {
    const calls = await stage.callsOf(async () => {
      const payload = await send(
        'updateHorizontalJob',
        horizontalSettings(rest),
        `job { name ... on HorizontalJob { definition {
          phase platform rounds epochs datasets { partnerAlias name } evaluationDatasetName scriptPath modelPath
          initialWeightsPath engineId resourceSpecId parameters description
        } } }`,
      );
      const { id, agentId, name, host, ...settings } = horizontalSettings(rest);
      expect(payload).toMatchObject({ userErrors: [], job: { name, definition: settings } });
    });
    expect(calls).toEqual({ updateHorizontalJob: 1, listLeagueFlJobs: 1, getHorizontalJob: 1 });
    expect(world().job(bareId(horizontalId)) as HorizontalJob).toMatchObject({
      rounds: 2,
      epochs: 3,
      engineId: 'engine',
    });
    const [call] = await sent('updateHorizontalJob');
    expect(call?.body).toMatchObject({
      host_agent_id: desk.agent.id,
      host_agent_name: desk.agent.name,
      datasets: desk.irises.map(({ partnerAlias, name }) => `${partnerAlias}.${name}`).join(','),
      ext: JSON.stringify(rest.parameters),
    });
  });

  test('every broken rule is told, and nothing is sent', async () => {
    await expectFaults(
      'updateHorizontalJob',
      horizontalSettings({
        id: vertical.id,
        agentId: '?',
        name: 'a*b',
        description: long(513),
        phase: 'UNKNOWN',
        platform: 'UNKNOWN',
        rounds: 0,
        epochs: 1001,
        datasets: [
          { partnerAlias: 'a.b', name: 'x,y' },
          { partnerAlias: '', name: ' x' },
        ],
        evaluationDatasetName: 'a?',
        host: { agentId: 'nobody here', name: long(129) },
        scriptPath: long(513),
        modelPath: long(513),
        initialWeightsPath: long(513),
        engineId: long(51),
        resourceSpecId: long(51),
        parameters: [1],
      }),
      [
        'id',
        'agentId',
        'name',
        'description',
        'phase',
        'platform',
        'rounds',
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
        'engineId',
        'resourceSpecId',
        'parameters',
      ],
    );
    await expectFaults(
      'updateHorizontalJob',
      horizontalSettings({ rounds: 1001, epochs: 0, datasets: [], parameters: { text: long(1024) } }),
      ['rounds', 'epochs', 'datasets', 'parameters'],
    );
    const many = Array.from({ length: 103 }, () => ({ partnerAlias: 'abcd', name: 'efgh' }));
    await expectFaults('updateHorizontalJob', horizontalSettings({ datasets: many }), ['datasets']);
    await expectFaults('updateHorizontalJob', horizontalSettings({ id: 'Job:a/b' }), ['id']);
    await expectFaults('updateHorizontalJob', horizontalSettings({ id: `Job:${desk.leagueId}/hfl/${long(33)}` }), [
      'id',
    ]);
  });

  test('a dataset that is not there is refused, and another partner’s job too', async () => {
    expect(
      (await send('updateHorizontalJob', horizontalSettings({ datasets: [{ partnerAlias: 'no', name: 'body' }] })))
        .userErrors,
    ).toMatchObject([{ code: 'NOT_FOUND', call: 'updateHorizontalJob' }]);
    const foreign = someone(
      world()
        .jobsOfLeague(desk.leagueId, 'HFL')
        .find(({ partnerId }) => partnerId !== desk.agent.partnerId),
      'job of another partner',
    );
    expect(
      (await send('updateHorizontalJob', horizontalSettings({ id: `Job:${desk.leagueId}/hfl/${foreign.id}` })))
        .userErrors,
    ).toMatchObject([{ code: 'FORBIDDEN', call: 'updateHorizontalJob' }]);
    expect(await sent('updateHorizontalJob')).toHaveLength(2);
  });

  test.each(['before', 'midAnswer'] as const)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    await breaking('updateHorizontalJob', at);
    const { job, userErrors } = await send('updateHorizontalJob', horizontalSettings({ ...rest, description: at }));
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'updateHorizontalJob' }]);
    expect(await sent('updateHorizontalJob')).toHaveLength(1);
    expect(job?.id ?? null).toBe(at === 'midAnswer' ? horizontalId : null);
  });
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
      const payload = await send(
        'updateVerticalJob',
        verticalSettings({
          ...rest,
          creatorAgentId: desk.agent.id,
          hosts: [
            { agentId: desk.guest.agentId, name: 'one' },
            { agentId: desk.host.agentId, name: 'two' },
          ],
        }),
        `job { name ... on VerticalJob { definition {
          description algorithm learningTask workStep datasets { agentId name partnerAlias }
          features { agentId datasetName features } label labelDatasetName labelAgentId predictsAlone predictionThreshold
          learningRate epochs batchSize gradientEpsilon treeCount treeDepth splitCount
        } } }`,
      );
      const bare = <Part extends { readonly agentId: string }>(parts: readonly Part[]) =>
        parts.map((part) => ({ ...part, agentId: part.agentId.replace('Agent:', '') }));
      expect(payload).toMatchObject({
        userErrors: [],
        job: {
          name: vertical.name,
          definition: {
            ...desk.verticalSettings,
            ...rest,
            datasets: bare(desk.verticalSettings.datasets),
            features: bare(desk.verticalSettings.features),
            labelAgentId: desk.guest.agentId,
          },
        },
      });
    });
    expect(calls).toEqual({ updateVerticalJob: 1, listLeagueFlJobs: 1, getVerticalJob: 1 });
    expect(await bodyOf('updateVerticalJob')).toMatchObject({
      learning_rate: '0.1',
      predict_threshold: '0.4',
      grad_epsilon: '0.001',
      current_agent_id: desk.agent.id,
      host_agent_id: `${desk.guest.agentId},${desk.host.agentId}`,
      host_agent_name: 'one,two',
    });
    expect(world().job(bareId(vertical.id)) as VerticalJob).toMatchObject({
      epochs: 2,
      treeCount: 3,
      learningRate: '0.1',
    });
  });

  test('every broken rule is told, and nothing is sent', async () => {
    await expectFaults(
      'updateVerticalJob',
      verticalSettings({
        id: horizontalId,
        agentId: '?',
        name: '',
        description: long(513),
        algorithm: 'UNKNOWN',
        learningTask: 'UNKNOWN',
        workStep: 'UNKNOWN',
        datasets: [{ agentId: 'Job:x', partnerAlias: 'a.b', name: 'x，y' }],
        hosts: [{ agentId: '?', name: 'a,b' }],
        features: [{ agentId: '?', datasetName: '', features: ['a', ''] }],
        label: long(101),
        labelDatasetName: long(101),
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
        'algorithm',
        'learningTask',
        'workStep',
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
    await expectFaults(
      'updateVerticalJob',
      verticalSettings({ learningRate: -0.1, predictionThreshold: -0.1, epochs: 1001 }),
      ['learningRate', 'predictionThreshold', 'epochs'],
    );
  });

  test('a name that is taken is refused', async () => {
    const taken = world().job(bareId(horizontalId))?.name;
    expect((await send('updateVerticalJob', verticalSettings({ name: taken }))).userErrors).toMatchObject([
      { code: 'NAME_TAKEN', call: 'updateVerticalJob', field: ['name'] },
    ]);
    expect(await sent('updateVerticalJob')).toHaveLength(1);
  });

  test.each(['before', 'midAnswer'] as const)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    await breaking('updateVerticalJob', at);
    const { job, userErrors } = await send('updateVerticalJob', verticalSettings({ description: at }));
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'updateVerticalJob' }]);
    expect(await sent('updateVerticalJob')).toHaveLength(1);
    expect(job?.id ?? null).toBe(at === 'midAnswer' ? vertical.id : null);
  });
});

const privacy = {
  enabled: true,
  epsilon: 10,
  upperThresholdMin: 0.6,
  upperThresholdMax: 0.9,
  lowerThresholdMin: 0.1,
  lowerThresholdMax: 0.4,
  originalOutputCount: 100,
  thresholdAdjustmentCount: 200,
  fillBackStore: 'MEMORY',
};
const privacyWire = {
  'dp.enabled': true,
  'dp.epsilon': 10,
  'dp.output.threshold.high.min': 0.6,
  'dp.output.threshold.high.max': 0.9,
  'dp.output.threshold.low.min': '0.1',
  'dp.output.threshold.low.max': '0.4',
  'dp.backpg.origin.num': '100',
  'dp.output.threshold.adjust.num': '200',
  'dp.supply.store.policy': '1',
};
const model = {
  predictionThreshold: 0.5,
  learningRate: 0.5,
  epochs: 2,
  batchSize: 32,
  treeCount: 2,
  treeDepth: 3,
  splitCount: 7,
  discreteEmbeddingSize: 4,
  multihotEmbeddingSize: 5,
  layerSizes: [8, 4],
  reductionRatio: 2,
  saveFormat: 'h5',
  lossFunction: 'cross_entropy',
  lossParameters: { l2: 0.01 },
};
const modelWire = {
  predict_threshold: '0.5',
  learning_rate: '0.5',
  epoch: 2,
  batch_size: 32,
  tree_num: 2,
  tree_depth: 3,
  split_num: 7,
  discrete_embedding_size: 4,
  multihot_embedding_size: 5,
  mlp_dims: [8, 4],
  reduction_ratio: 2,
  save_format: 'h5',
  loss_function: 'cross_entropy',
  loss_param: '{"l2":0.01}',
};
const badModel = {
  predictionThreshold: 2,
  learningRate: -1,
  epochs: 1001,
  batchSize: 0,
  treeCount: 0,
  treeDepth: 0,
  splitCount: 4,
  discreteEmbeddingSize: 3,
  multihotEmbeddingSize: 3,
  layerSizes: [0],
  reductionRatio: 1,
  lossParameters: 'text',
};
const badModelFields = Object.keys(badModel).map((field) =>
  field === 'layerSizes' ? 'modelParameters.layerSizes.0' : `modelParameters.${field}`,
);
const badPrivacy = {
  ...privacy,
  upperThresholdMin: 1,
  lowerThresholdMax: 0,
  originalOutputCount: -1,
  thresholdAdjustmentCount: -1,
};
const badPrivacyFields = [
  'upperThresholdMax',
  'lowerThresholdMax',
  'originalOutputCount',
  'thresholdAdjustmentCount',
].map((field) => `differentialPrivacy.${field}`);

/** What all five have in common: a run is answered, what breaks off is looked for, and refusals have their codes. */
const runs = [
  { name: 'executeHorizontalJob', type: 'HFL', input: () => ({ id: horizontalId }) },
  { name: 'executeVerticalJob', type: 'VFL_TRAIN', input: () => ({ id: vertical.id, type: 'VFL_TRAIN' }) },
  { name: 'truncateIds', type: 'VFL_ID_TRUNCATION', input: () => ({ id: vertical.id }) },
  { name: 'alignSamples', type: 'VFL_SAMPLE_ALIGNMENT', input: () => ({ id: vertical.id }) },
  {
    name: 'calculateInformationValue',
    type: 'VFL_FEATURE_SELECTION',
    input: () => ({ id: vertical.id, ...desk.featureSelection(vertical.name) }),
  },
];

describe.each(runs)('$name', ({ name, type, input }) => {
  test('answers with the run to watch, and its job', async () => {
    const { id } = input();
    const calls = await stage.callsOf(async () => {
      const payload = await start(name, input());
      expect(payload).toMatchObject({
        userErrors: [],
        instance: { type, currentStatus: 'NEW', job: { id } },
        job: { id },
      });
      expect(runOf(payload)).toMatchObject({ type, jobId: bareId(id), agentId: desk.agent.id });
    });
    expect(calls).toMatchObject({ [name]: 1, listJobInstances: 1, getInstanceStatus: 1, listLeagueFlJobs: 1 });
    await finish();
    expect(latestRun(id), latestRun(id)?.failure?.en_us).toMatchObject({ type, status: 'SUCCEEDED' });
  });

  test('ids of other things are refused, and nothing is sent', async () => {
    const wrongKind = `Job:${desk.leagueId}/sql/${'0'.repeat(32)}`;
    await expectFaults(name, { ...input(), id: wrongKind, agentId: '?' }, ['id', 'agentId']);
    await expectFaults(name, { ...input(), id: 'Job:x' }, ['id']);
  });

  test.each([
    ['queue over length', 'QUEUE_FULL'],
    ['TICS.SRV.40000023: the partner is not verified', 'PARTNER_NOT_VERIFIED'],
    ['something else', 'UPSTREAM_FAILED'],
  ])('is refused: %s', async (text, code) => {
    await refusing(name, text);
    const { instance, job, userErrors } = await start(name, input());
    expect(userErrors).toMatchObject([{ code, call: name, upstreamCode: 'TICS_AGENT.1' }]);
    expect([instance, job]).toEqual([null, null]);
    expect(await sent(name)).toHaveLength(1);
  });

  test.each(['before', 'midAnswer'] as const)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    const { id } = input();
    const before = latestRun(id)?.id;
    await breaking(name, at);
    const payload = await start(name, input());
    expect(payload.userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: name }]);
    expect(await sent(name)).toHaveLength(1);
    const after = latestRun(id)?.id ?? '';
    if (at === 'before') expect(after).toBe(before);
    expect(payload.instance?.id ?? null).toBe(at === 'midAnswer' ? `Instance:${desk.leagueId}/${after}` : null);
    await finish();
  });
});

describe('runs of vertical jobs', () => {
  test('executeVerticalJob sends what wins over the job, under the names of the service', async () => {
    const payload = await start('executeVerticalJob', {
      id: vertical.id,
      type: 'VFL_TRAIN',
      jobName: vertical.name,
      datasets: desk.verticalSettings.datasets,
      features: desk.verticalSettings.features,
      label: desk.label,
      labelDatasetName: desk.guest.name,
      labelAgentId: desk.guest.agentId,
      binning: 'FREQUENCY',
      learningTask: 'CLASSIFICATION',
      creatorAgentId: `Agent:${desk.agent.id}`,
      modelParameters: model,
      differentialPrivacy: privacy,
    });
    expect(payload.userErrors).toEqual([]);
    const { guest, host } = desk;
    expect(await bodyOf('executeVerticalJob')).toEqual({
      job_instance_type: 'VFL_TRAIN',
      job_name: vertical.name,
      datasets: [guest, host].map((dataset) => `${dataset.agentId}.${dataset.name}.${desk.aliasOf(dataset)}`).join(','),
      features: [guest, host].map((dataset) => ({
        agent_id: dataset.agentId,
        dataset_name: dataset.name,
        features: desk.featuresOf(dataset),
      })),
      label: desk.label,
      label_dataset: guest.name,
      label_agent: guest.agentId,
      binning_type: 'FREQUENCY',
      learning_task_type: 'CLASSIFICATION',
      job_creation_agent: desk.agent.id,
      model_param: modelWire,
      vfl_external_param: privacyWire,
    });
    await finish();
    const run = runOf(payload);
    expect(run, run.failure?.en_us).toMatchObject({ status: 'SUCCEEDED' });

    for (const type of ['VFL_EVALUATE', 'VFL_PREDICT']) {
      const used = await start('executeVerticalJob', {
        id: vertical.id,
        type,
        modelInstanceId: `Instance:${desk.leagueId}/${run.id}`,
      });
      expect(used).toMatchObject({ userErrors: [], instance: { type } });
      expect(runOf(used).ext).toContain(run.id);
    }
    await finish();
  });

  test('executeVerticalJob: every broken rule is told, and nothing is sent', async () => {
    await expectFaults(
      'executeVerticalJob',
      {
        id: vertical.id,
        type: 'VFL_SAMPLE_ALIGNMENT',
        jobName: 'a|b"',
        modelInstanceId: otherLeague,
        datasets: [{ agentId: '?', partnerAlias: 'a', name: 'b' }],
        features: [{ agentId: '?', datasetName: 'a', features: [''] }],
        label: long(1001),
        labelDatasetName: long(101),
        labelAgentId: '?',
        binning: 'UNKNOWN',
        learningTask: 'UNKNOWN',
        creatorAgentId: '?',
        modelParameters: badModel,
        differentialPrivacy: badPrivacy,
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
        'binning',
        'learningTask',
        'creatorAgentId',
        ...badModelFields,
        ...badPrivacyFields,
      ],
    );
    for (const type of ['SQL', 'HFL', 'PIR_SQL', 'UNKNOWN'])
      await expectFaults('executeVerticalJob', { id: vertical.id, type }, ['type']);
  });

  test('without a model there is nothing to predict with', async () => {
    const fresh = await makeVerticalJob(stage, desk);
    expect((await start('executeVerticalJob', { id: fresh.id, type: 'VFL_PREDICT' })).userErrors).toMatchObject([
      { code: 'WRONG_STATE', call: 'executeVerticalJob' },
    ]);
  });

  test('truncateIds sends its settings under the names of the service', async () => {
    const model = latestRun(vertical.id);
    const payload = await start('truncateIds', {
      id: vertical.id,
      jobName: vertical.name,
      instanceId: `Instance:${desk.leagueId}/${model?.id ?? ''}`,
      datasetNames: [desk.guest.name, desk.host.name],
      labelDatasetName: desk.guest.name,
      labelAgentId: desk.guest.agentId,
      labelAgentName: 'guest',
      host: { agentId: desk.host.agentId, name: 'host' },
      dataProtection: 'MPC',
      idColumn: 'id',
      prefixLength: 6,
      filterColumns: [],
    });
    expect(payload.userErrors).toEqual([]);
    expect(await bodyOf('truncateIds')).toEqual({
      league_id: desk.leagueId,
      job_id: bareId(vertical.id),
      job_instance_type: 'VFL_ID_TRUNCATION',
      job_name: vertical.name,
      instance_id: model?.id,
      datasets: `${desk.guest.name},${desk.host.name}`,
      label_dataset: desk.guest.name,
      label_agent: desk.guest.agentId,
      label_agent_name: 'guest',
      host_agent_id: desk.host.agentId,
      host_agent_name: 'host',
      data_protection_type: 'MPC',
      id_column_name: 'id',
      prefix_count: 6,
      filters: [],
    });
    await finish();
  });

  test('truncateIds: every broken rule is told, and nothing is sent', async () => {
    await expectFaults(
      'truncateIds',
      {
        id: vertical.id,
        jobName: ' a',
        instanceId: otherLeague,
        datasetNames: ['a', 'b,c'],
        labelDatasetName: long(101),
        labelAgentId: long(33),
        labelAgentName: long(129),
        host: { agentId: '?', name: '' },
        idColumn: long(201),
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
    const { guest, host, parties } = desk;
    const payload = await start('alignSamples', {
      id: vertical.id,
      jobName: vertical.name,
      algorithm: 'OPRF',
      parties,
      largeDataAgentId: host.agentId,
      creatorAgentId: desk.agent.id,
      encryptsResult: false,
      runParameters: { aggregatorTaskMemory: '2048', agentTaskConcurrency: 2, homomorphicDictionary: true },
    });
    expect(payload.userErrors).toEqual([]);
    expect(await bodyOf('alignSamples')).toEqual({
      league_id: desk.leagueId,
      job_id: bareId(vertical.id),
      job_instance_type: 'VFL_SAMPLE_ALIGNMENT',
      job_name: vertical.name,
      algorithm: 'OPRF',
      datasets: { [guest.agentId]: guest.name, [host.agentId]: host.name },
      align_ids: { [guest.agentId]: parties[0]?.columns[0], [host.agentId]: parties[1]?.columns[0] },
      agents: [guest.agentId, host.agentId],
      agent_names: parties.map(({ agentName }) => agentName),
      dataset_ids: [guest.id, host.id],
      large_data_agent: host.agentId,
      job_creation_agent: desk.agent.id,
      encrypted_res: false,
      external_param: { 'tics.task.memory.size': '2048', 'user.task.concurrency': 2, 'he.dict.enable': true },
    });
    await finish();
    expect(runOf(payload), runOf(payload).failure?.en_us).toMatchObject({ status: 'SUCCEEDED' });
    await stage.sandbox.client.clearCalls();

    const nameless = parties.map(({ agentId, datasetName, columns }) => ({ agentId, datasetName, columns }));
    expect((await start('alignSamples', { id: vertical.id, parties: nameless })).userErrors).toEqual([]);
    const body = (await bodyOf('alignSamples')) as object;
    expect(Object.keys(body)).not.toContain('agent_names');
    expect(Object.keys(body)).not.toContain('dataset_ids');
    await finish();
  });

  test('alignSamples: every broken rule is told, and nothing is sent', async () => {
    const [first] = desk.parties;
    await expectFaults(
      'alignSamples',
      {
        id: vertical.id,
        jobName: 'a<b',
        instanceId: otherLeague,
        parties: [
          first,
          { agentId: desk.guest.agentId, datasetName: '', columns: [] },
          { agentId: '?', agentName: '', datasetId: 'Job:x', datasetName: 'x', columns: ['a,b'] },
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
        'parties.1.columns',
        'parties.2.agentId',
        'parties.2.agentName',
        'parties.2.agentName',
        'parties.2.datasetId',
        'parties.2.columns.0',
        'largeDataAgentId',
        'creatorAgentId',
        'runParameters.aggregatorCount',
        'runParameters.streamCount',
      ],
    );
  });

  test('calculateInformationValue makes the map of features from a list', async () => {
    const { guest, host } = desk;
    const payload = await start('calculateInformationValue', {
      id: vertical.id,
      ...desk.featureSelection(vertical.name),
      learningTask: 'CLASSIFICATION',
      creatorAgentId: desk.agent.id,
      predictsAlone: true,
      modelParameters: { splitCount: 7 },
      differentialPrivacy: { ...privacy, enabled: false },
    });
    expect(payload.userErrors).toEqual([]);
    expect(await bodyOf('calculateInformationValue')).toEqual({
      job_instance_type: 'VFL_FEATURE_SELECTION',
      job_name: vertical.name,
      binning_type: 'DISTANCE',
      datasets: [guest, host].map((dataset) => `${dataset.agentId}.${dataset.name}.${desk.aliasOf(dataset)}`).join(','),
      featuresList: { [`${desk.aliasOf(host)}.${host.agentId}.${host.id}.${host.name}`]: desk.featuresOf(host) },
      label: desk.label,
      label_dataset: guest.name,
      label_agent: guest.agentId,
      learning_task_type: 'CLASSIFICATION',
      job_creation_agent: desk.agent.id,
      is_single_predict: true,
      model_param: { split_num: 7 },
      vfl_external_param: { ...privacyWire, 'dp.enabled': false },
    });
    await finish();
    expect(runOf(payload), runOf(payload).failure?.en_us).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('calculateInformationValue: every broken rule is told, and nothing is sent', async () => {
    const good = { id: vertical.id, ...desk.featureSelection(vertical.name) };
    const [features] = good.features;
    await expectFaults(
      'calculateInformationValue',
      {
        ...good,
        jobName: '',
        instanceId: otherLeague,
        binning: 'UNKNOWN',
        datasets: [],
        features: [
          features,
          { ...features, agentId: '?', partnerAlias: 'a.b' },
          { ...features, datasetId: 'x', datasetName: 'x,y' },
        ],
        label: long(1001),
        labelDatasetName: long(101),
        labelAgentId: '?',
        learningTask: 'UNKNOWN',
        creatorAgentId: '?',
        modelParameters: badModel,
        differentialPrivacy: badPrivacy,
      },
      [
        'jobName',
        'instanceId',
        'binning',
        'datasets',
        'features.1.agentId',
        'features.1.partnerAlias',
        'features.1.datasetId',
        'features.2.datasetId',
        'features.2.datasetName',
        'label',
        'labelDatasetName',
        'labelAgentId',
        'learningTask',
        'creatorAgentId',
        ...badModelFields,
        ...badPrivacyFields,
      ],
    );
    await expectFaults('calculateInformationValue', { ...good, features: [] }, ['features']);
    // 7.12.2 requires all of them.
    const { enabled, ...others } = privacy;
    await expectFaults(
      'calculateInformationValue',
      { ...good, differentialPrivacy: { enabled } },
      Object.keys(others).map((field) => `differentialPrivacy.${field}`),
    );
  });

  test('a job that was never saved can not be run', async () => {
    const empty = await makeLearningJob(stage, desk, 'VFL');
    expect((await start('executeVerticalJob', { id: empty.id, type: 'VFL_TRAIN' })).userErrors).toMatchObject([
      { code: 'WRONG_STATE', call: 'executeVerticalJob' },
    ]);
  });
});
