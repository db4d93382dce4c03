import { expect, test } from 'vitest';
import { refuseCall } from '../../support/faults.ts';
import { useStage } from '../../support/gateway.ts';
import { useLearningJobs } from '../../support/learningJobs.ts';

const stage = useStage({ speed: 0 });
const jobs = useLearningJobs(stage);

/** Answers one call with a body of its own. */
function answer(operationId: string, body: object): Promise<void> {
  return stage.sandbox.client.setRules([{ operationId, fault: { kind: 'status', status: 200, body } }]);
}

test.each([
  [1e-7, '0.0000001'],
  [0.30000000000000004, '0.30000000000000004'],
  ['1.10', '1.10'],
  ['12345678901234.123456789012', '12345678901234.123456789012'],
  [' +.5E-3 ', '0.0005'],
  [1, '1'],
  ['-0.25', '-0.25'],
  ['NaN', null],
  ['1e999', null],
  ['1e-999999999', null],
  ['', null],
  [true, null],
  [null, null],
  [{ value: 1 }, null],
])('a decimal that the service writes as %j reads %j', async (written, read) => {
  await answer('getVerticalJob', { job_name: 'x', learning_rate: written, grad_epsilon: written });
  const query =
    'query ($id: ID!) { job(id: $id) { ... on VerticalJob { definition { learningRate gradientEpsilon } } } }';
  expect(await stage.data(query, { id: jobs.vertical.id })).toEqual({
    job: { definition: { learningRate: read, gradientEpsilon: read } },
  });
});

test('parameters written as JSON keep their digits, an open map its numbers', async () => {
  const ext = '{"learning_rate":0.10000000000000000001,"grad_epsilon":1.10,"loss_param":{"l2":0.50}}';
  await answer('listFlJobs', { total: 1, lists: [{ id: 'a', job_type: 'VFL', name: 'x', ext }] });
  const query = `query ($league: ID!) { league(id: $league) { jobs(types: [VFL], filter: { name: "x" }) { nodes {
    ... on VerticalJob { learningParameters { learningRate gradientEpsilon lossParameters } }
  } } } }`;
  const { data } = await stage.ask(query, { league: jobs.vertical.id.split(/[:/]/)[1] });
  expect(data).toMatchObject({
    league: {
      jobs: {
        nodes: [
          {
            learningParameters: {
              learningRate: '0.10000000000000000001',
              gradientEpsilon: '1.10',
              lossParameters: { l2: 0.5 },
            },
          },
        ],
      },
    },
  });
});

test.each([
  [
    'a text',
    '{"records":[["a","b","c"],[1.10,12345678901234.123456789,1e-7]]}',
    ['1.10', '12345678901234.123456789', '1e-7'],
  ],
  [
    'a document',
    {
      records: [
        ['a', 'b', 'c'],
        [0.1, 1e-7, 9007199254740991],
      ],
    },
    ['0.1', '1e-7', '9007199254740991'],
  ],
])('cells of a sample that is %s show what was written', async (_, result, cells) => {
  const run = stage.sandbox.world.instances.find(({ status, type }) => status === 'SUCCEEDED' && type === 'SQL');
  await answer('getResultSample', { status: 'SUCCEEDED', result });
  const query = 'query ($id: ID!) { instance(id: $id) { sample { rows } } }';
  expect(await stage.data(query, { id: `Instance:${run?.leagueId}/${run?.id}` })).toEqual({
    instance: { sample: { rows: [cells] } },
  });
});

test('numbers of a job keep their values when they are written with an exponent or a point', async () => {
  await answer('getVerticalJob', { job_name: 'x', epoch: '1.0E2', batch_size: '16.0', tree_num: '1e1' });
  const query =
    'query ($id: ID!) { job(id: $id) { ... on VerticalJob { definition { epochs batchSize treeCount } } } }';
  expect(await stage.data(query, { id: jobs.vertical.id })).toEqual({
    job: { definition: { epochs: 100, batchSize: 16, treeCount: 10 } },
  });
});

test('metrics and counters of a run keep their digits', async () => {
  const run = stage.sandbox.world.instances.find(({ status, type }) => status === 'SUCCEEDED' && type === 'VFL_TRAIN');
  await answer('getInstanceResult', {
    ext: '{"auc":0.50,"positives":9007199254740993,"loss":12345678901234.123456789,"rate":"1e-7"}',
    counter_map: { rows: '9007199254740993', read: 12, sent: '1.5E3' },
  });
  const query = 'query ($id: ID!) { instance(id: $id) { result { metrics { auc all } counters { name value } } } }';
  expect(await stage.data(query, { id: `Instance:${run?.leagueId}/${run?.id}` })).toEqual({
    instance: {
      result: {
        metrics: {
          auc: 0.5,
          all: { auc: 0.5, positives: '9007199254740993', loss: '12345678901234.123456789', rate: 1e-7 },
        },
        counters: [
          { name: 'rows', value: '9007199254740993' },
          { name: 'read', value: 12 },
          { name: 'sent', value: 1500 },
        ],
      },
    },
  });
});

const update = `mutation ($input: UpdateVerticalJobInput!) { updateVerticalJob(input: $input) { userErrors { code } } }`;

test.each([
  [1e-7, '0.0000001'],
  ['1e-7', '0.0000001'],
  ['0.10000000000001', '0.10000000000001'],
  [1, '1'],
  ['0.50', '0.50'],
])('the variable %j is sent as %s', async (given, sent) => {
  await refuseCall(stage, 'updateVerticalJob', 400, 'no');
  const { errors } = await stage.ask(update, { input: jobs.verticalSettings({ learningRate: given }) });
  expect(errors).toBeUndefined();
  expect(await jobs.bodyOf('updateVerticalJob')).toMatchObject({ learning_rate: sent });
});

test.each(['0.0000001', '1e-7', '"0.0000001"'])('the literal %s is sent in digits', async (literal) => {
  await refuseCall(stage, 'executeVerticalJob', 400, 'no');
  const { errors } = await stage.ask(
    `mutation ($id: ID!) { executeVerticalJob(input: {
      id: $id, type: VFL_TRAIN, modelParameters: { learningRate: ${literal}, predictionThreshold: 0.12345678901234567890 }
    }) { userErrors { code } } }`,
    { id: jobs.vertical.id },
  );
  expect(errors).toBeUndefined();
  expect(await jobs.bodyOf('executeVerticalJob')).toMatchObject({
    model_param: { learning_rate: '0.0000001', predict_threshold: '0.12345678901234567890' },
  });
});

test.each(['x', '', 'Infinity', '0x1', '1e999', '1e-999999999', true, {}, []])('%j is no Decimal', async (given) => {
  const { errors } = await stage.ask(update, { input: jobs.verticalSettings({ learningRate: given }) });
  expect(errors?.map(({ message }) => message).join()).toContain('A Decimal looks like');
  expect(await stage.sandbox.client.calls()).toEqual([]);
});
