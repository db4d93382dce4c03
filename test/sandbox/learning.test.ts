import { beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionResults } from '../../src/sandbox/model/execution.ts';
import { intersect, isHeldOut, keepByPrefix, rowsOfIds } from '../../src/sandbox/learning/alignment.ts';
import { fitEncoding } from '../../src/sandbox/learning/encoding.ts';
import { executeLearning } from '../../src/sandbox/learning/execute.ts';
import { average } from '../../src/sandbox/learning/federatedAveraging.ts';
import { binCounts, informationValue } from '../../src/sandbox/learning/informationValue.ts';
import { labelsFor } from '../../src/sandbox/learning/labels.ts';
import { shuffled } from '../../src/sandbox/learning/logisticRegression.ts';
import { measure, measureClasses } from '../../src/sandbox/learning/metrics.ts';
import { Yielding } from '../../src/sandbox/model/yielding.ts';
import { parametersOf } from '../../src/sandbox/learning/parameters.ts';
import { readAligned } from '../../src/sandbox/learning/parties.ts';
import { noisyCounts } from '../../src/sandbox/learning/privacy.ts';
import { surrogates } from '../../src/sandbox/learning/surrogates.ts';
import { split } from '../../src/sandbox/learning/vertical.ts';
import { trainVertically } from '../../src/sandbox/learning/verticalTraining.ts';
import { roundsOf } from '../../src/sandbox/lifecycle/lifecycle.ts';
import { Random } from '../../src/sandbox/model/random.ts';
import {
  executionGraph,
  metricsOf,
  reportOf,
  errorTextOf,
  featureSelectionOf,
  resultOf,
  sampleAlignmentOf,
} from '../../src/sandbox/results/index.ts';
import { advance, startRun, stopRun } from '../../src/sandbox/lifecycle/runner.ts';
import { createWorld } from '../../src/sandbox/seed/createWorld.ts';
import { algorithms, isOnline } from '../../src/sandbox/model/world.ts';
import type {
  Dataset,
  DatasetColumn,
  HorizontalJob,
  Instance,
  InstanceType,
  Job,
  VerticalJob,
  World,
} from '../../src/sandbox/model/world.ts';

const nowMs = Date.parse('2026-03-10T20:30:00Z');
function worldOf(seed: number): World {
  return createWorld({ seed, nowMs, speed: 0 });
}
const never = new AbortController().signal;

/** A run of a job as a write would start it, just before it is executed. */
function runOf(
  world: World,
  job: Job,
  type: InstanceType,
  ext: object = {},
  changes: Partial<Instance> = {},
): Instance {
  const [template] = world.instances;
  if (!template) throw new Error('no instances');
  const ownExt = job.ext === undefined ? {} : (JSON.parse(job.ext) as object);
  const instance: Instance = {
    ...template,
    id: new Random(`${job.id}/${type}/${JSON.stringify(ext)}`).id(),
    leagueId: job.leagueId,
    jobId: job.id,
    jobName: job.name,
    type,
    status: 'RUNNING',
    runningAtMs: nowMs,
    endedAtMs: undefined,
    agentId: job.agentId,
    agentIds: [...new Set(job.datasetIds.map((id) => world.dataset(id)?.agentId ?? ''))],
    datasetIds: job.datasetIds,
    rounds: roundsOf(job, type),
    isSinglePredict: undefined,
    ext: JSON.stringify({ ...ownExt, ...ext }),
    jobSnapshot: job,
    results: undefined,
    failure: undefined,
    ...changes,
  };
  return instance;
}

async function succeed(world: World, instance: Instance): Promise<ExecutionResults> {
  const execution = await executeLearning(world, instance, never);
  if (execution.kind === 'failed') throw new Error(execution.message);
  return execution.results;
}

async function failureOf(world: World, instance: Instance): Promise<string> {
  const execution = await executeLearning(world, instance, never);
  return execution.kind === 'failed' ? execution.message : `succeeded: ${JSON.stringify(execution.results)}`;
}

/** Adds the run to the world as one that has succeeded. */
function finish(world: World, instance: Instance, results: ExecutionResults): void {
  Object.assign(instance, { status: 'SUCCEEDED', results, endedAtMs: nowMs + 1, outcome: 'SUCCEEDED' });
  world.addInstance(instance);
}

