import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerOptions } from '../../src/server/server.ts';
import { useStage } from '../support/gateway.ts';
import { overWebSocket, serve, toEnd, transports, type Client } from '../support/subscribe.ts';
import type { GatewayDependencies } from '../../src/gateway/gateway.ts';
import type { GatewayServer } from '../../src/server/server.ts';
import { connectTo } from '../support/rawConnection.ts';
import { logTo } from '../support/log.ts';

const stage = useStage();
let server: GatewayServer;
let client: Client | undefined;

async function start(
  options: Partial<ServerOptions> = {},
  dependencies: Partial<GatewayDependencies> = {},
): Promise<string> {
  server = await serve(stage.sandbox, dependencies, options);
  return server.url;
}

afterEach(async () => {
  client?.close();
  client = undefined;
  await server.close();
});

function open(url: string, options: WebSocket.ClientOptions = {}): WebSocket {
  return new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', options);
}

async function closeOf(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}

describe('a socket', () => {
  test('that says nothing is closed', async () => {
    expect(await closeOf(open(await start({ sockets: { initWithinMs: 30 } })))).toBe(4408);
  });

  test('that is not there any more is cut', async () => {
    const socket = open(await start({ sockets: { pingEveryMs: 30 } }), { autoPong: false });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    expect(await closeOf(socket)).toBe(1006);
  });

  test('that sends too large a frame is closed', async () => {
    const socket = open(await start());
    await once(socket, 'open');
    socket.send('x'.repeat(64_001));
    expect(await closeOf(socket)).toBe(1009);
  });

  // Each ended the process, before anybody was known.
  test.each([
    ['connection_init', '{"type":"connection_ack"}'],
    ['ping', 'closed 4400'],
    ['pong', 'closed 4408'],
  ])('that sends a %s that nests deeply is answered: %s', async (type, expected) => {
    const socket = open(await start({ sockets: { initWithinMs: 500 } }));
    await once(socket, 'open');
    const deep = '['.repeat(30_000) + ']'.repeat(30_000);
    socket.send(`{"type":"${type}","payload":{"x-agent-token":${deep}}}`);
    const answered = once(socket, 'message').then(([data]: unknown[]) => String(data));
    const closed = closeOf(socket).then((code) => `closed ${code}`);
    expect(await Promise.race([answered, closed])).toBe(expected);
    socket.terminate();
  });

  // A reason holds 123 bytes. With a longer one the process ended.
  test.each([
    ['ab', 'Subscriber for ab already exists'],
    ['数'.repeat(40), 'Subscriber already exists'],
    ['x'.repeat(50_000), 'Subscriber already exists'],
  ])('that begins an operation of the same id twice is closed', async (id, reason) => {
    const socket = open(await start());
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await once(socket, 'message');
    const payload = { query: 'subscription { leagueInstances(leagueId: "League:x") { cursor } }' };
    for (let turn = 0; turn < 2; turn += 1) socket.send(JSON.stringify({ id, type: 'subscribe', payload }));
    const [code, given] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, String(given)]).toEqual([4409, reason]);
  });

  test.each([
    ['graphql-ws', 4406],
    ['graphql-ws, soap', 4406],
    ['graphql-ws, graphql-transport-ws', 4408],
    [undefined, 4408],
  ])('of a client that offers the protocols %s is closed with %i', async (offered, code) => {
    const connection = connectTo(await start({ sockets: { initWithinMs: 30 } }));
    connection.write(
      'GET /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
        `sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${offered === undefined ? '' : `sec-websocket-protocol: ${offered}\r\n`}\r\n`,
    );
    let answer = Buffer.alloc(0);
    connection.on('data', (chunk: Buffer) => (answer = Buffer.concat([answer, chunk])));
    const frame = () => answer.subarray(answer.indexOf('\r\n\r\n') + 4);
    // Opcode 8 closes; the code follows.
    while (frame()[0] !== 0x88) await once(connection, 'data');
    expect(frame().readUInt16BE(2)).toBe(code);
    connection.destroy();
  });

  test.each([
    ['text that is no JSON', '{'],
    ['a message of no known kind', '{"type":"other"}'],
    ['a message of the protocol before', '{"type":"start","id":"1","payload":{"query":"{ __typename }"}}'],
  ])('that sends %s is closed', async (_, text) => {
    const socket = open(await start());
    await once(socket, 'open');
    socket.send(text);
    expect(await closeOf(socket)).toBe(4400);
  });

  test('carries operations up to its limit, and each one that ends frees a permit', async () => {
    const runs = stage.sandbox.world.instances.filter(({ agentId }) => agentId === stage.sandbox.agents[0]?.id);
    const [run] = runs;
    await stage.sandbox.client.setInstanceStatus(run?.id ?? '', 'RUNNING');
    client = overWebSocket(await start({ sockets: { operations: 3 } }));
    const watching = client;
    const watch = () =>
      watching.ask({
        query: 'subscription ($id: ID!) { instanceStatus(id: $id) { status } }',
        variables: { id: `Instance:${run?.leagueId}/${run?.id}` },
      });
    const three = [watch(), watch(), watch()];
    await Promise.all(three.map(({ next }) => next()));
    await expect(watch().next()).rejects.toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    await three[0]?.leave();
    await expect
      .poll(() =>
        watch()
          .next()
          .catch(() => undefined),
      )
      .toMatchObject({ data: {} });
  });

  test.each([
    ['no origin', undefined, 101],
    ['the gateway’s own', 'own', 101],
    ['one that is configured', 'https://console.example.com', 101],
    ['any other', 'https://evil.example.com', 403],
    ['one that is no URL', 'null', 403],
  ])('of a page with %s', async (_, origin, status) => {
    const url = await start({ origins: ['https://console.example.com'] });
    const socket = open(url, origin === undefined ? {} : { origin: origin === 'own' ? url : origin });
    const answered = new Promise((resolve, reject) => {
      socket.once('open', () => resolve(101));
      socket.once('unexpected-response', (_, response) => resolve(response.statusCode));
      socket.once('error', reject);
    });
    expect(await answered).toBe(status);
    socket.terminate();
  });

  test('is refused where nothing is', async () => {
    const url = await start();
    const statusOf = async (request: string) => {
      const connection = connectTo(url).end(request);
      const [answer] = (await once(connection, 'data')) as [Buffer];
      return answer.toString().split('\r\n', 1)[0];
    };
    const head =
      'host: localhost\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
    expect(await statusOf(`GET /other HTTP/1.1\r\n${head}upgrade: websocket\r\n\r\n`)).toBe('HTTP/1.1 404 Not Found');
  });
});

