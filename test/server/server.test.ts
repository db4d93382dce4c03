import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { startServer, type GatewayServer, type ServerOptions } from '../../src/server/server.ts';
import { logTo } from '../support/log.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';

type Line = Readonly<Record<string, unknown>>;

const stage = useStage();
let server: GatewayServer | undefined;

async function start(options: Partial<ServerOptions> = {}): Promise<GatewayServer> {
  server = await startServer(gatewayFor(configFor(stage.sandbox)), { host: '127.0.0.1', port: 0, ...options });
  return server;
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

describe('over HTTP', () => {
  test('an operation is answered, and the answer names its request', async () => {
    const { url } = await start();
    const response = await post(url, { query: '{ leagues(first: 1) { totalCount } }' }, { 'x-request-id': 'mine-1' });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-request-id')).toBe('mine-1');
    expect(await response.json()).toEqual({ data: { leagues: { totalCount: stage.sandbox.world.leagues.length } } });
  });

  test('a request id that could not stand in a log is replaced', async () => {
    const { url } = await start();
    const response = await post(url, { query: '{ __typename }' }, { 'x-request-id': 'a b"c' });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('POST that also accepts HTML gets JSON; only GET gets the page', async () => {
    const { url } = await start();
    const accept = 'application/json, text/html';
    const response = await post(url, { query: '{ __typename }' }, { accept });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  test('GET serves queries', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/graphql?query=${encodeURIComponent('{ __typename }')}`);
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  test.each([
    ['text that is no JSON', '{"que', 400, 'BAD_REQUEST'],
    ['a body without a query', {}, 400, 'BAD_REQUEST'],
    ['a document that is no GraphQL', { query: '{ leagues' }, 400, 'GRAPHQL_PARSE_FAILED'],
    ['a field that does not exist', { query: '{ nothing }' }, 400, 'GRAPHQL_VALIDATION_FAILED'],
  ])('%s is refused with a code', async (_, body, status, code) => {
    const { url } = await start();
    const response = await post(url, body, { accept: 'application/graphql-response+json' });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code } }] });
  });

  test("a variable of the wrong type is refused without repeating the caller's value", async () => {
    const { url } = await start();
    const response = await post(url, {
      query: 'query ($first: Int!) { leagues(first: $first) { totalCount } }',
      variables: { first: 'planted-secret' },
    });
    const answer = await response.text();
    expect(answer).not.toContain('planted-secret');
    expect(JSON.parse(answer)).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    expect(answer).toContain('$first');
  });

  test.each([
    ['application/graphql-response+json', 400],
    ['application/json', 200],
  ])('a variable that does not fit is the request’s fault: %s, %i', async (accept, status) => {
    const { url } = await start();
    const query = 'query ($first: Int!) { leagues(first: $first) { totalCount } }';
    const response = await post(url, { query, variables: { first: 'x' } }, { accept });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    const ofAField = await post(url, { query: '{ node(id: "x") { id } }' }, { accept });
    expect(ofAField.status).toBe(200);
  });

  test.each([
    ['a number out of range', 'query ($v: Int!) { leagues(first: $v) { totalCount } }', 77_777_777_777],
    ['a word of an enum', 'query ($v: LeagueRoleInput!) { leagues(role: $v) { totalCount } }', 'PLANTED77'],
    ['a word in the document', '{ leagues(role: PLANTED77) { totalCount } }', null],
    ['a text in the document', '{ leagues(role: "PLANTED77") { totalCount } }', null],
    ['a number in the document', '{ leagues(first: 77777777777) { totalCount } }', null],
    ['a text for an object', 'mutation { updateLeague(input: "PLANTED77") { userErrors { code } } }', null],
    ['a text for a file', 'query ($v: Upload!) { node(id: "x") @skip(if: $v) { id } }', 'PLANTED77'],
    [
      'an object with one key too many',
      'mutation ($v: UpdateLeagueInput!) { updateLeague(input: $v) { userErrors { code } } }',
      { id: 'PLANTED77; "a"', more: 'PLANTED77' },
    ],
    [
      'a key of an object',
      'mutation ($v: UpdateLeagueInput!) { updateLeague(input: $v) { userErrors { code } } }',
      { id: { PLANTED: 77 } },
    ],
    ['a list in a list', 'query ($v: [ID!]!) { nodes(ids: $v) { id } }', [['PLANTED77; at "x"']]],
  ])('%s that does not fit is not repeated', async (_, query, v) => {
    const { url } = await start();
    const answer = await (await post(url, { query, variables: { v } })).text();
    expect(answer).toContain('"errors"');
    expect(answer).not.toContain('77');
  });

  test('an operation that the document does not single out is refused with a documented code', async () => {
    const { url } = await start();
    const answer: unknown = await (await post(url, { query: 'query A { __typename } query B { __typename }' })).json();
    expect(answer).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  test("another page's HTML form changes nothing", async () => {
    const { url } = await start();
    const [league] = stage.sandbox.world.leaguesOfRole('OWNER');
    const mutation = `mutation { updateLeague(input: { id: "${league?.id}", description: "x" }) { userErrors { code } } }`;
    const response = await fetch(`${url}/graphql`, { method: 'POST', body: new URLSearchParams({ query: mutation }) });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test.each([
    ['no type', undefined],
    ['plain text', 'text/plain'],
    ['plain text that calls itself JSON', 'text/plain; application/json'],
    ['a form in capitals', 'Application/X-WWW-Form-URLencoded'],
    ['a form behind a comma', 'x, application/x-www-form-urlencoded'],
  ])('a mutation that any page could send, as %s, is not executed', async (_, type) => {
    const { url } = await start();
    const [league] = stage.sandbox.world.leaguesOfRole('OWNER');
    const query = `mutation { updateLeague(input: { id: "${league?.id}", description: "x" }) { userErrors { code } } }`;
    const response = await fetch(`${url}/graphql?query=${encodeURIComponent(query)}`, {
      method: 'POST',
      body: Buffer.from(JSON.stringify({ query })),
      ...(type !== undefined && { headers: { 'content-type': type } }),
    });
    expect(response.status).toBe(415);
    const asked = await fetch(`${url}/graphql?query=${encodeURIComponent(query)}`);
    expect(asked.status).toBe(405);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test('no other page may read an answer', async () => {
    const { url } = await start();
    const headers = { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' };
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      const response = await fetch(`${url}/graphql?query={__typename}`, { method, headers });
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  test('a connection is kept for longer than load balancers keep theirs', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/healthz`)).headers.get('keep-alive')).toBe('timeout=65');
  });

  test('a malformed Host header is a bad request, without internals', async () => {
    const lines: Line[] = [];
    const { url } = await start({ log: logTo(lines) });
    const { port } = new URL(url);
    const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const asked = request({ port, host: '127.0.0.1', path: '/graphql', headers: { host: ']no[ host' } });
      asked.once('response', (response) => {
        text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
      });
      asked.once('error', reject).end();
    });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    expect(lines).toMatchObject([{ msg: 'request refused', status: 400, errorCodes: ['BAD_REQUEST'] }]);
  });

  test('an internal failure is a 500 without its message, which is logged', async () => {
    const lines: Line[] = [];
    const gateway = gatewayFor(configFor(stage.sandbox));
    const handle = () => Promise.reject(new Error('planted-secret'));
    server = await startServer({ ...gateway, handle }, { host: '127.0.0.1', port: 0, log: logTo(lines) });
    const response = await post(server.url, { query: '{ __typename }' });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('planted-secret');
    expect(lines).toMatchObject([{ level: 'error', msg: 'internal error', err: { message: 'planted-secret' } }]);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  test('an internal failure of an operation is masked, and logged', async () => {
    const lines: Line[] = [];
    const identify = (): never => {
      throw new Error('planted-secret');
    };
    const gateway = gatewayFor(configFor(stage.sandbox), { log: logTo(lines), identify });
    server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
    const answer = await (await post(server.url, { query: '{ __typename }' })).text();
    expect(JSON.parse(answer)).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL' } }] });
    expect(answer).not.toContain('planted-secret');
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        msg: 'internal error',
        err: expect.objectContaining({ message: 'planted-secret' }) as object,
      }),
    );
  });

  test('metrics may be answered on a port of their own, and then nowhere else', async () => {
    const { url, metricsUrl } = await start({ admin: { host: '127.0.0.1', port: 0 } });
    expect(new URL(metricsUrl).port).not.toBe(new URL(url).port);
    expect(await (await fetch(metricsUrl)).text()).toContain('# HELP tics_gateway_operations_total ');
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    expect((await fetch(new URL('/graphql?query={__typename}', metricsUrl))).status).toBe(404);
    const taken = startServer(gatewayFor(configFor(stage.sandbox)), {
      host: '127.0.0.1',
      port: 0,
      admin: { host: '127.0.0.1', port: Number(new URL(metricsUrl).port) },
    });
    await expect(taken).rejects.toThrow('is in use');
    await server?.close();
    server = undefined;
    await expect(fetch(metricsUrl)).rejects.toThrow();
  });

  test('metrics are answered to the end of a stop', async () => {
    const { url, metricsUrl, close } = await start({ admin: { host: '127.0.0.1', port: 0 } });
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 300 }]);
    const answer = post(url, { query: '{ leagues(role: OWNER, first: 1) { totalCount } }' });
    await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagues' });
    const closed = close();
    expect((await fetch(metricsUrl)).status).toBe(200);
    expect((await answer).status).toBe(200);
    await closed;
    server = undefined;
  });

  test('a port in use is reported as such', async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    const second = startServer(gatewayFor(configFor(stage.sandbox)), { host: '127.0.0.1', port });
    await expect(second).rejects.toThrow(`Port ${port} of 127.0.0.1 is in use.`);
  });

  test('probes: alive, ready, and not ready while it drains', async () => {
    const { url, close } = await start();
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'alive' });
    const readiness = async (): Promise<unknown> => (await fetch(`${url}/readyz`)).json();
    // A busy machine may not know yet.
    await expect.poll(readiness, { timeout: 10_000 }).toMatchObject({ status: 'ready' });
    await close();
    await expect(fetch(`${url}/readyz`)).rejects.toThrow();
    server = undefined;
  });

  test('a request in flight finishes while the gateway stops', async () => {
    const { url, close } = await start();
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 300 }]);
    const answer = post(url, { query: '{ leagues(role: OWNER, first: 1) { totalCount } }' });
    await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagues' });
    // A second close is not faster.
    const closed = Promise.all([close(), close()]);
    expect(await (await answer).json()).toMatchObject({
      data: { leagues: { totalCount: expect.any(Number) as number } },
    });
    await closed;
    server = undefined;
  });

  test('GraphiQL is one page that asks no other host for anything', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('content-security-policy')).toBe("frame-ancestors 'none'");
    const page = await response.text();
    expect(page).not.toMatch(/<(?:script|link)[^>]+(?:src|href)="https?:/);
    const again = await fetch(`${url}/graphql`, {
      headers: { accept: 'text/html', 'if-none-match': response.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  });
});
