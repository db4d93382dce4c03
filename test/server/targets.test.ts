import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { connectTo } from '../support/rawConnection.ts';

const stage = useStage();
let server: GatewayServer;

beforeAll(async () => {
  server = await startServer(gatewayFor(configFor(stage.sandbox)), {
    host: '127.0.0.1',
    port: 0,
    hosts: ['tics.example.com'],
  });
});
afterAll(() => server.close());

/** What the server writes to a request as it is sent. */
async function raw(lines: readonly string[]): Promise<string> {
  const connection = connectTo(server.url);
  let answer = '';
  connection.on('data', (chunk) => (answer += String(chunk)));
  connection.write([...lines, 'connection: close', '', ''].join('\r\n'));
  await once(connection, 'close');
  return answer;
}

test.each([
  ['GET http://localhost/graphql?query=%7B__typename%7D HTTP/1.1', 'localhost', 200],
  ['GET HTTP://TICS.example.com:80/graphql?query=%7B__typename%7D HTTP/1.1', 'other.example.com', 200],
  ['GET https://tics.example.com/graphql?query=%7B__typename%7D HTTP/1.1', 'tics.example.com', 200],
  ['GET http://localhost/healthz HTTP/1.1', 'localhost', 200],
  ['GET http://evil.example/graphql?query=%7B__typename%7D HTTP/1.1', 'localhost', 421],
])('a target in absolute form is answered by its path, and its host counts: %s', async (line, host, status) => {
  expect(await raw([line, `host: ${host}`])).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

describe('a page of the gateway’s own may open a WebSocket', () => {
  test.each([
    ['tics.example.com:443', 'https://tics.example.com', 'open'],
    ['tics.example.com:80', 'http://tics.example.com', 'open'],
    ['TICS.Example.COM', 'https://tics.example.com', 'open'],
    ['tics.example.com', 'https://tics.example.com:443', 'open'],
    ['tics.example.com:8443', 'https://tics.example.com:8443', 'open'],
    ['tics.example.com:8443', 'https://tics.example.com', 'HTTP 403'],
    ['tics.example.com:443', 'http://tics.example.com', 'HTTP 403'],
    ['tics.example.com', 'null', 'HTTP 403'],
    ['tics.example.com', 'https://tics.example.com.evil.example', 'HTTP 403'],
  ])('Host %s, Origin %s: %s', async (host, origin, expected) => {
    const headers = { host, origin };
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
    socket.on('error', () => undefined);
    const outcome = await new Promise((resolve) => {
      socket.once('open', () => resolve('open'));
      socket.once('unexpected-response', (_, { statusCode }) => resolve(`HTTP ${statusCode}`));
    });
    socket.terminate();
    expect(outcome).toBe(expected);
  });
});

describe('the GraphiQL page', () => {
  const ask = async (method: string, headers: Record<string, string>) => {
    const sent = request(`${server.url}/graphql`, { method, headers: { accept: 'text/html', ...headers } });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  };

  test('HEAD is answered as GET, without the page', async () => {
    const page = await ask('GET', {});
    const head = await ask('HEAD', {});
    expect([head.status, head.body]).toEqual([200, '']);
    for (const name of ['content-type', 'content-length', 'etag', 'vary'] as const)
      expect(head.headers[name]).toBe(page.headers[name]);
  });

  test.each([
    ['identity', undefined],
    ['gzip;q=0', undefined],
    ['gzip;q=0, identity', undefined],
    ['*;q=0, identity', undefined],
    ['br', undefined],
    ['gzip', 'gzip'],
    ['GZIP ; Q=0.5', 'gzip'],
    ['*', 'gzip'],
  ])('Accept-Encoding: %s is sent as %s', async (encoding, expected) => {
    const { status, headers } = await ask('HEAD', { 'accept-encoding': encoding });
    expect([status, headers['content-encoding']]).toEqual([200, expected]);
  });

  test('no encoding that fits: 406, with a body', async () => {
    const { status, body } = await ask('GET', { 'accept-encoding': 'identity;q=0' });
    expect(status).toBe(406);
    expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  test.each(['text/html;q=0', 'text/html;q=0, */*', 'application/json, text/html;q=0.0', '*/*', 'application/json'])(
    'is not sent for Accept: %s',
    async (accept) => {
      const { headers } = await ask('GET', { accept });
      expect(headers['content-type']).not.toContain('html');
    },
  );
});
