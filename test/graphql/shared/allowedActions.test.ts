import { describe, expect, test } from 'vitest';
import type { Role } from '../../../src/callers/caller.ts';
import type { Agent, Dataset, Instance, Job, JobType } from '../../../src/sandbox/model/world.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../../support/gateway.ts';
import { mutate, type UserError } from '../../support/mutate.ts';

const stage = useStage({ speed: 0, queueLength: 100_000, partnerReviewMs: 0 });

function world() {
  return stage.sandbox.world;
}

/** One working agent of ours for each league. */
function agents(): readonly Agent[] {
  return [...new Map(world().agents.map((agent) => [agent.leagueId, agent])).keys()].flatMap(
    (leagueId) =>
      world().agents.find((agent) => agent.leagueId === leagueId && agent.isOwn && agent.nodeStatus === 'TRUST') ?? [],
  );
}

interface JobNode {
  readonly ticsId: string;
  readonly allowedActions: readonly string[];
}

async function jobsOf({ leagueId }: Agent): Promise<readonly JobNode[]> {
  const { league } = await stage.data<{ league: { jobs: { nodes: readonly JobNode[] } } }>(
    'query ($id: ID!) { league(id: $id) { jobs(first: 100) { nodes { ticsId allowedActions } } } }',
    { id: leagueId },
  );
  return league.jobs.nodes;
}

function jobOf(id: string): Job {
  const job = world().job(id);
  if (job === undefined) throw new Error(`there is no job ${id}`);
  return job;
}

function datasetsOf({ datasetIds }: Job): readonly Dataset[] {
  return datasetIds.flatMap((id) => world().dataset(id) ?? []);
}
function aliasOf({ partnerId }: Dataset): string {
  return world().partner(partnerId)?.alias ?? '';
}

type Attempt = (job: Job, target: object, agent: Agent) => readonly [mutation: string, input: object];

function sqlOnly(mutation: string): Attempt {
  return (_, target) => [mutation, target];
}

const informationValue: Attempt = (job, target, { id: agentId }) => {
  const datasets = datasetsOf(job);
  const [labelled] = datasets;
  return [
    'calculateInformationValue',
    {
      ...target,
      jobName: job.name,
      binning: 'FREQUENCY',
      label: job.type === 'VFL' ? job.label : 'label',
      labelDatasetName: labelled?.name ?? 'x',
      labelAgentId: labelled?.agentId ?? agentId,
      datasets: datasets.map((dataset) => ({
        agentId: dataset.agentId,
        partnerAlias: aliasOf(dataset),
        name: dataset.name,
      })),
      features: datasets.map((dataset) => ({
        agentId: dataset.agentId,
        partnerAlias: aliasOf(dataset),
        datasetId: `Dataset:${dataset.leagueId}/${dataset.id}`,
        datasetName: dataset.name,
        features: dataset.columns.filter(({ labelType }) => labelType === 'FEATURE').map(({ name }) => name),
      })),
    },
  ];
};

/** The mutation that each action stands for, with an input that is right if the action is possible. */
const attempts: Readonly<Record<string, Attempt>> = {
  EDIT: (job, target, agent) => {
    if (job.type === 'SQL') return ['updateSqlJob', { ...target, sql: job.sql || 'SELECT 1' }];
    if (job.type !== 'HFL')
      return ['updateVerticalJob', { ...target, name: job.name, algorithm: 'LOGISTIC_REGRESSION' }];
    return [
      'updateHorizontalJob',
      {
        ...target,
        name: job.name,
        phase: 'TRAIN',
        platform: 'LOCAL',
        roundCount: 2,
        epochs: 2,
        host: { agentId: agent.id, name: agent.name },
        scriptPath: '/uploadfiles/train.py',
        modelPath: '/uploadfiles/model.h5',
        datasets: datasetsOf(job).map((dataset) => ({ partnerAlias: aliasOf(dataset), name: dataset.name })),
      },
    ];
  },
  DELETE: (_, target) => ['deleteJob', target],
  SUBMIT_FOR_APPROVAL: sqlOnly('submitSqlJobForApproval'),
  CANCEL_APPROVAL: sqlOnly('cancelSqlJobApproval'),
  EXECUTE: ({ type }, target) => {
    if (type === 'SQL') return ['executeSqlJob', target];
    if (type === 'HFL') return ['executeHorizontalJob', target];
    return ['executeVerticalJob', { ...target, type: type === 'VFL' ? 'VFL_TRAIN' : 'VFL_PREDICT' }];
  },
  TRUNCATE_IDS: (_, target) => ['truncateIds', target],
  ALIGN_SAMPLES: (_, target) => ['alignSamples', target],
  CALCULATE_INFORMATION_VALUE: informationValue,
};

