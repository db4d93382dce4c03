import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startServer, type GatewayServer, type ServerOptions } from '../../src/server/server.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { overWebSocket } from '../support/subscribe.ts';

const stage = useStage();
let server: GatewayServer;

async function start(options: Partial<ServerOptions> = {}, introspection: 'on' | 'off' = 'on'): Promise<string> {
  const gateway = gatewayFor(configFor(stage.sandbox), {}, { introspection });
  server = await startServer(gateway, { host: '127.0.0.1', port: 0, ...options });
  return server.url;
}

afterEach(() => server.close());

const body = JSON.stringify({ query: '{ viewer { name } }' });

async function statusFor(url: string, host: string): Promise<number | undefined> {
  const sent = request(`${url}/graphql`, { method: 'POST', headers: { host, 'content-type': 'application/json' } });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [{ statusCode?: number; resume: () => void }];
  response.resume();
  return response.statusCode;
}

function open(url: string, headers: Record<string, string>): Promise<string> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('unexpected-response', (_, { statusCode }) => {
      socket.terminate();
      resolve(`HTTP ${statusCode}`);
    });
    socket.once('open', () => {
      socket.terminate();
      resolve('open');
    });
  });
}

describe('the Host', () => {
  test.each([
    ['127.0.0.1', 200],
    ['localhost:8080', 200],
    ['tics.example.com', 200],
    ['TICS.example.com:443', 200],
    ['evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['10.9.8.7', 421],
    ['localhost.evil.example', 421],
  ])('%s is answered %i, with a matching Origin over WebSocket too', async (host, status) => {
    const url = await start({ hosts: ['tics.example.com'] });
    expect(await statusFor(url, host)).toBe(status);
    expect(await open(url, { host, origin: `http://${host}` })).toBe(status === 200 ? 'open' : 'HTTP 421');
  });
});

describe('a page of another origin', () => {
  const origin = 'https://console.example.com';

  test('that is configured may ask over HTTP and WebSocket', async () => {
    const url = await start({ origins: [origin] });
    const preflight = await fetch(`${url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('x-api-key');
    for (const accept of ['application/json', 'text/event-stream']) {
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { origin, accept, 'content-type': 'application/json' },
        body,
      });
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
      expect(answer.headers.get('vary')).toContain('Origin');
      await answer.text();
    }
    expect(await open(url, { origin })).toBe('open');
  });

  const query = `/graphql?query=${encodeURIComponent('{ leagues { totalCount } }')}`;
  const events = `/graphql?query=${encodeURIComponent('subscription { leagueInstances(leagueId: "x") { kind } }')}`;
  const table = '/odata/v4/league';
  const bi: ServerOptions['bi'] = (_, response) => Promise.resolve(void response.end());

  /** Sends what `fetch` would not: it has rules on some of these headers. */
  const send = async (url: string, headers: Record<string, string>, sent?: string): Promise<number | undefined> => {
    const outgoing = request(url, { method: sent === undefined ? 'GET' : 'POST', headers });
    outgoing.end(sent);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(response.headers['access-control-allow-origin']).toBeUndefined();
    response.resume();
    return response.statusCode;
  };

  test.each<Record<string, string>>([
    { origin },
    { origin: 'null' },
    { origin: 'https://other.example.com.evil.example' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
  ])('that is not configured has nothing executed: %o', async (headers) => {
    const url = await start({ origins: ['https://other.example.com'], bi });
    const json = { 'content-type': 'application/json' };
    const upload = { 'content-type': 'multipart/form-data; boundary=b', 'apollo-require-preflight': 'true' };
    for (const path of [query, events, table])
      expect(await send(`${url}${path}`, { accept: 'text/event-stream', ...headers })).toBe(403);
    for (const more of [{}, json, upload, { 'content-type': 'text/plain' }])
      expect(await send(`${url}/graphql`, { ...more, ...headers }, body)).toBe(403);
    expect(await stage.sandbox.client.calls()).toEqual([]);
    expect(await open(url, headers)).toBe('HTTP 403');
    const preflight = await fetch(`${url}/graphql`, { method: 'OPTIONS', headers: { origin } });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('may link to tables, and a page of the own origin asks', async () => {
    const url = await start({ bi });
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(await send(`${url}${table}`, link)).toBe(200);
    expect(await send(`${url}${query}`, link)).toBe(403);
    const own: readonly Record<string, string>[] = [{ 'sec-fetch-site': 'same-origin' }, { origin: url }];
    for (const headers of own) expect(await send(`${url}${query}`, headers)).toBe(200);
  });
});

test('every answer tells browsers to guess nothing and to show it in no frame', async () => {
  const url = await start({ isPublicTls: true });
  for (const path of ['/graphql', '/healthz', '/nothing']) {
    const { headers } = await fetch(`${url}${path}`);
    expect([headers.get('x-content-type-options'), headers.get('x-frame-options')]).toEqual(['nosniff', 'DENY']);
    expect(headers.get('strict-transport-security')).toContain('max-age');
  }
});

describe('names that are wrong in variables', () => {
  const operations: readonly (readonly [query: string, variables: Record<string, unknown>])[] = [
    ['query ($role: LeagueRoleInput) { leagues(role: $role) { totalCount } }', { role: 'OWNR' }],
    ['query ($filter: AgentFilter) { agents(filter: $filter) { totalCount } }', { filter: { nme: 'x' } }],
    ['mutation ($input: StopInstanceInput!) { stopInstance(input: $input) { instanceId } }', { input: { idd: 'x' } }],
    ['query ($role: LeagueRoleInput) { leagues(role: $role) { ... @defer { totalCount } } }', { role: 'OWNR' }],
    [
      `subscription ($id: ID!, $types: [JobTypeInput!]) {
        leagueInstances(leagueId: $id) { instance { league { jobs(types: $types) { totalCount } } } }
      }`,
      { id: 'x', types: ['HFLL'] },
    ],
  ];
  /** The answers of all of them, over server-sent events, WebSocket and, where they are no streams, as JSON. */
  const answersAt = async (url: string): Promise<readonly string[]> => {
    const client = overWebSocket(url);
    const answers = await Promise.all(
      operations.flatMap(([query, variables]) => [
        ...['application/json', 'text/event-stream'].map(async (accept) => {
          const headers = { accept, 'content-type': 'application/json' };
          const body = JSON.stringify({ query, variables });
          const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
          return response.status === 406 ? '' : response.text();
        }),
        client.ask({ query, variables }).next().then(JSON.stringify),
      ]),
    );
    client.close();
    return answers.filter((answer) => answer !== '');
  };

  test('are suggested in development', async () => {
    const answers = await answersAt(await start({}));
    expect(answers.length).toBe(3 * operations.length - 2);
    for (const answer of answers) expect(answer).toContain('Did you mean');
  });

  test('are suggested nowhere else', async () => {
    const answers = await answersAt(await start({}, 'off'));
    for (const answer of answers) {
      expect(answer).toContain('got an invalid value');
      expect(answer).not.toContain('Did you mean');
    }
  });
});

describe('outside development', () => {
  const ask = async (url: string, query: string) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return JSON.stringify(await response.json());
  };

  test('the schema is not read, names are not suggested, and GraphiQL is not served', async () => {
    const url = await start({ graphiql: false }, 'off');
    expect(await ask(url, '{ __schema { types { name } } }')).toContain('introspection');
    expect(await ask(url, '{ __type(name: "League") { name } }')).not.toContain('"data":{"__type":{');
    expect(await ask(url, '{ __typename viewer { name } }')).toContain('"__typename":"Query"');
    for (const query of [
      '{ leages { totalCount } }',
      '{ leagues(frist: 1) { totalCount } }',
      '{ leagues(role: OWNR) { totalCount } }',
    ])
      expect(await ask(url, query)).not.toContain('Did you mean');
    const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
    expect(await page.text()).not.toContain('<html');
  });

  test('WebSocket reads no schema either', async () => {
    const url = await start({}, 'off');
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const received: string[] = [];
    socket.on('message', (data: Buffer) => received.push(data.toString()));
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await expect.poll(() => received.length).toBe(1);
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ __schema { types { name } } }' } }));
    await expect.poll(() => received.length).toBe(2);
    expect(received[1]).toContain('"type":"error"');
    socket.terminate();
  });
});
