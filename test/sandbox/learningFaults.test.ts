import { describe, expect, test } from 'vitest';
import { average } from '../../src/sandbox/learning/federatedAveraging.ts';
import { measure } from '../../src/sandbox/learning/metrics.ts';
import type { Dataset } from '../../src/sandbox/model/world.ts';
import { expectRefusal, found, statusOf, textIn, useSandbox, type AgentClient } from './fixture.ts';

/** Parameters and data with which learning can't come to a result: docs/faults.md, 24 and 29. */
const fixture = useSandbox();
let jobs = 0;

function aliasOf({ partnerId }: Dataset): string {
  return fixture.world.partner(partnerId)?.alias ?? '';
}

/** A local file of the client's agent, published. `data` tells files with the same rows from others. */
async function registerFile(
  client: AgentClient,
  name: string,
  columns: readonly object[],
  data = name,
): Promise<Dataset> {
  const connector = found(
    'connector',
    fixture.world.connectorsOfAgent(client.agent.id).find(({ type }) => type === 'LOCAL'),
  );
  const id = await textIn(
    client.post('/datasets', {
      name,
      connector_id: connector.id,
      connector_name: connector.name,
      data_type: 'LOCAL_CSV',
      ag_dataset_local: { file_type: 'CSV', delimiter: ',', is_header_exist: true, data_file_path: `/data/${data}` },
      columns,
    }),
    'id',
  );
  expect((await client.post(`/${client.agent.id}/datasets/${id}/publish`)).status).toBe(200);
  return found('dataset', fixture.world.dataset(id));
}

const idColumn = { column_name: 'id', data_type: 'string', fl_label_type: 'UNIQUE_ID' };
function label(name: string, type = 'integer') {
  return { column_name: name, data_type: type, fl_label_type: 'LABEL' };
}
function feature(name: string) {
  return { column_name: name, data_type: 'float', fl_label_type: 'FEATURE', feature_type: 'CONTINUOUS' };
}

interface Choice {
  readonly dataset: Dataset;
  readonly features: readonly string[];
}

/** A saved vertical job; the first dataset has the label. */
async function verticalJob(client: AgentClient, choices: readonly Choice[], labelName: string, settings: object = {}) {
  const name = `fault ${++jobs}`;
  const id = await textIn(
    client.league.post('/fl-jobs', {
      name,
      agent_id: client.agent.id,
      job_type: 'VFL',
      algorithm_type: 'LOGISTIC_REGRESSION',
    }),
    'job_id',
  );
  const guest = found('dataset with the label', choices[0]).dataset;
  const { status, text } = await client.league.put(`/fl-vertical-jobs/${id}`, {
    job_name: name,
    algorithm_type: 'LOGISTIC_REGRESSION',
    learning_task_type: 'CLASSIFICATION',
    datasets: choices.map(({ dataset: d }) => `${d.agentId}.${d.name}.${aliasOf(d)}`).join(','),
    features: choices.map(({ dataset: d, features }) => ({ agent_id: d.agentId, dataset_name: d.name, features })),
    label: labelName,
    label_dataset: guest.name,
    label_agent: guest.agentId,
    ...settings,
  });
  expect(status, text).toBe(200);
  return id;
}

function seededPair(client: AgentClient): readonly Choice[] {
  const files = fixture.world.datasetsOfLeague(client.leagueId);
  const guest = found(
    'guest',
    files.find(({ name }) => name.startsWith('credit_guest')),
  );
  const host = found(
    'host',
    files.find(({ name, partnerId }) => name.startsWith('credit_host') && partnerId !== guest.partnerId),
  );
  return [guest, host].map((dataset) => ({
    dataset,
    features: dataset.columns.filter((c) => c.labelType === 'FEATURE').map((c) => c.name),
  }));
}

function executeVertical(client: AgentClient, id: string, body: object) {
  return client.league.post(`/fl-vertical-jobs/${id}/execute`, { job_instance_type: 'VFL_TRAIN', ...body });
}

