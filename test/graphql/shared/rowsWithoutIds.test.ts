import { beforeAll, describe, expect, test } from 'vitest';
import { useStage, type AnswerError } from '../../support/gateway.ts';
import { walk, type PageAnswer } from '../../support/walk.ts';

const stage = useStage({ speed: 0 });

interface Row {
  readonly id: string;
}

/** An answer whose connection lies at the end of a path of fields. */
type Nested = { readonly [field: string]: Nested } & PageAnswer<Row>;

const page =
  '(first: 2, after: $after) { totalCount nodes { id } edges { node { id } } pageInfo { hasNextPage endCursor } }';
function filtered(filter: string) {
  return page.replace('(', `(${filter}, `);
}

function ofLeague(field: string): string {
  return `league(id: $league) { ${field} }`;
}
function ofAgent(field: string): string {
  return `agent(id: $agent) { ${field} }`;
}

/** Every list of things that have ids, by the call that answers it, and at which offset the call is asked for its third row. */
const lists: readonly (readonly [call: string, plane: 'SPACE' | 'AGENT', field: string, offset: string])[] = [
  ['listLeagues', 'SPACE', `leagues${filtered('role: OWNER')}`, '0'],
  ['listAgents', 'SPACE', `agents${page}`, '2'],
  ['listLeagueDatasets', 'SPACE', ofLeague(`datasets${page}`), '2'],
  ['listLeagueSqlJobs', 'SPACE', ofLeague(`jobs${filtered('types: [SQL]')}`), '0'],
  ['listLeagueFlJobs', 'SPACE', ofLeague(`jobs${filtered('types: [HFL, VFL]')}`), '0'],
  ['listSqlJobs', 'AGENT', ofLeague(`jobs${filtered('types: [SQL], orderBy: CREATED_AT_DESC')}`), '0'],
  ['listFlJobs', 'AGENT', ofLeague(`jobs${filtered('types: [HFL, VFL], orderBy: CREATED_AT_DESC')}`), '0'],
  ['listPredictionJobs', 'AGENT', ofLeague(`jobs${filtered('types: [PREDICT]')}`), '0'],
  ['listLeagueInstances', 'SPACE', ofLeague(`instances${page}`), '2'],
  ['listJobInstances', 'AGENT', ofLeague(`instances${filtered('orderBy: STARTED_AT_DESC')}`), '2'],
  ['listConnectors', 'AGENT', ofAgent(`connectors${page}`), '2'],
  ['listAgentDatasets', 'AGENT', ofAgent(`datasets${page}`), '2'],
  ['listAgentInstances', 'AGENT', ofAgent(`instances${page}`), '2'],
  ['listApprovalNotices', 'AGENT', ofAgent(`notices${page}`), '2'],
];

let variables: Readonly<Record<string, string>>;

beforeAll(() => {
  const { world } = stage.sandbox;
  const most = (of: (agentId: string) => number) =>
    [...world.agents]
      .filter(({ nodeStatus }) => nodeStatus === 'TRUST')
      .sort((one, other) => of(other.id) - of(one.id));
  const [agent] = most((id) => world.approvalNoticesOfAgent(id).length);
  if (agent === undefined) throw new Error('the world has no agents');
  variables = { agent: agent.id, league: agent.leagueId };
});

function connectionIn(data: Nested): PageAnswer<Row> {
  return 'nodes' in data ? data : connectionIn(Object.values<Nested>(data)[0] as Nested);
}

/** All rows of a list and all errors of its pages. */
async function readAll(field: string) {
  const used = ['league', 'agent'].filter((name) => field.includes(`$${name}`));
  const query = `query (${used.map((name) => `$${name}: ID!, `).join('')}$after: String) { ${field} }`;
  const errors: AnswerError[] = [];
  const { rows } = await walk(async (after) => {
    const answer = await stage.ask<Nested>(query, { ...variables, after });
    errors.push(...(answer.errors ?? []));
    return connectionIn(answer.data);
  });
  return { ids: rows.map(({ id }) => id), errors };
}

describe.each(['rowWithoutId', 'rowThatIsNull'])('%s: a row that can not be found again', (variant) => {
  test.each(lists)('of %s costs its own edge, and is reported once', async (call, plane, field, offset) => {
    const { ids, errors } = await readAll(field);
    expect(errors).toEqual([]);
    expect(ids.length).toBeGreaterThan(2);

    await stage.sandbox.client.setRules([{ operationId: call, query: { offset }, times: 1, variants: [variant] }]);
    const withGap = await readAll(field);
    expect(withGap.ids).toEqual(ids.toSpliced(Number(offset), 1));
    expect(withGap.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_INVALID_ANSWER', plane, call } }]);
    expect(withGap.errors[0]?.path).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(leagues|agents|datasets|jobs|instances|connectors|notices)$/)]),
    );
  });
});

