import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { CallerBudgets, payerIdOf } from '../../src/callers/callerBudgets.ts';
import { parseConfig, type CallersConfig, type TicsConfig } from '../../src/config/config.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { RecordedCall } from '../../src/sandbox/client.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { defaultResilience } from '../../src/tics/planes/upstreams.ts';
import { makeKeys } from '../support/callers.ts';
import { askGateway, configFor, gatewayFor, useStage, type AnswerError } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';
import { fingerprintOf, headersOf, signIn, type UserTokens } from '../support/ownTokens.ts';
import { required } from '../support/required.ts';
import { quick, toEnd, transports } from '../support/subscribe.ts';
import { surfaces, type ReadingCall } from '../support/surfaces.ts';

const stage = useStage({ speed: 0 });
const calls = Object.keys(surfaces) as ReadingCall[];
const callers: CallersConfig = { passThrough: {} };

let gateway: Gateway;
let server: GatewayServer;
let lines: Readonly<Record<string, unknown>>[];
let tokens: UserTokens;
let league: string;
let agent: string;

/** What would be kept, joined and tried again, were it the account's. */
const resilience = { ...defaultResilience, retries: true, sharing: true };

async function start(tics: Partial<TicsConfig> = {}, kinds: CallersConfig = callers, dataDirectory = 'data') {
  lines = [];
  gateway = gatewayFor(
    { ...configFor(stage.sandbox), ...tics },
    { watching: quick, log: logTo(lines), resilience },
    { callers: kinds, dataDirectory },
  );
  server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
}

beforeAll(() => {
  const { world } = stage.sandbox;
  const trusted = required(
    world.agents.find(
      ({ nodeStatus, leagueId }) => nodeStatus === 'TRUST' && world.instances.some((one) => one.leagueId === leagueId),
    ),
    'agent with runs',
  );
  [league, agent] = [trusted.leagueId, trusted.id];
});

beforeEach(async () => {
  await start();
  tokens = await signIn(
    stage.sandbox,
    stage.sandbox.world.agents.filter(({ nodeStatus }) => nodeStatus === 'TRUST').map(({ id }) => id),
  );
  await stage.sandbox.client.clearCalls();
});

afterEach(() => server.close());

test('tokens that TICS has not taken have the budget of their address, however many are made up', async () => {
  const { limits } = parseConfig('', {}, 'none');
  await server.close();
  gateway = gatewayFor(configFor(stage.sandbox), {}, { callers, limits: { ...limits, callerCallsPerMinute: 60 } });
  server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
  const send = async (iam: string): Promise<string> => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': iam, 'x-cost': 'total' },
      body: JSON.stringify({ query: `{ ${aliases} }` }),
    });
    return response.text();
  };
  // What was not used of a claim comes back: it has to be made.
  const aliases = Array.from({ length: 20 }, (_, index) => `a${index}: league(id: "${index}") { name }`).join(' ');
  expect(await send(tokens.iam)).toContain('"data"');
  const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => send(`made-up-${index}`)));
  expect(answers.filter((answer) => answer.includes('"THROTTLED"'))).not.toEqual([]);
  expect(await send(tokens.iam)).not.toContain('"THROTTLED"');
});

function ask(query: string, given: Partial<UserTokens>, variables: Record<string, unknown> = { league, agent }) {
  return askGateway<Record<string, unknown> | null>(gateway, query, variables, headersOf(given));
}

/** The token that a call must have had: the one that was given for its upstream. */
function expectedToken({ plane, agentId = '' }: RecordedCall, given: Partial<UserTokens>): string | undefined {
  const token = plane === 'agent' ? given.agents?.[agentId] : given.iam;
  return token && fingerprintOf(token);
}

async function expectOwnTokens(given: Partial<UserTokens>): Promise<readonly RecordedCall[]> {
  const sent = await stage.sandbox.client.calls();
  for (const call of sent) {
    expect(call.operationId).not.toMatch(/^create(Agent)?Token$/);
    expect({ call: call.operationId, token: call.token }).toEqual({
      call: call.operationId,
      token: expectedToken(call, given),
    });
  }
  return sent;
}

