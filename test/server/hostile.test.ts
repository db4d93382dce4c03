import { once } from 'node:events';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';
import { connectTo } from '../support/rawConnection.ts';

const stage = useStage();
const lines: Readonly<Record<string, unknown>>[] = [];
let server: GatewayServer;

beforeEach(async () => {
  lines.length = 0;
  const log = logTo(lines);
  server = await startServer(gatewayFor(configFor(stage.sandbox), { log }), { host: '127.0.0.1', port: 0, log });
});

afterEach(async () => {
  await server.close();
  expect(lines.filter(({ msg }) => msg === 'internal error')).toEqual([]);
});

describe('a document that recurses in the parser is the caller’s fault', () => {
  const deep = 2_000;

  test.each([
    ['fields', '{a'.repeat(deep)],
    ['fields, many more', '{a'.repeat(40_000)],
    ['lists', `{ a(b: ${'['.repeat(deep)}`],
    ['lists alone', '['.repeat(deep)],
    ['objects', `{ a(b: ${'{a:'.repeat(deep)}`],
    ['fragments', '...{'.repeat(deep)],
    ['fragments in a selection', `{${'...{'.repeat(deep)}`],
    ['types of variables', `query ($a: ${'['.repeat(deep)}Int${']'.repeat(deep)}) { a }`],
    ['arguments of directives', `{ a ${'@x(a: ['.repeat(deep)}`],
  ])('%s', async (_, query) => {
    for (const accept of ['application/json', 'text/event-stream']) {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query }),
      });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('"code":"GRAPHQL_PARSE_FAILED"');
    }
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await once(socket, 'message');
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    const answered = once(socket, 'message').then(([data]: Buffer[]) => String(data));
    const closed = once(socket, 'close').then(([code]: number[]) => `closed ${code}`);
    // A frame that is too large ends the socket.
    expect(await Promise.race([answered, closed])).toMatch(/"code":"GRAPHQL_PARSE_FAILED"|closed 1009/);
    socket.terminate();
  });
});

test.each([[undefined], ['*/*'], ['application/json'], ['application/graphql-response+json'], ['text/event-stream']])(
  'a body that is no JSON is refused with 400: Accept %s',
  async (accept) => {
    for (const body of ['{"que', '', '"x"', '1', '[]', 'null']) {
      const connection = connectTo(server.url);
      const headers = `content-type: application/json\r\n${accept === undefined ? '' : `accept: ${accept}\r\n`}`;
      connection.write(
        `POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`,
      );
      let answer = '';
      connection.on('data', (chunk) => (answer += String(chunk)));
      await once(connection, 'close');
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('"code":"BAD_REQUEST"');
    }
  },
);

test('a chunked body that is cut off is no internal error, whatever it holds', async () => {
  const types = [
    'application/json',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'application/graphql',
  ];
  for (const type of types)
    for (const sent of ['', '5\r\n{"que', '5\r\n{"que\r\n', 'zz\r\n', 'FFFFFFFF\r\n{"', '3\r\n--x\r\n']) {
      const connection = connectTo(server.url).on('error', () => undefined);
      await once(connection, 'connect');
      const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ngraphql-require-preflight: 1\r\ncontent-type: ${type}\r\n`;
      await new Promise<void>((done) =>
        connection.write(`${head}transfer-encoding: chunked\r\n\r\n${sent}`, () => done()),
      );
      // The gateway has begun with it once it answers another one.
      await (await fetch(`${server.url}/healthz`)).text();
      connection.resetAndDestroy();
    }
  const answer = await fetch(`${server.url}/graphql?query={__typename}`);
  expect(await answer.json()).toEqual({ data: { __typename: 'Query' } });
});

test('a connection that sends nothing, half a request, or no handshake of TLS is closed within 12 s', async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
  const overTls = await startServer(gatewayFor(configFor(stage.sandbox)), {
    host: '127.0.0.1',
    port: 0,
    tls: { certificate: cert, key },
  });
  // The first bytes of a ClientHello.
  const hello = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);
  const startedMs = performance.now();
  await Promise.all(
    [
      [server.url, ''],
      [server.url, 'GET /healthz HTTP/1.1\r\nhost: local'],
      [overTls.url, ''],
      [overTls.url, hello],
    ].map(async ([url = '', sent = '']) => {
      const connection = connectTo(String(url)).resume();
      connection.on('error', () => undefined);
      if (sent.length > 0) connection.write(sent);
      // Bytes that trickle do not prolong it.
      const trickle = setInterval(() => sent.length > 0 && connection.write('x'), 500);
      await once(connection, 'close');
      clearInterval(trickle);
    }),
  );
  expect(performance.now() - startedMs).toBeLessThan(20_000);
  await overTls.close();
}, 30_000);
