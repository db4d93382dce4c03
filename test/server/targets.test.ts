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
    admin: { host: '127.0.0.1', port: 0 },
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

/** An operation alone, as a form of an upload. */
function formOf(operations: string): string {
  return `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${operations}\r\n--x--\r\n`;
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

describe('a request that asks before it sends its body', () => {
  const json = ['content-type: application/json'];

  test.each([
    ['another path', ['POST /nothing HTTP/1.1', 'host: localhost', ...json], 404],
    ['another host', ['POST /graphql HTTP/1.1', 'host: evil.example', ...json], 421],
    ['another origin', ['POST /graphql HTTP/1.1', 'host: localhost', 'origin: https://evil.example', ...json], 403],
    ['an HTML form', ['POST /graphql HTTP/1.1', 'host: localhost', 'content-type: text/plain'], 415],
    [
      'an encoding that is not read',
      ['POST /graphql HTTP/1.1', 'host: localhost', 'content-encoding: zstd', ...json],
      415,
    ],
    [
      'an upload without its header',
      ['POST /graphql HTTP/1.1', 'host: localhost', 'content-type: multipart/form-data'],
      400,
    ],
  ])('is refused without it: %s', async (_, lines, status) => {
    expect(await raw([...lines, 'content-length: 2', 'expect: 100-continue'])).toMatch(
      new RegExp(`^HTTP/1.1 ${status} `),
    );
  });

  test('is refused without it where it is too large', async () => {
    const lines = ['POST /graphql HTTP/1.1', 'host: localhost', ...json, 'content-length: 1000000000'];
    expect(await raw([...lines, 'expect: 100-continue'])).toMatch(/^HTTP\/1.1 413 /);
  });

  test.each([
    ['as JSON', 'application/json', '{"query":"{ __typename }"}'],
    ['as a document', 'application/graphql', '{ __typename }'],
    ['with an upload', 'multipart/form-data; boundary=x', formOf('{"query":"{ __typename }"}')],
  ])('is told to go on, and answered on the same connection as the next one: %s', async (_, type, body) => {
    const connection = connectTo(server.url);
    const received = { text: '' };
    connection.on('data', (chunk) => (received.text += String(chunk)));
    const receive = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(received.text)) await once(connection, 'data');
      received.text = '';
    };
    for (let turn = 0; turn < 2; turn += 1) {
      const head = ['POST /graphql HTTP/1.1', 'host: localhost', `content-type: ${type}`, 'expect: 100-continue'];
      const fields = [`content-length: ${body.length}`, 'graphql-require-preflight: 1', '', ''];
      connection.write([...head, ...fields].join('\r\n'));
      await receive(/^HTTP\/1.1 100 Continue\r\n\r\n$/);
      connection.write(body);
      await receive(/^HTTP\/1.1 200 OK[^]*"Query"/);
    }
    connection.destroy();
  });
});

