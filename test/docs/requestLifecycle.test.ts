import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { GatewayDependencies } from '../../src/gateway/gateway.ts';
import { GatewayError, type ErrorCode } from '../../src/errors.ts';
import type { GatewayServer, ServerOptions } from '../../src/server/server.ts';
import { createShedding } from '../../src/server/shedding.ts';
import { useStage } from '../support/gateway.ts';
import { serve } from '../support/subscribe.ts';
import { document, root } from './markdown.ts';

const stage = useStage();
let server: GatewayServer | undefined;

async function start(
  options: Partial<ServerOptions> = {},
  dependencies: Partial<GatewayDependencies> = {},
): Promise<string> {
  server = await serve(stage.sandbox, dependencies, options);
  return `${server.url}/graphql`;
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

interface ErrorsAnswer {
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

/** What an answer of HTTP says, as the table writes it. */
async function outcomeOf(response: Response): Promise<string> {
  const { errors = [] } = (await response.json()) as ErrorsAnswer;
  return `HTTP ${response.status} \`${errors[0]?.extensions.code}\``;
}

async function post(url: string, body: object | string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return outcomeOf(response);
}

async function ask(query: string, more: object = {}): Promise<string> {
  return post(await start(), { query, ...more });
}

/** Asks where it can't be found out who calls. */
async function askUnidentified(code: ErrorCode): Promise<string> {
  const identify = () => {
    throw new GatewayError(code, 'Nobody knows you.');
  };
  return post(await start({}, { identify }), { query: '{ viewer { name } }' });
}

/** Asks with a `Host` of its own, which `fetch` does not allow. */
async function askHost(host: string): Promise<string> {
  const sent = request(await start(), { method: 'POST', headers: { host } }).end();
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer> & { readonly statusCode: number }];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return outcomeOf(new Response(Buffer.concat(chunks), { status: response.statusCode }));
}

function open(url: string, options: WebSocket.ClientOptions = {}): WebSocket {
  return new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', options);
}

async function refusedUpgrade(socket: WebSocket): Promise<string> {
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  socket.terminate();
  const { errors = [] } = JSON.parse(await text(response)) as ErrorsAnswer;
  return `HTTP ${response.statusCode} \`${errors[0]?.extensions.code}\`, no upgrade`;
}

/** The code with which a socket is closed after it has sent something. */
async function closeAfter(url: string, text?: string): Promise<string> {
  const socket = open(url);
  await once(socket, 'open');
  if (text !== undefined) socket.send(text);
  const [code] = (await once(socket, 'close')) as [number];
  return `WebSocket close ${code}`;
}

/** The code of the error that a socket's operation is answered with. */
async function refusedOperation(url: string): Promise<string> {
  const socket = open(url);
  await once(socket, 'open');
  const received: { readonly type: string; readonly payload?: ErrorsAnswer['errors'] }[] = [];
  socket.on('message', (data: Buffer) => received.push(JSON.parse(data.toString()) as (typeof received)[number]));
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await expect.poll(() => received.length).toBe(1);
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ viewer { name } }' } }));
  await expect.poll(() => received.length).toBe(2);
  socket.terminate();
  return `\`${received[1]?.payload?.[0]?.extensions.code}\``;
}

const limits = { operations: 500, subscriptions: 500 };

