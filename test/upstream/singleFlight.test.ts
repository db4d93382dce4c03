import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { Gateway, GatewayDependencies } from '../../src/gateway/gateway.ts';
import { noDeadline, type Deadline } from '../../src/upstream/deadline.ts';
import { countCalls } from '../support/calls.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { useUpstreamServers } from '../support/upstreamServer.ts';

const stage = useStage();
const { planesBefore } = useUpstreamServers(stage);
const opened: Gateway[] = [];

/** A gateway that shares, as configured by default. Callers are known by a header, each with a scope of its own. */
function sharing(dependencies: Partial<GatewayDependencies> = {}): Gateway {
  const gateway = gatewayFor(configFor(stage.sandbox), {
    identify: ({ headers }) => {
      const name = headers.get('x-caller') ?? 'ann';
      return { upstreamScope: name, name, roles: ['ADMINISTRATOR'], leagues: 'ALL' };
    },
    ...dependencies,
    resilience: { sharing: true, ...dependencies.resilience },
  });
  opened.push(gateway);
  return gateway;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((gateway) => gateway.close()));
});

const query = '{ leagues(role: OWNER, first: 3) { nodes { id name settings { description } } } }';

/** Signs in and finds the project, so that only the calls of the query are counted. */
async function warm(gateway: Gateway): Promise<void> {
  await askGateway(gateway, query);
  await stage.sandbox.client.clearCalls();
}

function slowly(...operationIds: readonly string[]): Promise<void> {
  return stage.sandbox.client.setRules(operationIds.map((operationId) => ({ operationId, latencyMs: 600 })));
}

describe('identical reads under way', () => {
  test('are one call, and all get its answer', async () => {
    const gateway = sharing();
    await warm(gateway);
    await slowly('listLeagues', 'getLeague');
    // Named each by another name, so that the operations themselves are not shared.
    const answers = await Promise.all(
      Array.from({ length: 32 }, (_, index) => askGateway(gateway, `query Named${index} ${query}`)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.errors).toBeUndefined();
    expect(await countCalls(stage, 'listLeagues')).toBe(1);
    expect(await countCalls(stage, 'getLeague')).toBe(3);
    expect(await gateway.metrics.text()).toContain('outcome="SHARED"');
  });

  test('of other scopes and other languages are other calls', async () => {
    const gateway = sharing();
    await warm(gateway);
    await slowly('listLeagues');
    const ask = (caller: string, language: string) =>
      askGateway(
        gateway,
        '{ leagues(role: OWNER) { totalCount } }',
        {},
        {
          'x-caller': caller,
          'accept-language': language,
        },
      );
    await Promise.all([ask('ann', 'en'), ask('ann', 'en'), ask('bob', 'en'), ask('ann', 'zh-CN')]);
    expect(await countCalls(stage, 'listLeagues')).toBe(3);
  });

  test('go on for the others when the first caller leaves', async () => {
    const gateway = sharing();
    await warm(gateway);
    await slowly('listLeagues');
    const leaving = new AbortController();
    const first = gateway
      .fetch('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
        signal: leaving.signal,
      })
      .catch(() => undefined);
    await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagues' });
    const second = askGateway(gateway, query);
    await new Promise((resolve) => setImmediate(resolve));
    leaving.abort();
    expect((await second).errors).toBeUndefined();
    await first;
    expect(await countCalls(stage, 'listLeagues')).toBe(1);
  });

  test('are not joined after a write: its caller reads what it wrote', async () => {
    const gateway = sharing();
    const [league] = stage.sandbox.world.leaguesOfRole('OWNER');
    const id = `League:${league?.id}`;
    const read = `{ league(id: "${id}") { settings { description } } }`;
    await askGateway(gateway, read);
    for (const description of ['one', 'two', 'three']) {
      await slowly('getLeague');
      const before = askGateway(gateway, read);
      await askGateway(
        gateway,
        'mutation ($id: ID!, $to: String!) { updateLeague(input: { id: $id, description: $to }) { userErrors { code } } }',
        { id, to: description },
      );
      expect((await askGateway(gateway, read)).data).toEqual({ league: { settings: { description } } });
      await before;
    }
  });
});

