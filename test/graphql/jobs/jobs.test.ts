import { beforeAll, describe, expect, it } from 'vitest';
import type { Job, JobType } from '../../../src/sandbox/model/world.ts';
import { useStage } from '../../support/gateway.ts';

interface JobNode {
  readonly __typename: string;
  readonly id: string;
  readonly ticsId: string;
  readonly type: string;
  readonly createdAt: string;
}

interface Jobs {
  readonly nodes: readonly JobNode[];
  readonly totalCount: number | null;
  readonly changed: boolean;
  readonly unavailable: readonly { readonly source: string; readonly code: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

interface LeagueJobs {
  readonly league: { readonly jobs: Jobs };
}

const jobsQuery = `
  query ($league: ID!, $types: [JobTypeInput!], $filter: JobFilter, $orderBy: JobOrder, $first: Int, $after: String) {
    league(id: $league) {
      jobs(types: $types, filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        nodes { __typename id ticsId type createdAt }
        totalCount
        changed
        unavailable { source code }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`;

const typenames: Readonly<Record<JobType, string>> = {
  SQL: 'SqlJob',
  HFL: 'HorizontalJob',
  VFL: 'VerticalJob',
  PREDICT: 'PredictionJob',
};

const kinds: Readonly<Record<JobType, string>> = { SQL: 'sql', HFL: 'hfl', VFL: 'vfl', PREDICT: 'predict' };
const allTypes: readonly JobType[] = ['SQL', 'HFL', 'VFL', 'PREDICT'];

describe('jobs', () => {
  const stage = useStage();

  const world = () => stage.sandbox.world;
  /** A league with an agent that is asked and answers. */
  const leagueId = (): string => {
    const agent = world().agents.find(({ nodeStatus }) => nodeStatus === 'TRUST');
    if (!agent) throw new Error('no agent');
    return agent.leagueId;
  };
  const worldJobs = (...types: readonly JobType[]): readonly Job[] =>
    world().jobsOfLeague<JobType>(leagueId(), ...(types.length > 0 ? types : allTypes));
  const jobOf = <T extends JobType>(type: T): Extract<Job, { type: T }> => {
    const [job] = world().jobsOfLeague(leagueId(), type);
    if (!job) throw new Error(`no job of ${type}`);
    return job;
  };
  const idOf = ({ leagueId: league, type, id }: Job): string => `Job:${league}/${kinds[type]}/${id}`;
  const fail = (operationId: string, status: number) =>
    stage.sandbox.client.setRules([{ operationId, fault: { kind: 'status', status } }]);

  const askJobs = (variables: Readonly<Record<string, unknown>> = {}) =>
    stage.ask<LeagueJobs>(jobsQuery, { league: leagueId(), ...variables });
  const jobs = async (variables: Readonly<Record<string, unknown>> = {}): Promise<Jobs> =>
    (await stage.data<LeagueJobs>(jobsQuery, { league: leagueId(), ...variables })).league.jobs;
  /** All pages of a list, walked to its end. */
  const walk = async (variables: Readonly<Record<string, unknown>>): Promise<Jobs[]> => {
    const pages: Jobs[] = [];
    let page: Jobs | undefined;
    do {
      page = await jobs({ ...variables, after: page?.pageInfo.endCursor ?? null });
      pages.push(page);
    } while (page.pageInfo.hasNextPage);
    return pages;
  };

  // Which agents are in which league is learned once.
  beforeAll(() => jobs({ types: ['PREDICT'] }));

  it('merges three lists, newest first', async () => {
    const { nodes, totalCount, unavailable, changed } = await jobs({ first: 1000 });
    expect(nodes.map(({ ticsId }) => ticsId)).toEqual(worldJobs().map(({ id }) => id));
    expect(totalCount).toBe(worldJobs().length);
    expect({ unavailable, changed }).toEqual({ unavailable: [], changed: false });
    for (const { __typename, id, ticsId, type } of nodes) {
      const job = world().job(ticsId);
      expect({ __typename, id, type }).toEqual({
        __typename: job && typenames[job.type],
        id: job && idOf(job),
        type: job?.type,
      });
    }
  });

  it.each([1, 7, 13])('pages exactly, %i rows a page', async (first) => {
    const pages = await walk({ first });
    const nodes = pages.flatMap((page) => page.nodes);
    expect(nodes.map(({ ticsId }) => ticsId)).toEqual(worldJobs().map(({ id }) => id));
    expect(pages.map((page) => page.totalCount)).toEqual(pages.map(() => worldJobs().length));
    expect(pages.slice(0, -1).every((page) => page.nodes.length === first)).toBe(true);
  });

  it.each([
    [['SQL'], { listLeagueSqlJobs: 1 }],
    [['HFL', 'VFL'], { listLeagueFlJobs: 1 }],
    [['VFL', 'SQL'], { listLeagueFlJobs: 1, listLeagueSqlJobs: 1 }],
    [['PREDICT'], { listPredictionJobs: 1 }],
    [['DATA_EXCHANGE'], { listLeagueFlJobs: 1, listLeagueSqlJobs: 1, listPredictionJobs: 1 }],
    [[], { listLeagueFlJobs: 1, listLeagueSqlJobs: 1, listPredictionJobs: 1 }],
  ] as const)('reads the lists that hold %j only', async (types, calls) => {
    let page: Jobs | undefined;
    const counted = await stage.callsOf(async () => {
      page = await jobs({ types, first: 100 });
    });
    const wanted = worldJobs().filter(({ type }) => types.length === 0 || types.some((word) => word === type));
    expect(page?.nodes.map(({ ticsId }) => ticsId)).toEqual(wanted.map(({ id }) => id));
    expect(page?.totalCount).toBe(wanted.length);
    expect(counted).toEqual({ getLeague: 1, ...calls });
  });

  it.each([
    ['HFL', 1],
    ['VFL', 2],
    ['VFL', 4],
  ] as const)('leaves out what was not asked for: %s, %i rows a page', async (type, first) => {
    const pages = await walk({ types: [type], first });
    expect(pages.flatMap(({ nodes }) => nodes.map(({ ticsId }) => ticsId))).toEqual(
      worldJobs(type).map(({ id }) => id),
    );
    expect(pages.every(({ totalCount }) => totalCount === worldJobs(type).length)).toBe(true);
  });

  describe('when a list is away', () => {
    it('shows the rows of the others, and says what is missing', async () => {
      await stage.sandbox.client.setRules([
        { operationId: 'listLeagueFlJobs', fault: { kind: 'status', status: 503 } },
        { operationId: 'listFlJobs', fault: { kind: 'status', status: 503 } },
      ]);
      const { data, errors } = await askJobs({ first: 100 });
      expect(data.league.jobs.nodes.map(({ ticsId }) => ticsId)).toEqual(
        worldJobs('SQL', 'PREDICT').map(({ id }) => id),
      );
      expect(data.league.jobs.totalCount).toBeNull();
      expect(data.league.jobs.unavailable).toEqual([{ source: 'LEARNING', code: 'UPSTREAM_FAILED' }]);
      expect(errors).toMatchObject([
        {
          path: ['league', 'jobs'],
          extensions: { code: 'UPSTREAM_FAILED', plane: 'SPACE', call: 'listLeagueFlJobs', status: 503 },
        },
      ]);
    });

    it('keeps its place while the others are walked', async () => {
      const first = await jobs({ first: 7 });
      await fail('listPredictionJobs', 503);
      const { data } = await askJobs({ first: 7, after: first.pageInfo.endCursor });
      const second = data.league.jobs;
      await stage.sandbox.client.clearRules();
      const rest = await jobs({ first: 1000, after: second.pageInfo.endCursor });
      const shown = [first, second, rest].flatMap(({ nodes }) => nodes.map(({ ticsId }) => ticsId));
      expect(new Set(shown)).toEqual(new Set(worldJobs().map(({ id }) => id)));
      expect(shown).toHaveLength(worldJobs().length);
    });

    it('asks an agent where the space plane is away', async () => {
      await stage.sandbox.client.setRules([
        { operationId: 'listLeagueSqlJobs', fault: { kind: 'status', status: 503 } },
        { operationId: 'listLeagueFlJobs', fault: { kind: 'status', status: 403 } },
      ]);
      const { nodes, totalCount, unavailable } = await jobs({ first: 100 });
      expect(nodes.map(({ ticsId }) => ticsId)).toEqual(worldJobs().map(({ id }) => id));
      expect({ totalCount, unavailable }).toEqual({ totalCount: worldJobs().length, unavailable: [] });
    });

    it('fails when all lists do', async () => {
      await fail('listPredictionJobs', 503);
      const { data, errors } = await askJobs({ types: ['PREDICT'] });
      expect(data.league.jobs).toBeNull();
      expect(errors).toMatchObject([{ path: ['league', 'jobs'], extensions: { call: 'listPredictionJobs' } }]);
    });
  });

  describe('when the lists move between two pages', () => {
    const newest = (type: JobType): Job => {
      const [job] = worldJobs(type);
      if (!job) throw new Error('no job');
      return { ...job, id: `f00d${job.id.slice(4)}`, createdAtMs: job.createdAtMs + 1 };
    };

    it('goes on behind the last row where a row came in before it', async () => {
      const before = worldJobs().map(({ id }) => id);
      const first = await jobs({ first: 7 });
      const added = newest('SQL');
      world().addJob(added);
      const rest = await jobs({ first: 1000, after: first.pageInfo.endCursor });
      world().removeJob(added.id);
      expect([first, rest].flatMap(({ nodes }) => nodes.map(({ ticsId }) => ticsId))).toEqual(before);
      expect(rest.changed).toBe(false);
    });

    it('goes on behind the last row where a row before it is gone', async () => {
      const before = worldJobs().map(({ id }) => id);
      const first = await jobs({ first: 7 });
      const sqlShown = first.nodes.filter(({ type }) => type === 'SQL');
      const [gone] = worldJobs('SQL');
      if (!gone || sqlShown.length < 2) throw new Error('the first page should show two SQL jobs');
      world().removeJob(gone.id);
      const rest = await jobs({ first: 1000, after: first.pageInfo.endCursor });
      world().addJob(gone);
      expect([first, rest].flatMap(({ nodes }) => nodes.map(({ ticsId }) => ticsId))).toEqual(before);
      expect(rest.changed).toBe(false);
    });

    it('says so where the last row itself is gone', async () => {
      const first = await jobs({ first: 7 });
      const last = first.nodes.at(-1);
      const gone = world().job(last?.ticsId ?? '');
      if (!gone) throw new Error('no job');
      const before = worldJobs().map(({ id }) => id);
      world().removeJob(gone.id);
      const rest = await jobs({ first: 1000, after: first.pageInfo.endCursor });
      world().addJob(gone);
      expect(rest.changed).toBe(true);
      expect([first, rest].flatMap(({ nodes }) => nodes.map(({ ticsId }) => ticsId))).toEqual(before);
    });
  });

  describe('with a filter', () => {
    it('asks agents, each list with its own key for types of instances', async () => {
      const job = jobOf('VFL');
      const filter = {
        name: job.name,
        instanceTypes: ['VFL_TRAIN'],
      };
      let page: Jobs | undefined;
      const counted = await stage.callsOf(async () => {
        page = await jobs({ filter, first: 100 });
      });
      expect(counted).toEqual({ getLeague: 1, listSqlJobs: 1, listFlJobs: 1, listPredictionJobs: 1 });
      expect(page?.nodes.every(({ type }) => type === 'VFL')).toBe(true);
      const calls = await stage.sandbox.client.calls();
      const sent = Object.fromEntries(
        calls.flatMap(({ operationId = '', query: { filter: text } }) =>
          text === undefined ? [] : [[operationId, text]],
        ),
      );
      expect(sent).toEqual({
        listSqlJobs: JSON.stringify({ jobName: job.name, jobInstanceType: ['VFL_TRAIN'] }),
        listFlJobs: JSON.stringify({ jobName: job.name, job_instance_type: ['VFL_TRAIN'] }),
        listPredictionJobs: JSON.stringify({ jobName: job.name, job_instance_type: ['VFL_TRAIN'] }),
      });
    });

    it('finds by every key', async () => {
      const [instance] = world()
        .instancesOfLeague(leagueId())
        .filter(({ type }) => type === 'VFL_TRAIN');
      const job = world().job(instance?.jobId ?? '');
      if (!instance || job?.type !== 'VFL') throw new Error('no training');
      for (const filter of [
        { instanceId: `Instance:${job.leagueId}/${instance.id}` },
        { from: new Date(job.createdAtMs).toISOString(), to: new Date(job.createdAtMs).toISOString() },
        { from: '0001-01-01T00:00:00Z', name: job.name },
        { agentId: job.agentId, name: job.name },
        { creatorName: job.creatorName, name: job.name },
        { algorithms: [job.algorithm], name: job.name },
        { statuses: ['SUCCEEDED', 'FAILED', 'SUBMITTING', 'NEW', 'RUNNING', 'TERMINATED'] },
      ]) {
        const { nodes } = await jobs({ types: ['VFL'], filter, first: 100 });
        if ('statuses' in filter) expect(nodes.length).toBeGreaterThan(0);
        else expect(nodes.map(({ ticsId }) => ticsId)).toContain(job.id);
      }
    });

    it.each([
      ['CREATED_AT_ASC', 'createTime'],
      ['CREATED_AT_DESC', 'createTime'],
      ['NAME_DESC', 'jobName'],
      ['CREATOR_NAME_ASC', 'creatorName'],
    ] as const)('merges in the order that is asked for: %s', async (orderBy, key) => {
      const { nodes } = await jobs({ orderBy, first: 1000 });
      const valueOf = ({ ticsId }: JobNode): string => {
        const job = world().job(ticsId);
        if (!job) throw new Error('no job');
        return { createTime: new Date(job.createdAtMs).toJSON(), jobName: job.name, creatorName: job.creatorName }[key];
      };
      const values = nodes.map(valueOf);
      const sorted = [...values].sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
      expect(values).toEqual(orderBy.endsWith('_DESC') ? sorted.reverse() : sorted);
      expect(nodes).toHaveLength(worldJobs().length);
    });

    it('is refused where it is longer than a list allows', async () => {
      const filter = { name: 'n'.repeat(120) };
      const long = await askJobs({ filter });
      expect(long.errors).toMatchObject([{ path: ['league', 'jobs'], extensions: { code: 'INVALID_ARGUMENT' } }]);
      expect(long.errors?.[0]?.message).toContain('128');
      expect(await stage.callsOf(() => askJobs({ filter }))).toEqual({ getLeague: 1 });
      expect(await jobs({ filter, types: ['PREDICT'] })).toMatchObject({ nodes: [], totalCount: 0 });
    });

    it('that asks for nothing is none', async () => {
      expect(await stage.callsOf(() => jobs({ types: ['SQL'], filter: { name: '', statuses: [] } }))).toEqual({
        getLeague: 1,
        listLeagueSqlJobs: 1,
      });
    });
  });

  describe('a row', () => {
    const rowQuery = `query ($id: ID!) {
      job(id: $id) {
        __typename ticsId leagueId name description type typeText creatorName createdAt
        league { id }
        ... on SqlJob {
          approvalStatus approvalStatusText
          creatorTicsId creatorAccountTicsId updaterTicsId updaterName updatedAt deleted
        }
        ... on TrainingJob { approvalStatus phase phaseText platform }
        ... on VerticalJob { algorithm algorithmText predictsAlone }
        ... on LearningJob {
          learningTask
          parameters parametersText
          learningParameters {
            label labelAgentId learningRate predictionThreshold treeCount datasets { agentId name partnerAlias text }
          }
        }
      }
    }`;

    it('has all fields of the list of SQL jobs', async () => {
      const job = jobOf('SQL');
      const { job: row } = await stage.data<{ job: unknown }>(rowQuery, { id: idOf(job) });
      expect(row).toMatchObject({
        __typename: 'SqlJob',
        ticsId: job.id,
        leagueId: `League:${job.leagueId}`,
        name: job.name,
        description: job.description,
        type: 'SQL',
        typeText: 'SQL',
        approvalStatus: job.approvalStatus,
        approvalStatusText: job.approvalStatus,
        creatorTicsId: job.creatorId,
        creatorName: job.creatorName,
        creatorAccountTicsId: world().partner(job.partnerId)?.domainId,
        createdAt: new Date(job.createdAtMs).toISOString(),
        updaterTicsId: job.updaterId,
        updaterName: job.updaterName,
        updatedAt: new Date(job.updatedAtMs).toISOString(),
        deleted: false,
        league: { id: `League:${job.leagueId}` },
      });
    });

    it('has all fields that the space plane lists of learning jobs, with their settings decoded', async () => {
      const job = jobOf('VFL');
      const { job: row } = await stage.data<{ job: unknown }>(rowQuery, { id: idOf(job) });
      expect(row).toMatchObject({
        __typename: 'VerticalJob',
        approvalStatus: job.approvalStatus,
        phase: job.phase,
        platform: job.platform,
        algorithm: job.algorithm,
        algorithmText: job.algorithm,
        learningTask: job.learningTask,
        predictsAlone: job.isSinglePredict,
        parameters: JSON.parse(job.ext ?? 'null') as unknown,
        parametersText: job.ext,
        learningParameters: {
          label: job.label,
          labelAgentId: `Agent:${job.labelAgentId}`,
          learningRate: job.learningRate,
          predictionThreshold: job.predictThreshold,
          treeCount: job.treeCount ?? null,
        },
      });
    });

    it('that an agent listed has its approval looked up in the league’s list, and says so where that fails', async () => {
      const job = jobOf('VFL');
      const query = `query ($league: ID!, $name: String) {
        league(id: $league) {
          jobs(types: [VFL], filter: { name: $name }, first: 1) { nodes { id ... on VerticalJob { approvalStatus } } }
        }
      }`;
      const variables = { league: job.leagueId, name: job.name };
      expect(await stage.data(query, variables)).toEqual({
        league: { jobs: { nodes: [{ id: idOf(job), approvalStatus: job.approvalStatus }] } },
      });
      await fail('listLeagueFlJobs', 503);
      const { data, errors } = await stage.ask<object>(query, variables);
      expect(data).toEqual({ league: { jobs: { nodes: [{ id: idOf(job), approvalStatus: null }] } } });
      expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_FAILED', call: 'listLeagueFlJobs' } }]);
    });

    it('of a prediction is read from an agent', async () => {
      const job = jobOf('PREDICT');
      const calls = await stage.callsOf(async () => {
        const { job: row } = await stage.data<{ job: unknown }>(
          `query ($id: ID!) { job(id: $id) {
            __typename name creatorName
            ... on PredictionJob { algorithm learningRate predictsAlone learningParameters { modelInstanceId } }
          } }`,
          { id: idOf(job) },
        );
        expect(row).toEqual({
          __typename: 'PredictionJob',
          name: job.name,
          creatorName: job.creatorName,
          algorithm: job.algorithm,
          learningRate: job.learningRate,
          predictsAlone: job.isSinglePredict,
          learningParameters: { modelInstanceId: `Instance:${job.leagueId}/${job.modelInstanceId}` },
        });
      });
      expect(calls).toEqual({ listPredictionJobs: 1 });
    });
  });

  it('of an unlisted type is shown, and found by id', async () => {
    const job = jobOf('VFL');
    await stage.sandbox.client.setRules([{ operationId: 'listLeagueFlJobs', variants: ['unknownEnumValues'] }]);
    const { nodes, totalCount } = await jobs({ first: 100 });
    expect(totalCount).toBe(worldJobs().length);
    const other = nodes.find(({ ticsId }) => ticsId === job.id);
    expect(other).toMatchObject({ __typename: 'OtherJob', type: 'UNKNOWN' });
    const query = 'query ($id: ID!) { job(id: $id) { __typename id name typeText } }';
    expect(await stage.data(query, { id: other?.id })).toEqual({
      job: { __typename: 'OtherJob', id: other?.id, name: job.name, typeText: 'BRAND_NEW' },
    });
  });

  describe('by its id', () => {
    it('is found by node, several at the cost of their lists', async () => {
      const wanted = [...worldJobs('SQL').slice(0, 3), ...worldJobs('HFL'), ...worldJobs('VFL').slice(0, 2)];
      const calls = await stage.callsOf(async () => {
        const { nodes } = await stage.data<{ nodes: unknown }>(
          `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Job { name } } }`,
          { ids: wanted.map(idOf) },
        );
        expect(nodes).toEqual(wanted.map((job) => ({ id: idOf(job), name: job.name })));
      });
      expect(calls).toEqual({ listLeagueSqlJobs: 1, listLeagueFlJobs: 1 });
    });

    it.each([
      ['of another kind', () => `Job:${leagueId()}/hfl/${jobOf('VFL').id}`, 'NOT_FOUND'],
      ['that nothing has', () => `Job:${leagueId()}/sql/0123`, 'NOT_FOUND'],
      ['without a kind', () => `Job:${leagueId()}/${jobOf('SQL').id}`, 'INVALID_ID'],
      ['with an unknown kind', () => `Job:${leagueId()}/other/${jobOf('SQL').id}`, 'INVALID_ID'],
      ['that is bare', () => jobOf('SQL').id, 'INVALID_ID'],
    ])('%s is refused', async (_, id, code) => {
      const { data, errors } = await stage.ask<{ job: unknown }>('query ($id: ID!) { job(id: $id) { id } }', {
        id: id(),
      });
      expect(data.job).toBeNull();
      expect(errors).toMatchObject([{ path: ['job'], extensions: { code } }]);
    });
  });
});