/** For each guard what it refuses, or the test that shows it. */
const refused: Readonly<Record<string, (() => Promise<string>) | string>> = {
  'no header is sent twice that may be sent once, such as `Origin`': 'test/attacks/attacks.test.ts',
  'no header is sent twice that may be sent once': 'test/attacks/attacks.test.ts',
  'the `Host` header is a host': () => askHost('not a host'),
  "the host is the gateway's address, or configured": () => askHost('evil.example'),
  "a page that asks is of the gateway's own origin, or a configured one": async () =>
    post(await start(), { query: '{ viewer { name } }' }, { origin: 'https://elsewhere.example' }),
  'the path is `/graphql`, or `/graphql/`': async () => refusedUpgrade(open(`${await start()}/elsewhere`)),
  "the page's origin is the gateway's own, or configured": async () =>
    refusedUpgrade(open(await start(), { origin: 'https://elsewhere.example' })),
  'the gateway is not stopping': 'test/server/upgrades.test.ts',
  '`connection_init` comes in time': async () => closeAfter(await start({ sockets: { initWithinMs: 30 } })),
  '`graphql-transport-ws` is among the protocols that are offered': 'test/server/webSockets.test.ts',
  'a frame is not too large': async () => closeAfter(await start(), 'x'.repeat(64_001)),
  'a message is one of graphql-ws': async () => closeAfter(await start(), '{}'),
  'a socket has not too many operations': async () => refusedOperation(await start({ sockets: { operations: 0 } })),
  'operations of a stopping gateway are not begun': 'test/server/drain.test.ts',
  'not too many operations at once': async () =>
    post(await start({ shedding: createShedding(() => ({ ...limits, operations: 0 })) }), {
      query: '{ viewer { name } }',
    }),
  'the caller has not half of all operations under way': 'test/server/shedding.test.ts',
  'the caller has not half of all subscriptions': 'test/server/shedding.test.ts',
  'no HTML form: any page can make a browser send one': async () =>
    post(await start(), 'query={viewer{name}}', { 'content-type': 'application/x-www-form-urlencoded' }),
  'an upload has the header `GraphQL-Require-Preflight`, and its form': async () =>
    post(await start(), '', { 'content-type': 'multipart/form-data; boundary=x' }),
  'the body is not too large': () => ask(`{ viewer { name } } # ${'x'.repeat(100_000)}`),
  'the operation arrives in time': 'test/gateway/uploads.test.ts',
  'the body is UTF-8': async () =>
    post(await start(), { query: '{ viewer { name } }' }, { 'content-type': 'application/json; charset=gbk' }),
  'or, where only trusted ones are run, is one of them': 'test/gateway/documents.test.ts',
  'a document that is named by its hash is known': async () =>
    post(await start(), { extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
  'the document is not nested too deeply': () => ask('{a'.repeat(3_000)),
  'its result can be answered in a media type of `Accept`': async () =>
    post(await start(), { query: '{ viewer { name } }' }, { accept: 'image/png' }),
  'it has a document, and parameters of the right types': async () => post(await start(), { variables: 5 }),
  'GET has each parameter once': async () =>
    outcomeOf(await fetch(`${await start()}?query={viewer{name}}&query={viewer{name}}`)),
  'GET carries no mutation': async () =>
    outcomeOf(await fetch(`${await start()}?query=mutation{stopInstance(input:{id:"x"}){userErrors{code}}}`)),
  'the document is GraphQL': () => ask('{'),
  'the document agrees with the schema': () => ask('{ nothing }'),
  'the field of a subscription has no `@skip` and no `@include`': () =>
    ask('subscription { agentStatus(id: "Agent:x") @skip(if: false) { status } }'),
  'it has one operation of that name': () => ask('query A { viewer { name } }', { operationName: 'B' }),
  'not too many subscriptions': async () =>
    post(await start({ shedding: createShedding(() => ({ ...limits, subscriptions: 0 })) }), {
      query: 'subscription { agentStatus(id: "Agent:x") { status } }',
    }),
  'the caller is known': async () => askUnidentified('UNAUTHENTICATED'),
  "the keys of its token's issuer can be read": async () => askUnidentified('ISSUER_UNAVAILABLE'),
  'the caller has the role that the operation needs': async () =>
    post(await start({}, { identify: () => ({ upstreamScope: 'x', name: 'x', roles: ['VIEWER'], leagues: 'ALL' }) }), {
      query: 'mutation { stopInstance(input: { id: "x" }) { userErrors { code } } }',
    }),
  'the document has not too many tokens': 'test/callers/cost.test.ts',
  'it has not too many levels, aliases and directives': 'test/callers/cost.test.ts',
  'it does not cost too many upstream calls, or objects': 'test/callers/cost.test.ts',
  'its caller has so many upstream calls left': 'test/callers/cost.test.ts',
  'variables fit their types': () =>
    ask('query ($first: Int!) { leagues(first: $first) { totalCount } }', { variables: { first: 'x' } }),
};

const [, table = ''] =
  /^Before anything is executed:\n\n([\s\S]*?)\n\n/m.exec(document('docs/request-lifecycle.md').text) ?? [];
const rows = table
  .split('\n')
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, , guard = '', outcome = '']) => ({ guard, outcome }));

describe('before anything is executed', () => {
  test('every guard is tried here, or by the test that is named', () => {
    expect(rows.map(({ guard }) => guard).sort()).toEqual(Object.keys(refused).sort());
    const elsewhere = Object.values(refused).filter((by) => typeof by === 'string');
    expect(elsewhere.filter((path) => !existsSync(`${root}${path}`))).toEqual([]);
  });

  test.each(rows.filter(({ guard }) => typeof refused[guard] === 'function').map((row) => [row.guard, row] as const))(
    '%s',
    async (guard, { outcome }) => {
      const refuse = refused[guard];
      if (typeof refuse === 'function') expect(await refuse()).toBe(outcome);
    },
  );
});