function codesOf(errors: readonly AnswerError[] = []): readonly unknown[] {
  return [...new Set(errors.map(({ extensions }) => extensions?.['code']))];
}

describe('every read', () => {
  test.each(calls)('%s: is sent with the caller’s tokens, and nothing signs in', async (call) => {
    const { data } = await ask(surfaces[call], tokens);
    expect(data).not.toBeNull();
    expect((await expectOwnTokens(tokens)).length).toBeGreaterThan(0);
  });

  test.each(calls)('%s: without agents’ tokens no agent is called', async (call) => {
    const { errors } = await ask(surfaces[call], { iam: tokens.iam });
    const sent = await expectOwnTokens({ iam: tokens.iam });
    expect(sent.filter(({ plane }) => plane === 'agent')).toEqual([]);
    for (const { extensions } of errors ?? [])
      if (extensions?.['code'] === 'TOKEN_REQUIRED') expect(extensions).toMatchObject({ plane: 'AGENT' });
  });

  test.each(calls)('%s: without a token of IAM neither plane of the space is called', async (call) => {
    const { errors } = await ask(surfaces[call], { agents: tokens.agents });
    const sent = await expectOwnTokens({ agents: tokens.agents });
    expect(sent.filter(({ plane }) => plane !== 'agent')).toEqual([]);
    for (const { extensions } of errors ?? [])
      if (extensions?.['code'] === 'TOKEN_REQUIRED') expect(['SPACE', 'IAM']).toContain(extensions['plane']);
  });
});

test('each branch without a token is a named error, and the others are answered', async () => {
  const query = `{ league(id: "${league}") { name } agent(id: "${agent}") { connectors { totalCount } } }`;
  const withoutAgent = await ask(query, { iam: tokens.iam });
  expect(withoutAgent.data).toMatchObject({ league: { name: expect.any(String) as unknown } });
  expect(withoutAgent.errors).toMatchObject([
    { extensions: { code: 'TOKEN_REQUIRED', plane: 'AGENT', agentId: agent } },
  ]);
  const withoutIam = await ask(query, { agents: tokens.agents });
  expect(codesOf(withoutIam.errors)).toEqual(['TOKEN_REQUIRED']);
  expect(withoutIam.errors?.[0]?.extensions).toMatchObject({ plane: 'SPACE' });
});

test('agents’ addresses and the project are found with the caller’s tokens', async () => {
  await server.close();
  const { projectId, agents, ...config } = configFor(stage.sandbox);
  const unaddressed = agents.map(({ url, ...known }) => known);
  await start({ ...config, projectId: undefined, agents: unaddressed, agentNetworks: ['127.0.0.0/8'] });
  // The account knows all of it already.
  const asAccount = gateway.planes({ signal: new AbortController().signal, remainingMs: () => 5_000 });
  await (await asAccount.agent(agent)).read('getAgentRuntime');
  await stage.sandbox.client.clearCalls();
  const { data, errors } = await ask(`{ agent(id: "${agent}") { connectors { totalCount } } }`, tokens);
  expect([errors, data]).toEqual([undefined, { agent: { connectors: { totalCount: expect.any(Number) as unknown } } }]);
  const sent = await expectOwnTokens(tokens);
  expect(sent.map(({ operationId }) => operationId)).toEqual(
    expect.arrayContaining(['listProjects', 'getAgentDeployment', 'listConnectors']),
  );
});