function isReachable(world: World, { datasetIds }: Job): boolean {
  return datasetIds.every((id) => {
    const agent = world.agent(world.dataset(id)?.agentId ?? '');
    return agent !== undefined && isOnline(agent);
  });
}

function verticalJobs(world: World): VerticalJob[] {
  return world.jobs.filter(
    (job): job is VerticalJob =>
      job.type === 'VFL' &&
      job.learningTask === 'CLASSIFICATION' &&
      isReachable(world, job) &&
      new Set(job.datasetIds).size === 2 &&
      job.datasetIds.every((id) => (world.dataset(id)?.recordCount ?? 0) >= 3000),
  );
}

function verticalJob(world: World): VerticalJob {
  const job = verticalJobs(world).find(({ labelDatasetName }) => labelDatasetName?.startsWith('credit'));
  if (!job) throw new Error('no vertical job');
  return { ...job, algorithm: 'LOGISTIC_REGRESSION', learningRate: '0.1', epochs: 10, batchSize: 128 };
}

function horizontalJob(world: World, phase: HorizontalJob['phase'] = 'TRAIN'): HorizontalJob {
  const job = world.jobs.find(
    (candidate): candidate is HorizontalJob =>
      candidate.type === 'HFL' && candidate.phase === phase && isReachable(world, candidate),
  );
  if (!job) throw new Error('no horizontal job');
  return { ...job, rounds: phase === 'TRAIN' ? 5 : 1, epochs: 2 };
}

const ownParameters = { learning_rate: '0.1', epoch: 10, batch_size: 128 };
function last<T>(list: readonly T[] | undefined): T {
  const item = list?.at(-1);
  if (item === undefined) throw new Error('nothing there');
  return item;
}

describe('metrics', () => {
  it('are those of a ranking worked out by hand', () => {
    const labels = Float64Array.from([1, 0, 1, 0, 1]);
    const probabilities = Float64Array.from([0.9, 0.8, 0.7, 0.3, 0.3]);
    expect(measure(labels, probabilities, 0.5)).toEqual({
      accuracy: 0.6,
      // Pairs: (0.9 over both), (0.7 over one), (0.3 ties with one): 3.5 of 6.
      auc: 0.583333,
      f1: 0.666667,
      ks: 0.333333,
      recall: 0.666667,
      precision: 0.666667,
    });
  });

  it('are 0.5 and 0 where there is nothing to rank', () => {
    expect(measure(Float64Array.of(1, 1), Float64Array.of(0.2, 0.9), 0.5)).toMatchObject({
      auc: 0.5,
      ks: 0,
      recall: 0.5,
    });
    expect(measure(Float64Array.of(0, 1), Float64Array.of(0.4, 0.4), 0.5)).toMatchObject({
      auc: 0.5,
      f1: 0,
      precision: 0,
    });
  });

  it('of several classes are means over the classes', () => {
    const labels = [Float64Array.of(1, 0, 0), Float64Array.of(0, 1, 0), Float64Array.of(0, 0, 1)];
    expect(measureClasses(labels, labels)).toEqual({ accuracy: 1, auc: 1, f1: 1, ks: 1, recall: 1, precision: 1 });
  });
});

describe('alignment', () => {
  it('finds what all have in common, each once, and where it stands', () => {
    expect(
      intersect([
        ['c', 'a', 'b', 'a'],
        ['a', 'b', 'd'],
        ['b', 'a'],
      ]),
    ).toEqual(['a', 'b']);
    expect(rowsOfIds(['b', 'a'], ['a', 'c', 'b', 'a'])).toEqual([2, 0]);
    expect(intersect([['a'], ['b']])).toEqual([]);
  });

  it('screens by prefix', () => {
    expect(keepByPrefix(['ab1', 'ab2', 'cd1'], ['abx'], 2)).toEqual(['ab1', 'ab2']);
    expect(keepByPrefix(['ab1'], ['abx'], 3)).toEqual([]);
  });

  it('holds back a quarter of the ids, the same wherever they are met', () => {
    const ids = Array.from({ length: 4000 }, (_, index) => `id-${index}`);
    const { training, heldOut } = split(ids);
    expect(heldOut.length / ids.length).toBeGreaterThan(0.22);
    expect(heldOut.length / ids.length).toBeLessThan(0.28);
    expect(training.some((row) => isHeldOut(ids[row] ?? ''))).toBe(false);
    expect(split([])).toEqual({ training: [], heldOut: [] });
  });
});