/** What became of a run: its status, or why it failed. */
async function outcomeOf(client: AgentClient, started: ReturnType<AgentClient['post']>, minutes = 10): Promise<string> {
  const id = await textIn(started, 'job_instance_id');
  await fixture.sandbox.client.advance(minutes * 60_000);
  const status = await statusOf(client, id);
  return status === 'FAILED' ? textIn(client.league.get(`/job-instances/${id}/error-info`), 'error_info') : status;
}

async function horizontalJob(
  client: AgentClient,
  datasets: readonly Dataset[],
  ext: object,
  round = 2,
): Promise<string> {
  const name = `fault ${++jobs}`;
  const id = await textIn(
    client.league.post('/fl-jobs', {
      name,
      agent_id: client.agent.id,
      job_type: 'HFL',
      hfl_type: 'TRAIN',
      hfl_platform_type: 'LOCAL',
    }),
    'job_id',
  );
  const { status, text } = await client.league.put(`/fl-jobs/${id}`, {
    job_name: name,
    hfl_type: 'TRAIN',
    hfl_platform_type: 'LOCAL',
    boot_file_url: '/uploadfiles/train.py',
    model_file_url: '/uploadfiles/model.h5',
    round,
    epoch: 3,
    host_agent_id: client.agent.id,
    host_agent_name: client.agent.name,
    datasets: datasets.map((d) => `${aliasOf(d)}.${d.name}`).join(','),
    ext: JSON.stringify(ext),
  });
  expect(status, text).toBe(200);
  return id;
}

function irisFiles(client: AgentClient): Dataset[] {
  return fixture.world.datasetsOfLeague(client.leagueId).filter(({ name }) => name.startsWith('iris'));
}

describe('a training whose numbers grow beyond all bounds', () => {
  test.each([
    ['CLASSIFICATION', { l2: 25 }],
    ['CLASSIFICATION', { l2: '-25' }],
    ['CLASSIFICATION', { l2: 1e308 }],
    ['REGRESSION', { l2: 25 }],
    ['REGRESSION', { l2: -3 }],
  ])('fails and says so: vertical %s with %j', async (task, loss) => {
    const { free } = fixture;
    const id = await verticalJob(free, seededPair(free), 'y', { learning_task_type: task });
    const parameters = { epoch: 100, batch_size: 16, learning_rate: '0.1', loss_param: JSON.stringify(loss) };
    expect(await outcomeOf(free, executeVertical(free, id, { model_param: parameters }))).toMatch(/diverged/);
    await expectRefusal(executeVertical(free, id, { job_instance_type: 'VFL_PREDICT' }), 409, 44);
  });

  test.each([[{ learning_rate: -1_000_000 }], [{ l2: 1e10 }], [{ l2: '-1e300' }]])(
    'fails and says so: horizontal with %j',
    async (ext) => {
      const { free } = fixture;
      const id = await horizontalJob(free, irisFiles(free), ext);
      expect(await outcomeOf(free, free.league.post(`/fl-jobs/${id}/execute`))).toMatch(/diverged/);
    },
  );

  test('has metrics that end whatever the probabilities are', () => {
    const labels = Float64Array.of(1, 0, 1, 0);
    expect(measure(labels, Float64Array.of(NaN, NaN, 0.5, NaN), 0.5).auc).toBeGreaterThanOrEqual(0);
    expect(() => average([])).toThrow(RangeError);
  });
});

describe('a parameter that is no number in its range', () => {
  test.each([
    [{ learning_rate: 'fast' }, 'learning_rate must be a finite number'],
    [{ l2: '1e999' }, 'l2 must be a finite number'],
    [{ batch_size: 0 }, 'batch_size must be a whole number from 1, not 0'],
    [{ batch_size: 1.5 }, 'batch_size must be a whole number from 1, not 1.5'],
    [{ epoch: -3 }, 'epoch must be a whole number from 1, not -3'],
  ])('fails the run: %j', async (ext, message) => {
    const { free } = fixture;
    const id = await horizontalJob(free, irisFiles(free), ext);
    expect(await outcomeOf(free, free.league.post(`/fl-jobs/${id}/execute`))).toContain(message);
  });
});

