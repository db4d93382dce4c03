import { NetworkError } from 'graphql-sse';
import { afterEach, describe, expect, test } from 'vitest';
import type { Identify } from '../../src/callers/caller.ts';
import { limits } from '../../src/config/limits.ts';
import { GatewayError } from '../../src/errors.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { createShedding, type Permit, type Shedding } from '../../src/server/shedding.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';
import { connectTo } from '../support/rawConnection.ts';
import { overEvents, overWebSocket, serve, transports, type Client } from '../support/subscribe.ts';

const defaultLimits = limits.parse({});

function admit(shedding: Shedding): Permit {
  const admitted = shedding.admit();
  if (admitted instanceof GatewayError) throw admitted;
  return admitted;
}

describe('limits', () => {
  test('as many operations as the limit says, and one more when one has ended', () => {
    const shedding = createShedding(() => ({ ...defaultLimits, operations: 2 }));
    const permit = admit(shedding);
    admit(shedding);
    expect(() => admit(shedding)).toThrow('its limit of operations');
    permit.release();
    admit(shedding);
  });

  test('as many subscriptions as the limit says, which are no operations any more', () => {
    const shedding = createShedding(() => ({ ...defaultLimits, operations: 1, subscriptions: 2 }));
    const subscribe = (): Permit => {
      const permit = admit(shedding);
      const refusal = permit.streams();
      if (refusal === undefined) return permit;
      permit.release();
      throw refusal;
    };
    const subscription = subscribe();
    subscribe();
    expect(subscribe).toThrow('its limit of subscriptions');
    subscription.release();
    subscription.release();
    subscribe();
    expect(subscribe).toThrow('its limit of subscriptions');
    admit(shedding);
  });

  test('a client that left before its operation was parsed takes no subscription permit', () => {
    const shedding = createShedding(() => ({ ...defaultLimits, subscriptions: 1 }));
    const left = admit(shedding);
    left.release();
    expect(left.streams()).toBeUndefined();
    expect(admit(shedding).streams()).toBeUndefined();
  });
});

