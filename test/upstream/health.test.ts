import { afterEach, describe, expect, test } from 'vitest';
import { GatewayError, type ErrorCode } from '../../src/errors.ts';
import { createHealth } from '../../src/upstream/health.ts';
import type { Outcome } from '../../src/upstream/observer.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';

function failure(code: ErrorCode, details = {}) {
  return new GatewayError(code, 'x', { plane: 'SPACE', ...details });
}

/** A health whose probes are answered by hand, on a clock of its own. */
function healthOf(agentIds: readonly string[] = []) {
  let nowMs = 0;
  const asked: string[] = [];
  const answers = new Map<string, () => Promise<unknown>>();
  const health = createHealth({
    agentIds,
    now: () => nowMs,
    probe: async (agentId) => {
      const name = agentId ?? 'SPACE';
      asked.push(name);
      const result = await (answers.get(name) ?? (() => Promise.resolve()))();
      end(name, 'OK', 200);
      return result;
    },
  });
  const end = (name: string, outcome: Outcome, status?: number): void => {
    const upstream = name === 'SPACE' ? { plane: 'SPACE' as const } : { plane: 'AGENT' as const, agentId: name };
    health.observer.requestEnd(
      { ...upstream, call: 'x', method: 'GET', traceHeaders: {} },
      { outcome, durationMs: 1, status },
    );
  };
  return {
    ...health,
    asked,
    end,
    fail: (name: string, error: Error) => answers.set(name, () => Promise.reject(error)),
    hang: (name: string) => answers.set(name, () => new Promise(() => undefined)),
    pass: (ms: number) => (nowMs += ms),
  };
}

describe('readiness', () => {
  test('concurrent checks share one probe of each upstream; a check soon after causes none', async () => {
    const { readiness, asked, pass } = healthOf(['a', 'b']);
    const all = await Promise.all(Array.from({ length: 50 }, () => readiness()));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(['ready']));
    expect(asked.sort()).toEqual(['SPACE', 'a', 'b']);
    pass(4_999);
    await readiness();
    expect(asked).toHaveLength(3);
    pass(1);
    await readiness();
    expect(asked).toHaveLength(6);
  });

  test('an upstream that operations use is not probed', async () => {
    const { readiness, asked, pass, end } = healthOf();
    for (let turn = 0; turn < 20; turn += 1) {
      pass(1_000);
      end('SPACE', 'OK', 200);
      expect((await readiness()).status).toBe('ready');
    }
    expect(asked).toEqual([]);
  });

  test('an upstream that is down is not asked more often than any other', async () => {
    const { readiness, asked, pass, fail } = healthOf();
    fail('SPACE', failure('UPSTREAM_UNREACHABLE'));
    for (let turn = 0; turn < 20; turn += 1) {
      expect((await readiness()).status).toBe('unavailable');
      pass(1_000);
    }
    expect(asked).toHaveLength(4);
  });

  test('the space plane is down: degraded; one agent is: ready, and it is named; all agents are: degraded', async () => {
    const { readiness, fail, pass } = healthOf(['a', 'b']);
    fail('a', failure('AGENT_CERTIFICATE', { plane: 'AGENT' }));
    expect(await readiness()).toEqual({
      status: 'ready',
      space: { answers: true },
      agents: { a: { answers: false, reason: 'AGENT_CERTIFICATE' }, b: { answers: true } },
    });
    fail('b', failure('UPSTREAM_TIMEOUT', { plane: 'SPACE' }));
    pass(5_000);
    const later = await readiness();
    expect(later.status).toBe('degraded');
    expect(later.agents['b']).toEqual({ answers: false, reason: 'UPSTREAM_TIMEOUT', plane: 'SPACE' });
    fail('SPACE', failure('UPSTREAM_UNREACHABLE'));
    pass(5_000);
    expect((await readiness()).status).toBe('unavailable');
  });

  test('a refusal shows that somebody answers; a refused password does not help anybody', async () => {
    const { readiness, fail, end } = healthOf(['a']);
    fail('SPACE', failure('FORBIDDEN', { status: 403 }));
    end('SPACE', 'FORBIDDEN', 403);
    fail('a', failure('SIGN_IN_REFUSED', { plane: 'AGENT', status: 401 }));
    end('a', 'SIGN_IN_REFUSED', 401);
    const { status, space, agents } = await readiness();
    expect({ status, space, a: agents['a']?.answers }).toEqual({
      status: 'degraded',
      space: { answers: true },
      a: false,
    });
  });

  test.each<[string, Outcome, number | undefined, number]>([
    ['a failure of the service is no sign of life', 'UPSTREAM_FAILED', 500, 1],
    ['a caller who left says nothing of it', 'ABORTED', undefined, 0],
  ])('%s', async (_, outcome, status, probes) => {
    const { readiness, asked, end } = healthOf();
    end('SPACE', 'OK', 200);
    end('SPACE', outcome, status);
    await readiness();
    expect(asked).toHaveLength(probes);
  });

  test('a failure of one operation raises a doubt, which the next probe settles', async () => {
    const { readiness, asked, end } = healthOf();
    end('SPACE', 'OK', 200);
    end('SPACE', 'UPSTREAM_TIMEOUT');
    expect((await readiness()).status).toBe('ready');
    expect(asked).toEqual(['SPACE']);
  });

  test('a probe answered by a stale cached answer counts as the failure of its call', async () => {
    const health = createHealth({
      agentIds: [],
      now: () => 0,
      probe: () => {
        health.observer.requestEnd(
          { plane: 'SPACE', call: 'x', method: 'GET', traceHeaders: {} },
          { outcome: 'UPSTREAM_UNREACHABLE', durationMs: 1 },
        );
        return Promise.resolve('kept from yesterday');
      },
    });
    expect((await health.readiness()).space).toEqual({ answers: false, reason: 'UPSTREAM_UNREACHABLE' });
  });

  test('an open breaker reports at once, and an upstream that answers again is ready at once', async () => {
    const { readiness, observer, end } = healthOf();
    await readiness();
    end('SPACE', 'UPSTREAM_TIMEOUT');
    observer.breakerState({ plane: 'SPACE', state: 'OPEN' });
    expect((await readiness()).space).toEqual({ answers: false, reason: 'UPSTREAM_TIMEOUT' });
    end('SPACE', 'OK', 200);
    expect((await readiness()).space).toEqual({ answers: true });
  });

  test('a hanging probe delays no check and changes no state', async () => {
    const { readiness, hang, asked, pass } = healthOf(['a']);
    hang('a');
    expect(await readiness(1)).toMatchObject({ status: 'ready', agents: { a: { answers: null } } });
    pass(60_000);
    await readiness(1);
    expect(asked.filter((name) => name === 'a')).toHaveLength(1);
    const atTheStart = healthOf();
    atTheStart.hang('SPACE');
    expect((await atTheStart.readiness(1)).status).toBe('starting');
  });
});

