import { describe, expect, test } from 'vitest';
import { breakPoints, resetCall } from '../../../support/faults.ts';
import { useStage } from '../../../support/gateway.ts';
import { rawId } from '../../../support/ids.ts';
import { instanceOfOtherLeague, useLearningJobs } from '../../../support/learningJobs.ts';
import { newName } from '../../../support/names.ts';
import { required } from '../../../support/required.ts';

const stage = useStage({ speed: 0 });
const jobs = useLearningJobs(stage);

describe('createFederatedLearningJob', () => {
  test('creates a job with every input field, and the payload reads it', async () => {
    const name = newName('learning');
    const calls = await stage.callsOf(async () => {
      const payload = await jobs.send(
        'createFederatedLearningJob',
        {
          leagueId: `League:${jobs.fixture.leagueId}`,
          agentId: `Agent:${jobs.fixture.agent.id}`,
          name,
          description: '风控模型',
          type: 'VFL',
          phase: 'TRAIN',
          platform: 'LOCAL',
          algorithm: 'XG_BOOST',
          learningTask: 'CLASSIFICATION',
          labelAgentId: jobs.fixture.guest.agentId,
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
          definition: { labelAgentId: `Agent:${rawId(jobs.fixture.guest.agentId)}` },
        },
      });
      expect(stage.sandbox.world.job(rawId(payload.job?.id ?? ''))).toMatchObject({
        type: 'VFL',
        name,
        agentId: jobs.fixture.agent.id,
      });
    });
    expect(calls).toMatchObject({ createFlJob: 1, listLeagueFlJobs: 1, getVerticalJob: 1 });
  });

  test('begins with a model, and the body names it by its raw TICS id', async () => {
    const model = required(
      stage.sandbox.world.modelsOfLeague(jobs.fixture.leagueId).find(({ type }) => type === 'VFL_TRAIN'),
      'model',
    );
    const { userErrors } = await jobs.send('createFederatedLearningJob', {
      leagueId: jobs.fixture.leagueId,
      agentId: jobs.fixture.agent.id,
      name: newName('learning'),
      type: 'VFL',
      modelInstanceId: `Instance:${jobs.fixture.leagueId}/${model.id}`,
    });
    expect(userErrors).toEqual([]);
    expect(await jobs.bodyOf('createFlJob')).toMatchObject({
      job_instance_id: model.id,
      agent_id: jobs.fixture.agent.id,
    });
  });

  test('goes to the only agent of a league, and asks which where there are several', async () => {
    const agentsOf = (leagueId: string) => stage.sandbox.world.agentsOfLeague(leagueId);
    const lonely = required(
      stage.sandbox.world.agents.find(
        ({ leagueId, nodeStatus }) => agentsOf(leagueId).length === 1 && nodeStatus === 'TRUST',
      ),
      'league with one agent',
    );
    const made = await jobs.send('createFederatedLearningJob', {
      leagueId: lonely.leagueId,
      name: newName('learning'),
      type: 'HFL',
    });
    expect(stage.sandbox.world.job(rawId(made.job?.id ?? ''))?.agentId).toBe(lonely.id);
    const crowded = required(
      stage.sandbox.world.leagues.find(({ id }) => agentsOf(id).length > 1),
      'league with several agents',
    );
    await stage.sandbox.client.clearCalls();
    expect(
      (await jobs.send('createFederatedLearningJob', { leagueId: crowded.id, name: newName('learning'), type: 'HFL' }))
        .userErrors,
    ).toMatchObject([{ code: 'AGENT_REQUIRED' }]);
    expect(await jobs.callsOf('createFlJob')).toEqual([]);
  });

  test('reads after it in the same operation see the job', async () => {
    interface Counted {
      readonly jobs: { readonly totalCount: number };
    }
    const countedJobs = 'jobs(types: [HFL], first: 1) { totalCount }';
    const before = await stage.data<{ league: Counted }>(`query ($id: ID!) { league(id: $id) { ${countedJobs} } }`, {
      id: jobs.fixture.leagueId,
    });
    const after = await stage.data<{ result: { job: { league: Counted } } }>(
      `mutation ($input: CreateFederatedLearningJobInput!) {
        result: createFederatedLearningJob(input: $input) { job { league { ${countedJobs} } } }
      }`,
      {
        input: {
          leagueId: jobs.fixture.leagueId,
          agentId: jobs.fixture.agent.id,
          name: newName('learning'),
          type: 'HFL',
        },
      },
    );
    expect(after.result.job.league.jobs.totalCount).toBe(before.league.jobs.totalCount + 1);
  });

  test('every broken rule is reported, and nothing is sent', async () => {
    await jobs.expectFaults(
      'createFederatedLearningJob',
      {
        leagueId: 'Agent:x',
        agentId: 'League:x',
        name: 'x'.repeat(129),
        description: 'x'.repeat(513),
        type: 'HFL',
        algorithm: 'XG_BOOST',
        modelInstanceId: 'Job:x',
        labelAgentId: 'x'.repeat(33),
      },
      [
        'leagueId',
        'agentId',
        'name',
        'description',
        'algorithm',
        'modelInstanceId',
        'labelAgentId',
        // Of vertical jobs only.
        'labelAgentId',
      ],
    );
    for (const name of ['', ' a', 'a ', 'a/b', 'a:b'])
      await jobs.expectFaults('createFederatedLearningJob', { leagueId: jobs.fixture.leagueId, name, type: 'HFL' }, [
        'name',
      ]);
    await jobs.expectFaults(
      'createFederatedLearningJob',
      {
        leagueId: jobs.fixture.leagueId,
        name: 'a',
        type: 'VFL',
        modelInstanceId: instanceOfOtherLeague,
      },
      ['modelInstanceId'],
    );
  });

  test('a name that is taken is refused', async () => {
    const { job, userErrors } = await jobs.send('createFederatedLearningJob', {
      leagueId: jobs.fixture.leagueId,
      agentId: jobs.fixture.agent.id,
      name: jobs.vertical.name,
      type: 'VFL',
    });
    expect(job).toBeNull();
    expect(userErrors).toMatchObject([
      { code: 'NAME_TAKEN', call: 'createFlJob', upstreamCode: expect.stringContaining('TICS_AGENT') as string },
    ]);
    expect(await jobs.callsOf('createFlJob')).toHaveLength(1);
  });

  test.each(breakPoints)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    await resetCall(stage, 'createFlJob', at);
    const name = newName('learning');
    const { job, userErrors } = await jobs.send('createFederatedLearningJob', {
      leagueId: jobs.fixture.leagueId,
      agentId: jobs.fixture.agent.id,
      name,
      type: 'HFL',
    });
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'createFlJob' }]);
    expect(await jobs.callsOf('createFlJob')).toHaveLength(1);
    expect(job?.name ?? null).toBe(at === 'midAnswer' ? name : null);
  });
});
