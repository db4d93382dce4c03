import { afterEach, describe, expect, test } from 'vitest';
import { createGateway, type Gateway, type GatewayConfig } from '../../src/gateway/gateway.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { askGateway, configFor, useStage } from '../support/gateway.ts';
import { quick, transports } from '../support/subscribe.ts';

const stage = useStage();
let gateway: Gateway;
let server: GatewayServer | undefined;

function start(limits: GatewayConfig['limits'] = {}): Gateway {
  gateway = createGateway({ tics: configFor(stage.sandbox), limits }, { log: createLog('fatal'), watching: quick });
  return gateway;
}

afterEach(async () => {
  await server?.close();
  server = undefined;
  await gateway.close();
});

const code = 'RESULT_TOO_LARGE';
function codesOf(errors: readonly { readonly extensions?: { readonly code?: unknown } }[] | undefined) {
  return errors?.map(({ extensions }) => extensions?.code);
}

/** Leagues have agents, which have a league: a short document of any depth whose result grows with each level. */
function cycles(depth: number): string {
  const levels = 'agents { nodes { league { '.repeat(depth);
  return `{ leagues { nodes { ${levels} id ${'} } }'.repeat(depth)} } } }`;
}

describe('a result', () => {
  test('of a query with cycles ends with one error, while other operations are served', async () => {
    const query = cycles(18);
    expect(query.length).toBeLessThan(1_000);
    let hasEnded = false;
    const large = askGateway(start(), query).finally(() => (hasEnded = true));
    const answers = [];
    while (!hasEnded && answers.length < 500) answers.push(await askGateway(gateway, '{ __typename }'));
    const { data, errors } = await large;
    expect(data).toBeNull();
    expect(codesOf(errors)).toEqual([code]);
    expect(answers.length).toBeGreaterThan(5);
    expect(answers.every(({ errors: none }) => none === undefined)).toBe(true);
  });

  test('that takes too long to make ends with one error too', async () => {
    start({ operationTimeoutMs: 1_500, resultObjects: 1e9, resultValues: 1e9 });
    await askGateway(gateway, cycles(1));
    const { data, errors } = await askGateway(gateway, cycles(18));
    expect([data, codesOf(errors)]).toEqual([null, ['UPSTREAM_TIMEOUT']]);
  });

  test('grows by its errors too, which name a long alias each', async () => {
    const query = `query ($ids: [ID!]!) { ${'a'.repeat(10_000)}: nodes(ids: $ids) { id } }`;
    const ids = Array.from({ length: 1_100 }, () => 'x');
    const { data, errors } = await askGateway(start(), query, { ids });
    expect([data, codesOf(errors)]).toEqual([null, [code]]);
  });

  test.each([
    ['at once', '', 'application/json'],
    ['in parts', '@defer', 'multipart/mixed;deferSpec=20220824'],
  ])('grows by failures of parts of lists too, answered %s', async (_, defer, accept) => {
    const alias = 'a'.repeat(10_000);
    const query = `{ ... ${defer} { ${alias}: leagues(first: 1) { totalCount } } }`;
    const fault = { kind: 'status', status: 500 } as const;
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', fault, times: 1 }]);
    const response = await start({ resultBytes: 15_000 }).fetch('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query }),
    });
    const text = await response.text();
    expect([text.includes(code), text.length < 2_000]).toEqual([true, true]);
  });

  test('grows by aliases too', async () => {
    const aliases = Array.from({ length: 200 }, (_, index) => `a${index}: leagues { nodes { id name } }`).join(' ');
    const { data, errors } = await askGateway(start({ resultValues: 500 }), `{ ${aliases} }`);
    expect([data, codesOf(errors)]).toEqual([null, [code]]);
  });

  test('has so many bytes at most, however few its values are', async () => {
    const query = `{ ${Array.from({ length: 20 }, (_, index) => `a${index}: leagues { nodes { id name version } }`).join(' ')} }`;
    const bytes = Buffer.byteLength(JSON.stringify(await stage.data(query)));
    expect((await askGateway(start({ resultBytes: bytes + 2_000 }), query)).errors).toBeUndefined();
    await gateway.close();
    const { data, errors } = await askGateway(start({ resultBytes: Math.floor(bytes * 0.9) }), query);
    expect([data, codesOf(errors)]).toEqual([null, [code]]);
  });

  test('counts what fragments select', async () => {
    const query =
      'fragment F on League { id name ...G } fragment G on League { version } { leagues { nodes { ...F } } }';
    const { leagues } = await stage.data<{ readonly leagues: { readonly nodes: readonly unknown[] } }>(query);
    const { length } = leagues.nodes;
    expect(length).toBeGreaterThan(1);
    expect((await askGateway(start({ resultValues: 3 * length }), query)).errors).toBeUndefined();
    await gateway.close();
    expect(codesOf((await askGateway(start({ resultValues: 3 * length - 1 }), query)).errors)).toEqual([code]);
  });

  test('at the limit is whole', async () => {
    const query = '{ leagues { nodes { id } } }';
    const { leagues } = await stage.data<{ readonly leagues: { readonly nodes: readonly unknown[] } }>(query);
    const objects = leagues.nodes.length + 1;
    expect((await askGateway(start({ resultObjects: objects }), query)).data).toEqual({ leagues });
    await gateway.close();
    expect(codesOf((await askGateway(start({ resultObjects: objects - 1 }), query)).errors)).toEqual([code]);
  });

  test('of a mutation keeps what was written', async () => {
    const [league] = stage.sandbox.world.leaguesOfRole('OWNER');
    const query = `mutation ($id: ID!) {
      updateLeague(input: { id: $id, description: "kept" }) { league { id settings { description } } userErrors { code } }
    }`;
    const { data, errors } = await askGateway(start({ resultObjects: 1 }), query, { id: `League:${league?.id}` });
    expect(data).toMatchObject({ updateLeague: {} });
    expect(codesOf(errors)).toEqual([code]);
    expect(
      (await stage.sandbox.client.calls()).filter(({ operationId }) => operationId === 'updateLeague'),
    ).toHaveLength(1);
  });
});

test.each(transports)('of an event ends that event alone (%s)', async (_, connect) => {
  const [league] = stage.sandbox.world.leaguesOfRole('OWNER');
  const run = stage.sandbox.world.instances.find(({ leagueId }) => leagueId === league?.id);
  server = await startServer(start({ resultObjects: 1 }), { host: '127.0.0.1', port: 0 });
  const client = connect(server.url);
  const events = client.ask({
    query: `subscription { instanceStatus(id: "Instance:${league?.id}/${run?.id}") { instance { league { id } } } }`,
  });
  expect(codesOf((await events.next())?.errors)).toEqual([code]);
  await events.leave();
  client.close();
});
