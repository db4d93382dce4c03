import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadContract } from '../../src/sandbox/contract/contract.ts';
import type { Operation } from '../../src/sandbox/contract/document.ts';
import { startSandbox, type AgentAccess, type Sandbox } from '../../src/sandbox/start.ts';
import type { Instance, InstanceType, JobType } from '../../src/sandbox/model/world.ts';
import { agentCaller, Caller, spaceCaller } from './caller.ts';

/** A path of every reading call, by operation id. */
type Paths = Readonly<Record<string, string>>;

let sandbox: Sandbox;
let agent: AgentAccess;
let space: Caller | undefined;
let iam: Caller | undefined;
let node: Caller | undefined;
let paths: Paths;

function found<T>(what: string, item: T | undefined): T {
  if (item === undefined) throw new Error(`the world has no ${what}`);
  return item;
}

/** Paths of calls that have no path of their own in {@link pathsOf}: ids and a page of rows, by the names of parameters. */
function derivedPaths({ world, projectId }: Sandbox, { id: agentId, leagueId }: AgentAccess): Paths {
  const ids: Readonly<Record<string, string | undefined>> = {
    project_id: projectId,
    league_id: leagueId,
    agent_id: agentId,
    dataset_id: world.datasetsOfAgent(agentId)[0]?.id,
    job_id: world.jobsOfLeague(leagueId, 'SQL')[0]?.id,
    instance_id: world.instancesOfLeague(leagueId)[0]?.id,
    notice_id: world.approvalNoticesOfAgent(agentId)[0]?.id,
  };
  const values: Readonly<Record<string, string>> = { offset: '0', limit: '100' };
  const pathOf = ({ id, template, requiredQuery }: Operation): string => {
    const valueOf = (known: Readonly<Record<string, string | undefined>>, name: string): string => {
      const value = known[name];
      if (value === undefined)
        throw new Error(
          `${id} needs a value for ${name}: add it to derivedPaths() of test/sandbox/reads.test.ts, or the whole path to pathsOf().`,
        );
      return value;
    };
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) => valueOf(ids, name));
    const query = requiredQuery.map((name) => `${name}=${valueOf(values, name)}`);
    return query.length === 0 ? path : `${path}?${query.join('&')}`;
  };
  const reading = [...operations.values()].filter(({ method, id }) => method === 'GET' && !(id in paths));
  return Object.fromEntries(reading.map((operation) => [operation.id, pathOf(operation)]));
}

function pathsOf({ world, projectId }: Sandbox, { id: agentId, leagueId }: AgentAccess): Paths {
  const page = 'offset=0&limit=100';
  const league = `/v1/${projectId}/leagues/${leagueId}`;
  const instances = world.instancesOfLeague(leagueId);
  const instance = (type: InstanceType, fits: (item: Instance) => boolean = () => true): Instance =>
    found(
      type,
      instances.find((item) => item.type === type && item.status === 'SUCCEEDED' && fits(item)),
    );
  const trained = instance('VFL_TRAIN');
  const analysed = instance('SQL', ({ agentIds }) => agentIds.includes(agentId));
  const job = (type: JobType): string => found(type, world.jobsOfLeague(leagueId, type)[0]).id;
  const vertical = found(
    'vertical job with both preparations',
    world
      .jobsOfLeague(leagueId, 'VFL')
      .find(({ id }) =>
        ['VFL_FEATURE_SELECTION', 'VFL_SAMPLE_ALIGNMENT'].every((type) =>
          world.instancesOfJob(id).some((item) => item.type === type),
        ),
      ),
  );
  const own = world.datasetsOfAgent(agentId);
  const multihot = own.find(({ file }) => (file?.multihot.length ?? 0) > 0);
  const dataset = found('dataset', multihot ?? own.find(({ file }) => file !== undefined) ?? own[0]).id;
  const notice = found('notice', world.approvalNoticesOfAgent(agentId)[0]).id;
  const published = found('published dataset', world.datasetsOfLeague(leagueId)[0]).id;
  return {
    listProjects: '/v3/projects',
    getOverview: `/v1/${projectId}/overview/statistics`,
    listLeagues: `/v1/${projectId}/league-info?type=owned&${page}`,
    listMembershipNotices: `/v1/${projectId}/notices?${page}`,
    listAgents: `/v1/${projectId}/agents?${page}`,
    getAgentDeployment: `/v1/${projectId}/agents/${agentId}`,
    getLeague: league,
    getDatasetStatistics: `${league}/datasets-statistics`,
    getJobStatistics: `${league}/jobs-statistics`,
    getPartnerStatistics: `${league}/partners-statistics`,
    listLeagueNodes: `${league}/nodes?${page}`,
    listPartners: `${league}/partners?${page}`,
    listLeagueDatasets: `${league}/datasets?${page}`,
    listLeagueSqlJobs: `${league}/sql-jobs?${page}`,
    listLeagueFlJobs: `${league}/fl-jobs?${page}`,
    listLeagueInstances: `${league}/job-instances?${page}`,
    getExecutionGraph: `${league}/job-instances/${trained.id}/dag?round_id=1`,
    getInstanceReport: `${league}/job-instances/${trained.id}/report`,
    listAuditEvents: `${league}/audit-info?${page}`,
    getAgentRuntime: '/v1/agents',
    listConnectors: `/v1/agents/connectors?${page}`,
    listAgentDatasets: `/v1/agents/datasets?${page}`,
    getDatasetRegistration: `/v1/agents/datasets/${dataset}`,
    getResultSample: `/v1/agents/${agentId}/job-instances/${analysed.id}/sample`,
    listAgentInstances: `/v1/agents/${agentId}/job-instances?${page}`,
    listApprovalNotices: `/v1/agents/${agentId}/notices?${page}`,
    getApprovalNotice: `/v1/agents/${agentId}/notices/${notice}`,
    getDatasetPrivacy: `${league}/datasets/${published}/schema-info`,
    listAvailableDatasets: `${league}/available-datasets?dataset_type=LOCAL_CSV`,
    listSqlJobs: `${league}/sql-jobs?${page}`,
    getSqlJob: `${league}/sql-jobs/${job('SQL')}`,
    listPredictionJobs: `${league}/fl-predicted-jobs?${page}`,
    listModels: `${league}/fl-job-instances?${page}`,
    getInstanceStatus: `${league}/job-instances/${trained.id}/status`,
    getInstanceResult: `${league}/job-instances/${trained.id}/result`,
    getInstanceError: `${league}/job-instances/${trained.id}/error-info`,
    listJobInstances: `${league}/job-instances?${page}`,
    listFlJobs: `${league}/fl-jobs?${page}`,
    getHorizontalJob: `${league}/fl-jobs/${job('HFL')}`,
    getVerticalJob: `${league}/fl-vertical-jobs/${vertical.id}`,
    getFeatureSelection: `${league}/fl-vertical-jobs/${vertical.id}/features-selection-result?job_instance_type=VFL_FEATURE_SELECTION`,
    getSampleAlignment: `${league}/fl-vertical-jobs/${vertical.id}/sample-alignment-result?job_instance_type=VFL_SAMPLE_ALIGNMENT`,
  };
}

