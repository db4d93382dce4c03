import { beforeAll, describe, expect, test } from 'vitest';
import {
  errorTextOf,
  executionGraph,
  metricsOf,
  reportOf,
  resultOf,
  shownSampleOf,
  type GraphNode,
} from '../../../src/sandbox/results/index.ts';
import { isOnline, type Instance } from '../../../src/sandbox/model/world.ts';
import { useStage } from '../../support/gateway.ts';
import { iso } from '../../support/instants.ts';

const stage = useStage();
beforeAll(() => stage.sandbox.client.setSpeed(0));

/** Our agents among those that take part: the others are the partners'. */
function ourAgentsIn({ agentIds }: Instance): readonly string[] {
  return agentIds.filter((agentId) => stage.sandbox.agents.some(({ id }) => id === agentId));
}

/** An instance of a league whose agents all answer, in which one of ours takes part. */
function anyInstance(fits: (instance: Instance) => boolean): Instance {
  const { world } = stage.sandbox;
  const found = world.instances.find(
    (instance) =>
      fits(instance) && ourAgentsIn(instance).length > 0 && world.agentsOfLeague(instance.leagueId).every(isOnline),
  );
  if (found === undefined) throw new Error('the world has no such instance');
  return found;
}

/** Asks for fields of an instance and answers them with the calls that they cost besides finding it. */
async function read(instance: Instance, fields: string) {
  let answer: Record<string, unknown> = {};
  const { listAgents, listJobInstances, ...calls } = await stage.callsOf(async () => {
    const { instance: found } = await stage.data<{ instance: Record<string, unknown> }>(
      `query ($id: ID!) { instance(id: $id) { ${fields} } }`,
      { id: `Instance:${instance.leagueId}/${instance.id}` },
    );
    answer = found;
  });
  void listAgents;
  expect(listJobInstances).toBe(1);
  return { answer, calls };
}

describe('a result', () => {
  test('has metrics, counters and where it is kept', async () => {
    const { world } = stage.sandbox;
    const instance = anyInstance((one) => one.status === 'SUCCEEDED' && metricsOf(world, one) !== undefined);
    const result = resultOf(world, instance);
    const metrics = metricsOf(world, instance);
    const { answer, calls } = await read(
      instance,
      `jobTicsId result {
        instanceId jobTicsId metricsText storageAgentIds storageAgentNames storageRegionName path counters { name value }
        metrics { round accuracy auc f1 ks precision recall all }
      }`,
    );
    expect(calls).toEqual({ getInstanceResult: 1 });
    expect(answer).toEqual({
      jobTicsId: instance.jobId,
      result: {
        instanceId: `Instance:${instance.leagueId}/${instance.id}`,
        jobTicsId: instance.jobId,
        metrics: { ...metrics, all: metrics },
        metricsText: result?.ext,
        storageAgentIds: result?.storageAgentIds.map((id) => `Agent:${id}`),
        storageAgentNames: result?.storageAgentNames,
        storageRegionName: world.tenant.regionName,
        path: result?.path,
        counters: Object.entries(result?.counters ?? {}).map(([name, value]) => ({ name, value })),
      },
    });
  });

  test('that cannot be had costs its own branch', async () => {
    const instance = anyInstance(({ status }) => status === 'SUCCEEDED');
    await stage.sandbox.client.setRules([{ operationId: 'getInstanceResult', fault: { kind: 'malformed' } }]);
    const { data, errors } = await stage.ask('query ($id: ID!) { instance(id: $id) { ticsId result { path } } }', {
      id: `Instance:${instance.leagueId}/${instance.id}`,
    });
    expect(data).toEqual({ instance: { ticsId: instance.id, result: null } });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({
      path: ['instance', 'result'],
      extensions: { code: 'UPSTREAM_INVALID_ANSWER', plane: 'AGENT', call: 'getInstanceResult' },
    });
  });
});