/** A caller that can leave. */
function caller(remainingMs = 1_000): Deadline & { readonly leave: () => void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    remainingMs: () => remainingMs,
    leave: () => controller.abort(new Error('left')),
  };
}

describe('a shared read', () => {
  const read = (planes: Awaited<ReturnType<typeof planesBefore>>, deadline: Deadline) =>
    planes(deadline).space.read('getOverview');

  test('is aborted when the last caller has left, and begun anew for the next', async () => {
    const requests: IncomingMessage[] = [];
    let arrived = (): void => undefined;
    const planes = await planesBefore((request) => {
      requests.push(request);
      arrived();
    });
    const [one, two, three] = [caller(), caller(), caller()];
    const firstArrival = new Promise<void>((resolve) => (arrived = resolve));
    const ends = [read(planes, one), read(planes, two)];
    await firstArrival;
    one.leave();
    await expect(ends[0]).rejects.toThrow('left');
    expect(requests.map(({ socket }) => socket.destroyed)).toEqual([false]);
    const closed = once(requests[0]?.socket ?? process, 'close');
    two.leave();
    await expect(ends[1]).rejects.toThrow('left');
    await closed;
    const secondArrival = new Promise<void>((resolve) => (arrived = resolve));
    const next = read(planes, three);
    await secondArrival;
    expect(requests).toHaveLength(2);
    three.leave();
    await expect(next).rejects.toThrow('left');
  });

  test.each([
    ['patient caller is one of them', 3_000, 2],
    ['patient caller has left', 500, 1],
  ])('is sent again as long as the most patient caller waits: the %s', async (_, remainingMs, sent) => {
    let received = 0;
    const planes = await planesBefore(
      (_, response) => {
        received += 1;
        // Both have joined before it is answered.
        setTimeout(() => {
          if (received > 1) response.end('{"total": 0}');
          else response.writeHead(429, { 'retry-after': '1' }).end('{}');
        }, 50);
      },
      { retries: true },
    );
    const both = await Promise.allSettled([read(planes, caller(100)), read(planes, caller(remainingMs))]);
    expect(both.map(({ status }) => status)).toEqual(Array(2).fill(sent === 2 ? 'fulfilled' : 'rejected'));
    expect(received).toBe(sent);
  });

  test('fails for all who wait, and is not kept', async () => {
    let received = 0;
    const planes = await planesBefore((_, response) => {
      received += 1;
      response.writeHead(500).end(JSON.stringify({ error_msg: `no ${received}` }));
    });
    const both = await Promise.allSettled([read(planes, caller()), read(planes, caller())]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(read(planes, caller())).rejects.toThrow('no 2');
  });

  test('never crosses scopes: 10,000 interleaved reads of 100 scopes, with the cache on', async () => {
    let loads = 0;
    const planes = await planesBefore(
      (_, response) => {
        loads += 1;
        const body = JSON.stringify({ total: loads });
        setTimeout(() => response.end(body), loads % 7);
      },
      { cache: { freshMs: 1, staleMs: 0, staleIfErrorMs: 0 } },
    );
    /** Each answer has a number of its own: none may be seen by two scopes. */
    const scopeOfAnswer = new Map<unknown, string>();
    const crossed: unknown[] = [];
    const readIn = async (scope: string): Promise<void> => {
      const { space } = planes(noDeadline, { upstreamScope: scope });
      const { total } = (await space.read('getOverview')) as { readonly total?: unknown };
      if (!scopeOfAnswer.has(total)) scopeOfAnswer.set(total, scope);
      if (scopeOfAnswer.get(total) !== scope) crossed.push(total);
    };
    const update = { path: { league_id: 'a' }, body: { description: 'a' } };
    for (let batch = 0; batch < 10; batch += 1) {
      const reads = Array.from({ length: 1_000 }, (_, index) => readIn(`scope ${index % 100}`));
      await planes(noDeadline).space.write('updateLeague', update);
      await Promise.all(reads);
    }
    expect(crossed).toEqual([]);
    expect(loads).toBeLessThan(5_000);
  });
});