describe('an operation of a socket', () => {
  test.each([
    ['a document that is no GraphQL', '{ leagues', 'GRAPHQL_PARSE_FAILED'],
    ['a field that does not exist', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a value that does not fit', '{ leagues(role: PLANTED77) { totalCount } }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('is refused for %s, and no value is repeated', async (_, query, code) => {
    client = overWebSocket(await start());
    const refused = await client
      .ask({ query })
      .next()
      .catch((error: unknown) => error);
    expect(refused).toMatchObject([{ extensions: { code } }]);
    expect(JSON.stringify(refused)).not.toMatch(/PLANTED77|"http"/);
  });

  test('has its time limit, and its errors name their request', async () => {
    client = overWebSocket(await start({}, { operationTimeoutMs: 50 }));
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 5_000 }]);
    const [answer] = await toEnd(client.ask({ query: '{ leagues(first: 1) { totalCount } }' }));
    expect(answer).toMatchObject({
      errors: [{ extensions: { code: 'UPSTREAM_TIMEOUT' } }],
      extensions: { requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
    });
  });

  test.each([
    ['it is completed', (socket: WebSocket) => socket.send('{"id":"1","type":"complete"}')],
    ['its socket closes', (socket: WebSocket) => socket.close()],
  ])('is not worked for any more when %s', async (_, leave) => {
    const url = await start();
    const socket = open(url);
    await once(socket, 'open');
    socket.send('{"type":"connection_init"}');
    await once(socket, 'message');
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 60_000 }]);
    const payload = { query: 'query Left { leagues(first: 1) { totalCount } }' };
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
    await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagues' });
    leave(socket);
    const metrics = async () => (await fetch(`${url}/metrics`)).text();
    await expect.poll(metrics).toContain('tics_gateway_upstream_requests_running{plane="SPACE"} 0');
    expect(await metrics()).toContain(
      'tics_gateway_operations_total{operation="other",kind="query",outcome="ABORTED"} 1',
    );
    socket.terminate();
  });

  test('is counted, and so is what is refused', async () => {
    const url = await start();
    client = overWebSocket(url);
    await toEnd(client.ask({ query: 'query Counted { __typename }' }));
    await client
      .ask({ query: '{ nothing }' })
      .next()
      .catch(() => undefined);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('tics_gateway_operations_total{operation="Counted",kind="query",outcome="OK"} 1');
    expect(metrics).toContain('tics_gateway_requests_refused_total{code="GRAPHQL_VALIDATION_FAILED"} 1');
    expect(metrics).toContain('tics_gateway_sockets 1');
  });
});

