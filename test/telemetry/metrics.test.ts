import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { commonFields, operationFields, refusalFields, upstreamFailureFields } from '../../src/telemetry/logFields.ts';
import { errorCodes } from '../../src/errors.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { boundNames } from '../../src/telemetry/metrics/operations.ts';
import { startServer } from '../../src/server/server.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';

type Line = Readonly<Record<string, unknown>>;

const stage = useStage();
const lines: Line[] = [];
let gateway: Gateway;

const log = logTo(lines);

beforeAll(() => {
  gateway = gatewayFor(configFor(stage.sandbox), { log });
});
afterAll(() => gateway.close());
beforeEach(() => {
  lines.length = 0;
});

function ask(query: string, headers: Record<string, string> = {}) {
  return askGateway(gateway, query, {}, headers);
}

/** The value of one series, by its name and labels as they are written; undefined where there is none. */
async function read(series: string): Promise<number | undefined> {
  const line = (await gateway.metrics.text()).split('\n').find((text) => text.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** The growth of series while `work` runs. */
async function growth(work: () => Promise<unknown>, ...series: readonly string[]): Promise<readonly number[]> {
  const before = await Promise.all(series.map(read));
  await work();
  const after = await Promise.all(series.map(read));
  return after.map((value = 0, index) => value - (before[index] ?? 0));
}

function linesOf(msg: string) {
  return lines.filter((line) => line['msg'] === msg);
}

describe('metrics', () => {
  test('operations by kind, name, outcome and cost', async () => {
    expect(
      await growth(
        () => ask('query Leagues { leagues(role: OWNER, first: 1) { totalCount } }'),
        'tics_gateway_operation_duration_seconds_count{kind="query",outcome="OK"}',
        'tics_gateway_operations_total{operation="Leagues",kind="query",outcome="OK"}',
        'tics_gateway_operation_cost_sum{kind="query"}',
      ),
    ).toEqual([1, 1, 1]);
    expect(await read('tics_gateway_operations_running')).toBe(0);
  });

  test('errors by code', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', fault: { kind: 'status', status: 403 } }]);
    expect(
      await growth(
        () => ask('{ leagues(role: OWNER, first: 1) { totalCount } }'),
        'tics_gateway_operation_duration_seconds_count{kind="query",outcome="ERRORS"}',
        'tics_gateway_operation_errors_total{code="FORBIDDEN"}',
        'tics_gateway_upstream_requests_total{plane="SPACE",call="listLeagues",status="403",outcome="FORBIDDEN"}',
      ),
    ).toEqual([1, 1, 1]);
  });

  test('user errors of mutations by code, once an operation, whether the caller asks for them or not', async () => {
    const input = '{ id: "League:x", description: "a" }';
    expect(
      await growth(
        () =>
          ask(
            `mutation { a: updateLeague(input: ${input}) { __typename } b: updateLeague(input: ${input}) { __typename } }`,
          ),
        'tics_gateway_user_errors_total{code="NOT_FOUND"}',
        'tics_gateway_operation_duration_seconds_count{kind="mutation",outcome="OK"}',
      ),
    ).toEqual([1, 1]);
    expect(linesOf('operation')).toMatchObject([{ outcome: 'OK', errorCodes: [], userErrorCodes: ['NOT_FOUND'] }]);
  });

  test('requests that were refused before anything was executed, however often they come', async () => {
    const wrong = '{ nothing }';
    expect(
      await growth(
        async () => {
          await ask(wrong);
          await ask(wrong);
          await ask('{ leagues');
          await ask('{ leagues');
        },
        'tics_gateway_requests_refused_total{code="GRAPHQL_VALIDATION_FAILED"}',
        'tics_gateway_requests_refused_total{code="GRAPHQL_PARSE_FAILED"}',
        'tics_gateway_operation_duration_seconds_count{kind="query",outcome="ERRORS"}',
      ),
    ).toEqual([2, 2, 0]);
  });

  test('upstream calls and sign-ins, agents by their ids', async () => {
    const fresh = gatewayFor(configFor(stage.sandbox));
    try {
      await askGateway(fresh, '{ agents(first: 1) { nodes { runtime { deployTypeText } } } }');
      const text = await fresh.metrics.text();
      expect(text).toContain('tics_gateway_sign_ins_total{upstream="IAM",outcome="OK"} 1');
      expect(text).toMatch(/tics_gateway_sign_ins_total\{upstream="[0-9a-f]{32}",outcome="OK"\} 1/);
      expect(text).toContain(
        'tics_gateway_upstream_requests_total{plane="IAM",call="createToken",status="201",outcome="OK"} 1',
      );
      expect(text).toContain('tics_gateway_upstream_request_duration_seconds_count{plane="SPACE",call="listAgents"} 1');
      expect(text).toMatch(/tics_gateway_upstream_outcomes_total\{upstream="[0-9a-f]{32}",outcome="OK"\} 2/);
      expect(text).toContain('tics_gateway_upstream_requests_running{plane="SPACE"} 0');
    } finally {
      await fresh.close();
    }
  });

  test('retries, breakers and the cache are observed', async () => {
    const metrics = createMetrics();
    metrics.observer.retry({ plane: 'SPACE', reason: 'UPSTREAM_UNREACHABLE' });
    metrics.observer.breakerState({ plane: 'AGENT', agentId: 'a1', state: 'OPEN' });
    metrics.observer.breakerState({ plane: 'AGENT', agentId: 'a1', state: 'HALF_OPEN' });
    metrics.observer.cache({ plane: 'SPACE', call: 'listLeagues', outcome: 'STALE' });
    const text = await metrics.text();
    metrics.close();
    expect(text).toContain('tics_gateway_upstream_retries_total{plane="SPACE",reason="UPSTREAM_UNREACHABLE"} 1');
    expect(text).toContain('tics_gateway_breaker_state{upstream="a1",state="OPEN"} 0');
    expect(text).toContain('tics_gateway_breaker_state{upstream="a1",state="HALF_OPEN"} 1');
    expect(text).toContain('tics_gateway_breaker_openings_total{upstream="a1"} 1');
    expect(text).toContain('tics_gateway_cache_reads_total{plane="SPACE",call="listLeagues",outcome="STALE"} 1');
  });

  test('counts survive a reload of the configuration', async () => {
    const metrics = createMetrics();
    const figures = { watches: 1, subscribers: 1, polls: 5, events: 3, lagMs: 0 };
    const end = metrics.watching(() => figures);
    const both = async () =>
      [...(await metrics.text()).matchAll(/^tics_gateway_watch_(?:polls|events)_total (\d+)$/gm)].map(
        ([, value]) => value,
      );
    expect(await both()).toEqual(['5', '3']);
    end();
    end();
    metrics.watching(() => ({ ...figures, polls: 2, events: 1 }));
    expect(await both()).toEqual(['7', '4']);
    metrics.close();
  });

  test('names that callers choose are bounded', () => {
    const nameOf = boundNames(2);
    expect(nameOf(null, true)).toBe('unnamed');
    expect(nameOf('Mistyped', false)).toBe('other');
    expect([nameOf('A', true), nameOf('B', true), nameOf('C', true)]).toEqual(['A', 'B', 'other']);
    expect(nameOf('A', false)).toBe('A');
    expect(boundNames()('x'.repeat(65), true)).toBe('other');
  });

  test('statuses that an upstream makes up are bounded', async () => {
    const metrics = createMetrics();
    for (const status of [418, 419, 599])
      metrics.observer.requestEnd(
        { plane: 'SPACE', call: 'listLeagues', method: 'GET', traceHeaders: {} },
        { outcome: 'UPSTREAM_REFUSED', status, durationMs: 1 },
      );
    const text = await metrics.text();
    metrics.close();
    expect(text).toContain('status="4xx",outcome="UPSTREAM_REFUSED"} 2');
    expect(text).toContain('status="5xx",outcome="UPSTREAM_REFUSED"} 1');
  });

  test('the process: event loop, memory, processor', async () => {
    const text = await gateway.metrics.text();
    expect(text).toMatch(/tics_gateway_event_loop_lag_seconds\{stat="p99"\} [\d.e-]+\n/);
    expect(text).toMatch(/process_resident_memory_bytes \d{7,}\n/);
    expect(text).toMatch(/process_cpu_seconds_total [\d.]+\n/);
  });

  test('what alerts count begins at 0: Prometheus sees no increase in a series that begins at 1', async () => {
    const started = gatewayFor(configFor(stage.sandbox));
    const text = await started.metrics.text();
    await started.close();
    const alerted = Object.entries(errorCodes).flatMap(([code, { alerts }]) => (alerts.length > 0 ? [code] : []));
    expect(alerted.length).toBeGreaterThan(5);
    const upstreams = ['IAM', 'SPACE', ...configFor(stage.sandbox).agents.map(({ id }) => id)];
    for (const code of alerted) {
      expect(text).toContain(`tics_gateway_operation_errors_total{code="${code}"} 0\n`);
      for (const upstream of upstreams) {
        expect(text).toContain(`tics_gateway_upstream_outcomes_total{upstream="${upstream}",outcome="${code}"} 0\n`);
        expect(text).toContain(`tics_gateway_sign_ins_total{upstream="${upstream}",outcome="${code}"} 0\n`);
      }
    }
    for (const upstream of upstreams)
      expect(text).toContain(`tics_gateway_breaker_openings_total{upstream="${upstream}"} 0\n`);
  });

  // Debian's package prometheus has it.
  test.skipIf(spawnSync('promtool', ['--version']).error !== undefined)(
    'promtool finds nothing to say about them (skipped where it is not installed)',
    async () => {
      await ask('query Promtool { leagues(first: 1) { totalCount } }');
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: await gateway.metrics.text(),
        encoding: 'utf8',
      });
      expect([status, stdout, stderr]).toEqual([0, '', '']);
    },
  );

  test('GET /metrics answers all of them, each described', async () => {
    const served = gatewayFor(configFor(stage.sandbox));
    const server = await startServer(served, { host: '127.0.0.1', port: 0 });
    try {
      const response = await fetch(`${server.url}/metrics`);
      const text = await response.text();
      expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      for (const { name, type } of served.metrics.describe()) {
        expect(text).toContain(`# HELP ${name} `);
        expect(text).toContain(`# TYPE ${name} ${type}`);
      }
    } finally {
      await server.close();
    }
  });
});

