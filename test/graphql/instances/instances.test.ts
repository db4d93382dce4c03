import { beforeAll, describe, expect, test } from 'vitest';
import { metricsText, resultExtText } from '../../../src/sandbox/results/index.ts';
import { isOnline, type Agent, type Instance, type League } from '../../../src/sandbox/model/world.ts';
import { useStage } from '../../support/gateway.ts';
import { iso } from '../../support/instants.ts';
import { pageFields, walk, type PageAnswer } from '../../support/walk.ts';
import { instanceId as idOf } from '../../support/ids.ts';

const stage = useStage();
beforeAll(() => stage.sandbox.client.setSpeed(0));

/** A league both of whose agents answer. */
function anyLeague(): League {
  const { world } = stage.sandbox;
  const league = world.leagues.find(({ id }) => {
    const agents = world.agentsOfLeague(id);
    return agents.length > 1 && agents.every(isOnline);
  });
  if (league === undefined) throw new Error('the world has no such league');
  return league;
}

function anyAgent(): Agent {
  const [agent] = stage.sandbox.world.agentsOfLeague(anyLeague().id);
  if (agent === undefined) throw new Error('the league has no agent');
  return agent;
}

/** Looking for the agents of a league is no cost of a field. */
async function callsOf(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
  const { listAgents, ...calls } = await stage.callsOf(work);
  void listAgents;
  return calls;
}

function statusWord(status: string): string {
  return status === 'SUBMITING' ? 'SUBMITTING' : status;
}

const rowFields = `
  id ticsId leagueId status statusText type typeText jobName roundCount startedAt endedAt durationMs partnerAliases
  predictsAlone parameters parametersText resultCount resultText metrics { round auc all }
`;

function rowOf(instance: Instance) {
  const { world } = stage.sandbox;
  const metrics: unknown = JSON.parse(metricsText(world, instance) ?? 'null');
  const result = resultExtText(world, instance) ?? null;
  const parameters = instance.ext ?? '{}';
  return {
    id: `Instance:${instance.leagueId}/${instance.id}`,
    ticsId: instance.id,
    leagueId: `League:${instance.leagueId}`,
    status: statusWord(instance.status),
    statusText: instance.status,
    type: instance.type,
    typeText: instance.type,
    jobName: instance.jobName,
    roundCount: instance.rounds,
    startedAt: iso(instance.startedAtMs),
    endedAt: iso(instance.endedAtMs),
    durationMs: instance.endedAtMs === undefined ? null : instance.endedAtMs - instance.startedAtMs,
    partnerAliases: [...new Set(instance.agentIds.map((id) => world.aliasOfAgent(id)))],
    predictsAlone: instance.isSinglePredict ?? null,
    parameters: JSON.parse(parameters) as unknown,
    parametersText: parameters,
    resultCount: result !== null && /^\d+$/.test(result) ? Number(result) : null,
    resultText: result,
    metrics: metrics === null ? null : { ...(metrics as object), all: metrics },
  };
}

/** The metrics that a selection contains are a subset of all. */
function withSomeMetrics({ metrics, ...row }: ReturnType<typeof rowOf>) {
  const { round, auc, all } = (metrics ?? {}) as Record<string, unknown>;
  return { ...row, metrics: metrics === null ? null : { round, auc, all } };
}

function askForLeague(fields: string) {
  return `query ($id: ID!, $first: Int, $after: String, $filter: InstanceFilter, $orderBy: InstanceOrder) {
  league(id: $id) { instances(first: $first, after: $after, filter: $filter, orderBy: $orderBy) { ${pageFields} nodes { ${fields} } } }
}`;
}

interface LeagueAnswer<Row> {
  readonly league: { readonly instances: PageAnswer<Row> };
}

type Named = { readonly ticsId: string };

function idsOf(instances: readonly { readonly id: string }[]): string[] {
  return instances.map(({ id }) => id);
}
function ticsIdsOf(rows: readonly Named[]): string[] {
  return rows.map(({ ticsId }) => ticsId);
}

