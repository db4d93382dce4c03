import { createHash } from 'node:crypto';
import { createClient } from 'graphql-ws';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { parseConfig, type LimitsConfig } from '../../src/config/config.ts';
import type { Caller } from '../../src/callers/caller.ts';
import type { GatewayConfig, GatewayDependencies } from '../../src/gateway/gateway.ts';
import { GatewayError } from '../../src/errors.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';

const stage = useStage();
const { limits } = parseConfig('', {}, 'none');
let server: GatewayServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** What a GraphQL client sends. */
interface Sent {
  readonly query?: string;
  readonly variables?: Record<string, unknown>;
  readonly extensions?: Record<string, unknown>;
}

async function start(config: Partial<GatewayConfig>, dependencies: Partial<GatewayDependencies>): Promise<string> {
  const gateway = gatewayFor(configFor(stage.sandbox), dependencies, config);
  server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
  return `${server.url}/graphql`;
}

async function post(url: string, sent: Sent, accept: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(sent),
  });
  return response.text();
}

async function overGet(url: string, sent: Sent): Promise<string> {
  const parameters = Object.entries(sent).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const response = await fetch(`${url}?${new URLSearchParams(parameters).toString()}`);
  return response.text();
}

async function overSocket(url: string, sent: Sent): Promise<string> {
  const client = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });
  try {
    return JSON.stringify((await client.iterate({ ...sent, query: sent.query ?? '' }).next()).value);
  } catch (error) {
    // A socket whose caller is not known is closed, with the reason.
    return error instanceof Error ? error.message : JSON.stringify([error, (error as { reason?: string }).reason]);
  } finally {
    await client.dispose();
  }
}

const transports: Readonly<Record<string, (url: string, sent: Sent) => Promise<string>>> = {
  'JSON over POST': (url, sent) => post(url, sent, 'application/json'),
  'server-sent events': (url, sent) => post(url, sent, 'text/event-stream'),
  GET: overGet,
  WebSocket: overSocket,
};

/** What one guard is shown by. */
interface Guarded {
  readonly sent: Sent;
  readonly config?: Partial<GatewayConfig>;
  readonly dependencies?: Partial<GatewayDependencies>;
  readonly answered: RegExp;
  readonly isHanging?: true;
}

function limited(changed: Partial<LimitsConfig>): Partial<GatewayConfig> {
  return { limits: { ...limits, ...changed } };
}

const leagues = '{ leagues(role: OWNER) { nodes { id name } } }';
const visitor: Caller = { upstreamScope: 'account', name: 'visitor', roles: [], leagues: 'ALL' };

/** A request that each guard refuses, or changes the answer of. Without the guard none of the four transports answers so. */
const guarded: Readonly<Record<string, Guarded>> = {
  documentStore: {
    sent: { extensions: { persistedQuery: { version: 1, sha256Hash: createHash('sha256').digest('hex') } } },
    answered: /PERSISTED_QUERY_NOT_FOUND/,
  },
  nestingLimit: { sent: { query: '{a'.repeat(300) }, answered: /nests deeper/ },
  'documentLimits: tokens': {
    sent: { query: `{ ${'__typename '.repeat(50)} }` },
    config: limited({ tokens: 40 }),
    answered: /GRAPHQL_PARSE_FAILED/,
  },
  'documentLimits: aliases': {
    sent: { query: '{ a: __typename b: __typename }' },
    config: limited({ aliases: 1 }),
    answered: /GRAPHQL_VALIDATION_FAILED/,
  },
  maskValidation: {
    sent: { query: '{ leagues(first: "planted") { totalCount } }' },
    answered: /^(?!.*planted).*cannot represent/s,
  },
  timeLimit: {
    sent: { query: leagues },
    dependencies: { operationTimeoutMs: 100 },
    isHanging: true,
    answered: /UPSTREAM_TIMEOUT/,
  },
  admission: {
    sent: { query: leagues },
    dependencies: {
      queue: {
        tryEnter: () => false,
        enter: () => Promise.reject(new GatewayError('OVERLOADED', 'Too many wait.')),
        leave: () => undefined,
      },
    },
    answered: /OVERLOADED/,
  },
  resultLimit: { sent: { query: leagues }, config: limited({ resultValues: 3 }), answered: /RESULT_TOO_LARGE/ },
  hiddenSchema: {
    sent: { query: '{ __schema { description } }' },
    config: { introspection: 'off' },
    answered: /GRAPHQL_VALIDATION_FAILED/,
  },
  cost: { sent: { query: leagues }, config: limited({ operationCalls: 0 }), answered: /COST_LIMIT/ },
  role: { sent: { query: leagues }, dependencies: { identify: () => visitor }, answered: /FORBIDDEN/ },
  identity: {
    sent: { query: leagues },
    dependencies: {
      identify: () => {
        throw new GatewayError('UNAUTHENTICATED', 'Nobody knows you.');
      },
    },
    answered: /UNAUTHENTICATED|Unauthorized/,
  },
};