describe('the share of a caller', () => {
  const stage = useStage();
  let server: GatewayServer;
  afterEach(() => server.close());

  const start = async (limits: Partial<typeof defaultLimits>): Promise<void> => {
    const identify: Identify = ({ headers }) => ({
      upstreamScope: 'account',
      name: headers.get('x-api-key') ?? '',
      roles: ['VIEWER'],
      leagues: 'ALL',
    });
    const shedding = createShedding(() => ({ ...defaultLimits, ...limits }));
    server = await serve(stage.sandbox, { identify }, { shedding });
  };
  const named = (name: string) => ({ 'x-api-key': name });
  const query = '{ viewer { name } }';
  const ask = async (name: string) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...named(name) },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, wait: response.headers.get('retry-after'), text: await response.text() };
  };
  const refused = (what: string) => ({
    message: `You have 1 ${what} under way, as many as one caller may. Nothing was executed.`,
    extensions: { code: 'THROTTLED', retryAfter: 2 },
  });

  test('is half of all operations: bodies that never come take no place of others’', async () => {
    await start({ operations: 2 });
    const connection = connectTo(server.url);
    connection.write(
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\nx-api-key: greedy\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
    );
    await expect.poll(async () => (await ask('greedy')).status).toBe(429);
    const { wait, text } = await ask('greedy');
    expect([wait, JSON.parse(text)]).toEqual(['2', { errors: [refused('operations')] }]);
    for (const connect of [overWebSocket, overEvents]) {
      const other = connect(server.url, named('other'));
      expect((await other.ask({ query }).next())?.errors).toBeUndefined();
      other.close();
    }
    const overSocket = overWebSocket(server.url, named('greedy'));
    await expect(overSocket.ask({ query }).next()).rejects.toMatchObject([refused('operations')]);
    overSocket.close();
    connection.destroy();
    await expect.poll(async () => (await ask('greedy')).status).toBe(200);
  });

  test.each(transports)('is half of all subscriptions, over %s', async (_, connect) => {
    await start({ subscriptions: 2 });
    const agent = stage.sandbox.agents[0]?.id ?? '';
    const watch = (name: string) => {
      const client = connect(server.url, named(name));
      const stream = client.ask<unknown>({ query: `subscription { agentStatus(id: "Agent:${agent}") { status } }` });
      return { client, next: stream.next() };
    };
    const first = watch('greedy');
    expect((await first.next)?.errors).toBeUndefined();
    const second = watch('greedy');
    await expect(second.next).rejects.toBeDefined();
    const other = watch('other');
    expect((await other.next)?.errors).toBeUndefined();
    for (const { client } of [first, second, other]) client.close();
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
  const start = async (shedding: Shedding): Promise<string> => {
    const gateway = gatewayFor(configFor(stage.sandbox));
    server = await startServer(gateway, { host: '127.0.0.1', port: 0, shedding, log: logTo(lines) });
    return server.url;
  };

  test('a shed operation gets Retry-After and costs no call; probes answer', async () => {
    const shedding = createShedding(() => ({ ...defaultLimits, operations: 1 }));
    const permit = admit(shedding);
    const url = await start(shedding);
    const refused = await ask(url, 'application/graphql-response+json');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(refused.headers.get('x-request-id')).toBe('shed-1');
    expect(lines).toMatchObject([
      { msg: 'request refused', requestId: 'shed-1', status: 503, errorCodes: ['OVERLOADED'] },
    ]);
    expect(refused.headers.get('content-type')).toBe('application/graphql-response+json');
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'OVERLOADED', retryAfter: 2 } }] });
    expect(await stage.sandbox.client.calls({ operationId: 'listLeagues' })).toEqual([]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    // On a busy machine the first probes may not be answered yet.
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 10_000 }).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      'tics_gateway_requests_refused_total{code="OVERLOADED"} 1',
    );
    permit.release();
    expect((await ask(url)).status).toBe(200);
  });

  test('operations above the limit are shed, those in flight are answered and release their permits', async () => {
    const url = await start(createShedding(() => ({ ...defaultLimits, operations: 2 })));
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 300 }]);
    const inFlight = [ask(url), ask(url)];
    await stage.sandbox.client.waitForCalls(2, { operationId: 'listLeagues' });
    expect((await ask(url)).status).toBe(503);
    expect((await Promise.all(inFlight)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await ask(url)).status).toBe(200);
  });

  test('a client that leaves before the answer releases its permit', async () => {
    const url = await start(createShedding(() => ({ ...defaultLimits, operations: 1 })));
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

describe('subscriptions', () => {
  const stage = useStage();
  let server: GatewayServer;
  const clients: Client[] = [];
  afterEach(async () => {
    clients.splice(0).forEach((client) => client.close());
    await server.close();
  });

  const open = (connect: (url: string) => Client): Client => {
    const client = connect(server.url);
    clients.push(client);
    return client;
  };

  /** A subscription that has received its first event, or the errors with which it was refused. */
  const watch = async (client: Client) => {
    const run = stage.sandbox.world.instances.find(({ agentId }) => agentId === stage.sandbox.agents[0]?.id);
    await stage.sandbox.client.setInstanceStatus(run?.id ?? '', 'RUNNING');
    const answers = client.ask<object | null>({
      query: 'subscription ($id: ID!) { instanceStatus(id: $id) { status } }',
      variables: { id: `Instance:${run?.leagueId}/${run?.id}` },
    });
    const first = await answers.next().catch(async (refusal: unknown) => ({ errors: await errorsOf(refusal) }));
    return { leave: answers.leave, errors: first?.errors };
  };

  /** A WebSocket's client throws the errors of an operation that was not begun, that of server-sent events the response. */
  const errorsOf = async (refusal: unknown): Promise<unknown> => {
    if (!(refusal instanceof NetworkError)) return refusal;
    const [, data = ''] =
      /^data: (.+)$/m.exec((await (refusal as NetworkError<Response>).response?.text()) ?? '') ?? [];
    return (JSON.parse(data) as { readonly errors: unknown }).errors;
  };

  const refused = [{ message: expect.stringContaining('its limit of subscriptions') as string }];

  test.each(transports)('above the limit are refused over %s, wherever the others are', async (_, connect) => {
    const shedding = createShedding(() => ({ ...defaultLimits, subscriptions: 2 }));
    server = await serve(stage.sandbox, {}, { shedding });
    const first = await watch(open(overEvents));
    expect([first.errors, (await watch(open(overWebSocket))).errors]).toEqual([undefined, undefined]);
    const client = open(connect);
    const { errors } = await watch(client);
    expect(errors).toMatchObject(refused);
    expect(errors).toMatchObject([{ extensions: { code: 'OVERLOADED', retryAfter: 2 } }]);
    expect(JSON.stringify(errors)).not.toContain('"http"');
    await first.leave();
    await expect.poll(async () => (await watch(client)).errors).toBeUndefined();
    expect((await watch(client)).errors).toMatchObject(refused);
    // Queries are not counted among them.
    expect(await client.ask({ query: '{ __typename }' }).next()).toEqual({ data: { __typename: 'Query' } });
  });

  test.each(['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])(
    'that are refused over HTTP have status 503 and Retry-After, and are counted: %s',
    async (accept) => {
      const shedding = createShedding(() => ({ ...defaultLimits, subscriptions: 0 }));
      server = await serve(stage.sandbox, {}, { shedding });
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query: 'subscription { agentStatus(id: "Agent:1") { status } }' }),
      });
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
      expect(await response.text()).toContain('"code":"OVERLOADED"');
      expect(await (await fetch(`${server.url}/metrics`)).text()).toContain(
        'tics_gateway_requests_refused_total{code="OVERLOADED"} 1',
      );
    },
  );
});