describe('instances of a league', () => {
  test('have the fields of their rows, from the space plane and from an agent alike', async () => {
    const { id } = anyLeague();
    const expected = stage.sandbox.world.instancesOfLeague(id).map(rowOf).map(withSomeMetrics);
    const ask = async () => {
      const { league } = await stage.data<LeagueAnswer<unknown>>(askForLeague(rowFields), { id, first: 1000 });
      expect(league.instances.nodes).toEqual(expected);
      expect(league.instances.totalCount).toBe(expected.length);
    };
    const pages = Math.ceil(expected.length / 100);
    expect(await callsOf(ask)).toEqual({ getLeague: 1, listLeagueInstances: pages });

    await stage.sandbox.client.setRules([
      { operationId: 'listLeagueInstances', fault: { kind: 'status', status: 503 } },
    ]);
    expect(await callsOf(ask)).toMatchObject({ getLeague: 1, listJobInstances: pages });
  });

  test('cost one call a league, however many leagues are shown', async () => {
    const { leagues } = stage.sandbox.world;
    const ask = () => stage.data('{ leagues { nodes { name instances(first: 10) { nodes { status jobName } } } } }');
    expect(await callsOf(ask)).toEqual({ listLeagues: 2, listLeagueInstances: leagues.length });
  });

  test.each([7, 37, 100])('are paged exactly by %i', async (first) => {
    const { id } = anyLeague();
    const all = idsOf(stage.sandbox.world.instancesOfLeague(id));
    const { rows, totals } = await walk(
      async (after) =>
        (await stage.data<LeagueAnswer<Named>>(askForLeague('ticsId'), { id, first, after })).league.instances,
    );
    expect(ticsIdsOf(rows)).toEqual(all);
    expect(new Set(totals)).toEqual(new Set([all.length]));
  });

  test('cost their own branch when neither plane answers', async () => {
    const { id } = anyLeague();
    await stage.sandbox.client.setRules([
      { operationId: 'listLeagueInstances', fault: { kind: 'status', status: 500 } },
      { operationId: 'listJobInstances', fault: { kind: 'status', status: 500 } },
    ]);
    const { data, errors } = await stage.ask(
      'query ($id: ID!) { league(id: $id) { ticsId instances { totalCount } } }',
      {
        id,
      },
    );
    expect(data).toEqual({ league: { ticsId: id, instances: null } });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({
      path: ['league', 'instances'],
      extensions: { code: 'UPSTREAM_FAILED', plane: 'SPACE', call: 'listLeagueInstances', status: 500 },
    });
  });
});

describe('a filter', () => {
  const filtered = async (filter: unknown, orderBy?: string) => {
    const { id } = anyLeague();
    const { league } = await stage.data<LeagueAnswer<Named>>(askForLeague('ticsId'), {
      id,
      first: 1000,
      filter,
      orderBy,
    });
    return ticsIdsOf(league.instances.nodes);
  };
  const sentFilter = async (): Promise<unknown> => {
    const [call] = await stage.sandbox.client.calls({ operationId: 'listJobInstances' });
    return JSON.parse(call?.query['filter'] ?? 'null');
  };

  test('is answered by an agent of the league, and names only what is asked for', async () => {
    const { id } = anyLeague();
    const expected = stage.sandbox.world
      .instancesOfLeague(id)
      .filter(({ status, type }) => status === 'FAILED' && (type === 'SQL' || type === 'HFL'));
    let ids: string[] = [];
    const calls = await callsOf(
      async () => (ids = await filtered({ statuses: ['FAILED'], types: ['SQL', 'HFL'], jobName: '', algorithms: [] })),
    );
    expect(calls).toEqual({ getLeague: 1, listJobInstances: 1 });
    expect(ids).toEqual(idsOf(expected));
    expect(ids.length).toBeGreaterThan(0);
    expect(await sentFilter()).toEqual({ status: ['FAILED'], job_instance_type: ['SQL', 'HFL'] });
  });

  test('takes times, names, agents, algorithms, ids and an order', async () => {
    const league = anyLeague();
    const { world } = stage.sandbox;
    const instances = world.instancesOfLeague(league.id);
    const agent = anyAgent();
    const [latest] = instances;
    const middle = instances[Math.floor(instances.length / 2)];
    if (latest === undefined || middle === undefined) throw new Error('the league has no instances');
    const from = new Date(middle.startedAtMs).toISOString();
    const to = new Date(latest.startedAtMs).toISOString();
    const named = ({ jobName }: Instance) => jobName.toLowerCase().includes(middle.jobName.toLowerCase());

    expect(await filtered({ from, to })).toEqual(idsOf(instances.slice(0, instances.indexOf(middle) + 1)));
    expect(await filtered({ from: '1969-12-31T23:59:59Z', to })).toEqual(idsOf(instances));
    expect(await filtered({ to: '0001-01-01T00:00:00Z' })).toEqual([]);
    expect(await filtered({ jobName: middle.jobName })).toEqual(idsOf(instances.filter(named)));
    expect(await filtered({ agentId: agent.id }, 'STARTED_AT_ASC')).toEqual(
      idsOf(world.instancesOfAgent(agent.id)).reverse(),
    );
    expect(await filtered({ agentId: `Agent:${agent.id}` })).toEqual(idsOf(world.instancesOfAgent(agent.id)));
    expect(await filtered({ instanceId: `Instance:${league.id}/${middle.id}` })).toEqual([middle.id]);
    expect(await filtered({ creatorName: middle.executorName }, 'STARTED_AT_DESC')).toEqual(
      idsOf(instances.filter(({ executorName }) => executorName === middle.executorName)),
    );
    await stage.sandbox.client.clearCalls();
    await filtered({ algorithms: ['XG_BOOST'], statuses: ['SUBMITTING'], from });
    expect(await sentFilter()).toEqual({
      startTime: String(middle.startedAtMs),
      status: ['SUBMITING'],
      algorithmType: ['XG_BOOST'],
    });
  });

  test('that asks for nothing is none', async () => {
    const calls = await callsOf(() => filtered({ statuses: [], jobName: '', from: null }));
    expect(calls).toMatchObject({ listLeagueInstances: 3 });
    expect(calls).not.toHaveProperty('listJobInstances');
  });

  test.each([
    ['too long', { jobName: 'x'.repeat(300) }, 'INVALID_ARGUMENT', /256/],
    ['with an id of something else', { instanceId: 'Job:a/sql/b' }, 'INVALID_ID', /Instance:<league>/],
  ])('%s is refused here', async (_, filter, code, message) => {
    const { id } = anyLeague();
    const calls = await callsOf(async () => {
      const { data, errors } = await stage.ask(askForLeague('ticsId'), { id, filter });
      expect(data).toEqual({ league: { instances: null } });
      expect(errors).toHaveLength(1);
      expect(errors?.[0]?.message).toMatch(message);
      expect(errors?.[0]?.extensions).toMatchObject({ code });
    });
    expect(calls).toEqual({ getLeague: 1 });
  });

  test('from a day that no month has is refused', async () => {
    const variables = { id: anyLeague().id, filter: { from: '2026-02-30T00:00:00Z' } };
    const { data, errors } = await stage.ask(askForLeague('ticsId'), variables);
    expect(data).toBeUndefined();
    expect(errors?.[0]?.message).toMatch(/A DateTime looks like/);
  });
});