async function attempt(action: string, job: Job, agent: Agent): Promise<readonly UserError[]> {
  const target = { id: `Job:${job.leagueId}/${job.type.toLowerCase()}/${job.id}`, agentId: agent.id };
  const [mutation, input] = attempts[action]?.(job, target, agent) ?? ['', {}];
  return (await mutate(stage, mutation, input)).userErrors;
}

/** Restores a job as it was before an action. */
async function undo(job: Job, before: Job): Promise<void> {
  Object.assign(job, before);
  if (world().job(job.id) === undefined) world().addJob(job);
  for (const { id, status } of world().instancesOfJob(job.id))
    if (status === 'NEW') await stage.sandbox.client.setInstanceStatus(id, 'TERMINATED');
}

describe('allowedActions of jobs', () => {
  test('each that is offered succeeds, and each that is withheld is refused', async () => {
    const offeredByKind = new Set<string>();
    let jobs = 0;
    for (const agent of agents())
      for (const { ticsId, allowedActions } of await jobsOf(agent)) {
        const job = jobOf(ticsId);
        jobs += 1;
        const about = (action: string) => `${action} of ${job.type} ${job.approvalStatus} ${job.name} (${job.id})`;
        for (const action of Object.keys(attempts).filter((known) => !allowedActions.includes(known)))
          expect(await attempt(action, job, agent), `withheld: ${about(action)}`).toMatchObject([
            { code: expect.stringMatching(/^(FORBIDDEN|WRONG_STATE|INVALID_INPUT)$/) as string },
          ]);
        for (const action of allowedActions) {
          const before = { ...job };
          expect(await attempt(action, job, agent), `offered: ${about(action)}`).toEqual([]);
          await undo(job, before);
          offeredByKind.add(`${job.type} ${action}`);
        }
      }
    expect(jobs).toBeGreaterThan(100);
    expect([...offeredByKind].sort()).toEqual([
      'HFL DELETE',
      'HFL EDIT',
      'HFL EXECUTE',
      'PREDICT EXECUTE',
      'SQL CANCEL_APPROVAL',
      'SQL DELETE',
      'SQL EDIT',
      'SQL EXECUTE',
      'SQL SUBMIT_FOR_APPROVAL',
      'VFL ALIGN_SAMPLES',
      'VFL CALCULATE_INFORMATION_VALUE',
      'VFL DELETE',
      'VFL EDIT',
      'VFL EXECUTE',
      'VFL TRUNCATE_IDS',
    ]);
  }, 240_000);

  test('follow what is done with a job', async () => {
    const agent = agents().find(({ leagueId }) => world().league(leagueId)?.approvalRequired);
    const input = { leagueId: agent?.leagueId, agentId: agent?.id, name: 'to be watched' };
    interface Watched {
      readonly job: { readonly id: string; readonly allowedActions: readonly string[] };
    }
    const watch = (mutation: string, change: object) =>
      mutate<Watched>(stage, mutation, change, 'job { id allowedActions }').then(({ job }) => job);
    const { id, allowedActions } = await watch('createSqlJob', input);
    const job = { id, agentId: agent?.id };
    expect(allowedActions).toEqual(['EDIT', 'DELETE']);
    const dataset = world()
      .datasetsOfLeague(agent?.leagueId ?? '')
      .find(({ partnerId, table }) => partnerId !== agent?.partnerId && table !== undefined);
    const sql = `SELECT COUNT(*) AS n FROM ${dataset && aliasOf(dataset)}.${dataset?.name}`;
    expect(await watch('updateSqlJob', { ...job, sql })).toMatchObject({
      allowedActions: ['EDIT', 'DELETE', 'SUBMIT_FOR_APPROVAL'],
    });
    expect(await watch('submitSqlJobForApproval', job)).toMatchObject({
      allowedActions: ['EDIT', 'DELETE', 'CANCEL_APPROVAL'],
    });
    await stage.sandbox.client.reviewJob(id.slice(id.lastIndexOf('/') + 1), 'PASS');
    expect(await watch('executeSqlJob', job)).toMatchObject({ allowedActions: ['EDIT', 'EXECUTE'] });
  });

  const jobIn = (status: Job['approvalStatus'], fits: (job: Job) => boolean = () => true) => {
    const [agent] = agents();
    const job = world()
      .jobsOfLeague(agent?.leagueId ?? '', 'SQL')
      .find((own) => own.partnerId === agent?.partnerId && own.approvalStatus === status && fits(own));
    if (job === undefined) throw new Error(`there is no job of ours that is ${status}`);
    return { id: `Job:${job.leagueId}/sql/${job.id}` };
  };
  const query = 'query ($id: ID!) { job(id: $id) { id allowedActions } }';

  test('cost what they say: nothing that the row tells, and nothing that does not decide', async () => {
    const costOf = async (status: Job['approvalStatus']) => {
      const calls = await stage.callsOf(() => stage.data(query, jobIn(status)));
      const { getAgentDeployment = 0, listAgents = 0, ...costs } = calls;
      expect(getAgentDeployment + listAgents).toBe(1);
      return costs;
    };
    const approved = { listLeagueSqlJobs: 1, listLeagueInstances: 1 };
    expect(await costOf('APPROVED')).toEqual(approved);
    expect(await costOf('REJECTED')).toEqual({ ...approved, getLeague: 1 });
    expect(await costOf('NEW')).toEqual({ ...approved, getLeague: 1, getSqlJob: 1 });
  });

  test.each<[JobType, string]>([
    ['SQL', 'listLeagueSqlJobs'],
    ['HFL', 'listLeagueFlJobs'],
    ['VFL', 'listLeagueFlJobs'],
    ['PREDICT', 'listPredictionJobs'],
  ])('of a list of %s jobs cost nothing for those of other partners that the rows tell of', async (type, list) => {
    const [agent] = agents();
    if (agent === undefined) throw new Error('the world has no agents');
    const jobs = world().jobsOfLeague<JobType>(agent.leagueId, type);
    const ours = jobs.filter(({ partnerId }) => partnerId === agent.partnerId);
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.length).toBeLessThan(jobs.length);
    const calls = await stage.callsOf(() =>
      stage.data(
        'query ($id: ID!, $types: [JobTypeInput!]) { league(id: $id) { jobs(types: $types, first: 100) { nodes { allowedActions } } } }',
        { id: agent.leagueId, types: [type] },
      ),
    );
    const { getLeague, getAgentDeployment, listAgents, [list]: _, ...costs } = calls;
    const unsubmitted = ours.filter(({ approvalStatus }) => approvalStatus === 'NEW');
    const runs = { listLeagueInstances: ours.length };
    expect(costs).toEqual(
      {
        SQL: { ...runs, getSqlJob: unsubmitted.length },
        // Only rows of horizontal jobs lack their partner.
        HFL: { ...runs, getHorizontalJob: jobs.length },
        VFL: runs,
        PREDICT: {},
      }[type],
    );
  });

  test('are empty where they can not be determined, with the failure as an error', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'getLeague', fault: { kind: 'status', status: 500 } }]);
    const { data, errors } = await stage.ask<{ job: object }>(query, jobIn('REJECTED'));
    expect(data.job).toEqual({ ...jobIn('REJECTED'), allowedActions: [] });
    expect(errors).toMatchObject([
      { path: ['job', 'allowedActions'], extensions: { code: 'UPSTREAM_FAILED', call: 'getLeague' } },
    ]);
  });

  test('a run in an unknown state may be under way: its job does not offer deletion', async () => {
    const hasRun = ({ id }: Job) => {
      const runs = world().instancesOfJob(id);
      return runs.length > 0 && runs.every(({ endedAtMs }) => endedAtMs !== undefined);
    };
    const actionsOf = async () =>
      (await stage.data<{ job: JobNode }>(query, jobIn('APPROVED', hasRun))).job.allowedActions;
    expect(await actionsOf()).toContain('DELETE');
    await stage.sandbox.client.setRules([{ operationId: 'listLeagueInstances', variants: ['rowWithoutId'] }]);
    expect(await actionsOf()).toEqual(['EDIT', 'EXECUTE']);
  });

  test('are none where no agent of the league can be asked', async () => {
    const gateway = gatewayFor({ ...configFor(stage.sandbox), agents: [] });
    const { data } = await askGateway<{ job: object }>(gateway, query, jobIn('APPROVED'));
    await gateway.close();
    expect(data.job).toEqual({ ...jobIn('APPROVED'), allowedActions: [] });
  });
});

