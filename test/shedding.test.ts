import { afterEach, describe, expect, test } from 'vitest';
import { startServer, type GatewayServer } from '../src/server.ts';
import { createShedding, defaultLimits, type LagReading } from '../src/shedding.ts';
import { configFor, gatewayFor, useStage } from './support/gateway.ts';
import { logTo } from './support/log.ts';

/** A lag that the test sets. */
const lagOf = (first = 0): LagReading & { ms: number } => {
  const lag = { ms: first, p99Ms: () => lag.ms, close: () => undefined };
  return lag;
};

const enter = (shedding: ReturnType<typeof createShedding>) => {
  const entered = shedding.enter();
  return typeof entered === 'string' ? entered : 'LET_IN';
};

describe('limits', () => {
  test('as many operations as the limit says, and one more when one has ended', () => {
    const shedding = createShedding({ ...defaultLimits, operations: 2 }, lagOf());
    const leave = shedding.enter();
    expect([enter(shedding), enter(shedding)]).toEqual(['LET_IN', 'OPERATIONS']);
    if (typeof leave === 'function') leave();
    expect(enter(shedding)).toBe('LET_IN');
  });

  test('nothing new while the event loop lags by more than 100 ms', () => {
    const lag = lagOf(100);
    const shedding = createShedding(defaultLimits, lag);
    expect(enter(shedding)).toBe('LET_IN');
    lag.ms = 101;
    expect(enter(shedding)).toBe('EVENT_LOOP_LAG');
    lag.ms = 3;
    expect(enter(shedding)).toBe('LET_IN');
  });
});

describe('over HTTP', () => {
  const stage = useStage();
  let server: GatewayServer | undefined;
  const lines: Record<string, unknown>[] = [];
  afterEach(async () => {
    lines.length = 0;
    await server?.close();
  });

  const query = '{ leagues(role: OWNER, first: 1) { totalCount } }';
  const ask = (url: string, accept = 'application/json') =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, 'x-request-id': 'shed-1' },
      body: JSON.stringify({ query }),
    });
  const start = async (shedding: ReturnType<typeof createShedding>): Promise<string> => {
    const gateway = gatewayFor(configFor(stage.sandbox));
    server = await startServer(gateway, { host: '127.0.0.1', port: 0, shedding, log: logTo(lines) });
    return server.url;
  };

  test('what is shed is told when to come back, and costs no call; the probes answer', async () => {
    const lag = lagOf(1_000);
    const url = await start(createShedding(defaultLimits, lag));
    await fetch(`${url}/readyz`);
    await stage.sandbox.client.clearCalls();
    const refused = await ask(url, 'application/graphql-response+json');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(refused.headers.get('x-request-id')).toBe('shed-1');
    expect(lines).toMatchObject([
      { msg: 'request refused', requestId: 'shed-1', status: 503, errorCodes: ['OVERLOADED'] },
    ]);
    expect(refused.headers.get('content-type')).toBe('application/graphql-response+json');
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'OVERLOADED', retryAfter: 2 } }] });
    expect(await stage.sandbox.client.calls()).toEqual([]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      'tics_gateway_requests_refused_total{code="OVERLOADED"} 1',
    );
    lag.ms = 0;
    expect((await ask(url)).status).toBe(200);
  });

  test('operations above the limit are shed, those in flight are answered and make place', async () => {
    const url = await start(createShedding({ ...defaultLimits, operations: 2 }, lagOf()));
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 300 }]);
    const inFlight = [ask(url), ask(url)];
    await stage.sandbox.client.waitForCalls(2, { operationId: 'listLeagues' });
    expect((await ask(url)).status).toBe(503);
    expect((await Promise.all(inFlight)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await ask(url)).status).toBe(200);
  });

  test('who leaves before the answer makes place too', async () => {
    const url = await start(createShedding({ ...defaultLimits, operations: 1 }, lagOf()));
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 2_000 }]);
    const leaving = new AbortController();
    const left = fetch(`${url}/graphql?query=${encodeURIComponent(query)}`, { signal: leaving.signal });
    await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagues' });
    leaving.abort();
    await expect(left).rejects.toThrow();
    await stage.sandbox.client.clearRules();
    await expect.poll(async () => (await ask(url)).status).toBe(200);
  });
});