describe('federated averaging', () => {
  it('weighs each agent by its rows', () => {
    const one = { weights: [Float64Array.of(1, 0)], bias: 4 };
    const other = { weights: [Float64Array.of(5, 4)], bias: 0 };
    expect(
      average([
        { model: one, rows: 300 },
        { model: other, rows: 100 },
      ]),
    ).toEqual({ weights: [Float64Array.of(2, 1)], bias: 3 });
    expect(() => average([])).toThrow(RangeError);
  });
});

describe('information values', () => {
  const labels = Float64Array.from({ length: 400 }, (_, row) => (row < 200 ? 1 : 0));

  it('are near 0 for noise and great for what separates the classes', () => {
    const random = new Random(1);
    const noise = Array.from({ length: 400 }, () => random.next());
    const telling = Array.from({ length: 400 }, (_, row) => (row < 200 ? 1 : 0) + 0.8 * random.next());
    for (const binning of ['FREQUENCY', 'DISTANCE'] as const) {
      expect(informationValue(binCounts(noise, labels, binning, 5))).toBeLessThan(0.1);
      expect(informationValue(binCounts(telling, labels, binning, 5))).toBeGreaterThan(1);
    }
  });

  it('are those worked out by hand', () => {
    const counts = [
      { positives: 89.5, negatives: 29.5 },
      { positives: 9.5, negatives: 69.5 },
    ];
    // Shares 0.9 and 0.1 of the positives, 0.3 and 0.7 of the negatives.
    expect(informationValue(counts)).toBeCloseTo(0.6 * Math.log(3) + -0.6 * Math.log(1 / 7), 10);
  });

  it('take bins of equal count or of equal width, and one more for what is missing', () => {
    const skewed = Array.from({ length: 400 }, (_, row) => (row === 7 ? undefined : 1.02 ** row));
    const sizes = (binning: 'FREQUENCY' | 'DISTANCE'): number[] =>
      binCounts(skewed, labels, binning, 4).map(({ positives, negatives }) => positives + negatives);
    expect(sizes('FREQUENCY').sort((a, b) => a - b)).toEqual([1, 99, 100, 100, 100]);
    expect(Math.max(...sizes('DISTANCE'))).toBeGreaterThan(300);
    expect(binCounts(['x', 'y', 'x', 'z'], labels, 'FREQUENCY', 2)).toHaveLength(3);
  });

  it('are told with noise under differential privacy', () => {
    const counts = binCounts([1, 2, 3], labels, 'FREQUENCY');
    const noisy = noisyCounts(counts, 0.1, new Random(1));
    expect(noisy).not.toEqual(counts);
    expect(noisy.every(({ positives, negatives }) => positives >= 0 && negatives >= 0)).toBe(true);
  });
});

describe('encoding', () => {
  const columnOf = (name: string, featureType: DatasetColumn['featureType']) =>
    ({ name, featureType, dataType: featureType === 'CONTINUOUS' ? 'FLOAT' : 'STRING' }) as DatasetColumn;

  it('makes numbers of every kind of feature, by the rows it was fitted to', async () => {
    const columns = [
      { column: columnOf('x', 'CONTINUOUS'), values: [1, 3, 5, undefined, 1000] },
      { column: columnOf('d', 'DISCRETE'), values: ['a', 'b', 'a', 'c', undefined] },
      { column: columnOf('m', 'MULTIHOT'), values: ['p|q', 'q', '', 'r', undefined] },
    ];
    const yielding = new Yielding(never);
    const encoding = await fitEncoding(columns, [0, 1, 2], false, yielding);
    const { width, values } = await encoding.encode(columns, 5, yielding);
    expect(width).toBe(5);
    const rows = Array.from({ length: 5 }, (_, row) => [...values.subarray(row * width, (row + 1) * width)]);
    expect(rows[1]).toEqual([0, 0, 1, 1, 0]);
    // Neither seen when it was fitted nor missing values count; what lies far out is drawn in.
    expect(rows[3]).toEqual([0, 0, 0, 0, 0]);
    expect(rows[4]?.[0]).toBe(4);
  });

  it('adds squares and products of continuous features where a surrogate asks for them', async () => {
    const columns = ['a', 'b', 'c'].map((name) => ({ column: columnOf(name, 'CONTINUOUS'), values: [1, 2, 3] }));
    expect((await fitEncoding(columns, [0, 1, 2], true, new Yielding(never))).width).toBe(3 + 6);
  });
});

