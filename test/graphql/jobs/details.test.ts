import { beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/sandbox/client.ts';
import { featureSelectionOf, sampleAlignmentOf } from '../../../src/sandbox/results/index.ts';
import type { Instance, InstanceType, Job, JobType, VerticalJob } from '../../../src/sandbox/model/world.ts';
import { useStage } from '../../support/gateway.ts';

const kinds: Readonly<Record<JobType, string>> = { SQL: 'sql', HFL: 'hfl', VFL: 'vfl', PREDICT: 'predict' };

describe('a job', () => {
  const stage = useStage();

  const world = () => stage.sandbox.world;
  /** A league with an agent that answers. */
  const leagueId = (): string => world().agents.find(({ nodeStatus }) => nodeStatus === 'TRUST')?.leagueId ?? '';
  const jobOf = <T extends JobType>(
    type: T,
    fits: (job: Extract<Job, { type: T }>) => boolean = () => true,
  ): Extract<Job, { type: T }> => {
    const job = world().jobsOfLeague(leagueId(), type).find(fits);
    if (!job) throw new Error(`no such job of ${type}`);
    return job;
  };
  const idOf = ({ leagueId: league, type, id }: Job): string => `Job:${league}/${kinds[type]}/${id}`;
  const runsOf = ({ id }: Job): readonly Instance[] => world().instancesOfJob(id);
  const instanceIdOf = ({ leagueId: league, id }: Instance): string => `Instance:${league}/${id}`;
  const latest = (job: VerticalJob, type: InstanceType): Instance | undefined =>
    runsOf(job).find((instance) => instance.type === type);
  const datasetsOf = ({ datasetIds }: Job) =>
    datasetIds.flatMap((id) => {
      const dataset = world().dataset(id);
      return dataset ? [{ ...dataset, partnerAlias: world().partner(dataset.partnerId)?.alias }] : [];
    });

  /** Fields of one job, which must come without errors. */
  const ask = async <Fields>(job: Job, fields: string): Promise<Fields> =>
    (await stage.data<{ job: Fields }>(`query ($id: ID!) { job(id: $id) { ${fields} } }`, { id: idOf(job) })).job;

  // Which agents are in which league is learned once.
  beforeAll(() => ask(jobOf('PREDICT'), 'id'));

  it('of SQL has its statement, approvals and execution parameters', async () => {
    const job = jobOf('SQL', ({ ext, approvals }) => ext !== '{}' && approvals.length > 0);
    const fields = `... on SqlJob { definition {
      name description sql approvalStatus approvalStatusText
      approvals { partnerAlias datasetNames datasetNamesText status statusText comment }
      executionParameters { aggregatorCount agentTaskMemory aggregatorTaskMemory streamCount homomorphicDictionary }
      parameters parametersText
    } }`;
    const calls = await stage.callsOf(async () => {
      expect(await ask(job, fields)).toEqual({
        definition: {
          name: job.name,
          description: job.description,
          sql: job.sql,
          approvalStatus: job.approvalStatus,
          approvalStatusText: job.approvalStatus,
          approvals: job.approvals.map(({ partnerAlias, datasetNames, status, comment }) => ({
            partnerAlias,
            datasetNames,
            datasetNamesText: datasetNames.join(','),
            status,
            statusText: status,
            comment,
          })),
          executionParameters: {
            aggregatorCount: 1,
            agentTaskMemory: '4096',
            aggregatorTaskMemory: null,
            streamCount: 2,
            homomorphicDictionary: null,
          },
          parameters: { 'agg.count': 1, 'user.task.memory.size': '4096', 'stream.count': 2 },
          parametersText: job.ext,
        },
      });
    });
    expect(calls).toEqual({ listLeagueSqlJobs: 1, getSqlJob: 1 });
  });

  it('of horizontal learning has its datasets, agents and files', async () => {
    const job = jobOf('HFL', ({ ext, platform }) => ext !== undefined && platform === 'MODEL_ARTS');
    const datasets = datasetsOf(job);
    const hosts = [...new Set([job.agentId, ...datasets.map(({ agentId }) => agentId)])];
    const { definition } = await ask<{ definition: unknown }>(
      job,
      `... on HorizontalJob { definition {
        name description phase phaseText platform platformText roundCount epochs
        datasets { name agentId partnerAlias text } datasetsText evaluationDatasetName
        hosts { agentId name } hostIdsText hostNamesText
        scriptPath modelPath initialWeightsPath engineTicsId resourceSpecTicsId parameters parametersText
      } }`,
    );
    expect(definition).toEqual({
      name: job.name,
      description: job.description,
      phase: job.phase,
      phaseText: job.phase,
      platform: job.platform,
      platformText: job.platform,
      roundCount: job.rounds,
      epochs: job.epochs,
      datasets: datasets.map(({ name, partnerAlias }) => ({
        name,
        agentId: null,
        partnerAlias,
        text: `${partnerAlias}.${name}`,
      })),
      datasetsText: datasets.map(({ name, partnerAlias }) => `${partnerAlias}.${name}`).join(','),
      evaluationDatasetName: job.evaluationDatasetName,
      hosts: hosts.map((agentId) => ({ agentId: `Agent:${agentId}`, name: world().agent(agentId)?.name })),
      hostIdsText: hosts.join(','),
      hostNamesText: hosts.map((agentId) => world().agent(agentId)?.name).join(','),
      scriptPath: job.bootFileUrl,
      modelPath: job.modelFileUrl,
      initialWeightsPath: job.initialWeightUrl ?? null,
      engineTicsId: job.engineId,
      resourceSpecTicsId: job.specId,
      parameters: JSON.parse(job.ext ?? '') as unknown,
      parametersText: job.ext,
    });
  });

  it('of vertical learning has its datasets, features and algorithm', async () => {
    const job = jobOf('VFL', ({ treeCount }) => treeCount !== undefined);
    const datasets = datasetsOf(job);
    const { definition } = await ask<{ definition: unknown }>(
      job,
      `... on VerticalJob { definition {
        name description workStep workStepText algorithm algorithmText learningTask learningTaskText
        datasets { name agentId partnerAlias text } datasetsText
        features { datasetName datasetId agentId partnerAlias features }
        label labelDatasetName labelAgentId creatorAgentId predictsAlone predictionThreshold learningRate
        epochs batchSize gradientEpsilon treeCount treeDepth splitCount
      } }`,
    );
    expect(definition).toEqual({
      name: job.name,
      description: job.description,
      workStep: job.workStep,
      workStepText: job.workStep,
      algorithm: job.algorithm,
      algorithmText: job.algorithm,
      learningTask: job.learningTask,
      learningTaskText: job.learningTask,
      datasets: datasets.map(({ name, agentId, partnerAlias }) => ({
        name,
        agentId: `Agent:${agentId}`,
        partnerAlias,
        text: `${agentId}.${name}.${partnerAlias}`,
      })),
      datasetsText: datasets.map((dataset) => `${dataset.agentId}.${dataset.name}.${dataset.partnerAlias}`).join(','),
      features: job.features.map(({ agentId, datasetName, features }) => ({
        datasetName,
        datasetId: null,
        agentId: `Agent:${agentId}`,
        partnerAlias: null,
        features,
      })),
      label: job.label,
      labelDatasetName: job.labelDatasetName,
      labelAgentId: `Agent:${job.labelAgentId}`,
      creatorAgentId: `Agent:${job.agentId}`,
      predictsAlone: job.isSinglePredict,
      predictionThreshold: job.predictThreshold,
      learningRate: job.learningRate,
      epochs: null,
      batchSize: null,
      gradientEpsilon: null,
      treeCount: job.treeCount,
      treeDepth: job.treeDepth,
      splitCount: job.splitCount,
    });
  });

  it('whose definition fails costs its definition only', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'getSqlJob', fault: { kind: 'status', status: 500 } }]);
    const job = jobOf('SQL');
    const { data, errors } = await stage.ask<{ job: unknown }>(
      'query ($id: ID!) { job(id: $id) { name ... on SqlJob { definition { sql } } } }',
      { id: idOf(job) },
    );
    expect(data.job).toEqual({ name: job.name, definition: null });
    expect(errors).toMatchObject([
      { path: ['job', 'definition'], extensions: { code: 'UPSTREAM_FAILED', plane: 'AGENT', call: 'getSqlJob' } },
    ]);
  });

  it.each<[string, Fault, string]>([
    ['is away', { kind: 'status', status: 503 }, 'UPSTREAM_FAILED'],
    ['is busy', { kind: 'status', status: 429 }, 'RATE_LIMITED'],
    ['breaks off', { kind: 'reset', at: 'before' }, 'UPSTREAM_UNREACHABLE'],
    ['does not know it', { kind: 'status', status: 404 }, 'NOT_FOUND'],
    ['refuses the id', { kind: 'status', status: 400 }, 'NOT_FOUND'],
    ['fails at the id', { kind: 'status', status: 500 }, 'NOT_FOUND'],
  ])('that no list holds, where the agent %s: %j is %s', async (_, fault, code) => {
    await stage.sandbox.client.setRules([{ operationId: 'getSqlJob', fault }]);
    const id = idOf({ ...jobOf('SQL'), id: '0123456789abcdef0123456789abcdef' });
    const { data, errors } = await stage.ask<{ job: unknown }>('query ($id: ID!) { job(id: $id) { name } }', { id });
    expect([data.job, errors?.map(({ extensions }) => extensions?.['code'])]).toEqual([null, [code]]);
  });

  describe('of vertical learning', () => {
    const selectionFields = `... on VerticalJob { featureSelection {
      instanceId instance { id type } status statusText binning binningText result resultText
    } }`;

    it('has the information value of its features', async () => {
      const job = jobOf('VFL', (each) => latest(each, 'VFL_FEATURE_SELECTION')?.status === 'SUCCEEDED');
      const selection = featureSelectionOf(world(), job);
      const { featureSelection } = await ask<{ featureSelection: unknown }>(job, selectionFields);
      expect(await stage.callsOf(() => ask(job, selectionFields))).toMatchObject({ getFeatureSelection: 1 });
      expect(featureSelection).toEqual({
        instanceId: `Instance:${job.leagueId}/${selection?.instanceId}`,
        instance: { id: `Instance:${job.leagueId}/${selection?.instanceId}`, type: 'VFL_FEATURE_SELECTION' },
        status: 'SUCCEEDED',
        statusText: 'SUCCEEDED',
        binning: job.binning,
        binningText: job.binning,
        result: JSON.parse(selection?.resultText ?? '') as unknown,
        resultText: selection?.resultText,
      });
    });

    it('reads another type of instance when asked to', async () => {
      const job = jobOf('VFL', (each) => latest(each, 'VFL_TRAIN') !== undefined);
      const { featureSelection } = await ask<{ featureSelection: unknown }>(
        job,
        '... on VerticalJob { featureSelection(type: VFL_TRAIN) { instanceId resultText result } }',
      );
      expect(featureSelection).toEqual({
        instanceId: `Instance:${job.leagueId}/${latest(job, 'VFL_TRAIN')?.id}`,
        resultText: '',
        result: null,
      });
      const { errors } = await stage.ask(
        'query ($id: ID!) { job(id: $id) { ... on VerticalJob { featureSelection(type: PIR_SQL) { instanceId } } } }',
        { id: idOf(job) },
      );
      expect(errors).toMatchObject([{ extensions: { code: 'INVALID_ARGUMENT' } }]);
    });

    const alignmentFields = `... on VerticalJob { sampleAlignment {
      instanceId instance { id } type typeText status statusText datasets { name partnerAlias } datasetsText
      sampleCount path startedAt endedAt result resultText
    } }`;

    it('has the sample alignment', async () => {
      const job = jobOf('VFL', (each) => latest(each, 'VFL_SAMPLE_ALIGNMENT')?.status === 'SUCCEEDED');
      const alignment = sampleAlignmentOf(world(), job);
      if (!alignment) throw new Error('no alignment');
      const { sampleAlignment } = await ask<{ sampleAlignment: unknown }>(job, alignmentFields);
      expect(await stage.callsOf(() => ask(job, alignmentFields))).toMatchObject({ getSampleAlignment: 1 });
      expect(sampleAlignment).toEqual({
        instanceId: `Instance:${job.leagueId}/${alignment.instanceId}`,
        instance: { id: `Instance:${job.leagueId}/${alignment.instanceId}` },
        type: 'VFL_SAMPLE_ALIGNMENT',
        typeText: 'VFL_SAMPLE_ALIGNMENT',
        status: 'SUCCEEDED',
        statusText: 'SUCCEEDED',
        datasets: alignment.datasets.split(',').map((written) => {
          const [partnerAlias, name] = written.split('.');
          return { name, partnerAlias };
        }),
        datasetsText: alignment.datasets,
        sampleCount: alignment.recordCount,
        path: alignment.path,
        startedAt: new Date(alignment.startedAtMs).toISOString(),
        endedAt: new Date(alignment.endedAtMs ?? 0).toISOString(),
        result: null,
        resultText: null,
      });
    });

    it('has neither before the first', async () => {
      const job = { ...jobOf('VFL'), id: '0123456789abcdef0123456789abcdef', name: 'never run' };
      world().addJob(job);
      const answer = await ask(job, `latestInstance { id } ${selectionFields} ${alignmentFields}`);
      world().removeJob(job.id);
      expect(answer).toEqual({ latestInstance: null, featureSelection: null, sampleAlignment: null });
    });
  });

  describe('has models', () => {
    const modelsQuery = `query ($id: ID!, $first: Int, $after: String, $filter: InstanceFilter) {
      job(id: $id) { ... on TrainingJob { models(first: $first, after: $after, filter: $filter) {
        nodes { id type status jobId jobTicsId metrics { auc } learningParameters { label treeCount } }
        totalCount
        pageInfo { hasNextPage endCursor }
      } } }
    }`;
    interface Models {
      readonly job: {
        readonly models: {
          readonly nodes: readonly { readonly id: string; readonly metrics: object | null }[];
          readonly totalCount: number;
          readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
        };
      };
    }

    it('that can be paged', async () => {
      const job = jobOf('VFL', ({ id }) => world().modelsOfJob(id).length > 1);
      const expected = world().modelsOfJob(job.id);
      const met: string[] = [];
      let after: string | null = null;
      do {
        const { job: answer }: Models = await stage.data<Models>(modelsQuery, { id: idOf(job), first: 1, after });
        expect(answer.models.totalCount).toBe(expected.length);
        expect(answer.models.nodes[0]?.metrics).not.toBeNull();
        met.push(...answer.models.nodes.map(({ id }) => id));
        after = answer.models.pageInfo.hasNextPage ? answer.models.pageInfo.endCursor : null;
      } while (after !== null);
      expect(met).toEqual(expected.map(instanceIdOf));
    });

    it('have the settings they were created with, in one call', async () => {
      const job = jobOf('VFL', ({ id }) => world().modelsOfJob(id).length > 0);
      const [model] = world().modelsOfJob(job.id);
      if (!model) throw new Error('no model');
      const calls = await stage.callsOf(async () => {
        const { job: answer } = await stage.data<Models>(modelsQuery, {
          id: idOf(job),
          filter: { instanceId: instanceIdOf(model) },
        });
        expect(answer.models.nodes).toMatchObject([
          {
            id: instanceIdOf(model),
            type: 'VFL_TRAIN',
            status: 'SUCCEEDED',
            jobId: idOf(job),
            jobTicsId: job.id,
            learningParameters: { label: job.label, treeCount: job.treeCount ?? null },
          },
        ]);
      });
      expect(calls).toEqual({ listLeagueFlJobs: 1, listModels: 1 });
    });

    it('when it is horizontal, too', async () => {
      const job = jobOf('HFL', ({ id }) => world().modelsOfJob(id).length > 0);
      const { job: answer } = await stage.data<Models>(modelsQuery, { id: idOf(job), first: 100 });
      expect(answer.models.nodes.map(({ id }) => id)).toEqual(world().modelsOfJob(job.id).map(instanceIdOf));
    });
  });

  describe('and its instances', () => {
    const busy = () => jobOf('VFL', (each) => runsOf(each).length > 3);

    it('leads to its runs, the latest one, and back', async () => {
      const job = busy();
      const [first] = runsOf(job);
      const calls = await stage.callsOf(async () => {
        const answer = await ask(
          job,
          'instances(first: 100) { nodes { id jobId jobTicsId job { id name } } totalCount } latestInstance { id job { id } }',
        );
        expect(answer).toEqual({
          instances: {
            nodes: runsOf(job).map((instance) => ({
              id: instanceIdOf(instance),
              jobId: idOf(job),
              jobTicsId: job.id,
              job: { id: idOf(job), name: job.name },
            })),
            totalCount: runsOf(job).length,
          },
          latestInstance: { id: first && instanceIdOf(first), job: { id: idOf(job) } },
        });
      });
      expect(calls).toEqual({ listLeagueFlJobs: 1, listLeagueInstances: 1 });
    });

    it('has for the latest one the run that started last, wherever it stands in the list', async () => {
      const job = busy();
      const runs = runsOf(job);
      const newest = Math.max(...runs.map(({ startedAtMs }) => startedAtMs));
      for (const run of [runs[0], runs[1], runs.at(-1)]) {
        if (run === undefined) throw new Error('the job has too few runs');
        const { startedAtMs } = run;
        run.startedAtMs = newest + 1;
        try {
          const calls = await stage.callsOf(async () => {
            expect(await ask(job, 'latestInstance { id }')).toEqual({ latestInstance: { id: instanceIdOf(run) } });
          });
          expect(calls).toMatchObject({ listLeagueInstances: 1 });
        } finally {
          run.startedAtMs = startedAtMs;
        }
      }
    });

    it('filters its runs on an agent', async () => {
      const job = busy();
      const calls = await stage.callsOf(async () => {
        const answer = await ask(job, 'instances(filter: { types: [VFL_TRAIN] }, first: 100) { nodes { id } }');
        expect(answer).toEqual({
          instances: {
            nodes: runsOf(job)
              .filter(({ type }) => type === 'VFL_TRAIN')
              .map((instance) => ({ id: instanceIdOf(instance) })),
          },
        });
      });
      expect(calls).toEqual({ listLeagueFlJobs: 1, listJobInstances: 1 });
    });

    it.each(['SQL', 'HFL', 'VFL', 'PREDICT'] as const)('is found from a run alone: %s', async (type) => {
      const job = jobOf(type, (each) => runsOf(each).length > 0);
      const [run] = runsOf(job);
      if (!run) throw new Error('no run');
      const { instance } = await stage.data<{ instance: unknown }>(
        'query ($id: ID!) { instance(id: $id) { job { __typename id name } } }',
        { id: instanceIdOf(run) },
      );
      expect(instance).toMatchObject({ job: { id: idOf(job), name: job.name } });
    });

    it('costs one list for the runs of many jobs', async () => {
      const agent = world().agents.find(({ nodeStatus }) => nodeStatus === 'TRUST');
      const answer = { calls: {} as Readonly<Record<string, number>>, jobs: [] as readonly (string | undefined)[] };
      answer.calls = await stage.callsOf(async () => {
        const { agent: asked } = await stage.data<{
          agent: { instances: { nodes: readonly { job: { ticsId: string } | null }[] } };
        }>('query ($id: ID!) { agent(id: $id) { instances(first: 50) { nodes { job { ticsId } } } } }', {
          id: agent?.id,
        });
        answer.jobs = asked.instances.nodes.map(({ job }) => job?.ticsId);
      });
      const runs = world()
        .instancesOfAgent(agent?.id ?? '')
        .slice(0, 50);
      expect(answer.jobs).toEqual(runs.map(({ jobId }) => jobId));
      expect(answer.calls).toEqual({
        getAgentDeployment: 1,
        listAgentInstances: 1,
        listLeagueSqlJobs: 1,
        listLeagueFlJobs: 1,
        listPredictionJobs: 1,
      });
    });
  });
});
