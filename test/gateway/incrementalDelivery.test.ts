import { afterEach, describe, expect, test } from 'vitest';
import { createGateway, type Gateway, type GatewayConfig } from '../../src/gateway/gateway.ts';
import type { Payload } from '../../src/gateway/plugins/useIncrementalDelivery.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { onlineAgent } from '../support/agents.ts';
import { askGateway, configFor, useStage } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';
import { required } from '../support/required.ts';
import { toEnd, transports } from '../support/subscribe.ts';

const stage = useStage();
const gateways: Gateway[] = [];
const servers: GatewayServer[] = [];

function start(limits: GatewayConfig['limits'] = {}, operationTimeoutMs = 20_000) {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const gateway = createGateway(
    { tics: configFor(stage.sandbox), limits },
    {
      log: logTo(lines),
      operationTimeoutMs,
      resilience: { retries: false, cache: { freshMs: 0, staleMs: 0, staleIfErrorMs: 0 } },
    },
  );
  gateways.push(gateway);
  return { gateway, operations: () => lines.filter(({ msg }) => msg === 'operation') };
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});

/** An agent, and what it takes a call to the agent to know. */
function agentQuery(fragment: string): string {
  return `{ agent(id: "${onlineAgent(stage).id}") { name ${fragment} { runtime { agentId } } } }`;
}

const deferred = '... @defer(label: "runtime")';

/** The parts of an answer as they come. */
async function* partsOf(gateway: Gateway, query: string, accept = 'multipart/mixed;deferSpec=20220824') {
  const response = await gateway.fetch('http://gateway.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query }),
  });
  expect(response.headers.get('content-type')).toBe('multipart/mixed; boundary="-"; deferSpec=20220824');
  let text = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(chunk);
    const parts = text.split('\r\n---');
    text = parts.pop() ?? '';
    for (const part of parts) yield JSON.parse(required(part.split('\r\n\r\n')[1], 'body')) as Payload;
  }
  expect(text).toBe('--\r\n');
}

