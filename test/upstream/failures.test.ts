import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/client.ts';
import { collectGarbage } from '../support/garbage.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';

const stage = useStage();

interface Answer {
  readonly leagues: { readonly nodes: readonly { readonly name: string; readonly settings: object | null }[] };
}

const query = '{ leagues(role: OWNER) { nodes { name settings { description } } } }';

/** Makes `getLeague` fail, and asks for something that needs it in one branch. */
async function failing(fault: Fault) {
  await stage.sandbox.client.setRules([{ operationId: 'getLeague', fault }]);
  return stage.ask<Answer>(query);
}

describe('a call that fails', () => {
  test.each<[string, Fault, object]>([
    ['403', { kind: 'status', status: 403 }, { code: 'FORBIDDEN', status: 403 }],
    ['404', { kind: 'status', status: 404 }, { code: 'NOT_FOUND', status: 404 }],
    ['410', { kind: 'status', status: 410 }, { code: 'NOT_FOUND', status: 410 }],
    ['429', { kind: 'status', status: 429, retryAfter: '7' }, { code: 'RATE_LIMITED', status: 429, retryAfter: 7 }],
    ['409', { kind: 'status', status: 409 }, { code: 'UPSTREAM_REFUSED', status: 409 }],
    ['500', { kind: 'status', status: 500 }, { code: 'UPSTREAM_FAILED', status: 500 }],
    ['503', { kind: 'status', status: 503, retryAfter: '3' }, { code: 'UPSTREAM_FAILED', status: 503, retryAfter: 3 }],
    ['a reset', { kind: 'reset', at: 'before' }, { code: 'UPSTREAM_UNREACHABLE' }],
    ['a reset in mid-answer', { kind: 'reset', at: 'midAnswer' }, { code: 'UPSTREAM_UNREACHABLE' }],
    ['a truncated answer', { kind: 'truncated' }, { code: 'UPSTREAM_INVALID_ANSWER' }],
    ["a proxy's page", { kind: 'wrongContentType' }, { code: 'UPSTREAM_INVALID_ANSWER' }],
    ['an answer that is no JSON', { kind: 'malformed' }, { code: 'UPSTREAM_INVALID_ANSWER' }],
  ])('%s costs its own branch and no more', async (_, fault, extensions) => {
    const { data, errors } = await failing(fault);
    const owned = stage.sandbox.world.leaguesOfRole('OWNER');
    expect(data.leagues.nodes.map(({ name }) => name)).toEqual(owned.map(({ name }) => name));
    expect(data.leagues.nodes.map(({ settings }) => settings)).toEqual(owned.map(() => null));
    expect(errors).toHaveLength(owned.length);
    expect(errors?.map(({ path }) => path?.join('.')).sort()).toEqual(
      owned.map((_, index) => `leagues.nodes.${index}.settings`),
    );
    errors?.forEach((error) => {
      expect(error.extensions).toMatchObject({ plane: 'SPACE', call: 'getLeague', ...extensions });
    });
  });

  test("the service's own code and text come along", async () => {
    await stage.sandbox.client.setRules([
      {
        operationId: 'getLeague',
        fault: {
          kind: 'status',
          status: 400,
          body: { error_code: 'TICS.SRV.40000023', error_msg: 'the partner is not verified' },
        },
      },
    ]);
    const { errors } = await stage.ask(query);
    expect(errors?.[0]?.message).toContain('the partner is not verified');
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'PARTNER_NOT_VERIFIED', upstreamCode: 'TICS.SRV.40000023' });
  });
});

describe('an agent’s envelope', () => {
  const agent = () => stage.sandbox.world.agents.find(({ nodeStatus }) => nodeStatus === 'TRUST');
  const answered = async (body: object) => {
    await stage.sandbox.client.setRules([
      { operationId: 'getAgentRuntime', fault: { kind: 'status', status: 200, body } },
    ]);
    return stage.ask<object>(`{ agent(id: "${agent()?.id}") { runtime { name } } }`);
  };

  test.each([0, 200])('of status %i is taken off', async (status) => {
    expect(await answered({ status, data: { agent_name: 'v7' } })).toEqual({
      data: { agent: { runtime: { name: 'v7' } } },
    });
  });

  test('of any other status is a refusal, although its HTTP status is 200', async () => {
    expect(await answered({ status: 500, message: 'no such thing', data: { agent_name: 'v7' } })).toMatchObject({
      data: { agent: { runtime: null } },
      errors: [{ extensions: { code: 'UPSTREAM_REFUSED', call: 'getAgentRuntime', upstreamCode: '500' } }],
    });
  });

  test('a textual status is a field of the answer, not a failure', async () => {
    expect(await answered({ status: 'RUNNING', agent_name: 'v7', message: 'm' })).toEqual({
      data: { agent: { runtime: { name: 'v7' } } },
    });
  });
});

describe('a call that hangs', () => {
  test('ends at its time limit, although garbage is collected meanwhile', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'getLeague', fault: { kind: 'hang' } }]);
    const gateway = gatewayFor(configFor(stage.sandbox), { resilience: { callTimeoutMs: 500 } });
    const collecting = setInterval(collectGarbage, 50);
    const { errors } = await askGateway<Answer>(gateway, query);
    clearInterval(collecting);
    await gateway.close();
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'UPSTREAM_TIMEOUT' } });
  });

  test('ends at its time limit', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'getLeague', fault: { kind: 'hang' } }]);
    const gateway = gatewayFor(configFor(stage.sandbox), { resilience: { callTimeoutMs: 200 } });
    const { data, errors } = await askGateway<Answer>(gateway, query);
    await gateway.close();
    expect(data.leagues.nodes.length).toBeGreaterThan(1);
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'UPSTREAM_TIMEOUT', plane: 'SPACE', call: 'getLeague' } });
  });
});