describe('a mutation', () => {
  const stop = (instance: string) =>
    `mutation { stopInstance(input: { id: "Instance:${league}/${instance}" }) { userErrors { code message } } }`;
  const instanceOf = (): string =>
    required(
      stage.sandbox.world.instances.find(({ leagueId }) => leagueId === league),
      'instance',
    ).id;

  test('is sent with the agent’s token that the caller brought', async () => {
    const own = { iam: tokens.iam, agents: { [agent]: required(tokens.agents[agent], 'token') } };
    await ask(stop(instanceOf()), own);
    const sent = await expectOwnTokens(own);
    expect(sent.some(({ method, plane }) => method !== 'GET' && plane === 'agent')).toBe(true);
  });

  test('without one is not sent, nor by another agent', async () => {
    const others = Object.fromEntries(
      Object.entries(tokens.agents).filter(
        ([id]) => stage.sandbox.world.agents.find((one) => one.id === id)?.leagueId !== league,
      ),
    );
    for (const agents of [{}, others]) {
      await stage.sandbox.client.clearCalls();
      const { data, errors } = await ask(stop(instanceOf()), { iam: tokens.iam, agents });
      expect(JSON.stringify([data, errors])).toContain('TOKEN_REQUIRED');
      const sent = await expectOwnTokens({ iam: tokens.iam, agents });
      expect(sent.filter(({ method }) => method !== 'GET')).toEqual([]);
    }
  });
});

describe('nothing crosses', () => {
  const query = '{ leagues(role: OWNER, first: 5) { nodes { name } } }';

  test('two callers with different tokens share neither reads under way nor kept answers', async () => {
    const other = await signIn(stage.sandbox, []);
    await stage.sandbox.client.clearCalls();
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 100 }]);
    await Promise.all([ask(query, tokens), ask(query, other), ask(query, tokens)]);
    const sent = await stage.sandbox.client.calls({ operationId: 'listLeagues' });
    expect(new Set(sent.map(({ token }) => token))).toEqual(
      new Set([fingerprintOf(tokens.iam), fingerprintOf(other.iam)]),
    );
  });

  test('a token that has ended is answered nothing, whatever was read before', async () => {
    expect((await ask(query, tokens)).errors).toBeUndefined();
    await stage.sandbox.client.expireTokens();
    await stage.sandbox.client.clearCalls();
    const { data, errors } = await ask(query, tokens);
    expect([data, codesOf(errors)]).toEqual([{ leagues: null }, ['TOKEN_REQUIRED']]);
    const sent = await expectOwnTokens(tokens);
    expect(sent.map(({ operationId }) => operationId)).toEqual(['listLeagues']);
    // Neither while the service is away.
    await stage.sandbox.client.setRules([{ operationId: '*', fault: { kind: 'reset', at: 'before' } }]);
    expect(JSON.stringify(await ask(query, tokens))).not.toContain('"name"');
  });

  test('a made-up token reads nothing, and is named in no text', async () => {
    const secret = 'planted-token-of-a-caller';
    await stage.sandbox.client.setRules([
      {
        operationId: '*',
        fault: {
          kind: 'status',
          status: 400,
          body: { error_code: 'X.1', error_msg: `bad ${secret} / ${encodeURIComponent(secret)}` },
        },
      },
    ]);
    const answer = await ask(surfaces.listConnectors, { iam: secret, agents: { [agent]: secret } });
    expect(answer.errors?.length).toBeGreaterThan(0);
    expect(JSON.stringify([answer, lines, await gateway.metrics.text()])).not.toContain(secret);
  });
});