const { operations } = loadContract();
function read(operationId: string) {
  const { plane } = found(operationId, operations.get(operationId));
  const caller = found(`caller of the ${plane} plane`, { iam, space, agent: node }[plane]);
  return caller.call(found(`path for ${operationId}`, paths[operationId]));
}

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, nowMs: Date.UTC(2024, 5, 1), speed: 0 });
  const { world } = sandbox;
  agent = found(
    'agent with notices and files of multihot features',
    sandbox.agents.find(
      ({ id }) =>
        world.agent(id)?.nodeStatus === 'TRUST' &&
        world.approvalNoticesOfAgent(id).length > 0 &&
        world.datasetsOfAgent(id).some(({ file }) => (file?.multihot.length ?? 0) > 0),
    ),
  );
  paths = pathsOf(sandbox, agent);
  paths = { ...paths, ...derivedPaths(sandbox, agent) };
  [space, node] = await Promise.all([spaceCaller(sandbox), agentCaller(agent)]);
  iam = new Caller(sandbox.iamUrl, undefined, space.headers);
});

afterAll(async () => {
  await Promise.all([space?.close(), iam?.close(), node?.close()]);
  await sandbox.close();
});

test('every reading call of the contracts answers, in agreement with them', async () => {
  for (const id of Object.keys(paths)) expect((await read(id)).status, id).toBe(200);
  expect(await sandbox.client.contractFaults()).toEqual([]);
});

test('every variant still answers everything it can occur in, and changes something somewhere', async () => {
  const failed = sandbox.world.instancesOfLeague(agent.leagueId).find(({ status }) => status === 'FAILED');
  await sandbox.client.setInstanceStatus(found('failed instance', failed).id, 'SUBMITING');
  const plain = new Map<string, string>();
  for (const id of Object.keys(paths)) plain.set(id, (await read(id)).text);
  for (const { name, operations: concerned } of await sandbox.client.variants()) {
    // These change what is no answer to a read: sign-ins and errors.
    if (name.startsWith('token') || name === 'agentErrorsAsStatus') continue;
    await sandbox.client.setRules([{ operationId: '*', variants: [name] }]);
    const changed: string[] = [];
    for (const id of Object.keys(paths)) {
      const { status, text } = await read(id);
      expect(status, `${name} ${id}`).toBe(200);
      if (text !== plain.get(id)) changed.push(id);
    }
    expect(changed, name).not.toEqual([]);
    expect(concerned, name).toEqual(expect.arrayContaining(changed));
  }
  await sandbox.client.clearRules();
});

test('a parameter that has a default may be left out', async () => {
  const notices = found('path', paths['listApprovalNotices']).replace(/&?limit=\d+/, '');
  const { status, json } = await found('caller', node).call(notices);
  expect([status, json]).toMatchObject([200, { lists: [] }]);
});