describe('a vertical training', () => {
  it.each([1, 2, 3, 4, 5])('gets better over its rounds on held-out rows (seed %i)', async (seed) => {
    const world = worldOf(seed);
    const job = verticalJob(world);
    const { metrics = [], recordCount } = await succeed(world, runOf(world, job, 'VFL_TRAIN', ownParameters));
    expect(recordCount).toBeGreaterThan(500);
    expect(metrics).toHaveLength(5);
    const [first] = metrics;
    expect(last(metrics).auc).toBeGreaterThan(0.7);
    expect(last(metrics).auc).toBeGreaterThan((first?.auc ?? 1) - 0.002);
    expect(last(metrics).ks).toBeGreaterThan(0.25);
    for (const each of metrics) {
      for (const value of Object.values(each)) expect(value).toBeGreaterThanOrEqual(0);
    }
  });

  it('gets better on the average of many jobs, and never much worse', async () => {
    const gains: number[] = [];
    for (const seed of [6, 7]) {
      const world = worldOf(seed);
      for (const job of verticalJobs(world).slice(0, 6)) {
        const { metrics = [] } = await succeed(world, runOf(world, job, 'VFL_TRAIN'));
        if (metrics.length > 1) gains.push(last(metrics).auc - (metrics[0]?.auc ?? 1));
      }
    }
    expect(gains.length).toBeGreaterThan(5);
    expect(gains.reduce((sum, gain) => sum + gain, 0) / gains.length).toBeGreaterThan(0.02);
    expect(Math.min(...gains)).toBeGreaterThan(-0.03);
  });

  it.each([1, 2, 3])('learns nothing from shuffled labels (seed %i)', async (seed) => {
    const world = worldOf(seed);
    const instance = runOf(world, verticalJob(world), 'VFL_TRAIN', ownParameters);
    const parameters = parametersOf(instance, instance.jobSnapshot);
    const { ids, tables, labelColumn } = await readAligned(world, instance, parameters, new Yielding(never));
    const rows = split(ids);
    const truth = [...labelsFor(labelColumn, 1)];
    const aucWith = async (labels: readonly number[]): Promise<number> => {
      const yielding = new Yielding(never);
      const designs = await Promise.all(
        tables.map(async ({ features }) =>
          (await fitEncoding(features, rows.training, false, yielding)).encode(features, ids.length, yielding),
        ),
      );
      const training = { ...parameters, link: 'logistic', rounds: 5, random: new Random(seed) } as const;
      const data = { designs, labels: Float64Array.from(labels), ...rows };
      return last((await trainVertically(data, training, new Yielding(never))).metrics).auc;
    };
    expect(await aucWith(truth)).toBeGreaterThan(0.7);
    let sum = 0;
    for (let run = 0; run < 5; run++) sum += await aucWith(shuffled(truth, new Random(`${seed}/shuffle/${run}`)));
    expect(sum / 5).toBeGreaterThan(0.45);
    expect(sum / 5).toBeLessThan(0.55);
  });

  it('says the same each time', async () => {
    const [one, other] = [worldOf(1), worldOf(1)];
    const results = await succeed(one, runOf(one, verticalJob(one), 'VFL_TRAIN'));
    expect(await succeed(other, runOf(other, verticalJob(other), 'VFL_TRAIN'))).toEqual(results);
  });

  it('obeys its parameters', async () => {
    const world = worldOf(1);
    const job = verticalJob(world);
    const aucWith = async (ext: object): Promise<number> =>
      last((await succeed(world, runOf(world, job, 'VFL_TRAIN', { ...ownParameters, ...ext }))).metrics).auc;
    const good = await aucWith({});
    expect(await aucWith({ model_param: { learning_rate: '0.0001', epoch: 1 } })).toBeLessThan(good - 0.03);
    const all = await succeed(world, runOf(world, job, 'VFL_TRAIN', { predict_threshold: 0 }));
    expect(last(all.metrics)).toMatchObject({ recall: 1 });
    const none = await succeed(world, runOf(world, job, 'VFL_TRAIN', { model_param: { predict_threshold: '1' } }));
    expect(last(none.metrics)).toMatchObject({ recall: 0, precision: 0 });
  });

  it('is worse the smaller the privacy budget is', async () => {
    const world = worldOf(2);
    const job = verticalJob(world);
    const aucWith = async (epsilon: number | undefined): Promise<number> => {
      const ext = epsilon === undefined ? {} : { vfl_external_param: { 'dp.enabled': true, 'dp.epsilon': epsilon } };
      return last((await succeed(world, runOf(world, job, 'VFL_TRAIN', { ...ownParameters, ...ext }))).metrics).auc;
    };
    const [open, loose, strict] = [await aucWith(undefined), await aucWith(50), await aucWith(0.1)];
    expect(Math.abs(open - loose)).toBeLessThan(0.08);
    expect(strict).toBeLessThan(open - 0.08);
  });

  it.each(algorithms)('stands in for %s', async (algorithm) => {
    const world = worldOf(3);
    const job: VerticalJob = { ...verticalJob(world), algorithm, treeCount: 10, ext: undefined };
    const { metrics } = await succeed(world, runOf(world, job, 'VFL_TRAIN'));
    expect(surrogates[algorithm].description).not.toBe('');
    expect(last(metrics).auc).toBeGreaterThan(0.7);
  });

  it('learns a quantity, which has no metrics of classification', async () => {
    const world = worldOf(1);
    const job: VerticalJob = { ...verticalJob(world), learningTask: 'REGRESSION', ext: undefined };
    expect((await succeed(world, runOf(world, job, 'VFL_TRAIN'))).metrics).toEqual([]);
  });
});