describe('credentials', () => {
  const viewer = '{ viewer { name roles leagueIds } }';

  test('are tokens of TICS, which have all roles; the service decides', async () => {
    const { data } = await ask(viewer, tokens);
    expect(data?.['viewer']).toMatchObject({
      leagueIds: null,
      roles: ['VIEWER', 'OPERATOR', 'APPROVER', 'ADMINISTRATOR'],
    });
    expect(JSON.stringify(data)).not.toContain(tokens.iam);
  });

  test.each<[string, Record<string, string>]>([
    ['none', {}],
    ['empty ones', { 'x-auth-token': '', 'x-agent-token': '' }],
    ['an agent’s token without its agent', { 'x-agent-token': 'abc' }],
    ['one agent twice', { 'x-agent-token': 'a=b, a=c' }],
    ['a token with spaces', { 'x-auth-token': 'a b' }],
  ])('%s are refused: 401, and nothing is sent', async (_, headers) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: '{ leagues { totalCount } }' }),
    });
    expect(response.status).toBe(401);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test('are refused where they are not configured: their caller would act with the account’s rights', async () => {
    await server.close();
    await start({}, { anonymous: { roles: ['VIEWER'], leagues: 'ALL' } });
    const { errors } = await ask(viewer, tokens);
    expect(codesOf(errors)).toEqual(['UNAUTHENTICATED']);
  });

  test('beside a key have its roles and leagues, and the caller’s own tokens', async () => {
    await server.close();
    const keys = makeKeys();
    const { text } = keys.add('superset', ['VIEWER'], { leagues: [league] });
    await start({}, { passThrough: {}, keys: {} }, keys.dataDirectory);
    await stage.sandbox.client.clearCalls();
    const headers = { ...headersOf(tokens), 'x-api-key': text };
    const { data } = await askGateway<Record<string, unknown>>(
      gateway,
      '{ viewer { name roles } leagues { totalCount } }',
      {},
      headers,
    );
    expect(data).toEqual({ viewer: { name: 'superset', roles: ['VIEWER'] }, leagues: { totalCount: 1 } });
    await expectOwnTokens(tokens);
    // However many tokens it brings, its key pays.
    const budgets = new CallerBudgets(60, undefined);
    const payers = [headers, { ...headers, 'X-Auth-Token': 'another' }].map(async (given) => {
      const caller = await gateway.identify({ headers: new Headers(given), signal: new AbortController().signal });
      budgets.accept(caller);
      return payerIdOf(budgets.payerOf(caller, '192.0.2.1'));
    });
    expect(await Promise.all(payers)).toEqual(['superset', 'superset']);
    const refused = await askGateway(gateway, viewer, {}, { ...headers, 'x-api-key': 'tics_wrong' });
    expect(codesOf(refused.errors)).toEqual(['UNAUTHENTICATED']);
  });
});

describe('over WebSocket', () => {
  test('tokens are fields of connection_init, several agents’ in a list', async () => {
    const pairs = Object.entries(tokens.agents).map(([id, token]) => `${id}=${token}`);
    const client = createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { 'X-Auth-Token': tokens.iam, 'x-agent-token': pairs },
      retryAttempts: 0,
    });
    const { value } = (await client.iterate({ query: surfaces.listConnectors, variables: { agent } }).next()) as {
      value: { errors?: unknown };
    };
    expect(value.errors).toBeUndefined();
    expect((await expectOwnTokens(tokens)).some(({ plane }) => plane === 'agent')).toBe(true);
    await client.dispose();
  });
});

describe.each(transports)('a stream over %s', (_, connect) => {
  const subscription = () => ({ query: `subscription { leagueInstances(leagueId: "${league}") { status } }` });

  test('polls with the caller’s token, alone, and ends when it ends; nothing is kept', async () => {
    const other = await signIn(stage.sandbox, Object.keys(tokens.agents));
    await stage.sandbox.client.clearCalls();
    const clients = [tokens, other].map((given) => connect(server.url, headersOf(given)));
    const streams = clients.map((client) => client.ask<unknown>(subscription()));
    const firsts = await Promise.all(streams.map(({ next }) => next()));
    expect(firsts.map((first) => first?.errors)).toEqual([undefined, undefined]);
    const sent = await stage.sandbox.client.calls();
    const own = [tokens, other].flatMap(({ iam, agents }) => [iam, ...Object.values(agents)]).map(fingerprintOf);
    expect(sent.filter(({ token = '' }) => !own.includes(token))).toEqual([]);
    expect(sent.map(({ token }) => token)).toEqual(
      expect.arrayContaining([fingerprintOf(tokens.iam), fingerprintOf(other.iam)]),
    );
    await stage.sandbox.client.expireTokens();
    for (const stream of streams) expect(codesOf((await toEnd(stream)).at(-1)?.errors)).toEqual(['TOKEN_REQUIRED']);
    const again = connect(server.url, headersOf(tokens));
    const answers = await toEnd(again.ask<unknown>(subscription()));
    expect(answers.map(({ errors }) => codesOf(errors))).toEqual([['TOKEN_REQUIRED']]);
    for (const client of [...clients, again]) client.close();
  });
});