describe('the log', () => {
  test('one line an operation, with what it was and what it cost', async () => {
    await ask('query Leagues { leagues(role: OWNER, first: 1) { nodes { settings { description } } } }', {
      'x-request-id': 'r-1',
    });
    expect(linesOf('operation')).toEqual([
      expect.objectContaining({
        requestId: 'r-1',
        traceId: null,
        caller: 'anonymous',
        operation: 'Leagues',
        kind: 'query',
        upstreamCalls: 2,
        cost: 2,
        outcome: 'OK',
        errorCodes: [],
      }),
    ]);
    expect(lines).toHaveLength(1);
  });

  test('keeps 100 characters of an operation’s name', async () => {
    await ask(`query ${'N'.repeat(5_000)} { __typename }`);
    expect(linesOf('operation')).toMatchObject([{ operation: 'N'.repeat(100) }]);
  });

  test.each([
    ['not in the schema', { query: '{ nothing }' }, 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['no GraphQL', { query: '{ leagues' }, 400, 'GRAPHQL_PARSE_FAILED'],
    ['without a query', {}, 400, 'BAD_REQUEST'],
  ])('one line for a request that is %s', async (_, body, status, code) => {
    await gateway.fetch('http://gateway.test/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        'x-request-id': 'r-2',
      },
      body: JSON.stringify(body),
    });
    expect(lines).toEqual([
      expect.objectContaining({ msg: 'request refused', requestId: 'r-2', status, errorCodes: [code] }),
    ]);
  });

  test('an executed operation is no refused request, whatever its result', async () => {
    const response = await gateway.fetch('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({
        query: 'query ($first: Int!) { leagues(first: $first) { totalCount } }',
        variables: { first: 'x' },
      }),
    });
    expect(response.status).toBe(400);
    expect(lines).toMatchObject([{ msg: 'operation', outcome: 'ERRORS', errorCodes: ['BAD_REQUEST'] }]);
  });

  test('a form of another page is a refused request too', async () => {
    await gateway.fetch('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'query={__typename}',
    });
    expect(lines).toEqual([
      expect.objectContaining({ msg: 'request refused', status: 415, errorCodes: ['BAD_REQUEST'] }),
    ]);
  });

  test('a failed upstream call says which one, and by which id the service knows it', async () => {
    const upstream = createServer((_, response) =>
      response.writeHead(500, { 'x-request-id': 'theirs-1' }).end('{"error_code":"TICS.1","error_msg":"planted-text"}'),
    ).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const spaceUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    const before = gatewayFor({ ...configFor(stage.sandbox), spaceUrl }, { log });
    await askGateway(before, '{ leagues(role: OWNER, first: 1) { totalCount } }', {}, { 'x-request-id': 'r-3' });
    await before.close();
    upstream.close();
    expect(linesOf('upstream call failed')[0]).toMatchObject({
      level: 'warn',
      requestId: 'r-3',
      plane: 'SPACE',
      agentId: null,
      call: 'listLeagues',
      outcome: 'UPSTREAM_FAILED',
      status: 500,
      upstreamCode: 'TICS.1',
      upstreamRequestId: 'theirs-1',
    });
    expect(JSON.stringify(lines)).not.toContain('planted-text');
  });

  test('a caller who left is no failure', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', fault: { kind: 'hang' } }]);
    const leaving = new AbortController();
    const answer = gateway
      .fetch('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ leagues(role: OWNER, first: 1) { totalCount } }' }),
        signal: leaving.signal,
      })
      .catch(() => undefined);
    await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagues' });
    leaving.abort();
    await answer;
    await vi.waitFor(() => expect(linesOf('operation')).toHaveLength(1));
    expect(linesOf('operation')).toEqual([expect.objectContaining({ outcome: 'ABORTED', errorCodes: [] })]);
    expect(linesOf('upstream call failed')).toEqual([expect.objectContaining({ level: 'debug', outcome: 'ABORTED' })]);
    expect(linesOf('internal error')).toEqual([]);
    expect(await read('tics_gateway_operations_running')).toBe(0);
  });

  test('a refusal of what was asked is no warning', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'getLeague', fault: { kind: 'status', status: 404 } }]);
    await ask('{ leagues(role: OWNER, first: 1) { nodes { settings { description } } } }');
    expect(linesOf('upstream call failed')).toEqual([
      expect.objectContaining({ level: 'debug', outcome: 'NOT_FOUND' }),
    ]);
  });

  test('a refused sign-in is logged, without the password', async () => {
    const tics = configFor(stage.sandbox);
    const refused = gatewayFor({ ...tics, account: { ...tics.account, password: 'planted-secret' } }, { log });
    await askGateway(refused, '{ leagues(role: OWNER, first: 1) { totalCount } }');
    const text = await refused.metrics.text();
    await refused.close();
    expect(linesOf('upstream call failed')).toEqual([
      expect.objectContaining({ requestId: null, plane: 'IAM', call: 'createToken', outcome: 'SIGN_IN_REFUSED' }),
    ]);
    expect(text).toContain('tics_gateway_sign_ins_total{upstream="IAM",outcome="SIGN_IN_REFUSED"} 1');
    expect(`${JSON.stringify(lines)}${text}`).not.toContain('planted-secret');
  });

  test('has the fields that its tables describe, and no others', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'getLeague', fault: { kind: 'status', status: 500 } }]);
    await ask('{ leagues(role: OWNER, first: 1) { nodes { settings { description } } } }');
    await ask('{ nothing }');
    const tables = {
      operation: operationFields,
      'request refused': refusalFields,
      'upstream call failed': upstreamFailureFields,
    };
    for (const [msg, fields] of Object.entries(tables)) {
      const [line] = linesOf(msg);
      expect(Object.keys(line ?? {}).sort()).toEqual(Object.keys({ ...commonFields, ...fields }).sort());
    }
  });
});
