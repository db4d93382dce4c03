import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCallLog } from '../../src/sandbox/http/callLog.ts';
import { createSandboxClient, type Fault } from '../../src/sandbox/client.ts';
import { loadContract } from '../../src/sandbox/contract/contract.ts';
import { createPlaneListener, type ContractFault } from '../../src/sandbox/http/plane.ts';
import { createRules } from '../../src/sandbox/faults/rules.ts';
import { startPlainServer } from '../../src/sandbox/http/servers.ts';
import { startSandbox, type AgentAccess, type Sandbox, type SandboxReady } from '../../src/sandbox/start.ts';
import { createTokens } from '../../src/sandbox/iam/tokens.ts';
import { agentCaller, Caller, signIn, spaceCaller } from './caller.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

let sandbox: Sandbox;
let agent: AgentAccess;
let caller: Caller;

/** An agent that is online and trusted. */
function trustedAgent({ agents, world }: Sandbox): AgentAccess {
  const found = agents.find(({ id }) => world.agent(id)?.nodeStatus === 'TRUST');
  if (found === undefined) throw new Error('no trusted agent');
  return found;
}

function leaguePath(path: string): string {
  return `/v1/${sandbox.projectId}/leagues/${agent.leagueId}/${path}`;
}

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 7, speed: 0 });
  agent = trustedAgent(sandbox);
  caller = await agentCaller(agent);
});

afterEach(() => sandbox.client.clearRules());

afterAll(async () => {
  expect(await sandbox.client.contractFaults()).toEqual([]);
  await caller.close();
  await sandbox.close();
});

describe('IAM', () => {
  const credentials = (user: string, password: string, project: object) => ({
    method: 'POST' as const,
    body: {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: user, password, domain: { name: sandbox.account.domain } } },
        },
        scope: { project },
      },
    },
  });

  test('answers a token for a project, by its name too, and lists projects with it', async () => {
    const iam = new Caller(sandbox.iamUrl);
    const { user, password } = sandbox.account;
    const signedIn = await iam.call('/v3/auth/tokens', credentials(user, password, { name: sandbox.region }));
    expect(signedIn.status).toBe(201);
    const { token } = signedIn.json as { token: { expires_at: string; issued_at: string; project: { id: string } } };
    expect(token.project.id).toBe(sandbox.projectId);
    expect(token.expires_at).toMatch(/\.\d{6}Z$/);
    expect(Date.parse(token.expires_at) - Date.parse(token.issued_at)).toBe(dayMs);

    expect((await iam.call('/v3/projects')).status).toBe(401);
    iam.setToken(String(signedIn.headers['x-subject-token']));
    const projects = (await iam.call(`/v3/projects?name=${sandbox.region}`)).json;
    expect(projects).toMatchObject({ projects: [{ id: sandbox.projectId, name: sandbox.region }] });
    await iam.close();
  });

  test('refuses a wrong password in its own error shape', async () => {
    const iam = new Caller(sandbox.iamUrl, undefined, { 'x-language': 'en_us' });
    const refused = await iam.call(
      '/v3/auth/tokens',
      credentials(sandbox.account.user, 'x', { id: sandbox.projectId }),
    );
    expect(refused.status).toBe(401);
    expect(refused.json).toEqual({
      error: { code: 401, message: 'The username or password is wrong.', title: 'Unauthorized' },
    });
    await iam.close();
  });
});