describe('an instance by its id', () => {
  const byId = 'query ($id: ID!) { instance(id: $id) { ticsId status league { ticsId } } }';
  const anyInstance = (): Instance => {
    const instance = stage.sandbox.world.instancesOfLeague(anyLeague().id)[250];
    if (instance === undefined) throw new Error('the league has too few instances');
    return instance;
  };
  const expected = ({ id, leagueId, status }: Instance) => ({
    instance: { ticsId: id, status: statusWord(status), league: { ticsId: leagueId } },
  });

  test('costs one call to an agent of its league', async () => {
    const instance = anyInstance();
    const calls = await callsOf(async () =>
      expect(await stage.data(byId, { id: idOf(instance) })).toEqual(expected(instance)),
    );
    expect(calls).toEqual({ listJobInstances: 1, getLeague: 1 });
    expect((await stage.sandbox.client.calls({ operationId: 'listJobInstances' }))[0]?.query['filter']).toBe(
      JSON.stringify({ jobInstanceId: instance.id }),
    );
  });

  test('is searched in the league’s list when no agent answers', async () => {
    const instance = anyInstance();
    await stage.sandbox.client.setRules([{ operationId: 'listJobInstances', fault: { kind: 'status', status: 503 } }]);
    const calls = await callsOf(async () =>
      expect(await stage.data(byId, { id: idOf(instance) })).toEqual(expected(instance)),
    );
    expect(calls).toMatchObject({ listLeagueInstances: 3 });
  });

  test('is what the id says, even where an agent answers more', async () => {
    const instance = anyInstance();
    const { data, errors } = await stage.ask(byId, { id: `Instance:${instance.leagueId}/${instance.id.slice(0, 8)}` });
    expect(data).toEqual({ instance: null });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
  });

  test.each(['Instance:onlyOne', 'abc', 'Job:a/sql/b'])('%s is no id of one', async (id) => {
    const { data, errors } = await stage.ask(byId, { id });
    expect(data).toEqual({ instance: null });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_ID' });
    expect(errors?.[0]?.message).toContain('Instance:<league>/<instance>');
  });

  test('in a league that is not there is not found', async () => {
    const { errors } = await stage.ask(byId, { id: 'Instance:nowhere/nothing' });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('is a node; many nodes of a league cost its list, and a call for each that is not on its first page', async () => {
    const all = stage.sandbox.world.instancesOfLeague(anyLeague().id);
    const chosen = [...all.slice(0, 60), ...all.slice(200, 202)];
    const calls = await callsOf(async () => {
      const { nodes } = await stage.data<{ nodes: unknown }>(
        'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Instance { jobName } } }',
        { ids: chosen.map(idOf) },
      );
      expect(nodes).toEqual(chosen.map((instance) => ({ id: idOf(instance), jobName: instance.jobName })));
    });
    expect(calls).toEqual({ listLeagueInstances: 1, listJobInstances: 2 });
  });
});

describe('instances of an agent', () => {
  const askForAgent = (fields: string) => `query ($id: ID!, $first: Int, $after: String) {
    agent(id: $id) { instances(first: $first, after: $after) { ${pageFields} nodes { ${fields} } } }
  }`;
  interface AgentAnswer<Row> {
    readonly agent: { readonly instances: PageAnswer<Row> };
  }

  test('have the fields of their rows for one call', async () => {
    const agent = anyAgent();
    const expected = stage.sandbox.world.instancesOfAgent(agent.id).slice(0, 10);
    const calls = await callsOf(async () => {
      const { agent: answer } = await stage.data<{ agent: { instances: PageAnswer<unknown> & { edges: unknown } } }>(
        askForAgent('id leagueId jobTicsId jobName type typeText roundCount } edges { createdAt'),
        { id: agent.id, first: 10 },
      );
      expect(answer.instances.nodes).toEqual(
        expected.map(({ id, leagueId, jobId, jobName, type, rounds }) => ({
          id: `Instance:${leagueId}/${id}`,
          leagueId: `League:${leagueId}`,
          jobTicsId: jobId,
          jobName,
          type,
          typeText: type,
          roundCount: rounds,
        })),
      );
      expect(answer.instances.edges).toEqual(expected.map(({ startedAtMs }) => ({ createdAt: iso(startedAtMs) })));
    });
    expect(calls).toEqual({ getAgentDeployment: 1, listAgentInstances: 1 });
  });

  test.each([7, 100])('are paged exactly by %i, though the agent counts pages', async (first) => {
    const agent = anyAgent();
    const all = idsOf(stage.sandbox.world.instancesOfAgent(agent.id));
    const { rows, totals } = await walk(
      async (after) =>
        (await stage.data<AgentAnswer<Named>>(askForAgent('ticsId'), { id: agent.id, first, after })).agent.instances,
    );
    expect(ticsIdsOf(rows)).toEqual(all);
    expect(new Set(totals)).toEqual(new Set([all.length]));
  });

  test('are asked for their states one by one, and for the rest together', async () => {
    const agent = anyAgent();
    const expected = stage.sandbox.world.instancesOfAgent(agent.id).slice(0, 12);
    const askWith = async (fields: string): Promise<readonly unknown[]> =>
      (
        await stage.data<{ agent: { instances: PageAnswer<unknown> & { edges: unknown } } }>(askForAgent(fields), {
          id: agent.id,
          first: 12,
        })
      ).agent.instances.nodes;
    expect(
      await callsOf(async () =>
        expect(await askWith('status statusText')).toEqual(
          expected.map(({ status }) => ({ status: statusWord(status), statusText: status })),
        ),
      ),
    ).toEqual({ getAgentDeployment: 1, listAgentInstances: 1, getInstanceStatus: 12 });
    expect(
      await callsOf(async () =>
        expect(await askWith('startedAt endedAt partnerAliases')).toEqual(
          expected.map(rowOf).map(({ startedAt, endedAt, partnerAliases }) => ({ startedAt, endedAt, partnerAliases })),
        ),
      ),
    ).toEqual({ getAgentDeployment: 1, listAgentInstances: 1, listLeagueInstances: 1 });
  });

  test('whose state can not be read are UNKNOWN, with the reason as an error', async () => {
    const agent = anyAgent();
    const [first, second] = stage.sandbox.world.instancesOfAgent(agent.id);
    await stage.sandbox.client.setRules([
      { operationId: 'getInstanceStatus', path: first?.id ?? '', fault: { kind: 'status', status: 404 } },
    ]);
    const { data, errors } = await stage.ask(askForAgent('ticsId status'), { id: agent.id, first: 2 });
    expect(data).toMatchObject({
      agent: {
        instances: {
          nodes: [
            { ticsId: first?.id, status: 'UNKNOWN' },
            { ticsId: second?.id, status: statusWord(second?.status ?? '') },
          ],
        },
      },
    });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({
      path: ['agent', 'instances', 'nodes', 0, 'status'],
      extensions: { code: 'NOT_FOUND' },
    });
  });
});