describe('a run that takes long', () => {
  test('lets the servers answer all the while', async () => {
    const { free, sandbox } = fixture;
    const id = await verticalJob(free, seededPair(free), 'y');
    const run = await textIn(
      executeVertical(free, id, { model_param: { epoch: 2_000_000_000, batch_size: 1 } }),
      'job_instance_id',
    );
    let isOver = false;
    const over = sandbox.client.advance(10 * 60_000).then(() => (isOver = true));
    let answers = 0;
    while (!isOver) {
      await statusOf(free, run);
      answers += 1;
    }
    await over;
    expect(answers).toBeGreaterThan(5);
    expect(await statusOf(free, run)).toBe('SUCCEEDED');
  });

  test('lets the servers answer while hundreds of features are read and encoded', async () => {
    const { free, sandbox } = fixture;
    const columns = Array.from({ length: 800 }, (_, index) => feature(`x${index}`));
    const guest = await registerFile(free, 'wide', [idColumn, label('y'), ...columns]);
    const id = await verticalJob(free, [{ dataset: guest, features: columns.map(({ column_name: n }) => n) }], 'y');
    const run = await textIn(executeVertical(free, id, {}), 'job_instance_id');
    let isOver = false;
    const over = sandbox.client.advance(10 * 60_000).then(() => (isOver = true));
    let answers = 0;
    while (!isOver) {
      await statusOf(free, run);
      answers += 1;
    }
    await over;
    expect(answers).toBeGreaterThan(5);
    expect(await statusOf(free, run)).toBe('SUCCEEDED');
  });

  test.each([[100, 1_000_000]])('ends after %i rounds of %i epochs', async (round, epoch) => {
    const { free } = fixture;
    const id = await horizontalJob(free, irisFiles(free), { epoch }, round);
    expect(await outcomeOf(free, free.league.post(`/fl-jobs/${id}/execute`), 10 * 60)).toBe('SUCCEEDED');
  });
});

describe('the label', () => {
  test('is no feature, in whichever case it is named', async () => {
    const { free, world } = fixture;
    const guest = await registerFile(free, 'case_guest', [idColumn, label('y'), feature('x0'), feature('x1')]);
    const choices = [{ dataset: guest, features: ['X0', 'x0', 'Y', 'y'] }];
    const id = await verticalJob(free, choices, 'y', { epoch: 20 });
    const run = await textIn(executeVertical(free, id, {}), 'job_instance_id');
    await fixture.sandbox.client.advance(10 * 60_000);
    const { status, results } = found('run', world.instance(run));
    expect(status).toBe('SUCCEEDED');
    expect(results?.metrics?.at(-1)?.auc).toBeLessThan(0.97);
  });

  test('is another column than one of a file that differs in case only', async () => {
    const { free, world } = fixture;
    const guest = await registerFile(free, 'case_both', [
      idColumn,
      label('y'),
      feature('Y'),
      feature('x'),
      feature('X'),
    ]);
    const id = await verticalJob(free, [{ dataset: guest, features: ['Y', 'x', 'X'] }], 'y', { epoch: 20 });
    const run = await textIn(executeVertical(free, id, {}), 'job_instance_id');
    await fixture.sandbox.client.advance(10 * 60_000);
    const { results, failure } = found('run', world.instance(run));
    expect(failure?.en_us).toBeUndefined();
    expect(results?.metrics?.at(-1)?.auc).toBeLessThan(0.97);
  });

  test.each([
    ['integer', 'string'],
    ['string', 'integer'],
    ['integer', 'boolean'],
  ])('means the same as %s at one party and as %s at another', async (one, other) => {
    const { free, world } = fixture;
    const columns = (type: string) => [idColumn, label('kind', type), feature('f0'), feature('f1')];
    const datasets = [
      await registerFile(free, `kinds_${one}_${++jobs}`, columns(one)),
      await registerFile(free, `kinds_${other}_${++jobs}`, columns(other)),
    ];
    const id = await horizontalJob(free, datasets, { learning_task_type: 'CLASSIFICATION' });
    const run = await textIn(free.league.post(`/fl-jobs/${id}/execute`), 'job_instance_id');
    await fixture.sandbox.client.advance(10 * 60_000);
    const { failure, results } = found('run', world.instance(run));
    expect(failure?.en_us).toBeUndefined();
    // Told apart are two classes, so there is one model, and its accuracy is that of a yes or no.
    expect(results?.metrics?.at(-1)?.accuracy).toBeGreaterThan(0.6);
  });
});