describe('signing in at an agent', () => {
  test('five wrong passwords lock the account for a minute, a right one starts the count anew', async () => {
    const other = sandbox.agents.find(
      ({ id, name }) => id !== agent.id && name !== '' && sandbox.world.agent(id)?.nodeStatus === 'TRUST',
    );
    if (other === undefined) throw new Error('no second trusted agent');
    const door = new Caller(other.url, other.certificate);
    const attempt = async (password: string) => (await signIn(door, other.user, password)).status;

    for (let index = 0; index < 4; index += 1) expect(await attempt('wrong')).toBe(6);
    expect(await attempt(other.password)).toBe(0);
    for (let index = 0; index < 5; index += 1) expect(await attempt('wrong')).toBe(6);
    expect(await attempt(other.password)).toBe(401);
    await sandbox.client.advance(minuteMs - 1);
    expect(await attempt(other.password)).toBe(401);
    await sandbox.client.advance(1);
    expect(await attempt(other.password)).toBe(0);
    await door.close();
  });

  test('a token lives for a day, opens its own agent only, and can be ended', async () => {
    const mine = await agentCaller(agent);
    const other = sandbox.agents.find(({ id }) => id !== agent.id && sandbox.world.agent(id)?.nodeStatus === 'TRUST');
    if (other === undefined) throw new Error('no second trusted agent');
    const stranger = new Caller(other.url, other.certificate, { 'x-language': 'en_us' });
    const { data } = await signIn(mine, agent.user, agent.password);
    stranger.setToken(data?.token ?? '');
    expect((await stranger.call('/v1/agents')).status).toBe(401);
    expect((await mine.call('/v1/agents')).status).toBe(200);

    await sandbox.client.advance(dayMs);
    const ended = await mine.call('/v1/agents');
    expect(ended.status).toBe(401);
    expect(ended.json).toEqual({ error_code: 'TICS_AGENT.10000001', error_msg: 'token is invalid' });

    const again = await agentCaller(agent);
    await sandbox.client.expireTokens({ agentId: agent.id });
    expect((await again.call('/v1/agents')).status).toBe(401);
    caller = await agentCaller(agent);
    await Promise.all([mine.close(), again.close(), stranger.close()]);
  });

  test('an agent that is away refuses connections at the address it is known by', async () => {
    const away = sandbox.agents.find(({ id }) => sandbox.world.agent(id)?.nodeStatus === 'OFFLINE');
    expect(away?.url).toMatch(/^https:\/\/127\.0\.0\.1:\d{2,}$/);
    await expect(new Caller(away?.url ?? '').call('/v1/agents')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('an agent that is not trusted answers, and says why not', async () => {
    const id = sandbox.world.agents.find(({ nodeStatus }) => nodeStatus === 'ONLINE')?.id;
    const untrusted = sandbox.agents.find((known) => known.id === id);
    if (untrusted === undefined) throw new Error('no untrusted agent');
    const visitor = await agentCaller(untrusted);
    const { json } = await visitor.call('/v1/agents');
    expect(json).toMatchObject({ trusted: 'false', status: 'ONLINE' });
    expect((json as { error_msg: string }).error_msg).not.toBe('');
    await visitor.close();
  });
});

describe('requests are checked against the contract', () => {
  test.each([
    ['limit=101', '/v1/agents/connectors?offset=0&limit=101', 'query/limit must be <= 100'],
    ['a limit that is no number', '/v1/agents/connectors?offset=0&limit=ten', 'query/limit must be integer'],
    ['a missing offset', '/v1/agents/connectors?limit=1', "query must have required property 'offset'"],
    ['an unknown parameter', '/v1/agents/connectors?offset=0&limit=1&page=1', 'additional properties: page'],
    ['a parameter given twice', '/v1/agents/connectors?offset=0&limit=1&limit=2', 'query/limit must be given once'],
    ['an unknown word', '/v1/agents/connectors?offset=0&limit=1&connector_query_type=X', 'equal to one of the allowed'],
  ])('%s', async (_, path, reason) => {
    const { status, json } = await caller.call(path);
    expect(status).toBe(400);
    expect(json).toMatchObject({ error_code: 'TICS_AGENT.10000002' });
    expect((json as { error_msg: string }).error_msg).toContain(reason);
  });

  test('X-Language is required on the agent plane and picks the language', async () => {
    const mute = new Caller(agent.url, agent.certificate);
    const { data } = await signIn(mute, agent.user, agent.password);
    mute.setToken(data?.token ?? '');
    expect((await mute.call('/v1/agents')).status).toBe(400);
    expect((await mute.call('/v1/agents', { headers: { 'x-language': 'fr' } })).status).toBe(400);
    const chinese = await mute.call('/v1/agents/datasets/unknown', { headers: { 'x-language': 'zh-cn' } });
    expect(chinese.text).toContain('资源不存在');
    await mute.close();
  });

  test('unknown paths, methods, projects, leagues and ids', async () => {
    const league = sandbox.world.leagues.find(({ id }) => id !== agent.leagueId);
    expect((await caller.call('/v1/nowhere')).status).toBe(404);
    expect((await caller.call('/v1/agents', { method: 'PUT' })).status).toBe(405);
    expect((await caller.call(`/v1/other/leagues/${agent.leagueId}/sql-jobs?offset=0&limit=1`)).status).toBe(403);
    const foreign = await caller.call(`/v1/${sandbox.projectId}/leagues/${league?.id ?? ''}/sql-jobs?offset=0&limit=1`);
    expect(foreign.status).toBe(403);
    expect((await caller.call(leaguePath('sql-jobs/0123'))).status).toBe(404);
    expect((await caller.call(`/v1/agents/${'0'.repeat(32)}/notices?offset=0&limit=1`)).status).toBe(403);
  });

  test('a body that the contract does not allow', async () => {
    const answer = await caller.call(leaguePath('sql-jobs'), { method: 'POST', body: { name: ' new' } });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ error_code: 'TICS_AGENT.10000002' });
  });
});

describe('lists', () => {
  interface Rows {
    readonly total: number;
    readonly lists: readonly { readonly id: string; readonly status?: string }[];
  }
  const rows = async (path: string): Promise<Rows> => (await caller.call(path)).json as Rows;

  test('count pages here and records there', async () => {
    const paged = `/v1/agents/${agent.id}/job-instances`;
    const first = await rows(`${paged}?offset=0&limit=3`);
    expect(first.lists).toHaveLength(3);
    expect(await rows(`${paged}?offset=1&limit=3`)).toEqual(first);
    expect((await rows(`${paged}?offset=2&limit=3`)).lists[0]).toEqual(
      (await rows(`${paged}?offset=4&limit=1`)).lists[0],
    );

    const counted = await rows(leaguePath('job-instances?offset=0&limit=4'));
    expect((await rows(leaguePath('job-instances?offset=3&limit=1'))).lists).toEqual(counted.lists.slice(3));
    expect((await rows(leaguePath(`job-instances?offset=${counted.total}&limit=4`))).lists).toEqual([]);
  });

  test('filters narrow and order, and are parsed strictly', async () => {
    const filtered = (filter: object) =>
      rows(leaguePath(`job-instances?offset=0&limit=100&filter=${encodeURIComponent(JSON.stringify(filter))}`));
    const failed = await filtered({ status: ['FAILED'] });
    expect(failed.total).toBe(
      sandbox.world.instancesOfLeague(agent.leagueId).filter(({ status }) => status === 'FAILED').length,
    );
    const id = failed.lists[1]?.id ?? '';
    expect((await filtered({ jobInstanceId: id })).lists.map((row) => row.id)).toEqual([id]);
    const oldestFirst = await filtered({ status: ['FAILED'], orderBy: 'startTime', desc: false });
    expect(oldestFirst.lists[0]?.id).not.toBe(failed.lists[0]?.id);

    for (const wrong of [
      '{',
      '[]',
      '{"colour":"red"}',
      '{"status":"FAILED"}',
      '{"desc":"true"}',
      '{"orderBy":"luck"}',
    ]) {
      const path = leaguePath(`job-instances?offset=0&limit=1&filter=${encodeURIComponent(wrong)}`);
      expect((await caller.call(path)).status, wrong).toBe(400);
    }
    const long = JSON.stringify({ jobName: 'x'.repeat(250) });
    expect((await caller.call(leaguePath(`job-instances?offset=0&limit=1&filter=${long}`))).status).toBe(400);
    const otherKey = encodeURIComponent('{"jobInstanceType":["SQL"]}');
    expect((await caller.call(leaguePath(`sql-jobs?offset=0&limit=1&filter=${otherKey}`))).status).toBe(200);
    expect((await caller.call(leaguePath(`fl-jobs?offset=0&limit=1&filter=${otherKey}`))).status).toBe(400);
  });
});

describe('rules', () => {
  const withFault = async (fault: Fault, operationId = 'getAgentRuntime') => {
    await sandbox.client.setRules([{ operationId, times: 1, fault }]);
  };

  test('latency, for as many calls as it says', async () => {
    await sandbox.client.setRules([{ operationId: 'getAgentRuntime', times: 1, latencyMs: 60 }]);
    const startMs = performance.now();
    await caller.call('/v1/agents');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(59);
    expect(await sandbox.client.rules()).toMatchObject([{ times: 0 }]);
  });

  test('a status with Retry-After, and after so many calls only', async () => {
    await sandbox.client.setRules([
      { operationId: '*', agentId: agent.id, after: 1, fault: { kind: 'status', status: 429, retryAfter: '7' } },
    ]);
    expect((await caller.call('/v1/agents')).status).toBe(200);
    const refused = await caller.call('/v1/agents');
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('7');
  });

  test('resets, before and in the middle of an answer', async () => {
    const space = await spaceCaller(sandbox);
    for (const at of ['before', 'midAnswer'] as const) {
      await withFault({ kind: 'reset', at });
      await expect(caller.call('/v1/agents')).rejects.toThrow();
      await withFault({ kind: 'reset', at }, '*');
      await expect(space.call('/v1/anything')).rejects.toThrow();
    }
    await space.close();
  });

  test('answers that are cut off, not JSON, or not even meant to be', async () => {
    await withFault({ kind: 'truncated' });
    const truncated = await caller.call('/v1/agents');
    expect(truncated.status).toBe(200);
    expect(truncated.text.length).toBeGreaterThan(0);
    expect(() => truncated.json).toThrow(SyntaxError);
    await withFault({ kind: 'malformed' });
    const malformed = await caller.call('/v1/agents');
    expect(() => malformed.json).toThrow(SyntaxError);
    await withFault({ kind: 'wrongContentType' });
    expect((await caller.call('/v1/agents')).headers['content-type']).toBe('text/html');
  });

  test('a slow drip takes its time and arrives whole', async () => {
    const whole = await caller.call('/v1/agents');
    await withFault({ kind: 'slowDrip', bytesPerSecond: whole.text.length * 5 });
    const startMs = performance.now();
    expect((await caller.call('/v1/agents')).text).toBe(whole.text);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(150);
  });

  test('a call that hangs is recorded, and so is that its caller went away', async () => {
    await sandbox.client.clearCalls();
    await withFault({ kind: 'hang' });
    const impatient = await agentCaller(agent);
    const hanging = impatient.call('/v1/agents');
    const filter = { operationId: 'getAgentRuntime' };
    expect(await sandbox.client.waitForCalls(1, filter)).toMatchObject([{ isAborted: false }]);
    await Promise.all([expect(hanging).rejects.toThrow(), impatient.close()]);
    await expect.poll(() => sandbox.client.calls(filter)).toMatchObject([{ isAborted: true }]);
  });

  test('rules of unknown operations and variants are refused', async () => {
    await expect(sandbox.client.setRules([{ operationId: 'getLuck' }])).rejects.toThrow('getLuck');
    await expect(sandbox.client.setRules([{ operationId: '*', variants: ['x'] }])).rejects.toThrow('no variant x');
  });
});

describe('variants', () => {
  const varied = async (path: string, variant: string): Promise<unknown> => {
    await sandbox.client.setRules([{ operationId: '*', variants: [variant] }]);
    return (await caller.call(path)).json;
  };

  test('are listed with the calls they can occur in', async () => {
    const variants = await sandbox.client.variants();
    expect(variants.length).toBeGreaterThan(25);
    for (const { name, operations } of variants) expect(operations, name).not.toEqual([]);
    const operationsOf = (name: string) => variants.find((variant) => variant.name === name)?.operations ?? [];
    expect(operationsOf('camelCaseNames')).toContain('listLeagueDatasets');
    expect(operationsOf('flagsAsNumbers')).toContain('getAgentRuntime');
    expect(operationsOf('jsonTextAsJson')).toContain('getResultSample');
  });

  test('rewrite what the contract says they can', async () => {
    expect(await varied('/v1/agents', 'flagsAsNumbers')).toMatchObject({ trusted: 1 });
    expect(await varied('/v1/agents', 'flagsAsBooleans')).toMatchObject({ trusted: true });
    expect(await varied('/v1/agents', 'unknownEnumValues')).toMatchObject({ status: 'BRAND_NEW', agent_id: agent.id });
    expect(await varied('/v1/agents', 'absentProperties')).not.toHaveProperty('agent_name');
    expect(await varied('/v1/agents', 'extraProperties')).toHaveProperty('brand_new_property');

    const instances = leaguePath('job-instances?offset=0&limit=1');
    expect(await varied(instances, 'countsAsText')).toMatchObject({ total: expect.stringMatching(/^\d+$/) as string });
    expect(await varied(instances, 'timesAsEpoch')).toMatchObject({
      lists: [{ start_time: expect.any(Number) as number }],
    });
    const models = leaguePath('fl-job-instances?offset=0&limit=1');
    const asText = (await varied(models, 'jsonAsJsonText')) as { lists: [{ result_ext: string }] };
    expect(JSON.parse(asText.lists[0].result_ext)).toHaveProperty('auc');
    expect(await varied(models, 'jsonTextAsJson')).toMatchObject({
      lists: [{ metrics: { auc: expect.any(Number) as number } }],
    });
    const broken = (await varied(models, 'jsonTextBroken')) as { lists: [{ ext: string }] };
    expect(() => JSON.parse(broken.lists[0].ext) as unknown).toThrow(SyntaxError);
    expect(await varied('/v1/agents/datasets/unknown', 'agentErrorsAsStatus')).toEqual({
      status: 404,
      message: expect.stringContaining('no such resource') as string,
    });
  });

  test('of the sign-in', async () => {
    const door = new Caller(agent.url, agent.certificate);
    await sandbox.client.setRules([
      { operationId: 'createAgentToken', variants: ['tokenStatus200', 'tokenStatus400', 'timesAsEpoch'] },
    ]);
    expect(await signIn(door, agent.user, agent.password)).toMatchObject({
      status: 200,
      data: { expire_time: sandbox.world.clock.now() + dayMs },
    });
    expect(await signIn(door, agent.user, 'wrong')).toMatchObject({ status: 400 });
    await sandbox.client.clearRules();
    await signIn(door, agent.user, agent.password);
    await door.close();
  });
});

describe('the control port', () => {
  test('tells the calls, without secrets', async () => {
    await sandbox.client.clearCalls();
    await signIn(caller, agent.user, agent.password);
    await caller.call(leaguePath('sql-jobs?offset=0&limit=1'));
    const [first, second] = await sandbox.client.calls();
    expect(first).toMatchObject({
      plane: 'agent',
      agentId: agent.id,
      operationId: 'createAgentToken',
      status: 200,
      body: { user_name: agent.user, password: '***' },
    });
    expect(second).toMatchObject({ operationId: 'listSqlJobs', query: { offset: '0', limit: '1' } });
    expect(second?.headers).not.toHaveProperty('x-auth-token');
    expect(second?.token).toMatch(/^[0-9a-f]{12}$/);
    expect(second?.connection).toBeTypeOf('number');
    expect(JSON.stringify([first, second])).not.toContain(agent.password);
    expect(await sandbox.client.countCalls()).toEqual({ createAgentToken: 1, listSqlJobs: 1 });
    await expect(sandbox.client.waitForCalls(1, { operationId: 'listModels' }, 20)).rejects.toThrow('0 of 1 calls');
  });

  test('moves agents, renews certificates, closes and opens servers', async () => {
    const before = agent.url;
    const url = await sandbox.client.moveAgent(agent.id);
    expect(url).not.toBe(before);
    await expect(new Caller(before, agent.certificate).call('/v1/agents')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });

    const certificate = await sandbox.client.renewCertificate(agent.id);
    await expect(new Caller(url, agent.certificate).call('/v1/agents')).rejects.toThrow();
    expect((await new Caller(url, certificate).call('/v1/agents')).status).toBe(401);

    await sandbox.client.setAgentListening(agent.id, false);
    await expect(new Caller(url, certificate).call('/v1/agents')).rejects.toThrow();
    expect(sandbox.world.agent(agent.id)?.nodeStatus).toBe('TRUST');
    await sandbox.client.setAgentListening(agent.id, true);
    agent = trustedAgent(sandbox);
    caller = await agentCaller(agent);
    expect((await caller.call('/v1/agents')).status).toBe(200);
  });

  test('drives the clock: instances come to their end', async () => {
    const running = sandbox.world.instancesOfLeague(agent.leagueId).find(({ status }) => status === 'SUCCEEDED');
    if (running === undefined) throw new Error('no instance');
    await sandbox.client.setInstanceStatus(running.id, 'RUNNING');
    const status = async () => (await caller.call(leaguePath(`job-instances/${running.id}/status`))).json;
    expect(await status()).toEqual({ job_instance_status: 'RUNNING' });
    await sandbox.client.advance(60 * minuteMs);
    expect(await status()).toEqual({ job_instance_status: 'SUCCEEDED' });
    await expect(sandbox.client.advance(-1)).rejects.toThrow('forward');
  });

  test('makes another world', async () => {
    const other = await startSandbox({ seed: 1, nowMs: Date.UTC(2024, 0, 1), speed: 0 });
    const ids = other.agents.map(({ id }) => id);
    await other.client.reset({ seed: 2 });
    expect(other.agents.map(({ id }) => id)).not.toEqual(ids);
    const info = await other.client.reset({ seed: 1 });
    expect(info.agents.map(({ id }) => id)).toEqual(ids);
    await expect(other.client.reset({ scale: 0.5 })).rejects.toThrow('scale must be a whole number');
    expect(await other.client.state()).toMatchObject({ seed: 1, nowMs: Date.UTC(2024, 0, 1) });
    const renewed = await agentCaller(trustedAgent(other));
    expect((await renewed.call('/v1/agents')).status).toBe(200);
    await renewed.close();
    await other.close();
  });
});