describe('a horizontal training', () => {
  it.each([1, 2, 3, 4, 5])('gets better over its rounds on rows that no agent trained with (seed %i)', async (seed) => {
    const world = worldOf(seed);
    const { metrics = [] } = await succeed(world, runOf(world, horizontalJob(world), 'HFL'));
    expect(metrics).toHaveLength(5);
    expect(last(metrics).auc).toBeGreaterThan(0.58);
    expect(last(metrics).auc).toBeGreaterThan(metrics[0]?.auc ?? 1);
  });

  it('adds noise to what agents tell when differential privacy is on', async () => {
    const world = worldOf(1);
    const job = horizontalJob(world);
    const open = await succeed(world, runOf(world, job, 'HFL'));
    const strict = await succeed(world, runOf(world, job, 'HFL', { 'dp.enabled': true, 'dp.epsilon': 0.5 }));
    expect(last(strict.metrics).auc).toBeLessThan(last(open.metrics).auc);
  });

  it('can be evaluated, with the weights of a run that their URL names', async () => {
    const world = worldOf(1);
    const training = runOf(world, horizontalJob(world), 'HFL');
    finish(world, training, await succeed(world, training));
    const job: HorizontalJob = {
      ...horizontalJob(world),
      phase: 'EVALUATE',
      leagueId: training.leagueId,
      initialWeightUrl: resultOf(world, training)?.path,
    };
    const { metrics, modelInstanceId } = await succeed(world, runOf(world, job, 'HFL', {}, { rounds: 1 }));
    expect(modelInstanceId).toBe(training.id);
    expect(last(metrics).auc).toBeGreaterThan(0.58);
    const next = await succeed(world, runOf(world, { ...job, phase: 'TRAIN' }, 'HFL', {}, { rounds: 1 }));
    // It goes on from there, rather than from scratch.
    expect(last(next.metrics).auc).toBeGreaterThan(training.results?.metrics?.[0]?.auc ?? 1);
  });

  it('takes a second or so, however much is asked for, and lets others go first', async () => {
    const world = worldOf(1);
    const job: HorizontalJob = { ...horizontalJob(world), rounds: 1000, epochs: 1000 };
    let turns = 0;
    const timer = setInterval(() => turns++, 20);
    const before = process.cpuUsage();
    const { metrics } = await succeed(world, runOf(world, job, 'HFL'));
    clearInterval(timer);
    expect(metrics).toHaveLength(1000);
    const { user, system } = process.cpuUsage(before);
    // Microseconds of the processor, which a machine that is busy does not spend. Measured: less than 2 s.
    expect(user + system).toBeLessThan(12_000_000);
    expect(turns).toBeGreaterThan(3);
  });
});

