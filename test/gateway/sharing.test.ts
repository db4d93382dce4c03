import { afterEach, describe, expect, test } from 'vitest';
import {
  createGateway,
  type Gateway,
  type GatewayConfig,
  type GatewayDependencies,
} from '../../src/gateway/gateway.ts';
import type { Caller, CallerRequest } from '../../src/callers/caller.ts';
import { askGateway, configFor, useStage } from '../support/gateway.ts';
import { countCalls } from '../support/calls.ts';
import { logTo } from '../support/log.ts';
import { required } from '../support/required.ts';

const stage = useStage();
const gateways: Gateway[] = [];

/** Reads are not shared upstream, so that what is shared here is seen by the calls. */
const eachRead = { retries: false, cache: { freshMs: 0, staleMs: 0, staleIfErrorMs: 0 } };

/** Who asks is told by a header. */
function identify({ headers }: CallerRequest): Caller {
  const name = headers.get('x-caller') ?? 'someone';
  return { upstreamScope: `scope of ${name}`, name, roles: ['ADMINISTRATOR'], leagues: 'ALL' };
}

function start(dependencies: Partial<GatewayDependencies> = {}, config: Partial<GatewayConfig> = {}) {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const gateway = createGateway(
    { tics: configFor(stage.sandbox), ...config },
    { log: logTo(lines), identify, resilience: eachRead, ...dependencies },
  );
  gateways.push(gateway);
  return { gateway, operations: () => lines.filter(({ msg }) => msg === 'operation') };
}

afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});

const query = '{ leagues(role: OWNER) { nodes { id name } } }';

describe('identical queries under way', () => {
  test('are executed once, and each is answered, logged and counted', async () => {
    const { gateway, operations } = start();
    await askGateway(gateway, '{ __typename }');
    const answers = await Promise.all(Array.from({ length: 20 }, () => askGateway(gateway, query)));
    expect(await countCalls(stage, 'listLeagues')).toBe(1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.errors).toBeUndefined();
    const lines = operations().slice(1);
    expect(lines).toHaveLength(20);
    expect(lines.filter(({ shared }) => shared === true)).toHaveLength(19);
    expect(new Set(lines.map(({ requestId }) => requestId)).size).toBe(20);
    expect(await gateway.metrics.text()).toContain('tics_gateway_operations_shared_total 19');
    expect(await gateway.metrics.text()).toContain('tics_gateway_operations_running 0');
  });

  test.each<[string, object, Readonly<Record<string, string>>]>([
    ['another caller', {}, { 'x-caller': 'other' }],
    ['another language', {}, { 'accept-language': 'zh' }],
    ['another media type', {}, { accept: 'application/json' }],
    ['other variables', { variables: { more: 1 } }, {}],
    ['another name', { operationName: 'Q' }, {}],
    ['the cost beside the answer', {}, { 'x-cost': 'fields' }],
    ['requested extensions', { extensions: { trace: true } }, {}],
  ])('of %s are executed apart', async (_, more, headers) => {
    const { gateway, operations } = start();
    const send = (body: object, given: Readonly<Record<string, string>>) =>
      gateway.fetch('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...given },
        body: JSON.stringify({ query: `query Q ${query}`, ...body }),
      });
    const [one, other] = await Promise.all([send({}, {}), send(more, headers)]);
    expect([one.status, other.status]).toEqual([200, 200]);
    expect(operations().map(({ shared }) => shared)).toEqual([false, false]);
  });

  test.each(['mutation { __typename }', `{ waitForInstance(id: "Instance:a/b", waitSeconds: 0) { id } }`])(
    'but not of %s',
    async (unshared) => {
      const { gateway, operations } = start();
      await Promise.all(Array.from({ length: 3 }, () => askGateway(gateway, unshared)));
      expect(operations().map(({ shared }) => shared)).toEqual([false, false, false]);
    },
  );

  test('are executed apart with `sharing: off`', async () => {
    const { gateway } = start({ resilience: { ...eachRead, sharing: false } }, { sharing: 'off' });
    await Promise.all(Array.from({ length: 5 }, () => askGateway(gateway, query)));
    expect(await countCalls(stage, 'listLeagues')).toBe(5);
  });

  test('that are refused are each refused', async () => {
    const { gateway, operations } = start();
    const answers = await Promise.all(Array.from({ length: 3 }, () => askGateway(gateway, '{ nothing }')));
    for (const { errors } of answers)
      expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(operations()).toEqual([]);
    expect(await gateway.metrics.text()).toContain(
      'tics_gateway_requests_refused_total{code="GRAPHQL_VALIDATION_FAILED"} 3',
    );
  });

  /** Asks, and may leave. */
  const leaving = (gateway: Gateway) => {
    const controller = new AbortController();
    const answer = gateway
      .fetch('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
        signal: controller.signal,
      })
      .then(async (response) => (await response.json()) as { readonly errors?: unknown })
      .catch(() => 'left');
    return { answer, leave: () => controller.abort() };
  };

  test('go on where the first who asked has left, and where a follower has', async () => {
    const { gateway, operations } = start();
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 300 }]);
    const [first, second, third] = [leaving(gateway), leaving(gateway), leaving(gateway)];
    await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagues' });
    first.leave();
    second.leave();
    expect(await third.answer).toMatchObject({ data: { leagues: { nodes: expect.any(Array) as unknown } } });
    expect(await countCalls(stage, 'listLeagues')).toBe(1);
    await expect
      .poll(() =>
        operations()
          .map(({ outcome }) => outcome)
          .sort(),
      )
      .toEqual(['ABORTED', 'ABORTED', 'OK']);
  });

  test('have as much time as the last who joined', async () => {
    const { gateway } = start({ operationTimeoutMs: 800 });
    await askGateway(gateway, '{ leagues { totalCount } }');
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 1_100 }]);
    const first = askGateway(gateway, query);
    await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagues' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const second = askGateway(gateway, query);
    expect((await first).errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['UPSTREAM_TIMEOUT']);
    expect((await second).errors).toBeUndefined();
  });
});