test('an answer that disagrees with the contract is a fault of the sandbox, and is remembered', async () => {
  const contractFaults: ContractFault[] = [];
  const tokens = createTokens({ now: Date.now });
  const listener = createPlaneListener('iam', undefined, {
    contract: loadContract(),
    handlers: { listProjects: () => ({ status: 200, body: { projects: [], colour: 'red' } }) },
    world: () => sandbox.world,
    tokens,
    rules: createRules(),
    calls: createCallLog(),
    variants: new Map(),
    contractFaults,
  });
  const server = await startPlainServer(listener, 0);
  const iam = new Caller(server.url, undefined, { 'x-auth-token': tokens.issue('iam').text });
  const { status, text } = await iam.call('/v3/projects');
  expect(status).toBe(500);
  expect(text).toContain('must NOT have additional properties: colour');
  expect(contractFaults).toMatchObject([{ operationId: 'listProjects', path: '/v3/projects' }]);
  await iam.close();
  await server.close();
});

test('runs as a child process that tells its parent where it is, and ends with it', async () => {
  const start = fileURLToPath(new URL('../../src/sandbox/start.ts', import.meta.url));
  const child = fork(start, ['--port', '0', '--seed', '3'], { execArgv: ['--import', 'tsx'], stdio: 'inherit' });
  const [ready] = (await once(child, 'message')) as [SandboxReady];
  expect(ready.kind).toBe('sandbox ready');
  const client = createSandboxClient(ready.info.controlUrl);
  expect(await client.info()).toEqual(ready.info);
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});
