import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Caller, CallerRequest } from '../../src/callers/caller.ts';
import { Budgets } from '../../src/callers/budgets.ts';
import { parseConfig } from '../../src/config/config.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { ResultBudget } from '../../src/graphql/resultBudget.ts';
import { exampleOperations } from '../../src/server/graphiqlExamples.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { costlyQueries } from '../support/costlyQueries.ts';
import { askGateway, configFor, gatewayFor, useStage, type AnswerError } from '../support/gateway.ts';
import { required } from '../support/required.ts';
import { quick, toEnd, transports } from '../support/subscribe.ts';
import { useUpstreamServers } from '../support/upstreamServer.ts';

const stage = useStage({ speed: 0 });
const servers = useUpstreamServers(stage);
const { limits } = parseConfig('', {}, 'none');

let gateway: Gateway;
let server: GatewayServer;

function callerOf(name: string): Caller {
  const isAnonymous = name === '' && { isAnonymous: true as const };
  return { upstreamScope: 'account', name, roles: ['VIEWER'], leagues: 'ALL', ...isAnonymous };
}

beforeAll(async () => {
  const identify = ({ headers }: CallerRequest) => callerOf(headers.get('x-api-key') ?? '');
  gateway = gatewayFor(configFor(stage.sandbox), { identify }, { limits });
  server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
});

afterAll(() => server.close());

interface Cost {
  readonly requestedQueryCost: number;
  readonly actualQueryCost: number | null;
  readonly throttleStatus?: { readonly maximumAvailable: number; readonly currentlyAvailable: number };
  readonly byPlane: Readonly<Record<string, number>>;
  readonly byField?: readonly { readonly field: string; readonly calls: number }[];
}

async function ask(query: string, headers: Readonly<Record<string, string>> = {}, variables: object = {}) {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const body = (await response.json()) as {
    readonly data?: unknown;
    readonly errors?: readonly AnswerError[];
    readonly extensions?: { readonly cost?: Cost };
  };
  return { status: response.status, retryAfter: response.headers.get('retry-after'), ...body };
}

function codeOf({ errors }: { readonly errors?: readonly AnswerError[] }): unknown {
  return errors?.[0]?.extensions?.['code'];
}

const q2 = `query ($first: Int) {
  leagues(role: OWNER, first: $first) {
    nodes { id name status agents { nodes { id } } datasets(first: 10) { nodes { id } } instances(first: 10) { nodes { id } } }
  }
}`;

/** A space plane with so many leagues, all of which the account created and joined, and agents of the first one. */
async function serveLists(counts: { readonly leagues: number; readonly agents: number }) {
  const leagues = Array.from({ length: counts.leagues }, (_, index) => ({ id: `league${index}` }));
  const agents = Array.from({ length: counts.agents }, (_, index) => ({
    agent_id: `agent${index}`,
    league_id: 'league0',
  }));
  const sent: string[] = [];
  const { origin } = await servers.serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://space.test');
    sent.push(pathname);
    const from = Number(searchParams.get('offset'));
    const all = pathname.endsWith('/agents') ? agents : leagues;
    const lists = all.slice(from, from + Number(searchParams.get('limit')));
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ lists, total: all.length }));
  });
  return { origin, sent };
}

/** A cycle through leagues and their agents: three calls, and more objects than any process holds. */
const cycle = `{ leagues { nodes { ${'agents { nodes { league { '.repeat(5)} id ${'} } } '.repeat(5)} } } }`;

/** Everything of everything. */
const everything = `{ leagues(first: 100) { nodes {
  a: instances(first: 100) { nodes { report { jobName } executionGraph { round } } }
  b: datasets(first: 100) { nodes { privacy { __typename } } }
} } }`;