async function allParts(parts: AsyncIterable<Payload>): Promise<readonly Payload[]> {
  const all: Payload[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

/** The answer that the parts make together. */
function merged(parts: readonly Payload[]): unknown {
  const whole = structuredClone(parts[0]?.data);
  for (const { data, path = [] } of parts.flatMap(({ incremental = [] }) => incremental))
    Object.assign(
      path.reduce((at: unknown, key) => (at as Record<string | number, unknown>)[key], whole) as object,
      data,
    );
  return whole;
}

const hanging = [{ operationId: 'getAgentRuntime', fault: { kind: 'hang' } }] as const;

describe('@defer', () => {
  test('answers before an agent that is slow does', async () => {
    const { name } = onlineAgent(stage);
    const { gateway, operations } = start({}, 1_500);
    await askGateway(gateway, agentQuery('...'));
    await stage.sandbox.client.setRules([...hanging]);
    const parts = partsOf(gateway, agentQuery(deferred));
    const { value: first } = await parts.next();
    expect(first).toEqual({ data: { agent: { name } }, hasNext: true });
    expect(operations()).toHaveLength(1);
    const rest = await allParts(parts);
    expect(rest.at(-1)?.hasNext).toBe(false);
    const [part] = rest.flatMap(({ incremental = [] }) => incremental);
    expect(part).toMatchObject({
      data: { runtime: null },
      path: ['agent'],
      label: 'runtime',
      errors: [{ path: ['agent', 'runtime'], extensions: { code: 'UPSTREAM_TIMEOUT' } }],
    });
    expect(Object.keys(part?.errors?.[0] ?? {}).sort()).toEqual(['extensions', 'locations', 'message', 'path']);
    expect(operations()).toHaveLength(2);
    expect(operations()[1]).toMatchObject({ outcome: 'ERRORS', errorCodes: ['UPSTREAM_TIMEOUT'] });
    expect(await gateway.metrics.text()).toContain('tics_gateway_operations_running 0');
  });

  test.each<[string, () => string]>([
    ['inline', () => agentQuery(deferred)],
    [
      'a named fragment',
      () =>
        `${agentQuery('').replace('{ runtime { agentId } }', '...Slow @defer')} fragment Slow on Agent { runtime { agentId } }`,
    ],
    ['in a list', () => '{ leagues { nodes { id ... @defer { agents { nodes { id } } } } } }'],
    ['two at once', () => agentQuery(`... @defer { connectors { nodes { id } } } ${deferred}`)],
  ])('%s: its parts together are the answer without it', async (_, queryOf) => {
    const query = queryOf();
    const { gateway } = start();
    const parts = await allParts(partsOf(gateway, query));
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.flatMap(({ errors = [] }) => errors)).toEqual([]);
    const plain = await askGateway(gateway, query.replace(/@defer(\([^)]*\))?/g, ''));
    expect(merged(parts)).toEqual(plain.data);
  });

  test('an answer with nothing deferred is a single one', async () => {
    const { gateway } = start();
    const { data, errors } = await askGateway(gateway, agentQuery('... @defer(if: false)'), {}, { accept: '*/*' });
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({ agent: { runtime: {} } });
  });

  test('is refused to whoever accepts no parts, before anything is asked', async () => {
    const { gateway } = start();
    const calls = await stage.callsOf(async () => {
      const answer = await askGateway(gateway, agentQuery(deferred), {}, { accept: 'application/json' });
      expect(answer.errors?.[0]?.message).toContain('multipart/mixed');
    });
    expect(calls).toEqual({});
  });

  test.each([
    ['a literal', '{ __typename ... @defer(if: false) { viewer { name } } }'],
    ['a variable', 'query A($on: Boolean!) { __typename ... @defer(if: $on) { viewer { name } } }'],
    ['its default', 'query A($off: Boolean! = false) { __typename ... @defer(if: $off) { viewer { name } } }'],
    ['another operation', 'query A { __typename } query B { ... @defer { __typename } }'],
    ['a literal of a list', '{ __typename leagues(first: 1) { nodes @stream(if: false) { id } } }'],
  ])('that is switched off by %s is answered to whoever accepts no parts', async (_, query) => {
    const { gateway } = start();
    const operationName = query.includes('query A') ? 'A' : undefined;
    const ask = (accept: string) =>
      gateway.fetch('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query, operationName, variables: { on: false } }),
      });
    expect(await (await ask('application/json')).json()).toMatchObject({ data: { __typename: 'Query' } });
    expect((await ask('multipart/mixed;deferSpec=20220824')).status).toBe(200);
  });

  test.each(transports)('over %s', async (_, open) => {
    const { gateway } = start();
    const server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
    servers.push(server);
    gateways.pop();
    const client = open(server.url);
    const parts = (await toEnd(client.ask({ query: agentQuery(deferred) }))) as readonly Payload[];
    client.close();
    expect(parts.length).toBeGreaterThan(1);
    expect(merged(parts)).toMatchObject({ agent: { runtime: {} } });
  });

  test('what is deferred counts in the result, and is left out where that is too large', async () => {
    const { gateway } = start({ resultObjects: 12 });
    const query = '{ leagues(first: 2) { nodes { id ... @defer { instances(first: 50) { nodes { id } } } } } }';
    const parts = await allParts(partsOf(gateway, query));
    expect(parts[0]?.data).toMatchObject({ leagues: { nodes: [{}, {}] } });
    const codes = parts
      .flatMap(({ incremental = [] }) => incremental)
      .flatMap(({ data, errors = [] }) => (data === null ? errors.map(({ extensions }) => extensions['code']) : []));
    expect(new Set(codes)).toEqual(new Set(['RESULT_TOO_LARGE']));
  });

  test('bytes of all parts count together', async () => {
    const query = '{ leagues { nodes { id name } } ... @defer { agents { nodes { id name } } } }';
    const bytes = async (limit?: number): Promise<readonly Payload[]> =>
      allParts(partsOf(start(limit === undefined ? {} : { resultBytes: limit }).gateway, query));
    const [first, second] = await bytes();
    const sizes = [first?.data, second?.incremental?.[0]?.data].map((data) => JSON.stringify(data).length);
    const limited = await bytes(Math.max(...sizes) + 100);
    expect(limited[0]?.errors).toBeUndefined();
    expect(JSON.stringify(limited[1])).toContain('RESULT_TOO_LARGE');
  });

  test('whoever leaves before the last part ends the calls', async () => {
    const { gateway, operations } = start();
    await askGateway(gateway, agentQuery('...'));
    await stage.sandbox.client.setRules([...hanging]);
    const server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
    servers.push(server);
    gateways.pop();
    const left = new AbortController();
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed' },
      body: JSON.stringify({ query: agentQuery(deferred) }),
      signal: left.signal,
    });
    await response.body?.getReader().read();
    left.abort();
    await expect.poll(() => operations().length).toBe(2);
    expect(operations()[1]).toMatchObject({ outcome: 'ABORTED' });
    expect(await gateway.metrics.text()).toContain('tics_gateway_operations_running 0');
  });
});

describe('validation', () => {
  test('of thousands of equal fields is given up at once', async () => {
    const { errors } = await askGateway(start().gateway, `{ ${'__typename '.repeat(5_000)} }`);
    expect(errors?.map(({ message }) => message)).toEqual(['Validation aborted.']);
  });

  test.each([
    ['fields that contradict one another', '{ leagues { nodes { a: id a: name } } }'],
    ['two equal labels', '{ ... @defer(label: "a") { __typename } viewer { ... @defer(label: "a") { name } } }'],
    ['a label in a variable', 'query ($label: String) { ... @defer(label: $label) { __typename } }'],
    ['@stream on no list', '{ leagues @stream { nodes { id } } }'],
    [
      '@defer of a mutation',
      'mutation { ... @defer { stopInstance(input: { id: "Instance:a/b" }) { userErrors { code } } } }',
    ],
  ])('refuses %s', async (_, query) => {
    const answer = await askGateway(start().gateway, query);
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });
});

test('@stream answers a list item by item', async () => {
  const { gateway } = start();
  const parts = await allParts(partsOf(gateway, '{ leagues { nodes @stream(initialCount: 1) { id } } }'));
  expect(parts[0]?.data).toMatchObject({ leagues: { nodes: [{}] } });
  const items = parts.flatMap(({ incremental = [] }) => incremental).flatMap(({ items: some }) => some ?? []);
  const plain = await stage.data<{ leagues: { nodes: unknown[] } }>('{ leagues { nodes { id } } }');
  expect(items).toEqual(plain.leagues.nodes.slice(1));
});