describe('a sample', () => {
  const fields = `sample {
    columns rows status statusText kind kindText jobTicsId endedAt durationMs path resultText
  }`;

  test('is a table', async () => {
    const { world } = stage.sandbox;
    const instance = anyInstance(({ type, status }) => type === 'SQL' && status === 'SUCCEEDED');
    const sample = await shownSampleOf(world, instance);
    const { answer } = await read(instance, fields);
    expect(answer).toEqual({
      sample: {
        columns: sample?.columns,
        rows: sample?.rows,
        status: 'SUCCEEDED',
        statusText: 'SUCCEEDED',
        kind: 'SQL',
        kindText: 'SQL',
        jobTicsId: instance.jobId,
        endedAt: iso(instance.endedAtMs),
        durationMs: sample?.executeMs,
        path: sample?.path,
        resultText: JSON.stringify({
          records: [sample?.columns, ...(sample?.rows ?? [])],
          obs_path: sample?.path,
          execute_time: String(sample?.executeMs),
        }),
      },
    });
  });

  test('is there for an analysis that has succeeded only', async () => {
    const instance = anyInstance(({ type, status }) => type === 'HFL' && status === 'FAILED');
    const { answer } = await read(instance, fields);
    expect(answer).toMatchObject({
      sample: { columns: null, rows: null, status: 'FAILED', kind: 'HFL', path: null, durationMs: null },
    });
  });

  test('comes from whichever agent of the league takes part', async () => {
    const { world } = stage.sandbox;
    const ours = (leagueId: string) => world.agentsOfLeague(leagueId).map(({ id }) => id);
    const league = world.leagues.find(
      ({ id }) => world.agentsOfLeague(id).length > 1 && world.agentsOfLeague(id).every(isOnline),
    );
    const isLone = (instance: Instance): boolean =>
      instance.leagueId === league?.id &&
      instance.type === 'SQL' &&
      instance.status === 'SUCCEEDED' &&
      ourAgentsIn(instance).length === 1;
    const tried = new Set<string>();
    for (const agentId of ours(league?.id ?? '')) {
      const instance = anyInstance((one) => isLone(one) && one.agentIds.includes(agentId));
      const { answer } = await read(instance, 'sample { columns }');
      expect(answer).toEqual({ sample: { columns: (await shownSampleOf(world, instance))?.columns } });
      const calls = await stage.sandbox.client.calls({ operationId: 'getResultSample' });
      expect(calls.at(-1)?.agentId).toBe(agentId);
      for (const call of calls) tried.add(`${call.agentId === agentId}`);
    }
    // Of two agents that are asked in one order, one is asked in vain at least once.
    expect(tried).toEqual(new Set(['true', 'false']));
  });

  test('is asked of the agent in whose list the instance was met', async () => {
    const instance = anyInstance(({ type, status }) => type === 'SQL' && status === 'SUCCEEDED');
    const [agentId = ''] = ourAgentsIn(instance);
    await stage.data('query ($id: ID!) { agent(id: $id) { instances(first: 5) { nodes { sample { columns } } } } }', {
      id: agentId,
    });
    const calls = await stage.sandbox.client.calls({ operationId: 'getResultSample' });
    expect(calls).toHaveLength(5);
    expect(new Set(calls.map((call) => call.agentId))).toEqual(new Set([agentId]));
  });
});

const graphFields = `
  round edges { from to } stageEdges { from to }
  nodes {
    nodeTicsId agentId name type typeText partnerAlias
    stages {
      stageTicsId name upstreamStageTicsIds
      tasks {
        taskTicsId name status statusText upstreamTaskTicsIds startedAt endedAt durationMs inputCount outputCount
        details { collectStartedAt processEndedAt processDurationMs iterationCount outputSize datasets sql all }
      }
    }
  }
`;