describe('isolation', () => {
  test('of 10,000 interleaved requests of 100 callers with equal documents and variables, none crosses', async () => {
    const { gateway } = start();
    const names = Array.from({ length: 100 }, (_, index) => `caller ${index}`);
    const wrong: unknown[] = [];
    for (let round = 0; round < 20; round += 1)
      await Promise.all(
        Array.from({ length: 500 }, async (_, index) => {
          const name = required(names[(index * 7 + round) % 100], 'name');
          const { data } = await askGateway<{ viewer: { name: string } }>(
            gateway,
            'query ($isWanted: Boolean!) { viewer { name @include(if: $isWanted) } }',
            { isWanted: true },
            { 'x-caller': name },
          );
          if (data.viewer.name !== name) wrong.push([name, data]);
        }),
      );
    expect(wrong).toEqual([]);
    expect(await gateway.metrics.text()).toMatch(/tics_gateway_operations_shared_total [1-9]/);
  }, 120_000);

  test('a caller reads its own write, with sharing and a cache, while others read', async () => {
    const { gateway } = start({ resilience: {} }, { cache: { freshMs: 60_000, staleMs: 0, staleIfErrorMs: 0 } });
    const id = `League:${required(stage.sandbox.world.leaguesOfRole('OWNER')[0], 'league').id}`;
    const read = () =>
      askGateway<{ league: { settings: { description: string } } }>(
        gateway,
        'query ($id: ID!) { league(id: $id) { settings { description } } }',
        { id },
      );
    for (let write = 0; write < 2_000; write += 1) {
      const other = read();
      const written = await askGateway<{ updateLeague: { userErrors: [] } }>(
        gateway,
        'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }',
        { input: { id, description: `number ${write}` } },
      );
      expect(written).toEqual({ data: { updateLeague: { userErrors: [] } } });
      expect((await read()).data.league.settings.description).toBe(`number ${write}`);
      await other;
    }
  }, 120_000);

  describe('whole answers, with a cache of reads', () => {
    const cache = { freshMs: 60_000, staleMs: 0, staleIfErrorMs: 0 };
    const cached = (config: Partial<GatewayConfig> = {}) => start({ resilience: {} }, { cache, ...config });

    test('are answered again without a call, with their age, and each is logged as shared', async () => {
      const { gateway, operations } = cached();
      const first = await askGateway(gateway, query);
      await stage.sandbox.client.clearCalls();
      expect(await askGateway<unknown>(gateway, query)).toMatchObject({
        data: first.data,
        extensions: { stale: [{ plane: 'SPACE', call: 'listLeagues', ageSeconds: expect.any(Number) as number }] },
      });
      expect(await stage.sandbox.client.countCalls()).toEqual({});
      expect(operations().map(({ shared, upstreamCalls }) => [shared, upstreamCalls])).toEqual([
        [false, 1],
        [true, 0],
      ]);
    });

    test.each<[string, Readonly<Record<string, string>>]>([
      ['another caller', { 'x-caller': 'other' }],
      ['another language', { 'accept-language': 'zh' }],
      ['another media type', { accept: 'application/json' }],
      ['whoever asks for the cost', { 'x-cost': 'total' }],
    ])('are not those of %s', async (_, headers) => {
      const { gateway, operations } = cached();
      await askGateway(gateway, query);
      await askGateway(gateway, query, {}, headers);
      expect(operations().map(({ shared }) => shared)).toEqual([false, false]);
    });

    test('end with a write, and with the time that reads are fresh for', async () => {
      const { gateway, operations } = cached({ cache: { ...cache, freshMs: 500 } });
      await askGateway(gateway, query);
      const id = `League:${required(stage.sandbox.world.leaguesOfRole('OWNER')[0], 'league').id}`;
      await askGateway(
        gateway,
        'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }',
        { input: { id, description: 'written' } },
      );
      await askGateway(gateway, query);
      const asks = () => operations().filter(({ kind }) => kind === 'query');
      expect(asks().map(({ shared }) => shared)).toEqual([false, false]);
      await expect
        .poll(async () => {
          await askGateway(gateway, query);
          return asks().at(-1)?.['shared'];
        })
        .toBe(false);
    });

    test('are not kept with errors, and not with `sharing: off`', async () => {
      const { gateway, operations } = cached();
      const failing = '{ leagues(role: OWNER) { totalCount } league(id: "League:nosuch") { name } }';
      await askGateway(gateway, failing);
      await askGateway(gateway, failing);
      expect(operations().map(({ shared }) => shared)).toEqual([false, false]);
      const apart = cached({ sharing: 'off' });
      await askGateway(apart.gateway, query);
      await askGateway(apart.gateway, query);
      expect(apart.operations().map(({ shared }) => shared)).toEqual([false, false]);
    });
  });
});