interface InstanceNode {
  readonly id: string;
  readonly ticsId: string;
  readonly allowedActions: readonly string[];
}

describe('allowedActions of instances', () => {
  test('those that can be stopped can be, and others can not', async () => {
    const outcomes = new Set<string>();
    for (const agent of agents()) {
      const underWay = world()
        .instancesOfLeague(agent.leagueId)
        .filter(({ endedAtMs }) => endedAtMs === undefined)
        .map(({ id }) => id);
      const { league } = await stage.data<{ league: { instances: { nodes: readonly InstanceNode[] } } }>(
        'query ($id: ID!) { league(id: $id) { instances(first: 100) { nodes { id ticsId allowedActions } } } }',
        { id: agent.leagueId },
      );
      const nodes = league.instances.nodes;
      expect(underWay.filter((id) => !nodes.some(({ ticsId }) => ticsId === id))).toEqual([]);
      const over = nodes.filter(({ ticsId }) => !underWay.includes(ticsId)).slice(0, 10);
      for (const { id, ticsId, allowedActions } of [
        ...nodes.filter((node) => !over.includes(node)).slice(0, 40),
        ...over,
      ]) {
        const instance = world().instance(ticsId) as Instance;
        const was = `${instance.type} ${instance.status} of ${instance.partnerId === agent.partnerId ? 'ours' : 'theirs'}`;
        const { userErrors } = await mutate(stage, 'stopInstance', { id, agentId: agent.id });
        if (allowedActions.includes('STOP')) expect(userErrors, `offered: ${was}`).toEqual([]);
        else
          expect(userErrors, `withheld: ${was}`).toMatchObject([
            { code: expect.stringMatching(/^(FORBIDDEN|WRONG_STATE)$/) as string },
          ]);
        outcomes.add(`${allowedActions.join() || 'none'} ${userErrors[0]?.code ?? ''}`.trim());
      }
    }
    expect([...outcomes]).toEqual(expect.arrayContaining(['STOP', 'none WRONG_STATE']));
  });

  test('that have ended cost nothing', async () => {
    const leagueId = agents()[0]?.leagueId;
    const calls = await stage.callsOf(async () => {
      const { league } = await stage.data<{ league: { instances: { nodes: readonly InstanceNode[] } } }>(
        'query ($id: ID!) { league(id: $id) { instances(first: 40, filter: { statuses: [SUCCEEDED] }) { nodes { allowedActions } } } }',
        { id: leagueId },
      );
      expect(league.instances.nodes).toHaveLength(40);
      expect(league.instances.nodes.every(({ allowedActions }) => allowedActions.length === 0)).toBe(true);
    });
    expect(calls).not.toHaveProperty('getInstanceResult');
  });
});