describe('over HTTP', () => {
  const stage = useStage();
  let server: GatewayServer | undefined;
  afterEach(async () => {
    await server?.close();
  });

  const start = async (): Promise<string> => {
    server = await startServer(gatewayFor(configFor(stage.sandbox)), { host: '127.0.0.1', port: 0 });
    return server.url;
  };
  const ready = async (url: string) => {
    const response = await fetch(`${url}/readyz`);
    return { code: response.status, ...((await response.json()) as { status: string; agents: object }) };
  };

  test('many concurrent checks cause one call to each upstream', async () => {
    const url = await start();
    await Promise.all(Array.from({ length: 30 }, () => ready(url)));
    const { getOverview, getAgentRuntime } = await stage.sandbox.client.countCalls();
    expect(getOverview).toBe(1);
    const listening = stage.sandbox.world.agents.filter(({ nodeStatus }) => nodeStatus === 'TRUST').length;
    expect(getAgentRuntime).toBeGreaterThanOrEqual(listening);
    expect(getAgentRuntime).toBeLessThanOrEqual(stage.sandbox.agents.length);
  });

  test('without the space plane it is degraded and serves', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'getOverview', fault: { kind: 'reset', at: 'before' } }]);
    const url = await start();
    // The probe may still be trying.
    await expect.poll(() => ready(url), { timeout: 10_000 }).toMatchObject({ code: 200, status: 'degraded' });
  });

  test('when neither plane answers it is not ready, and alive', async () => {
    await stage.sandbox.client.setRules([
      { operationId: 'getOverview', fault: { kind: 'reset', at: 'before' } },
      { operationId: 'getAgentRuntime', fault: { kind: 'reset', at: 'before' } },
    ]);
    const url = await start();
    await expect.poll(() => ready(url), { timeout: 10_000 }).toMatchObject({ code: 503, status: 'unavailable' });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});
