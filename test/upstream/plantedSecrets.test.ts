import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TicsConfig } from '../../src/config/config.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { startTracing, type Tracing } from '../../src/telemetry/tracing.ts';
import { askGateway, gatewayFor } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';

/** What may not come out anywhere; with characters that JSON, URLs and patterns write otherwise. */
const planted = {
  password: 'PLANTED"pass\\word&1+ü',
  agentPassword: 'PLANTED$agent/pass%2',
  token: 'PLANTED.iam-token=3',
  agentToken: 'PLANTED-agent_token~4',
};

type Answer = (told: string, response: ServerResponse) => void;

/** How the service may repeat what it was sent. */
const answers: Readonly<Record<string, Answer>> = {
  'an error of the service': (told, response) =>
    response
      .writeHead(400, { 'x-request-id': told.slice(-90) })
      .end(JSON.stringify({ error_code: told, error_msg: told })),
  'an id of the request': (told, response) =>
    response.writeHead(400, { 'x-request-id': /PLANTED-\S+/.exec(told)?.[0] ?? '' }).end('{}'),
  'an error under 200': (told, response) => response.end(JSON.stringify({ status: 6, message: told })),
  'a lack of rights': (told, response) =>
    response.writeHead(401).end(JSON.stringify({ error: { code: 'x', message: `操作无权限 ${told}` } })),
  'a failure of a framework': (told, response) =>
    response.writeHead(500).end(JSON.stringify({ status: 500, error: told, message: told })),
  'plain text': (told, response) => response.writeHead(502, { 'content-type': 'text/plain' }).end(told),
  'a redirect': (told, response) =>
    response.writeHead(302, { location: `https://example.com/?${encodeURIComponent(told)}` }).end(told),
  'text that is no JSON': (told, response) => response.end(`<html>${told}</html>`),
  'a broken answer': (told, response) => {
    response.writeHead(200, { 'content-length': 10_000 }).write(told);
    response.destroy();
  },
};

let answer: Answer;
let refusesSignIn: boolean;
const exported: string[] = [];
const lines: Readonly<Record<string, unknown>>[] = [];
let upstream: Server;
let receiver: Server;
let tracing: Tracing | undefined;
let gateway: Gateway;

async function serve(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<[Server, string]> {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
}

/** Signs in, and repeats everything that it was sent else. */
function repeat(request: IncomingMessage, response: ServerResponse): void {
  void text(request).then((body) => {
    const { url = '', headers } = request;
    // No upstream knows another one's tokens.
    const { password, agentPassword } = planted;
    const token = String(headers['x-auth-token']);
    const told = [password, agentPassword, JSON.stringify(headers), encodeURIComponent(token), body].join(' ');
    response.setHeader('content-type', 'application/json');
    if (refusesSignIn || !url.includes('token')) return answer(told, response);
    if (url === '/v3/auth/tokens') return response.writeHead(201, { 'x-subject-token': planted.token }).end('{}');
    response.end(JSON.stringify({ status: 0, data: { token: planted.agentToken } }));
  });
}

beforeEach(async () => {
  refusesSignIn = false;
  lines.length = 0;
  exported.length = 0;
  let origin: string;
  let endpoint: string;
  [upstream, origin] = await serve(repeat);
  [receiver, endpoint] = await serve((request, response) => {
    void text(request).then((body) => {
      exported.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  tracing = await startTracing({ endpoint, ratio: 1 }, createLog('fatal'));
  const tics: TicsConfig = {
    spaceUrl: origin,
    iamUrl: origin,
    projectId: 'p1',
    account: { domain: 'd', user: 'u', password: planted.password },
    language: 'en_us',
    timeZone: 'Asia/Shanghai',
    agents: [{ id: 'a1', url: origin, user: 'agent', password: planted.agentPassword }],
  };
  gateway = gatewayFor(tics, { log: logTo(lines), tracing });
});
afterEach(async () => {
  await gateway.close();
  await tracing?.close();
  upstream.closeAllConnections();
  upstream.close();
  receiver.close();
});

const operations: readonly [string, object?][] = [
  ['{ leagues(role: OWNER) { nodes { name } } }'],
  ['{ agent(id: "a1") { runtime { __typename } } }'],
  [
    'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code message upstreamCode } } }',
    { input: { id: 'TGVhZ3VlOjE=', description: 'x' } },
  ],
];

/** All that comes out while everything fails in this way. */
async function allThatComesOut(): Promise<string> {
  const told: unknown[] = [];
  for (const [query, variables = {}] of operations)
    told.push(await askGateway(gateway, query, variables as Readonly<Record<string, unknown>>));
  told.push(await gateway.readiness(), await gateway.metrics.text(), lines);
  await tracing?.close();
  expect(exported.length).toBeGreaterThan(0);
  return `${JSON.stringify(told)}${exported.join('')}`;
}

/** Parts of each that stay as they are in JSON, in addresses and in base64url. */
const traces = /PLANTED|pass\\+word|agent\/pass|iam-token=3|agent_token~4/;

test.each(Object.entries(answers))('no secret comes out where the service repeats it in %s', async (_, given) => {
  answer = given;
  expect(traces.exec(await allThatComesOut())?.[0]).toBeUndefined();
});

test.each(Object.entries(answers))('nor where it repeats it as it refuses to sign in, in %s', async (_, given) => {
  answer = given;
  refusesSignIn = true;
  expect(traces.exec(await allThatComesOut())?.[0]).toBeUndefined();
});
