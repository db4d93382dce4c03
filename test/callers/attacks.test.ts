import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { parseConfig } from '../../src/config/config.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { makeKeys, type Keys } from '../support/callers.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';

const stage = useStage({ speed: 0 });
const { limits } = parseConfig('', {}, 'none');
const lines: Readonly<Record<string, unknown>>[] = [];
const told: string[] = [];

let keys: Keys;
let attacker: string;
let bystander: string;
let gateway: Gateway;
let server: GatewayServer;

interface Attack {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
}

/** What a caller's variables hold is repeated in no answer and no log. */
const planted = 'planted-variable-value';

function repeated(count: number, write: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => write(index)).join(' ');
}

/** Attacks by a caller with a key of a viewer of one league, and a code that each is answered with. */
const attacks: Readonly<Record<string, Attack & { readonly code: string }>> = {
  'a cycle eighteen deep': {
    query: `{ leagues { nodes { ${'agents { nodes { league { '.repeat(18)} id ${'} } } '.repeat(18)} } } }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'everything of everything': {
    query:
      '{ leagues(first: 100) { nodes { instances(first: 100) { nodes { report { jobName } executionGraph { round } } } } } }',
    code: 'COST_LIMIT',
  },
  'many aliases': {
    query: `{ ${repeated(600, (index) => `a${index}: __typename`)} }`,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'many directives': { query: `{ __typename ${'@skip(if: false) '.repeat(60)} }`, code: 'GRAPHQL_VALIDATION_FAILED' },
  'many tokens': { query: `{ ${'a '.repeat(12_000)} }`, code: 'GRAPHQL_PARSE_FAILED' },
  'deep nesting': { query: '{a'.repeat(9_000), code: 'GRAPHQL_PARSE_FAILED' },
  'fragments that spread themselves': {
    query: '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  introspection: { query: '{ __schema { types { name } } }', code: 'GRAPHQL_VALIDATION_FAILED' },
  'a wrong name': { query: '{ leages { totalCount } }', code: 'GRAPHQL_VALIDATION_FAILED' },
  'a value of another type': {
    query: 'query ($first: Int) { leagues(first: $first) { totalCount } }',
    variables: { first: planted },
    code: 'BAD_REQUEST',
  },
  'a mutation without its role': {
    query: `mutation { stopInstance(input: { id: "Instance:x/${planted}" }) { userErrors { code } } }`,
    code: 'FORBIDDEN',
  },
  'another league': {
    query: '{ league(id: "League:nosuchleague") { name } overview { leagueCount } }',
    code: 'FORBIDDEN',
  },
};

beforeAll(async () => {
  keys = await makeKeys();
  const league = stage.sandbox.world.leagues[0]?.id ?? '';
  attacker = keys.add('attacker', ['VIEWER'], { leagues: [league] }).text;
  bystander = keys.add('bystander', ['VIEWER']).text;
  gateway = gatewayFor(
    configFor(stage.sandbox),
    { log: logTo(lines) },
    { callers: { keys: {} }, dataDirectory: keys.dataDirectory, introspection: 'off', limits },
  );
  server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
});

afterAll(() => server.close());

async function overHttp({ query, variables }: Attack, key: string, accept: string): Promise<string> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, 'x-api-key': key },
    body: JSON.stringify({ query, variables }),
  });
  return response.text();
}

async function overSocket(attack: Attack, key: string): Promise<string> {
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { 'X-Api-Key': key },
    retryAttempts: 0,
  });
  const answer: unknown = await client
    .iterate(attack)
    .next()
    .catch((error: unknown) => error);
  await client.dispose();
  return JSON.stringify(answer);
}

const overTransports: readonly (readonly [string, (attack: Attack, key: string) => Promise<string>])[] = [
  ['HTTP', (attack, key) => overHttp(attack, key, 'application/json')],
  ['server-sent events', (attack, key) => overHttp(attack, key, 'text/event-stream')],
  ['WebSocket', overSocket],
];

describe.each(overTransports)('over %s', (_, send) => {
  test.each(Object.entries(attacks))(
    '%s is refused, and a bystander is served meanwhile',
    async (__, { code, ...attack }) => {
      const sent = Promise.all(Array.from({ length: 5 }, () => send(attack, attacker)));
      const served = await send({ query: '{ viewer { name } }' }, bystander);
      expect(served).toContain('"bystander"');
      for (const answer of await sent) {
        told.push(answer);
        expect(answer).toContain(code);
        expect(answer).not.toMatch(/Did you mean|node_modules|\bat \S+ \(/);
      }
    },
  );
});

test('no secret and no value of a variable stands in answers, log lines or metrics', async () => {
  const { account, agents } = stage.sandbox;
  const written = JSON.stringify([told, lines, await gateway.metrics.text()]);
  expect(told.length).toBe(Object.keys(attacks).length * 15);
  for (const secret of [attacker, bystander, account.password, ...agents.map(({ password }) => password)])
    expect(written).not.toContain(secret);
  expect(JSON.stringify(told)).not.toContain(planted);
});
