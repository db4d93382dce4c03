import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { GatewayServer } from '../../src/server/server.ts';
import { useStage } from '../support/gateway.ts';
import { serve } from '../support/subscribe.ts';
import { connectTo } from '../support/rawConnection.ts';

const stage = useStage();
let server: GatewayServer;
afterEach(() => server.close());

function upgrade(path: string, { method = 'GET', version = '13', http = '1.1' } = {}): string {
  return (
    `${method} ${path} HTTP/${http}\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
    `sec-websocket-version: ${version}\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`
  );
}

/** All that comes until the gateway closes the connection. */
async function answerTo(sent: string): Promise<string> {
  const connection = await open();
  let answer = '';
  connection.on('data', (chunk) => (answer += String(chunk)));
  connection.write(sent);
  await once(connection, 'close');
  return answer;
}

/** A connection to the gateway; whatever becomes of it is no fault of the test. */
async function open(options: { readonly allowHalfOpen?: boolean } = {}): Promise<Socket> {
  const connection = connectTo(server.url, options);
  connection.on('error', () => undefined);
  await once(connection, 'connect');
  return connection;
}

test('a client that is refused a WebSocket and does not close is not waited for', async () => {
  server = await serve(stage.sandbox);
  const connection = await open({ allowHalfOpen: true });
  connection.write(upgrade('/elsewhere'));
  const [answer] = (await once(connection, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 404 /);
  // What is written to a connection that is gone is answered by a reset.
  await expect.poll(() => (connection.write('more'), connection.destroyed), { timeout: 10_000 }).toBe(true);
});

test('a handshake by another method is 405, and HEAD gets no body', async () => {
  server = await serve(stage.sandbox);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD']) {
    const [head, body] = (await answerTo(upgrade('/graphql', { method }))).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 405 Method Not Allowed\r\n(.+\r\n)*allow: GET\r\n/);
    expect(body).toMatch(method === 'HEAD' ? /^$/ : /"code":"BAD_REQUEST"/);
  }
});

test.each(['12', '8', '14', '13, 8', '13.0', '0x0d', 'x', ''])(
  'a handshake of version "%s" is 426, and told the version that is spoken',
  async (version) => {
    server = await serve(stage.sandbox);
    const answer = await answerTo(upgrade('/graphql', { version }));
    expect(answer).toMatch(/^HTTP\/1.1 426 Upgrade Required\r\n/);
    expect(answer).toContain('\r\nsec-websocket-version: 13\r\n');
    expect(answer).toContain('\r\nupgrade: websocket\r\n');
    expect(answer).toContain('"code":"BAD_REQUEST"');
  },
);

test('an offer of HTTP/1.0, which has no upgrades, is a plain request', async () => {
  server = await serve(stage.sandbox);
  const answer = await answerTo(upgrade('/graphql?query={__typename}', { http: '1.0' }));
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
  expect(answer).toContain('"__typename":"Query"');
});

test('a client that asked for its connection to be closed gets it closed, whatever it offers beside', async () => {
  server = await serve(stage.sandbox);
  const head = 'GET /graphql?query={__typename} HTTP/1.1\r\nhost: localhost\r\nconnection: close, upgrade\r\n';
  expect(await answerTo(`${head}upgrade: h2c\r\n\r\n`)).toContain('"__typename":"Query"');
});

test('what follows a request that is being answered does not take its answer', async () => {
  server = await serve(stage.sandbox);
  await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 100 }]);
  const query = 'GET /graphql?query={leagues(role:OWNER){totalCount}} HTTP/1.1\r\nhost: localhost\r\n\r\n';
  const first = expect.stringMatching(/^HTTP\/1.1 200 [^]*"totalCount":/) as string;
  for (const next of [upgrade('/elsewhere'), 'CONNECT a.example:443 HTTP/1.1\r\nhost: a.example:443\r\n\r\n', 'odd'])
    expect(await answerTo(`${query}${next}`)).toEqual(first);
  const connection = await open();
  let received = '';
  connection.setEncoding('latin1').on('data', (text: string) => (received += text));
  connection.write(`${query}${upgrade('/graphql')}`);
  await expect.poll(() => received, { timeout: 10_000 }).toContain(' 101 Switching Protocols');
  expect(received).toEqual(first);
  connection.destroy();
});

test('a client that resets during an upgrade causes no error', async () => {
  server = await serve(stage.sandbox);
  for (let time = 0; time < 20; time += 1) {
    const connection = await open();
    await new Promise<void>((resolve) => connection.write(upgrade('/elsewhere'), () => resolve()));
    connection.resetAndDestroy();
  }
  // vitest fails the run for an error that nobody handled, as the process itself would end with one.
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test('no WebSocket is opened while the gateway closes', async () => {
  server = await serve(stage.sandbox);
  await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 1_000 }]);
  const inFlight = fetch(`${server.url}/graphql?query={leagues(role:OWNER){totalCount}}`);
  await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagues' });
  const connection = await open();
  const [head = '', tail = ''] = upgrade('/graphql').split(/(?<=host: localhost\r\n)/);
  connection.write(head);
  // By the time that this is answered, what was written before has been read.
  await fetch(`${server.url}/healthz`);
  const closed = server.close();
  const isTaken = () =>
    fetch(`${server.url}/healthz`).then(
      () => true,
      () => false,
    );
  await expect.poll(isTaken).toBe(false);
  connection.write(tail);
  const [answer] = (await once(connection, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 503 /);
  expect((await inFlight).status).toBe(200);
  await closed;
});

test.each<[string, (body: string) => string]>([
  ['a query', () => 'GET /graphql?query={__typename} HTTP/1.1\r\n'],
  [
    'a query with a body',
    (body) => `POST /graphql HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n`,
  ],
])('%s that comes with the offer of HTTP/2, as Java’s clients send it, is answered over HTTP/1.1', async (_, head) => {
  server = await serve(stage.sandbox);
  const connection = await open();
  const body = JSON.stringify({ query: '{ __typename }' });
  const offer =
    'host: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n\r\n';
  const request = head(body) + offer + (head(body).startsWith('POST') ? body : '');
  let received = '';
  connection.setEncoding('utf8').on('data', (text: string) => (received += text));
  // The second time over the same connection, and torn in two.
  connection.write(request);
  await expect.poll(() => received).toContain('"__typename":"Query"');
  expect(received).toMatch(/^HTTP\/1.1 200 /);
  received = '';
  connection.write(request.slice(0, -10));
  await fetch(`${server.url}/healthz`);
  connection.write(request.slice(-10));
  await expect.poll(() => received).toContain('"__typename":"Query"');
  connection.destroy();
});