describe('a path', () => {
  const send = async (method: string, target: string, accept = 'application/json') => {
    const response = await fetch(target, { method, redirect: 'manual', headers: { accept } });
    const body = await response.text();
    const { errors = [] } = (body.startsWith('{"errors"') ? JSON.parse(body) : {}) as {
      errors?: { message: string; extensions: { code: string } }[];
    };
    return {
      status: response.status,
      allow: response.headers.get('allow'),
      codes: errors.map((e) => e.extensions.code),
      type: response.headers.get('content-type'),
      messages: errors.map(({ message }) => message).join(),
    };
  };

  test.each([
    '/nothing',
    '/graphql//',
    '/GraphQL',
    '//graphql',
    '/api/graphql',
    '/graphql/x',
    '/metrics',
    '/bi',
    '/odata/v4/',
  ])('that has nothing is 404, with a code and where to go: %s', async (path) => {
    for (const method of ['GET', 'POST', 'DELETE'])
      expect(await send(method, `${server.url}${path}`)).toMatchObject({
        status: 404,
        codes: ['NOT_FOUND'],
        type: 'application/json',
        messages: expect.stringMatching(/\/graphql|bi\.storage/) as string,
      });
    const { type } = await send('GET', `${server.url}${path}`, 'application/graphql-response+json');
    expect(type).toBe('application/graphql-response+json');
  });

  test.each(['/', '/healthz', '/readyz', '/healthz/'])(
    'that is only read is 405 for other methods: %s',
    async (path) => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
        expect(await send(method, `${server.url}${path}`)).toMatchObject({
          status: 405,
          codes: ['BAD_REQUEST'],
          allow: 'GET, HEAD',
        });
      // `/readyz` may say that it is not ready.
      for (const method of ['GET', 'HEAD'])
        expect(await send(method, `${server.url}${path}`)).toMatchObject({ allow: null, codes: [] });
    },
  );

  test('of the listener for operators too', async () => {
    const at = (path: string): string => server.metricsUrl.replace('/metrics', path);
    expect(await send('GET', at('/graphql'))).toMatchObject({
      status: 404,
      codes: ['NOT_FOUND'],
      messages: expect.stringContaining('/metrics, /readyz, /healthz') as string,
    });
    expect(await send('POST', at('/metrics'))).toMatchObject({ status: 405, codes: ['BAD_REQUEST'] });
    expect((await send('GET', at('/metrics/'))).status).toBe(200);
  });

  test.each(['PUT', 'DELETE', 'PATCH'])('/graphql is 405 for %s', async (method) => {
    for (const path of ['/graphql', '/graphql/'])
      expect(await send(method, `${server.url}${path}`)).toMatchObject({
        status: 405,
        codes: ['BAD_REQUEST'],
        allow: 'GET, POST',
      });
  });

  test('/graphql/ is /graphql: for POST, GET, preflights, the page, events and WebSockets', async () => {
    const target = `${server.url}/graphql/`;
    const headers = { 'content-type': 'application/json' };
    const body = '{"query":"{ __typename }"}';
    const posted = await fetch(target, { method: 'POST', redirect: 'manual', headers, body });
    expect([posted.status, await posted.json()]).toEqual([200, { data: { __typename: 'Query' } }]);
    const got = await fetch(`${target}?query={__typename}`, { headers: { accept: 'text/event-stream' } });
    expect(await got.text()).toContain('"__typename":"Query"');
    expect((await fetch(target, { method: 'OPTIONS' })).status).toBe(204);
    const page = await fetch(target, { method: 'HEAD', headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    const socket = new WebSocket(target.replace('http', 'ws'), 'graphql-transport-ws');
    await once(socket, 'open');
    socket.terminate();
  });

  test.each([
    ['/elsewhere', 'localhost', '404 Not Found', 'NOT_FOUND'],
    ['/graphql', 'evil.example', '421 Misdirected Request', 'BAD_REQUEST'],
    ['/graphql', 'localhost\r\nsec-websocket-key: x', '400 Bad Request', 'BAD_REQUEST'],
  ])('where no WebSocket is opened says why: %s, Host %s', async (path, host, status, code) => {
    const answer = await raw([
      `GET ${path} HTTP/1.1`,
      `host: ${host}\r\nupgrade: websocket\r\nsec-websocket-version: 13`,
      'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nconnection: upgrade',
    ]);
    expect(answer).toContain(`HTTP/1.1 ${status}\r\n`);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ errors: [{ extensions: { code } }] });
  });

  test.each([
    ['no HTTP', ['hello'], 400],
    ['too many headers', ['GET / HTTP/1.1', 'host: localhost', `x: ${'x'.repeat(20_000)}`], 431],
    ['a length that is none', ['POST /graphql HTTP/1.1', 'host: localhost', 'content-length: x'], 400],
    ['no Host', ['POST /graphql HTTP/1.1'], 400],
    ['no Host, of a probe', ['GET /healthz HTTP/1.1'], 400],
    ['two Hosts', ['GET /graphql?query={__typename} HTTP/1.1', 'host: localhost', 'Host: evil.example'], 400],
    ['twice the same Host', ['GET /healthz HTTP/1.1', 'host: localhost', 'host: localhost'], 400],
    [
      'two Hosts of a WebSocket',
      [
        'GET /graphql HTTP/1.1',
        'host: localhost\r\nhost: evil.example\r\nupgrade: websocket\r\nsec-websocket-version: 13',
        'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nconnection: upgrade',
      ],
      400,
    ],
    ['an expectation that nobody meets', ['POST /graphql HTTP/1.1', 'host: localhost', 'expect: 200-ok'], 417],
    ['CONNECT', ['CONNECT tics.example.com:443 HTTP/1.1', 'host: localhost'], 405],
  ])('of a request that can’t be read is answered with a code: %s', async (_, lines, status) => {
    const answer = await raw(lines);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      errors: [{ extensions: { code: 'BAD_REQUEST' } }],
    });
  });
});