test.each(transports)('a subscription over %s is one line in the log, at its end', async (_, connectClient) => {
  const lines: Record<string, unknown>[] = [];
  const [run] = stage.sandbox.world.instances.filter(({ agentId }) => agentId === stage.sandbox.agents[0]?.id);
  await stage.sandbox.client.setInstanceStatus(run?.id ?? '', 'RUNNING');
  client = connectClient(await start({}, { log: logTo(lines) }));
  const query = 'subscription Told($id: ID!) { instanceStatus(id: $id) { status instance { jobName } } }';
  const variables = { id: `Instance:${run?.leagueId}/${run?.id}` };
  const ofTold = () => lines.filter(({ operation }) => operation === 'Told');

  const whole = client.ask({ query, variables });
  const left = client.ask({ query, variables });
  await Promise.all([whole.next(), left.next()]);
  expect(ofTold()).toEqual([]);
  await left.leave();
  await expect.poll(ofTold).toMatchObject([{ kind: 'subscription', outcome: 'ABORTED', errorCodes: [] }]);
  await stage.sandbox.client.setInstanceStatus(run?.id ?? '', 'FAILED');
  await toEnd(whole);
  await expect.poll(ofTold).toMatchObject([{}, { kind: 'subscription', outcome: 'OK', errorCodes: [] }]);
  expect(ofTold()[1]?.['upstreamCalls']).toBeGreaterThan(0);
  expect(new Set(ofTold().map(({ requestId }) => requestId)).size).toBe(2);
});

test('a connection that was opened ahead is not waited for when the server closes', async () => {
  const url = await start();
  const connection = connectTo(url);
  await once(connection, 'connect');
  const closed = once(connection, 'close');
  connection.resume();
  await fetch(`${url}/healthz`);
  await server.close();
  await closed;
});

test('a connection whose peer does not read is cut', async () => {
  const url = await start({ stalledMs: 120 });
  const all = Array.from(
    { length: 40 },
    (_, index) =>
      `a${index}: __schema { types { name description fields { name description args { name description } } } }`,
  );
  const body = JSON.stringify({ query: `{ ${all.join(' ')} }` });
  const connection = connectTo(url).pause();
  // A connection that is cut takes nothing any more; empty lines between requests are nothing.
  connection.on('error', () => undefined);
  connection.write(
    `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await expect
    .poll(() => (connection.write('\r\n'), connection.destroyed), { timeout: 15_000, interval: 50 })
    .toBe(true);
});