/** `2022/11/03 21:34:35 GMT+8:00`, and `359ms`. */
function instantOf(written: string | undefined): string | null {
  const parts = /^(\d+)\/(\d+)\/(\d+) (\S+) GMT\+8:00$/.exec(written ?? '');
  return parts === null ? null : new Date(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}+08:00`).toISOString();
}
function msOf(written: string | undefined): number | null {
  return written ? Number.parseInt(written, 10) : null;
}

function nodeOf(node: GraphNode) {
  return {
    nodeTicsId: node.id,
    agentId: node.id === 'AGG' ? null : `Agent:${node.id}`,
    name: node.name,
    type: node.type,
    typeText: node.type,
    partnerAlias: node.partnerAlias,
    stages: node.stages.map((stage) => ({
      stageTicsId: String(stage.id),
      name: stage.name,
      upstreamStageTicsIds: stage.upstreamStageIds.map(String),
      tasks: stage.tasks.map((task) => ({
        taskTicsId: task.id,
        name: task.name,
        status: task.status,
        statusText: task.status,
        upstreamTaskTicsIds: task.upstreamTaskIds,
        startedAt: iso(task.startedAtMs),
        endedAt: iso(task.endedAtMs),
        durationMs: task.durationMs,
        inputCount: task.inputCount,
        outputCount: task.outputCount,
        details:
          Object.keys(task.info).length === 0
            ? null
            : {
                collectStartedAt: instantOf(task.info['FIRST_ITERATION_COLLECT_INPUT_START_TIME']),
                processEndedAt: instantOf(task.info['LAST_ITERATION_PROCESS_INPUT_END_TIME']),
                processDurationMs: msOf(task.info['ACCUMULATED_PROCESS_INPUT_TIME']),
                iterationCount: 1,
                outputSize: task.outputCount,
                datasets: task.info['datasets']?.split(',') ?? [],
                sql: task.info['sql'] ?? null,
                all: task.info,
              },
      })),
    })),
  };
}

function graphOf(nodes: readonly GraphNode[], round: number) {
  const stages = nodes.flatMap((node) => node.stages);
  const tasks = stages.flatMap((stage) => stage.tasks);
  return {
    round,
    nodes: nodes.map(nodeOf),
    edges: tasks.flatMap((task) => task.upstreamTaskIds.map((from) => ({ from, to: task.id }))),
    stageEdges: stages.flatMap((stage) =>
      stage.upstreamStageIds.map((from) => ({ from: String(from), to: String(stage.id) })),
    ),
  };
}

describe('an execution graph', () => {
  test.each(['SQL', 'VFL_TRAIN'] as const)('of %s has nodes, stages, tasks and edges', async (type) => {
    const { world } = stage.sandbox;
    const instance = anyInstance((one) => one.type === type && one.status === 'SUCCEEDED' && one.agentIds.length > 1);
    const expected = graphOf(executionGraph(world, instance, instance.rounds), instance.rounds);
    expect(expected.edges.length).toBeGreaterThan(2);
    const { answer, calls } = await read(instance, `executionGraph { ${graphFields} }`);
    expect(calls).toEqual({ getExecutionGraph: 1 });
    expect(answer).toEqual({ executionGraph: expected });
  });

  test('is that of the round asked for, the last one else', async () => {
    const { world } = stage.sandbox;
    const instance = anyInstance(({ rounds, status }) => rounds > 2 && status === 'SUCCEEDED');
    const { answer } = await read(
      instance,
      `first: executionGraph(round: 1) { ${graphFields} } last: executionGraph { round }`,
    );
    expect(answer).toEqual({
      first: graphOf(executionGraph(world, instance, 1), 1),
      last: { round: instance.rounds },
    });
  });

  test('of a round below 0 is refused here', async () => {
    const instance = anyInstance(() => true);
    const { errors } = await stage.ask(
      'query ($id: ID!) { instance(id: $id) { executionGraph(round: -1) { round } } }',
      {
        id: `Instance:${instance.leagueId}/${instance.id}`,
      },
    );
    expect(errors?.[0]?.extensions).toEqual({ code: 'INVALID_ARGUMENT' });
  });
});

describe('a report', () => {
  const fields = `report {
    jobName status statusText type typeText horizontalPhase horizontalPhaseText executorName startedAt
    datasets { accountName partnerAlias datasetName agentName outputCount }
    environment { regionTicsId projectTicsId leagueId leagueName aggregatorName }
    output {
      extra extraText storagePartnerAliases storageAgentNames metrics { accuracy auc f1 ks precision recall }
    }
    rounds { ${graphFields} }
  }`;

  test.each(['HFL', 'VFL_TRAIN', 'SQL'] as const)('of %s has all of it', async (type) => {
    const { world } = stage.sandbox;
    const instance = anyInstance((one) => one.type === type && one.status === 'SUCCEEDED');
    const report = reportOf(world, instance);
    const { answer, calls } = await read(instance, fields);
    expect(calls).toEqual({ getInstanceReport: 1 });
    const { accuracy, auc, f1, ks, precision, recall } = report.metrics ?? {};
    expect(answer).toEqual({
      report: {
        jobName: instance.jobName,
        status: 'SUCCEEDED',
        statusText: 'SUCCEEDED',
        type,
        typeText: type,
        horizontalPhase: report.phase ?? null,
        horizontalPhaseText: report.phase ?? null,
        executorName: instance.executorName,
        startedAt: iso(instance.startedAtMs),
        datasets: report.parties.map(({ domainName, alias, datasetName, agentName, outputCount }) => ({
          accountName: domainName,
          partnerAlias: alias,
          datasetName,
          agentName,
          outputCount,
        })),
        environment: {
          regionTicsId: stage.sandbox.region,
          projectTicsId: stage.sandbox.projectId,
          leagueId: `League:${instance.leagueId}`,
          leagueName: world.league(instance.leagueId)?.name,
          aggregatorName: report.aggregatorName,
        },
        output: {
          extra: report.ext === undefined ? null : (JSON.parse(report.ext) as unknown),
          extraText: report.ext ?? null,
          storagePartnerAliases: report.storageAliases,
          storageAgentNames: report.storageAgentNames,
          metrics: report.metrics ? { accuracy, auc, f1, ks, precision, recall } : null,
        },
        rounds: report.rounds.map(({ round, nodes }) => graphOf(nodes, round)),
      },
    });
  });
});

describe('an error', () => {
  test('is the service’s text for a run that failed, and null for one that did not', async () => {
    const failed = anyInstance(({ status }) => status === 'FAILED');
    const { answer, calls } = await read(failed, 'error { message }');
    expect(calls).toEqual({ getInstanceError: 1 });
    expect(answer).toEqual({ error: { message: errorTextOf(failed, 'en_us') } });
    const succeeded = anyInstance(({ status }) => status === 'SUCCEEDED');
    expect((await read(succeeded, 'error { message }')).answer).toEqual({ error: null });
  });
});

describe('the current status', () => {
  test('is asked for anew', async () => {
    const instance = anyInstance(({ status }) => status === 'SUCCEEDED');
    const { answer, calls } = await read(instance, 'status currentStatus currentStatusText');
    expect(answer).toEqual({ status: 'SUCCEEDED', currentStatus: 'SUCCEEDED', currentStatusText: 'SUCCEEDED' });
    expect(calls).toEqual({ getInstanceStatus: 1 });
  });
});