describe.each(Object.entries(guarded))('%s', (_, { sent, config = {}, dependencies = {}, ...shown }) => {
  test.each(Object.entries(transports))('guards %s', async (__, ask) => {
    const url = await start({ sharing: 'off', ...config }, dependencies);
    if (shown.isHanging) await stage.sandbox.client.setRules([{ operationId: 'listLeagues', fault: { kind: 'hang' } }]);
    expect(await ask(url, sent)).toMatch(shown.answered);
  });
});

/** Requests of JSON over POST, right and wrong. */
const requests: Readonly<Record<string, { readonly body: string; readonly headers?: Record<string, string> }>> = {
  'a query': { body: JSON.stringify({ query: leagues }) },
  'a query with variables, one of several operations': {
    body: JSON.stringify({
      query: `query A($first: Int) { leagues(first: $first) { totalCount } } query B { __typename }`,
      operationName: 'A',
      variables: { first: 1 },
    }),
  },
  'a variable that does not fit': {
    body: JSON.stringify({
      query: 'query ($first: Int) { leagues(first: $first) { totalCount } }',
      variables: { first: 'x' },
    }),
  },
  'an error of a field': { body: JSON.stringify({ query: '{ league(id: "League:nosuch") { name } }' }) },
  'no JSON': { body: '{' },
  null: { body: 'null' },
  'a batch': { body: JSON.stringify([{ query: leagues }]) },
  'no query': { body: '{}' },
  'a query that is a number': { body: '{"query":1}' },
  'variables that are a list': { body: JSON.stringify({ query: leagues, variables: [] }) },
  'extensions that are a text': { body: JSON.stringify({ query: leagues, extensions: 'x' }) },
  'a parameter that is not known': { body: JSON.stringify({ query: leagues, more: 1 }) },
  'no GraphQL': { body: JSON.stringify({ query: '{ leagues(' }) },
  'a field that is not there': { body: JSON.stringify({ query: '{ leages { totalCount } }' }) },
  'no operation of that name': { body: JSON.stringify({ query: 'query A { __typename }', operationName: 'B' }) },
  'a mutation that is refused': {
    body: JSON.stringify({
      query: 'mutation { stopInstance(input: { id: "Instance:a/b" }) { userErrors { code } } }',
    }),
  },
  'a subscription': { body: JSON.stringify({ query: 'subscription { instance(id: "Instance:a/b") { cursor } }' }) },
  'a query with @defer': { body: JSON.stringify({ query: '{ ... @defer { __typename } }' }) },
  'bytes that are not UTF-8': {
    body: '{"query":"{ __typename }\\u0000"}',
    headers: { 'content-type': 'application/json; charset=latin1' },
  },
  'a coding that is not known': { body: '{}', headers: { 'content-encoding': 'zip' } },
  'too many bytes': { body: JSON.stringify({ query: leagues, extensions: { padding: 'x'.repeat(200_000) } }) },
};

const accepts = ['*/*', 'application/json', 'application/graphql-response+json', 'text/html'] as const;

describe.each(accepts)('JSON over POST with Accept: %s is answered by both fronts alike', (accept) => {
  test.each(Object.entries(requests))('%s', async (_, { body, headers }) => {
    const { gateway } = stage;
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, 'x-request-id': 'same', ...headers },
      body,
    };
    const url = 'http://gateway.test/graphql';
    const answerOf = async (response: Response) => {
      const fields = new Headers([...response.headers]);
      fields.delete('content-length');
      return { status: response.status, fields: [...fields], text: await response.text() };
    };
    const byYoga = await answerOf(await gateway.yoga.fetch(url, init));
    expect(await answerOf(await gateway.fetch(url, init))).toEqual(byYoga);
  });
});

/** Requests that begin at the front for JSON, and end at Yoga. */
const handedOver = {
  'a subscription': { query: 'subscription { instance(id: "Instance:a/b") { cursor } }' },
  'a query with @defer': { query: '{ ... @defer { leagues(role: OWNER) { totalCount } } }' },
  'a parameter that is not known': { query: leagues, more: 1 },
  'no query': {},
} as const;

test.each(Object.entries(handedOver))('%s is identified once, and has one id', async (_, sent) => {
  const lines: Readonly<Record<string, unknown>>[] = [];
  let identified = 0;
  const identify = (): Caller => {
    identified += 1;
    return { ...visitor, roles: ['VIEWER'] };
  };
  const url = await start({}, { identify, log: logTo(lines) });
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, multipart/mixed, text/event-stream;q=0.5',
    },
    body: JSON.stringify(sent),
  });
  await response.text();
  expect(identified).toBe(1);
  const ids = new Set(lines.flatMap(({ requestId }) => requestId ?? []));
  expect([...ids]).toEqual([response.headers.get('x-request-id')]);
});
