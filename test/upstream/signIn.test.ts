import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TicsConfig } from '../../src/config/config.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { Fault } from '../../src/sandbox/client.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { countCalls } from '../support/calls.ts';

const stage = useStage();
const gateways: Gateway[] = [];

/** A gateway that has not signed in anywhere yet. */
function cold(change: Partial<TicsConfig> = {}): Gateway {
  const gateway = gatewayFor({ ...configFor(stage.sandbox), ...change });
  gateways.push(gateway);
  return gateway;
}

afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});

const leagues = '{ leagues(role: OWNER, first: 1) { totalCount } }';
function firstOnline() {
  const agent = stage.sandbox.world.agents.find(({ nodeStatus }) => nodeStatus === 'ONLINE' || nodeStatus === 'TRUST');
  if (agent === undefined) throw new Error('the world has no agent that is online');
  return agent;
}
function runtime(agentId: string) {
  return `{ agent(id: "${agentId}") { runtime { __typename } } }`;
}

describe('signing in', () => {
  test('many operations on a cold gateway share one sign-in, and later ones its token', async () => {
    const gateway = cold();
    await Promise.all(Array.from({ length: 500 }, () => askGateway(gateway, leagues)));
    await askGateway(gateway, leagues);
    expect(await countCalls(stage, 'createToken')).toBe(1);
    expect(await countCalls(stage, 'listLeagues')).toBe(501);
  });

  test('the same at an agent', async () => {
    const gateway = cold();
    const { id } = firstOnline();
    await Promise.all(Array.from({ length: 500 }, () => askGateway(gateway, runtime(id))));
    expect(await countCalls(stage, 'createAgentToken')).toBe(1);
    expect(await countCalls(stage, 'getAgentRuntime')).toBe(500);
  });

  test('the project is found by the region where none is configured, once', async () => {
    const { projectId, ...rest } = configFor(stage.sandbox);
    const gateway = gatewayFor(rest);
    gateways.push(gateway);
    for (let time = 0; time < 2; time += 1) expect((await askGateway(gateway, leagues)).errors).toBeUndefined();
    const [call] = await stage.sandbox.client.calls({ operationId: 'listLeagues' });
    expect(call?.path).toContain(projectId);
    expect(await countCalls(stage, 'listProjects')).toBe(1);
  });

  test('a token that dies in mid-life costs one more sign-in and no answer', async () => {
    const gateway = cold();
    await askGateway(gateway, leagues);
    await stage.sandbox.client.expireTokens();
    const answers = await Promise.all(Array.from({ length: 20 }, () => askGateway(gateway, leagues)));
    expect(answers.filter(({ errors }) => errors !== undefined)).toEqual([]);
    expect(await countCalls(stage, 'createToken')).toBe(2);
  });

  test('tokens that die again and again are not said to be a refused account, but how long to wait', async () => {
    const gateway = cold();
    for (let time = 0; time < 3; time += 1) {
      expect((await askGateway(gateway, leagues)).errors).toBeUndefined();
      await stage.sandbox.client.expireTokens();
    }
    await stage.sandbox.client.clearCalls();
    const { errors } = await askGateway(gateway, leagues);
    const call = { code: 'RATE_LIMITED', plane: 'SPACE', call: 'listLeagues', status: 401 };
    expect(errors).toMatchObject([{ extensions: { ...call, retryAfter: expect.any(Number) as number } }]);
    const retryAfter = Number(errors?.[0]?.extensions?.['retryAfter']);
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(60);
    expect(await stage.sandbox.client.countCalls()).toEqual({ listLeagues: 1 });
  });

  test('a write whose token is dead was not carried out: it is sent once more, with a new token', async () => {
    const gateway = cold();
    const [league] = stage.sandbox.world.leaguesOfRole('OWNER');
    const write = () =>
      askGateway<object>(
        gateway,
        'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }',
        { input: { id: league?.id, description: 'a' } },
      );
    await askGateway(gateway, leagues);
    await stage.sandbox.client.expireTokens();
    expect((await write()).data).toEqual({ updateLeague: { userErrors: [] } });
    expect(await countCalls(stage, 'updateLeague')).toBe(2);
    expect(await countCalls(stage, 'createToken')).toBe(2);
  });

  test('a write is sent twice at most, whatever is said of its tokens', async () => {
    const gateway = cold();
    const [league] = stage.sandbox.world.leaguesOfRole('OWNER');
    await askGateway(gateway, leagues);
    await stage.sandbox.client.setRules([{ operationId: 'updateLeague', fault: { kind: 'status', status: 401 } }]);
    const { data } = await askGateway<object>(
      gateway,
      'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }',
      { input: { id: league?.id, description: 'a' } },
    );
    expect(data).toEqual({ updateLeague: { userErrors: [{ code: 'SIGN_IN_REFUSED' }] } });
    expect(await countCalls(stage, 'updateLeague')).toBe(2);
  });

  test.each(['操作无权限', '没有权限', 'No permission for this operation.', 'Permission denied'])(
    'a 401 that says %s lacks a right: FORBIDDEN, and the token is kept',
    async (message) => {
      const gateway = cold();
      const [league] = stage.sandbox.world.leaguesOfRole('OWNER');
      await askGateway(gateway, leagues);
      const body = { error_code: 'TICS.SRV.1', error_msg: message };
      const fault = { kind: 'status', status: 401, body } as const;
      await stage.sandbox.client.setRules([
        { operationId: 'getLeague', fault },
        { operationId: 'updateLeague', fault },
      ]);
      await stage.sandbox.client.clearCalls();
      for (let time = 0; time < 4; time += 1) {
        const { errors } = await askGateway(gateway, `{ leagues(first: 1) { nodes { settings { description } } } }`);
        expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', call: 'getLeague', status: 401 } }]);
      }
      const { data } = await askGateway<object>(
        gateway,
        'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }',
        { input: { id: league?.id, description: 'a' } },
      );
      expect(data).toEqual({ updateLeague: { userErrors: [{ code: 'FORBIDDEN' }] } });
      expect(await stage.sandbox.client.countCalls()).toMatchObject({ getLeague: 4, updateLeague: 1 });
      expect(await countCalls(stage, 'createToken')).toBe(0);
      expect((await askGateway(gateway, leagues)).errors).toBeUndefined();
    },
  );

  test('a wrong password is refused by IAM, and not tried again', async () => {
    const { account } = configFor(stage.sandbox);
    const gateway = cold({ account: { ...account, password: 'wrong' } });
    for (let time = 0; time < 3; time += 1) {
      const { errors } = await askGateway(gateway, leagues);
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'SIGN_IN_REFUSED', plane: 'IAM', call: 'createToken' });
    }
    expect(await countCalls(stage, 'createToken')).toBe(1);
  });

  test("a wrong password is refused by an agent with HTTP 200: an error that names it, tried once, the agent's name still there", async () => {
    const { id } = firstOnline();
    const { agents } = configFor(stage.sandbox);
    const gateway = cold({ agents: agents.map((agent) => ({ ...agent, password: 'wrong' })) });
    for (let time = 0; time < 3; time += 1) {
      const { data, errors } = await askGateway<{ agent: { name: string; runtime: null } }>(
        gateway,
        `{ agent(id: "${id}") { name runtime { __typename } } }`,
      );
      expect(data.agent.name).toBe(firstOnline().name);
      expect(data.agent.runtime).toBeNull();
      expect(errors).toMatchObject([
        {
          path: ['agent', 'runtime'],
          extensions: {
            code: 'SIGN_IN_REFUSED',
            plane: 'AGENT',
            call: 'createAgentToken',
            status: 200,
            upstreamCode: '6',
          },
        },
      ]);
    }
    expect(await countCalls(stage, 'createAgentToken')).toBe(1);
  });

  test.each<[string, Fault, object]>([
    [
      'that locks the account',
      { kind: 'status', status: 200, body: { status: 401, message: 'no' } },
      { code: 'ACCOUNT_LOCKED' },
    ],
    [
      'without a token',
      { kind: 'status', status: 200, body: { status: 0, data: {} } },
      { code: 'UPSTREAM_INVALID_ANSWER' },
    ],
    ['that is none', { kind: 'status', status: 500 }, { code: 'UPSTREAM_FAILED', status: 500 }],
  ])('an agent’s answer to it %s is told as such', async (_, fault, extensions) => {
    const gateway = cold();
    await stage.sandbox.client.setRules([{ operationId: 'createAgentToken', fault }]);
    const { errors } = await askGateway(gateway, runtime(firstOnline().id));
    expect(errors).toMatchObject([{ extensions: { plane: 'AGENT', call: 'createAgentToken', ...extensions } }]);
    expect(await countCalls(stage, 'getAgentRuntime')).toBe(0);
  });

  test.each<[string, Fault, object]>([
    ['without a token', { kind: 'status', status: 201, body: { token: {} } }, { code: 'UPSTREAM_INVALID_ANSWER' }],
    ['that is none', { kind: 'status', status: 500 }, { code: 'UPSTREAM_FAILED', status: 500 }],
  ])('IAM’s answer to it %s is told as such', async (_, fault, extensions) => {
    const gateway = cold();
    await stage.sandbox.client.setRules([{ operationId: 'createToken', fault }]);
    const { errors } = await askGateway(gateway, leagues);
    expect(errors).toMatchObject([{ extensions: { plane: 'IAM', call: 'createToken', ...extensions } }]);
    expect(await countCalls(stage, 'listLeagues')).toBe(0);
  });

  test('a token that is said to have ended before it was given is used all the same: clocks differ', async () => {
    const received: string[] = [];
    const agent = createServer((request, response) => {
      received.push(`${request.url} ${String(request.headers['x-auth-token'])}`);
      const answer = { status: 0, data: { token: 't', expire_time: '2001-01-01T00:00:00.000+00:00' } };
      response.end(JSON.stringify(request.method === 'POST' ? answer : {}));
    });
    await once(agent.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(agent.address() as AddressInfo).port}`;
    const gateway = cold({ agents: [{ id: firstOnline().id, url, user: 'u', password: 'p' }] });
    for (let time = 0; time < 2; time += 1)
      expect((await askGateway(gateway, runtime(firstOnline().id))).errors).toBeUndefined();
    agent.closeAllConnections();
    agent.close();
    expect(received).toEqual(['/v1/agent/user/token undefined', '/v1/agents t', '/v1/agents t']);
  });

  test('has a time limit of its own, not that of a caller', async () => {
    const gateway = cold();
    const [league] = stage.sandbox.world.leaguesOfRole('OWNER');
    await stage.sandbox.client.setRules([{ operationId: 'createToken', fault: { kind: 'hang' } }]);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let passedMs = 0;
      let isAnswered = false;
      const written = askGateway<object>(
        gateway,
        'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code call } } }',
        { input: { id: league?.id, description: 'a' } },
      ).finally(() => (isAnswered = true));
      while (!isAnswered && passedMs < 60_000) {
        vi.advanceTimersByTime(100);
        passedMs += 100;
        await new Promise(setImmediate);
      }
      expect(isAnswered).toBe(true);
      expect((await written).data).toEqual({
        updateLeague: { userErrors: [{ code: 'UPSTREAM_TIMEOUT', call: 'createToken' }] },
      });
    } finally {
      vi.useRealTimers();
    }
  });

  test('nothing is sent to an agent with another certificate than the configured one', async () => {
    const { id } = firstOnline();
    const { agents } = configFor(stage.sandbox);
    const other = agents.find((agent) => agent.id !== id)?.certificate;
    const gateway = cold({ agents: agents.map((agent) => ({ ...agent, certificate: other })) });
    const { errors } = await askGateway(gateway, runtime(id));
    expect(errors).toMatchObject([{ extensions: { code: 'AGENT_CERTIFICATE', plane: 'AGENT' } }]);
    expect(await countCalls(stage, 'createAgentToken')).toBe(0);
  });

  test('an agent without a configured address is found through the space plane, once', async () => {
    const { id } = firstOnline();
    const { agents } = configFor(stage.sandbox);
    const gateway = cold({ agents: agents.map(({ url, ...agent }) => agent) });
    for (let time = 0; time < 2; time += 1) expect((await askGateway(gateway, runtime(id))).errors).toBeUndefined();
    // Each operation reads the agent itself by this call; the first one needs it for the address as well.
    expect(await countCalls(stage, 'getAgentDeployment')).toBe(3);
  });
});