describe('an operation', () => {
  test.each([
    ['a cycle', cycle],
    ['everything of everything', everything],
  ])('that costs too much is refused before a call is sent: %s', async (_, query) => {
    const answer = await ask(query);
    expect([answer.status, codeOf(answer), answer.data]).toEqual([400, 'COST_LIMIT', undefined]);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test.each(
    Object.entries(costlyQueries).flatMap(([bytes, query]) => [
      [bytes, 'with the limits as they are', query, {}] as const,
      [
        bytes,
        'by its cost alone',
        query,
        { depth: 1_000, aliases: 10_000, directives: 1_000, tokens: 100_000 },
      ] as const,
    ]),
  )('of %s bytes is refused before anything is sent or built, %s', async (bytes, _, query, wide) => {
    expect(Buffer.byteLength(query)).toBe(Number(bytes));
    const built = vi.spyOn(ResultBudget.prototype, 'take');
    const open = gatewayFor(configFor(stage.sandbox), {}, { limits: { ...limits, ...wide } });
    for (const name of ['HTTP', 'events']) {
      const response = await open.fetch('http://gateway.test/graphql', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: name === 'HTTP' ? 'application/graphql-response+json' : 'text/event-stream',
        },
        body: JSON.stringify({ query }),
      });
      expect(await response.text()).toMatch(/"(COST_LIMIT|GRAPHQL_VALIDATION_FAILED)"/);
    }
    expect(await stage.sandbox.client.calls()).toEqual([]);
    expect(built).not.toHaveBeenCalled();
    // What is let in is counted.
    await askGateway(open, '{ leagues(role: OWNER) { totalCount } }');
    expect(built).toHaveBeenCalled();
    built.mockRestore();
    await open.close();
  });

  test.each(Object.entries({ ...costlyQueries, everything }))(
    '%s is refused over WebSocket as well',
    async (_, query) => {
      const client = createClient({
        url: `${server.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
      });
      const [error] = (await client
        .iterate({ query })
        .next()
        .catch((thrown: unknown) => thrown)) as readonly AnswerError[];
      expect(error?.extensions?.['code']).toMatch(/^(COST_LIMIT|GRAPHQL_VALIDATION_FAILED)$/);
      expect(await stage.sandbox.client.calls()).toEqual([]);
      await client.dispose();
    },
  );

  test('names the fields that cost most', async () => {
    const { errors } = await ask(everything);
    const { byField, requestedQueryCost } = errors?.[0]?.extensions?.['cost'] as Cost;
    expect(byField?.[0]).toEqual({ field: 'Instance.report', calls: 10_000 });
    expect(requestedQueryCost).toBeGreaterThan(20_000);
  });

  test('of the examples, 100 leagues of Q2 and a page of 10,000 rows are let in', async () => {
    for (const { query, variables } of exampleOperations)
      if (!query.includes('subscription') && !query.includes('mutation'))
        expect(codeOf(await ask(query, { 'x-cost': 'dry-run' }, variables))).toBeUndefined();
    const { extensions } = await ask(q2, { 'x-cost': 'dry-run' }, { first: 100 });
    // The lists of leagues and of agents, and two lists of each league, as Q2 of 20 leagues costs 2 + 2 × 20.
    expect(extensions?.cost?.requestedQueryCost).toBe(2 + 2 * 100);
    const page = await ask('{ leagues(first: 1) { nodes { datasets(first: 10000) { nodes { id name } } } } }');
    expect(page.errors).toBeUndefined();
  });

  test('tells its cost where a header asks, or where its caller has a budget', async () => {
    expect((await ask(q2, {}, { first: 2 })).extensions).toBeUndefined();
    const { extensions } = await ask(q2, { 'x-cost': 'fields' }, { first: 2 });
    expect(extensions?.cost).toMatchObject({
      requestedQueryCost: 6,
      actualQueryCost: 6,
      unit: 'upstreamCalls',
      byPlane: { SPACE: 6, AGENT: 0 },
    });
    expect(extensions?.cost?.byField).toContainEqual({ field: 'League.datasets', calls: 2 });
    const { extensions: ofKey } = await ask('{ leagues(role: OWNER, first: 1) { totalCount } }', {
      'x-api-key': 'one',
    });
    expect(ofKey?.cost?.throttleStatus).toMatchObject({ maximumAvailable: 3_000, restoreRate: 50 });
  });

  test('makes no more calls than one may, however long lists of TICS are', async () => {
    const { origin, sent } = await serveLists({ leagues: 1, agents: 5_000 });
    const small = gatewayFor(
      { ...configFor(stage.sandbox), spaceUrl: origin },
      {},
      { limits: { ...limits, operationCalls: 10 } },
    );
    const query = '{ leagues(role: OWNER) { totalCount nodes { ticsId agents { totalCount } } } }';
    const answer = await askGateway<{ leagues: { totalCount: number; nodes: readonly unknown[] } | null }>(
      small,
      query,
    );
    await small.close();
    expect(codeOf(answer)).toBe('COST_LIMIT');
    expect(answer.data.leagues).toMatchObject({ totalCount: 1, nodes: [{ ticsId: 'league0', agents: null }] });
    expect(sent.length).toBeLessThanOrEqual(10);
  });

  test.each([
    '{ leagues { totalCount nodes { ticsId } } }',
    '{ leagues(first: 150) { totalCount pageInfo { hasNextPage } } }',
    '{ leagues(role: OWNER) { nodes { ticsId agents { totalCount } } } }',
    '{ agents(first: 1) { nodes { ticsId league { name } } } leagues(first: 3) { totalCount } }',
  ])('claims each further page of a list before it is sent: %s', async (query) => {
    const { origin, sent } = await serveLists({ leagues: 350, agents: 450 });
    const budgeted = (callerCallsPerMinute: number) =>
      gatewayFor(
        { ...configFor(stage.sandbox), spaceUrl: origin },
        { identify: () => callerOf('reader') },
        { limits: { ...limits, callerCallsPerMinute } },
      );
    const rich = budgeted(3_000);
    const { extensions } = await askGateway<unknown>(rich, query, {}, { 'x-cost': 'fields' });
    const { requestedQueryCost, actualQueryCost, byPlane, byField = [] } = extensions?.['cost'] as Cost;
    expect(sent.length).toBe(actualQueryCost);
    expect(requestedQueryCost).toBeGreaterThanOrEqual(sent.length);
    expect(requestedQueryCost).toBeLessThanOrEqual(3 * sent.length);
    expect(byPlane).toEqual({ SPACE: requestedQueryCost, AGENT: 0 });
    expect(byField.reduce((sum, { calls }) => sum + calls, 0)).toBe(requestedQueryCost);
    for (const { field } of byField) expect(field).toMatch(/^[A-Z]\w*\.[a-z]\w*$/);
    await rich.close();

    // A budget for all pages but one.
    sent.length = 0;
    const poor = budgeted(requestedQueryCost - 1);
    const { errors } = await askGateway(poor, query);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'THROTTLED',
      retryAfter: expect.any(Number) as unknown,
      cost: { throttleStatus: { maximumAvailable: requestedQueryCost - 1 }, byField: expect.any(Array) as unknown },
    });
    expect(sent.length).toBeLessThan(requestedQueryCost);
    await poor.close();
  });

  test('run dry sends nothing', async () => {
    const { data, extensions } = await ask(q2, { 'x-cost': 'dry-run' }, { first: 20 });
    expect([data, extensions?.cost?.requestedQueryCost, extensions?.cost?.actualQueryCost]).toEqual([null, 42, null]);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });
});

describe('a caller', () => {
  test('above its budget is throttled, others are not, and what was not used comes back', async () => {
    // Claims 500 calls, and makes a few: there are not so many leagues.
    const query =
      '{ leagues(role: OWNER, first: 240) { nodes { datasets(first: 1) { totalCount } instances(first: 1) { totalCount } } } }';
    for (let round = 0; round < 10; round += 1)
      expect(codeOf(await ask(query, { 'x-api-key': 'heavy' }))).toBeUndefined();
    const held = await Promise.all(Array.from({ length: 40 }, () => ask(query, { 'x-api-key': 'burst' })));
    const refused = held.filter((answer) => codeOf(answer) === 'THROTTLED');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.status).toBe(429);
    expect(Number(refused[0]?.retryAfter)).toBeGreaterThan(0);
    expect(refused[0]?.errors?.[0]?.extensions?.['retryAfter']).toBe(Number(refused[0]?.retryAfter));
    expect(codeOf(await ask(query, { 'x-api-key': 'bystander' }))).toBeUndefined();
  });

  test('has a budget that refills', () => {
    let nowMs = 0;
    const budgets = new Budgets(60, () => nowMs);
    expect([budgets.take('a', 60), budgets.take('a', 10), budgets.take('b', 60)]).toEqual([undefined, 10, undefined]);
    nowMs = 10_000;
    expect([budgets.take('a', 10), budgets.stateOf('a').currentlyAvailable]).toEqual([undefined, 0]);
    budgets.correct('a', -30);
    expect(budgets.stateOf('a')).toEqual({ maximumAvailable: 60, currentlyAvailable: 30, restoreRate: 1 });
  });

  test('is told its budget in headers, before and after it is throttled', async () => {
    const send = (headers: Readonly<Record<string, string>>) =>
      fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'counted', ...headers },
        body: JSON.stringify({ query: q2, variables: { first: 240 } }),
      });
    const { headers } = await send({});
    expect(headers.get('ratelimit-policy')).toBe('"upstreamCalls";q=3000;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"upstreamCalls";r=(?:29\d\d|3000);t=\d+$/);
    const answers = await Promise.all(Array.from({ length: 12 }, () => send({})));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers: told } of refused) {
      expect(Number(told.get('retry-after'))).toBeGreaterThan(0);
      expect(told.get('ratelimit')).toMatch(/^"upstreamCalls";r=\d+;t=\d+$/);
    }
    expect((await send({ 'x-api-key': '' })).headers.get('ratelimit')).toBeNull();
  });

  test('is told the state of its budget, and every limit, where it asks', async () => {
    const { extensions } = await ask(q2, { 'x-api-key': 'asking', 'x-cost': 'dry-run' }, { first: 20 });
    expect(extensions?.cost).toEqual({
      requestedQueryCost: 42,
      actualQueryCost: null,
      throttleStatus: { maximumAvailable: 3_000, currentlyAvailable: 3_000, restoreRate: 50 },
      unit: 'upstreamCalls',
      byPlane: { SPACE: 42, AGENT: 0 },
      requestedObjects: expect.any(Number) as unknown,
      limits: {
        operationCalls: 500,
        callerCallsPerMinute: 3_000,
        resultObjects: 50_000,
        resultValues: 1_000_000,
        resultBytes: 10_000_000,
        depth: 25,
        aliases: 500,
        directives: 50,
        tokens: 10_000,
        operationTimeoutMs: 30_000,
        requestedObjects: 100_000_000,
        selections: 20_000,
        nesting: 250,
        bodyBytes: 100_000,
        bodyTimeoutMs: 10_000,
        callerOperations: 250,
        callerSubscriptions: 10_000,
        operations: 500,
        subscriptions: 20_000,
        connectionsPerAddress: 2_000,
        failedAuthenticationsPerMinute: 60,
      },
    });
  });

  test('whose whole budget is too small is told that no waiting helps', async () => {
    const small = gatewayFor(
      configFor(stage.sandbox),
      { identify: () => callerOf('small') },
      { limits: { ...limits, callerCallsPerMinute: 5 } },
    );
    const response = await small.fetch('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: q2, variables: { first: 20 } }),
    });
    const { errors } = (await response.json()) as { errors?: readonly AnswerError[] };
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'COST_LIMIT',
      cost: { requestedQueryCost: 42, throttleStatus: { maximumAvailable: 5 } },
    });
    await small.close();
  });

  test('above its budget while it is only measured is lent nothing, and gets nothing back', async () => {
    const measuring = gatewayFor(
      configFor(stage.sandbox),
      { identify: () => callerOf('measured') },
      { limits: { ...limits, cost: 'measure', callerCallsPerMinute: 10 } },
    );
    const available = async (): Promise<number | undefined> => {
      const response = await measuring.fetch('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: q2, variables: { first: 20 } }),
      });
      const { extensions } = (await response.json()) as { extensions?: { cost?: Cost } };
      return extensions?.cost?.throttleStatus?.currentlyAvailable;
    };
    const [first = Infinity, second = Infinity] = [await available(), await available()];
    expect(first).toBeLessThan(10);
    expect(second).toBeLessThan(first);
    await measuring.close();
  });

  test.each(transports)(
    'of a subscription pays for its events, and is told its cost alone, over %s',
    async (_, clientOf) => {
      const gatewayOfWatcher = gatewayFor(
        configFor(stage.sandbox),
        { identify: () => callerOf('watcher'), watching: quick },
        { limits: { ...limits, callerCallsPerMinute: 20 } },
      );
      const watched = await startServer(gatewayOfWatcher, { host: '127.0.0.1', port: 0 });
      const [run] = stage.sandbox.world.instances;
      const { id, leagueId } = required(run, 'a run');
      const query = `subscription { instanceStatus(id: "Instance:${leagueId}/${id}") {
      instance { league { agents { totalCount } datasets(first: 1) { totalCount } instances(first: 1) { totalCount } } }
    } }`;
      await stage.sandbox.client.setInstanceStatus(id, 'PENDING');
      const dry = clientOf(watched.url, { 'x-cost': 'dry-run' });
      const told = await toEnd(dry.ask<unknown>({ query }));
      expect(told).toMatchObject([{ data: null, extensions: { cost: { actualQueryCost: null } } }]);
      expect(await stage.sandbox.client.calls()).toEqual([]);
      dry.close();

      const client = clientOf(watched.url);
      const answers = client.ask<unknown>({ query });
      const nextCodes = async () =>
        ((await answers.next())?.errors ?? []).map(({ extensions }) => extensions?.['code']);
      let codes = await nextCodes();
      expect(codes).toEqual([]);
      for (let event = 0; !codes.includes('THROTTLED') && event < 20; event += 1) {
        await stage.sandbox.client.setInstanceStatus(id, event % 2 === 0 ? 'RUNNING' : 'PENDING');
        codes = await nextCodes();
      }
      expect(codes).toContain('THROTTLED');
      client.close();
      await watched.close();
    },
  );

  test('that only is measured is refused nothing', async () => {
    const measuring = gatewayFor(
      configFor(stage.sandbox),
      {},
      { limits: { ...limits, cost: 'measure', operationCalls: 1 } },
    );
    const response = await measuring.fetch('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: q2, variables: { first: 2 } }),
    });
    expect(await response.json()).not.toHaveProperty('errors');
    await measuring.close();
  });
});

describe('a document', () => {
  const deep = (levels: number) =>
    `{ ${'a: league(id: "x") { agents { nodes { league { '.slice(3)}${'agents { nodes { league { '.repeat(levels)} id ${'} } } '.repeat(levels)} } } } } }`;

  test.each([
    ['levels', deep(8), /depth limit of 25/],
    [
      'aliases',
      `{ ${Array.from({ length: 501 }, (_, index) => `a${index}: __typename`).join(' ')} }`,
      /liases limit of 500/,
    ],
    ['directives', `{ __typename ${'@include(if: true) '.repeat(51)} }`, /irectives limit of 50/],
    ['tokens', `{ ${'a '.repeat(10_001)} }`, /more tha[tn] 10000 tokens/],
  ])('with too many %s is refused', async (_, query, message) => {
    const answer = await ask(query, { accept: 'application/graphql-response+json' });
    expect(answer.status).toBe(400);
    expect(answer.errors?.map((error) => error.message).join('\n')).toMatch(message);
    expect(['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED']).toContain(codeOf(answer));
  });

  test('whose fragments spread others twice is refused in time', async () => {
    const fragments = Array.from(
      { length: 30 },
      (_, index) => `fragment f${index} on Query { ...f${index + 1} ...f${index + 1} }`,
    ).join(' ');
    const answer = await ask(`{ ...f0 } ${fragments} fragment f30 on Query { __typename }`);
    expect(answer.errors).toBeDefined();
  });
});