describe('an alignment by a column that is no key', () => {
  test('fails and says how many values there are', async () => {
    const { free } = fixture;
    const guest = await registerFile(free, 'repeated_keys', [
      idColumn,
      label('y'),
      feature('x0'),
      { column_name: 'level', data_type: 'integer', fl_label_type: 'FEATURE', feature_type: 'DISCRETE', field_size: 2 },
    ]);
    const host = found('host', seededPair(free)[1]);
    const id = await verticalJob(free, [{ dataset: guest, features: ['x0'] }, host], 'y');
    const align = (key: string) =>
      free.league.post(`/fl-vertical-jobs/${id}/sampleAlignment`, {
        job_instance_type: 'VFL_SAMPLE_ALIGNMENT',
        datasets: { [guest.agentId]: guest.name, [host.dataset.agentId]: host.dataset.name },
        align_ids: { [guest.agentId]: key, [host.dataset.agentId]: 'id' },
      });
    expect(await outcomeOf(free, align('level'))).toContain(
      'column level of dataset repeated_keys is no key: 2 values in 3000 records',
    );
    expect(await outcomeOf(free, align('id'))).toBe('SUCCEEDED');
  });
});

describe('differential privacy', () => {
  const thresholds = {
    'dp.output.threshold.low.min': '0.1',
    'dp.output.threshold.low.max': '0.4',
    'dp.output.threshold.high.min': 0.6,
    'dp.output.threshold.high.max': 0.9,
  };
  test.each([
    [{ 'dp.epsilon': 0 }, 'dp.epsilon must be greater than 0'],
    [{ 'dp.epsilon': -1 }, 'dp.epsilon must be greater than 0'],
    [{ 'dp.epsilon': '-0.5' }, 'dp.epsilon must be greater than 0'],
    [{ 'dp.epsilon': 1e-300 }, 'dp.epsilon must be from'],
    [{ 'dp.epsilon': '1e300' }, 'dp.epsilon must be from'],
    [{ 'dp.epsilon': '1e999' }, 'dp.epsilon must be a finite number'],
    [{ ...thresholds, 'dp.output.threshold.low.min': 0.5 }, 'dp.output.threshold.low.min (0.5) must not be greater'],
    [{ ...thresholds, 'dp.output.threshold.low.max': '0.7' }, 'dp.output.threshold.low.max (0.7) must not be greater'],
    [
      { ...thresholds, 'dp.output.threshold.high.min': 0.95 },
      'dp.output.threshold.high.min (0.95) must not be greater',
    ],
  ])('is refused with %j', async (privacy, message) => {
    const { free } = fixture;
    const id = await verticalJob(free, seededPair(free), 'y');
    const body = { vfl_external_param: { 'dp.enabled': true, 'dp.epsilon': 10, ...privacy } };
    await expectRefusal(executeVertical(free, id, body), 400, 2, message);
    // Nothing is said of what is switched off.
    const off = { vfl_external_param: { ...body.vfl_external_param, 'dp.enabled': false } };
    expect((await executeVertical(free, id, off)).status).toBe(200);
    await fixture.sandbox.client.advance(10 * 60_000);
  });
});

describe('the name of a dataset', () => {
  test.each([['a,b'], ['trailing '], ['tab\t'], ['new\nline'], ['comma, blank']])(
    'is refused where no list of datasets could hold it: %j',
    async (name) => {
      const { free } = fixture;
      const { world } = fixture;
      const connector = found(
        'connector',
        world.connectorsOfAgent(free.agent.id).find(({ type }) => type === 'LOCAL'),
      );
      const body = {
        name,
        connector_id: connector.id,
        connector_name: connector.name,
        data_type: 'LOCAL_CSV',
        ag_dataset_local: { file_type: 'CSV', delimiter: ',', is_header_exist: true, data_file_path: '/data/x' },
        columns: [idColumn],
      };
      await expectRefusal(free.post('/datasets', body), 400, 2, 'name');
    },
  );
});