describe('where a list is not paged by its call', () => {
  const spoil = (operationId: string) => stage.sandbox.client.setRules([{ operationId, variants: ['rowWithoutId'] }]);
  const faultOf = (call: string, path: readonly (string | number)[]) => ({
    path,
    extensions: { code: 'UPSTREAM_INVALID_ANSWER', call },
  });

  test("a league's agents are told but for the one without an id", async () => {
    const query = 'query ($league: ID!) { league(id: $league) { agents { totalCount nodes { id } } } }';
    interface Agents {
      readonly league: { readonly agents: { readonly totalCount: number; readonly nodes: readonly Row[] } };
    }
    const { agents } = (await stage.data<Agents>(query, { league: variables['league'] })).league;
    expect(agents.nodes.length).toBeGreaterThan(0);
    await spoil('listAgents');
    const { data, errors } = await stage.ask<Agents>(query, { league: variables['league'] });
    expect(data.league.agents.nodes).toEqual(agents.nodes.slice(1));
    expect(errors).toMatchObject([faultOf('listAgents', ['league', 'agents'])]);
  });

  test('a group of datasets for jobs lacks the one without an id', async () => {
    const query =
      'query ($league: ID!) { league(id: $league) { availableDatasets(type: MYSQL) { partnerAlias datasets { id } } } }';
    interface Available {
      readonly league: { readonly availableDatasets: readonly { readonly datasets: readonly Row[] }[] };
    }
    const groupsOf = ({ league }: Available) => league.availableDatasets.map(({ datasets }) => datasets);
    const groups = groupsOf(await stage.data<Available>(query, { league: variables['league'] }));
    await spoil('listAvailableDatasets');
    const { data, errors } = await stage.ask<Available>(query, { league: variables['league'] });
    expect(groupsOf(data)).toEqual(groups.map((datasets) => datasets.slice(1)));
    const filled = [...groups.keys()].filter((index) => (groups[index]?.length ?? 0) > 0);
    expect(filled.length).toBeGreaterThan(0);
    expect(errors).toHaveLength(filled.length);
    expect(errors).toMatchObject(
      filled.map((index) => faultOf('listAvailableDatasets', ['league', 'availableDatasets', index, 'datasets'])),
    );
  });

  test('a run without an id is left out of the newest and reported', async () => {
    const job = stage.sandbox.world
      .jobsOfLeague(variables['league'] ?? '', 'SQL')
      .find(({ id }) => stage.sandbox.world.instancesOfJob(id).length > 0);
    const query = 'query ($id: ID!) { node(id: $id) { ... on SqlJob { latestInstance { id } } } }';
    const id = `Job:${variables['league']}/sql/${job?.id}`;
    const newest = await stage.data(query, { id });
    expect(newest).toEqual({ node: { latestInstance: { id: expect.any(String) as string } } });
    await spoil('listLeagueInstances');
    const { data, errors } = await stage.ask(query, { id });
    expect(data).not.toEqual(newest);
    expect(data).toEqual({ node: { latestInstance: { id: expect.any(String) as string } } });
    expect(errors).toMatchObject([faultOf('listLeagueInstances', ['node', 'latestInstance'])]);
  });
});

describe('rows of what is not found by an id', () => {
  test.each([
    ['listPartners', 'partners', 'ticsId alias'],
    ['listAuditEvents', 'auditLog', 'ticsId text'],
  ])('of %s stay without one, and only what is no row at all is left out', async (call, field, fields) => {
    const query = `query ($league: ID!) {
      league(id: $league) { ${field}(first: 3) { nodes { ${fields} } edges { cursor } pageInfo { endCursor } } }
    }`;
    interface Answer {
      readonly league: Readonly<
        Record<
          string,
          {
            readonly nodes: readonly object[];
            readonly edges: readonly { readonly cursor: string }[];
            readonly pageInfo: object;
          }
        >
      >;
    }
    const answerWith = async (...variants: readonly string[]) => {
      await stage.sandbox.client.setRules([{ operationId: call, variants }]);
      const { data, errors = [] } = await stage.ask<Answer>(query, { league: variables['league'] });
      return { list: data.league[field], errors };
    };
    const { list } = await answerWith();
    const bare = await answerWith('rowWithoutId');
    expect(bare.errors).toEqual([]);
    expect(bare.list?.nodes).toEqual(list?.nodes.map((row, index) => (index === 0 ? { ...row, ticsId: null } : row)));
    const short = await answerWith('rowThatIsNull');
    expect(short.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_INVALID_ANSWER', call } }]);
    expect(short.list).toEqual({
      nodes: list?.nodes.slice(1),
      edges: list?.edges.slice(1),
      pageInfo: list?.pageInfo,
    });
  });
});