describe('a model', () => {
  let world: World;
  let job: VerticalJob;
  let training: Instance;
  beforeAll(async () => {
    world = worldOf(1);
    job = verticalJob(world);
    training = runOf(world, job, 'VFL_TRAIN', ownParameters);
    finish(world, training, await succeed(world, training));
  });

  it('is evaluated on the rows it was not trained with, and scores what its training said', async () => {
    const evaluation = runOf(world, job, 'VFL_EVALUATE', { instance_id: training.id });
    const { metrics, modelInstanceId } = await succeed(world, evaluation);
    expect(modelInstanceId).toBe(training.id);
    expect(metrics).toEqual(training.results?.metrics?.slice(-1));
  });

  it('is the latest of the job when none is named', async () => {
    expect(await succeed(world, runOf(world, job, 'VFL_EVALUATE'))).toMatchObject({ modelInstanceId: training.id });
  });

  it('predicts for every aligned record, or for all records of one party', async () => {
    const both = await succeed(
      world,
      runOf(world, job, 'VFL_PREDICT', { instance_id: training.id, predict_threshold: 0.5 }),
    );
    expect(both.recordCount).toBe(training.results?.recordCount);
    expect(both.sample?.columns).toEqual(['id', 'probability', 'prediction']);
    expect(both.sample?.rows).toHaveLength(100);
    for (const [, probability, prediction] of both.sample?.rows ?? []) {
      expect(prediction).toBe(Number(probability) >= 0.5 ? 1 : 0);
    }
    const agentId = world.dataset(job.datasetIds[1] ?? '')?.agentId ?? '';
    const changes = { isSinglePredict: true, agentId };
    const single = await succeed(world, runOf(world, job, 'VFL_PREDICT', { instance_id: training.id }, changes));
    expect(single.recordCount).toBeGreaterThan(both.recordCount ?? Infinity);
  });

  it('of the seeded history is made good when it is wanted', async () => {
    const prediction = world.jobs.find((candidate) => candidate.type === 'PREDICT' && isReachable(world, candidate));
    if (prediction?.type !== 'PREDICT') throw new Error('no prediction job');
    const { modelInstanceId, recordCount } = await succeed(world, runOf(world, prediction, 'VFL_PREDICT'));
    expect(modelInstanceId).toBe(prediction.modelInstanceId);
    expect(recordCount).toBeGreaterThan(0);
  });

  it('that nobody trained fails', async () => {
    const unknown = runOf(world, job, 'VFL_PREDICT', { instance_id: 'f'.repeat(32) });
    expect(await failureOf(world, unknown)).toMatch(/there is no model: f+ is no successful training run/);
    const horizontal = world.modelsOfLeague(job.leagueId).find(({ type }) => type === 'HFL');
    const other = runOf(world, job, 'VFL_EVALUATE', { instance_id: horizontal?.id });
    expect(await failureOf(world, other)).toMatch(/of another kind: HFL/);
  });

  it('is told of by everything that tells of the run', () => {
    expect(metricsOf(world, training)).toEqual({ round: 5, ...last(training.results?.metrics) });
    expect(reportOf(world, training)).toMatchObject({ metrics: last(training.results?.metrics) });
    expect(reportOf(world, training).rounds).toHaveLength(5);
    expect(executionGraph(world, training, 5).length).toBeGreaterThan(1);
    expect(resultOf(world, training)?.counters).toEqual({
      JOB_IN_RECORD_CNT: 6000,
      JOB_OUT_RECORD_CNT: training.results?.recordCount,
    });
    expect(JSON.parse(resultOf(world, training)?.ext ?? '')).toMatchObject({ round: 5 });
    expect(world.modelsOfJob(job.id)[0]?.id).toBe(training.id);
  });
});