describe('allowedActions of notices', () => {
  test('those that wait can be reviewed, and others can not', async () => {
    const reviewed = new Set<string>();
    for (const agent of agents()) {
      const { agent: found } = await stage.data<{
        agent: { notices: { nodes: readonly { ticsId: string; status: string; allowedActions: readonly string[] }[] } };
      }>('query ($id: ID!) { agent(id: $id) { notices(first: 50) { nodes { ticsId status allowedActions } } } }', {
        id: agent.id,
      });
      for (const { ticsId, status, allowedActions } of found.notices.nodes) {
        reviewed.add(status === 'OPEN' ? 'open' : 'closed');
        expect(allowedActions).toEqual(status === 'OPEN' ? ['REVIEW'] : []);
        const { userErrors } = await mutate(stage, 'reviewNotice', {
          id: `ApprovalNotice:${agent.id}/${ticsId}`,
          decision: 'APPROVE',
        });
        expect(userErrors.map(({ code }) => code)).toEqual(status === 'OPEN' ? [] : ['WRONG_STATE']);
      }
    }
    expect(reviewed).toEqual(new Set(['open', 'closed']));
  });
});

describe('roles', () => {
  /** The actions offered to a caller of these roles. */
  const offeredTo = async (roles: readonly Role[]) => {
    const [agent] = agents();
    const open = world().approvalNoticesOfAgent(agent?.id ?? '')[0];
    if (agent === undefined || open === undefined) throw new Error('the world has no such things');
    open.status = 'OPEN';
    const job = world()
      .jobsOfLeague(agent.leagueId, 'SQL')
      .find(({ partnerId, type }) => type === 'SQL' && partnerId === agent.partnerId);
    const run = world()
      .instancesOfLeague(agent.leagueId)
      .find(({ partnerId, type }) => type === 'SQL' && partnerId === agent.partnerId);
    await stage.sandbox.client.setInstanceStatus(run?.id ?? '', 'RUNNING');
    const gateway = gatewayFor(configFor(stage.sandbox), {
      identify: () => ({ upstreamScope: 'x', name: 'x', roles, leagues: 'ALL' }),
    });
    const { data: offered } = await askGateway<Record<string, { readonly allowedActions: readonly string[] }>>(
      gateway,
      `query ($job: ID!, $instance: ID!, $notice: ID!) {
        job(id: $job) { allowedActions }
        instance(id: $instance) { allowedActions }
        notice: node(id: $notice) { ... on ApprovalNotice { allowedActions } }
      }`,
      {
        job: `Job:${agent.leagueId}/sql/${job?.id}`,
        instance: `Instance:${agent.leagueId}/${run?.id}`,
        notice: `ApprovalNotice:${agent.id}/${open.id}`,
      },
    );
    await gateway.close();
    return Object.fromEntries(
      Object.entries(offered).map(([what, { allowedActions }]) => [what, allowedActions.length > 0]),
    );
  };

  test.each<[readonly Role[], object]>([
    [['VIEWER'], { job: false, instance: false, notice: false }],
    [['VIEWER', 'OPERATOR'], { job: true, instance: true, notice: false }],
    [['VIEWER', 'APPROVER'], { job: false, instance: false, notice: true }],
    [['ADMINISTRATOR'], { job: true, instance: true, notice: true }],
  ])('%s', async (roles, offered) => {
    expect(await offeredTo(roles)).toEqual(offered);
  });
});