describe('what comes before training', () => {
  const world = worldOf(1);
  const job = verticalJob(world);
  const datasets = job.datasetIds.map((id) => world.dataset(id)).filter((dataset) => dataset !== undefined);
  const [guest, host] = datasets as [Dataset, Dataset];

  it('aligns by id, as the request names datasets and columns', async () => {
    const instance = runOf(world, job, 'VFL_SAMPLE_ALIGNMENT', {
      datasets: { [guest.agentId]: guest.name, [host.agentId]: host.name },
      align_ids: { [guest.agentId]: 'id', [host.agentId]: 'id' },
      dataset_ids: [guest.id, host.id],
      algorithm: 'OPRF',
    });
    const results = await succeed(world, instance);
    const { alignment, recordCount = 0 } = results;
    expect(recordCount).toBeGreaterThan(2000);
    expect(recordCount).toBeLessThan(3000);
    expect(alignment).toEqual({
      recordCount,
      parties: [guest, host].map(({ agentId, name }) => ({
        agentId,
        datasetName: name,
        recordCount: 3000,
        keptCount: recordCount,
      })),
    });
    finish(world, instance, results);
    const told = sampleAlignmentOf(world, job);
    expect(told).toMatchObject({ instanceId: instance.id, recordCount });
    expect(JSON.parse(told?.resultText ?? '')).toHaveLength(2);
  });

  it('screens ids by prefix: the longer it is, the fewer are left, down to those in common', async () => {
    const keptWith = async (prefix: number): Promise<number> => {
      const ext = { id_column_name: 'id', prefix_count: prefix, label_dataset: guest.name, filters: [] };
      return (await succeed(world, runOf(world, job, 'VFL_ID_TRUNCATION', ext))).recordCount ?? 0;
    };
    const aligned = (await succeed(world, runOf(world, job, 'VFL_SAMPLE_ALIGNMENT'))).recordCount;
    const [short, middling, long] = [await keptWith(1), await keptWith(3), await keptWith(32)];
    expect(short).toBe(3000);
    expect(middling).toBeLessThan(short);
    expect(middling).toBeGreaterThan(long);
    expect(long).toBe(aligned);
  });

  it('judges every feature named, best first', async () => {
    const ext = {
      binning_type: 'FREQUENCY',
      label: 'y',
      label_dataset: guest.name,
      label_agent: guest.agentId,
      featuresList: { [`alias.${guest.agentId}.${guest.id}.${guest.name}`]: ['x0', 'x1'] },
    };
    const { informationValues = [] } = await succeed(world, runOf(world, job, 'VFL_FEATURE_SELECTION', ext));
    expect(informationValues.map(({ feature }) => feature).sort()).toEqual(['x0', 'x1']);
    const { informationValues: all = [] } = await succeed(world, runOf(world, job, 'VFL_FEATURE_SELECTION'));
    expect(all).toHaveLength(job.features.flatMap(({ features }) => features).length);
    expect(all.map(({ iv }) => iv)).toEqual(all.map(({ iv }) => iv).sort((a, b) => b - a));
    expect(all[0]?.iv).toBeGreaterThan(0.3);
    const wide = await succeed(world, runOf(world, job, 'VFL_FEATURE_SELECTION', { binning_type: 'DISTANCE' }));
    expect(wide.informationValues).not.toEqual(all);
  });
});

describe('a run fails', () => {
  const world = worldOf(1);
  const job = verticalJob(world);
  const guest = world.dataset(job.datasetIds[0] ?? '');
  const host = world.dataset(job.datasetIds[1] ?? '');
  if (!guest || !host) throw new Error('no datasets');

  it('for a missing column', async () => {
    const features = [{ agent_id: host.agentId, dataset_name: host.name, features: ['nowhere'] }];
    const instance = runOf(world, job, 'VFL_TRAIN', { features });
    expect(await failureOf(world, instance)).toBe(`dataset ${host.name} has no column nowhere`);
    const label = runOf(world, job, 'VFL_TRAIN', { label: 'nothing' });
    expect(await failureOf(world, label)).toBe(`dataset ${guest.name} has no column nothing`);
  });

  it('for a label that is not binary', async () => {
    const message = await failureOf(world, runOf(world, job, 'VFL_TRAIN', { label: 'x0' }));
    expect(message).toMatch(/^label x0 of dataset \S+ is not binary: it has \d+ values$/);
  });

  it('for want of common ids', async () => {
    const columns = host.columns.map((column) =>
      column.labelType === 'UNIQUE_ID' ? { ...column, dataType: 'INTEGER' } : column,
    );
    world.addDataset({ ...host, id: 'a'.repeat(32), name: 'strangers', columns });
    const strangers: VerticalJob = { ...job, datasetIds: [guest.id, 'a'.repeat(32)], features: [], ext: undefined };
    for (const type of ['VFL_SAMPLE_ALIGNMENT', 'VFL_TRAIN'] as const) {
      expect(await failureOf(world, runOf(world, strangers, type))).toMatch(/have no ids in common/);
    }
  });

  it('when the agent of a dataset is offline', async () => {
    const agent = world.agent(host.agentId);
    if (!agent) throw new Error('no agent');
    const { nodeStatus } = agent;
    agent.nodeStatus = 'OFFLINE';
    expect(await failureOf(world, runOf(world, job, 'VFL_TRAIN'))).toMatch(/is offline$/);
    agent.nodeStatus = nodeStatus;
  });

  it('when a dataset is gone, or the one with the label is not there', async () => {
    const gone = runOf(world, { ...job, ext: undefined }, 'VFL_TRAIN', {}, { datasetIds: ['b'.repeat(32)] });
    expect(await failureOf(world, gone)).toMatch(/dataset b+ does not exist in this league/);
    const other = runOf(world, job, 'VFL_TRAIN', { label_dataset: 'elsewhere' });
    expect(await failureOf(world, other)).toMatch(/the dataset with the label, elsewhere, is not among/);
  });

  it('rejects when it is stopped', async () => {
    const abort = new AbortController();
    const running = executeLearning(world, runOf(world, job, 'VFL_TRAIN', { epoch: 1000 }), abort.signal);
    setTimeout(() => abort.abort(), 20);
    await expect(running).rejects.toThrow(/abort/);
  });
});

describe('a run that was started', () => {
  const world = worldOf(1);
  const job = verticalJobs(world).find(({ datasetIds }) =>
    datasetIds.every((id) => world.agent(world.dataset(id)?.agentId ?? '')?.nodeStatus === 'TRUST'),
  );
  if (!job) throw new Error('no job of trusted agents');
  const start = (type: InstanceType, changes: Partial<VerticalJob> = {}): Instance =>
    startRun(world, {
      job: { ...job, algorithm: 'LOGISTIC_REGRESSION', learningRate: '0.05', epochs: 5, ext: undefined, ...changes },
      type,
      agentId: job.agentId,
      executorName: 'tester',
      isExecuted: true,
    });
  const untilRunning = async (instance: Instance): Promise<void> => {
    while (instance.status !== 'RUNNING') await advance(world, 1000);
  };
  const untilOver = async (instance: Instance): Promise<void> => {
    while (instance.endedAtMs === undefined) await advance(world, 1000);
  };

  it('tells the metrics of a round when the round is over, and ends as a model', async () => {
    const instance = start('VFL_TRAIN');
    expect(metricsOf(world, instance)).toBeUndefined();
    await untilRunning(instance);
    const rounds = new Map<number, number>();
    while (instance.endedAtMs === undefined) {
      const metrics = metricsOf(world, instance);
      if (metrics) rounds.set(metrics.round, metrics.auc);
      await advance(world, 500);
    }
    expect(instance.status).toBe('SUCCEEDED');
    expect([...rounds.keys()]).toEqual([1, 2, 3, 4]);
    expect([...rounds.values()]).toEqual(instance.results?.metrics?.slice(0, 4).map(({ auc }) => auc));
    expect(metricsOf(world, instance)).toEqual({ round: 5, ...last(instance.results?.metrics) });
    expect(world.modelsOfJob(job.id)[0]?.id).toBe(instance.id);
  });

  it('fails for its reason', async () => {
    const instance = start('VFL_TRAIN', { label: 'nothing' });
    await untilOver(instance);
    expect(instance.status).toBe('FAILED');
    expect(errorTextOf(instance, 'en_us')).toMatch(/has no column nothing/);
    expect(metricsOf(world, instance)).toBeUndefined();
  });

  it('is given up when it is stopped', async () => {
    const instance = start('VFL_TRAIN', { epochs: 1000 });
    // The clock itself does not wait for what is being executed.
    while (instance.status !== 'RUNNING') world.clock.advance(1000);
    expect(stopRun(world, instance)).toBe(true);
    await untilOver(instance);
    expect(instance).toMatchObject({ status: 'TERMINATED', results: undefined });
  });

  it('leaves the feature selection and the alignment that were calculated', async () => {
    const [selection, alignment] = [
      start('VFL_FEATURE_SELECTION', { binning: 'DISTANCE' }),
      start('VFL_SAMPLE_ALIGNMENT'),
    ];
    await untilOver(selection);
    await untilOver(alignment);
    const told = featureSelectionOf(world, job);
    expect(told).toMatchObject({ instanceId: selection.id, binning: 'DISTANCE', status: 'SUCCEEDED' });
    const values = JSON.parse(told?.resultText ?? '') as readonly { readonly iv: number }[];
    expect(values.map(({ iv }) => iv)).toEqual(selection.results?.informationValues?.map(({ iv }) => iv));
    expect(sampleAlignmentOf(world, job)).toMatchObject({
      instanceId: alignment.id,
      recordCount: alignment.results?.alignment?.recordCount,
    });
  });
});
